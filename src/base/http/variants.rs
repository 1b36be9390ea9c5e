//! The OpenAPI schema of variants that differ by the word in one of their members. By hand, since utoipa derives a
//! discriminator for untagged enums only.

use utoipa::openapi::schema::{Discriminator, Object, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};

/// One of these: the word in `member` and the name of the schema that goes with it.
pub fn one_of_by(member: &str, kinds: &[(&str, &str)], description: &str) -> RefOr<Schema> {
    let reference = |name: &str| Ref::from_schema_name(name);
    let mapping = kinds.iter().map(|(kind, name)| (*kind, reference(name).ref_location));
    let one_of = OneOfBuilder::new()
        .description(Some(description))
        .discriminator(Some(Discriminator::with_mapping(member, mapping)));
    kinds
        .iter()
        .fold(one_of, |one_of, (_, name)| one_of.item(reference(name)))
        .into()
}

/// A member that always holds this word.
pub fn fixed_word(word: &str) -> Object {
    let object = ObjectBuilder::new().schema_type(Type::String);
    object.enum_values(Some([word])).build()
}

/// The members' schema with the word in `member` beside them.
pub fn with_word(members: RefOr<Schema>, member: &str, word: &str) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut object)) = members else {
        return members;
    };
    object.properties.insert(member.to_owned(), fixed_word(word).into());
    object.required.insert(0, member.to_owned());
    RefOr::T(Schema::Object(object))
}
