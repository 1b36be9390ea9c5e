//! What an item will be, worked out without the database.

use std::collections::HashSet;

use ammonia::Url;
use chrono_tz::Tz;

use super::text::{cut, key, label, line, percent_decoded};
use super::{dates, repair};
use crate::articles::model::ArticleReview;
use crate::base::clock::Time;
use crate::base::secrets::sha256;
use crate::base::{limits, slug};
use crate::body::blocks::{Block, plain_text};
use crate::body::html::sanitise::EmbedPolicy;
use crate::body::image::Image;
use crate::body::wordpress::blocks_from_html_with;
use crate::import::run::comments::EmailHasher;
use crate::import::run::dates::ImportedDate;
use crate::import::run::report::{ImportReport, ReportList};
use crate::import::run::survey::{AuthorSeed, WxrSurvey};
use crate::import::wxr::{WxrDate, WxrItem};
use crate::site::paths::address;

/// What holds for every item of an import.
pub(super) struct ImportRules {
    pub(super) zone: Tz,
    pub(super) locale: String,
    pub(super) policy: EmbedPolicy,
    pub(super) now: Time,
    pub(super) emails: EmailHasher,
}

/// What becomes of an item.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PlannedState {
    /// It is pressed, with this date.
    Publish(Time),
    /// It stays a draft.
    Draft {
        note: Option<String>,
        embargo: Option<Time>,
        review: ArticleReview,
    },
}

/// A tag or category that an item names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct TagSeed {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) description: String,
}

/// What readers read of an item.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PostTexts {
    pub(super) title: String,
    pub(super) standfirst: Option<String>,
    pub(super) lead_image: Option<Image>,
    pub(super) blocks: Vec<Block>,
}

/// An item, ready to be written.
#[derive(Clone, Debug)]
pub(super) struct PreparedPost {
    pub(super) number: String,
    pub(super) digest: String,
    pub(super) is_page: bool,
    pub(super) planned_state: PlannedState,
    pub(super) texts: PostTexts,
    /// The texts as the file has them, where these are in a wrong encoding.
    pub(super) original: Option<PostTexts>,
    pub(super) slug: Option<String>,
    pub(super) categories: Vec<String>,
    pub(super) tags: Vec<TagSeed>,
    pub(super) signature: Option<AuthorSeed>,
    pub(super) is_sticky: bool,
    pub(super) takes_comments: bool,
    pub(super) created_at: Time,
    pub(super) modified_at: Option<Time>,
    /// Its old address, as a path of the site.
    pub(super) old_path: Option<String>,
    /// What was decided on the way: counted when it is written.
    pub(super) report: ImportReport,
}

/// Whether an item becomes an article; else why not.
pub(super) fn check_importable(item: &WxrItem) -> Result<(), &'static str> {
    match (item.post_type.as_str(), item.status.as_str()) {
        ("post" | "page", "trash") => Err("in the trash"),
        ("post" | "page", "auto-draft") => Err("an automatic draft without content"),
        ("post" | "page", _) => Ok(()),
        ("attachment", _) => Err("attachments, which wait for the import of media"),
        ("nav_menu_item", _) => Err("menu items"),
        _ => Err("items of other types"),
    }
}

/// The digest of all parts of an item that the import uses: another digest means that it changed there.
pub(super) fn digest(item: &WxrItem, survey: &WxrSurvey, rules: &ImportRules) -> String {
    let terms: Vec<(&str, &str)> = item
        .categories
        .iter()
        .filter(|term| matches!(term.domain.as_str(), "category" | "post_tag"))
        .map(|term| (term.domain.as_str(), term.nicename.as_str()))
        .collect();
    let date = ImportedDate::of(item.gmt_or_local(), rules.zone)
        .time()
        .map(Time::millis);
    let image = item
        .thumbnail_id()
        .and_then(|id| survey.image(u64::try_from(id).ok()?))
        .map(|image| image.url);
    let signature = survey
        .signature(&item.creator)
        .map(|signature| (signature.key, signature.name));
    let used = (
        (
            &item.title,
            &item.content,
            &item.excerpt,
            &item.post_name,
            &item.link,
            &item.status,
            &item.post_type,
        ),
        (
            item.has_password,
            item.is_sticky,
            &item.comment_status,
            date,
            &rules.locale,
        ),
        (terms, image, signature),
    );
    let json = serde_json::to_vec(&used).unwrap_or_default();
    sha256(&json)
}

