//! What a database error means for the client, and how a unique rule gets its own answer.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use unicode_normalization::UnicodeNormalization;

use crate::base::error::{Error, FieldCode, FieldError, Result};

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::NotFound => Self::not_found(),
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => {
                Self::unavailable(error).retryable()
            }
            // diesel has no kind for SQLSTATE 40P01 and hides the code; servers may speak French.
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, info) if is_deadlock(info.message()) => {
                Self::unavailable(error).retryable()
            }
            // What a row refers to was deleted between the check and the write.
            DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
                Self::field(FieldError::new("", FieldCode::UnknownReference))
            }
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _,
            ) => Self::unavailable(error),
            DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => Self::unavailable(error),
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, info) if is_unavailable(info.message()) => {
                Self::unavailable(error)
            }
            _ => Self::internal(format!("database: {error}")),
        }
    }
}

fn is_deadlock(message: &str) -> bool {
    message.contains("deadlock") || message.contains("interblocage")
}

/// What SQLite says when another process held the write lock beyond `busy_timeout`, or when the disk
/// is full or failing, and PostgreSQL, in English or French, when time or disk are over or it is about to stop: nothing
/// is wrong with the request, and later it may go through.
const UNAVAILABLE: &[&str] = &[
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "due to statement timeout",
    "due to lock timeout",
    "annulation de la requête",
    "terminating connection",
    "arrêt des connexions",
    "the database system is",
    "le système de bases de données",
];

/// What PostgreSQL says where the disk is full.
const DISK_FULL: &[&str] = &["No space left on device", "Aucun espace disponible"];

fn is_unavailable(message: &str) -> bool {
    UNAVAILABLE.iter().any(|known| message.contains(known)) || is_disk_full(message)
}

/// Whether a failure of PostgreSQL's says that its disk is full.
pub fn is_disk_full(message: &str) -> bool {
    DISK_FULL.iter().any(|known| message.contains(known))
}

/// Gives the unique rule of a statement its own problem. SQLite does not name the rule that failed:
/// one unique rule per statement.
pub trait OnUnique<T> {
    /// The value, or `problem` where the unique rule refused the row.
    ///
    /// # Errors
    /// `problem`, or what any other database error means.
    fn on_unique(self, problem: impl FnOnce() -> Error) -> Result<T>;
}

impl<T> OnUnique<T> for std::result::Result<T, DieselError> {
    fn on_unique(self, problem: impl FnOnce() -> Error) -> Result<T> {
        self.map_err(|error| match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => problem(),
            other => other.into(),
        })
    }
}

/// Gives a row that others still refer to its own problem.
pub trait OnReference<T> {
    /// The value, or `problem` where something refers to the row that was to go.
    ///
    /// # Errors
    /// `problem`, or what any other database error means.
    fn on_reference(self, problem: impl FnOnce() -> Error) -> Result<T>;
}

impl<T> OnReference<T> for std::result::Result<T, DieselError> {
    fn on_reference(self, problem: impl FnOnce() -> Error) -> Result<T> {
        self.map_err(|error| match error {
            DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => problem(),
            other => other.into(),
        })
    }
}

/// The sort and comparison form of a name: no accents, no case. The same on both databases.
pub fn folded(text: &str) -> String {
    deunicode::deunicode(&text.nfc().collect::<String>()).to_lowercase()
}

/// The bounds of the folded names that begin with a text: at or after the first, before the second.
pub fn folded_range(prefix: &str) -> (String, String) {
    let from = folded(prefix);
    let below = format!("{from}\u{10ffff}");
    (from, below)
}
