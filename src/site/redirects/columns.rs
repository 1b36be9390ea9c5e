//! The columns of a file of redirects: ours, and those that the plugins of other systems write.

use crate::base::error::{Error, FieldCode, FieldError, Result};

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RedirectColumn {
    /// The path that leads elsewhere.
    Path,
    /// Where it leads.
    Location,
    /// The status of the answer.
    HttpStatus,
    /// Why it is there.
    Note,
    /// Whether the path is a pattern, for which we have no redirects.
    Pattern,
    /// Whether the redirect is in use.
    Use,
    /// What says nothing to us: counts of visits, groups.
    Ignored,
}

impl RedirectColumn {
    /// The member of a redirect that it fills.
    pub(super) fn member(self) -> Option<&'static str> {
        match self {
            Self::Path => Some("path"),
            Self::Location => Some("location"),
            Self::HttpStatus => Some("http_status"),
            Self::Note => Some("note"),
            Self::Pattern | Self::Use | Self::Ignored => None,
        }
    }

    /// What a column of this name holds; ours are the first of each.
    fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "path" | "source" | "source_url" | "old" | "old_url" | "origin" | "from" | "ancien" => Self::Path,
            "location" | "target" | "target_url" | "new" | "new_url" | "destination" | "to" | "nouveau" => {
                Self::Location
            }
            "http_status" | "code" | "http_code" | "type" => Self::HttpStatus,
            "note" | "title" | "comment" => Self::Note,
            "regex" | "format" | "matching" => Self::Pattern,
            "status" | "enabled" => Self::Use,
            "id" | "hits" | "group" | "category" | "param" | "last_access" | "position" => Self::Ignored,
            _ => return None,
        })
    }
}

/// The column of each field of a header; `None` for one without a name, which must stay empty.
///
/// # Errors
/// 422 where a name is unknown, where two columns are the same, or where path or location is missing.
pub(super) fn read_header<'h>(header: impl Iterator<Item = &'h str>) -> Result<Vec<Option<RedirectColumn>>> {
    /// Errors that are told of one header.
    const MOST: usize = 4;
    let mut columns: Vec<Option<RedirectColumn>> = Vec::new();
    let mut errors = Vec::new();
    for field in header {
        let name = field.trim().to_ascii_lowercase().replace(' ', "_");
        let mut column = RedirectColumn::of_name(&name);
        let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
        let pointer = format!("/{}", shown.replace('~', "~0").replace('/', "~1"));
        if column == Some(RedirectColumn::HttpStatus) && name == "type" && columns.contains(&column) {
            // What kind of thing the redirect leads to.
            column = Some(RedirectColumn::Ignored);
        }
        let is_ours = column.is_some_and(|column| column.member().is_some());
        match column {
            None if !name.is_empty() => errors.push(FieldError::new(pointer, FieldCode::UnknownField)),
            Some(_) if is_ours && columns.contains(&column) => {
                errors.push(FieldError::new(pointer, FieldCode::DuplicateField));
            }
            _ => {}
        }
        columns.push(column);
        if errors.len() >= MOST {
            break;
        }
    }
    for column in [RedirectColumn::Path, RedirectColumn::Location] {
        if errors.is_empty() && !columns.contains(&Some(column)) {
            let pointer = format!("/{}", column.member().unwrap_or_default());
            errors.push(FieldError::new(pointer, FieldCode::Required));
        }
    }
    if errors.is_empty() {
        Ok(columns)
    } else {
        Err(Error::validation(errors))
    }
}

/// What is wrong with a field of a column that fills no member: the row cannot be taken then.
pub(super) fn check_other(column: RedirectColumn, field: &str) -> std::result::Result<(), FieldError> {
    let field = field.to_ascii_lowercase();
    let (pointer, allowed, expected): (_, &[&str], _) = match column {
        RedirectColumn::Pattern => (
            "/path",
            &["0", "no", "false", "plain", "exact", "url"],
            "a path alone: patterns cannot be redirected here, write a row for each path",
        ),
        RedirectColumn::Use => (
            "/path",
            &["1", "yes", "true", "active", "enabled"],
            "a redirect that is in use there: leave the row out",
        ),
        _ => return Ok(()),
    };
    if allowed.contains(&field.as_str()) {
        return Ok(());
    }
    Err(FieldError::new(pointer, FieldCode::InvalidFormat).with("expected", expected))
}
