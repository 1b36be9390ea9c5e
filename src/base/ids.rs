//! Ids: each thing's in a type of its own, the same in a column, in a path and in JSON. Those that more than one
//! room uses are here; the others are declared beside what they name.

/// A type that is read from a path segment.
pub trait FromSegment: Sized {
    /// The value, or nothing.
    fn from_segment(segment: &str) -> Option<Self>;
}

/// The characters of a UUID that is written as [`id_type!`] writes it: what is read from the database is.
pub fn as_written_here(text: &str) -> Option<[u8; 36]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let is_right = |(place, byte): (usize, &u8)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    };
    text.iter().enumerate().all(is_right).then_some(*text)
}

/// A UUIDv7 in its own type, kept as its 36 characters, so that ids of two things cannot be mixed up.
#[macro_export]
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub struct $name([u8; 36]);

        impl $name {
            /// A new id; later ones sort after earlier ones.
            #[expect(clippy::new_without_default, reason = "a default id would be a new one each time")]
            pub fn new() -> Self {
                Self::from_uuid(uuid::Uuid::now_v7())
            }

            fn from_uuid(uuid: uuid::Uuid) -> Self {
                let mut text = [0; 36];
                uuid.hyphenated().encode_lower(&mut text);
                Self(text)
            }

            /// Reads any usual form of a UUID.
            pub fn parse(text: &str) -> Option<Self> {
                if let Some(text) = $crate::base::ids::as_written_here(text) {
                    return Some(Self(text));
                }
                uuid::Uuid::try_parse(text).ok().map(Self::from_uuid)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a UUID"))
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
                let text = String::from_sql(bytes)?;
                Self::parse(&text).ok_or_else(|| format!("not a UUID: {text}").into())
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::Custom("uuid".to_owned())))
                    .build()
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}

        impl $crate::base::ids::FromSegment for $name {
            fn from_segment(segment: &str) -> Option<Self> {
                Self::parse(segment)
            }
        }
    };
}

crate::id_type! {
    /// An article's id.
    ArticleId
}

crate::id_type! {
    /// A section's id.
    SectionId
}

crate::id_type! {
    /// A tag's id.
    TagId
}

crate::id_type! {
    /// A contributor's id.
    ContributorId
}

crate::id_type! {
    /// A user's id.
    UserId
}

crate::id_type! {
    /// A comment's id.
    CommentId
}

id_type! {
    /// A webhook's id.
    WebhookId
}

#[cfg(test)]
mod tests {
    use super::ArticleId;

    #[test]
    fn an_id_is_read_in_every_usual_form_and_written_in_one() {
        let written = "0197a3f2-0000-7000-8000-0000000abcde";
        for form in [
            written,
            "0197A3F2-0000-7000-8000-0000000ABCDE",
            "0197a3f20000700080000000000abcde",
            "{0197a3f2-0000-7000-8000-0000000abcde}",
            "urn:uuid:0197a3f2-0000-7000-8000-0000000abcde",
        ] {
            assert_eq!(ArticleId::parse(form).unwrap().as_str(), written, "{form}");
        }
        for bad in [
            "",
            "0197a3f2-0000-7000-8000-0000000abcdg",
            "0197a3f2-0000-7000-8000-0000000abcde ",
            "0197a3f2_0000-7000-8000-0000000abcde",
        ] {
            assert!(ArticleId::parse(bad).is_none(), "{bad}");
        }
    }
}
