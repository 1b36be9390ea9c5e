//! A picture: of an article, a section, a contributor, or in a block.

use ammonia::Url;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::base::http::value_reader::{ValueReader, blank_line, blank_text, component, parsed, small_integer, url};
use crate::base::limits;

/// Pixels that a side of a picture can have.
pub const MAX_SIDE: i32 = 20_000;

/// A picture and what is said about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Where it is: an `https` address.
    #[schema(
        format = "uri",
        max_length = 2048,
        examples("https://media.example.fr/2026/05/port.jpg")
    )]
    pub url: String,
    /// What it shows, for those who do not see it. Null: it is decoration.
    #[schema(max_length = 500)]
    pub alt: Option<String>,
    /// The text below it.
    #[schema(max_length = 1000)]
    pub caption: Option<String>,
    /// Who made it.
    #[schema(max_length = 200)]
    pub credit: Option<String>,
    /// Its width in pixels.
    #[schema(minimum = 1, maximum = 20000)]
    pub width: Option<i32>,
    /// Its height in pixels.
    #[schema(minimum = 1, maximum = 20000)]
    pub height: Option<i32>,
    /// The uploaded medium that it is, if it is one.
    #[schema(format = "uuid")]
    pub media_id: Option<String>,
}

/// A picture as readers get it: what is said about it, and the forms in which it can be had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PublicImage {
    /// Where it is: an `https` address.
    #[schema(format = "uri", max_length = 2048)]
    pub url: String,
    /// What it shows, for those who do not see it. Null: it is decoration.
    #[schema(max_length = 500)]
    pub alt: Option<String>,
    /// The text below it.
    #[schema(max_length = 1000)]
    pub caption: Option<String>,
    /// Who made it.
    #[schema(max_length = 200)]
    pub credit: Option<String>,
    /// Its width in pixels.
    #[schema(minimum = 1, maximum = 20000)]
    pub width: Option<i32>,
    /// Its height in pixels.
    #[schema(minimum = 1, maximum = 20000)]
    pub height: Option<i32>,
    /// The uploaded medium that it is, if it is one.
    #[schema(format = "uuid")]
    pub media_id: Option<String>,
    /// Widths in pixels in which it can be had; empty where it can be had as it is only.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub widths: Vec<i32>,
    /// The address of each of `widths`, which stands in it as `{width}`; null where there are none.
    #[serde(default)]
    #[schema(max_length = 2048)]
    pub template: Option<String>,
    /// A few bytes to show until it is loaded (ThumbHash, in base64); null where they are not known.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub thumbhash: Option<String>,
}

impl From<&Image> for PublicImage {
    /// Of a picture that can be had as it is only.
    fn from(image: &Image) -> Self {
        let image = image.clone();
        Self {
            url: image.url,
            alt: image.alt,
            caption: image.caption,
            credit: image.credit,
            width: image.width,
            height: image.height,
            media_id: image.media_id,
            widths: Vec::new(),
            template: None,
            thumbhash: None,
        }
    }
}

impl From<PublicImage> for Image {
    /// Without the forms in which it can be had.
    fn from(image: PublicImage) -> Self {
        Self {
            url: image.url,
            alt: image.alt,
            caption: image.caption,
            credit: image.credit,
            width: image.width,
            height: image.height,
            media_id: image.media_id,
        }
    }
}

/// Reads an [`Image`].
pub fn image() -> impl ValueReader<Value = Image> {
    component(|members| {
        let url = members.required("url", url("an https URL", https_url));
        let alt = members.optional("alt", blank_line(limits::ALT)).flatten();
        let caption = members.optional("caption", blank_text(limits::CAPTION)).flatten();
        let credit = members.optional("credit", blank_line(limits::CREDIT)).flatten();
        let width = members.optional("width", small_integer(1, MAX_SIDE));
        let height = members.optional("height", small_integer(1, MAX_SIDE));
        let media_id = members.optional("media_id", parsed(limits::TOKEN, "a UUID", uuid_text));
        Some(Image {
            url: url?,
            alt,
            caption,
            credit,
            width,
            height,
            media_id,
        })
    })
}

/// An `https` address as it was written, or `None`.
pub fn https_url(text: &str) -> Option<String> {
    web_url(text).filter(|_| text.len() > 8 && text[..8].eq_ignore_ascii_case("https://"))
}

/// An `http` or `https` address as it was written, or `None`.
pub fn web_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let strange = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\' | '`');
    let anonymous = url.username().is_empty() && url.password().is_none();
    let fits = matches!(url.scheme(), "http" | "https") && url.has_host() && anonymous && !text.contains(strange);
    fits.then(|| text.to_owned())
}

/// A UUID in its usual form, in lower case, or `None`.
pub fn uuid_text(text: &str) -> Option<String> {
    let uuid = Uuid::try_parse(text).ok().filter(|_| text.len() == 36)?;
    Some(uuid.hyphenated().to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::base::http::fields::read_body;

    fn errors(sent: Value) -> Vec<String> {
        let read = read_body(json!({ "image": sent }), |members| members.required("image", image()));
        let errors = read.err().map(|error| error.errors().to_vec()).unwrap_or_default();
        errors
            .iter()
            .map(|error| format!("{} {}", error.pointer, error.code.as_str()))
            .collect()
    }

    #[test]
    fn every_wrong_member_is_named() {
        let cases = [
            (json!({}), vec!["/image/url required"]),
            (json!({ "url": "http://a.fr/x.jpg" }), vec!["/image/url invalid_format"]),
            (
                json!({ "url": "https://u:p@a.fr/x.jpg" }),
                vec!["/image/url invalid_format"],
            ),
            (
                json!({ "url": "javascript:alert(1)" }),
                vec!["/image/url invalid_format"],
            ),
            (json!({ "url": "https://a.fr/é.jpg?a=1&b=2" }), vec![]),
            (
                json!({ "url": "https://a.fr/", "alt": 3, "width": 0, "height": "1", "media_id": "x" }),
                vec![
                    "/image/alt wrong_type",
                    "/image/width out_of_range",
                    "/image/height wrong_type",
                    "/image/media_id invalid_format",
                ],
            ),
            (
                json!({ "url": "https://a.fr/", "alt": "", "caption": " ", "credit": "x".repeat(201), "src": 1 }),
                vec!["/image/credit too_long", "/image/src unknown_field"],
            ),
        ];
        for (image, expected) in cases {
            assert_eq!(errors(image.clone()), expected, "{image}");
        }
    }
}
