//! What machines elsewhere are told of the site itself.

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::events::outbox::data::{SiteEventData, SitePart};
use crate::events::outbox::{Event, EventData, EventKind, announce};

/// Tells that a part of the site changed; `key` names the menu or ad slot.
pub fn announce_site(conn: &mut Conn, part: SitePart, key: Option<&str>, now: Time) -> Result<()> {
    let data = SiteEventData {
        part,
        key: key.map(str::to_owned),
    };
    announce(conn, &Event::new(EventKind::SiteChanged, EventData::Site(data)), now)
}
