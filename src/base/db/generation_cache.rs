//! Something made of the database, kept in memory until its generation is raised.

use std::sync::{Arc, RwLock};

use super::Conn;
use super::dialect::{Generation, generation};
use crate::base::error::Result;

/// What was made, and the generation that it was made of.
type MadeOf<T> = Option<(i64, Arc<T>)>;

/// What was made last. Clones share it.
pub struct GenerationCache<T>(Arc<RwLock<MadeOf<T>>>);

impl<T> Clone for GenerationCache<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for GenerationCache<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> GenerationCache<T> {
    /// What this snapshot makes of it, made once after each change. Not for a transaction that has raised the generation
    /// itself: it may never be committed.
    pub fn current(
        &self,
        conn: &mut Conn,
        kind: Generation,
        make: impl FnOnce(&mut Conn) -> Result<T>,
    ) -> Result<Arc<T>> {
        let generation = generation(conn, kind)?;
        let known = self.0.read().ok().and_then(|known| known.clone());
        if let Some((_, kept)) = known.filter(|(known, _)| *known == generation) {
            return Ok(kept);
        }
        let made = Arc::new(make(conn)?);
        if let Ok(mut known) = self.0.write() {
            *known = Some((generation, made.clone()));
        }
        Ok(made)
    }
}
