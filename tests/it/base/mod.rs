//! What everything stands on.

mod burials;
mod db;
mod migrations;
mod outgoing;
