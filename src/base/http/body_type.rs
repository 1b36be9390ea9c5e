//! [`body_type!`](crate::body_type): declares a request's body once, each member with its reader. From this come the
//! type, the code that reads it, its schema, and for a change how it is applied to a thing and the names of what it
//! changed.
//!
//! A member is
//! - `required(reader)`: there, and not null;
//! - `optional(reader)`: may be absent or null, an `Option`;
//! - `given(reader)`: must be there, and may be null, an `Option`;
//! - `defaulted(reader)`: may be absent, and is then its type's default, or what follows it as `or value`;
//! - `change(reader)`, of a merge patch: absent keeps; there is no empty form, so null is refused; an `Option`;
//! - `patch(reader)`, of a merge patch: absent keeps, null empties; a [`Patch`];
//! - `change_elsewhere(reader)`, `patch_elsewhere(reader)`: the same two, for what is no member of the thing, or is
//!   kept in another form.
//!
//! `of part` after it says that a member of a change belongs to a part of the thing.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};

use super::fields::Patch;
use super::value_reader::{ValueReader, ValueSchema};

/// Declares a body; see the [module](crate::base::http::body_type).
///
/// After the name, where they apply: `of Thing` for a change to a thing, which makes `apply`; `[text]` where the answer
/// warns of suspicious texts; `[may_be_empty]` where the body may be absent; `[merge_patch]` for a change that is
/// applied by hand; `[max_bytes(n)]` for a body of another size; `[check(|fields| …)]` for a check of several members
/// together: it sees each by its name, as an `Option` or `Patch`, and says what is wrong by
/// [`Fields`](crate::base::http::fields::Fields).
#[macro_export]
macro_rules! body_type {
    (
        $(#[doc = $doc:literal])* $(#[derive($($derive:ident),* $(,)?)])?
        $vis:vis struct $name:ident $(of $thing:ident)? $([$($option:ident $(($value:expr))?),*])? {
            $($(#[doc = $member_doc:literal])* $member_vis:vis $member:ident: $ty:ty = $kind:ident($reader:expr) $(of $part:ident)? $(or $default:expr)?),* $(,)?
        }
    ) => {
        $(#[doc = $doc])* $(#[derive($($derive),*)])?
        $vis struct $name {
            $($(#[doc = $member_doc])* $member_vis $member: $crate::body_type!(@type $kind $ty)),*
        }

        impl $crate::base::http::body::FromBody for $name {
            $($($crate::body_type! { @option $option $(($value))? })*)?
            $(const MEDIA: $crate::base::http::body::BodyMedia = {
                // A change of a thing is a merge patch.
                let _: std::marker::PhantomData<$thing>;
                $crate::base::http::body::BodyMedia::MergePatch
            };)?

            fn read(fields: &mut $crate::base::http::fields::Fields<'_>) -> Option<Self> {
                if matches!(Self::MEDIA, $crate::base::http::body::BodyMedia::MergePatch) {
                    fields.take_clear();
                }
                $(let $member = $crate::body_type!(@read $kind fields, stringify!($member), $reader $(, $default)?);)*
                $($($crate::body_type!(@check $option $(($value))? fields);)*)?
                Some(Self { $($member: $crate::body_type!(@have $kind $member)),* })
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::base::http::body_type::BodyMembers::default()
                    $(.with::<$ty>(
                        stringify!($member),
                        &[$($member_doc),*],
                        $crate::body_type!(@presence $kind),
                        &$reader,
                    ))*
                    .schema(&[$($doc),*])
            }
        }

        impl utoipa::ToSchema for $name {
            fn schemas(
                schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>,
            ) {
                $crate::base::http::body_type::add_components(
                    schemas,
                    vec![$($crate::base::http::body_type::components::<$ty>(&$reader)),*],
                );
            }
        }

        $crate::body_type! { @changes [$($thing)?] $name { $($kind $member [$($part)?],)* } }
    };

    (@changes [] $name:ident { $($members:tt)* }) => {};
    (@changes [$thing:ident] $name:ident { $($kind:ident $member:ident [$($part:ident)?],)* }) => {
        impl $name {
            /// The thing after the change, and the names of what changed.
            pub fn apply(&self, old: &$thing) -> ($thing, Vec<&'static str>) {
                let mut new = old.clone();
                let mut changed = Vec::new();
                $($crate::body_type!(@apply $kind self, new, old, changed, $member $(, $part)?);)*
                (new, changed)
            }
        }
    };

    (@type required $ty:ty) => { $ty };
    (@type optional $ty:ty) => { Option<$ty> };
    (@type given $ty:ty) => { Option<$ty> };
    (@type defaulted $ty:ty) => { $ty };
    (@type change $ty:ty) => { Option<$ty> };
    (@type change_elsewhere $ty:ty) => { Option<$ty> };
    (@type patch $ty:ty) => { $crate::base::http::fields::Patch<$ty> };
    (@type patch_elsewhere $ty:ty) => { $crate::base::http::fields::Patch<$ty> };

    (@option text) => { const IS_TEXT: bool = true; };
    (@option may_be_empty) => { const MAY_BE_EMPTY: bool = true; };
    (@option merge_patch) => {
        const MEDIA: $crate::base::http::body::BodyMedia = $crate::base::http::body::BodyMedia::MergePatch;
    };

    (@option max_bytes($value:expr)) => { const MAX_BYTES: usize = $value; };
    (@option check($value:expr)) => {};

    (@check check($check:expr) $fields:ident) => { ($check)($fields)?; };
    (@check $option:ident $(($value:expr))? $fields:ident) => {};

    (@read required $fields:ident, $name:expr, $reader:expr) => { $fields.required($name, $reader) };
    (@read optional $fields:ident, $name:expr, $reader:expr) => { $fields.optional($name, $reader) };
    (@read given $fields:ident, $name:expr, $reader:expr) => { $fields.given($name, $reader) };
    (@read defaulted $fields:ident, $name:expr, $reader:expr) => { $fields.optional($name, $reader).unwrap_or_default() };
    (@read defaulted $fields:ident, $name:expr, $reader:expr, $default:expr) => {
        $fields.optional($name, $reader).unwrap_or($default)
    };
    (@read change $fields:ident, $name:expr, $reader:expr) => { $fields.change($name, $reader) };
    (@read change_elsewhere $fields:ident, $name:expr, $reader:expr) => { $fields.change($name, $reader) };
    (@read patch $fields:ident, $name:expr, $reader:expr) => { $fields.patch($name, $reader) };
    (@read patch_elsewhere $fields:ident, $name:expr, $reader:expr) => { $fields.patch($name, $reader) };

    (@have required $member:ident) => { $member? };
    (@have given $member:ident) => { $member? };
    (@have $kind:ident $member:ident) => { $member };

    (@presence required) => { $crate::base::http::body_type::Presence::Required };
    (@presence given) => { $crate::base::http::body_type::Presence::Given };
    (@presence optional) => { $crate::base::http::body_type::Presence::Nullable };
    (@presence patch) => { $crate::base::http::body_type::Presence::Nullable };
    (@presence patch_elsewhere) => { $crate::base::http::body_type::Presence::Nullable };
    (@presence $kind:ident) => { $crate::base::http::body_type::Presence::Optional };

    (@apply change $patch:ident, $new:ident, $old:ident, $changed:ident, $member:ident $(, $part:ident)?) => {
        $crate::base::http::fields::set(&mut $new$(.$part)?.$member, &$patch.$member);
        if $new$(.$part)?.$member != $old$(.$part)?.$member {
            $changed.push(stringify!($member));
        }
    };
    (@apply patch $patch:ident, $new:ident, $old:ident, $changed:ident, $member:ident $(, $part:ident)?) => {
        $crate::base::http::body_type::Patched::patch(&mut $new$(.$part)?.$member, $patch.$member.clone());
        if $new$(.$part)?.$member != $old$(.$part)?.$member {
            $changed.push(stringify!($member));
        }
    };
    (@apply $kind:ident $patch:ident, $new:ident, $old:ident, $changed:ident, $member:ident) => {};
}

/// What a merge patch can be applied to: an `Option`, or what has an empty form.
pub trait Patched<T> {
    /// Applies it.
    fn patch(&mut self, patch: Patch<T>);
}

impl<T> Patched<T> for Option<T> {
    fn patch(&mut self, patch: Patch<T>) {
        patch.apply(self);
    }
}

impl<T: Default> Patched<T> for T {
    fn patch(&mut self, patch: Patch<T>) {
        patch.apply_or_default(self);
    }
}

/// Whether a member must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It must, and not be null.
    Required,
    /// It must, and may be null.
    Given,
    /// It may be absent, but not null.
    Optional,
    /// It may be absent, or null.
    Nullable,
}

/// The members of a body, for its schema.
#[derive(Default)]
pub struct BodyMembers(ObjectBuilder);

impl BodyMembers {
    /// Adds a member of a type with its comment, line by line, and its reader.
    #[must_use]
    pub fn with<T>(
        self,
        name: &str,
        comment: &[&str],
        presence: Presence,
        reader: &impl ValueReader<Value = T>,
    ) -> Self {
        let ValueSchema { schema, .. } = reader.schema();
        let is_nullable = matches!(presence, Presence::Given | Presence::Nullable);
        let member = described(schema, &description(comment), is_nullable);
        let object = self.0.property(name, member);
        Self(match presence {
            Presence::Required | Presence::Given => object.required(name),
            Presence::Optional | Presence::Nullable => object,
        })
    }

    /// The schema of the body, with its comment.
    pub fn schema(self, comment: &[&str]) -> RefOr<Schema> {
        RefOr::T(
            self.0
                .schema_type(Type::Object)
                .description(Some(description(comment)))
                .into(),
        )
    }
}

/// The components that a member of a type names.
pub fn components<T>(reader: &impl ValueReader<Value = T>) -> Vec<(String, RefOr<Schema>)> {
    reader.schema().components
}

/// Adds the components that the members of a body name.
pub fn add_components(schemas: &mut Vec<(String, RefOr<Schema>)>, members: Vec<Vec<(String, RefOr<Schema>)>>) {
    schemas.extend(members.into_iter().flatten());
}

/// A comment as text: the space that each line begins with does not belong to it.
pub fn description(comment: &[&str]) -> String {
    let lines = comment
        .iter()
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    lines.collect::<Vec<_>>().join("\n")
}

fn described(schema: RefOr<Schema>, description: &str, is_nullable: bool) -> RefOr<Schema> {
    let description = Some(description.to_owned());
    let kind = |kind: &SchemaType| match kind {
        SchemaType::Type(kind) if is_nullable => SchemaType::Array(vec![kind.clone(), Type::Null]),
        kind => kind.clone(),
    };
    match schema {
        RefOr::Ref(mut reference) => {
            if let Some(description) = description {
                reference.description = description;
            }
            if !is_nullable {
                return reference.into();
            }
            let null = ObjectBuilder::new().schema_type(Type::Null);
            Schema::OneOf(OneOfBuilder::new().item(reference).item(null).build()).into()
        }
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = kind(&object.schema_type);
            object.description = description;
            Schema::Object(object).into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = kind(&array.schema_type);
            array.description = description;
            Schema::Array(array).into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use utoipa::PartialSchema;

    use crate::base::http::body::{BodyMedia, FromBody};
    use crate::base::http::fields::read_body;
    use crate::base::http::value_reader::{integer, line};

    #[derive(Clone, Default, PartialEq)]
    struct Shelf {
        label: String,
        note: Option<String>,
        size: ShelfSize,
        books: String,
    }

    #[derive(Clone, Default, PartialEq)]
    struct ShelfSize {
        width: i64,
    }

    body_type! {
        /// A change of a shelf.
        struct ShelfPatch of Shelf {
            /// What it is called.
            label: String = change(line(10)),
            /// What else is to be said.
            note: String = patch(line(20)),
            /// How wide it is.
            width: i64 = change(integer(1, 9)) of size,
            /// What is on it, kept in another form.
            books: String = change_elsewhere(line(30)),
        }
    }

    body_type! {
        /// A shelf to be put up.
        struct NewShelf [check(|fields| needs_note(fields, label.as_deref(), note.as_deref()))] {
            /// What it is called.
            label: String = required(line(10)),
            /// What else is to be said.
            note: String = optional(line(20)),
            /// How wide it is.
            width: i64 = defaulted(integer(1, 9)) or 3,
        }
    }

    fn needs_note(
        fields: &mut crate::base::http::fields::Fields<'_>,
        label: Option<&str>,
        note: Option<&str>,
    ) -> Option<()> {
        if label == Some("odd") && note.is_none() {
            return fields.at().child("note").fail(crate::base::error::FieldCode::Required);
        }
        Some(())
    }

    fn shelf() -> Shelf {
        Shelf {
            label: "A".to_owned(),
            note: Some("old".to_owned()),
            size: ShelfSize { width: 2 },
            books: "{}".to_owned(),
        }
    }

    #[test]
    fn a_change_says_what_it_changed_and_leaves_what_it_does_not_name() {
        assert!(matches!(ShelfPatch::MEDIA, BodyMedia::MergePatch));
        for (body, expected, changed) in [
            (json!({}), shelf(), vec![]),
            (json!({"label": "A", "width": 2}), shelf(), vec![]),
            (json!({"note": null}), Shelf { note: None, ..shelf() }, vec!["note"]),
            (
                json!({"clear": ["note"]}),
                Shelf { note: None, ..shelf() },
                vec!["note"],
            ),
            (
                json!({"label": "B", "width": 3, "books": "Contes"}),
                Shelf {
                    label: "B".to_owned(),
                    size: ShelfSize { width: 3 },
                    ..shelf()
                },
                vec!["label", "width"],
            ),
        ] {
            let patch = read_body(body.clone(), ShelfPatch::read).unwrap();
            let (after, names) = patch.apply(&shelf());
            assert!(after == expected, "{body}");
            assert_eq!(names, changed, "{body}");
            assert_eq!(patch.books.is_some(), body.get("books").is_some(), "{body}");
        }
        assert!(read_body(json!({"label": null}), ShelfPatch::read).is_err());
    }

    #[test]
    fn a_new_thing_has_its_defaults_and_is_checked_as_a_whole() {
        let read = |body: Value| read_body(body, NewShelf::read);
        let new = read(json!({"label": "A"})).unwrap();
        assert_eq!((new.label.as_str(), new.note, new.width), ("A", None, 3));
        for (body, pointer) in [
            (json!({}), "/label"),
            (json!({"label": "odd"}), "/note"),
            (json!({"label": "A", "width": 10}), "/width"),
        ] {
            assert_eq!(read(body).err().unwrap().errors()[0].pointer, pointer);
        }
    }

    #[test]
    fn the_contract_says_the_limits_of_the_readers() {
        let schema = serde_json::to_value(NewShelf::schema()).unwrap();
        assert_eq!(schema["required"], json!(["label"]));
        assert_eq!(schema["properties"]["label"]["maxLength"], 10);
        assert_eq!(schema["properties"]["note"]["type"], json!(["string", "null"]));
        assert_eq!(schema["properties"]["width"]["maximum"], 9);
        assert_eq!(schema["properties"]["width"]["description"], "How wide it is.");
    }
}
