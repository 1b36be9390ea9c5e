//! Pages as readers get them, as types: their JSON is composed of pressed text, and these say its shape in the document.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::head::PageHead;
use crate::articles::model::ArticleState;
use crate::base::http::page::PageInfo;
use crate::base::http::variants;
use crate::base::key::Key;
use crate::comments::captcha::CaptchaKind;
use crate::delivery::public_article::PublicArticle;
use crate::delivery::public_contributor::PublicContributor;
use crate::delivery::public_section::PublicSection;
use crate::delivery::public_site::PublicSite;
use crate::delivery::public_tag::PublicTag;
use crate::delivery::search::views::FoundArticle;
use crate::published::ListedArticle;
use crate::published::pressed::CardTag;
use crate::site::page_lists::PageListSource;
use crate::site::sections::model::SectionRef;

/// Declares a kind of page: what every page has, and what is its own.
macro_rules! page_type {
    ($(#[$meta:meta])* $name:ident $kind:literal { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Serialize, ToSchema)]
        pub struct $name {
            /// What kind of page it is.
            #[schema(schema_with = $name::kind)]
            pub kind: String,
            /// What is the same on every page in its language; null with `frame=none`.
            pub site: Option<PublicSite>,
            /// Changes when `site` changes: for clients that keep it.
            #[schema(max_length = 32)]
            pub frame_version: String,
            /// What stands in the page's HTML head.
            pub head: PageHead,
            /// Breaking news at this moment, the newest first.
            #[schema(max_items = 20)]
            pub breaking: Vec<ListedArticle>,
            /// The lists of the page, as the site's settings say. No article stands twice on a page, in these lists and in its
            /// own, unless a list's setting allows it.
            #[schema(max_items = 600)]
            pub lists: Vec<ShownPageList>,
            $($own)*
        }

        impl $name {
            fn kind() -> Object {
                variants::fixed_word($kind)
            }
        }
    };
}

page_type! {
    /// Everything that the home page shows.
    HomePage "home" {
        /// The latest of the whole site. The list goes on at `next_url`.
        pub articles: PagedArticleList,
    }
}

page_type! {
    /// Everything that an article's page shows.
    ArticlePage "article" {
        /// The article, with what comes beside it.
        pub article: PublicArticle,
        /// How the readers who comment prove that they are human; what a form needs beside comes from `/v1/captcha`.
        pub captcha: PageCaptcha,
        /// Whether it is a preview: the article as it would be live.
        pub is_preview: bool,
        /// With a preview: the article's state; else null.
        pub state: Option<ArticleState>,
    }
}

page_type! {
    /// Everything that a section's page shows.
    SectionPage "section" {
        /// The section with its breadcrumb.
        pub section: PublicSection,
        /// The sections right below it.
        #[schema(max_items = 2000)]
        pub subsections: Vec<PublicSection>,
        /// The latest of the section and those below it.
        pub articles: PagedArticleList,
        /// The month whose archive it is, and those around it.
        pub archive: PageArchive,
    }
}

page_type! {
    /// Everything that a tag's page shows.
    TagPage "tag" {
        /// The tag.
        pub tag: PublicTag,
        /// The latest with the tag.
        pub articles: PagedArticleList,
        /// The month whose archive it is, and those around it.
        pub archive: PageArchive,
    }
}

page_type! {
    /// Everything that a contributor's page shows.
    ContributorPage "contributor" {
        /// The contributor.
        pub contributor: PublicContributor,
        /// The latest that they signed.
        pub articles: PagedArticleList,
        /// The month whose archive it is, and those around it.
        pub archive: PageArchive,
    }
}

page_type! {
    /// Everything that the page of a search shows.
    SearchPage "search" {
        /// What was looked for.
        pub q: String,
        /// What was found.
        pub articles: PagedFoundList,
        /// Where nothing was found: what may have been meant, to be sent as `q`; else null.
        pub did_you_mean: Option<String>,
    }
}

/// Where the page is instead.
#[derive(Serialize, ToSchema)]
pub struct RedirectPage {
    /// What kind of page it is.
    #[schema(schema_with = RedirectPage::kind)]
    pub kind: String,
    /// The status that the page should have: 301, 302, 307 or 308.
    #[schema(minimum = 301, maximum = 308)]
    pub http_status: i32,
    /// Where to go, in one step. A path of the site, decoded, with a query and a fragment where an editor gave it some; or,
    /// where it begins with `http`, the URL of another site.
    #[schema(max_length = 2048)]
    pub location: String,
}

impl RedirectPage {
    fn kind() -> Object {
        variants::fixed_word("redirect")
    }

    /// To somewhere.
    pub fn new(location: String, http_status: i32) -> Self {
        Self {
            kind: "redirect".to_owned(),
            http_status,
            location,
        }
    }
}

/// Whatever stands at a path; `kind` says what.
pub struct Page;

impl PartialSchema for Page {
    fn schema() -> RefOr<Schema> {
        variants::one_of_by(
            "kind",
            &[
                ("home", "HomePage"),
                ("article", "ArticlePage"),
                ("section", "SectionPage"),
                ("tag", "TagPage"),
                ("contributor", "ContributorPage"),
                ("redirect", "RedirectPage"),
            ],
            "Whatever stands at a path; `kind` says what.",
        )
    }
}

impl ToSchema for Page {
    fn name() -> Cow<'static, str> {
        "Page".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        macro_rules! page_schemas {
            ($($page:ident),*) => {
                $(schemas.push((stringify!($page).to_owned(), $page::schema()));
                  $page::schemas(schemas);)*
            };
        }
        page_schemas!(
            HomePage,
            ArticlePage,
            SectionPage,
            TagPage,
            ContributorPage,
            RedirectPage
        );
    }
}

