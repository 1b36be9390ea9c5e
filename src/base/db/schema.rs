//! The tables, as diesel sees them on both databases. Written from `migrations/`; a test compares.

diesel::table! {
    generations (kind) {
        kind -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    cache_deaths (seq) {
        seq -> BigInt,
        transaction_id -> Nullable<BigInt>,
        instance -> Text,
        keys -> Text,
        at -> Timestamp,
        purge_waits -> Nullable<Integer>,
    }
}

diesel::table! {
    site (id) {
        id -> Integer,
        settings -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    paths (path) {
        path -> Text,
        kind -> Text,
        target_id -> Nullable<Text>,
        locale -> Text,
        status -> Text,
        location -> Nullable<Text>,
        http_status -> Integer,
        created_at -> Timestamp,
        id -> Nullable<Text>,
        origin -> Nullable<Text>,
        note -> Nullable<Text>,
        version -> Nullable<BigInt>,
        created_by -> Nullable<Text>,
        updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    edits (kind, target_id, version) {
        kind -> Text,
        target_id -> Text,
        version -> BigInt,
        user_id -> Nullable<Text>,
        fields -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    idempotency_keys (scope, key) {
        scope -> Text,
        key -> Text,
        request_hash -> Text,
        status -> Integer,
        resource_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        payload -> Text,
        state -> Text,
        attempts -> Integer,
        run_at -> Timestamp,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        email_key -> Text,
        name -> Text,
        password_digest -> Text,
        is_demo -> Bool,
        disabled_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    grants (user_id, ordinal) {
        user_id -> Text,
        ordinal -> Integer,
        role -> Text,
        section_id -> Nullable<Text>,
        locale -> Nullable<Text>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        user_agent -> Nullable<Text>,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
        has_second_factor -> Bool,
    }
}

diesel::table! {
    changes (seq) {
        seq -> BigInt,
        position -> Nullable<BigInt>,
        kind -> Text,
        target_id -> Text,
        path -> Nullable<Text>,
        op -> Text,
        version -> BigInt,
        at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    change_feeds (id) {
        id -> Text,
    }
}

diesel::table! {
    merged_tags (id) {
        id -> Text,
        into_id -> Text,
    }
}

diesel::table! {
    events (seq) {
        seq -> BigInt,
        id -> Text,
        kind -> Text,
        subject -> Nullable<Text>,
        section_ids -> Text,
        data -> Text,
        at -> Timestamp,
        relayed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        name -> Text,
        url -> Text,
        section_id -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        off_since -> Nullable<Timestamp>,
        off_reason -> Nullable<Text>,
        failing_since -> Nullable<Timestamp>,
        last_success_at -> Nullable<Timestamp>,
        holder -> Nullable<Text>,
        leased_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webhook_event_kinds (webhook_id, kind) {
        webhook_id -> Text,
        kind -> Text,
    }
}

diesel::table! {
    webhook_secrets (webhook_id, number) {
        webhook_id -> Text,
        number -> Integer,
        sealed -> Text,
        created_at -> Timestamp,
        replaced_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Text,
        webhook_id -> Text,
        event_seq -> BigInt,
        subject -> Nullable<Text>,
        state -> Text,
        attempts -> Integer,
        due_at -> Nullable<Timestamp>,
        attempted_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        last_status -> Nullable<Integer>,
        last_error -> Nullable<Text>,
        last_milliseconds -> Nullable<BigInt>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
        request_count -> BigInt,
    }
}

diesel::table! {
    api_token_secrets (digest) {
        digest -> Text,
        token_id -> Text,
        prefix -> Text,
        created_at -> Timestamp,
        replaced_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    api_token_scopes (token_id, ordinal) {
        token_id -> Text,
        ordinal -> Integer,
        permission -> Text,
        section_id -> Nullable<Text>,
        locale -> Nullable<Text>,
    }
}

diesel::table! {
    refresh_tokens (digest) {
        digest -> Text,
        session_id -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        public_key -> Text,
        sealed_private_key -> Text,
        created_at -> Timestamp,
        signs_from -> Timestamp,
    }
}

diesel::table! {
    second_factors (user_id) {
        user_id -> Text,
        sealed_secret -> Text,
        created_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        last_step -> BigInt,
    }
}

diesel::table! {
    recovery_codes (user_id, digest) {
        user_id -> Text,
        digest -> Text,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sections (id) {
        id -> Text,
        parent_id -> Nullable<Text>,
        slug -> Text,
        path -> Text,
        label -> Text,
        labels -> Text,
        description -> Nullable<Text>,
        colour -> Nullable<Text>,
        position -> Integer,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        comment_policy -> Nullable<Text>,
    }
}

diesel::table! {
    tags (id) {
        id -> Text,
        kind -> Text,
        slug -> Text,
        label -> Text,
        sort_key -> Text,
        description -> Nullable<Text>,
        external_id -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    contributors (id) {
        id -> Text,
        slug -> Text,
        name -> Text,
        sort_key -> Text,
        role -> Nullable<Text>,
        bio -> Nullable<Text>,
        image -> Nullable<Text>,
        is_active -> Bool,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    articles (id) {
        id -> Text,
        locale -> Text,
        translation_key -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        title -> Text,
        section_id -> Nullable<Text>,
        content -> Text,
        embargo_until -> Nullable<Timestamp>,
        assignee_id -> Nullable<Text>,
        state -> Text,
        has_unpublished_changes -> Bool,
        version -> BigInt,
        live_revision_number -> Nullable<Integer>,
        path -> Nullable<Text>,
        position -> Nullable<BigInt>,
        published_at -> Nullable<Timestamp>,
        first_published_at -> Nullable<Timestamp>,
        updated_at -> Nullable<Timestamp>,
        corrected_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        created_by -> Nullable<Text>,
        edited_at -> Timestamp,
        edited_by -> Nullable<Text>,
        trashed_at -> Nullable<Timestamp>,
        published_by -> Nullable<Text>,
        has_suspect_text -> Nullable<Bool>,
        review -> Text,
    }
}

diesel::table! {
    article_sections (article_id, section_id) {
        article_id -> Text,
        section_id -> Text,
    }
}

diesel::table! {
    article_tags (article_id, tag_id) {
        article_id -> Text,
        tag_id -> Text,
    }
}

diesel::table! {
    article_contributors (article_id, contributor_id) {
        article_id -> Text,
        contributor_id -> Text,
    }
}

diesel::table! {
    article_revisions (article_id, number) {
        article_id -> Text,
        number -> Integer,
        kind -> Text,
        content -> Text,
        author_id -> Nullable<Text>,
        note -> Nullable<Text>,
        created_at -> Timestamp,
        sealed_at -> Nullable<Timestamp>,
        version -> Nullable<BigInt>,
        size -> Nullable<Integer>,
        reverted_to -> Nullable<Integer>,
        packed -> Nullable<Binary>,
    }
}

diesel::table! {
    autosaves (article_id, user_id) {
        article_id -> Text,
        user_id -> Text,
        base_version -> BigInt,
        content -> Text,
        saved_at -> Timestamp,
    }
}

diesel::table! {
    leases (article_id) {
        article_id -> Text,
        user_id -> Text,
        since -> Timestamp,
        until -> Timestamp,
    }
}

diesel::table! {
    article_notes (id) {
        id -> Text,
        article_id -> Text,
        block_id -> Nullable<Text>,
        body -> Text,
        author_id -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        resolved_at -> Nullable<Timestamp>,
        resolved_by -> Nullable<Text>,
    }
}

diesel::table! {
    published_articles (id) {
        id -> Text,
        position -> BigInt,
        locale -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        path -> Text,
        section_id -> Text,
        card_json -> Text,
        article_json -> Text,
        outline -> Text,
        search_text -> Text,
        breaking_until -> Nullable<Timestamp>,
        published_at -> Timestamp,
        updated_at -> Timestamp,
        corrected_at -> Nullable<Timestamp>,
        retracted_at -> Nullable<Timestamp>,
        revision_number -> Integer,
        press_format -> Integer,
        translation_key -> Nullable<Text>,
        comment_policy -> Nullable<Text>,
        no_index -> Nullable<Bool>,
        featured_position -> Nullable<BigInt>,
        search_format -> Nullable<Integer>,
        teaser_json -> Nullable<Text>,
    }
}

diesel::table! {
    gated_articles (article_id) {
        article_id -> Text,
        access -> Text,
        article_json -> Text,
        outline -> Text,
    }
}

diesel::table! {
    published_interlinks (target_id, article_id) {
        target_id -> Text,
        article_id -> Text,
    }
}

diesel::table! {
    published_sections (section_id, article_id) {
        section_id -> Text,
        article_id -> Text,
        locale -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        is_direct -> Bool,
        position -> BigInt,
        is_listed -> Bool,
    }
}

diesel::table! {
    published_tags (tag_id, article_id) {
        tag_id -> Text,
        article_id -> Text,
        locale -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        position -> BigInt,
        is_listed -> Bool,
    }
}

diesel::table! {
    published_contributors (contributor_id, article_id) {
        contributor_id -> Text,
        article_id -> Text,
        locale -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        position -> BigInt,
        is_listed -> Bool,
    }
}

diesel::table! {
    corrections (id) {
        id -> Text,
        article_id -> Text,
        kind -> Text,
        text -> Text,
        at -> Timestamp,
        author_id -> Nullable<Text>,
    }
}

diesel::table! {
    published_corrections (id) {
        id -> Text,
        article_id -> Text,
        locale -> Text,
        kind -> Text,
        text -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    takedowns (id) {
        id -> Text,
        kind -> Text,
        article_id -> Text,
        notice -> Nullable<Text>,
        reason -> Nullable<Text>,
        at -> Timestamp,
        actor_id -> Nullable<Text>,
    }
}

diesel::table! {
    audit (id) {
        id -> Text,
        at -> Timestamp,
        via -> Text,
        user_id -> Nullable<Text>,
        session_id -> Nullable<Text>,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        action -> Text,
        target_kind -> Text,
        target_id -> Nullable<Text>,
        before_digest -> Nullable<Text>,
        after_digest -> Nullable<Text>,
        details -> Nullable<Text>,
        token_id -> Nullable<Text>,
    }
}

diesel::table! {
    comments (id) {
        id -> Text,
        article_id -> Text,
        parent_id -> Nullable<Text>,
        root_id -> Text,
        depth -> Integer,
        author_name -> Text,
        body -> Text,
        state -> Text,
        is_visible -> Bool,
        verdicts -> Text,
        reader_digest -> Nullable<Text>,
        edit_token_digest -> Nullable<Text>,
        created_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Text>,
        body_html -> Nullable<Text>,
        body_digest -> Nullable<Text>,
        email_hash -> Nullable<Text>,
        network_hash -> Nullable<Text>,
        hash_key -> Nullable<Integer>,
        user_id -> Nullable<Text>,
        contributor_id -> Nullable<Text>,
        spam_score -> Nullable<Double>,
        edited_at -> Nullable<Timestamp>,
        featured_at -> Nullable<Timestamp>,
        pinned_at -> Nullable<Timestamp>,
        reaction_count -> BigInt,
        report_count -> BigInt,
        erased_from -> Nullable<Text>,
    }
}

diesel::table! {
    moderation_log (id) {
        id -> Text,
        comment_id -> Text,
        article_id -> Text,
        moderator_id -> Nullable<Text>,
        action -> Text,
        from_state -> Text,
        to_state -> Text,
        reason -> Nullable<Text>,
        note -> Nullable<Text>,
        at -> Timestamp,
    }
}

diesel::table! {
    comment_counts (article_id) {
        article_id -> Text,
        approved -> BigInt,
    }
}

diesel::table! {
    comment_versions (comment_id, number) {
        comment_id -> Text,
        number -> Integer,
        body -> Text,
        state -> Text,
        verdicts -> Text,
        written_at -> Timestamp,
    }
}

diesel::table! {
    comment_reactions (comment_id, reader_digest) {
        comment_id -> Text,
        reader_digest -> Text,
        at -> Timestamp,
        network_hash -> Nullable<Text>,
        is_counted -> Bool,
    }
}

diesel::table! {
    comment_reports (id) {
        id -> Text,
        comment_id -> Text,
        reader_digest -> Text,
        reason -> Text,
        note -> Nullable<Text>,
        at -> Timestamp,
        settled_at -> Nullable<Timestamp>,
        network_hash -> Nullable<Text>,
        hash_key -> Nullable<Integer>,
    }
}

diesel::table! {
    comment_holds (comment_id, reason) {
        comment_id -> Text,
        reason -> Text,
    }
}

diesel::table! {
    comment_hold_counts (month, phase, shard) {
        month -> Text,
        phase -> Text,
        shard -> Integer,
        held -> BigInt,
    }
}

diesel::table! {
    comment_claims (comment_id) {
        comment_id -> Text,
        user_id -> Text,
        until -> Timestamp,
    }
}

diesel::table! {
    sanctions (id) {
        id -> Text,
        kind -> Text,
        target -> Text,
        target_key -> Text,
        hash_key -> Nullable<Integer>,
        section_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        note -> Nullable<Text>,
        comment_id -> Nullable<Text>,
        created_by -> Nullable<Text>,
        created_at -> Timestamp,
        ends_at -> Nullable<Timestamp>,
        lifted_at -> Nullable<Timestamp>,
        lifted_by -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    hash_keys (number) {
        number -> Integer,
        created_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    import_items (source, kind, source_id) {
        source -> Text,
        kind -> Text,
        source_id -> Text,
        target_id -> Text,
        digest -> Text,
        version -> BigInt,
        imported_at -> Timestamp,
    }
}

diesel::table! {
    schedules (id) {
        id -> Text,
        article_id -> Text,
        kind -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        at -> Timestamp,
        local_time -> Text,
        time_zone -> Text,
        fold -> Nullable<Text>,
        revision_number -> Nullable<Integer>,
        article_version -> BigInt,
        section_id -> Nullable<Text>,
        is_minor -> Bool,
        published_at -> Nullable<Timestamp>,
        attempts -> Integer,
        retry_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        created_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Text>,
    }
}

diesel::table! {
    preview_articles (digest) {
        digest -> Text,
        id -> Text,
        article_id -> Text,
        revision_number -> Nullable<Integer>,
        during_embargo -> Bool,
        embargo_until -> Nullable<Timestamp>,
        created_by -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        locale -> Text,
        translation_key -> Text,
        section_id -> Nullable<Text>,
        article_json -> Nullable<Text>,
        outline -> Nullable<Text>,
        breaking_until -> Nullable<Timestamp>,
        pressed_at -> Timestamp,
        press_format -> Integer,
        comment_policy -> Nullable<Text>,
    }
}

diesel::table! {
    captcha_solutions (digest) {
        digest -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    word_lists (id) {
        id -> Text,
        name -> Text,
        sort_key -> Text,
        kind -> Text,
        locale -> Nullable<Text>,
        is_active -> Bool,
        entries -> Text,
        exceptions -> Text,
        entry_count -> Integer,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    spam_tokens (token) {
        token -> Text,
        ham -> BigInt,
        spam -> BigInt,
    }
}

diesel::table! {
    erasures (subject, subject_key, mode) {
        subject -> Text,
        subject_key -> Text,
        mode -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    privacy_requests (id) {
        id -> Text,
        kind -> Text,
        mode -> Nullable<Text>,
        reader_digest -> Nullable<Text>,
        email_hashes -> Text,
        comment_id -> Nullable<Text>,
        token_digest -> Text,
        created_by -> Nullable<Text>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    desk_search (article_id) {
        article_id -> Text,
        number -> Nullable<BigInt>,
        search_format -> Nullable<Integer>,
    }
}

diesel::table! {
    search_words (word) {
        word -> Text,
        reversed -> Text,
        entries -> BigInt,
    }
}

diesel::table! {
    menus (key) {
        key -> Text,
        label -> Text,
        items -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    ad_slots (key) {
        key -> Text,
        position -> Integer,
        definition -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    packages (id) {
        id -> Text,
        kind -> Text,
        title -> Text,
        sort_key -> Text,
        description -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    package_articles (package_id, article_id) {
        package_id -> Text,
        article_id -> Text,
        ordinal -> Integer,
    }
}

diesel::table! {
    article_views (article_id, hour) {
        article_id -> Text,
        hour -> Timestamp,
        view_count -> BigInt,
    }
}

diesel::table! {
    most_read_windows (time_window) {
        time_window -> Text,
        counted_at -> Nullable<Timestamp>,
        expires_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    most_read_ranks (time_window, is_chosen, ordinal) {
        time_window -> Text,
        is_chosen -> Bool,
        ordinal -> BigInt,
        article_id -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    generations,
    site,
    paths,
    edits,
    idempotency_keys,
    jobs,
    users,
    grants,
    sessions,
    changes,
    change_feeds,
    api_tokens,
    api_token_secrets,
    api_token_scopes,
    refresh_tokens,
    signing_keys,
    second_factors,
    recovery_codes,
    sections,
    tags,
    contributors,
    articles,
    article_sections,
    article_tags,
    article_contributors,
    article_revisions,
    autosaves,
    leases,
    article_notes,
    published_articles,
    gated_articles,
    published_interlinks,
    published_sections,
    published_tags,
    published_contributors,
    corrections,
    published_corrections,
    takedowns,
    audit,
    comments,
    moderation_log,
    comment_counts,
    comment_versions,
    comment_reactions,
    comment_holds,
    comment_hold_counts,
    comment_reports,
    comment_claims,
    sanctions,
    hash_keys,
    import_items,
    schedules,
    preview_articles,
    captcha_solutions,
    word_lists,
    spam_tokens,
    erasures,
    menus,
    ad_slots,
    packages,
    package_articles,
    article_views,
    most_read_windows,
    most_read_ranks,
    privacy_requests,
    desk_search,
    search_words,
    merged_tags,
    events,
    webhooks,
    webhook_event_kinds,
    webhook_secrets,
    webhook_deliveries,
);

diesel::joinable!(article_sections -> articles (article_id));
diesel::joinable!(articles -> sections (section_id));
diesel::joinable!(comment_claims -> comments (comment_id));
diesel::joinable!(comment_holds -> comments (comment_id));
diesel::joinable!(comment_reports -> comments (comment_id));
diesel::joinable!(comments -> articles (article_id));
diesel::joinable!(desk_search -> articles (article_id));
diesel::joinable!(api_token_secrets -> api_tokens (token_id));
diesel::joinable!(api_tokens -> users (user_id));
diesel::joinable!(grants -> users (user_id));
diesel::joinable!(package_articles -> packages (package_id));
diesel::joinable!(published_contributors -> published_articles (article_id));
diesel::joinable!(published_corrections -> published_articles (article_id));
diesel::joinable!(published_sections -> published_articles (article_id));
diesel::joinable!(published_tags -> published_articles (article_id));
diesel::joinable!(schedules -> articles (article_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(webhook_deliveries -> events (event_seq));
diesel::joinable!(webhook_deliveries -> webhooks (webhook_id));
diesel::joinable!(webhook_event_kinds -> webhooks (webhook_id));
