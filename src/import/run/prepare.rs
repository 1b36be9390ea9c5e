//! What an item will be, worked out without the database.

use std::collections::HashSet;

use ammonia::Url;
use chrono_tz::Tz;
use serde::Serialize;

use super::text::{cut, key, line, percent_decoded};
use super::{dates, repair};
use crate::articles::model::Seo;
use crate::base::clock::Time;
use crate::base::secrets::sha256;
use crate::base::{limits, slug};
use crate::body::blocks::{Block, plain_text};
use crate::body::html::escape;
use crate::body::html::sanitise::EmbedPolicy;
use crate::body::image::Image;
use crate::body::wordpress::{PostContext, PostFootnote, blocks_from_html_with};
use crate::import::run::authors::{AUTHOR_TAXONOMY, AuthorSeed, GUEST_TYPE};
use crate::import::run::comments::EmailHasher;
use crate::import::run::dates::ImportedDate;
use crate::import::run::languages::LANGUAGE_TAXONOMIES;
use crate::import::run::old_addresses::{former_paths, path_of};
use crate::import::run::planned_state::{PlannedState, planned_state};
use crate::import::run::report::{ImportReport, ReportList};
use crate::import::run::seo::{primary_category, seo};
use crate::import::run::sources::{SourceItem, Sources};
use crate::import::run::survey::{WxrSurvey, is_article};
use crate::import::wxr::{WxrDate, WxrItem, WxrTermRef};

/// How the custom fields begin that WordPress keeps for itself.
const INTERNAL_META: [&str; 6] = ["_edit_", "_pingme", "_encloseme", "_wp_", "_oembed_", "_menu_item_"];

/// What holds for every item of an import.
pub(super) struct ImportRules {
    pub(super) zone: Tz,
    /// The language of items that name none.
    pub(super) locale: String,
    /// The languages of the site.
    pub(super) locales: Vec<String>,
    /// The types of items that become articles beside posts and pages.
    pub(super) post_types: Vec<String>,
    pub(super) policy: EmbedPolicy,
    pub(super) now: Time,
    pub(super) emails: EmailHasher,
}

/// A tag or category that an item names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct TagSeed {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) description: String,
}

/// What readers read of an item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct PostTexts {
    pub(super) title: String,
    pub(super) standfirst: Option<String>,
    pub(super) image: Option<Image>,
    pub(super) blocks: Vec<Block>,
}

/// An item, ready to be written.
#[derive(Clone, Debug)]
pub(super) struct PreparedPost {
    pub(super) number: String,
    /// What the report calls it.
    pub(super) name: String,
    /// The digest of all that would be written: another one means that it changed there, or what it names did.
    pub(super) digest: String,
    pub(super) is_page: bool,
    pub(super) locale: String,
    /// What it shares with its translations.
    pub(super) translation_key: Option<String>,
    pub(super) planned_state: PlannedState,
    pub(super) texts: PostTexts,
    /// The texts as the file has them, where these are in a wrong encoding.
    pub(super) original: Option<PostTexts>,
    pub(super) slug: Option<String>,
    pub(super) seo: Seo,
    pub(super) categories: Vec<String>,
    /// The one of the categories that a plugin puts first.
    pub(super) primary_category: Option<String>,
    pub(super) tags: Vec<TagSeed>,
    pub(super) signatures: Vec<AuthorSeed>,
    pub(super) is_sticky: bool,
    pub(super) takes_comments: bool,
    pub(super) created_at: Time,
    pub(super) modified_at: Option<Time>,
    /// Its old addresses as paths of the site: the last one first, then those before.
    pub(super) old_paths: Vec<String>,
    /// What was decided on the way: counted when it is written.
    pub(super) report: ImportReport,
}

