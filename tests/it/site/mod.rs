//! What frames every article.

mod contributors;
mod redirects;
mod sections;
mod settings;
mod tags;
