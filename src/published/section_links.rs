//! The links of live articles to sections when sections move, merge or are deleted: set statements, no article is
//! pressed.

use diesel::prelude::*;

use crate::base::db::Conn;
use crate::base::db::schema::{articles, published_articles, published_sections};
use crate::base::error::Result;
use crate::base::ids::SectionId;
use crate::on_each;

/// The sections where articles are live, and those above them: article, section.
pub fn sections_of(conn: &mut Conn, articles: &[String]) -> Result<Vec<(String, String)>> {
    let links = published_sections::table.filter(published_sections::article_id.eq_any(articles));
    let columns = (published_sections::article_id, published_sections::section_id);
    Ok(links.select(columns).load(conn)?)
}

/// How many live articles are in this section while their working copies are not.
pub fn count_elsewhere(conn: &mut Conn, id: SectionId) -> Result<i64> {
    Ok(published_articles::table
        .inner_join(articles::table.on(articles::id.eq(published_articles::id)))
        .filter(published_articles::section_id.eq(id))
        .filter(articles::section_id.ne(id).or(articles::section_id.is_null()))
        .count()
        .get_result(conn)?)
}

/// Puts every live article of one section into another. The links to sections above are written by [`relink`].
pub fn move_section(conn: &mut Conn, from: SectionId, to: SectionId) -> Result<()> {
    diesel::update(published_articles::table.filter(published_articles::section_id.eq(from)))
        .set(published_articles::section_id.eq(to))
        .execute(conn)?;
    move_direct_links(conn, from, to)
}

/// Forgets every link to a section.
pub fn unlink(conn: &mut Conn, id: SectionId) -> Result<()> {
    diesel::delete(published_sections::table.filter(published_sections::section_id.eq(id))).execute(conn)?;
    Ok(())
}

fn move_direct_links(conn: &mut Conn, from: SectionId, to: SectionId) -> Result<()> {
    use published_sections as links;
    let direct = links::table
        .filter(links::section_id.eq(from))
        .filter(links::is_direct.eq(true));
    let ids: Vec<String> = direct.select(links::article_id).load(conn)?;
    link_descendants(conn, to, &[from])?;
    for chunk in ids.chunks(500) {
        let rows = links::table
            .filter(links::section_id.eq(to))
            .filter(links::article_id.eq_any(chunk.to_vec()));
        diesel::update(rows).set(links::is_direct.eq(true)).execute(conn)?;
    }
    diesel::delete(links::table.filter(links::section_id.eq(from))).execute(conn)?;
    Ok(())
}

/// Rewrites the links of live articles in a subtree that moved from below `old_above` to below
/// `new_above`: set statements, no article is pressed.
pub fn relink(
    conn: &mut Conn,
    subtree: &[SectionId],
    old_above: &[SectionId],
    new_above: &[(SectionId, Vec<SectionId>)],
) -> Result<()> {
    for above in old_above {
        let moved = published_sections::table
            .filter(published_sections::section_id.eq_any(subtree.to_vec()))
            .select(published_sections::article_id);
        let ids: Vec<String> = moved.distinct().load(conn)?;
        for chunk in ids.chunks(500) {
            let stale = published_sections::table
                .filter(published_sections::section_id.eq(above))
                .filter(published_sections::is_direct.eq(false))
                .filter(published_sections::article_id.eq_any(chunk.to_vec()));
            diesel::delete(stale).execute(conn)?;
        }
    }
    for (above, below) in new_above {
        link_descendants(conn, *above, below)?;
    }
    Ok(())
}

/// Links every live article that is directly in one of `below` to the section above these.
fn link_descendants(conn: &mut Conn, above: SectionId, below: &[SectionId]) -> Result<()> {
    use published_sections as links;
    for section in below {
        on_each!(conn, c => {
            let rows = links::table
                .filter(links::section_id.eq(section))
                .filter(links::is_direct.eq(true))
                .select((
                    above.into_sql::<diesel::sql_types::Text>(),
                    links::article_id,
                    links::locale,
                    links::type_,
                    false.into_sql::<diesel::sql_types::Bool>(),
                    links::position,
                    links::is_listed,
                ));
            diesel::insert_into(links::table)
                .values(rows)
                .into_columns((
                    links::section_id,
                    links::article_id,
                    links::locale,
                    links::type_,
                    links::is_direct,
                    links::position,
                    links::is_listed,
                ))
                .on_conflict_do_nothing()
                .execute(c)
        })?;
    }
    Ok(())
}
