//! The paths in a macro's tokens, which nobody has parsed.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A path as it stands in tokens.
#[derive(Debug, PartialEq)]
pub struct TokenPath {
    pub segments: Vec<String>,
    pub line: usize,
    /// Whether it goes on with what is known only when the macro is expanded, or with a list.
    pub is_open: bool,
}

/// Every path of two segments or more, in groups too.
pub fn paths_in(tokens: TokenStream) -> Vec<TokenPath> {
    let mut reader = Reader {
        tokens: tokens.into_iter().collect(),
        at: 0,
    };
    let mut found = Vec::new();
    while let Some(token) = reader.tokens.get(reader.at).cloned() {
        reader.at += 1;
        match token {
            TokenTree::Group(group) => found.extend(paths_in(group.stream())),
            // The name of a member, or of what another crate's root holds.
            TokenTree::Punct(punct) if punct.as_char() == '.' => reader.skip_path(),
            TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint => {
                reader.at += 1;
                reader.skip_path();
            }
            TokenTree::Punct(punct) if punct.as_char() == '$' && !reader.stands_before("crate") => reader.skip_path(),
            TokenTree::Ident(ident) => {
                let line = ident.span().start().line;
                let mut path = TokenPath {
                    segments: vec![ident.to_string()],
                    line,
                    is_open: false,
                };
                reader.read_rest(&mut path);
                if path.segments.len() > 1 || path.is_open {
                    found.push(path);
                }
            }
            _ => {}
        }
    }
    found
}

struct Reader {
    tokens: Vec<TokenTree>,
    at: usize,
}

impl Reader {
    fn read_rest(&mut self, path: &mut TokenPath) {
        while self.stands_before_colons() {
            match self.tokens.get(self.at + 2) {
                Some(TokenTree::Ident(ident)) => {
                    path.segments.push(ident.to_string());
                    self.at += 3;
                }
                Some(TokenTree::Punct(punct)) => {
                    path.is_open = matches!(punct.as_char(), '$' | '*');
                    self.at += 2;
                    return;
                }
                Some(TokenTree::Group(group)) => {
                    path.is_open = group.delimiter() == Delimiter::Brace;
                    self.at += 2;
                    return;
                }
                _ => return,
            }
        }
    }

    fn skip_path(&mut self) {
        if let Some(TokenTree::Ident(ident)) = self.tokens.get(self.at) {
            let mut path = TokenPath {
                segments: vec![ident.to_string()],
                line: 0,
                is_open: false,
            };
            self.at += 1;
            self.read_rest(&mut path);
        }
    }

    fn stands_before(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(TokenTree::Ident(ident)) if ident == word)
    }

    fn stands_before_colons(&self) -> bool {
        let colon = |at: usize, spacing: Option<Spacing>| {
            matches!(self.tokens.get(at), Some(TokenTree::Punct(punct))
                if punct.as_char() == ':' && spacing.is_none_or(|spacing| spacing == punct.spacing()))
        };
        colon(self.at, Some(Spacing::Joint)) && colon(self.at + 1, None)
    }
}
