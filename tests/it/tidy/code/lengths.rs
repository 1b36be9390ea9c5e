//! How long files and functions are, without tests.
//!
//! A line of code is one that is neither blank nor all comment. A function's length goes from its signature to its last
//! brace: attributes, in which the contract stands, and documentation are not counted.

use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Item, Signature};

use super::source::{Source, is_test};
use super::tree::attributes;

/// What is in a file, its tests left out.
pub struct FileFacts {
    pub path: String,
    pub code_lines: usize,
    pub doc_lines: usize,
    pub comment_lines: usize,
    pub error_sections: usize,
    pub functions: Vec<Function>,
    /// Whether it answers requests: one of its functions has a route.
    pub is_endpoint: bool,
}

pub struct Function {
    pub name: String,
    pub line: usize,
    pub code_lines: usize,
}

enum Line {
    Blank,
    Code,
    Comment,
    Doc,
}

/// Measures a file.
pub fn measure(source: &Source) -> FileFacts {
    let mut finder = Finder::default();
    finder.visit_file(&source.syntax);
    let lines: Vec<(usize, &str)> = source
        .text
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim()))
        .filter(|(at, _)| !finder.test_lines.contains(at))
        .collect();
    let count = |is: fn(&Line) -> bool| lines.iter().filter(|(_, line)| is(&kind(line))).count();
    let code: BTreeSet<usize> = lines
        .iter()
        .filter(|(_, line)| matches!(kind(line), Line::Code))
        .map(|(at, _)| *at)
        .collect();
    let functions = finder.functions.into_iter().map(|(name, from, to)| Function {
        name,
        line: from,
        code_lines: code.range(from..=to).count(),
    });
    FileFacts {
        path: source.path.clone(),
        code_lines: code.len(),
        doc_lines: count(|line| matches!(line, Line::Doc)),
        comment_lines: count(|line| matches!(line, Line::Comment)),
        error_sections: lines.iter().filter(|(_, line)| *line == "/// # Errors").count(),
        functions: functions.collect(),
        is_endpoint: finder.is_endpoint,
    }
}

/// The lines of code of a text whose tests count.
pub fn code_lines(text: &str) -> usize {
    text.lines()
        .filter(|line| matches!(kind(line.trim()), Line::Code))
        .count()
}

fn kind(line: &str) -> Line {
    match line {
        "" => Line::Blank,
        _ if line.starts_with("///") || line.starts_with("//!") => Line::Doc,
        _ if line.starts_with("//") => Line::Comment,
        _ => Line::Code,
    }
}

#[derive(Default)]
struct Finder {
    test_lines: BTreeSet<usize>,
    functions: Vec<(String, usize, usize)>,
    is_endpoint: bool,
}

impl Finder {
    fn function(&mut self, signature: &Signature, block: &Block) {
        let (from, to) = (signature.span().start().line, block.span().end().line);
        self.functions.push((signature.ident.to_string(), from, to));
    }

    fn leave_out(&mut self, span: Span) {
        self.test_lines.extend(span.start().line..=span.end().line);
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test(attributes(item)) {
            self.leave_out(item.span());
        } else {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        const ROUTES: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "route"];
        let is_route = |attribute: &syn::Attribute| ROUTES.iter().any(|route| attribute.path().is_ident(route));
        self.is_endpoint |= function.attrs.iter().any(is_route);
        self.function(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if is_test(&function.attrs) {
            return self.leave_out(function.span());
        }
        self.function(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.function(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
