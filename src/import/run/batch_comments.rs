//! The comments of a batch of items whose articles are written.

use std::collections::HashMap;

use super::comments::{self, CommentKeys, CommentSeed};
use super::second_pass::WxrImport;
use super::sources::SourceItem;
use crate::base::error::Result;
use crate::base::ids::{ArticleId, CommentId};
use crate::comments::store as comment_store;
use crate::import::run::report::ImportReport;
use crate::import::run::retry::write_with_retries;
use crate::import::store::SourceItemKind;

/// Comments that one transaction writes.
const COMMENTS_PER_BATCH: usize = 200;

impl WxrImport<'_> {
    /// Writes the comments of a batch whose articles are written.
    pub(super) fn write_comments(&mut self, items: &[SourceItem]) -> Result<()> {
        let with_comments: Vec<&SourceItem> = items.iter().filter(|item| !item.item.comments.is_empty()).collect();
        let articles = self.known(
            SourceItemKind::Post,
            with_comments.iter().map(|item| item.number.clone()).collect(),
        )?;
        let of_article = with_comments.into_iter().filter_map(|source| {
            let row = articles.get(&source.number)?;
            Some((source, ArticleId::parse(&row.target_id)?))
        });
        let of_article: Vec<(&SourceItem, ArticleId)> = of_article.collect();
        let keys = self.comment_keys(&of_article)?;
        let numbers = of_article
            .iter()
            .zip(&keys)
            .flat_map(|((source, _), keys)| source.item.comments.iter().map(|comment| keys.of(comment.comment_id)));
        let known = self.known(SourceItemKind::Comment, numbers.collect())?;
        let is_known = |number: &str| known.contains_key(number);
        let mut seeds: Vec<CommentSeed> = Vec::new();
        for ((source, article), keys) in of_article.iter().zip(&keys) {
            let mut report = ImportReport::default();
            seeds.extend(comments::comment_seeds(
                &source.item,
                (*article, keys),
                &is_known,
                self.survey,
                &self.rules,
                &mut report,
            ));
            self.report.add_of(&format!("comments of {}", source.name), report);
        }
        self.timings.comments += seeds.len();
        for chunk in seeds.chunks(COMMENTS_PER_BATCH) {
            let (source, chunk, now) = (self.survey.source.clone(), chunk.to_vec(), self.rules.now);
            let counts = write_with_retries(self.db, move |conn| comments::write_all(conn, &source, &chunk, now))?;
            self.report.add(counts);
        }
        Ok(())
    }

    /// The keys of the comments of each of these items.
    fn comment_keys(&self, items: &[(&SourceItem, ArticleId)]) -> Result<Vec<CommentKeys>> {
        let ids_of = |source: &'_ SourceItem| -> Vec<i64> {
            let ids = source.item.comments.iter().map(|comment| comment.comment_id);
            ids.collect()
        };
        let numbers = items
            .iter()
            .flat_map(|(source, _)| ids_of(source))
            .map(|id| id.to_string());
        let rows = self.known(SourceItemKind::Comment, numbers.collect())?;
        let targets: Vec<CommentId> = rows
            .values()
            .filter_map(|row| CommentId::parse(&row.target_id))
            .collect();
        let mut whose: HashMap<String, ArticleId> = HashMap::new();
        for targets in targets.chunks(COMMENTS_PER_BATCH) {
            let there = self.db.read_blocking(|conn| comment_store::get_many(conn, targets))?;
            whose.extend(there.iter().map(|comment| (comment.id.to_string(), comment.article_id)));
        }
        // Those of the items before, whose comments are not written yet.
        let mut owners: HashMap<i64, ArticleId> = HashMap::new();
        let mut keys = Vec::with_capacity(items.len());
        for (source, article) in items {
            let is_taken = |id: &i64| {
                let here = rows.get(&id.to_string()).and_then(|row| whose.get(&row.target_id));
                here.into_iter().chain(owners.get(id)).any(|owner| owner != article)
            };
            let ids = ids_of(source);
            keys.push(CommentKeys {
                post: source.number.clone(),
                taken: ids.iter().filter(|id| is_taken(id)).copied().collect(),
            });
            for id in ids {
                owners.entry(id).or_insert(*article);
            }
        }
        Ok(keys)
    }
}
