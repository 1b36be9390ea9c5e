//! What editors send: members of the working copy, read into [`ArticlePatch`] for a new article and
//! for a change alike, and checked against what they refer to.

use utoipa::{PartialSchema, ToSchema};

use crate::articles::model::{Access, Article, Byline, Content, Seo, Source};
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::fields::{Fields, Patch};
use crate::base::http::value_reader::{
    ValueReader, blank_line, boolean, component, distinct, id, ids, line, list, parsed, time, url, word,
};
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId, UserId};
use crate::base::{limits, locale, slug};
use crate::body::article_type::ArticleType;
use crate::body::blocks::{Block, block_list};
use crate::body::image::{self, Image};
use crate::editorial::articles::unshown_blocks::unshown_blocks;
use crate::site::comment_policy::{self, CommentPolicy};
use crate::site::frame::Frame;
use crate::site::{contributors, paths, tags};

/// A change of the working copy: a merge patch, lists replaced whole.
#[derive(Clone, Debug, Default, ToSchema)]
pub struct ArticlePatch {
    /// What kind of article it is.
    #[schema(rename = "type", nullable = false)]
    pub type_: Option<ArticleType>,
    /// The headline; may be empty until it is published.
    #[schema(value_type = Option<String>)]
    pub title: Patch<String>,
    /// The line above the headline.
    #[schema(value_type = Option<String>)]
    pub kicker: Patch<String>,
    /// The paragraph below it.
    #[schema(value_type = Option<String>)]
    pub standfirst: Patch<String>,
    /// The slug; null to have it made of the title at publish.
    #[schema(value_type = Option<String>)]
    pub slug: Patch<String>,
    /// The section in whose path it stands.
    #[schema(value_type = Option<SectionId>)]
    pub section_id: Patch<SectionId>,
    /// Other sections that list it.
    #[schema(value_type = Option<Vec<SectionId>>)]
    pub secondary_section_ids: Patch<Vec<SectionId>>,
    /// What it is about, most important first.
    #[schema(value_type = Option<Vec<TagId>>)]
    pub tag_ids: Patch<Vec<TagId>>,
    /// Who signs it.
    #[schema(value_type = Option<Vec<Byline>>)]
    pub contributors: Patch<Vec<Byline>>,
    /// Articles that go with it, the first first; more are found by its tags and section.
    #[schema(value_type = Option<Vec<ArticleId>>)]
    pub related_article_ids: Patch<Vec<ArticleId>>,
    /// The picture above it.
    #[schema(value_type = Option<Image>)]
    pub image: Patch<Image>,
    /// The body: a block without an id is given one.
    #[schema(value_type = Option<Vec<Block>>)]
    pub blocks: Patch<Vec<Block>>,
    /// Where the story came from.
    #[schema(value_type = Option<Source>)]
    pub source: Patch<Source>,
    /// Who may read it all.
    #[schema(nullable = false)]
    pub access: Option<Access>,
    /// What search engines are told.
    #[schema(value_type = Option<Seo>)]
    pub seo: Patch<Seo>,
    /// Whether it stands out on the home page.
    #[schema(nullable = false)]
    pub is_featured: Option<bool>,
    /// Until when it is breaking news.
    #[schema(value_type = Option<Time>)]
    pub breaking_until: Patch<Time>,
    /// Whether it is shown without advertisements.
    #[schema(nullable = false)]
    pub is_ad_free: Option<bool>,
    /// Whether readers are warned before they see it.
    #[schema(nullable = false)]
    pub is_sensitive: Option<bool>,
    /// How it takes comments; null to let its section decide.
    #[schema(value_type = Option<CommentPolicy>)]
    pub comment_policy: Patch<CommentPolicy>,
    /// Not to be public before.
    #[schema(value_type = Option<Time>)]
    pub embargo_until: Patch<Time>,
    /// Who is working on it. Where nothing else changes, the review stays what it is.
    #[schema(value_type = Option<UserId>)]
    pub assignee_id: Patch<UserId>,
}

/// An article to be made: a locale, and whatever is known of it already.
#[derive(Debug)]
pub struct NewArticle {
    /// Its language.
    pub locale: String,
    /// Everything else.
    pub patch: ArticlePatch,
}

impl PartialSchema for NewArticle {
    /// As a patch, with a locale that must be given.
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::RefOr;
        use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
        let mut schema = ArticlePatch::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.description =
                Some("An article to be made: a locale, and whatever is known of it already.".to_owned());
            let locale = ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some("Its language: one of the site's."));
            object.properties.insert("locale".to_owned(), locale.into());
            object.required.push("locale".to_owned());
        }
        schema
    }
}

impl ToSchema for NewArticle {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        ArticlePatch::schemas(schemas);
    }
}

