//! Notices on live articles, as readers list them.

use std::collections::HashMap;

use diesel::prelude::*;

use super::rows::columns;
use crate::articles::corrections::{Correction, CorrectionId};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{comment_counts, published_articles, published_corrections};
use crate::base::error::{Error, Result};
use crate::base::ids::ArticleId;
use crate::published::compose::{AnswerContext, AnswerJson};
use crate::published::rows::{ArticleShape, PublishedArticle, PublishedCardRow};

/// The columns of a [`Correction`] in the table of public notices.
pub(super) const NOTICE: (
    published_corrections::id,
    published_corrections::kind,
    published_corrections::text,
    published_corrections::at,
) = (
    published_corrections::id,
    published_corrections::kind,
    published_corrections::text,
    published_corrections::at,
);

/// A page of the notices on one live article, the oldest first, after `after`.
pub fn corrections_of(
    conn: &mut Conn,
    article: ArticleId,
    after: Option<CorrectionId>,
    limit: i64,
) -> Result<Vec<Correction>> {
    let after = after.map_or_else(String::new, |id| id.to_string());
    Ok(published_corrections::table
        .filter(published_corrections::article_id.eq(article))
        .filter(published_corrections::id.gt(after))
        .order(published_corrections::id)
        .limit(limit)
        .select(NOTICE)
        .load(conn)?)
}

/// A page of the notices on all live articles, the newest first, after `after`.
pub fn list_corrections(
    conn: &mut Conn,
    locale: Option<&str>,
    after: Option<(Time, CorrectionId)>,
    limit: i64,
) -> Result<Vec<(Correction, ArticleId)>> {
    let mut query = published_corrections::table
        .order((published_corrections::at.desc(), published_corrections::id.desc()))
        .limit(limit)
        .select((NOTICE, published_corrections::article_id))
        .into_boxed();
    if let Some(locale) = locale {
        query = query.filter(published_corrections::locale.eq(locale.to_owned()));
    }
    if let Some((at, id)) = after {
        query = query
            .filter(published_corrections::at.le(at))
            .filter(published_corrections::at.lt(at).or(published_corrections::id.lt(id)));
    }
    Ok(query.load(conn)?)
}

impl AnswerJson {
    /// Appends the notices, each with the card of its article, joined by commas.
    pub fn push_corrections(
        &mut self,
        conn: &mut Conn,
        context: &AnswerContext<'_>,
        notices: &[(Correction, ArticleId)],
    ) -> Result<()> {
        let ids: Vec<ArticleId> = notices.iter().map(|(_, article)| *article).collect();
        let query = published_articles::table
            .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
            .filter(published_articles::id.eq_any(ids));
        let rows: Vec<PublishedCardRow> = query.select(columns!(Card)).load(conn)?;
        let cards = rows.into_iter().map(|row| (row.id, row.in_shape(ArticleShape::Card)));
        let cards: HashMap<ArticleId, PublishedArticle> = cards.collect();
        let mut first = true;
        for (correction, article) in notices {
            let Some(card) = cards.get(article) else { continue };
            if !std::mem::take(&mut first) {
                self.json.push(',');
            }
            let json = serde_json::to_string(correction).map_err(Error::internal)?;
            self.json.push_str(json.trim_end_matches('}'));
            self.json.push_str(",\"article\":");
            self.push_cards(context, std::slice::from_ref(card));
            self.json.push('}');
        }
        Ok(())
    }
}
