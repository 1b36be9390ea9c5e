//! Every limit on input, in one table: validation reads it, and so does the OpenAPI document
//! (through the tables of `openapi`). Text is counted in characters after NFC, bodies in bytes.

/// Characters of an article's title.
pub const TITLE: usize = 300;
/// Characters of a kicker.
pub const KICKER: usize = 100;
/// Characters of a standfirst.
pub const STANDFIRST: usize = 1_000;
/// Characters of a label: a section's, a tag's, the site's.
pub const LABEL: usize = 100;
/// Characters of one slug.
pub const SLUG: usize = 80;
/// Characters of a person's name: byline, user, author of a comment.
pub const NAME: usize = 80;
/// Characters of a comment.
pub const COMMENT: usize = 5_000;
/// Seconds for which its author may change or take back a comment.
pub const COMMENT_EDIT_SECONDS: i64 = 15 * 60;
/// Changes of a comment by its author.
pub const COMMENT_EDITS: i64 = 20;
/// Days of an author's history that a policy may let count.
pub const HISTORY_DAYS: i32 = 365;
/// The newest decided comments of an author that are looked at, and so the most that a policy may ask for.
pub const HISTORY: i32 = 100;
/// Reports that a reader may send in an hour.
pub const REPORTS_PER_HOUR: i64 = 20;
/// Articles whose comments are counted in one request.
pub const COUNTED_ARTICLES: usize = 100;
/// Names of users, and as many of contributors, that the names of comments' authors are compared with.
pub const HOUSE_NAMES: i64 = 10_000;
/// Characters of an entry of a word list.
pub const WORD: usize = 80;
/// Entries of a word list, and as many exceptions.
pub const WORDS: usize = 5_000;
/// Word lists of a site.
pub const WORD_LISTS: usize = 20;
/// Matches that a test of the word lists shows.
pub const WORD_MATCHES: usize = 500;
/// Bytes of a word list.
pub const WORD_LIST_BYTES: usize = 2 * 1024 * 1024;
/// Comments of somebody that an export holds, and reactions, and reports.
pub const EXPORTED_COMMENTS: usize = 2_000;
/// Characters of what is searched for.
pub const SEARCH_QUERY: usize = 200;
/// Articles with a word that is looked for in the title, the kicker or the standfirst, the newest of which are put in
/// the order of relevance; what else matches follows by date.
pub const SEARCH_CANDIDATES: usize = 300;
/// Articles with what is typed in the title, the kicker or the standfirst, among the newest of which titles are suggested.
pub const SUGGESTION_CANDIDATES: usize = 300;
/// Articles that match which a page of search looks at, for those that pass its filters.
pub const SEARCH_EXAMINED: usize = 10_000;
/// Suggestions of each kind.
pub const SUGGESTIONS: usize = 5;
/// Bytes of an article's text that search knows.
pub const SEARCH_TEXT_BYTES: usize = 200_000;
/// Characters of an excerpt that shows what was found.
pub const SEARCH_EXCERPT: usize = 240;
/// Texts of an article in which something may be found: title, kicker, standfirst, body.
pub const HIGHLIGHTS: usize = 4;
/// Characters of a word that search tells apart from others.
pub const SEARCH_WORD: usize = 64;
/// Characters of a description: of a section, a tag, a contributor.
pub const DESCRIPTION: usize = 2_000;
/// Characters of a public path: home, six sections, a slug, a locale.
pub const PATH: usize = 700;
/// Bytes of a path or a location that is stored: both are indexed, and PostgreSQL indexes no more
/// than 2,700. Reached before [`PATH`] only by characters of four bytes.
pub const ADDRESS_BYTES: usize = 2_100;
/// Paths of a circle of redirects that a problem names.
pub const PATH_CHAIN: usize = 100;
/// Characters of a URL.
pub const URL: usize = 2_048;
/// Characters of an alternative text.
pub const ALT: usize = 500;
/// Characters of a caption.
pub const CAPTION: usize = 1_000;
/// Characters of a credit, an attribution, a source.
pub const CREDIT: usize = 200;
/// Characters of a notice to readers: a correction, a retraction, a tombstone.
pub const NOTICE: usize = 1_000;
/// Characters of a note: on a revision, a decision, an article.
pub const NOTE: usize = 1_000;
/// Fewest seconds of a lease.
pub const LEASE_SECONDS_MIN: i64 = 30;
/// Most seconds of a lease.
pub const LEASE_SECONDS_MAX: i64 = 3_600;
/// Seconds of a lease when the client does not say.
pub const LEASE_SECONDS_DEFAULT: i64 = 300;
/// Fewest seconds of a preview token.
pub const PREVIEW_SECONDS_MIN: i64 = 60;
/// Most seconds of a preview token: 30 days.
pub const PREVIEW_SECONDS_MAX: i64 = 30 * 24 * 3_600;
/// Seconds of a preview token when the client does not say: a day.
pub const PREVIEW_SECONDS_DEFAULT: i64 = 24 * 3_600;
/// Preview tokens of an article at once.
pub const PREVIEW_TOKENS: usize = 50;
/// Characters of an identifier that another system gave.
pub const EXTERNAL_ID: usize = 200;
/// Characters of an e-mail address (RFC 5321, 4.5.3.1.3, less the brackets).
pub const EMAIL: usize = 254;
/// Fewest characters of a password.
pub const PASSWORD_MIN: usize = 12;
/// Characters of a password.
pub const PASSWORD: usize = 256;
/// Characters of an `Idempotency-Key`.
pub const IDEMPOTENCY_KEY: usize = 100;
/// Characters of a token of any kind.
pub const TOKEN: usize = 2_048;
/// Characters of a word of ours, such as the code of a problem.
pub const OPEN_WORD: usize = 60;
/// Characters of a second factor as it is typed.
pub const SECOND_FACTOR_CODE: usize = 40;
/// Bytes of a captcha's solution: what hCaptcha and reCAPTCHA send runs to several thousand.
pub const CAPTCHA: usize = 8_192;
/// Characters of a form's token.
pub const FORM_TOKEN: usize = 100;
/// Least number of a proof of work's difficulty.
pub const PROOF_MIN: u32 = 100;
/// Greatest number of a proof of work's difficulty, before a busy network raises it.
pub const PROOF_MAX: u32 = 10_000_000;
/// Characters of the name of an act in the audit.
pub const ACTION: usize = 60;
/// Characters of a thing's id in the audit: a UUID, or a key's.
pub const ID: usize = 100;
/// A month as it is written.
pub const MONTH: usize = 7;
/// Characters of a cursor.
pub const CURSOR: usize = 400;
/// Characters of a UUID.
pub const UUID: usize = 36;
/// Characters of a language tag.
pub const LOCALE: usize = 12;
/// Characters of a date and time in RFC 3339.
pub const TIME: usize = 40;
/// Characters of a local date and time, with seconds.
pub const LOCAL_TIME: usize = 19;
/// Characters of the name of a time zone; the longest of the IANA database has 32.
pub const TIME_ZONE: usize = 64;
/// Schedules that wait for an article at once: one of each kind.
pub const WAITING_SCHEDULES: usize = 2;
/// Days that a schedule may lie ahead: two years, one of which may be a leap year.
pub const SCHEDULE_DAYS: i64 = 731;

