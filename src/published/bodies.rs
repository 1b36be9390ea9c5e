//! Bodies in other forms than blocks: as HTML, as text, as Markdown. Made for who asks, of the blocks that the answer shows.

use std::collections::HashMap;

use serde::Deserialize;

use super::compose::{AnswerContext, AnswerJson};
use super::views::AdSlotPlacement;
use crate::base::error::{Error, Result};
use crate::base::ids::ArticleId;
use crate::body::html::render::{self, AdPlace, RenderContext};
use crate::body::html::written;
use crate::published::rows::PublishedArticle;

crate::word_type! {
    /// A form in which a body is given beside its blocks.
    BodyFormat {
        /// HTML that needs nothing else.
        Html = "html",
        /// Plain text.
        Text = "text",
        /// Markdown: CommonMark, with tables.
        Markdown = "markdown",
    }
}

/// What a link to another article says.
#[derive(Deserialize)]
struct LinkTitle {
    title: String,
}

impl AnswerJson {
    /// Appends the body in the forms that are asked for; null in the others. `cards` hold what it links to.
    pub(super) fn push_bodies(
        &mut self,
        context: &AnswerContext<'_>,
        live: &PublishedArticle,
        cards: &HashMap<ArticleId, PublishedArticle>,
        ads: &[AdSlotPlacement],
        formats: &[BodyFormat],
    ) -> Result<()> {
        let html = match formats {
            [] => String::new(),
            _ => body_html(context, live, cards, ads)?,
        };
        for (format, name) in [
            (BodyFormat::Html, "body_html"),
            (BodyFormat::Text, "body_text"),
            (BodyFormat::Markdown, "body_markdown"),
        ] {
            match format {
                _ if !formats.contains(&format) => self.raw_member(name, "null"),
                BodyFormat::Html => self.member(name, &html)?,
                BodyFormat::Text => self.member(name, &written::plain(&html))?,
                BodyFormat::Markdown => self.member(name, &written::markdown(&html))?,
            }
        }
        Ok(())
    }
}

fn body_html(
    context: &AnswerContext<'_>,
    live: &PublishedArticle,
    cards: &HashMap<ArticleId, PublishedArticle>,
    ads: &[AdSlotPlacement],
) -> Result<String> {
    let mut linked = HashMap::new();
    for target in live.interlinks().iter().filter_map(|id| cards.get(id)) {
        let card = format!("{}}}", target.json);
        let LinkTitle { title } = serde_json::from_str(&card).map_err(Error::internal)?;
        linked.insert(target.id, (context.public_url.of(&target.path), title));
    }
    let ads: Vec<AdPlace<'_>> = ads
        .iter()
        .map(|ad| AdPlace {
            after: ad.after_block_id.as_deref(),
            slot: &ad.slot,
        })
        .collect();
    let around = RenderContext {
        public_url: context.public_url.as_str(),
        linked: &linked,
        ads: &ads,
    };
    Ok(render::blocks(&live.item()?.blocks, &around))
}
