//! Lists of cards that are always whole.

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::conditional::CacheableAnswer;
use crate::base::http::page::PageInfo;
use crate::base::ids::ArticleId;
use crate::base::surrogate_key::SurrogateKey;
use crate::published::{AnswerContext, AnswerJson, ArticleShape};

/// The cards of these articles, in their order, as a whole list; articles that readers do not see are left out.
pub fn answer_with_cards(
    conn: &mut Conn,
    setting: &AnswerContext<'_>,
    ids: &[ArticleId],
    limit: usize,
    keys: Vec<SurrogateKey>,
) -> Result<CacheableAnswer> {
    let cards = setting.shown(conn, ids, ArticleShape::Card)?;
    let mut list = AnswerJson::list(setting, ids.iter().filter_map(|id| cards.get(id)).take(limit));
    list.member("page", &PageInfo::whole())?;
    list.close();
    Ok(list.answer(keys))
}
