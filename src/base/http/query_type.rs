//! [`query_type!`](crate::query_type): declares the parameters of a query once, each with its reader. From this come
//! the type, the code that reads it, and what the contract says.
//!
//! A parameter is
//! - `optional(reader)`: may be absent, an `Option`;
//! - `defaulted(reader)`: may be absent, and is then its type's default, or what follows it as `or value`;
//! - `required(reader)`: must be there;
//! - `part()`: the parameters of another such type, which the operation names in the contract itself.

use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Required};

use super::body_type::description;
use super::query::{Query, one_of};
use super::value_reader::ValueSchema;
use crate::base::clock::Time;
use crate::base::error::Result;
use crate::base::ids::FromSegment;
use crate::base::limits;
use crate::base::words::Word;

/// Declares the parameters of a query; see the [module](crate::base::http::query_type).
///
/// `[check]` after the name calls the type's `check(&self) -> Result<()>` once all are read.
#[macro_export]
macro_rules! query_type {
    (
        $(#[doc = $doc:literal])* $(#[derive($($derive:ident),* $(,)?)])?
        $vis:vis struct $name:ident $([$check:ident])? {
            $($(#[doc = $param_doc:literal])*
              $param_vis:vis $param:ident: $ty:ty = $kind:ident($($reader:expr)?) $(or $default:expr)?),* $(,)?
        }
    ) => {
        $(#[doc = $doc])* $(#[derive($($derive),*)])?
        $vis struct $name {
            $($(#[doc = $param_doc])* $param_vis $param: $crate::query_type!(@type $kind $ty)),*
        }

        impl $crate::base::http::query::FromQuery for $name {
            const NAMES: &'static [&'static str] = {
                const PARTS: &[&[&str]] = &[$($crate::query_type!(@names $kind $ty, $param)),*];
                const ALL: [&str; $crate::base::http::query_type::name_count(PARTS)] =
                    $crate::base::http::query_type::joined_names(PARTS);
                &ALL
            };

            fn read(query: &$crate::base::http::query::Query) -> $crate::base::error::Result<Self> {
                let read = Self {
                    $($param: $crate::query_type!(@read $kind query, $param $(, $reader)? $(, or $default)?)),*
                };
                $(read.$check()?;)?
                Ok(read)
            }
        }

        impl utoipa::IntoParams for $name {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                let parameters: Vec<Option<utoipa::openapi::path::Parameter>> =
                    vec![$($crate::query_type!(@parameter $kind $ty, $param, &[$($param_doc),*] $(, $reader)?)),*];
                parameters.into_iter().flatten().collect()
            }
        }
    };

    (@type optional $ty:ty) => { Option<$ty> };
    (@type $kind:ident $ty:ty) => { $ty };

    (@names part $ty:ty, $param:ident) => { <$ty as $crate::base::http::query::FromQuery>::NAMES };
    (@names $kind:ident $ty:ty, $param:ident) => {
        &[$crate::base::http::query_type::parameter_name(stringify!($param))]
    };

    (@read part $query:ident, $param:ident) => { $crate::base::http::query::FromQuery::read($query)? };
    (@read optional $query:ident, $param:ident, $reader:expr) => {
        $crate::query_type!(@value $query, $param, $reader)
    };
    (@read defaulted $query:ident, $param:ident, $reader:expr) => {
        $crate::query_type!(@value $query, $param, $reader).unwrap_or_default()
    };
    (@read defaulted $query:ident, $param:ident, $reader:expr, or $default:expr) => {
        $crate::query_type!(@value $query, $param, $reader).unwrap_or($default)
    };
    (@read required $query:ident, $param:ident, $reader:expr) => {
        $crate::query_type!(@value $query, $param, $reader)
            .ok_or_else(|| {
                let name = $crate::base::http::query_type::parameter_name(stringify!($param));
                $crate::base::http::query::invalid(name, "a value")
            })?
    };
    (@value $query:ident, $param:ident, $reader:expr) => {
        $crate::base::http::query_type::ParamReader::read(
            &$reader,
            $query,
            $crate::base::http::query_type::parameter_name(stringify!($param)),
        )?
    };

    (@parameter part $ty:ty, $param:ident, $doc:expr) => { None };
    (@parameter $kind:ident $ty:ty, $param:ident, $doc:expr, $reader:expr) => {
        Some($crate::base::http::query_type::parameter::<$ty>(
            $crate::base::http::query_type::parameter_name(stringify!($param)),
            $doc,
            stringify!($kind) == "required",
            &$reader,
        ))
    };
}

/// Reads one parameter.
pub trait ParamReader {
    /// The type of the value.
    type Value;

    /// The value, if the parameter is there.
    ///
    /// # Errors
    /// 400 naming the parameter and what it takes.
    fn read(&self, query: &Query, name: &str) -> Result<Option<Self::Value>>;

    /// What it takes, for the contract.
    fn schema(&self) -> RefOr<Schema>;

    /// The same, with more about it in the contract.
    fn documented(self, add: impl Fn(&mut Object)) -> impl ParamReader<Value = Self::Value>
    where
        Self: Sized,
    {
        DocumentedParam { reader: self, add }
    }
}

struct DocumentedParam<R, F> {
    reader: R,
    add: F,
}

impl<R: ParamReader, F: Fn(&mut Object)> ParamReader for DocumentedParam<R, F> {
    type Value = R::Value;

    fn read(&self, query: &Query, name: &str) -> Result<Option<R::Value>> {
        self.reader.read(query, name)
    }

    fn schema(&self) -> RefOr<Schema> {
        let mut schema = self.reader.schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            (self.add)(object);
        }
        schema
    }
}

struct FnParam<S, F> {
    schema: S,
    read: F,
}

impl<T, S: Fn() -> RefOr<Schema>, F: Fn(&Query, &str) -> Result<Option<T>>> ParamReader for FnParam<S, F> {
    type Value = T;

    fn read(&self, query: &Query, name: &str) -> Result<Option<T>> {
        (self.read)(query, name)
    }

    fn schema(&self) -> RefOr<Schema> {
        (self.schema)()
    }
}

/// A reader made of what the contract says and a function.
pub fn param_reader<T>(
    schema: impl Fn() -> RefOr<Schema>,
    read: impl Fn(&Query, &str) -> Result<Option<T>>,
) -> impl ParamReader<Value = T> {
    FnParam { schema, read }
}

/// Text of at most `max` characters in the contract, which `parse` turns into a value; else 400 saying what is
/// `expected`.
pub fn parsed_param<T>(
    max: usize,
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> impl ParamReader<Value = T> {
    param_reader(
        move || ValueSchema::text(max).schema,
        move |query, name| query.parsed(name, expected, &parse),
    )
}

/// Any text: what it may be is checked later.
pub fn text_param(max: usize) -> impl ParamReader<Value = String> {
    param_reader(
        move || ValueSchema::text(max).schema,
        |query, name| Ok(query.one(name)?.map(str::to_owned)),
    )
}

/// Texts, repeated or with commas.
pub fn text_params(max: usize) -> impl ParamReader<Value = Vec<String>> {
    param_reader(
        move || list_of(ValueSchema::text(max).schema),
        |query, name| Ok(Some(query.many(name)?.into_iter().map(str::to_owned).collect())),
    )
}

/// A word of a closed set.
pub fn word_param<T: Word + ToSchema>() -> impl ParamReader<Value = T> {
    param_reader(
        || ValueSchema::component::<T>().schema,
        |query, name| query.word(name, T::ALLOWED, T::parse_word),
    )
}

/// Different words of a closed set, repeated or with commas, in its order.
pub fn word_params<T: Word + ToSchema + Ord>() -> impl ParamReader<Value = Vec<T>> {
    param_reader(
        || list_of(ValueSchema::component::<T>().schema),
        |query, name| {
            let words = query.many(name)?.into_iter();
            let words = words.map(|word| T::parse_word(word).ok_or_else(|| one_of(name, T::ALLOWED)));
            let mut words = words.collect::<Result<Vec<T>>>()?;
            words.sort_unstable();
            words.dedup();
            Ok(Some(words))
        },
    )
}

/// Different numbers of a closed set, repeated or with commas, in its order.
pub fn number_params(allowed: &'static [i32]) -> impl ParamReader<Value = Vec<i32>> {
    param_reader(
        move || {
            let number = ObjectBuilder::new().schema_type(Type::Integer);
            let number = number.format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)));
            list_of(RefOr::T(number.enum_values(Some(allowed.iter().copied())).into()))
        },
        move |query, name| {
            let texts: Vec<String> = allowed.iter().map(i32::to_string).collect();
            let asked = query.many(name)?;
            if !asked.iter().all(|text| texts.iter().any(|allowed| allowed == text)) {
                return Err(one_of(name, &texts.iter().map(String::as_str).collect::<Vec<_>>()));
            }
            let is_asked = |(_, text): &(&i32, &String)| asked.contains(&text.as_str());
            let numbers = allowed.iter().zip(&texts).filter(is_asked);
            Ok(Some(numbers.map(|(number, _)| *number).collect()))
        },
    )
}

