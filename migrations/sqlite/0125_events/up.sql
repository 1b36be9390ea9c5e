-- What happened, for machines elsewhere: written in the transaction of the act, and told to webhooks afterwards. `subject`
-- is the thing in whose order events are told; `section_ids` are the sections that it concerns and those above them, with
-- spaces between. An event for whose kind a webhook asks has no `relayed_at` until it was looked at.
CREATE TABLE events (
    seq INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT,
    section_ids TEXT NOT NULL,
    data TEXT NOT NULL,
    at TEXT NOT NULL,
    relayed_at TEXT
) STRICT;
CREATE INDEX events_to_relay ON events (seq) WHERE relayed_at IS NULL;

-- Where events are sent. It is off from `off_since` on; whoever holds it until `leased_until` sends.
CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    section_id TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    off_since TEXT,
    off_reason TEXT,
    failing_since TEXT,
    last_success_at TEXT,
    holder TEXT,
    leased_until TEXT
) STRICT;

-- Which kinds of events are sent there.
CREATE TABLE webhook_event_kinds (
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    PRIMARY KEY (webhook_id, kind)
) STRICT;
CREATE INDEX webhook_event_kinds_by_kind ON webhook_event_kinds (kind);

-- What they are signed with: one secret, or two while it is being rotated. Sealed.
CREATE TABLE webhook_secrets (
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    sealed TEXT NOT NULL,
    created_at TEXT NOT NULL,
    replaced_until TEXT,
    PRIMARY KEY (webhook_id, number)
) STRICT;

-- An event on its way to a webhook. Of those with the same subject only the first has a moment at which it is due; the
-- next has one once the first has ended, delivered or given up.
CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_seq INTEGER NOT NULL REFERENCES events (seq) ON DELETE CASCADE,
    subject TEXT,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TEXT,
    attempted_at TEXT,
    ended_at TEXT,
    last_status INTEGER,
    last_error TEXT,
    last_milliseconds INTEGER,
    created_at TEXT NOT NULL,
    UNIQUE (webhook_id, event_seq)
) STRICT;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, due_at, event_seq) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook_id, subject, event_seq) WHERE ended_at IS NULL;
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (webhook_id, state, event_seq);
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_seq);

-- Set where a webhook is to be told what died, until it is.
ALTER TABLE cache_deaths ADD COLUMN purge_waits INTEGER;
CREATE INDEX cache_deaths_to_purge ON cache_deaths (seq) WHERE purge_waits IS NOT NULL;