/// Whether an item becomes an article; else why not.
pub(super) fn check_importable(item: &WxrItem, post_types: &[String]) -> Result<(), String> {
    let owned = |why: &str| Err(why.to_owned());
    match (item.post_type.as_str(), item.status.as_str()) {
        ("attachment", _) => owned("attachments, which wait for the import of media"),
        ("nav_menu_item", _) => owned("menu items"),
        (GUEST_TYPE, _) => owned("items of guest authors, who become contributors"),
        ("wp_block", _) => owned("reusable blocks, which stand in the articles that use them"),
        (kind, _) if !is_article(kind, post_types) => Err(format!(
            "items of the type {0}, which --post-type {0} would bring over",
            line(kind)
        )),
        (_, "trash") => owned("in the trash"),
        (_, "auto-draft") => owned("an automatic draft without content"),
        _ => Ok(()),
    }
}

/// Works out an item.
pub(super) fn post(source: &SourceItem, sources: Sources<'_>, rules: &ImportRules) -> PreparedPost {
    let item = &source.item;
    let mut report = ImportReport::default();
    let blocks = blocks(item, sources, rules, &mut report);
    let date = ImportedDate::of(item.gmt_or_local(), rules.zone);
    let modified_at = item
        .post_modified_gmt
        .and_then(dates::time)
        .map(|time| time.min(rules.now));
    let slug = slug_of(item);
    let lead_image = lead_image(item, sources, &mut report);
    let (texts, original) = texts(item, (blocks, lead_image), slug.as_deref(), &mut report);
    note_lack_of_text(item, &texts.blocks, &mut report);
    note_other_fields(item, &mut report);
    let mut post = PreparedPost {
        number: source.number.clone(),
        name: source.name.clone(),
        digest: String::new(),
        is_page: item.post_type == "page",
        locale: source.locale.clone(),
        translation_key: source.translation_key.clone(),
        planned_state: planned_state(item, date, rules, &mut report),
        seo: seo(item, &texts.title, &sources.survey.site.title, &mut report),
        texts,
        original,
        slug,
        categories: terms(item, "category").map(|(slug, _)| slug).collect(),
        primary_category: primary(item, sources.survey, &mut report),
        tags: tags(item, &mut report),
        signatures: signatures(item, sources, &mut report),
        is_sticky: item.is_sticky,
        takes_comments: item.comment_status != "closed",
        created_at: date.time().or(modified_at).unwrap_or(rules.now).min(rules.now),
        modified_at,
        old_paths: old_paths(item, sources.survey),
        report,
    };
    post.digest = digest(item, &post, date);
    post
}

/// The digest of all parts of an item that the import uses, as they would be written.
fn digest(item: &WxrItem, post: &PreparedPost, date: ImportedDate) -> String {
    let tags: Vec<&str> = post.tags.iter().map(|tag| tag.slug.as_str()).collect();
    let authors: Vec<(&str, bool)> = post
        .signatures
        .iter()
        .map(|seed| (seed.key.as_str(), seed.is_provisional))
        .collect();
    let used = (
        (&post.texts, &post.slug, &post.seo, &post.old_paths),
        (&post.categories, &post.primary_category, tags, authors),
        (
            &item.status,
            &item.post_type,
            item.has_password,
            date.time().map(Time::millis),
        ),
        (post.is_sticky, post.takes_comments, &post.locale, &post.translation_key),
    );
    let json = serde_json::to_vec(&used).unwrap_or_default();
    sha256(&json)
}

/// The body, with the sound or film that a podcast's plugin keeps beside it.
fn blocks(item: &WxrItem, sources: Sources<'_>, rules: &ImportRules, report: &mut ImportReport) -> Vec<Block> {
    let footnotes: Vec<PostFootnote> = item
        .meta("footnotes")
        .and_then(|notes| serde_json::from_str(notes).ok())
        .unwrap_or_default();
    let own = u64::try_from(item.post_id).unwrap_or_default();
    let site = &sources.survey.site;
    let address = Url::parse(&item.link).or_else(|_| Url::parse(&site.base_blog_url)).ok();
    let context = PostContext {
        address: address.as_ref(),
        attachment: &|number| sources.image(number),
        uploaded: &|post| sources.uploaded(post.unwrap_or(own)),
        reusable: &|number| sources.survey.reusable(number),
        footnotes: &footnotes,
    };
    let html = format!("{}{}", item.content, enclosures(item));
    let converted = blocks_from_html_with(&html, &rules.policy, &context);
    for lost in converted.lost {
        report.note(ReportList::Lost, lost.what, count(lost.count));
    }
    converted.blocks
}

