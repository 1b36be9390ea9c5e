//! What an article is and what it was.

mod revisions;
