//! What happened, for others.

mod changes;
mod follower;
mod neighbours;
mod outbox;
mod receiver;
mod stream;
mod webhook_off;
mod webhook_order;
mod webhook_sections;
mod webhooks;
