//! Where a path leads: through modules, imports and re-exports to what it names.

use super::tree::{ModuleId, Tree};

/// The crate as the binary beside it calls it.
const CRATE: &str = "masthead";

/// What a name can stand for.
#[derive(Clone, Debug, PartialEq)]
pub enum Thing<'s> {
    Module(ModuleId),
    Item { file: &'s str, path: Vec<String> },
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq)]
pub enum End<'s> {
    /// To a name of the crate; a module and a function may share one.
    Things(Vec<Thing<'s>>),
    /// Into another crate, or to what has its name in a function only.
    Outside,
    /// Into a module of the crate that knows no such name.
    Nowhere,
}

/// A name that a `use` within a function brings in, and where it leads.
pub type Local<'s> = (String, End<'s>);

/// From where a path is looked at.
#[derive(Clone, Copy)]
pub struct Scope<'a, 's> {
    pub tree: &'a Tree<'s>,
    pub module: ModuleId,
    pub locals: &'a [Local<'s>],
}

impl<'s> Scope<'_, 's> {
    /// Where a path leads from here.
    pub fn end_of(self, path: &[String]) -> End<'s> {
        let Some((first, rest)) = path.split_first() else {
            return End::Outside;
        };
        if let Some((_, end)) = self.locals.iter().rev().find(|(name, _)| name == first) {
            return self.tree.follow(end.clone(), rest, &mut Vec::new());
        }
        self.tree.end_of(self.module, path, &mut Vec::new())
    }
}

/// The imports that are being followed, each by its module and its number there: they may lead in a circle, and
/// `use fold::fold` is not what its own first word means.
type Seen = Vec<(ModuleId, usize)>;

impl<'s> Tree<'s> {
    fn end_of(&self, module: ModuleId, path: &[String], seen: &mut Seen) -> End<'s> {
        let Some((first, rest)) = path.split_first() else {
            return End::Outside;
        };
        let here = &self.modules[module];
        let start = match first.as_str() {
            "crate" => End::Things(vec![Thing::Module(here.root)]),
            CRATE => End::Things(vec![Thing::Module(self.library)]),
            "self" => End::Things(vec![Thing::Module(module)]),
            "super" => match here.parent {
                Some(parent) => End::Things(vec![Thing::Module(parent)]),
                None => End::Nowhere,
            },
            name => match self.named(module, name, seen) {
                End::Nowhere => End::Outside,
                end => end,
            },
        };
        self.follow(start, rest, seen)
    }

    /// Goes on from where a path has led so far.
    fn follow(&self, start: End<'s>, rest: &[String], seen: &mut Seen) -> End<'s> {
        let Some((next, further)) = rest.split_first() else {
            return start;
        };
        let End::Things(things) = start else { return start };
        let module = things.iter().find_map(|thing| match thing {
            Thing::Module(module) => Some(*module),
            Thing::Item { .. } => None,
        });
        // What stands within an item (a variant, a constant of a type) is in the item's file.
        let items: Vec<_> = things
            .into_iter()
            .filter(|thing| !matches!(thing, Thing::Module(_)))
            .collect();
        let Some(module) = module else {
            return End::Things(items);
        };
        let end = match (next.as_str(), self.modules[module].parent) {
            ("super", Some(parent)) => End::Things(vec![Thing::Module(parent)]),
            ("self", _) => End::Things(vec![Thing::Module(module)]),
            (name, _) => self.named(module, name, seen),
        };
        match self.follow(end, further, seen) {
            End::Nowhere if !items.is_empty() => End::Things(items),
            end => end,
        }
    }

    /// All that a name stands for in a module.
    fn named(&self, module: ModuleId, name: &str, seen: &mut Seen) -> End<'s> {
        let here = &self.modules[module];
        let mut things: Vec<_> = here
            .children
            .get(name)
            .map(|child| Thing::Module(*child))
            .into_iter()
            .collect();
        things.extend(
            here.definitions
                .iter()
                .filter(|definition| definition.name == name)
                .map(|definition| Thing::Item {
                    file: definition.file,
                    path: definition.path.clone(),
                }),
        );
        let mut is_foreign = false;
        for (number, import) in here.imports.iter().enumerate() {
            if import.name != name || seen.contains(&(module, number)) {
                continue;
            }
            seen.push((module, number));
            match self.end_of(module, &import.path, seen) {
                End::Things(more) => things.extend(more),
                End::Outside => is_foreign = true,
                End::Nowhere => {}
            }
            seen.pop();
        }
        match (things.is_empty(), is_foreign) {
            (false, _) => End::Things(things),
            (true, true) => End::Outside,
            (true, false) => End::Nowhere,
        }
    }
}
