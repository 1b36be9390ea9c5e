//! `newsroom.json` as typed rows, every reference resolved and every body sanitised.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::defect;
use crate::access::auth::store::User;
use crate::access::auth::{Grant, Role};
use crate::articles::model::{Article, Content, empty_article};
use crate::base::clock::Time;
use crate::base::error::Result;
use crate::base::http::body::FromBody;
use crate::base::http::fields;
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::comments::model::CommentState;
use crate::editorial::articles::input::NewArticle;
use crate::editorial::sections::view::{NewSection, new_section};
use crate::packed_file;
use crate::published::packages::Package;
use crate::published::packages::model::NewPackage;
use crate::site::ads::AdSlot;
use crate::site::ads::input::NewAdSlot;
use crate::site::contributors::Contributor;
use crate::site::contributors::input::NewContributor;
use crate::site::frame::Frame;
use crate::site::menus::Menu;
use crate::site::menus::input::NewMenu;
use crate::site::sections::{Section, SectionTree};
use crate::site::settings::{Site, SitePatch};
use crate::site::tags::Tag;
use crate::site::tags::input::NewTag;

/// Everything that is to be written.
pub(super) struct Newsroom {
    pub site: Site,
    pub menus: Vec<Menu>,
    pub ad_slots: Vec<AdSlot>,
    pub packages: Vec<(Package, Vec<ArticleId>)>,
    pub users: Vec<(User, Vec<Grant>)>,
    pub sections: Vec<Section>,
    pub tags: Vec<Tag>,
    pub contributors: Vec<Contributor>,
    pub stories: Vec<Story>,
    pub now: Time,
}

/// An article and its state.
pub(super) struct Story {
    pub article: Article,
    pub content: Content,
    pub state: StoryState,
    /// With `Edited`: the title of the working copy.
    pub draft_title: Option<String>,
    pub published_at: Time,
    pub comments: Vec<DemoComment>,
}

/// What became of an article.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoryState {
    Published,
    /// Published, and its working copy has another title.
    Edited,
    Draft,
    Unpublished,
    Trashed,
}

/// A comment with its replies.
#[derive(Clone, Deserialize)]
pub(super) struct DemoComment {
    pub author_name: String,
    pub body: String,
    pub state: CommentState,
    pub minutes_after: i64,
    #[serde(default)]
    pub replies: Vec<DemoComment>,
}

#[derive(Deserialize)]
struct NewsroomFile {
    site: Value,
    menus: Vec<Value>,
    ad_slots: Vec<Value>,
    packages: Vec<Value>,
    sections: Vec<Value>,
    tags: Vec<Value>,
    contributors: Vec<Value>,
    articles: Vec<ArticleText>,
    users: Vec<UserText>,
}

#[derive(Deserialize)]
struct UserText {
    email: String,
    name: String,
    grants: Vec<GrantText>,
}

#[derive(Deserialize)]
struct GrantText {
    role: Role,
    section: Option<String>,
}

#[derive(Deserialize)]
struct ArticleText {
    slug: String,
    section: String,
    other_sections: Vec<String>,
    #[serde(rename = "type")]
    type_: String,
    kicker: Option<String>,
    title: String,
    draft_title: Option<String>,
    standfirst: Option<String>,
    tags: Vec<String>,
    contributors: Vec<String>,
    is_featured: bool,
    state: StoryState,
    #[serde(default)]
    hours_ago: Option<f64>,
    /// With breaking news: for how long from now on.
    #[serde(default)]
    breaking_hours: Option<f64>,
    /// Slugs of articles that go with it.
    #[serde(default)]
    related: Vec<String>,
    image: Option<Value>,
    blocks: Vec<Value>,
    #[serde(default)]
    comments: Vec<DemoComment>,
}

/// Ids by path or slug, given before anything is written so that articles can refer to each other.
struct NewsroomIds {
    sections: HashMap<String, SectionId>,
    tags: HashMap<String, TagId>,
    contributors: HashMap<String, ContributorId>,
    articles: HashMap<String, ArticleId>,
}

fn known_id<T: Copy>(ids: &HashMap<String, T>, key: &str) -> Result<T> {
    ids.get(key)
        .copied()
        .ok_or_else(|| defect(format_args!("{key} is nowhere")))
}

