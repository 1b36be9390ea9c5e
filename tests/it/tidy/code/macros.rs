//! What the macros of the house define, as far as their names go.
//!
//! A macro is not expanded. `struct Word` in its body defines `Word` wherever it is called. A call's own `struct Word`
//! or `static NAME` is a definition too; where it has none, `struct $name` in the macro defines what the call begins
//! with, as in `id_type! { TagId }`.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{File, Item, ItemMacro};

/// What the body of a macro defines.
#[derive(Default)]
struct Body {
    /// Names that stand in the body.
    names: Vec<Named>,
    /// What kind of thing the first word of a call becomes.
    first_word: Option<Kind>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Type,
    Other,
}

/// A name and what it is the name of.
#[derive(Clone)]
pub struct Named {
    pub name: String,
    pub kind: Kind,
}

/// Every macro of the crate by its name.
pub struct Macros(BTreeMap<String, Body>);

impl Macros {
    pub fn of<'f>(files: impl Iterator<Item = &'f File>) -> Self {
        let mut macros = BTreeMap::<String, Body>::new();
        // Of other crates': a table is a module, named by the call's first word.
        macros.entry("table".to_owned()).or_default().first_word = Some(Kind::Other);
        for item in files.flat_map(|file| &file.items) {
            if let Item::Macro(ItemMacro {
                ident: Some(name), mac, ..
            }) = item
            {
                let body = macros.entry(name.to_string()).or_default();
                for transcriber in transcribers(mac.tokens.clone()) {
                    body.add(&flat(transcriber));
                }
            }
        }
        Self(macros)
    }

    /// What a call at the level of items defines.
    pub fn defined_by(&self, call: &ItemMacro) -> Vec<Named> {
        let tokens: Vec<_> = call.mac.tokens.clone().into_iter().collect();
        let mut own = Body::default();
        own.add(&tokens);
        let says_itself = !own.names.is_empty();
        let mut names = own.names;
        let macro_name = call.mac.path.segments.last().map(|segment| segment.ident.to_string());
        if let Some(body) = macro_name.and_then(|name| self.0.get(&name)) {
            names.extend(body.names.iter().cloned());
            names.extend(body.first_word.filter(|_| !says_itself).and_then(|kind| {
                let word = tokens.iter().find_map(ident)?;
                Some(Named {
                    name: word.to_string(),
                    kind,
                })
            }));
        }
        names
    }
}

impl Body {
    fn add(&mut self, tokens: &[TokenTree]) {
        for (at, token) in tokens.iter().enumerate() {
            let Some(kind) = ident(token).and_then(kind_of) else {
                continue;
            };
            match (tokens.get(at + 1), tokens.get(at + 2)) {
                (Some(TokenTree::Ident(name)), _) if kind_of(name).is_none() => self.names.push(Named {
                    name: name.to_string(),
                    kind,
                }),
                (Some(dollar), Some(TokenTree::Ident(_))) if is(dollar, '$') => self.first_word = Some(kind),
                _ => {}
            }
        }
    }
}

fn kind_of(keyword: &Ident) -> Option<Kind> {
    match keyword.to_string().as_str() {
        "struct" | "enum" | "union" | "trait" | "type" => Some(Kind::Type),
        "fn" | "const" | "static" | "mod" => Some(Kind::Other),
        _ => None,
    }
}

/// What stands to the right of each `=>`.
fn transcribers(rules: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<_> = rules.into_iter().collect();
    let is_arrow = |at: usize| at >= 2 && is(&tokens[at - 2], '=') && is(&tokens[at - 1], '>');
    let groups = tokens.iter().enumerate().filter_map(|(at, token)| match token {
        TokenTree::Group(group) if is_arrow(at) => Some(group.stream()),
        _ => None,
    });
    groups.collect()
}

/// The tokens with repetitions, `$( … )*`, laid open.
fn flat(tokens: TokenStream) -> Vec<TokenTree> {
    let mut found: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if found.last().is_some_and(|last| is(last, '$')) => {
                found.pop();
                found.extend(flat(group.stream()));
            }
            other => found.push(other),
        }
    }
    found
}

fn ident(token: &TokenTree) -> Option<&Ident> {
    match token {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    }
}

fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
