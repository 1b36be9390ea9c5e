//! `newsroom.json` as typed rows, every reference resolved and every body sanitised.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::defect;
use crate::articles::ArticleId;
use crate::articles::api::empty_article;
use crate::articles::input::NewArticle;
use crate::articles::model::{Article, Content};
use crate::auth::store::User;
use crate::auth::{Grant, Role, users};
use crate::clock::Time;
use crate::comments::model::CommentState;
use crate::contributors::{Contributor, ContributorId};
use crate::db::folded;
use crate::error::Result;
use crate::http::fields;
use crate::sections::{Section, SectionId};
use crate::site::{Frame, Site};
use crate::tags::{Tag, TagId, TagKind};

/// Everything that is to be written.
pub(super) struct Newsroom {
    pub site: Site,
    pub users: Vec<(User, Vec<Grant>)>,
    pub sections: Vec<Section>,
    pub tags: Vec<Tag>,
    pub contributors: Vec<Contributor>,
    pub stories: Vec<Story>,
    pub now: Time,
}

/// An article and what became of it.
pub(super) struct Story {
    pub article: Article,
    pub content: Content,
    pub fate: Fate,
    /// With `Edited`: the title of the working copy.
    pub draft_title: Option<String>,
    pub published_at: Time,
    pub comments: Vec<CommentText>,
}

/// What became of an article.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    Published,
    /// Published, and its working copy has another title.
    Edited,
    Draft,
    Unpublished,
    Trashed,
}

/// A comment with its replies.
#[derive(Clone, Deserialize)]
pub(super) struct CommentText {
    pub author_name: String,
    pub body: String,
    pub state: CommentState,
    pub minutes_after: i64,
    #[serde(default)]
    pub replies: Vec<CommentText>,
}

#[derive(Deserialize)]
struct File {
    site: SiteText,
    sections: Vec<SectionText>,
    tags: Vec<TagText>,
    contributors: Vec<ContributorText>,
    articles: Vec<ArticleText>,
    users: Vec<UserText>,
}

#[derive(Deserialize)]
struct SiteText {
    name: String,
    root_label: String,
    time_zone: String,
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
    state: Fate,
    #[serde(default)]
    hours_ago: Option<f64>,
    lead_image: Option<Value>,
    blocks: Vec<Value>,
    #[serde(default)]
    comments: Vec<CommentText>,
}

/// Ids by path or slug, given before anything is written so that articles can refer to each other.
struct Ids {
    sections: HashMap<String, SectionId>,
    tags: HashMap<String, TagId>,
    contributors: HashMap<String, ContributorId>,
    articles: HashMap<String, ArticleId>,
}

fn known<T: Copy>(ids: &HashMap<String, T>, key: &str) -> Result<T> {
    ids.get(key)
        .copied()
        .ok_or_else(|| defect(format_args!("{key} is nowhere")))
}

/// Reads the newsroom; `digest` is its users' password, `now` the moment that its ages count from.
pub(super) fn read(frame: &Frame, digest: String, now: Time) -> Result<Newsroom> {
    let file: File = serde_json::from_str(include_str!("newsroom.json")).map_err(defect)?;
    let sections = sections(&file.sections, now)?;
    let tags: Vec<Tag> = file.tags.into_iter().map(|text| tag(text, now)).collect();
    let contributors: Vec<Contributor> = file
        .contributors
        .into_iter()
        .map(|text| contributor(text, now))
        .collect();
    let ids = Ids {
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
            ..users::new_user(&text.email, &text.name, digest.clone(), now)
        };
        let grant = |grant: GrantText| -> Result<Grant> {
            let section_id = grant.section.map(|path| known(&ids.sections, &path)).transpose()?;
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
    let site = Site {
        name: file.site.name,
        root_label: file.site.root_label,
        time_zone: file.site.time_zone,
        ..Site::default()
    };
    Ok(Newsroom {
        site,
        users,
        sections,
        tags,
        contributors,
        stories,
        now,
    })
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

fn story(frame: &Frame, ids: &Ids, text: ArticleText, now: Time) -> Result<Story> {
    let id = known(&ids.articles, &text.slug)?;
    let body = json!({
        "locale": "fr",
        "type": text.type_,
        "title": text.title,
        "kicker": text.kicker,
        "standfirst": text.standfirst,
        "slug": text.slug,
        "section_id": known(&ids.sections, &text.section)?,
        "secondary_section_ids": text.other_sections.iter().map(|path| known(&ids.sections, path)).collect::<Result<Vec<_>>>()?,
        "tag_ids": text.tags.iter().map(|slug| known(&ids.tags, slug)).collect::<Result<Vec<_>>>()?,
        "contributors": bylines(ids, &text.contributors)?,
        "lead_image": text.lead_image,
        "blocks": text.blocks.into_iter().map(|block| with_target(ids, block)).collect::<Result<Vec<_>>>()?,
        "featured": text.featured,
    });
    let new = fields::read_body(body, |fields| NewArticle::read(fields, frame))?;
    let seconds = text.hours_ago.unwrap_or(1.0) * 3600.0;
    #[expect(clippy::cast_possible_truncation, reason = "an age of some weeks in seconds")]
    let published_at = now.plus_seconds(-(seconds as i64));
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
        fate: text.state,
        draft_title,
        published_at,
        comments: text.comments,
    })
}

fn bylines(ids: &Ids, slugs: &[String]) -> Result<Vec<Value>> {
    slugs
        .iter()
        .map(|slug| Ok(json!({"contributor_id": known(&ids.contributors, slug)?})))
        .collect()
}

/// An interlink names its target by slug in the file, by id in a body.
fn with_target(ids: &Ids, mut block: Value) -> Result<Value> {
    if let Some(slug) = block.as_object_mut().and_then(|block| block.remove("article")) {
        let slug = slug.as_str().unwrap_or_default();
        block["article_id"] = json!(known(&ids.articles, slug)?);
    }
    Ok(block)
}
