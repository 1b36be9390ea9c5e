//! Blocks of a body that this site may not show: what an editor should know, and what stops nothing.

use ammonia::Url;

use crate::base::text::warnings::{TextFinding, TextWarningCode};
use crate::body::blocks::Block;
use crate::site::frame::Frame;

/// Embeds whose host the settings do not list, and ad slots that the site does not have.
pub fn unshown_blocks(frame: &Frame, blocks: &[Block]) -> Vec<TextFinding> {
    let findings = blocks.iter().enumerate().filter_map(|(index, block)| match block {
        Block::Embed(embed) if !frame.embed_policy().embeds(&embed.url) => {
            let host = Url::parse(&embed.url).ok()?.host_str()?.to_owned();
            let pointer = format!("/blocks/{index}/url");
            Some(TextFinding::new(pointer, TextWarningCode::EmbedHostNotListed, host))
        }
        Block::AdSlot(place) if frame.ad_slots.iter().all(|slot| slot.key.as_str() != place.slot) => {
            let pointer = format!("/blocks/{index}/slot");
            Some(TextFinding::new(pointer, TextWarningCode::UnknownAdSlot, &*place.slot))
        }
        _ => None,
    });
    findings.collect()
}