impl NewArticle {
    /// Takes the members of a new article.
    pub fn read(fields: &mut Fields<'_>, frame: &Frame) -> Option<Self> {
        let known = |text: &str| locale::parse_locale(text).filter(|locale| frame.site.has_locale(locale));
        let locale = fields.required("locale", parsed(limits::LOCALE, "one of the site's languages", known));
        let patch = ArticlePatch::read(fields, frame);
        Some(Self {
            locale: locale?,
            patch: patch?,
        })
    }
}

impl ArticlePatch {
    /// Takes the members of a change, its HTML sanitised by the site's rules.
    pub fn read(fields: &mut Fields<'_>, frame: &Frame) -> Option<Self> {
        let blocks = fields.patch("blocks", block_list(frame.embed_policy()));
        if let Patch::Set(blocks) = &blocks {
            let mut place = fields.at();
            unshown_blocks(frame, blocks)
                .into_iter()
                .for_each(|finding| place.warn(finding));
        }
        Some(Self {
            type_: fields.change("type", word()),
            title: flatten(fields.patch("title", blank_line(limits::TITLE))),
            kicker: flatten(fields.patch("kicker", blank_line(limits::KICKER))),
            standfirst: flatten(fields.patch("standfirst", blank_line(limits::STANDFIRST))),
            slug: fields.patch("slug", slug::reader()),
            section_id: fields.patch("section_id", id()),
            secondary_section_ids: fields.patch("secondary_section_ids", ids(limits::SECONDARY_SECTIONS)),
            tag_ids: fields.patch("tag_ids", ids(limits::TAGS)),
            contributors: fields.patch("contributors", bylines()),
            related_article_ids: fields.patch("related_article_ids", ids(limits::RELATED)),
            image: fields.patch("image", image::image()),
            blocks,
            source: fields.patch("source", source()),
            access: fields.change("access", word()),
            seo: fields.patch("seo", seo()),
            is_featured: fields.change("is_featured", boolean()),
            breaking_until: fields.patch("breaking_until", time()),
            is_ad_free: fields.change("is_ad_free", boolean()),
            is_sensitive: fields.change("is_sensitive", boolean()),
            comment_policy: fields.patch("comment_policy", comment_policy::reader()),
            embargo_until: fields.patch("embargo_until", time()),
            assignee_id: fields.patch("assignee_id", id()),
        })
    }

    /// Applies the change; the names of what it changed.
    pub fn apply(self, article: &mut Article, content: &mut Content) -> Vec<&'static str> {
        let (old, old_article) = (content.clone(), article.clone());
        content.type_ = self.type_.unwrap_or(content.type_);
        self.title.apply_or_default(&mut content.title);
        self.kicker.apply(&mut content.kicker);
        self.standfirst.apply(&mut content.standfirst);
        self.slug.apply(&mut content.slug);
        self.section_id.apply(&mut content.section_id);
        self.secondary_section_ids
            .apply_or_default(&mut content.secondary_section_ids);
        content
            .secondary_section_ids
            .retain(|id| Some(*id) != content.section_id);
        self.tag_ids.apply_or_default(&mut content.tag_ids);
        self.contributors.apply_or_default(&mut content.contributors);
        self.related_article_ids
            .apply_or_default(&mut content.related_article_ids);
        self.image.apply(&mut content.image);
        self.blocks.apply_or_default(&mut content.blocks);
        self.source.apply(&mut content.source);
        content.access = self.access.unwrap_or(content.access);
        self.seo.apply_or_default(&mut content.seo);
        content.is_featured = self.is_featured.unwrap_or(content.is_featured);
        self.breaking_until.apply(&mut content.breaking_until);
        content.is_ad_free = self.is_ad_free.unwrap_or(content.is_ad_free);
        content.is_sensitive = self.is_sensitive.unwrap_or(content.is_sensitive);
        self.comment_policy.apply(&mut content.comment_policy);
        self.embargo_until.apply(&mut article.embargo_until);
        self.assignee_id.apply(&mut article.assignee_id);
        let mut changed = content.differences(&old);
        let desk = [
            ("embargo_until", article.embargo_until != old_article.embargo_until),
            ("assignee_id", article.assignee_id != old_article.assignee_id),
        ];
        changed.extend(desk.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name));
        changed
    }
}

/// Blank text clears.
fn flatten(patch: Patch<Option<String>>) -> Patch<String> {
    match patch {
        Patch::Set(Some(text)) => Patch::Set(text),
        Patch::Set(None) | Patch::Clear => Patch::Clear,
        Patch::Keep => Patch::Keep,
    }
}

fn bylines() -> impl ValueReader<Value = Vec<Byline>> {
    let byline = component(|fields| {
        let contributor_id = fields.required("contributor_id", id());
        let role = fields.optional("role", line(limits::LABEL));
        Some(Byline {
            contributor_id: contributor_id?,
            role,
        })
    });
    let same = |byline: &Byline, other: &Byline| byline.contributor_id == other.contributor_id;
    list(limits::CONTRIBUTORS, byline).then(distinct(same))
}

fn source() -> impl ValueReader<Value = Source> {
    component(|fields| {
        let name = fields.required("name", line(limits::CREDIT));
        let url = fields.optional("url", url("a URL", image::web_url));
        Some(Source { name: name?, url })
    })
}

