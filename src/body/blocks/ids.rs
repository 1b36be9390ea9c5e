//! The identifiers in a body.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::base::limits;

/// The name of a block within its article: 1 to 40 letters, digits, `_` and `-`. A block that is
/// sent without one gets one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{1,40}$", examples("4f1c0a9be2d7"))]
pub struct BlockId(String);

impl BlockId {
    /// The id, if `text` is one.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let length = 1..=limits::BLOCK_ID;
        (length.contains(&text.len()) && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }

    /// The `number`-th block of an import: the same each time, so that imports can be compared.
    pub fn numbered(number: usize) -> Self {
        Self(format!("b{number}"))
    }

    /// An id that nothing has yet: the random end of a UUID.
    pub fn fresh() -> Self {
        let uuid = Uuid::now_v7().simple().to_string();
        Self(uuid[uuid.len() - 12..].to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
