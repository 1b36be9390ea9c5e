//! Names that are not everybody's to write under: those of the house, of its staff and of its contributors. A guest who
//! gives one, or one that looks like it, waits for a moderator; many people share a name, so nobody is refused for it.
//!
//! [`skeleton`]: a name as it looks. [`model`]: whose names there are, pure. [`store`]: [`HouseNameCache`], which keeps
//! them in memory.

pub mod model;
mod skeleton;
pub mod store;

pub use model::HouseNames;
pub use store::HouseNameCache;