/// Reads the newsroom; `digest` is its users' password, `now` the moment that its ages count from.
pub(super) fn read(frame: &Frame, digest: String, now: Time) -> Result<Newsroom> {
    let file = packed_file!("newsroom.json").unpack()?;
    let file: NewsroomFile = serde_json::from_slice(&file).map_err(defect)?;
    let patch = fields::read_body(file.site, SitePatch::read)?;
    let (site, _) = patch.apply(&Site::default());
    let sections = sections(&site, file.sections, now)?;
    let tag = |text| Ok(fields::read_body(text, NewTag::read)?.into_tag(now));
    let tags: Vec<Tag> = file.tags.into_iter().map(tag).collect::<Result<_>>()?;
    let contributor = |text| fields::read_body(text, NewContributor::read)?.into_contributor(now);
    let contributors = file.contributors.into_iter().map(contributor);
    let contributors: Vec<Contributor> = contributors.collect::<Result<_>>()?;
    let ids = NewsroomIds {
        sections: sections
            .iter()
            .map(|section| (section.path.clone(), section.id))
            .collect(),
        tags: tags.iter().map(|tag| (tag.slug.clone(), tag.id)).collect(),
        contributors: contributors
            .iter()
            .map(|person| (person.slug.clone(), person.id))
            .collect(),
        articles: file
            .articles
            .iter()
            .map(|article| (article.slug.clone(), ArticleId::new()))
            .collect(),
    };
    let user = |text: UserText| -> Result<(User, Vec<Grant>)> {
        let user = User {
            is_demo: true,
            ..crate::access::accounts::provisioning::new_user(&text.email, &text.name, digest.clone(), now)
        };
        let grant = |grant: GrantText| -> Result<Grant> {
            let section_id = grant.section.map(|path| known_id(&ids.sections, &path)).transpose()?;
            Ok(Grant {
                role: grant.role,
                section_id,
                locale: None,
                section_path: None,
            })
        };
        Ok((user, text.grants.into_iter().map(grant).collect::<Result<_>>()?))
    };
    let users = file.users.into_iter().map(user).collect::<Result<Vec<_>>>()?;
    let stories = file
        .articles
        .into_iter()
        .map(|text| story(frame, &ids, text, now))
        .collect::<Result<_>>()?;
    let menus = file.menus.into_iter().map(|text| menu(&ids, text, now));
    let menus = menus.collect::<Result<_>>()?;
    let ad_slot = |text| Ok(fields::read_body(text, NewAdSlot::read)?.into_ad_slot(now));
    let ad_slots = file.ad_slots.into_iter().map(ad_slot).collect::<Result<_>>()?;
    let packages = file.packages.into_iter().map(|text| package(&ids, text, now));
    let packages = packages.collect::<Result<_>>()?;
    Ok(Newsroom {
        site,
        menus,
        ad_slots,
        packages,
        users,
        sections,
        tags,
        contributors,
        stories,
        now,
    })
}

/// A menu whose items name their targets as the file does.
fn menu(ids: &NewsroomIds, mut menu: Value, now: Time) -> Result<Menu> {
    let items = taken_list(&mut menu, "items").into_iter();
    let items = items.map(|item| with_item_target(ids, item));
    menu["items"] = Value::Array(items.collect::<Result<_>>()?);
    Ok(fields::read_body(menu, NewMenu::read)?.into_menu(now))
}

/// An item of a menu names its target by path or slug in the file, by id in a menu.
fn with_item_target(ids: &NewsroomIds, mut item: Value) -> Result<Value> {
    if let Some(target) = taken(&mut item, "target") {
        let name = target.as_str().unwrap_or_default();
        let id = match item["kind"].as_str() {
            Some("section") => known_id(&ids.sections, name)?.to_string(),
            Some("tag") => known_id(&ids.tags, name)?.to_string(),
            Some("contributor") => known_id(&ids.contributors, name)?.to_string(),
            _ => known_id(&ids.articles, name)?.to_string(),
        };
        item["target_id"] = json!(id);
    }
    if let Some(Value::Array(children)) = taken(&mut item, "children") {
        let children = children.into_iter().map(|child| with_item_target(ids, child));
        item["children"] = Value::Array(children.collect::<Result<_>>()?);
    }
    Ok(item)
}

