//! Reads the members of a JSON body into types, collecting every error with its JSON pointer.
//!
//! A parser is a function from a [`Value`] and the place [`At`] which it stands to `Option<T>`; what
//! it refuses it has said at that place. [`Fields`] takes the members of one object: [`required`],
//! [`optional`] or [`patch`]; what nobody asked for is `unknown_field`.
//!
//! [`required`]: Fields::required
//! [`optional`]: Fields::optional
//! [`patch`]: Fields::patch

use std::borrow::Cow;

use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

use crate::base::error::{Error, FieldCode, FieldError, Result, pointer_segment};
use crate::base::text::plain;

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

/// A place in the body, and the list of what is wrong with the body so far.
pub struct At<'e> {
    pointer: String,
    errors: &'e mut Vec<FieldError>,
}

impl At<'_> {
    /// Says what is wrong here; `None`, to return at once.
    pub fn fail<T>(&mut self, code: FieldCode) -> Option<T> {
        self.fail_with(FieldError::new(self.pointer.clone(), code))
    }

    /// Says that here should stand `expected` (an English phrase of `error::PHRASES`).
    pub fn expected<T>(&mut self, code: FieldCode, expected: &'static str) -> Option<T> {
        self.fail_with(FieldError::new(self.pointer.clone(), code).with("expected", expected))
    }

    /// Says that a limit is passed.
    pub fn over<T>(&mut self, code: FieldCode, max: usize) -> Option<T> {
        self.fail_with(FieldError::new(self.pointer.clone(), code).with("max", max))
    }

    /// Adds a ready error.
    pub fn fail_with<T>(&mut self, error: FieldError) -> Option<T> {
        self.errors.push(error);
        None
    }

    /// The place of a member or item below this one.
    pub fn child(&mut self, segment: &str) -> At<'_> {
        At {
            pointer: format!("{}/{}", self.pointer, pointer_segment(segment)),
            errors: self.errors,
        }
    }

    /// This place as a JSON pointer (RFC 6901).
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Whether something was found wrong at a member of this place, or below it.
    pub fn has_error_at(&mut self, segment: &str) -> bool {
        let pointer = self.child(segment).pointer;
        self.errors.iter().any(|error| error.pointer == pointer)
    }

    /// How many errors were found so far, here or elsewhere.
    pub fn error_count(&self) -> usize {
        self.errors.len()
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
    let mut errors = Vec::new();
    let value = object(
        &mut At {
            pointer: String::new(),
            errors: &mut errors,
        },
        body,
        read,
    );
    match value {
        Some(value) if errors.is_empty() => Ok(value),
        _ if errors.is_empty() => Err(Error::internal("a parser refused a body without saying why")),
        _ => Err(Error::validation(errors)),
    }
}

