//! Reads the members of a JSON body into types, collecting every error with its JSON pointer.
//!
//! A [`ValueReader`] makes a value of JSON, or says what is wrong with it at its place, [`At`]. [`Fields`] takes the
//! members of one object: [`required`], [`optional`] or [`patch`]; a member that nobody asked for is `unknown_field`.
//!
//! [`required`]: Fields::required
//! [`optional`]: Fields::optional
//! [`patch`]: Fields::patch

use serde_json::{Map, Value};

use super::value_reader::{ValueReader, exact_line, list};
use crate::base::error::{Error, FieldCode, FieldError, FieldErrors, Result, pointer_segment};
use crate::base::text::warnings::TextFinding;

/// What a merge patch (RFC 7396) says of one member.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Patch<T> {
    /// Nothing: leave it.
    #[default]
    Keep,
    /// `null`, or named in `clear`: empty it.
    Clear,
    /// Set it to this.
    Set(T),
}

impl<T> Patch<T> {
    /// Applies it to an optional value.
    pub fn apply(self, target: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *target = None,
            Self::Set(value) => *target = Some(value),
        }
    }

    /// Applies it to a value that has an empty form.
    pub fn apply_or_default(self, target: &mut T)
    where
        T: Default,
    {
        match self {
            Self::Keep => {}
            Self::Clear => *target = T::default(),
            Self::Set(value) => *target = value,
        }
    }
}

/// Sets what a change names, and leaves what it does not.
pub fn set<T: Clone>(target: &mut T, value: &Option<T>) {
    if let Some(value) = value {
        target.clone_from(value);
    }
}

/// What was found so far in a body that is being read.
#[derive(Default)]
struct BodyReport {
    /// What it is refused for.
    errors: FieldErrors,
    /// What stops nothing.
    findings: Vec<TextFinding>,
}

/// A place in the body, and the list of what is wrong with the body so far.
pub struct At<'e> {
    pointer: String,
    report: &'e mut BodyReport,
}

impl At<'_> {
    /// Says what is wrong here, and gives `None` for the caller to return.
    pub fn fail<T>(&mut self, code: FieldCode) -> Option<T> {
        self.fail_with(FieldError::new(self.pointer.clone(), code))
    }

    /// Says that `expected` should be here (an English phrase of `phrases::PHRASES`).
    pub fn expected<T>(&mut self, code: FieldCode, expected: &'static str) -> Option<T> {
        self.fail_with(FieldError::new(self.pointer.clone(), code).with("expected", expected))
    }

    /// Says that something must be here: one of `words`, where there are some.
    pub fn missing<T>(&mut self, words: &[&str]) -> Option<T> {
        let error = FieldError::new(self.pointer.clone(), FieldCode::Required);
        self.fail_with(match words {
            [] => error,
            words => error.with("allowed", words.join(", ")),
        })
    }

    /// Says that a limit is passed.
    pub fn over<T>(&mut self, code: FieldCode, max: usize) -> Option<T> {
        self.fail_with(FieldError::new(self.pointer.clone(), code).with("max", max))
    }

    /// Adds a ready error.
    pub fn fail_with<T>(&mut self, error: FieldError) -> Option<T> {
        self.report.errors.push(error);
        None
    }

    /// Adds what stops nothing: a warning of the answer.
    pub fn warn(&mut self, finding: TextFinding) {
        self.report.findings.push(finding);
    }

    /// The place of a member or item below this one.
    pub fn child(&mut self, segment: &str) -> At<'_> {
        At {
            pointer: format!("{}/{}", self.pointer, pointer_segment(segment)),
            report: self.report,
        }
    }

    /// This place as a JSON pointer (RFC 6901).
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Whether something was found wrong at a member of this place, or below it.
    pub fn has_error_at(&mut self, segment: &str) -> bool {
        let pointer = self.child(segment).pointer;
        self.report.errors.listed().iter().any(|error| error.pointer == pointer)
    }

    /// How many errors were found so far, here or elsewhere.
    pub fn error_count(&self) -> usize {
        self.report.errors.count()
    }
}

/// The members of one JSON object, taken one by one.
pub struct Fields<'e> {
    at: At<'e>,
    members: Map<String, Value>,
    clear: Vec<String>,
}

