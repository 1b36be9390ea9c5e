//! Readers of JSON values: each makes a value of JSON, or says what is wrong with it, and says in the contract what it
//! takes. A limit is thus written once, and the documents cannot promise another one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{Ref, RefOr};

use super::fields::{At, Fields, object};
use crate::base::clock::Time;
use crate::base::error::{FieldCode, FieldError};
use crate::base::ids::FromSegment;
use crate::base::limits;
use crate::base::text::plain;
use crate::base::words::Word;

/// Reads one JSON value.
pub trait ValueReader {
    /// The type of the value.
    type Value;

    /// The value; `None` where it is refused: what is wrong has then been said at its place.
    fn read(&self, at: &mut At<'_>, value: Value) -> Option<Self::Value>;

    /// What it takes, for the contract.
    fn schema(&self) -> ValueSchema;

    /// The words that it takes, where it takes one of a few: told to who sends none.
    fn words(&self) -> &'static [&'static str] {
        &[]
    }

    /// The same, handing what was read to `check`, which may refuse it or turn it into another value.
    fn then<U>(self, check: impl Fn(&mut At<'_>, Self::Value) -> Option<U>) -> impl ValueReader<Value = U>
    where
        Self: Sized,
    {
        Checked { reader: self, check }
    }

    /// The same, with more about its texts or numbers in the contract.
    fn documented(self, add: impl Fn(&mut Object)) -> impl ValueReader<Value = Self::Value>
    where
        Self: Sized,
    {
        Documented { reader: self, add }
    }
}

/// What the contract says of a value, with the components that it names.
pub struct ValueSchema {
    /// The schema.
    pub schema: RefOr<Schema>,
    /// The components: name and schema.
    pub components: Vec<(String, RefOr<Schema>)>,
}

impl ValueSchema {
    /// A component of the documents.
    pub fn component<T: ToSchema>() -> Self {
        let mut components = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut components);
        Self {
            schema: Ref::from_schema_name(T::name()).into(),
            components,
        }
    }

    /// A text of at most this many characters.
    pub fn text(max: usize) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.max_length(Some(max)).into()
    }
}

impl<S: Into<Schema>> From<S> for ValueSchema {
    fn from(schema: S) -> Self {
        Self {
            schema: RefOr::T(schema.into()),
            components: Vec::new(),
        }
    }
}

struct Checked<R, F> {
    reader: R,
    check: F,
}

impl<R: ValueReader, U, F: Fn(&mut At<'_>, R::Value) -> Option<U>> ValueReader for Checked<R, F> {
    type Value = U;

    fn read(&self, at: &mut At<'_>, value: Value) -> Option<U> {
        let read = self.reader.read(at, value)?;
        (self.check)(at, read)
    }

    fn schema(&self) -> ValueSchema {
        self.reader.schema()
    }
}

struct Documented<R, F> {
    reader: R,
    add: F,
}

impl<R: ValueReader, F: Fn(&mut Object)> ValueReader for Documented<R, F> {
    type Value = R::Value;

    fn read(&self, at: &mut At<'_>, value: Value) -> Option<R::Value> {
        self.reader.read(at, value)
    }

    fn schema(&self) -> ValueSchema {
        let mut described = self.reader.schema();
        if let RefOr::T(Schema::Object(object)) = &mut described.schema {
            (self.add)(object);
        }
        described
    }
}

struct FnReader<S, F> {
    schema: S,
    read: F,
}

impl<T, S: Fn() -> ValueSchema, F: Fn(&mut At<'_>, Value) -> Option<T>> ValueReader for FnReader<S, F> {
    type Value = T;

    fn read(&self, at: &mut At<'_>, value: Value) -> Option<T> {
        (self.read)(at, value)
    }

    fn schema(&self) -> ValueSchema {
        (self.schema)()
    }
}

