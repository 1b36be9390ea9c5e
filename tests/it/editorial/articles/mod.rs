//! Articles at the desk.

mod blocks;
mod changes;
mod desk_list;
mod drafts;
mod finding;
mod markup;
mod merging;
mod repetitions;
mod rights;
mod text_hygiene;
mod trash;
mod validation;
