//! What everything stands on.

mod db;