/// Reads an object: `read` takes the members, the rest is refused.
pub fn object<T>(at: &mut At<'_>, value: Value, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Option<T> {
    let Value::Object(members) = value else {
        return at.expected(FieldCode::WrongType, "an object");
    };
    let place = At {
        pointer: at.pointer.clone(),
        errors: at.errors,
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
    pub fn required<T>(&mut self, name: &str, parse: impl FnOnce(&mut At<'_>, Value) -> Option<T>) -> Option<T> {
        match self.members.remove(name) {
            None | Some(Value::Null) => self.at.child(name).fail(FieldCode::Required),
            Some(value) => parse(&mut self.at.child(name), value),
        }
    }

    /// A member that may be absent or null.
    pub fn optional<T>(&mut self, name: &str, parse: impl FnOnce(&mut At<'_>, Value) -> Option<T>) -> Option<T> {
        match self.members.remove(name) {
            None | Some(Value::Null) => None,
            Some(value) => parse(&mut self.at.child(name), value),
        }
    }

    /// A member of a merge patch: absent keeps, null clears. `clear: [name]` clears too, since some
    /// generated clients cannot send null; call [`Fields::take_clear`] first.
    pub fn patch<T>(&mut self, name: &str, parse: impl FnOnce(&mut At<'_>, Value) -> Option<T>) -> Patch<T> {
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
            (Some(value), None) => match parse(&mut self.at.child(name), value) {
                Some(value) => Patch::Set(value),
                None => Patch::Keep,
            },
        }
    }

    /// A member of a merge patch that has no empty form: null is refused.
    pub fn change<T>(&mut self, name: &str, parse: impl FnOnce(&mut At<'_>, Value) -> Option<T>) -> Option<T> {
        match self.patch(name, parse) {
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

    /// Whether the member stands in the body, null or not.
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// The place of this object.
    pub fn at(&mut self) -> At<'_> {
        At {
            pointer: self.at.pointer.clone(),
            errors: self.at.errors,
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

/// One line of plain text: NFC, white space folded to single spaces, no control characters; HTML
/// entities are decoded, once: a [warning](crate::base::text::warnings) tells of it. Not blank, at
/// most `max` characters.
pub fn line(max: usize) -> impl Fn(&mut At<'_>, Value) -> Option<String> {
    move |at, value| {
        let text = without_references(at, value)?;
        bounded(at, plain::one_line(&text), max)
    }
}

/// As [`line()`], of what is meant to the letter: an address, a token, an identifier. Nothing is
/// decoded.
pub fn exact_line(max: usize) -> impl Fn(&mut At<'_>, Value) -> Option<String> {
    move |at, value| {
        let text = string(at, value)?;
        bounded(at, plain::one_line(&text), max)
    }
}

/// As [`line()`], but blank text reads as `None`: for members that may be empty.
pub fn blank_line(max: usize) -> impl Fn(&mut At<'_>, Value) -> Option<Option<String>> {
    move |at, value| match &value {
        Value::String(text) if plain::is_blank(text) => Some(None),
        _ => line(max)(at, value).map(Some),
    }
}

/// Plain text of several lines: as [`line()`], but line ends stay, as `\n`, and white space within
/// lines.
pub fn text(max: usize) -> impl Fn(&mut At<'_>, Value) -> Option<String> {
    move |at, value| {
        let text = plain::with_unix_line_ends(&without_references(at, value)?);
        bounded(at, text.trim().to_owned(), max)
    }
}

/// As [`text()`], of somebody's own words, who may speak of `&eacute;`: nothing is decoded.
pub fn exact_text(max: usize) -> impl Fn(&mut At<'_>, Value) -> Option<String> {
    move |at, value| {
        let text = plain::with_unix_line_ends(&string(at, value)?);
        bounded(at, text.trim().to_owned(), max)
    }
}

/// A string as it was sent but for NFC; refuses control characters other than tab and line ends.
pub fn string(at: &mut At<'_>, value: Value) -> Option<String> {
    let Value::String(text) = value else {
        return at.expected(FieldCode::WrongType, "a string");
    };
    allowed(at, &text)
}

/// A string with references decoded; what they stand for is held to the rules of [`string`].
fn without_references(at: &mut At<'_>, value: Value) -> Option<String> {
    let text = string(at, value)?;
    match plain::without_references(&text) {
        Cow::Borrowed(_) => Some(text),
        Cow::Owned(decoded) => allowed(at, &decoded),
    }
}

fn allowed(at: &mut At<'_>, text: &str) -> Option<String> {
    if let Some(bad) = plain::forbidden(text) {
        let shown = format!("U+{:04X}", u32::from(bad));
        let error = FieldError::new(at.pointer.clone(), FieldCode::ForbiddenCharacter).with("character", shown);
        return at.fail_with(error);
    }
    Some(text.nfc().collect())
}

fn bounded(at: &mut At<'_>, text: String, max: usize) -> Option<String> {
    if text.is_empty() {
        return at.fail(FieldCode::Blank);
    }
    if text.chars().count() > max {
        return at.over(FieldCode::TooLong, max);
    }
    Some(text)
}

/// `true` or `false`.
pub fn boolean(at: &mut At<'_>, value: Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(flag),
        _ => at.expected(FieldCode::WrongType, "true or false"),
    }
}

/// A whole number within bounds.
pub fn integer(min: i64, max: i64) -> impl Fn(&mut At<'_>, Value) -> Option<i64> {
    move |at, value| match value.as_i64() {
        Some(number) if (min..=max).contains(&number) => Some(number),
        None if !value.is_number() => at.expected(FieldCode::WrongType, "a whole number"),
        _ => {
            let error = FieldError::new(at.pointer.clone(), FieldCode::OutOfRange).with("min", min);
            at.fail_with(error.with("max", max))
        }
    }
}

/// As [`integer`], of 32 bits.
pub fn small_integer(min: i32, max: i32) -> impl Fn(&mut At<'_>, Value) -> Option<i32> {
    let whole = integer(i64::from(min), i64::from(max));
    move |at, value| whole(at, value).and_then(|number| i32::try_from(number).ok())
}

/// Says of each item that is the same as an earlier one that it stands there twice.
pub fn without_duplicates<T>(at: &mut At<'_>, items: &[T], same: impl Fn(&T, &T) -> bool) -> Option<()> {
    let mut sound = Some(());
    for (index, item) in items.iter().enumerate() {
        if items.iter().take(index).any(|earlier| same(earlier, item)) {
            sound = at.child(&index.to_string()).fail(FieldCode::Duplicate);
        }
    }
    sound
}

/// A list of at most `max` items, each read by `parse`.
pub fn list<T>(
    max: usize,
    parse: impl Fn(&mut At<'_>, Value) -> Option<T>,
) -> impl Fn(&mut At<'_>, Value) -> Option<Vec<T>> {
    move |at, value| {
        let Value::Array(items) = value else {
            return at.expected(FieldCode::WrongType, "a list");
        };
        if items.len() > max {
            return at.over(FieldCode::TooMany, max);
        }
        let count = items.len();
        let read: Vec<T> = items
            .into_iter()
            .enumerate()
            .filter_map(|(index, item)| parse(&mut at.child(&index.to_string()), item))
            .collect();
        (read.len() == count).then_some(read)
    }
}

/// One of the words that `parse` knows; `allowed` lists them.
pub fn one_of<T>(
    allowed: &'static [&'static str],
    parse: impl Fn(&str) -> Option<T>,
) -> impl Fn(&mut At<'_>, Value) -> Option<T> {
    move |at, value| {
        let text = string(at, value)?;
        match parse(&text) {
            Some(value) => Some(value),
            None => {
                let error =
                    FieldError::new(at.pointer.clone(), FieldCode::InvalidValue).with("allowed", allowed.join(", "));
                at.fail_with(error)
            }
        }
    }
}

/// What `parse` makes of one line; else `invalid_format`, saying what is `expected`.
pub fn parsed<T>(
    max: usize,
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> impl Fn(&mut At<'_>, Value) -> Option<T> {
    move |at, value| {
        let text = exact_line(max)(at, value)?;
        match parse(&text) {
            Some(value) => Some(value),
            None => at.expected(FieldCode::InvalidFormat, expected),
        }
    }
}
