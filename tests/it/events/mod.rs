//! What happened, for others.

mod changes;
