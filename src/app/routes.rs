//! Every route, in one list. Serving mounts it on plain actix; only the documents are made from what describes it.

use std::collections::BTreeMap;

use actix_web::web;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{health, reference};
use crate::error::{Error, Result};
use crate::http::idempotency;
use crate::http::route_table::RouteTable;

/// Declares the routes once for both: to answer, and to be described.
macro_rules! routes {
    ($($handler:path,)*) => {
        /// Mounts every route, to answer.
        pub fn mount(cfg: &mut web::ServiceConfig) {
            $(cfg.service($handler);)*
        }

        /// Mounts every route together with what the documents say of it.
        pub fn describe(cfg: &mut ServiceConfig<'_>) {
            $(cfg.service($handler);)*
        }
    };
}

// A fixed path stands before one with a parameter in its place.
routes! {
    crate::auth::login::login,
    crate::auth::login::refresh_tokens,
    crate::auth::login::logout,
    crate::auth::login::get_jwks,
    crate::auth::me::get_me,
    crate::auth::me::change_my_password,
    crate::auth::me::list_my_sessions,
    crate::auth::me::end_my_session,
    crate::auth::users::list_users,
    crate::auth::users::create_user,
    crate::auth::users::get_user,
    crate::auth::users::update_user,
    crate::auth::users::disable_user,
    crate::auth::users::enable_user,
    crate::auth::users::reset_user_password,
    crate::auth::users::list_user_sessions,
    crate::auth::users::end_user_sessions,

    crate::site::delivery::get_site,
    crate::site::menus::delivery::get_menu,
    crate::site::ads::delivery::list_ad_slots,
    crate::site::api::get_site_for_editing,
    crate::site::api::update_site,
    crate::site::menus::api::list_menus,
    crate::site::menus::api::create_menu,
    crate::site::menus::api::get_menu_for_editing,
    crate::site::menus::api::update_menu,
    crate::site::menus::api::delete_menu,
    crate::site::ads::api::list_ad_slots_for_editing,
    crate::site::ads::api::create_ad_slot,
    crate::site::ads::api::get_ad_slot_for_editing,
    crate::site::ads::api::update_ad_slot,
    crate::site::ads::api::delete_ad_slot,

    crate::sections::delivery::list_sections,
    crate::sections::delivery::get_section,
    crate::sections::api::list_sections_for_editing,
    crate::sections::api::create_section,
    crate::sections::api::get_section_for_editing,
    crate::sections::api::update_section,
    crate::sections::api::move_section,
    crate::sections::api::delete_section,

    crate::tags::delivery::list_tags,
    crate::tags::delivery::get_tag,
    crate::tags::api::list_tags_for_editing,
    crate::tags::api::create_tag,
    crate::tags::api::get_tag_for_editing,
    crate::tags::api::update_tag,
    crate::tags::api::delete_tag,

    crate::contributors::delivery::list_contributors,
    crate::contributors::delivery::get_contributor,
    crate::contributors::api::list_contributors_for_editing,
    crate::contributors::api::create_contributor,
    crate::contributors::api::get_contributor_for_editing,
    crate::contributors::api::update_contributor,
    crate::contributors::api::delete_contributor,

    crate::articles::corrections::delivery::list_article_corrections,
    crate::articles::corrections::delivery::list_corrections,
    crate::articles::listing::delivery::list_articles,
    crate::articles::listing::delivery::list_full_articles,
    crate::articles::listing::delivery::list_partial_articles,
    crate::articles::related::delivery::list_related_articles,
    crate::articles::related::delivery::list_breaking_articles,
    crate::articles::delivery::get_article_by_path,
    crate::articles::delivery::get_article,
    crate::articles::delivery::resolve_path,
    crate::articles::api::create_article,
    crate::articles::api::get_article_for_editing,
    crate::articles::api::update_article,
    crate::articles::api::delete_article,
    crate::articles::desk::api::list_articles_for_editing,
    crate::articles::desk::search::search_articles_for_editing,
    crate::articles::revisions::api::list_revisions,
    crate::articles::revisions::api::get_revision,
    crate::articles::revisions::api::diff_revisions,
    crate::articles::revisions::api::revert_article,
    crate::articles::workflow::review::submit_article,
    crate::articles::workflow::review::approve_article,
    crate::articles::workflow::publish::publish_article,
    crate::articles::workflow::correct::correct_article,
    crate::articles::workflow::withdraw::unpublish_article,
    crate::articles::workflow::withdraw::retract_article,
    crate::articles::workflow::kill::kill_article,
    crate::articles::workflow::trash::trash_article,
    crate::articles::workflow::trash::restore_article,
    crate::articles::workflow::copy::duplicate_article,
    crate::articles::workflow::copy::translate_article,
    crate::articles::workflow::schedule::schedule_article,
    crate::articles::workflow::schedule::unschedule_article,
    crate::articles::workflow::bulk::perform_bulk_action,
    crate::articles::autosaves::api::save_autosave,
    crate::articles::autosaves::api::get_autosave,
    crate::articles::autosaves::api::delete_autosave,
    crate::articles::leases::api::take_lease,
    crate::articles::leases::api::get_lease,
    crate::articles::leases::api::release_lease,
    crate::articles::notes::api::list_article_notes,
    crate::articles::notes::api::create_article_note,
    crate::articles::notes::api::get_article_note,
    crate::articles::notes::api::update_article_note,
    crate::articles::notes::api::delete_article_note,
    crate::articles::notes::api::resolve_article_note,
    crate::articles::notes::api::reopen_article_note,
    crate::articles::previews::api::create_preview_token,
    crate::articles::previews::api::list_preview_tokens,
    crate::articles::previews::api::delete_preview_token,
    crate::articles::previews::delivery::get_preview,
    crate::articles::suspects::api::list_text_suspects,
    crate::articles::validate::validate_article,

    crate::packages::delivery::get_package,
    crate::packages::api::list_packages,
    crate::packages::api::create_package,
    crate::packages::api::get_package_for_editing,
    crate::packages::api::update_package,
    crate::packages::api::delete_package,

    crate::search::delivery::suggest_search,
    crate::search::delivery::search_articles,

    crate::pages::delivery::get_article_page,
    crate::pages::delivery::get_section_page,
    crate::pages::delivery::get_home_page,

    crate::schedule::api::list_schedule,

    crate::captcha::api::get_captcha,

    crate::comments::delivery::threads::list_comments,
    crate::comments::delivery::threads::list_comments_flat,
    crate::comments::delivery::threads::list_comment_replies,
    crate::comments::delivery::counts::get_comment_counts,
    crate::comments::readers::reactions::save_reaction,
    crate::comments::readers::reactions::delete_reaction,
    crate::comments::readers::reports::create_comment_report,
    crate::comments::readers::own::update_comment,
    crate::comments::readers::own::delete_comment,
    crate::comments::readers::staff::create_staff_comment,
    crate::comments::submit::create_comment,
    crate::comments::moderation::queue::list_moderation_queue,
    crate::comments::moderation::queue::get_moderation_counts,
    crate::comments::moderation::claim::claim_comments,
    crate::comments::moderation::claim::release_comments,
    crate::comments::moderation::context::get_comment_for_moderation,
    crate::comments::moderation::decide::approve_comment,
    crate::comments::moderation::decide::reject_comment,
    crate::comments::moderation::decide::mark_comment_as_spam,
    crate::comments::moderation::decide::restore_comment,
    crate::comments::moderation::decide::feature_comment,
    crate::comments::moderation::decide::unfeature_comment,
    crate::comments::moderation::decide::pin_comment,
    crate::comments::moderation::decide::unpin_comment,
    crate::comments::moderation::decide::undo_decision,
    crate::comments::moderation::bulk::perform_bulk_moderation,
    crate::comments::moderation::log::get_moderation_log,
    crate::comments::sanctions::api::list_sanctions,
    crate::comments::sanctions::api::create_sanction,
    crate::comments::sanctions::api::get_sanction,
    crate::comments::sanctions::api::update_sanction,
    crate::comments::sanctions::api::lift_sanction,
    crate::comments::words::api::list_word_lists,
    crate::comments::words::api::create_word_list,
    crate::comments::words::api::test_word_lists,
    crate::comments::words::api::get_word_list,
    crate::comments::words::api::update_word_list,
    crate::comments::words::api::delete_word_list,
    crate::comments::spam::api::get_spam_model,
    crate::comments::privacy::delivery::request_privacy,
    crate::comments::privacy::delivery::verify_privacy_request,
    crate::comments::privacy::api::create_privacy_request,

    crate::redirects::import::import_redirects,
    crate::redirects::api::list_redirects,
    crate::redirects::api::create_redirect,
    crate::redirects::api::get_redirect,
    crate::redirects::api::update_redirect,
    crate::redirects::api::delete_redirect,

    crate::audit::api::export_audit,
    crate::audit::api::list_audit,

    crate::feeds::delivery::get_rss_feed,
    crate::feeds::delivery::get_atom_feed,
    crate::feeds::delivery::get_json_feed,

    crate::sitemaps::delivery::get_sitemap_index,
    crate::sitemaps::delivery::get_sitemap,
    crate::sitemaps::delivery::get_news_sitemap,

    health::get_liveness,
    health::get_readiness,
    reference::get_problem,
    reference::get_delivery_document,
    reference::get_editorial_document,
}

