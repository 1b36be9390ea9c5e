//! What everything stands on.

mod db;
mod migrations;
mod outgoing;