/// Players of the files that a post encloses, unless its text has them: `address`, then size and type on lines of their
/// own.
fn enclosures(item: &WxrItem) -> String {
    let enclosed = item.all_meta("enclosure").chain(item.all_meta("audio_file"));
    let mut html = String::new();
    for value in enclosed {
        let mut lines = value.lines().map(str::trim);
        let address = lines.next().unwrap_or_default();
        let kind = lines.nth(1).unwrap_or_default();
        let is_new = !address.is_empty() && !item.content.contains(address) && !html.contains(&escape(address));
        let player = match kind.split('/').next() {
            Some("video") => "video",
            Some("audio" | "") | None => "audio",
            Some(_) => continue,
        };
        if is_new {
            html.push_str(&format!("\n\n<{player} src=\"{}\"></{player}>", escape(address)));
        }
    }
    html
}

fn lead_image(item: &WxrItem, sources: Sources<'_>, report: &mut ImportReport) -> Option<Image> {
    let number = item.thumbnail_id()?;
    let image = u64::try_from(number).ok().and_then(|number| sources.image(number));
    if image.is_none() {
        report.note(
            ReportList::Decided,
            "lead images whose attachment came with no file so far: bring over the file with it, then this one again",
            1,
        );
    }
    image
}

/// Names an article that comes over without a text, and says whether it had one.
fn note_lack_of_text(item: &WxrItem, blocks: &[Block], report: &mut ImportReport) {
    if !plain_text(blocks).trim().is_empty() {
        return;
    }
    let what = match (blocks.is_empty(), item.content.trim().is_empty()) {
        (false, _) => "pictures, players or embeds alone",
        (true, true) => "without a text in WordPress too",
        (true, false) => "nothing of the text could be kept",
    };
    report.note(ReportList::WithoutText, what, 1);
}

/// Counts the custom fields and the terms that mean nothing here.
fn note_other_fields(item: &WxrItem, report: &mut ImportReport) {
    let is_wordpress = |key: &&String| INTERNAL_META.iter().any(|start| key.starts_with(start));
    for key in item.other_meta.iter().filter(|key| !is_wordpress(key)) {
        report.note(ReportList::CustomFields, line(key), 1);
    }
    let known = |term: &&WxrTermRef| {
        let domain = term.domain.as_str();
        matches!(domain, "category" | "post_tag" | AUTHOR_TAXONOMY) || LANGUAGE_TAXONOMIES.contains(&domain)
    };
    for term in item.categories.iter().filter(|term| !known(term)) {
        report.note(
            ReportList::Decided,
            format!("terms of the taxonomy {}: left out", line(&term.domain)),
            1,
        );
    }
}

fn tags(item: &WxrItem, report: &mut ImportReport) -> Vec<TagSeed> {
    let tags = terms(item, "post_tag").map(|(slug, name)| TagSeed {
        slug,
        name,
        description: String::new(),
    });
    let beyond = "tags beyond the 50 that an article can have: left out";
    first_of(tags.collect(), limits::TAGS, beyond, report)
}

/// As many as an article can have; of the others the report says how many they were.
fn first_of<T>(mut all: Vec<T>, most: usize, beyond: &'static str, report: &mut ImportReport) -> Vec<T> {
    if all.len() > most {
        report.note(ReportList::Decided, beyond, count(all.len() - most));
        all.truncate(most);
    }
    all
}

fn signatures(item: &WxrItem, sources: Sources<'_>, report: &mut ImportReport) -> Vec<AuthorSeed> {
    let signatures = sources.survey.authors.signatures(item, &sources.earlier.guests);
    let beyond = "authors beyond the 20 that an article can have: left out";
    first_of(signatures, limits::CONTRIBUTORS, beyond, report)
}

