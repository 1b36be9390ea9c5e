//! `newsroom.json` as typed rows, every reference resolved and every body sanitised.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::defect;
use crate::access::auth::store::User;
use crate::access::auth::{Grant, Role};
use crate::articles::model::{Article, Content, empty_article};
use crate::base::clock::Time;
use crate::base::db::folded;
use crate::base::error::Result;
use crate::base::http::body::FromBody;
use crate::base::http::fields;
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::base::key::Key;
use crate::comments::model::CommentState;
use crate::editorial::articles::input::NewArticle;
use crate::published::packages::{Package, PackageId, PackageKind};
use crate::site::ads::AdSlot;
use crate::site::ads::model::AdDefinition;
use crate::site::contributors::Contributor;
use crate::site::frame::Frame;
use crate::site::menus::{Menu, model};
use crate::site::sections::Section;
use crate::site::settings::{Site, SitePatch};
use crate::site::tags::{Tag, TagKind};

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
    menus: Vec<MenuText>,
    ad_slots: Vec<AdSlotText>,
    packages: Vec<PackageText>,
    sections: Vec<SectionText>,
    tags: Vec<TagText>,
    contributors: Vec<ContributorText>,
    articles: Vec<ArticleText>,
    users: Vec<UserText>,
}

#[derive(Deserialize)]
struct MenuText {
    key: Key,
    label: String,
    items: Vec<Value>,
}

#[derive(Deserialize)]
struct AdSlotText {
    key: Key,
    position: i32,
    #[serde(flatten)]
    definition: AdDefinition,
}

#[derive(Deserialize)]
struct PackageText {
    kind: PackageKind,
    title: String,
    description: Option<String>,
    articles: Vec<String>,
}

#[derive(Deserialize)]
struct SectionText {
    slug: String,
    label: String,
    parent: Option<String>,
    position: i32,
    description: Option<String>,
    colour: Option<String>,
}

#[derive(Deserialize)]
struct TagText {
    slug: String,
    kind: TagKind,
    label: String,
    description: Option<String>,
}

#[derive(Deserialize)]
struct ContributorText {
    slug: String,
    name: String,
    role: Option<String>,
    bio: Option<String>,
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
    featured: bool,
    state: StoryState,
    #[serde(default)]
    hours_ago: Option<f64>,
    /// With breaking news: for how long from now on.
    #[serde(default)]
    breaking_hours: Option<f64>,
    /// Slugs of articles that go with it.
    #[serde(default)]
    related: Vec<String>,
    lead_image: Option<Value>,
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
    let file: NewsroomFile = serde_json::from_str(include_str!("newsroom.json")).map_err(defect)?;
    let sections = sections(&file.sections, now)?;
    let tags: Vec<Tag> = file.tags.into_iter().map(|text| tag(text, now)).collect();
    let contributors: Vec<Contributor> = file
        .contributors
        .into_iter()
        .map(|text| contributor(text, now))
        .collect();
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
    let patch = fields::read_body(file.site, SitePatch::read)?;
    let (site, _) = patch.apply(&Site::default());
    let menus = file.menus.into_iter().map(|text| menu(&ids, text, now));
    let menus = menus.collect::<Result<_>>()?;
    let ad_slots = file.ad_slots.into_iter().map(|text| ad_slot(text, now)).collect();
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

fn menu(ids: &NewsroomIds, text: MenuText, now: Time) -> Result<Menu> {
    let items = text.items.into_iter().map(|item| with_item_target(ids, item));
    let items = Value::Array(items.collect::<Result<_>>()?);
    Ok(Menu {
        key: text.key,
        label: text.label,
        items: fields::read_body(json!({ "items": items }), |members| {
            members.required("items", model::items())
        })?,
        version: 1,
        created_at: now,
        updated_at: now,
    })
}

/// An item of a menu names its target by path or slug in the file, by id in a menu.
fn with_item_target(ids: &NewsroomIds, mut item: Value) -> Result<Value> {
    if let Some(target) = item.as_object_mut().and_then(|item| item.remove("target")) {
        let name = target.as_str().unwrap_or_default();
        let id = match item["kind"].as_str() {
            Some("section") => known_id(&ids.sections, name)?.to_string(),
            Some("tag") => known_id(&ids.tags, name)?.to_string(),
            Some("contributor") => known_id(&ids.contributors, name)?.to_string(),
            _ => known_id(&ids.articles, name)?.to_string(),
        };
        item["target_id"] = json!(id);
    }
    if let Some(Value::Array(children)) = item.as_object_mut().and_then(|item| item.remove("children")) {
        let children = children.into_iter().map(|child| with_item_target(ids, child));
        item["children"] = Value::Array(children.collect::<Result<_>>()?);
    }
    Ok(item)
}

fn ad_slot(text: AdSlotText, now: Time) -> AdSlot {
    AdSlot {
        key: text.key,
        position: text.position,
        definition: text.definition,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn package(ids: &NewsroomIds, text: PackageText, now: Time) -> Result<(Package, Vec<ArticleId>)> {
    let package = Package {
        id: PackageId::new(),
        kind: text.kind,
        sort_key: folded(&text.title),
        title: text.title,
        description: text.description,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let articles = text.articles.iter().map(|slug| known_id(&ids.articles, slug));
    Ok((package, articles.collect::<Result<_>>()?))
}

fn sections(texts: &[SectionText], now: Time) -> Result<Vec<Section>> {
    let mut sections: Vec<Section> = Vec::new();
    for text in texts {
        let parent = text.parent.as_ref().map(|path| {
            let parent = sections.iter().find(|section| section.path == *path);
            parent.ok_or_else(|| defect(format_args!("{path} is nowhere")))
        });
        let parent = parent.transpose()?;
        sections.push(Section {
            id: SectionId::new(),
            parent_id: parent.map(|parent| parent.id),
            path: format!("{}/{}", parent.map_or("", |parent| &parent.path), text.slug),
            slug: text.slug.clone(),
            label: text.label.clone(),
            labels: "{}".to_owned(),
            description: text.description.clone(),
            colour: text.colour.clone(),
            position: text.position,
            comment_policy: None,
            version: 1,
            created_at: now,
            updated_at: now,
        });
    }
    Ok(sections)
}

fn tag(text: TagText, now: Time) -> Tag {
    Tag {
        id: TagId::new(),
        kind: text.kind,
        slug: text.slug,
        sort_key: folded(&text.label),
        label: text.label,
        description: text.description,
        external_id: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn contributor(text: ContributorText, now: Time) -> Contributor {
    Contributor {
        id: ContributorId::new(),
        slug: text.slug,
        sort_key: folded(&text.name),
        name: text.name,
        role: text.role,
        bio: text.bio,
        image: None,
        is_active: true,
        version: 1,
        created_at: now,
        updated_at: now,
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
        "lead_image": text.lead_image,
        "blocks": text.blocks.into_iter().map(|block| with_target(ids, block)).collect::<Result<Vec<_>>>()?,
        "featured": text.featured,
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
    if let Some(slug) = block.as_object_mut().and_then(|block| block.remove("article")) {
        let slug = slug.as_str().unwrap_or_default();
        block["article_id"] = json!(known_id(&ids.articles, slug)?);
    }
    Ok(block)
}