fn seo() -> impl ValueReader<Value = Seo> {
    component(|fields| {
        Some(Seo {
            title: fields.optional("title", line(limits::TITLE)),
            description: fields.optional("description", line(limits::STANDFIRST)),
            no_index: fields.optional("no_index", boolean()).unwrap_or(false),
        })
    })
}

/// Checks that everything a change refers to is there, and that a chosen slug is free.
///
/// # Errors
/// 422 with a pointer to each reference that is not, or `slug_taken`.
pub fn check_references(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    content: &Content,
    changed: &[&str],
) -> Result<()> {
    let mut errors = Vec::new();
    let unknown = |pointer: String| FieldError::new(pointer, FieldCode::UnknownReference);
    if content.section_id.is_some_and(|id| frame.tree.get(id).is_none()) {
        errors.push(unknown("/section_id".to_owned()));
    }
    for (index, id) in content.secondary_section_ids.iter().enumerate() {
        if frame.tree.get(*id).is_none() {
            errors.push(unknown(format!("/secondary_section_ids/{index}")));
        }
    }
    if changed.contains(&"tag_ids") {
        let known = tags::store::get_many(conn, &content.tag_ids)?;
        let missing = |id: &TagId| known.iter().all(|tag| tag.id != *id);
        let places = content.tag_ids.iter().enumerate().filter(|(_, id)| missing(id));
        errors.extend(places.map(|(index, _)| unknown(format!("/tag_ids/{index}"))));
    }
    if changed.contains(&"contributors") {
        let ids: Vec<ContributorId> = content
            .contributors
            .iter()
            .map(|byline| byline.contributor_id)
            .collect();
        let known = contributors::store::get_many(conn, &ids)?;
        let missing = |id: &ContributorId| known.iter().all(|contributor| contributor.id != *id);
        let places = ids.iter().enumerate().filter(|(_, id)| missing(id));
        errors.extend(places.map(|(index, _)| unknown(format!("/contributors/{index}/contributor_id"))));
    }
    if changed.contains(&"related_article_ids") {
        let known = store::known(conn, &content.related_article_ids)?;
        let missing = |id: &ArticleId| *id == article.id || !known.contains(id);
        let places = content.related_article_ids.iter().enumerate();
        let places = places.filter(|(_, id)| missing(id));
        errors.extend(places.map(|(index, _)| unknown(format!("/related_article_ids/{index}"))));
    }
    if let Some(assignee) = article.assignee_id.filter(|_| changed.contains(&"assignee_id")) {
        match crate::access::auth::store::get(conn, assignee) {
            Ok(_) => {}
            Err(error) if error.code() == Code::NotFound => errors.push(unknown("/assignee_id".to_owned())),
            Err(error) => return Err(error),
        }
    }
    if !errors.is_empty() {
        return Err(Error::validation(errors));
    }
    if changed.contains(&"slug") || changed.contains(&"section_id") {
        check_slug(conn, frame, article, content)?;
    }
    Ok(())
}

/// An older content without the sections, tags, contributors and related articles that are gone by now; a tag that became
/// another is that other.
pub fn without_missing(conn: &mut Conn, frame: &Frame, mut content: Content) -> Result<Content> {
    content.section_id = content.section_id.filter(|id| frame.tree.get(*id).is_some());
    content
        .secondary_section_ids
        .retain(|id| frame.tree.get(*id).is_some() && Some(*id) != content.section_id);
    content.tag_ids = tags::merging::current(conn, &content.tag_ids)?;
    let known = tags::store::get_many(conn, &content.tag_ids)?;
    content.tag_ids.retain(|id| known.iter().any(|tag| tag.id == *id));
    let ids: Vec<ContributorId> = content
        .contributors
        .iter()
        .map(|byline| byline.contributor_id)
        .collect();
    let known = contributors::store::get_many(conn, &ids)?;
    let is_known = |byline: &Byline| known.iter().any(|contributor| contributor.id == byline.contributor_id);
    content.contributors.retain(is_known);
    let known = store::known(conn, &content.related_article_ids)?;
    content.related_article_ids.retain(|id| known.contains(id));
    Ok(content)
}

/// Checks that a slug which an editor chose is not another thing's path; what two editors choose at
/// once is decided at publish.
///
/// # Errors
/// 422 `slug_taken`.
pub fn check_slug(conn: &mut Conn, frame: &Frame, article: &Article, content: &Content) -> Result<()> {
    let section = content.section_id.and_then(|id| frame.tree.get(id));
    let (Some(slug), Some(section)) = (&content.slug, section) else {
        return Ok(());
    };
    let path = frame
        .site
        .localised(&article.locale, &format!("{}/{slug}", section.path));
    if paths::belongs_to_another(conn, &path, article.target())? {
        return Err(Error::field(
            FieldError::new("/slug", FieldCode::SlugTaken).with("path", path),
        ));
    }
    Ok(())
}