/// A reader made of what the contract says and a function.
pub fn value_reader<T>(
    schema: impl Fn() -> ValueSchema,
    read: impl Fn(&mut At<'_>, Value) -> Option<T>,
) -> impl ValueReader<Value = T> {
    FnReader { schema, read }
}

/// An object that is a component of the documents: `read` takes its members, the rest is refused.
pub fn component<T: ToSchema>(read: impl Fn(&mut Fields<'_>) -> Option<T>) -> impl ValueReader<Value = T> {
    value_reader(ValueSchema::component::<T>, move |at, value| object(at, value, &read))
}

/// One line of plain text: NFC, white space folded to single spaces, no control characters; HTML
/// entities are decoded, once: a [warning](crate::base::text::warnings) says so. Not blank, at
/// most `max` characters.
pub fn line(max: usize) -> impl ValueReader<Value = String> {
    value_reader(
        move || ValueSchema::text(max),
        move |at, value| {
            let text = without_references(at, value)?;
            bounded(at, plain::one_line(&text), max)
        },
    )
}

/// As [`line()`], for what is meant to the letter: an address, a token, an identifier. Nothing is decoded.
pub fn exact_line(max: usize) -> impl ValueReader<Value = String> {
    value_reader(
        move || ValueSchema::text(max),
        move |at, value| {
            let text = string(at, value)?;
            bounded(at, plain::one_line(&text), max)
        },
    )
}

/// As [`line()`], but blank text reads as `None`: for members that may be empty.
pub fn blank_line(max: usize) -> impl ValueReader<Value = Option<String>> {
    or_blank(move || line(max))
}

/// Plain text of several lines: as [`line()`], but line ends stay, as `\n`, and white space within
/// lines.
pub fn text(max: usize) -> impl ValueReader<Value = String> {
    value_reader(
        move || ValueSchema::text(max),
        move |at, value| {
            let text = plain::with_unix_line_ends(&without_references(at, value)?);
            bounded(at, text.trim().to_owned(), max)
        },
    )
}

/// As [`text()`], for somebody's own words, who may speak of `&eacute;`: nothing is decoded.
pub fn exact_text(max: usize) -> impl ValueReader<Value = String> {
    value_reader(
        move || ValueSchema::text(max),
        move |at, value| {
            let text = plain::with_unix_line_ends(&string(at, value)?);
            bounded(at, text.trim().to_owned(), max)
        },
    )
}

/// As [`text()`], but blank text reads as `None`: an empty caption is no caption.
pub fn blank_text(max: usize) -> impl ValueReader<Value = Option<String>> {
    or_blank(move || text(max))
}

fn or_blank<R: ValueReader<Value = String>>(filled: impl Fn() -> R + Copy) -> impl ValueReader<Value = Option<String>> {
    value_reader(
        move || filled().schema(),
        move |at, value| match &value {
            Value::String(text) if plain::is_blank(text) => Some(None),
            _ => filled().read(at, value).map(Some),
        },
    )
}

/// A string as it was sent but for NFC; refuses control characters other than tab and line ends.
pub fn string(at: &mut At<'_>, value: Value) -> Option<String> {
    let Value::String(text) = value else {
        return at.expected(FieldCode::WrongType, "a string");
    };
    allowed(at, &text)
}

/// A string with references decoded; the decoded text must keep the rules of [`string`] too.
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
        let error = FieldError::new(at.pointer(), FieldCode::ForbiddenCharacter).with("character", shown);
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
pub fn boolean() -> impl ValueReader<Value = bool> {
    value_reader(
        || ObjectBuilder::new().schema_type(Type::Boolean).into(),
        |at, value| match value {
            Value::Bool(flag) => Some(flag),
            _ => at.expected(FieldCode::WrongType, "true or false"),
        },
    )
}

/// A whole number within bounds.
pub fn integer(min: i64, max: i64) -> impl ValueReader<Value = i64> {
    value_reader(
        move || integer_schema(KnownFormat::Int64, min, max),
        move |at, value| match value.as_i64().or_else(|| written_with_a_point(&value)) {
            Some(number) if (min..=max).contains(&number) => Some(number),
            None if !value.is_number() => at.expected(FieldCode::WrongType, "a whole number"),
            _ => {
                let error = FieldError::new(at.pointer(), FieldCode::OutOfRange).with("min", min);
                at.fail_with(error.with("max", max))
            }
        },
    )
}

/// The whole number of `7.0` and `7e2`: whole to JSON Schema, and to clients without integers.
fn written_with_a_point(value: &Value) -> Option<i64> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    format!("{number:.0}").parse().ok()
}

/// As [`integer`], of 32 bits.
pub fn small_integer(min: i32, max: i32) -> impl ValueReader<Value = i32> {
    let (min, max) = (i64::from(min), i64::from(max));
    value_reader(
        move || integer_schema(KnownFormat::Int32, min, max),
        move |at, value| {
            integer(min, max)
                .read(at, value)
                .and_then(|number| i32::try_from(number).ok())
        },
    )
}

fn integer_schema(format: KnownFormat, min: i64, max: i64) -> ValueSchema {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    let number = number.format(Some(SchemaFormat::KnownFormat(format)));
    // The greatest number of the type is no limit of ours.
    let max = Some(max).filter(|max| ![i64::from(i32::MAX), i64::MAX].contains(max));
    number.minimum(Some(min)).maximum(max).into()
}

/// For [`ValueReader::then`]: refuses a list with an item that is the `same` as an earlier one, at each such item.
pub fn distinct<T>(same: impl Fn(&T, &T) -> bool) -> impl Fn(&mut At<'_>, Vec<T>) -> Option<Vec<T>> {
    move |at, items| {
        let mut sound = Some(());
        for (index, item) in items.iter().enumerate() {
            if items.iter().take(index).any(|earlier| same(earlier, item)) {
                sound = at.child(&index.to_string()).fail(FieldCode::Duplicate);
            }
        }
        sound.map(|()| items)
    }
}

/// A list of at most `max` items.
pub fn list<R: ValueReader>(max: usize, item: R) -> impl ValueReader<Value = Vec<R::Value>> {
    ListReader { min: 0, max, item }
}

/// As [`list`], with at least one item.
pub fn filled_list<R: ValueReader>(max: usize, item: R) -> impl ValueReader<Value = Vec<R::Value>> {
    ListReader { min: 1, max, item }
}

struct ListReader<R> {
    min: usize,
    max: usize,
    item: R,
}

impl<R: ValueReader> ValueReader for ListReader<R> {
    type Value = Vec<R::Value>;

    fn read(&self, at: &mut At<'_>, value: Value) -> Option<Self::Value> {
        let Value::Array(items) = value else {
            return at.expected(FieldCode::WrongType, "a list");
        };
        if items.len() > self.max {
            return at.over(FieldCode::TooMany, self.max);
        }
        if items.len() < self.min {
            return at.fail_with(FieldError::new(at.pointer(), FieldCode::TooFew).with("min", self.min));
        }
        let count = items.len();
        let read: Vec<R::Value> = items
            .into_iter()
            .enumerate()
            .filter_map(|(index, item)| self.item.read(&mut at.child(&index.to_string()), item))
            .collect();
        (read.len() == count).then_some(read)
    }

    fn schema(&self) -> ValueSchema {
        let ValueSchema { schema, components } = self.item.schema();
        let list = ArrayBuilder::new().items(schema).max_items(Some(self.max));
        ValueSchema {
            schema: list.min_items((self.min > 0).then_some(self.min)).into(),
            components,
        }
    }
}

/// Texts by name: at most `max`, each name such as `is_name` takes; any other name is `invalid_format`, saying what is
/// `expected`.
pub fn map<R: ValueReader>(
    max: usize,
    expected: &'static str,
    is_name: impl Fn(&str) -> bool,
    text: R,
) -> impl ValueReader<Value = BTreeMap<String, R::Value>> {
    MapReader {
        max,
        expected,
        is_name,
        text,
    }
}

struct MapReader<F, R> {
    max: usize,
    expected: &'static str,
    is_name: F,
    text: R,
}

impl<F: Fn(&str) -> bool, R: ValueReader> ValueReader for MapReader<F, R> {
    type Value = BTreeMap<String, R::Value>;

    fn read(&self, at: &mut At<'_>, value: Value) -> Option<Self::Value> {
        let Value::Object(members) = value else {
            return at.expected(FieldCode::WrongType, "an object");
        };
        if members.len() > self.max {
            return at.over(FieldCode::TooMany, self.max);
        }
        let mut map = BTreeMap::new();
        for (name, text) in members {
            let mut place = at.child(&name);
            if !(self.is_name)(&name) {
                let _: Option<()> = place.expected(FieldCode::InvalidFormat, self.expected);
            } else if let Some(text) = self.text.read(&mut place, text) {
                map.insert(name, text);
            }
        }
        Some(map)
    }

    fn schema(&self) -> ValueSchema {
        let ValueSchema { schema, components } = self.text.schema();
        let map = ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(schema));
        ValueSchema {
            schema: RefOr::T(map.max_properties(Some(self.max)).into()),
            components,
        }
    }
}

