//! The OpenAPI schema of variants that differ by their `type`. By hand, since utoipa derives a discriminator for
//! untagged enums only.

use utoipa::openapi::schema::{Discriminator, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};

/// One of these: the value of `type` and the name of the schema that goes with it.
pub fn one_of_by_type(kinds: &[(&str, &str)]) -> RefOr<Schema> {
    let reference = |name: &str| Ref::from_schema_name(name);
    let mapping = kinds.iter().map(|(kind, name)| (*kind, reference(name).ref_location));
    let one_of = OneOfBuilder::new()
        .description(Some("One block of a body; `type` says which."))
        .discriminator(Some(Discriminator::with_mapping("type", mapping)));
    kinds
        .iter()
        .fold(one_of, |one_of, (_, name)| one_of.item(reference(name)))
        .into()
}

/// The members' schema with the `type` beside them.
pub fn typed(members: RefOr<Schema>, kind: &str) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut object)) = members else {
        return members;
    };
    let kind = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([kind]));
    object.properties.insert("type".to_owned(), kind.into());
    object.required.insert(0, "type".to_owned());
    RefOr::T(Schema::Object(object))
}