fn list_of(item: RefOr<Schema>) -> RefOr<Schema> {
    RefOr::T(
        ArrayBuilder::new()
            .items(item)
            .max_items(Some(limits::FILTER_VALUES))
            .into(),
    )
}

/// An id.
pub fn id_param<T: FromSegment>() -> impl ParamReader<Value = T> {
    parsed_param(limits::UUID, "a UUID", T::from_segment)
        .documented(|text| text.format = Some(SchemaFormat::Custom("uuid".to_owned())))
}

/// `true` or `false`.
pub fn flag_param() -> impl ParamReader<Value = bool> {
    param_reader(
        || RefOr::T(ObjectBuilder::new().schema_type(Type::Boolean).into()),
        |query, name| query.flag(name),
    )
}

/// A moment in RFC 3339.
pub fn time_param() -> impl ParamReader<Value = Time> {
    param_reader(
        || ValueSchema::component::<Time>().schema,
        |query, name| query.time(name),
    )
}

/// The beginning of a name.
pub fn name_prefix_param() -> impl ParamReader<Value = String> {
    param_reader(
        || ValueSchema::text(limits::LABEL).schema,
        |query, _| query.name_prefix(),
    )
}

/// A whole number from 1 to `max`, in digits alone.
pub fn count_param(max: i64, expected: &'static str) -> impl ParamReader<Value = i64> {
    param_reader(
        move || {
            let number = ObjectBuilder::new().schema_type(Type::Integer);
            let number = number.format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)));
            RefOr::T(number.minimum(Some(1)).maximum(Some(max)).into())
        },
        move |query, name| {
            query.parsed(name, expected, |text| {
                let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
                text.parse()
                    .ok()
                    .filter(|number| is_digits && (1..=max).contains(number))
            })
        },
    )
}

