//! What the audit says of that day.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::Client;
use crate::support::contract::operations;

/// What stands in the audit after the day.
pub async fn audit(admin: &Client) {
    admin.get("/v1/editorial/audit").await.expect(200);
    let export = admin.get("/v1/editorial/audit/export").await.expect(200);
    let mut acts: BTreeSet<String> = BTreeSet::new();
    for line in export.text.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        acts.insert(entry["action"].as_str().unwrap().to_owned());
    }
    let changing = operations().iter().filter(|operation| operation.method != "GET");
    for operation in changing.filter(|operation| operation.path.starts_with("/v1/editorial/")) {
        let id = operation.id.as_str();
        let known = AUDITED.iter().find(|(known, _)| *known == id);
        let (_, act) = known.unwrap_or_else(|| panic!("{id}: which act does the audit note?"));
        assert!(
            act.is_empty() || acts.contains(*act),
            "{id}: there is no {act} in the audit"
        );
    }
}

/// The act that the audit notes for each operation that changes something.
const AUDITED: &[(&str, &str)] = &[
    ("login", "user.login"),
    // Each session renews its tokens every quarter of an hour: the login stands for all of them.
    ("refreshTokens", ""),
    ("logout", "user.logout"),
    ("changeMyPassword", "user.set_password"),
    ("endMySession", "user.end_sessions"),
    ("setUpSecondFactor", "user.set_up_second_factor"),
    ("confirmSecondFactor", "user.enable_second_factor"),
    ("renewRecoveryCodes", "user.renew_recovery_codes"),
    ("disableSecondFactor", "user.disable_second_factor"),
    ("createUser", "user.create"),
    ("updateUser", "user.edit"),
    ("disableUser", "user.disable"),
    ("enableUser", "user.enable"),
    ("resetUserPassword", "user.set_password"),
    ("resetUserSecondFactor", "user.reset_second_factor"),
    ("endUserSessions", "user.end_sessions"),
    ("createApiToken", "api_token.create"),
    ("rotateApiToken", "api_token.rotate"),
    ("revokeApiToken", "api_token.revoke"),
    ("mergeTag", "tag.merge"),
    ("createWebhook", "webhook.create"),
    ("updateWebhook", "webhook.edit"),
    ("deleteWebhook", "webhook.delete"),
    ("rotateWebhook", "webhook.rotate"),
    ("testWebhook", "webhook.test"),
    ("replayWebhook", "webhook.replay"),
    ("replayWebhookDelivery", "webhook.replay"),
    ("revertArticle", "article.revert"),
    // Typing and saying that one types is no act; taking it from a colleague is.
    ("saveAutosave", ""),
    ("deleteAutosave", ""),
    ("takeLease", "article.take_over"),
    ("releaseLease", "article.break_lease"),
    ("createArticleNote", "article.add_note"),
    ("updateArticleNote", "article.edit_note"),
    ("deleteArticleNote", "article.delete_note"),
    ("resolveArticleNote", "article.resolve_note"),
    ("reopenArticleNote", "article.reopen_note"),
    ("createSection", "section.create"),
    ("updateSection", "section.edit"),
    ("moveSection", "section.move"),
    ("deleteSection", "section.delete"),
    ("createTag", "tag.create"),
    ("updateTag", "tag.edit"),
    ("deleteTag", "tag.delete"),
    ("createContributor", "contributor.create"),
    ("updateContributor", "contributor.edit"),
    ("deleteContributor", "contributor.delete"),
    ("createRedirect", "redirect.create"),
    ("updateRedirect", "redirect.edit"),
    ("deleteRedirect", "redirect.delete"),
    ("importRedirects", "redirect.import"),
    ("createWordList", "word_list.create"),
    ("updateWordList", "word_list.edit"),
    ("deleteWordList", "word_list.delete"),
    // A question.
    ("testWordLists", ""),
    ("createArticle", "article.create"),
    ("updateArticle", "article.edit"),
    ("bulkUpdateArticles", "article.submit"),
    ("deleteArticle", "article.delete"),
    ("submitArticle", "article.submit"),
    ("approveArticle", "article.approve"),
    ("publishArticle", "article.publish"),
    ("correctArticle", "article.correct"),
    ("unpublishArticle", "article.unpublish"),
    ("retractArticle", "article.retract"),
    ("killArticle", "article.kill"),
    ("scheduleArticle", "article.schedule"),
    ("unscheduleArticle", "article.unschedule"),
    ("trashArticle", "article.trash"),
    ("restoreArticle", "article.restore"),
    ("duplicateArticle", "article.duplicate"),
    ("translateArticle", "article.translate"),
    ("createPreviewToken", "preview.create"),
    ("deletePreviewToken", "preview.delete"),
    ("approveComment", "comment.approve"),
    ("rejectComment", "comment.reject"),
    ("markCommentAsSpam", "comment.spam"),
    ("restoreComment", "comment.restore"),
    ("createStaffComment", "comment.create"),
    ("createPrivacyRequest", "privacy.request"),
    ("updateSite", "site.edit"),
    ("replaceMostRead", "most_read.replace"),
    ("createMenu", "menu.create"),
    ("updateMenu", "menu.edit"),
    ("deleteMenu", "menu.delete"),
    ("createAdSlot", "ad_slot.create"),
    ("updateAdSlot", "ad_slot.edit"),
    ("deleteAdSlot", "ad_slot.delete"),
    ("createPackage", "package.create"),
    ("updatePackage", "package.edit"),
    ("deletePackage", "package.delete"),
    // Who holds which card is no act: what they decide is.
    ("claimComments", ""),
    ("releaseComments", ""),
    ("featureComment", "comment.feature"),
    ("unfeatureComment", "comment.unfeature"),
    ("pinComment", "comment.pin"),
    ("unpinComment", "comment.unpin"),
    ("undoDecision", "comment.undo"),
    ("bulkDecideComments", "comment.reject"),
    ("createSanction", "sanction.create"),
    ("updateSanction", "sanction.edit"),
    ("liftSanction", "sanction.lift"),
];