/// The nicename of the category that a plugin puts first.
fn primary(item: &WxrItem, survey: &WxrSurvey, report: &mut ImportReport) -> Option<String> {
    let number = primary_category(item)?;
    let nicename = survey.category_of_term(number).map(str::to_owned);
    if nicename.is_none() {
        report.note(
            ReportList::Decided,
            "primary categories that the file does not describe: the deepest category",
            1,
        );
    }
    nicename
}

/// Where the item was, and where it was before; former addresses only where nothing else is now.
fn old_paths(item: &WxrItem, survey: &WxrSurvey) -> Vec<String> {
    let now = path_of(&item.link, &survey.source);
    let former = former_paths(item, &survey.source).into_iter();
    now.into_iter()
        .chain(former.filter(|path| !survey.is_address(path)))
        .collect()
}

/// The texts of an item; where they had to be repaired, also as the file has them.
fn texts(
    item: &WxrItem,
    body: (Vec<Block>, Option<Image>),
    slug: Option<&str>,
    report: &mut ImportReport,
) -> (PostTexts, Option<PostTexts>) {
    let read = |heading: (&str, &str), (blocks, lead_image): (Vec<Block>, Option<Image>), report: &mut ImportReport| {
        PostTexts {
            title: title(heading.0, item, &blocks, slug, report),
            standfirst: standfirst(heading.1, report),
            image: lead_image,
            blocks,
        }
    };
    let (title, excerpt) = (repair::html(&item.title, report), repair::html(&item.excerpt, report));
    let Some(repaired) = repair::made(&body, report) else {
        let texts = read((&title, &excerpt), body.clone(), report);
        let is_right = title == item.title && excerpt == item.excerpt;
        let original = (!is_right).then(|| read((&item.title, &item.excerpt), body, &mut ImportReport::default()));
        return (texts, original);
    };
    let texts = read((&title, &excerpt), repaired, report);
    let original = read((&item.title, &item.excerpt), body, &mut ImportReport::default());
    (texts, Some(original))
}

/// The terms of one taxonomy, each once, as (slug, name).
fn terms<'i>(item: &'i WxrItem, domain: &'i str) -> impl Iterator<Item = (String, String)> + 'i {
    let mut seen = HashSet::new();
    let of_domain = item
        .categories
        .iter()
        .filter(move |term| term.domain == domain && seen.insert(&term.nicename));
    of_domain.map(|term| (key(term.nicename.clone()), term.name.clone()))
}

fn count(times: usize) -> u64 {
    u64::try_from(times).unwrap_or(u64::MAX)
}

fn slug_of(item: &WxrItem) -> Option<String> {
    Some(slug::from_title(&percent_decoded(&item.post_name))).filter(|slug| slug::is_slug(slug))
}

fn title(html: &str, item: &WxrItem, blocks: &[Block], slug: Option<&str>, report: &mut ImportReport) -> String {
    /// Characters of the text that become the title of an item without one.
    const OF_TEXT: usize = 80;
    let (title, is_cut) = cut(&line(html), limits::TITLE);
    if is_cut {
        report.note(ReportList::Decided, "titles longer than 300 characters: cut", 1);
    }
    if !title.is_empty() {
        return title;
    }
    let text = plain_text(blocks);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (text, _) = cut(&text, OF_TEXT);
    if !text.is_empty() {
        report.note(ReportList::Decided, "empty titles: the beginning of the text", 1);
        return text;
    }
    report.note(
        ReportList::Decided,
        "empty titles without a text: the slug, or the number",
        1,
    );
    slug.map_or_else(|| item.post_id.to_string(), str::to_owned)
}

fn standfirst(html: &str, report: &mut ImportReport) -> Option<String> {
    let (text, is_cut) = cut(&line(html), limits::STANDFIRST);
    if is_cut {
        report.note(ReportList::Decided, "excerpts longer than 1000 characters: cut", 1);
    }
    (!text.is_empty()).then_some(text)
}

/// When a thing was written: never later than now, and now where the file does not say.
pub(super) fn past(when: WxrDate, rules: &ImportRules) -> Time {
    ImportedDate::of(when, rules.zone)
        .time()
        .unwrap_or(rules.now)
        .min(rules.now)
}
