//! The names of the house, kept in memory.

use std::sync::Arc;

use super::HouseNames;
use crate::access::auth::store as accounts;
use crate::base::db::dialect::Generation;
use crate::base::db::{Conn, GenerationCache};
use crate::base::error::Result;
use crate::base::limits;
use crate::site::contributors::store as contributors;
use crate::site::settings;

/// The names of this moment. Clones share them.
#[derive(Clone, Default)]
pub struct HouseNameCache(GenerationCache<HouseNames>);

impl HouseNameCache {
    /// The names as this snapshot has them, read once after each change.
    pub fn current(&self, conn: &mut Conn) -> Result<Arc<HouseNames>> {
        self.0.current(conn, Generation::Names, load)
    }
}

fn load(conn: &mut Conn) -> Result<HouseNames> {
    let site = settings::load(conn)?;
    let staff = accounts::active_names(conn, limits::HOUSE_NAMES)?;
    let contributors = contributors::all_names(conn, limits::HOUSE_NAMES)?;
    Ok(HouseNames::new(&site.name, &staff, &contributors))
}
