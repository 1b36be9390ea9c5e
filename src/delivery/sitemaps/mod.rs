//! Sitemaps (sitemaps.org, 0.9): what search engines may show, and where it is.
//!
//! `/sitemap.xml` is the index. It names a file of home pages and sections, and files of articles: one for each month
//! of publication, in parts where a month has many. A month's file keeps its address; what is published later does not
//! touch the files of older months. `/sitemap-news.xml` has the last two days, for Google News. Retracted articles, and
//! those with `seo.no_index`, are in no file.
//!
//! Files of articles are sent while they are read, [`endpoints::ADDRESSES_PER_READ`] addresses at a time and each time
//! in a new snapshot, so that a long file holds neither memory nor a connection. [`model`] knows the names,
//! [`mod@write`] the XML; [`robots`] says what robots may fetch.

pub mod endpoints;
mod model;
pub mod robots;
mod write;