/// Reads a whole body.
///
/// # Errors
/// 422 with every error that `read` found, unknown members included.
pub fn read_body<T>(body: Value, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Result<T> {
    read_with_findings(body, read).map(|(value, _)| value)
}

/// As [`read_body`], with what the readers warn of.
///
/// # Errors
/// As [`read_body`].
pub fn read_with_findings<T>(
    body: Value,
    read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
) -> Result<(T, Vec<TextFinding>)> {
    let (mut value, mut read) = (None, Some(read));
    let findings = read_by(body, &mut |fields| {
        value = read.take().and_then(|read| read(fields));
    })?;
    let value = value.ok_or_else(|| Error::internal("a parser refused a body without saying why"))?;
    Ok((value, findings))
}

/// Of [`read_with_findings`], what is the same for all types.
fn read_by(body: Value, read: &mut dyn FnMut(&mut Fields<'_>)) -> Result<Vec<TextFinding>> {
    let mut report = BodyReport::default();
    let mut at = At {
        pointer: String::new(),
        report: &mut report,
    };
    object(&mut at, body, |fields| {
        read(fields);
        Some(())
    });
    match report.errors.count() {
        0 => Ok(report.findings),
        _ => Err(Error::validation(report.errors)),
    }
}

/// Reads an object: `read` takes the members, the rest is refused.
pub fn object<T>(at: &mut At<'_>, value: Value, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Option<T> {
    let Value::Object(members) = value else {
        return at.expected(FieldCode::WrongType, "an object");
    };
    let place = At {
        pointer: at.pointer.clone(),
        report: at.report,
    };
    let mut fields = Fields {
        at: place,
        members,
        clear: Vec::new(),
    };
    let result = read(&mut fields);
    fields.refuse_unknown();
    result
}

impl Fields<'_> {
    /// A member that must be there and not null.
    pub fn required<T>(&mut self, name: &str, reader: impl ValueReader<Value = T>) -> Option<T> {
        match self.members.remove(name) {
            None | Some(Value::Null) => self.at.child(name).missing(reader.words()),
            Some(value) => reader.read(&mut self.at.child(name), value),
        }
    }

    /// A member that must be there, and may be null: the outer `None` where it is not there, or wrong.
    pub fn given<T>(&mut self, name: &str, reader: impl ValueReader<Value = T>) -> Option<Option<T>> {
        match self.members.remove(name) {
            None => self.at.child(name).fail(FieldCode::Required),
            Some(Value::Null) => Some(None),
            Some(value) => reader.read(&mut self.at.child(name), value).map(Some),
        }
    }

    /// A member that may be absent or null.
    pub fn optional<T>(&mut self, name: &str, reader: impl ValueReader<Value = T>) -> Option<T> {
        match self.members.remove(name) {
            None | Some(Value::Null) => None,
            Some(value) => reader.read(&mut self.at.child(name), value),
        }
    }

    /// A member of a merge patch: absent keeps, null clears. `clear: [name]` clears too, since some
    /// generated clients cannot send null; call [`Fields::take_clear`] first.
    pub fn patch<T>(&mut self, name: &str, reader: impl ValueReader<Value = T>) -> Patch<T> {
        let cleared = self.clear.iter().position(|cleared| cleared == name);
        if let Some(index) = cleared {
            self.clear.remove(index);
        }
        match (self.members.remove(name), cleared) {
            (None, None) => Patch::Keep,
            (None | Some(Value::Null), _) => Patch::Clear,
            (Some(_), Some(_)) => {
                let _: Option<()> = self.at.child(name).fail(FieldCode::ContradictoryClear);
                Patch::Keep
            }
            (Some(value), None) => match reader.read(&mut self.at.child(name), value) {
                Some(value) => Patch::Set(value),
                None => Patch::Keep,
            },
        }
    }

    /// A member of a merge patch that has no empty form: null is refused.
    pub fn change<T>(&mut self, name: &str, reader: impl ValueReader<Value = T>) -> Option<T> {
        match self.patch(name, reader) {
            Patch::Keep => None,
            Patch::Set(value) => Some(value),
            Patch::Clear => self.at.child(name).fail(FieldCode::NotClearable),
        }
    }

    /// Reads the `clear` member of a PATCH body, before any [`Fields::patch`].
    pub fn take_clear(&mut self) {
        let names = self.optional("clear", list(100, exact_line(100)));
        self.clear = names.unwrap_or_default();
    }

    /// Passes over a member that was read before.
    pub fn pass_over(&mut self, name: &str) {
        self.members.remove(name);
    }

    /// Whether the member is in the body, null or not.
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// The place of this object.
    pub fn at(&mut self) -> At<'_> {
        At {
            pointer: self.at.pointer.clone(),
            report: self.at.report,
        }
    }

    fn refuse_unknown(&mut self) {
        for name in std::mem::take(&mut self.members).into_iter().map(|(name, _)| name) {
            let _: Option<()> = self.at.child(&name).fail(FieldCode::UnknownField);
        }
        if !self.clear.is_empty() {
            let _: Option<()> = self
                .at
                .child("clear")
                .expected(FieldCode::InvalidFormat, "names of members that can be cleared");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::limits::LISTED_ERRORS;

    #[test]
    fn of_many_errors_the_first_are_listed_and_the_others_counted() {
        for (wrong, listed, omitted) in [
            (1, 1, 0),
            (LISTED_ERRORS, LISTED_ERRORS, 0),
            (30_000, LISTED_ERRORS, 29_900),
        ] {
            let members = (0..wrong).map(|number| (format!("unknown_{number:05}"), Value::Null));
            let refused = read_body(Value::Object(members.collect()), |_| Some(())).unwrap_err();
            assert_eq!(refused.errors().len(), listed);
            assert_eq!(refused.omitted_error_count(), omitted);
            assert_eq!(refused.errors()[0].pointer, "/unknown_00000");
        }
    }
}
