//! Putting a newsroom back to the moment of a backup, but for what must not come back.

use std::collections::HashSet;
use std::path::Path;

use super::scratch::MigratedRows;
use super::{RestorableBackup, file};
use crate::access::api_tokens::store::TokensBefore;
use crate::access::audit::{self, AuditEvent, TargetKind, Via, Who};
use crate::access::change_log;
use crate::articles::model::ArticleState;
use crate::articles::schedules::store as schedules;
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::dialect::{self, Generation};
use crate::base::db::dump::{self, TABLES};
use crate::base::db::migrations::SchemaSource;
use crate::base::db::{Conn, outdate};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::CommentId;
use crate::base::surrogate_key::SurrogateKey;
use crate::comments::privacy::erase::{self, ERASURE_BATCH};
use crate::editorial::workflow::{kill, unpublish};
use crate::events::webhooks::store as webhooks;
use crate::published::{press, reindex};
use crate::site::takedowns::{self, Erasure, ErasureMode, ErasureSubject, LedgerLine, TakedownKind};

/// What restoring a backup did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestoreOutcome {
    /// Rows that the backup held.
    pub rows: u64,
    /// Articles that were taken down after the backup, and were taken down again.
    pub replayed: u64,
    /// Comments that were erased after the backup, and were erased again.
    pub erased: u64,
}

/// Replaces what is there by a backup, in this one transaction. What was taken down or erased since is taken down or
/// erased again: by the ledger that is there, by the backup's, and by `ledger`. The database has the schema of
/// `source`.
///
/// # Errors
/// When the rows of the backup do not fit its schema, or a later migration fails on them.
pub fn restore(
    conn: &mut Conn,
    backup: &RestorableBackup,
    source: &dyn SchemaSource,
    ledger: &[LedgerLine],
    now: Time,
) -> Result<RestoreOutcome> {
    // Made anew where the transaction runs again.
    let migrated = (!backup.later.is_empty()).then(|| MigratedRows::load(backup, source));
    let migrated = migrated.transpose()?;
    press::lock_presses(conn)?;
    let generations = current_generations(conn)?;
    let tokens = TokensBefore::load(conn)?;
    dump::prepare_writing(conn)?;
    dump::empty_tables(conn)?;
    let rows = match migrated {
        Some(mut rows) => {
            rows.copy_to(conn)?;
            rows.count
        }
        None => load_rows(conn, &backup.path)?,
    };
    // Derived, and in no backup: written anew after this transaction.
    reindex::start_over(conn)?;
    ledger.iter().try_for_each(|line| takedowns::insert_line(conn, line))?;
    let replayed = replay_takedowns(conn, now)?;
    let erased = erase_again(conn, now)?;
    tokens.end_again(conn, now)?;
    // Its moments may be long past, and somebody may have thought again since the backup.
    let cancelled = schedules::cancel_all(conn, "restored", now)?;
    let webhooks = webhooks::turn_off_restored(conn, now)?;
    let act = AuditEvent::without_target("server.restore", TargetKind::Server)
        .detail("backup_of", backup.header.created_at.to_string())
        .detail("replayed_takedowns", replayed)
        .detail("replayed_erasures", erased)
        .detail("cancelled_schedules", cancelled)
        .detail("webhooks_turned_off", webhooks);
    audit::record(conn, Who::server(Via::Command, None), act, now)?;
    outdate([SurrogateKey::Everything]);
    // Above what any instance has seen, before the backup or since.
    for (kind, before) in generations {
        dialect::raise_generation_beyond(conn, kind, before)?;
    }
    Ok(RestoreOutcome { rows, replayed, erased })
}

fn current_generations(conn: &mut Conn) -> Result<Vec<(Generation, i64)>> {
    let of = |kind: &Generation| Ok((*kind, dialect::generation(conn, *kind)?));
    Generation::ALL.iter().map(of).collect()
}

/// Loads the rows of a backup that has today's schema; how many.
fn load_rows(conn: &mut Conn, path: &Path) -> Result<u64> {
    file::read_batches(path, |name, rows| {
        let table = TABLES
            .iter()
            .find(|table| table.name == name && table.held.is_in_backup())
            .ok_or_else(|| Error::internal(format!("the backup has a table {name}, which is not known here")))?;
        Ok(dump::write_rows(conn, table, rows)?)
    })
}

/// Takes down whatever the ledger says was taken down and the backup has brought back.
fn replay_takedowns(conn: &mut Conn, now: Time) -> Result<u64> {
    let mut replayed = 0;
    for line in takedowns::list(conn)? {
        let (mut article, mut content) = match articles::get(conn, line.article_id) {
            Ok(found) => found,
            Err(error) if error.code() == Code::NotFound => continue,
            Err(error) => return Err(error),
        };
        let id = line.article_id;
        match line.kind {
            TakedownKind::Kill if article.state == ArticleState::Killed => continue,
            TakedownKind::Kill => kill(conn, &mut article, &mut content, None, now)?,
            TakedownKind::Purge => {
                if matches!(article.state, ArticleState::Published | ArticleState::Retracted) {
                    unpublish(conn, &mut article)?;
                }
                articles::delete(conn, id, now)?;
                change_log::forget(conn, change_log::EditableKind::Article, id.as_str())?;
            }
        }
        let action = format!("article.{}", line.kind);
        let act = AuditEvent::on(&action, TargetKind::Article, id.as_str()).detail("replayed", true);
        audit::record(conn, Who::server(Via::Command, line.actor_id), act, now)?;
        replayed += 1;
    }
    Ok(replayed)
}

/// Erases again whatever people had erased about themselves and the backup has brought back; how many comments.
fn erase_again(conn: &mut Conn, now: Time) -> Result<u64> {
    let lines = takedowns::erasures(conn)?;
    let mut erased = 0;
    for mode in [ErasureMode::Erase, ErasureMode::Anonymise] {
        let keys = |subject| {
            let of = move |line: &&Erasure| line.mode == mode && line.subject == subject;
            lines.iter().filter(of).map(|line| line.subject_key.as_str())
        };
        let ids: Vec<CommentId> = keys(ErasureSubject::Comment).filter_map(CommentId::parse).collect();
        for ids in ids.chunks(ERASURE_BATCH) {
            erased += u64::try_from(erase::erase(conn, ids, mode, now)?).unwrap_or(0);
        }
    }
    let readers = lines.iter().filter(|line| line.subject == ErasureSubject::Reader);
    let readers: HashSet<&str> = readers.map(|line| line.subject_key.as_str()).collect();
    for digest in erase::readers(conn)? {
        if readers.contains(takedowns::reader_key(&digest).as_str()) {
            erase::forget_reader(conn, &digest)?;
        }
    }
    Ok(erased)
}
