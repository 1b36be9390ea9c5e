//! Acts that wait for their moment: publish, unpublish, of an article, at a local time in a named zone.

pub mod zone;
