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

/// The imports that are being followed, each by its module and its number there: they may lead in a circle, and
/// `use fold::fold` is not what its own first word means.
type Seen = Vec<(ModuleId, usize)>;

impl<'s> Tree<'s> {
    /// Where a path leads from within a module, where these names are known besides its own.
    pub fn end_of(&self, module: ModuleId, locals: &[Local<'s>], path: &[String]) -> End<'s> {
        let Some((first, rest)) = path.split_first() else {
            return End::Outside;
        };
        let seen = &mut Vec::new();
        match locals.iter().rev().find(|(name, _)| name == first) {
            Some((_, end)) => self.follow(end.clone(), rest, seen),
            None => self.follow(self.start(module, first, seen), rest, seen),
        }
    }

    /// Where the first word of a path leads.
    fn start(&self, module: ModuleId, word: &str, seen: &mut Seen) -> End<'s> {
        let here = &self.modules[module];
        match word {
            "crate" => to_module(here.root),
            CRATE => to_module(self.lib_root),
            "self" => to_module(module),
            "super" => here.parent.map_or(End::Nowhere, to_module),
            name => match self.named(module, name, seen) {
                End::Nowhere => End::Outside,
                end => end,
            },
        }
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
        let end = match next.as_str() {
            "super" => self.modules[module].parent.map_or(End::Nowhere, to_module),
            name => self.named(module, name, seen),
        };
        match self.follow(end, further, seen) {
            End::Nowhere if !items.is_empty() => End::Things(items),
            end => end,
        }
    }

    /// All that a name stands for in a module.
    fn named(&self, module: ModuleId, name: &str, seen: &mut Seen) -> End<'s> {
        let here = &self.modules[module];
        let child = here.children.get(name).map(|child| Thing::Module(*child));
        let definitions = here.definitions.iter().filter(|definition| definition.name == name);
        let items = definitions.map(|definition| Thing::Item {
            file: definition.file,
            path: definition.path.clone(),
        });
        let mut things: Vec<_> = child.into_iter().chain(items).collect();
        let mut is_foreign = false;
        for (number, import) in here.imports.iter().enumerate() {
            if import.name != name || seen.contains(&(module, number)) {
                continue;
            }
            seen.push((module, number));
            let (first, rest) = import.path.split_first().unwrap();
            match self.follow(self.start(module, first, seen), rest, seen) {
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

fn to_module<'s>(module: ModuleId) -> End<'s> {
    End::Things(vec![Thing::Module(module)])
}
