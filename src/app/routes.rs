//! Every route, in one list. Serving mounts it on plain actix; only the documents are made from what describes it.

use actix_web::web;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{health, reference};
use crate::base::error::Result;
use crate::base::http::idempotency;
use crate::base::http::route_table::RouteTable;

/// Declares the routes once for both: to answer, and to be described.
macro_rules! routes {
    ($($handler:path,)*) => {
        /// Mounts every route, to answer.
        pub fn mount(cfg: &mut web::ServiceConfig) {
            $(cfg.service($handler);)*
        }

        /// Mounts every route together with its description for the documents.
        pub fn describe(cfg: &mut ServiceConfig<'_>) {
            $(cfg.service($handler);)*
        }
    };
}

// actix tries them one after the other, those with parameters by a regular expression: what readers ask for most comes
// first. A fixed path comes before one with a parameter in its place.
routes! {
    crate::delivery::pages::endpoints::get_page,
    crate::delivery::pages::endpoints::get_home_page,
    crate::delivery::pages::endpoints::get_article_page,
    crate::delivery::pages::endpoints::get_section_page,
    crate::delivery::pages::endpoints::get_tag_page,
    crate::delivery::pages::endpoints::get_contributor_page,
    crate::delivery::pages::endpoints::get_search_page,
    crate::delivery::articles::get_article_by_path,
    crate::delivery::lists::endpoints::list_articles,
    crate::delivery::lists::endpoints::list_full_articles,
    crate::delivery::lists::endpoints::list_partial_articles,
    crate::delivery::search::endpoints::suggest_search,
    crate::delivery::search::endpoints::search_articles,
    crate::delivery::resolve::resolve_path,
    crate::delivery::site::get_site,
    crate::delivery::related::endpoints::list_breaking_articles,
    crate::delivery::most_read::list_most_read,
    crate::comments::lists::counts::get_comment_counts,
    crate::comments::captcha::endpoints::get_captcha,
    crate::delivery::articles::get_article,
    crate::comments::lists::threads::list_comments,
    crate::comments::submit::create_comment,
    crate::delivery::related::endpoints::list_related_articles,

    crate::access::accounts::login::login,
    crate::access::accounts::login::refresh_tokens,
    crate::access::accounts::login::logout,
    crate::access::accounts::login::get_jwks,
    crate::access::accounts::me::get_me,
    crate::access::accounts::me::change_my_password,
    crate::access::accounts::me::list_my_sessions,
    crate::access::accounts::me::end_my_session,
    crate::access::accounts::second_factor::get_my_second_factor,
    crate::access::accounts::second_factor::set_up_second_factor,
    crate::access::accounts::second_factor::confirm_second_factor,
    crate::access::accounts::second_factor::renew_recovery_codes,
    crate::access::accounts::second_factor::disable_second_factor,
    crate::access::accounts::users::list_users,
    crate::access::accounts::users::create_user,
    crate::access::accounts::users::get_user,
    crate::access::accounts::users::update_user,
    crate::access::accounts::users::disable_user,
    crate::access::accounts::users::enable_user,
    crate::access::accounts::users::reset_user_password,
    crate::access::accounts::users::reset_user_second_factor,
    crate::access::accounts::users::list_user_sessions,
    crate::access::accounts::users::end_user_sessions,

    crate::delivery::menus::get_menu,
    crate::delivery::ad_slots::list_ad_slots,
    crate::editorial::settings::get_site_for_editing,
    crate::editorial::settings::update_site,
    crate::editorial::menus::list_menus,
    crate::editorial::menus::create_menu,
    crate::editorial::menus::get_menu_for_editing,
    crate::editorial::menus::update_menu,
    crate::editorial::menus::delete_menu,
    crate::editorial::ad_slots::list_ad_slots_for_editing,
    crate::editorial::ad_slots::create_ad_slot,
    crate::editorial::ad_slots::get_ad_slot,
    crate::editorial::ad_slots::update_ad_slot,
    crate::editorial::ad_slots::delete_ad_slot,

    crate::delivery::sections::list_sections,
    crate::delivery::sections::get_section,
    crate::editorial::sections::endpoints::list_sections_for_editing,
    crate::editorial::sections::endpoints::create_section,
    crate::editorial::sections::endpoints::get_section_for_editing,
    crate::editorial::sections::endpoints::update_section,
    crate::editorial::sections::moving::move_section,
    crate::editorial::sections::moving::delete_section,

    crate::delivery::tags::list_tags,
    crate::delivery::tags::get_tag,
    crate::editorial::tags::list_tags_for_editing,
    crate::editorial::tags::create_tag,
    crate::editorial::tags::get_tag_for_editing,
    crate::editorial::tags::update_tag,
    crate::editorial::tags::delete_tag,
    crate::editorial::tags::merge_tag,

    crate::delivery::contributors::list_contributors,
    crate::delivery::contributors::get_contributor,
    crate::editorial::contributors::list_contributors_for_editing,
    crate::editorial::contributors::create_contributor,
    crate::editorial::contributors::get_contributor_for_editing,
    crate::editorial::contributors::update_contributor,
    crate::editorial::contributors::delete_contributor,

    crate::delivery::corrections::list_article_corrections,
    crate::delivery::corrections::list_corrections,
    crate::delivery::most_read::count_article_view,
    crate::editorial::most_read::replace_most_read,
    crate::editorial::articles::working_copy::create_article,
    crate::editorial::articles::working_copy::get_article_for_editing,
    crate::editorial::articles::working_copy::update_article,
    crate::editorial::articles::working_copy::delete_article,
    crate::editorial::articles::desk::list::list_articles_for_editing,
    crate::editorial::articles::desk::search::search_articles_for_editing,
    crate::editorial::revisions::list_revisions,
    crate::editorial::revisions::get_revision,
    crate::editorial::revisions::diff_revisions,
    crate::editorial::revisions::revert_article,
    crate::editorial::workflow::review::submit_article,
    crate::editorial::workflow::review::approve_article,
    crate::editorial::workflow::publish::publish_article,
    crate::editorial::workflow::correct::correct_article,
    crate::editorial::workflow::withdraw::unpublish_article,
    crate::editorial::workflow::withdraw::retract_article,
    crate::editorial::workflow::kill::kill_article,
    crate::editorial::workflow::trash::trash_article,
    crate::editorial::workflow::trash::restore_article,
    crate::editorial::workflow::copy::duplicate_article,
    crate::editorial::workflow::copy::translate_article,
    crate::editorial::workflow::schedule::schedule_article,
    crate::editorial::workflow::schedule::unschedule_article,
    crate::editorial::workflow::bulk::bulk_update_articles,
    crate::editorial::autosaves::endpoints::save_autosave,
    crate::editorial::autosaves::endpoints::get_autosave,
    crate::editorial::autosaves::endpoints::delete_autosave,
    crate::editorial::leases::endpoints::take_lease,
    crate::editorial::leases::endpoints::get_lease,
    crate::editorial::leases::endpoints::release_lease,
    crate::editorial::notes::endpoints::list_article_notes,
    crate::editorial::notes::endpoints::create_article_note,
    crate::editorial::notes::endpoints::get_article_note,
    crate::editorial::notes::endpoints::update_article_note,
    crate::editorial::notes::endpoints::delete_article_note,
    crate::editorial::notes::endpoints::resolve_article_note,
    crate::editorial::notes::endpoints::reopen_article_note,
    crate::editorial::previews::create_preview_token,
    crate::editorial::previews::list_preview_tokens,
    crate::editorial::previews::delete_preview_token,
    crate::delivery::previews::get_preview,
    crate::editorial::articles::suspects::endpoints::list_text_suspects,
    crate::editorial::articles::validate::validate_article,

    crate::delivery::changes::list_changes,
    crate::delivery::change_stream::get_change_stream,
    crate::delivery::packages::get_package,
    crate::editorial::packages::list_packages,
    crate::editorial::packages::create_package,
    crate::editorial::packages::get_package_for_editing,
    crate::editorial::packages::update_package,
    crate::editorial::packages::delete_package,

    crate::editorial::schedule::listing::list_schedule,

    crate::comments::lists::threads::list_comments_flat,
    crate::comments::lists::threads::list_comment_replies,
    crate::comments::readers::reactions::save_reaction,
    crate::comments::readers::reactions::delete_reaction,
    crate::comments::readers::reports::create_comment_report,
    crate::comments::readers::own_comments::update_comment,
    crate::comments::readers::own_comments::delete_comment,
    crate::comments::readers::staff::create_staff_comment,
    crate::comments::moderation::queue::list_moderation_queue,
    crate::comments::moderation::queue::get_moderation_counts,
    crate::comments::moderation::claim::claim_comments,
    crate::comments::moderation::claim::release_comments,
    crate::comments::moderation::context::get_comment,
    crate::comments::moderation::decide::approve_comment,
    crate::comments::moderation::decide::reject_comment,
    crate::comments::moderation::decide::mark_comment_as_spam,
    crate::comments::moderation::decide::restore_comment,
    crate::comments::moderation::decide::feature_comment,
    crate::comments::moderation::decide::unfeature_comment,
    crate::comments::moderation::decide::pin_comment,
    crate::comments::moderation::decide::unpin_comment,
    crate::comments::moderation::decide::undo_decision,
    crate::comments::moderation::bulk::bulk_decide_comments,
    crate::comments::moderation::log::get_moderation_log,
    crate::comments::sanctions::endpoints::list_sanctions,
    crate::comments::sanctions::endpoints::create_sanction,
    crate::comments::sanctions::endpoints::get_sanction,
    crate::comments::sanctions::endpoints::update_sanction,
    crate::comments::sanctions::endpoints::lift_sanction,
    crate::comments::words::endpoints::list_word_lists,
    crate::comments::words::endpoints::create_word_list,
    crate::comments::words::endpoints::test_word_lists,
    crate::comments::words::endpoints::get_word_list,
    crate::comments::words::endpoints::update_word_list,
    crate::comments::words::endpoints::delete_word_list,
    crate::comments::spam::endpoints::get_spam_model,
    crate::comments::privacy::requests::request_privacy,
    crate::comments::privacy::requests::verify_privacy_request,
    crate::comments::privacy::staff::create_privacy_request,
    crate::comments::privacy::waiting::list_privacy_requests,
    crate::comments::privacy::waiting::get_privacy_request,

    crate::events::webhooks::endpoints::list_webhooks,
    crate::events::webhooks::endpoints::create_webhook,
    crate::events::webhooks::endpoints::get_webhook,
    crate::events::webhooks::endpoints::update_webhook,
    crate::events::webhooks::endpoints::delete_webhook,
    crate::events::webhooks::endpoints::rotate_webhook,
    crate::events::webhooks::delivery_endpoints::test_webhook,
    crate::events::webhooks::delivery_endpoints::replay_webhook,
    crate::events::webhooks::delivery_endpoints::list_webhook_deliveries,
    crate::events::webhooks::delivery_endpoints::get_webhook_delivery,
    crate::events::webhooks::delivery_endpoints::replay_webhook_delivery,
    crate::editorial::jobs::list_jobs,
    crate::editorial::jobs::get_job,

    crate::editorial::redirect_import::import_redirects,
    crate::editorial::redirects::list_redirects,
    crate::editorial::redirects::create_redirect,
    crate::editorial::redirects::get_redirect,
    crate::editorial::redirects::update_redirect,
    crate::editorial::redirects::delete_redirect,

    crate::access::api_tokens::endpoints::list_api_tokens,
    crate::access::api_tokens::endpoints::create_api_token,
    crate::access::api_tokens::endpoints::get_current_api_token,
    crate::access::api_tokens::endpoints::get_api_token,
    crate::access::api_tokens::endpoints::rotate_api_token,
    crate::access::api_tokens::endpoints::revoke_api_token,

    crate::access::audit::endpoints::export_audit,
    crate::access::audit::endpoints::list_audit,

    crate::delivery::feeds::endpoints::get_rss_feed,
    crate::delivery::feeds::endpoints::get_atom_feed,
    crate::delivery::feeds::endpoints::get_json_feed,

    crate::delivery::sitemaps::robots::get_robots,
    crate::delivery::sitemaps::endpoints::get_sitemap_index,
    crate::delivery::sitemaps::endpoints::get_sitemap,
    crate::delivery::sitemaps::endpoints::get_news_sitemap,

    health::get_liveness,
    health::get_readiness,
    reference::get_problem,
    reference::get_delivery_document,
    reference::get_editorial_document,
}

/// Routes that are no part of the API and are in no document.
const UNDOCUMENTED: &[(&str, &str)] = &[("/docs", "GET"), ("/docs/{file:.*}", "GET")];

/// A line for each operation: the method, the path, the names of its headers; the build reads them from the documents.
const OPERATIONS: &str = include_str!(concat!(env!("OUT_DIR"), "/routes.txt"));

/// The routes with their methods.
///
/// # Errors
/// 500 when two of them match the same paths.
pub fn table() -> Result<RouteTable> {
    let mut table = RouteTable::default();
    for line in OPERATIONS.lines() {
        let mut words = line.split(' ');
        if let (Some(method), Some(path)) = (words.next(), words.next()) {
            table.add(path, method, words.any(|header| header == idempotency::HEADER))?;
        }
    }
    for (pattern, method) in UNDOCUMENTED {
        table.add(pattern, method, false)?;
    }
    Ok(table)
}
