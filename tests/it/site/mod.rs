//! What frames every article.

mod ads;
mod contributors;
mod menus;
mod redirects;
mod sections;
mod settings;
mod tags;