/// Routes that are no part of the API and stand in no document.
const UNDOCUMENTED: &[(&str, &str)] = &[("/docs", "GET"), ("/docs/{file:.*}", "GET")];

/// The documents as they are committed.
pub const DOCUMENTS: [&str; 2] = [DELIVERY_DOCUMENT, EDITORIAL_DOCUMENT];
/// What readers' front ends use.
pub const DELIVERY_DOCUMENT: &str = include_str!("../../openapi/delivery.json");
/// What editors' and moderators' clients use.
pub const EDITORIAL_DOCUMENT: &str = include_str!("../../openapi/editorial.json");

/// The routes with their methods, read from the documents.
///
/// # Errors
/// 500 when a document is none.
pub fn table() -> Result<RouteTable> {
    let mut table = RouteTable::default();
    for document in DOCUMENTS {
        let document: Described = serde_json::from_str(document).map_err(Error::internal)?;
        for (path, operations) in &document.paths {
            for (method, operation) in operations {
                let takes_key = operation
                    .parameters
                    .iter()
                    .any(|parameter| parameter.name == idempotency::HEADER);
                table.add(path, &method.to_ascii_uppercase(), takes_key);
            }
        }
    }
    for (pattern, method) in UNDOCUMENTED {
        table.add(pattern, method, false);
    }
    Ok(table)
}

/// What is read of a document.
#[derive(Deserialize)]
struct Described {
    paths: BTreeMap<String, BTreeMap<String, DescribedOperation>>,
}

#[derive(Deserialize)]
struct DescribedOperation {
    #[serde(default)]
    parameters: Vec<DescribedParameter>,
}

#[derive(Deserialize)]
struct DescribedParameter {
    name: String,
}
