//! The types of block. In JSON each is an object whose `type` says which; all members are always
//! written, `null` where there is nothing.

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::BlockId;
use crate::base::http::variants;
use crate::base::ids::ArticleId;
use crate::body::image::Image;

macro_rules! blocks {
    ($($(#[$doc:meta])* $variant:ident($members:ident) $kind:literal)*) => {
        /// One block of a body.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum Block { $($(#[$doc])* $variant($members)),* }

        impl Block {
            /// The types of block there are, as they are in the JSON.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// The block's id, unique in its article.
            pub fn id(&self) -> &BlockId {
                match self { $(Self::$variant(block) => &block.id),* }
            }

            /// Gives the block another id.
            pub fn set_id(&mut self, id: BlockId) {
                match self { $(Self::$variant(block) => block.id = id),* }
            }

            /// The block's type, as it is in the JSON.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $kind),* }
            }
        }

        // By hand, since utoipa derives a discriminator for untagged enums only.
        impl PartialSchema for Block {
            fn schema() -> RefOr<Schema> {
                variants::one_of_by(
                    "type",
                    &[$(($kind, &$members::name())),*],
                    "One block of a body; `type` says which.",
                )
            }
        }

        impl ToSchema for Block {
            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                $(schemas.push(($members::name().into_owned(), variants::with_word($members::schema(), "type", $kind)));
                  $members::schemas(schemas);)*
            }
        }
    };
}

blocks! {
    /// A paragraph of text.
    Paragraph(ParagraphBlock) "paragraph"
    /// A subheading.
    Heading(HeadingBlock) "heading"
    /// Somebody's words.
    Quote(QuoteBlock) "quote"
    /// A sentence of the article, set large.
    Pullquote(PullquoteBlock) "pullquote"
    /// A list, numbered or not.
    List(ListBlock) "list"
    /// A picture.
    Image(ImageBlock) "image"
    /// Pictures.
    Gallery(GalleryBlock) "gallery"
    /// A film.
    Video(VideoBlock) "video"
    /// A recording.
    Audio(AudioBlock) "audio"
    /// A page of another site, shown in this one.
    Embed(EmbedBlock) "embed"
    /// A table.
    Table(TableBlock) "table"
    /// A box beside the text: the facts, the dates, the people.
    FactBox(FactBoxBlock) "fact_box"
    /// A link to another article, set on its own.
    Interlink(InterlinkBlock) "interlink"
    /// An ad slot.
    AdSlot(AdSlotBlock) "ad_slot"
    /// A line between parts.
    Divider(DividerBlock) "divider"
    /// HTML as somebody wrote it, sanitised.
    RawHtml(RawHtmlBlock) "raw_html"
}

macro_rules! members {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// The block's name within its article; made for you when you send none.
            #[schema(required = false)]
            pub id: BlockId,
            $($(#[$field_doc])* pub $field: $type,)*
        }
    };
}

