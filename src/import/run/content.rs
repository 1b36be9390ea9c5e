//! What an article says and where it stands, from what was worked out of a post and what its terms became.

use std::collections::HashSet;

use super::articles::PostWriter;
use crate::articles::model::{Article, Byline, Content};
use crate::base::error::Result;
use crate::base::ids::{ContributorId, SectionId};
use crate::base::{limits, slug};
use crate::import::run::authors::GUEST_KEY;
use crate::import::run::planned_state::PlannedState;
use crate::import::run::report::ReportList;
use crate::site::comment_policy::{CommentMode, CommentPolicy};
use crate::site::paths::{self, PathKind, PathTarget};

/// What the report says about slugs that got a number.
pub(super) const NUMBERED_SLUGS: &str = "slugs that were taken: numbered";

impl PostWriter<'_> {
    /// The content; a public one has a slug whose path is free.
    pub(super) fn content(&mut self, article: &Article) -> Result<Content> {
        let mut content = self.content_as_wished();
        if let (PlannedState::Publish(_), Some(wished), Some(section)) =
            (&self.post.planned_state, &self.post.slug, content.section_id)
        {
            content.slug = Some(self.free_slug(article, wished, section)?);
        }
        Ok(content)
    }

    /// The content with the slug that the post has.
    pub(super) fn content_as_wished(&mut self) -> Content {
        let post = self.post;
        let (section_id, secondary_section_ids) = self.sections();
        let tag_ids = post
            .tags
            .iter()
            .filter_map(|tag| self.batch.tags.get(&tag.slug).copied().flatten());
        let contributors: Vec<ContributorId> = post
            .signatures
            .iter()
            .filter_map(|author| self.batch.contributors.get(&author.key).copied().flatten())
            .collect();
        self.note_nameless();
        let (mut seen, mut signed) = (HashSet::new(), HashSet::new());
        Content {
            title: post.texts.title.clone(),
            standfirst: post.texts.standfirst.clone(),
            slug: post.slug.clone(),
            section_id,
            secondary_section_ids,
            tag_ids: tag_ids.filter(|id| seen.insert(*id)).collect(),
            contributors: contributors
                .into_iter()
                .filter(|id| signed.insert(*id))
                .map(|contributor_id| Byline {
                    contributor_id,
                    role: None,
                })
                .collect(),
            seo: post.seo.clone(),
            image: post.texts.image.clone(),
            blocks: post.texts.blocks.clone(),
            is_featured: post.is_sticky,
            comment_policy: (!post.takes_comments).then(|| CommentPolicy::of_mode(CommentMode::Closed)),
            ..Content::empty()
        }
    }

    fn note_nameless(&mut self) {
        for author in self.post.signatures.iter().filter(|author| author.name.is_none()) {
            let what = match author.is_provisional {
                true => "guest authors whose names came with no file so far: « Rédaction »",
                false if author.key.starts_with(GUEST_KEY) => continue,
                false => "authors whose name is their login or an e-mail address: « Rédaction »",
            };
            self.report.note(ReportList::Decided, what, 1);
        }
    }

    /// The slug; where its path is taken, with the first number whose path is free.
    fn free_slug(&mut self, article: &Article, wished: &str, section: SectionId) -> Result<String> {
        let above = self
            .frame
            .tree
            .get(section)
            .map(|section| section.path.clone())
            .unwrap_or_default();
        let target = PathTarget {
            kind: PathKind::Article,
            id: article.id.as_str(),
            locale: &article.locale,
        };
        let mut slug = wished.to_owned();
        let mut number = 1;
        while paths::belongs_to_another(
            self.conn,
            &self.frame.site.localised(&article.locale, &format!("{above}/{slug}")),
            target,
        )? {
            number += 1;
            slug = slug::numbered(wished, number);
        }
        if number > 1 {
            self.report.note(ReportList::Decided, NUMBERED_SLUGS, 1);
        }
        Ok(slug)
    }

    /// The primary section and the others. The primary one is what a plugin says, else the deepest of the item's
    /// categories, the first where several are equally deep.
    fn sections(&mut self) -> (Option<SectionId>, Vec<SectionId>) {
        let (target_sections, tree) = (&self.batch.target_sections, &self.frame.tree);
        let mut all: Vec<SectionId> = Vec::new();
        for nicename in &self.post.categories {
            let id = target_sections
                .by_category
                .get(nicename)
                .copied()
                .filter(|id| tree.get(*id).is_some());
            all.extend(id.filter(|id| !all.contains(id)));
        }
        let default = if self.post.is_page {
            target_sections.pages.or(target_sections.posts)
        } else {
            target_sections.posts.or(target_sections.pages)
        };
        let mut deepest: Option<(usize, SectionId)> = None;
        for id in &all {
            let depth = tree.lineage(*id).len();
            if deepest.is_none_or(|(other, _)| depth > other) {
                deepest = Some((depth, *id));
            }
        }
        let primary = self
            .post
            .primary_category
            .as_ref()
            .and_then(|nicename| target_sections.by_category.get(nicename).copied())
            .filter(|id| tree.get(*id).is_some())
            .or(deepest.map(|(_, id)| id))
            .or_else(|| default.filter(|id| tree.get(*id).is_some()));
        all.retain(|id| Some(*id) != primary);
        if self.post.categories.is_empty() {
            let which = if self.post.is_page { "pages" } else { "posts" };
            self.report.note(
                ReportList::Decided,
                format!("{which} without a category: the section for {which}"),
                1,
            );
        }
        if all.len() > limits::SECONDARY_SECTIONS {
            self.report.note(
                ReportList::Decided,
                "categories beyond the eleven that an article can have: left out",
                1,
            );
            all.truncate(limits::SECONDARY_SECTIONS);
        }
        (primary, all)
    }
}