/// Articles of a page's own list.
#[derive(Serialize, ToSchema)]
pub struct PagedArticleList {
    /// The articles.
    #[schema(max_items = 20)]
    pub items: Vec<ListedArticle>,
    /// Where the list goes on.
    pub page: PageContinuation,
}

/// What a search found, on its page.
#[derive(Serialize, ToSchema)]
pub struct PagedFoundList {
    /// The articles.
    #[schema(max_items = 100)]
    pub items: Vec<FoundArticle>,
    /// Where the list goes on.
    pub page: PageContinuation,
}

/// The month whose archive a page is, and those around it in which something was published.
#[derive(Serialize, ToSchema)]
pub struct PageArchive {
    /// The month, as `month` asks for it; null where the page is of all months.
    #[schema(max_length = 7)]
    pub month: Option<String>,
    /// The last one before it; where the page is of all months, that of its first article. Null where there is none.
    #[schema(max_length = 7)]
    pub previous_month: Option<String>,
    /// The first one after it; null where there is none.
    #[schema(max_length = 7)]
    pub next_month: Option<String>,
}

/// Where a page's own list goes on.
#[derive(Serialize, ToSchema)]
pub struct PageContinuation {
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
    /// The request for the next page; null on the last one.
    #[schema(max_length = 4096)]
    pub next_url: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

impl PageContinuation {
    /// Where a list goes on, and the request for that.
    pub fn new(info: &PageInfo, next_url: Option<String>) -> Self {
        Self {
            next_cursor: info.next_cursor.clone(),
            next_url,
            has_more: info.has_more,
        }
    }
}

/// A list of a page.
#[derive(Serialize, ToSchema)]
pub struct ShownPageList {
    /// What front ends know it by. A setting that makes a list for each of several sections or tags gives all of them
    /// its key.
    pub key: Key,
    /// What it says above it, in the page's language: the setting's label, else the name of its section or tag, else a word
    /// of ours.
    #[schema(max_length = 100)]
    pub label: String,
    /// Which articles it shows.
    pub source: PageListSource,
    /// The section whose articles it shows.
    pub section: Option<SectionRef>,
    /// The tag whose articles it shows.
    pub tag: Option<CardTag>,
    /// The articles.
    #[schema(max_items = 20)]
    pub items: Vec<ListedArticle>,
}

/// How readers prove that they are human.
#[derive(Clone, Serialize, ToSchema)]
pub struct PageCaptcha {
    /// The kind of captcha.
    pub kind: CaptchaKind,
    /// The provider's public key; null where no provider is asked.
    pub site_key: Option<String>,
}
