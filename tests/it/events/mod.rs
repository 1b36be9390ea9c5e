//! What happened, for others.

mod changes;
mod follower;
mod stream;