/// A word of a closed set.
pub fn word<T: Word + ToSchema>() -> impl ValueReader<Value = T> {
    one_of(T::ALLOWED, T::parse_word)
}

/// One of the words that `parse` knows; `allowed` lists them.
pub fn one_of<T: ToSchema>(
    allowed: &'static [&'static str],
    parse: impl Fn(&str) -> Option<T>,
) -> impl ValueReader<Value = T> {
    WordReader { allowed, parse }
}

struct WordReader<F> {
    allowed: &'static [&'static str],
    parse: F,
}

impl<T: ToSchema, F: Fn(&str) -> Option<T>> ValueReader for WordReader<F> {
    type Value = T;

    fn read(&self, at: &mut At<'_>, value: Value) -> Option<T> {
        known_word(at, value, self.allowed, &self.parse)
    }

    fn schema(&self) -> ValueSchema {
        ValueSchema::component::<T>()
    }

    fn words(&self) -> &'static [&'static str] {
        self.allowed
    }
}

/// The value of a word that `parse` knows.
pub fn known_word<T>(at: &mut At<'_>, value: Value, allowed: &[&str], parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    let text = string(at, value)?;
    match parse(&text) {
        Some(value) => Some(value),
        None => {
            let error = FieldError::new(at.pointer(), FieldCode::InvalidValue);
            at.fail_with(error.with("allowed", allowed.join(", ")))
        }
    }
}

