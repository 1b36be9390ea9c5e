//! Which articles a list may show to whoever asks.

use diesel::dsl::{EqAny, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};

use crate::access::auth::GrantScope;
use crate::base::db::Conn;
use crate::base::db::schema::articles;
use crate::base::ids::SectionId;

/// A condition on the rows of `Rows`, `articles` among them.
pub type ScopeCondition<Rows> =
    Box<dyn BoxableExpression<Rows, <Conn as diesel::Connection>::Backend, SqlType = Nullable<Bool>>>;

/// That an article is covered by one of these at least.
pub fn covered_by<Rows: 'static>(scopes: &[GrantScope]) -> ScopeCondition<Rows>
where
    articles::section_id: SelectableExpression<Rows>,
    articles::locale: SelectableExpression<Rows>,
    articles::created_by: SelectableExpression<Rows>,
{
    let mut any: ScopeCondition<Rows> = Box::new(false.into_sql::<Nullable<Bool>>());
    for scope in scopes {
        let is_own = || articles::created_by.eq(Some(scope.user_id));
        let mut all: ScopeCondition<Rows> = Box::new(true.into_sql::<Nullable<Bool>>());
        if let Some(sections) = &scope.sections {
            let in_none = articles::section_id.is_null().and(is_own());
            all = Box::new(all.and(articles::section_id.eq_any(sections.clone()).or(in_none)));
        }
        if let Some(locale) = &scope.locale {
            all = Box::new(all.and(articles::locale.eq(locale.clone())));
        }
        if scope.only_own {
            all = Box::new(all.and(is_own()));
        }
        any = Box::new(any.or(all));
    }
    any
}

/// That the article of a row is in one of these sections, for lists of rows that are walked in an order of their own;
/// `article_id` is the column that names the article. It is looked up row by row, so that neither database begins with
/// every article of the sections.
pub fn is_in_one_of(article_id: &str, sections: &[SectionId]) -> EqAny<SqlLiteral<Nullable<Text>>, Vec<SectionId>> {
    let section =
        format!("(SELECT placed.section_id FROM articles AS placed WHERE placed.id = {article_id} LIMIT 1 OFFSET 0)");
    sql::<Nullable<Text>>(&section).eq_any(sections.to_vec())
}
