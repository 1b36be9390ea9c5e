//! What can be asked of a page.

use crate::base::http::page::cursor_param;
use crate::base::http::query_type::{ParamReader, parsed_param, word_param, word_params};
use crate::base::limits;
use crate::base::locale::LocaleQuery;
use crate::base::month::Month;
use crate::delivery::at_path::{PathQuery, SluggedThing};
use crate::delivery::extras::{ArticleInclude, RequestedExtras};
use crate::delivery::lists::query::ArticleListView;
use crate::delivery::search::query::SearchArticles;
use crate::published::{ArticleShape, BodyFormat};
use crate::query_type;

crate::word_type! {
    /// How much a page shows of each article of its lists.
    PageCards {
        /// What a list needs.
        Teaser = "teaser",
        /// All that a card has.
        Full = "full",
    }
}

crate::word_type! {
    /// Whether a page comes with what is the same on every page.
    PageFrame {
        /// With the site, its menus and its ad slots.
        Full = "full",
        /// Without: the client has it, and `frame_version` says whether it is still that.
        None = "none",
    }
}

query_type! {
    /// How much of a page.
    #[derive(Clone, Copy, Debug)]
    pub struct PageOptions {
        /// How much of each article of its lists: `teaser` where it is not given.
        pub cards: PageCards = defaulted(word_param()) or PageCards::Teaser,
        /// `none` leaves `site` out, for clients that have it: `full` where it is not given.
        pub frame: PageFrame = defaulted(word_param()) or PageFrame::Full,
    }
}

impl Default for PageOptions {
    /// As where the client does not say.
    fn default() -> Self {
        Self {
            cards: PageCards::Teaser,
            frame: PageFrame::Full,
        }
    }
}

impl PageOptions {
    /// In which shape the articles of lists are read.
    pub fn shape(self) -> ArticleShape {
        match self.cards {
            PageCards::Teaser => ArticleShape::Teaser,
            PageCards::Full => ArticleShape::Card,
        }
    }

    /// How much a list shows that goes on where the page ended.
    pub fn view(self) -> ArticleListView {
        match self.cards {
            PageCards::Teaser => ArticleListView::Teaser,
            PageCards::Full => ArticleListView::Card,
        }
    }

    /// Asks for as much in another request.
    pub fn append_to(self, query: &mut form_urlencoded::Serializer<'_, String>) {
        if self.cards != PageCards::Teaser {
            query.append_pair("cards", self.cards.as_str());
        }
        if self.frame != PageFrame::Full {
            query.append_pair("frame", self.frame.as_str());
        }
    }
}

query_type! {
    /// What an article's page has beside the article.
    #[derive(Clone, Debug)]
    pub struct ArticlePageOptions {
        /// What comes beside the article; where it is not given, everything but `related`, which is a list of the page. Where
        /// it is named here, it stands in the article, and in no list.
        include: RequestedExtras = defaulted(RequestedExtras::reader_or(&ArticleInclude::OF_PAGES)),
        /// In which forms the article's body is given beside its blocks: `body_html`, `body_text`, `body_markdown`.
        body_format: Vec<BodyFormat> = defaulted(word_params()),
    }
}

impl Default for ArticlePageOptions {
    /// As where the client does not say.
    fn default() -> Self {
        Self {
            include: RequestedExtras::of(&ArticleInclude::OF_PAGES),
            body_format: Vec::new(),
        }
    }
}

impl ArticlePageOptions {
    /// What comes beside the article.
    pub fn include(&self) -> &RequestedExtras {
        &self.include
    }

    /// Whether the page takes far less than a millisecond: scans of indexes, and nothing to be rendered.
    pub fn is_brief(&self) -> bool {
        self.body_format.is_empty()
    }

    /// In which forms the article's body is given beside its blocks.
    pub fn body_format(&self) -> &[BodyFormat] {
        &self.body_format
    }
}

query_type! {
    /// Which part of the page's own list.
    #[derive(Clone, Debug)]
    pub struct PagePart {
        /// Where the page before ended: its `next_cursor`.
        cursor: String = optional(cursor_param()),
        /// Only what was published in this month (`2026-11`), on the clocks of the site: an archive, at an address that stays.
        month: Month = optional(month_param()),
    }
}

fn month_param() -> impl ParamReader<Value = Month> {
    parsed_param(limits::MONTH, "a month such as 2026-11", Month::parse)
}

impl PagePart {
    /// The beginning.
    pub fn first() -> Self {
        Self {
            cursor: None,
            month: None,
        }
    }

    /// Whether it is the beginning, of the list or of a month.
    pub fn is_first(&self) -> bool {
        self.cursor.is_none()
    }

    /// Where the page before ended.
    pub fn cursor(&self) -> Option<&String> {
        self.cursor.as_ref()
    }

    /// The month whose archive it is.
    pub fn month(&self) -> Option<Month> {
        self.month
    }

    /// What it says that only a page with a list of its own takes.
    pub fn named_parameter(&self) -> Option<&'static str> {
        match (&self.cursor, self.month) {
            (Some(_), _) => Some("cursor"),
            (None, Some(_)) => Some("month"),
            (None, None) => None,
        }
    }
}

query_type! {
    /// A page, by its path.
    pub struct GetPage {
        /// Where.
        pub at: PathQuery = part(),
        /// How much of it.
        pub options: PageOptions = part(),
        /// Which part.
        pub part: PagePart = part(),
        /// What an article has beside it.
        pub beside: ArticlePageOptions = part(),
    }
}

query_type! {
    /// An article's page.
    pub struct GetArticlePage {
        /// Where.
        pub at: PathQuery = part(),
        /// How much of it.
        pub options: PageOptions = part(),
        /// What it has beside it.
        pub beside: ArticlePageOptions = part(),
    }
}

query_type! {
    /// The page of something that lists articles.
    pub struct GetListingPage {
        /// Where.
        pub at: PathQuery = part(),
        /// How much of it.
        pub options: PageOptions = part(),
        /// Which part.
        pub part: PagePart = part(),
    }
}

query_type! {
    /// The page of something that has a slug.
    pub struct GetSluggedPage {
        /// Which.
        pub at: SluggedThing = part(),
        /// How much of it.
        pub options: PageOptions = part(),
        /// Which part.
        pub part: PagePart = part(),
    }
}

query_type! {
    /// A home page.
    pub struct GetHomePage {
        /// In which language.
        pub locale: LocaleQuery = part(),
        /// How much of it.
        pub options: PageOptions = part(),
    }
}

query_type! {
    /// The page of a search.
    pub struct GetSearchPage {
        /// What is looked for.
        pub search: SearchArticles = part(),
        /// How much of the page.
        pub options: PageOptions = part(),
    }
}