/// How many items a page has at most.
pub fn limit_param() -> impl ParamReader<Value = usize> {
    const MAX: i64 = limits::PAGE as i64;
    let count = count_param(MAX, "a number from 1 to 100");
    param_reader(
        move || count_param(MAX, "").schema(),
        move |query, name| Ok(count.read(query, name)?.and_then(|count| usize::try_from(count).ok())),
    )
}

/// A parameter as the contract has it.
pub fn parameter<T>(
    name: &str,
    comment: &[&str],
    is_required: bool,
    reader: &impl ParamReader<Value = T>,
) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(if is_required { Required::True } else { Required::False })
        .description(Some(description(comment)))
        .schema(Some(reader.schema()))
        .build()
}

/// A member's name as clients write it: `r#type` is `type`.
pub const fn parameter_name(member: &'static str) -> &'static str {
    match member.as_bytes() {
        [b'r', b'#', ..] => member.split_at(2).1,
        _ => member,
    }
}

/// How many names there are in some lists.
pub const fn name_count(lists: &[&[&str]]) -> usize {
    let (mut total, mut index) = (0, 0);
    while index < lists.len() {
        total += lists[index].len();
        index += 1;
    }
    total
}

/// The names of some lists in one list; `N` is their [`name_count`].
pub const fn joined_names<const N: usize>(lists: &[&[&'static str]]) -> [&'static str; N] {
    let mut names = [""; N];
    let (mut list, mut at, mut index) = (0, 0, 0);
    while list < lists.len() {
        while at < lists[list].len() {
            names[index] = lists[list][at];
            (at, index) = (at + 1, index + 1);
        }
        (list, at) = (list + 1, 0);
    }
    names
}

#[cfg(test)]
mod tests {
    use utoipa::IntoParams;

    use super::{flag_param, limit_param, text_param};
    use crate::base::http::query::{FromQuery, Query};

    query_type! {
        struct Part {
            /// How many.
            limit: usize = defaulted(limit_param()) or 20,
        }
    }

    query_type! {
        struct Whole {
            /// Of which type.
            r#type: String = required(text_param(10)),
            /// Whether it is so.
            is_so: bool = optional(flag_param()),
            part: Part = part(),
        }
    }

    #[test]
    fn a_query_is_read_with_its_parts_by_the_names_of_all_of_them() {
        assert_eq!(Whole::NAMES, ["type", "is_so", "limit"]);
        let read = |text: &str| Whole::read(&Query::parse(text, Whole::NAMES).unwrap());
        let whole = read("type=x&limit=5").unwrap();
        assert_eq!((whole.r#type.as_str(), whole.is_so, whole.part.limit), ("x", None, 5));
        assert_eq!(read("type=x&is_so=true").unwrap().part.limit, 20);
        assert!(read("is_so=true").is_err());
        assert!(read("type=x&limit=0").is_err());
    }

    #[test]
    fn the_contract_has_the_parameters_of_the_type_itself() {
        let parameters = Whole::into_params(|| None);
        let parameters = serde_json::to_value(parameters).unwrap();
        assert_eq!(parameters[0]["name"], "type");
        assert_eq!(parameters[0]["required"], true);
        assert_eq!(parameters[0]["schema"]["maxLength"], 10);
        assert_eq!(parameters[1]["required"], false);
        assert_eq!(parameters.as_array().map(Vec::len), Some(2));
    }
}
