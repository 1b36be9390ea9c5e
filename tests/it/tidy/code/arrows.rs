//! The arrows: which file names what is defined in which other.
//!
//! A `use` and a path in code are arrows to the file that defines what they name. A `mod x;` is none, nor is a
//! `pub use` of what lies below the module: whoever imports it from there has the arrow. Calls by dot are not seen.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Item, Meta, Stmt};

use super::resolve::{End, Local, Thing};
use super::source::is_test;
use super::tokens::paths_in;
use super::tree::{self, Import, ModuleId, Tree};

/// One file names a thing of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    pub from: String,
    pub to: String,
    /// What is named, from the crate's root.
    pub item: String,
    pub line: usize,
    /// Whether it is in a function that mounts routes.
    pub is_mount: bool,
}

/// All that the paths of a crate say.
#[derive(Default)]
pub struct Paths {
    pub arrows: Vec<Arrow>,
    /// Paths into the crate that lead to nothing this program knows.
    pub nowhere: Vec<String>,
    /// Imports of everything that a module of the crate has.
    pub globs: Vec<String>,
}

/// Reads every path of a crate.
pub fn paths_of(tree: &Tree) -> Paths {
    let mut paths = Paths::default();
    for (module, facts) in tree.modules.iter().enumerate() {
        let mut walker = Walker {
            tree,
            module,
            locals: Vec::new(),
            is_mount: false,
            in_rules: false,
            paths: &mut paths,
        };
        for item in facts.items {
            // A module within the file is one of the tree's own.
            if !matches!(item, Item::Mod(_)) {
                walker.visit_item(item);
            }
        }
    }
    paths.arrows = first_of_each(paths.arrows);
    paths
}

/// A file that names a thing ten times has one arrow to it, from the first place that is more than a mount.
fn first_of_each(mut arrows: Vec<Arrow>) -> Vec<Arrow> {
    arrows.sort_by_key(|arrow| (arrow.is_mount, arrow.line));
    let mut seen = BTreeSet::new();
    arrows.retain(|arrow| seen.insert((arrow.from.clone(), arrow.item.clone())));
    arrows.sort();
    arrows
}

struct Walker<'a, 's> {
    tree: &'a Tree<'s>,
    module: ModuleId,
    /// What the blocks around the place have imported.
    locals: Vec<Local<'s>>,
    /// Whether the place is where routes are mounted.
    is_mount: bool,
    /// Whether the place is in the rules of a macro.
    in_rules: bool,
    paths: &'a mut Paths,
}

impl<'s> Walker<'_, 's> {
    fn end_of(&self, path: &[String]) -> End<'s> {
        self.tree.end_of(self.module, &self.locals, path)
    }

    fn import(&mut self, import: &Import) {
        let end = self.end_of(&import.path);
        if import.name == "*" {
            if end != End::Outside {
                let place = self.place(&import.path, import.line);
                self.paths.globs.push(format!("{place}::*"));
            }
        } else if !(import.is_public && self.leads_below(&end)) {
            self.arrow(&import.path, end, import.line);
        }
    }

    /// Whether all of it is defined below this module.
    fn leads_below(&self, end: &End) -> bool {
        let here = &self.tree.modules[self.module].path;
        let is_below = |thing: &Thing| match thing {
            Thing::Module(_) => true,
            Thing::Item { path, .. } => path.starts_with(here),
        };
        matches!(end, End::Things(things) if things.iter().all(is_below))
    }

    fn arrow(&mut self, path: &[String], end: End<'s>, line: usize) {
        match end {
            End::Outside => {}
            End::Nowhere => {
                let place = self.place(path, line);
                self.paths.nowhere.push(place);
            }
            End::Things(things) => {
                for thing in things {
                    if let Thing::Item { file, path } = thing {
                        self.arrow_to(file, path.join("::"), line);
                    }
                }
            }
        }
    }

    fn arrow_to(&mut self, file: &str, item: String, line: usize) {
        let from = self.file();
        if from != file {
            let is_mount = self.is_mount;
            self.paths.arrows.push(Arrow {
                from: from.to_owned(),
                to: file.to_owned(),
                item,
                line,
                is_mount,
            });
        }
    }

    fn file(&self) -> &'s str {
        self.tree.modules[self.module].file
    }

    fn place(&self, path: &[String], line: usize) -> String {
        format!("src/{}:{line}: {}", self.file(), path.join("::"))
    }

    fn tokens(&mut self, tokens: &TokenStream) {
        for path in paths_in(tokens.clone()) {
            // In the rules of a macro these are meant from where it is called.
            if self.in_rules && ["self", "super"].contains(&path.segments[0].as_str()) {
                continue;
            }
            let end = self.end_of(&path.segments);
            if path.is_open {
                self.arrow_into(&end, path.line);
            }
            self.arrow(&path.segments, end, path.line);
        }
    }

    /// An arrow to the file of a module of which something is named.
    fn arrow_into(&mut self, end: &End, line: usize) {
        let End::Things(things) = end else { return };
        for thing in things {
            if let Thing::Module(module) = thing {
                let module = &self.tree.modules[*module];
                let item = [module.path.as_slice(), &["…".to_owned()]].concat();
                self.arrow_to(module.file, item.join("::"), line);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Walker<'_, '_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test(tree::attributes(item)) {
            return;
        }
        let (was_mount, was_in_rules) = (self.is_mount, self.in_rules);
        match item {
            Item::Fn(function) => self.is_mount |= function.sig.ident == "routes",
            Item::Macro(rules) => self.in_rules = rules.ident.is_some(),
            _ => {}
        }
        visit::visit_item(self, item);
        (self.is_mount, self.in_rules) = (was_mount, was_in_rules);
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Fn(item) => &item.attrs,
            syn::ImplItem::Const(item) => &item.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        for import in tree::imports(item) {
            self.import(&import);
        }
    }

    fn visit_block(&mut self, block: &'ast Block) {
        let outer = self.locals.len();
        for statement in &block.stmts {
            if let Stmt::Item(Item::Use(item)) = statement {
                for import in tree::imports(item) {
                    let end = self.end_of(&import.path);
                    self.locals.push((import.name, end));
                }
            }
        }
        visit::visit_block(self, block);
        self.locals.truncate(outer);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        // A single word is a name of this file, or one whose import has the arrow: but for what is re-exported.
        let is_reexported = || {
            let imports = &self.tree.modules[self.module].imports;
            imports
                .iter()
                .any(|import| import.is_public && import.name == segments[0])
        };
        if path.leading_colon.is_none() && (segments.len() > 1 || is_reexported()) {
            let line = path.segments[0].ident.span().start().line;
            let end = self.end_of(&segments);
            self.arrow(&segments, end, line);
        }
        visit::visit_path(self, path);
    }

    /// `pub(in crate::x)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.tokens(&list.tokens);
        }
        visit::visit_attribute(self, attribute);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(&call.tokens);
    }
}