members! {
    /// A paragraph of text.
    ParagraphBlock {
        /// Inline HTML.
        #[schema(max_length = 20000)]
        html: String,
    }
}
members! {
    /// A subheading.
    HeadingBlock {
        /// 2 to 6: the article's title is the 1.
        #[schema(minimum = 2, maximum = 6)]
        level: i32,
        /// One line of plain text.
        #[schema(min_length = 1, max_length = 300)]
        text: String,
        /// The id that links within the text lead to, without the `#`: `a-` and 1 to 100 characters. One that is sent
        /// without the `a-` gets it.
        #[serde(default)]
        #[schema(max_length = 102, pattern = "^[^\\s]{1,102}$")]
        anchor: Option<String>,
    }
}
members! {
    /// Somebody's words.
    QuoteBlock {
        /// Inline HTML, in `p` where there are several paragraphs.
        #[schema(max_length = 20000)]
        html: String,
        /// Who said it, and where.
        #[schema(max_length = 200)]
        attribution: Option<String>,
    }
}
members! {
    /// A sentence of the article, set large.
    PullquoteBlock {
        /// Plain text.
        #[schema(min_length = 1, max_length = 20000)]
        text: String,
        /// Who said it.
        #[schema(max_length = 200)]
        attribution: Option<String>,
    }
}
members! {
    /// A list, numbered or not.
    ListBlock {
        /// Whether the items are numbered.
        is_ordered: bool,
        /// Inline HTML, with `ul` and `ol` for lists within the item.
        #[schema(max_items = 500)]
        items: Vec<String>,
    }
}
members! {
    /// A picture.
    ImageBlock {
        /// The picture.
        image: Image,
    }
}
members! {
    /// Pictures.
    GalleryBlock {
        /// The pictures in their order.
        #[schema(min_items = 1, max_items = 500)]
        images: Vec<Image>,
    }
}
members! {
    /// A film.
    VideoBlock {
        /// The file: an `http` or `https` address.
        #[schema(format = "uri", max_length = 2048)]
        url: String,
        /// The text below it.
        #[schema(max_length = 1000)]
        caption: Option<String>,
        /// Who made it.
        #[schema(max_length = 200)]
        credit: Option<String>,
        /// What is shown before it plays.
        poster: Option<Image>,
    }
}
members! {
    /// A recording.
    AudioBlock {
        /// The file: an `http` or `https` address.
        #[schema(format = "uri", max_length = 2048)]
        url: String,
        /// The text below it.
        #[schema(max_length = 1000)]
        caption: Option<String>,
        /// Who made it.
        #[schema(max_length = 200)]
        credit: Option<String>,
    }
}
members! {
    /// A page of another site, shown in this one.
    EmbedBlock {
        /// The page: an `http` or `https` address.
        #[schema(format = "uri", max_length = 2048)]
        url: String,
        /// The name of the site.
        #[schema(max_length = 200)]
        provider: Option<String>,
        /// The text below it.
        #[schema(max_length = 1000)]
        caption: Option<String>,
    }
}
members! {
    /// A table.
    TableBlock {
        /// The text with it.
        #[schema(max_length = 1000)]
        caption: Option<String>,
        /// The cells of the head, inline HTML; empty where there is none.
        #[schema(max_items = 50, required = false)]
        header: Vec<String>,
        /// The rows, each of at most 50 cells of inline HTML.
        #[schema(max_items = 500)]
        rows: Vec<Vec<String>>,
    }
}
members! {
    /// A box beside the text: the facts, the dates, the people.
    FactBoxBlock {
        /// Its title.
        #[schema(min_length = 1, max_length = 300)]
        title: String,
        /// HTML: paragraphs, lists, headings from `h3`, inline.
        #[schema(max_length = 20000)]
        html: String,
    }
}
members! {
    /// A link to another article, set on its own.
    InterlinkBlock {
        /// The other article.
        article_id: ArticleId,
    }
}
members! {
    /// An ad slot.
    AdSlotBlock {
        /// Which ad slot it is: its key.
        #[schema(pattern = "^[a-z0-9_-]{1,40}$")]
        slot: String,
    }
}
members! {
    /// A line between parts.
    DividerBlock {}
}
members! {
    /// HTML as somebody wrote it, sanitised.
    RawHtmlBlock {
        /// HTML without script, style, handlers or forms; iframes of the site's `embed_hosts` only.
        #[schema(max_length = 20000)]
        html: String,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_schema_is_one_of_references_told_apart_by_type() {
        let mut schemas = Vec::new();
        Block::schemas(&mut schemas);
        let schemas: BTreeMap<String, Value> = schemas
            .into_iter()
            .map(|(name, schema)| (name, json!(schema)))
            .collect();
        let block = json!(Block::schema());
        assert_eq!(
            block["oneOf"][0],
            json!({ "$ref": "#/components/schemas/ParagraphBlock" })
        );
        assert_eq!(block["oneOf"].as_array().map(Vec::len), Some(Block::KINDS.len()));
        assert_eq!(block["discriminator"]["propertyName"], "type");
        assert_eq!(
            block["discriminator"]["mapping"]["fact_box"],
            "#/components/schemas/FactBoxBlock"
        );
        for kind in Block::KINDS {
            let reference = block["discriminator"]["mapping"][kind].as_str().unwrap_or_default();
            let schema = &schemas[reference.trim_start_matches("#/components/schemas/")];
            assert_eq!(
                schema["properties"]["type"],
                json!({ "type": "string", "enum": [kind] }),
                "{kind}"
            );
            assert_eq!(schema["required"][0], "type", "{kind}");
            assert_eq!(schema["additionalProperties"], false, "{kind}");
        }
        assert!(schemas.contains_key("Image"));
        assert!(schemas["ImageBlock"]["properties"]["image"]["$ref"].is_string());
    }

    #[test]
    fn absent_members_are_written_as_null_and_unknown_ones_refused() {
        let quote = json!({ "type": "quote", "id": "a", "html": "x", "attribution": null });
        let block: Block = serde_json::from_value(quote.clone()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(json!(block), quote);
        assert_eq!((block.kind(), block.id().as_str()), ("quote", "a"));
        assert!(serde_json::from_value::<Block>(json!({ "type": "divider", "id": "a", "x": 1 })).is_err());
    }
}
