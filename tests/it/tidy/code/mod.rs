//! What a crate's source says, without compiling it: which file names what of which other, how long files and
//! functions are, what types are called. Tests are left out.
//!
//! - [`source`]: the files. [`tree`]: their modules, what they define and import; [`macros`]: what macros define.
//! - [`resolve`]: where a path leads. [`tokens`]: the paths in macros. [`arrows`]: all of them.
//! - [`circles`]: what leads back to itself. [`lengths`], [`names`]: what else there is to know.

pub mod arrows;
pub mod circles;
pub mod lengths;
mod macros;
pub mod names;
mod resolve;
pub mod source;
#[cfg(test)]
mod tests;
mod tokens;
mod tree;

use std::collections::BTreeSet;
use std::path::Path;

use arrows::{Arrow, Paths};
use lengths::FileFacts;
use names::TypeName;
use source::Source;
use tree::Tree;

/// What there is to know of a crate.
pub struct Survey {
    pub files: Vec<FileFacts>,
    pub arrows: Vec<Arrow>,
    pub nowhere: Vec<String>,
    pub globs: Vec<String>,
    pub types: Vec<TypeName>,
}

impl Survey {
    /// The arrows from file to file.
    pub fn pairs(&self) -> BTreeSet<(&str, &str)> {
        let arrows = self.arrows.iter();
        arrows.map(|arrow| (arrow.from.as_str(), arrow.to.as_str())).collect()
    }
}

/// Reads the crate whose `lib.rs` is in this folder.
pub fn survey(folder: &Path) -> Survey {
    survey_of(&source::read(folder))
}

#[cfg(test)]
pub fn survey_of_texts(files: &[(&str, &str)]) -> Survey {
    let sources: Vec<_> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
    survey_of(&sources)
}

fn survey_of(sources: &[Source]) -> Survey {
    let tree = Tree::of(sources);
    let Paths { arrows, nowhere, globs } = arrows::paths_of(&tree);
    // What only tests lead to is no module of the tree.
    let files: BTreeSet<&str> = tree.modules.iter().map(|module| module.file).collect();
    Survey {
        files: files
            .into_iter()
            .map(|file| lengths::measure(tree.source(file)))
            .collect(),
        arrows,
        nowhere,
        globs,
        types: names::types_of(&tree),
    }
}
