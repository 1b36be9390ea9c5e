//! The names of types: structs, enums, traits, aliases, also those that macros or functions define.

use syn::Item;
use syn::visit::{self, Visit};

use super::macros::Kind;
use super::source::is_test;
use super::tree::{self, Tree};

/// A type's name, and the module in which it is defined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeName {
    pub name: String,
    pub module: String,
}

/// Every type of a crate.
pub fn types_of(tree: &Tree) -> Vec<TypeName> {
    let mut found = Vec::new();
    for module in &tree.modules {
        let mut finder = Finder {
            tree,
            module: module.path.join("::"),
            found: &mut found,
        };
        for item in module.items.iter().filter(|item| !matches!(item, Item::Mod(_))) {
            finder.visit_item(item);
        }
    }
    found.sort();
    found
}

struct Finder<'a, 's> {
    tree: &'a Tree<'s>,
    module: String,
    found: &'a mut Vec<TypeName>,
}

impl<'ast> Visit<'ast> for Finder<'_, '_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test(tree::attributes(item)) {
            return;
        }
        for named in tree::named(item, &self.tree.macros) {
            if named.kind == Kind::Type {
                self.found.push(TypeName {
                    name: named.name,
                    module: self.module.clone(),
                });
            }
        }
        visit::visit_item(self, item);
    }
}
