//! What real exports hold against the rules of XML and means only one thing: it is read, counted, and told with the lines
//! where it stands. Everything else of the file is checked as before.

use std::borrow::Cow;

use super::text::resolve_entity;
use crate::base::text::entities;

/// Lines that are told of each kind.
const LINES: usize = 10;
/// Bytes of the longest name that is looked up: HTML's longest has 31.
const LONGEST_NAME: usize = 40;

/// How often something was mended, and on which lines at first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MendedPlaces {
    /// How often.
    pub count: u64,
    /// The first lines, each once.
    pub lines: Vec<u64>,
}

impl MendedPlaces {
    pub(super) fn add(&mut self, times: u64, line: u64) {
        self.count += times;
        if times > 0 && self.lines.len() < LINES && self.lines.last() != Some(&line) {
            self.lines.push(line);
        }
    }
}

/// What a reader mended so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mendings {
    /// Characters that XML forbids: left out.
    pub dropped_characters: MendedPlaces,
    /// Entities of HTML: read as their characters.
    pub html_entities: MendedPlaces,
    /// Ampersands that begin no reference: read as they stand.
    pub stray_ampersands: MendedPlaces,
    /// Blank lines and byte order marks before the XML declaration: passed over.
    pub blank_start: MendedPlaces,
}

impl Mendings {
    /// Adds those of another file.
    pub fn add(&mut self, other: &Self) {
        for (own, more) in [
            (&mut self.dropped_characters, &other.dropped_characters),
            (&mut self.html_entities, &other.html_entities),
            (&mut self.stray_ampersands, &other.stray_ampersands),
            (&mut self.blank_start, &other.blank_start),
        ] {
            own.count += more.count;
            own.lines.extend(&more.lines);
            own.lines.truncate(LINES);
        }
    }

    /// What a reference stands for that is none of XML: an entity of HTML, or the text as it is.
    pub(super) fn reference(&mut self, name: &str, line: u64) -> String {
        let written = format!("&{name};");
        match html_entity(name) {
            Some(text) => {
                self.html_entities.add(1, line);
                text
            }
            None => {
                self.stray_ampersands.add(1, line);
                written
            }
        }
    }

    /// An attribute's value as it is written, with nothing in it that XML would refuse for its ampersand.
    pub(super) fn attribute<'v>(&mut self, value: &'v str, line: u64) -> Cow<'v, str> {
        if !value.contains('&') {
            return Cow::Borrowed(value);
        }
        let mut parts = value.split('&');
        let mut mended = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let name = part.split_once(';').map(|(name, _)| name);
            let is_sound = name.is_some_and(|name| name.starts_with('#') || resolve_entity(name).is_some());
            let entity = name
                .filter(|_| !is_sound)
                .and_then(|name| Some((name.len() + 1, html_entity(name)?)));
            match entity {
                Some((length, text)) => {
                    self.html_entities.add(1, line);
                    mended.push_str(&text.replace('&', "&amp;"));
                    mended.push_str(part.get(length..).unwrap_or_default());
                }
                None => {
                    self.stray_ampersands.add(u64::from(!is_sound), line);
                    mended.push_str(if is_sound { "&" } else { "&amp;" });
                    mended.push_str(part);
                }
            }
        }
        Cow::Owned(mended)
    }
}

/// The character of HTML that a name stands for.
fn html_entity(name: &str) -> Option<String> {
    let is_name = name.len() <= LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then(|| entities::decode_closed(&format!("&{name};"))).flatten()
}
