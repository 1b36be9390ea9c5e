//! Closed sets of words: an enum here, text in a column, an enum in the documents.

use crate::base::limits;

/// A closed set of words: an enum in Rust, text in columns, an enum in the OpenAPI document. `[open]` after the name says
/// that a later release may answer further words: the document then tells clients to take any.
#[macro_export]
macro_rules! word_type {
    ($(#[doc = $doc:literal])* $name:ident $([$open:ident])? { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every word of the set.
            pub const WORDS: &'static [&'static str] = &[$($word),*];
            /// Every value of the set.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for this value.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The value of a word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.as_str().to_sql(out)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let word = String::from_sql(bytes)?;
                Self::parse(&word).ok_or_else(|| format!("not a known word: {word}").into())
            }
        }

        impl $crate::base::words::Word for $name {
            const ALLOWED: &'static [&'static str] = Self::WORDS;

            fn parse_word(word: &str) -> Option<Self> {
                Self::parse(word)
            }
        }

        // By hand: utoipa's derive does not see names that a macro gives.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::word_type!(@schema $($open)?)(Self::WORDS, concat!($($doc),*).trim())
            }
        }
        impl utoipa::ToSchema for $name {}
    };
    (@schema) => { $crate::base::words::words_schema };
    (@schema open) => { $crate::base::words::open_words_schema };
}

/// A value of a closed set of words, for what reads any.
pub trait Word: Sized {
    /// Every word of the set.
    const ALLOWED: &'static [&'static str];

    /// The value of a word.
    fn parse_word(word: &str) -> Option<Self>;
}

/// The OpenAPI schema of a closed set of words.
pub fn words_schema(
    words: &'static [&'static str],
    description: &str,
) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .enum_values(Some(words.iter().copied()))
        .build()
        .into()
}

/// The OpenAPI schema of a set of words to which a later release may add: a client that refuses an unknown one would lose
/// the answer that holds it.
pub fn open_words_schema(
    words: &'static [&'static str],
    description: &str,
) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    use utoipa::openapi::extensions::ExtensionsBuilder;
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    let has = |sign| words.iter().any(|word| word.contains(sign));
    // A thing, and what may be done to it, or what has happened to it.
    let pattern = match (has(':'), has('.')) {
        (true, _) => "^[a-z0-9_:]+$",
        (_, true) => "^[a-z0-9_.]+$",
        _ => "^[a-z0-9_]+$",
    };
    let known = ExtensionsBuilder::new().add("x-extensible-enum", words).build();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(format!("{description} A later release may answer others.")))
        .pattern(Some(pattern))
        .max_length(Some(limits::OPEN_WORD))
        .extensions(Some(known))
        .build()
        .into()
}