/// What `parse` makes of one line; else `invalid_format`, saying what is `expected`.
pub fn parsed<T>(max: usize, expected: &'static str, parse: impl Fn(&str) -> Option<T>) -> impl ValueReader<Value = T> {
    exact_line(max).then(move |at, text| match parse(&text) {
        Some(value) => Some(value),
        None => at.expected(FieldCode::InvalidFormat, expected),
    })
}

/// As [`parsed`], for a type that is a component of the documents.
pub fn parsed_component<T: ToSchema>(
    max: usize,
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> impl ValueReader<Value = T> {
    let text = parsed(max, expected, parse);
    value_reader(ValueSchema::component::<T>, move |at, value| text.read(at, value))
}

/// An id.
pub fn id<T: FromSegment + ToSchema>() -> impl ValueReader<Value = T> {
    parsed_component(limits::UUID, "a UUID", T::from_segment)
}

/// A list of different ids.
pub fn ids<T: FromSegment + ToSchema + PartialEq>(max: usize) -> impl ValueReader<Value = Vec<T>> {
    list(max, id()).then(distinct(|id, other| id == other))
}

/// A moment in RFC 3339.
pub fn time() -> impl ValueReader<Value = Time> {
    parsed_component(limits::TIME, "a date and time in RFC 3339", Time::parse)
}

/// A URL that `parse` takes.
pub fn url(expected: &'static str, parse: impl Fn(&str) -> Option<String>) -> impl ValueReader<Value = String> {
    parsed(limits::URL, expected, parse).documented(|text| text.format = Some(SchemaFormat::Custom("uri".to_owned())))
}
