//! What every room stands on, and nothing here names a feature.

pub mod ids;
pub mod words;