/// Wrong members that an answer lists one by one.
pub const LISTED_ERRORS: usize = 100;
/// Blocks of an article.
pub const BLOCKS: usize = 1_000;
/// Characters of one block, all its texts together.
pub const BLOCK: usize = 20_000;
/// Items of a list block, images of a gallery, rows of a table.
pub const BLOCK_ITEMS: usize = 500;
/// Cells of a table row.
pub const TABLE_CELLS: usize = 50;
/// Characters of the target of a link within a text, without its prefix.
pub const ANCHOR: usize = 100;
/// Characters of a block's id.
pub const BLOCK_ID: usize = 40;
/// Characters of what a warning says was found.
pub const FOUND: usize = 500;
/// Bytes of the present values that a stale `If-Match` is told.
pub const CURRENT_VALUES_BYTES: usize = 64 * 1024;
/// Warnings about the text of one thing; there may be more to warn of.
pub const TEXT_WARNINGS: usize = 100;
/// Characters of an excerpt that a warning shows.
pub const EXCERPT: usize = 200;
/// Tags of an article.
pub const TAGS: usize = 50;
/// Articles of a package.
pub const PACKAGE_ARTICLES: usize = 200;
/// Articles that an editor sends as the most read of a window.
pub const CHOSEN_RANKS: usize = 200;
/// Packages of one article.
pub const ARTICLE_PACKAGES: usize = 5;
/// Articles that an editor chose to go with one.
pub const RELATED: usize = 20;
/// Contributors of an article.
pub const CONTRIBUTORS: usize = 20;
/// Sections of an article beside its primary one.
pub const SECONDARY_SECTIONS: usize = 10;
/// Sections of a site.
pub const SECTIONS: usize = 2_000;
/// Levels of the section tree.
pub const SECTION_DEPTH: usize = 6;
/// Grants of a user.
pub const GRANTS: usize = 50;
/// API tokens of a user that are good at a time.
pub const TOKENS_PER_USER: usize = 50;
/// Followers of the stream of changes in an instance.
pub const STREAM_CLIENTS: usize = 200;
/// The same from one network.
pub const STREAM_CLIENTS_PER_NETWORK: usize = 8;
/// Webhooks of a site.
pub const WEBHOOKS: usize = 20;
/// Kinds of events that a webhook asks for.
pub const WEBHOOK_EVENTS: usize = 50;
/// Seconds for which the secret told before a rotation still signs where nothing else is asked.
pub const WEBHOOK_OVERLAP_SECONDS_DEFAULT: i64 = 24 * 3_600;
/// The same at most.
pub const WEBHOOK_OVERLAP_SECONDS_MAX: i64 = 7 * 24 * 3_600;
/// Names of kept answers in an event.
pub const PURGE_KEYS: usize = 250;
/// Requests a minute that an operator may let an API token send.
pub const TOKEN_RATE_MAX: u32 = 1_000_000;
/// Characters that are shown of why a job failed.
pub const JOB_ERROR: usize = 1_000;
/// Characters of an API token that lists show.
pub const TOKEN_PREFIX: usize = 12;
/// Scopes of an API token.
pub const TOKEN_SCOPES: usize = 20;
/// Days for which an API token is good where nothing else is asked.
pub const TOKEN_DAYS_DEFAULT: i64 = 90;
/// The same at most: a year.
pub const TOKEN_DAYS_MAX: i64 = 366;
/// Seconds for which the token told before a rotation is still good where nothing else is asked.
pub const TOKEN_OVERLAP_SECONDS_DEFAULT: i64 = 24 * 3_600;
/// The same at most.
pub const TOKEN_OVERLAP_SECONDS_MAX: i64 = 7 * 24 * 3_600;
/// Locales of a site, and so of `labels`.
pub const LOCALES: usize = 20;
/// Menus of a site.
pub const MENUS: usize = 50;
/// Items of a menu, on all its levels.
pub const MENU_ITEMS: usize = 200;
/// Items of one level of a menu below one item.
pub const MENU_LEVEL_ITEMS: usize = 100;
/// Levels of a menu.
pub const MENU_DEPTH: usize = 4;
/// Ad slots of a site.
pub const AD_SLOTS: usize = 100;
/// Sizes of an ad slot.
pub const AD_SIZES: usize = 20;
/// Rules of an ad slot.
pub const AD_RULES: usize = 20;
/// Values that an advertisements' server gets about an ad slot.
pub const AD_TARGETING: usize = 20;
/// Logos of a site: one of each role.
pub const LOGOS: usize = 10;
/// Links to where else a site is found.
pub const SOCIAL_LINKS: usize = 30;
/// Hosts whose frames raw HTML may hold.
pub const EMBED_HOSTS: usize = 50;
/// Characters of a host name.
pub const HOST: usize = 253;
/// Settings of lists for one kind of page.
pub const PAGE_LISTS: usize = 20;
/// Sections or tags of one setting of lists.
pub const PAGE_LIST_TARGETS: usize = 20;
/// Notices on one article.
pub const CORRECTIONS: usize = 1_000;
/// Articles of one bulk action.
pub const BULK: usize = 200;
/// Comments handed out to a moderator at once.
pub const CLAIM: usize = 50;
/// Comments handed out when the client does not say.
pub const CLAIM_DEFAULT: i64 = 20;
/// Seconds of a claim when the client does not say.
pub const CLAIM_SECONDS_DEFAULT: i64 = 600;
/// Months of the public moderation log.
pub const LOG_MONTHS: i64 = 24;
/// Months of the public moderation log when the client does not say.
pub const LOG_MONTHS_DEFAULT: i64 = 12;
/// Items of one page of a list.
pub const PAGE: usize = 100;
/// Items of a list of what is read most.
pub const MOST_READ: i64 = 20;
/// Items of a list of what is read most when the client does not say.
pub const MOST_READ_DEFAULT: i64 = 10;
/// Items of a page when the client does not say.
pub const PAGE_DEFAULT: usize = 20;
/// Values of one filter.
pub const FILTER_VALUES: usize = 10;
/// Articles that a page of a list looks at before it answers what it has found.
pub const EXAMINED: usize = 10_000;
/// Where a capped count stops.
pub const CAPPED_COUNT: usize = 10_000;

/// Bytes of a feed: as many articles as it may have, each as long as it may be.
pub const FEED_BYTES: usize = PAGE * ARTICLE_BYTES * 6;
/// Bytes of a sitemap that search engines take.
pub const SITEMAP_BYTES: usize = 50 * 1024 * 1024;

/// Bytes of what many answers show, kept in memory.
pub const FRAGMENT_BYTES: u64 = 8 * 1024 * 1024;

/// Rows of a file of redirects.
pub const REDIRECT_ROWS: usize = 10_000;
/// Bytes of a file of redirects.
pub const REDIRECT_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of the body of an article.
pub const ARTICLE_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of any other JSON body.
pub const JSON_BYTES: usize = 64 * 1024;
/// Bytes of a body that nobody reads.
pub const BEACON_BYTES: usize = 1_024;
/// Levels of nesting of a JSON body.
pub const JSON_DEPTH: usize = 32;
/// Bytes of a query string.
pub const QUERY_BYTES: usize = 4 * 1024;
/// Bytes of all request headers together.
pub const HEADER_BYTES: usize = 32 * 1024;
