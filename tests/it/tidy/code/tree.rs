//! The tree of modules: which there are without the tests, what each defines and imports.

use std::collections::BTreeMap;

use syn::spanned::Spanned;
use syn::{Ident, Item, ItemUse, UseTree, Visibility};

use super::macros::{Kind, Macros, Named};
use super::source::{Source, is_test};

pub type ModuleId = usize;

/// A module, be it a file or not.
pub struct Module<'s> {
    /// Its name from the root of the crate.
    pub path: Vec<String>,
    pub file: &'s str,
    pub root: ModuleId,
    pub parent: Option<ModuleId>,
    pub children: BTreeMap<String, ModuleId>,
    pub definitions: Vec<Definition<'s>>,
    pub imports: Vec<Import>,
    pub items: &'s [Item],
    /// Where the files of its children are.
    folder: String,
}

/// A named thing, in the file in which it is written: a macro that is exported has its name at the crate's root.
pub struct Definition<'s> {
    pub name: String,
    pub file: &'s str,
    pub path: Vec<String>,
}

/// One name that a `use` brings in; `*` for all.
pub struct Import {
    pub name: String,
    pub path: Vec<String>,
    /// Whether others can import it from here.
    pub is_public: bool,
    pub line: usize,
}

pub struct Tree<'s> {
    pub modules: Vec<Module<'s>>,
    /// The root of the library.
    pub lib_root: ModuleId,
    pub macros: Macros,
    sources: BTreeMap<&'s str, &'s Source>,
}

impl<'s> Tree<'s> {
    /// The modules below `lib.rs` and, beside it, `main.rs`.
    pub fn of(sources: &'s [Source]) -> Self {
        let mut tree = Self {
            modules: Vec::new(),
            lib_root: 0,
            macros: Macros::of(sources.iter().map(|source| &source.syntax)),
            sources: sources.iter().map(|source| (source.path.as_str(), source)).collect(),
        };
        for root in ["lib.rs", "main.rs"] {
            if let Some(source) = tree.sources.get(root).copied() {
                tree.add(source, &source.syntax.items, Vec::new(), None, String::new());
            }
        }
        tree
    }

    /// The source of a file.
    pub fn source(&self, file: &str) -> &'s Source {
        self.sources[file]
    }

    fn add(
        &mut self,
        source: &'s Source,
        items: &'s [Item],
        path: Vec<String>,
        parent: Option<ModuleId>,
        folder: String,
    ) -> ModuleId {
        let id = self.modules.len();
        self.modules.push(Module {
            path,
            file: &source.path,
            root: parent.map_or(id, |parent| self.modules[parent].root),
            parent,
            children: BTreeMap::new(),
            definitions: Vec::new(),
            imports: Vec::new(),
            items,
            folder,
        });
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            match item {
                Item::Mod(module) => self.add_child(id, source, module),
                Item::Use(import) => self.modules[id].imports.extend(imports(import)),
                Item::Macro(rules) if rules.ident.is_some() => self.define_macro(id, rules),
                other => {
                    for named in named(other, &self.macros) {
                        self.define(id, id, named.name);
                    }
                }
            }
        }
        id
    }

    fn add_child(&mut self, parent: ModuleId, source: &'s Source, module: &'s syn::ItemMod) {
        let name = module.ident.to_string();
        let above = &self.modules[parent];
        let folder = format!("{}{name}/", above.folder);
        let path = below(&above.path, &module.ident);
        let child = if let Some((_, items)) = &module.content {
            self.add(source, items, path, Some(parent), folder)
        } else {
            let file = format!("{}{name}.rs", above.folder);
            let file = self
                .sources
                .get(file.as_str())
                .or_else(|| self.sources.get(format!("{folder}mod.rs").as_str()));
            let file = *file.unwrap_or_else(|| panic!("{}: mod {name} has no file", source.path));
            self.add(file, &file.syntax.items, path, Some(parent), folder)
        };
        self.modules[parent].children.insert(name, child);
    }

    fn define_macro(&mut self, module: ModuleId, rules: &syn::ItemMacro) {
        let is_exported = rules
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("macro_export"));
        let home = if is_exported { self.modules[module].root } else { module };
        let name = rules.ident.as_ref().unwrap().to_string();
        self.define(home, module, name);
    }

    /// Gives a module a name for what is written in another, mostly itself.
    fn define(&mut self, module: ModuleId, written_in: ModuleId, name: String) {
        let written_in = &self.modules[written_in];
        let definition = Definition {
            path: [written_in.path.as_slice(), std::slice::from_ref(&name)].concat(),
            file: written_in.file,
            name,
        };
        self.modules[module].definitions.push(definition);
    }
}

/// What an item defines.
pub fn named(item: &Item, macros: &Macros) -> Vec<Named> {
    let (ident, kind) = match item {
        Item::Struct(item) => (&item.ident, Kind::Type),
        Item::Enum(item) => (&item.ident, Kind::Type),
        Item::Union(item) => (&item.ident, Kind::Type),
        Item::Trait(item) => (&item.ident, Kind::Type),
        Item::TraitAlias(item) => (&item.ident, Kind::Type),
        Item::Type(item) => (&item.ident, Kind::Type),
        Item::Fn(item) => (&item.sig.ident, Kind::Other),
        Item::Const(item) => (&item.ident, Kind::Other),
        Item::Static(item) => (&item.ident, Kind::Other),
        Item::Macro(item) if item.ident.is_none() => return macros.defined_by(item),
        _ => return Vec::new(),
    };
    vec![Named {
        name: ident.to_string(),
        kind,
    }]
}

/// The attributes of an item.
pub fn attributes(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// A `use`, name by name.
pub fn imports(item: &ItemUse) -> Vec<Import> {
    let mut found = Vec::new();
    if item.leading_colon.is_none() {
        let is_public = !matches!(item.vis, Visibility::Inherited);
        spread(&item.tree, &[], is_public, &mut found);
    }
    found
}

fn spread(tree: &UseTree, above: &[String], is_public: bool, found: &mut Vec<Import>) {
    let mut import = |word: Option<&Ident>, name: &str| {
        let path = word.map_or_else(|| above.to_vec(), |word| below(above, word));
        let line = tree.span().start().line;
        let name = name.to_owned();
        found.push(Import {
            name,
            path,
            is_public,
            line,
        });
    };
    match tree {
        UseTree::Path(path) => spread(&path.tree, &below(above, &path.ident), is_public, found),
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|tree| spread(tree, above, is_public, found)),
        UseTree::Name(name) if name.ident == "self" => import(None, above.last().unwrap()),
        UseTree::Name(name) => import(Some(&name.ident), &name.ident.to_string()),
        UseTree::Rename(rename) if rename.ident == "self" => import(None, &rename.rename.to_string()),
        UseTree::Rename(rename) => import(Some(&rename.ident), &rename.rename.to_string()),
        UseTree::Glob(_) => import(None, "*"),
    }
}

fn below(above: &[String], word: &Ident) -> Vec<String> {
    [above, &[word.to_string()]].concat()
}