/// Works out an item.
pub(super) fn post(item: &WxrItem, digest: String, survey: &WxrSurvey, rules: &ImportRules) -> PreparedPost {
    let mut report = ImportReport::default();
    let attachment = |id| survey.image(id);
    let converted = blocks_from_html_with(&item.content, &rules.policy, &attachment);
    for lost in converted.lost {
        report.note(
            ReportList::Lost,
            lost.what,
            u64::try_from(lost.count).unwrap_or(u64::MAX),
        );
    }
    let date = ImportedDate::of(item.gmt_or_local(), rules.zone);
    let modified_at = item
        .post_modified_gmt
        .and_then(dates::time)
        .map(|time| time.min(rules.now));
    let created_at = date.time().or(modified_at).unwrap_or(rules.now).min(rules.now);
    let slug = slug_of(item);
    let lead_image = item.thumbnail_id().and_then(|id| attachment(u64::try_from(id).ok()?));
    let (texts, original) = texts(item, (converted.blocks, lead_image), slug.as_deref(), &mut report);
    let planned_state = planned_state(item, date, rules, &mut report);
    if item
        .thumbnail_id()
        .is_some_and(|id| u64::try_from(id).ok().and_then(attachment).is_none())
    {
        report.note(
            ReportList::Decided,
            "lead images whose attachment is not in the file: left out",
            1,
        );
    }
    let tags: Vec<TagSeed> = terms(item, "post_tag")
        .map(|(slug, name)| TagSeed {
            slug,
            name,
            description: String::new(),
        })
        .collect();
    if tags.len() > limits::TAGS {
        report.note(
            ReportList::Decided,
            "tags beyond the 50 that an article can have: left out",
            count(tags.len() - limits::TAGS),
        );
    }
    note_other_terms(item, &mut report);
    PreparedPost {
        number: item.post_id.to_string(),
        digest,
        is_page: item.post_type == "page",
        planned_state,
        texts,
        original,
        slug,
        categories: terms(item, "category").map(|(slug, _)| slug).collect(),
        tags: tags.into_iter().take(limits::TAGS).collect(),
        signature: survey.signature(&item.creator),
        is_sticky: item.is_sticky,
        takes_comments: item.comment_status != "closed",
        created_at,
        modified_at,
        old_path: old_path(&item.link, &survey.source),
        report,
    }
}

/// Counts the terms that are lost because their taxonomy means nothing here.
fn note_other_terms(item: &WxrItem, report: &mut ImportReport) {
    let others = item
        .categories
        .iter()
        .filter(|term| !matches!(term.domain.as_str(), "category" | "post_tag"))
        .count();
    if others > 0 {
        report.note(
            ReportList::Decided,
            "terms of other taxonomies: left out",
            count(others),
        );
    }
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
            lead_image,
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

/// An item is public here only if it is public there, without a password, and its date is past.
fn planned_state(item: &WxrItem, date: ImportedDate, rules: &ImportRules, report: &mut ImportReport) -> PlannedState {
    let mut decided = |what: &'static str| report.note(ReportList::Decided, what, 1);
    let mut notes = Vec::new();
    let mut embargo = None;
    let is_public = matches!(item.status.as_str(), "publish" | "future");
    match item.status.as_str() {
        "publish" | "future" => match date {
            ImportedDate::Exact(at) | ImportedDate::Local(at) if at > rules.now || item.status == "future" => {
                decided("dates in the future: draft with the wished time");
                notes.push(format!(
                    "Prévu pour le {} dans WordPress.",
                    dates::in_french(at, rules.zone)
                ));
                embargo = Some(at).filter(|at| *at > rules.now);
            }
            ImportedDate::Exact(at) | ImportedDate::Local(at) if !item.has_password => {
                if matches!(date, ImportedDate::Local(_)) {
                    decided("dates without UTC: local time taken");
                }
                return PlannedState::Publish(at);
            }
            ImportedDate::Exact(_) | ImportedDate::Local(_) => {}
            ImportedDate::OutOfRange | ImportedDate::Unknown => {
                decided("public without a usable date: draft");
                notes.push("Publié dans WordPress sans date utilisable.".to_owned());
            }
        },
        "private" => {
            decided("private: draft");
            notes.push("Privé dans WordPress.".to_owned());
        }
        "draft" | "pending" => {}
        other => {
            decided("in a state of a plugin: draft");
            let other = label(other, 40).unwrap_or_default();
            notes.push(format!("État dans WordPress : {other}."));
        }
    }
    if item.has_password {
        decided("with a password: draft");
        let public = if is_public {
            "Publié avec un mot de passe"
        } else {
            "Protégé par un mot de passe"
        };
        notes.push(format!("{public} dans WordPress."));
    }
    let note = (!notes.is_empty()).then(|| cut(&notes.join(" "), limits::NOTE).0);
    let review = if item.status == "pending" {
        ArticleReview::InReview
    } else {
        ArticleReview::Draft
    };
    PlannedState::Draft { note, embargo, review }
}

/// The path of an item's old address on its site; none for `?p=N`.
fn old_path(link: &str, source: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    let host = source.split(['/', ':']).next().unwrap_or_default();
    let is_ours = url.host_str().is_some_and(|found| bare(found) == bare(host));
    let path = address::key(url.path());
    let is_good = is_ours && url.query().is_none() && path != "/" && path.len() <= limits::ADDRESS_BYTES;
    is_good.then_some(path)
}

/// When a thing was written: never later than now, and now where the file does not say.
pub(super) fn past(when: WxrDate, rules: &ImportRules) -> Time {
    ImportedDate::of(when, rules.zone)
        .time()
        .unwrap_or(rules.now)
        .min(rules.now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_link_is_a_path_of_the_same_site() {
        let table = [
            ("https://www.x.fr/2020/titre/", Some("/2020/titre")),
            ("http://x.fr/caf%c3%a9/", Some("/café")),
            ("https://x.fr/?p=12", None),
            ("https://y.fr/titre", None),
            ("https://x.fr/", None),
            ("", None),
        ];
        for (link, path) in table {
            assert_eq!(old_path(link, "x.fr/blog").as_deref(), path, "{link}");
        }
    }
}
