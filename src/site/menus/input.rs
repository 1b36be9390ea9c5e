//! What the desk sends to make or change a menu.

use crate::base::clock::Time;
use crate::base::http::value_reader::line;
use crate::base::key::{Key, key};
use crate::base::limits;
use crate::body_type;
use crate::site::menus::model::{Menu, MenuItem, items};

body_type! {
    /// A menu to be made.
    pub struct NewMenu {
        /// What front ends will know it by; it never changes.
        pub key: Key = required(key()),
        /// What the desk calls it.
        pub label: String = required(line(limits::LABEL)),
        /// Its items.
        pub items: Vec<MenuItem> = optional(items()),
    }
}

impl NewMenu {
    /// The menu that it asks for.
    pub fn into_menu(self, now: Time) -> Menu {
        Menu {
            key: self.key,
            label: self.label,
            items: self.items.unwrap_or_default(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

body_type! {
    /// A change of a menu.
    pub struct MenuPatch of Menu {
        /// What the desk calls it.
        pub label: String = change(line(limits::LABEL)),
        /// All its items, in place of those there.
        pub items: Vec<MenuItem> = change(items()),
    }
}