/// A package whose articles are named by slug.
fn package(ids: &NewsroomIds, mut package: Value, now: Time) -> Result<(Package, Vec<ArticleId>)> {
    let articles = taken_list(&mut package, "articles").into_iter();
    let articles = articles.map(|slug| known_id(&ids.articles, slug.as_str().unwrap_or_default()));
    package["article_ids"] = json!(articles.collect::<Result<Vec<_>>>()?);
    Ok(fields::read_body(package, NewPackage::read)?.into_package(now))
}

/// Sections that name the one above them by its path; it comes before them.
fn sections(site: &Site, texts: Vec<Value>, now: Time) -> Result<Vec<Section>> {
    let mut sections: Vec<Section> = Vec::new();
    for mut text in texts {
        if let Some(Value::String(path)) = taken(&mut text, "parent") {
            let parent = sections.iter().find(|section| section.path == path);
            let parent = parent.ok_or_else(|| defect(format_args!("{path} is nowhere")))?;
            text["parent_id"] = json!(parent.id);
        }
        let new = fields::read_body(text, NewSection::read)?;
        let tree = SectionTree::new(sections.clone());
        sections.push(new_section(site, &tree, &new, now)?);
    }
    Ok(sections)
}

/// A member that only the file has, taken out of its object.
fn taken(object: &mut Value, member: &str) -> Option<Value> {
    object.as_object_mut()?.remove(member)
}

fn taken_list(object: &mut Value, member: &str) -> Vec<Value> {
    match taken(object, member) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

fn story(frame: &Frame, ids: &NewsroomIds, text: ArticleText, now: Time) -> Result<Story> {
    let id = known_id(&ids.articles, &text.slug)?;
    let body = json!({
        "locale": "fr",
        "type": text.type_,
        "title": text.title,
        "kicker": text.kicker,
        "standfirst": text.standfirst,
        "slug": text.slug,
        "section_id": known_id(&ids.sections, &text.section)?,
        "secondary_section_ids": text.other_sections.iter().map(|path| known_id(&ids.sections, path)).collect::<Result<Vec<_>>>()?,
        "tag_ids": text.tags.iter().map(|slug| known_id(&ids.tags, slug)).collect::<Result<Vec<_>>>()?,
        "contributors": bylines(ids, &text.contributors)?,
        "image": text.image,
        "blocks": text.blocks.into_iter().map(|block| with_target(ids, block)).collect::<Result<Vec<_>>>()?,
        "is_featured": text.is_featured,
        "breaking_until": text.breaking_hours.map(|hours| hours_after(now, hours)),
        "related_article_ids": text.related.iter().map(|slug| known_id(&ids.articles, slug)).collect::<Result<Vec<_>>>()?,
    });
    let new = fields::read_body(body, |fields| NewArticle::read(fields, frame))?;
    let published_at = hours_after(now, -text.hours_ago.unwrap_or(1.0));
    let mut article = Article {
        id,
        translation_key: id.to_string(),
        ..empty_article("fr", None, published_at)
    };
    let mut content = Content::empty();
    new.patch.apply(&mut article, &mut content);
    let draft_title = text.draft_title;
    Ok(Story {
        article,
        content,
        state: text.state,
        draft_title,
        published_at,
        comments: text.comments,
    })
}

fn hours_after(now: Time, hours: f64) -> Time {
    let seconds = hours * 3600.0;
    #[expect(clippy::cast_possible_truncation, reason = "an age of some weeks in seconds")]
    now.plus_seconds(seconds as i64)
}

fn bylines(ids: &NewsroomIds, slugs: &[String]) -> Result<Vec<Value>> {
    slugs
        .iter()
        .map(|slug| Ok(json!({"contributor_id": known_id(&ids.contributors, slug)?})))
        .collect()
}

/// An interlink names its target by slug in the file, by id in a body.
fn with_target(ids: &NewsroomIds, mut block: Value) -> Result<Value> {
    if let Some(slug) = taken(&mut block, "article") {
        let slug = slug.as_str().unwrap_or_default();
        block["article_id"] = json!(known_id(&ids.articles, slug)?);
    }
    Ok(block)
}
