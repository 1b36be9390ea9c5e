//! The documents that are served, as they are committed.

use crate::base::packed::PackedFile;
use crate::packed_file;

/// What readers' front ends use.
pub const DELIVERY_DOCUMENT: PackedFile = packed_file!("delivery.json");
/// What editors' and moderators' clients use.
pub const EDITORIAL_DOCUMENT: PackedFile = packed_file!("editorial.json");
