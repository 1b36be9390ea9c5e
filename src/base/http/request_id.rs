//! The names that requests get who bring none: UUIDs of version 7, as those of articles.

use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::{Builder, Uuid};

use crate::base::secrets::random_bytes;

/// Random bytes of a UUID.
const RANDOM: usize = 10;
/// Names whose random bytes are drawn at once: to draw them for each takes longer than all else at the edge.
const DRAWN_AT_ONCE: usize = 64;

/// Random bytes that stand in no name yet.
struct RandomStock {
    bytes: [u8; RANDOM * DRAWN_AT_ONCE],
    used: usize,
}

thread_local! {
    static STOCK: RefCell<RandomStock> = const {
        RefCell::new(RandomStock { bytes: [0; RANDOM * DRAWN_AT_ONCE], used: RANDOM * DRAWN_AT_ONCE })
    };
}

impl RandomStock {
    fn draw(&mut self) -> Option<[u8; RANDOM]> {
        if self.used == self.bytes.len() {
            self.bytes = random_bytes().ok()?;
            self.used = 0;
        }
        let drawn = self.bytes.get(self.used..self.used + RANDOM)?.try_into().ok()?;
        self.used += RANDOM;
        Some(drawn)
    }
}

/// A name for a request that came just now.
pub(super) fn new_request_id() -> String {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since_epoch.as_millis()).unwrap_or(0);
    let drawn = STOCK.with_borrow_mut(RandomStock::draw);
    let id = drawn.map_or_else(Uuid::now_v7, |drawn| {
        Builder::from_unix_timestamp_millis(millis, &drawn).into_uuid()
    });
    id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_a_name_of_its_own_with_its_moment() {
        let before = Uuid::now_v7();
        let names: Vec<String> = (0..1_000).map(|_| new_request_id()).collect();
        let seconds = |id: Uuid| id.get_timestamp().unwrap().to_unix().0;
        let distinct: std::collections::HashSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
        for name in names {
            let id = Uuid::parse_str(&name).unwrap();
            assert_eq!(id.get_version_num(), 7);
            assert!(
                (seconds(before)..=seconds(Uuid::now_v7())).contains(&seconds(id)),
                "{name}"
            );
        }
    }
}
