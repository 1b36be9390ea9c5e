//! What an API token opens: every operation of the document × every word of a scope, by hand; one that is missing
//! fails the test.

use masthead::access::auth::api_token::TokenPermission;
use serde_json::json;

use super::{call, guarded};
use crate::support::TestApp;

/// The words that open each operation.
const OPENED: &[(&[&str], &[&str])] = &[
    (
        &["articles:read", "articles:write", "articles:publish", "articles:kill"],
        &[
            "listArticlesForEditing",
            "searchArticlesForEditing",
            "getArticleForEditing",
            "listTextSuspects",
            "listSchedule",
            "validateArticle",
            "listRevisions",
            "getRevision",
            "diffRevisions",
            "getLease",
            "listArticleNotes",
            "getArticleNote",
            "listPreviewTokens",
        ],
    ),
    (
        &["articles:write"],
        &[
            "createArticle",
            "updateArticle",
            "trashArticle",
            "restoreArticle",
            "submitArticle",
            "duplicateArticle",
            "translateArticle",
            "bulkUpdateArticles",
            "revertArticle",
            "saveAutosave",
            "getAutosave",
            "deleteAutosave",
            "takeLease",
            "releaseLease",
            "createPreviewToken",
            "deletePreviewToken",
            "createArticleNote",
            "updateArticleNote",
            "deleteArticleNote",
            "resolveArticleNote",
            "reopenArticleNote",
        ],
    ),
    (
        &["articles:publish"],
        &[
            "scheduleArticle",
            "unscheduleArticle",
            "publishArticle",
            "unpublishArticle",
            "approveArticle",
            "correctArticle",
            "retractArticle",
        ],
    ),
    (&["articles:kill"], &["killArticle", "deleteArticle"]),
    (
        &["comments:read", "comments:moderate"],
        &[
            "listModerationQueue",
            "getComment",
            "getModerationCounts",
            "getSpamModel",
        ],
    ),
    (
        &["comments:moderate"],
        &[
            "createStaffComment",
            "approveComment",
            "rejectComment",
            "restoreComment",
            "markCommentAsSpam",
            "claimComments",
            "releaseComments",
            "featureComment",
            "unfeatureComment",
            "pinComment",
            "unpinComment",
            "undoDecision",
            "bulkDecideComments",
            "listSanctions",
            "createSanction",
            "getSanction",
            "updateSanction",
            "liftSanction",
            "listWordLists",
            "createWordList",
            "getWordList",
            "updateWordList",
            "deleteWordList",
            "testWordLists",
            "createPrivacyRequest",
            "listPrivacyRequests",
            "getPrivacyRequest",
        ],
    ),
    (
        &["taxonomy:read", "taxonomy:write", "redirects:write", "site:write"],
        &[
            "listSectionsForEditing",
            "getSectionForEditing",
            "listTagsForEditing",
            "getTagForEditing",
            "listContributorsForEditing",
            "getContributorForEditing",
            "listRedirects",
            "getRedirect",
            "getSiteForEditing",
            "listMenus",
            "getMenuForEditing",
            "listAdSlotsForEditing",
            "getAdSlot",
            "listPackages",
            "getPackageForEditing",
        ],
    ),
    (
        &["taxonomy:write"],
        &[
            "createSection",
            "updateSection",
            "moveSection",
            "deleteSection",
            "createTag",
            "updateTag",
            "deleteTag",
            "mergeTag",
            "createContributor",
            "updateContributor",
            "deleteContributor",
        ],
    ),
    (
        &["redirects:write"],
        &["createRedirect", "updateRedirect", "deleteRedirect", "importRedirects"],
    ),
    (
        &["site:write"],
        &[
            "updateSite",
            "createMenu",
            "updateMenu",
            "deleteMenu",
            "createAdSlot",
            "updateAdSlot",
            "deleteAdSlot",
            "createPackage",
            "updatePackage",
            "deletePackage",
        ],
    ),
    (
        &["webhooks:manage"],
        &[
            "listWebhooks",
            "createWebhook",
            "getWebhook",
            "updateWebhook",
            "deleteWebhook",
            "rotateWebhook",
            "testWebhook",
            "replayWebhook",
            "listWebhookDeliveries",
            "getWebhookDelivery",
            "replayWebhookDelivery",
        ],
    ),
    (&["most_read:write"], &["replaceMostRead"]),
    (&["audit:read"], &["listAudit", "exportAudit", "listJobs", "getJob"]),
];

/// What is a person's own: their account, their tokens, and other people's.
const CLOSED: &[&str] = &[
    "logout",
    "getMe",
    "changeMyPassword",
    "listMySessions",
    "endMySession",
    "getMySecondFactor",
    "setUpSecondFactor",
    "confirmSecondFactor",
    "renewRecoveryCodes",
    "disableSecondFactor",
    "listApiTokens",
    "createApiToken",
    "getApiToken",
    "rotateApiToken",
    "revokeApiToken",
    "listUsers",
    "createUser",
    "getUser",
    "updateUser",
    "disableUser",
    "enableUser",
    "resetUserPassword",
    "resetUserSecondFactor",
    "listUserSessions",
    "endUserSessions",
];

/// The words that open an operation; `None` where every token may ask.
fn opening(id: &str) -> Option<&'static [&'static str]> {
    if id == "getCurrentApiToken" {
        return None;
    }
    if CLOSED.contains(&id) {
        return Some(&[]);
    }
    let row = OPENED.iter().find(|(_, operations)| operations.contains(&id));
    Some(row.unwrap_or_else(|| panic!("{id}: which scopes open it?")).0)
}

#[actix_web::test]
async fn every_scope_opens_what_the_table_says_and_nothing_else() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for word in TokenPermission::WORDS {
        let (_, machine) = admin.api_token(json!([{"permission": word}])).await;
        for operation in guarded() {
            let answer = call(&machine, operation).await;
            let case = format!("{} with {word}: {}", operation.id, answer.text);
            match opening(&operation.id) {
                None => assert_eq!(answer.status, 200, "{case}"),
                Some(words) if words.contains(word) => {
                    assert!(![401, 403].contains(&answer.status) && answer.status < 500, "{case}");
                }
                Some([]) => {
                    answer.problem(403, "token_not_accepted");
                }
                Some(words) => {
                    let refused = answer.problem(403, "token_scope_missing");
                    let named = words.iter().all(|word| refused.member("detail").contains(word));
                    assert!(named, "it says what is missing: {case}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn a_token_opens_nothing_that_its_owner_may_not() {
    let app = TestApp::new().await;
    let all: Vec<_> = TokenPermission::WORDS
        .iter()
        .map(|word| json!({"permission": word}))
        .collect();
    for (id, permitted) in super::table::TABLE {
        let operation = crate::support::contract::operation(id);
        if opening(id) == Some(&[]) || opening(id).is_none() {
            continue;
        }
        for role in super::table::EVERYBODY {
            let (_, machine) = app.user(*role).api_token(json!(all)).await;
            let answer = call(&machine, operation).await;
            let case = format!("{id} by a token of {role}: {}", answer.text);
            if permitted.contains(role) {
                assert!(![401, 403].contains(&answer.status), "{case}");
            } else {
                answer.problem(403, "forbidden");
            }
        }
    }
}

#[test]
fn the_paper_on_tokens_explains_every_scope() {
    let paper = std::fs::read_to_string("docs/tokens.md").unwrap();
    let rows = paper
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let explained: Vec<&str> = rows.map(|(word, _)| word).filter(|word| word.contains(':')).collect();
    assert_eq!(explained, TokenPermission::WORDS);
}
