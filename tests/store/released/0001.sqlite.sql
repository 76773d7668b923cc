CREATE TABLE accounts (
    connection INTEGER NOT NULL, 
    account TEXT NOT NULL, 
    fields TEXT NOT NULL, 
    CONSTRAINT accounts_key PRIMARY KEY (connection, account)
)
 WITHOUT ROWID;

CREATE TABLE activities (
    connection INTEGER NOT NULL, 
    bucket SMALLINT NOT NULL, 
    lead TEXT NOT NULL, 
    id TEXT NOT NULL, 
    touchpoint INTEGER NOT NULL, 
    occurred_at BIGINT NOT NULL, 
    seconds DOUBLE, 
    value DOUBLE, 
    CONSTRAINT activities_key PRIMARY KEY (connection, bucket, lead, id)
)
 WITHOUT ROWID;

CREATE TABLE connections (
    connection INTEGER NOT NULL, 
    name TEXT NOT NULL, 
    changes BIGINT DEFAULT '0' NOT NULL, 
    fields TEXT DEFAULT '{}' NOT NULL, 
    fence BIGINT DEFAULT '0' NOT NULL, 
    holder TEXT, 
    purpose TEXT, 
    until BIGINT, 
    ttl BIGINT, 
    PRIMARY KEY (connection), 
    CONSTRAINT connections_name UNIQUE (name)
);

CREATE TABLE cursors (
    connection INTEGER NOT NULL, 
    stream TEXT NOT NULL, 
    cursor TEXT NOT NULL, 
    total BIGINT, 
    moved_at BIGINT NOT NULL, 
    CONSTRAINT cursors_key PRIMARY KEY (connection, stream)
)
 WITHOUT ROWID;

CREATE TABLE field_history (
    connection INTEGER NOT NULL, 
    lead TEXT NOT NULL, 
    field TEXT NOT NULL, 
    since BIGINT NOT NULL, 
    value TEXT, 
    CONSTRAINT field_history_key PRIMARY KEY (connection, lead, field, since)
)
 WITHOUT ROWID;

CREATE TABLE in_flight (
    outbox INTEGER NOT NULL, 
    bucket SMALLINT NOT NULL, 
    lead TEXT NOT NULL, 
    run INTEGER NOT NULL, 
    payload TEXT NOT NULL, 
    pending TEXT, 
    causes TEXT NOT NULL, 
    sent_at BIGINT NOT NULL, 
    CONSTRAINT in_flight_key PRIMARY KEY (outbox, bucket, lead)
)
 WITHOUT ROWID;

CREATE TABLE leads (
    connection INTEGER NOT NULL, 
    bucket SMALLINT NOT NULL, 
    lead TEXT NOT NULL, 
    account TEXT, 
    address TEXT, 
    created_at BIGINT, 
    fields TEXT NOT NULL, 
    listing BIGINT, 
    first_seen BIGINT NOT NULL, 
    CONSTRAINT leads_key PRIMARY KEY (connection, bucket, lead)
)
 WITHOUT ROWID;

CREATE INDEX leads_account ON leads (connection, account);

CREATE INDEX leads_address ON leads (connection, address);

CREATE TABLE listings (
    connection INTEGER NOT NULL, 
    listing TEXT NOT NULL, 
    number BIGINT NOT NULL, 
    started_at BIGINT NOT NULL, 
    finished_at BIGINT, 
    CONSTRAINT listings_key PRIMARY KEY (connection, listing)
)
 WITHOUT ROWID;

CREATE TABLE merges (
    connection INTEGER NOT NULL, 
    old TEXT NOT NULL, 
    survivor TEXT NOT NULL, 
    CONSTRAINT merges_key PRIMARY KEY (connection, old)
)
 WITHOUT ROWID;

CREATE INDEX merges_survivor ON merges (connection, survivor);

CREATE TABLE notes (
    connection INTEGER NOT NULL, 
    name TEXT NOT NULL, 
    text TEXT NOT NULL, 
    CONSTRAINT notes_key PRIMARY KEY (connection, name)
)
 WITHOUT ROWID;

CREATE TABLE outboxes (
    outbox INTEGER NOT NULL, 
    connection INTEGER NOT NULL, 
    prefix TEXT NOT NULL, 
    held_run INTEGER, 
    held_reason TEXT, 
    PRIMARY KEY (outbox), 
    CONSTRAINT outboxes_prefix UNIQUE (connection, prefix)
);

CREATE TABLE outcomes (
    connection INTEGER NOT NULL, 
    lead TEXT NOT NULL, 
    id TEXT NOT NULL, 
    account TEXT, 
    outcome TEXT NOT NULL, 
    occurred_at BIGINT NOT NULL, 
    CONSTRAINT outcomes_key PRIMARY KEY (connection, lead, id)
)
 WITHOUT ROWID;

CREATE TABLE refused (
    outbox INTEGER NOT NULL, 
    bucket SMALLINT NOT NULL, 
    lead TEXT NOT NULL, 
    code TEXT NOT NULL, 
    message TEXT NOT NULL, 
    payload TEXT NOT NULL, 
    attempts INTEGER NOT NULL, 
    first_at BIGINT NOT NULL, 
    last_at BIGINT NOT NULL, 
    next_at BIGINT NOT NULL, 
    CONSTRAINT refused_key PRIMARY KEY (outbox, bucket, lead)
)
 WITHOUT ROWID;

CREATE TABLE results (
    outbox INTEGER NOT NULL, 
    bucket SMALLINT NOT NULL, 
    lead TEXT NOT NULL, 
    lead_score INTEGER, 
    lead_fit INTEGER, 
    lead_engagement INTEGER, 
    lead_grade TEXT, 
    lead_readiness TEXT, 
    lead_urgency TEXT, 
    lead_likelihood DOUBLE, 
    lead_priority TEXT, 
    lead_priority_index INTEGER, 
    lead_score_reasons TEXT, 
    lead_score_status TEXT, 
    lead_scorecard TEXT, 
    lead_scored_at BIGINT, 
    told_lead_score INTEGER, 
    told_lead_fit INTEGER, 
    told_lead_engagement INTEGER, 
    told_lead_grade TEXT, 
    told_lead_readiness TEXT, 
    told_lead_urgency TEXT, 
    told_lead_likelihood DOUBLE, 
    told_lead_priority TEXT, 
    told_lead_priority_index INTEGER, 
    told_lead_score_reasons TEXT, 
    told_lead_score_status TEXT, 
    told_lead_scorecard TEXT, 
    told_lead_scored_at BIGINT, 
    told_at BIGINT, 
    pending TEXT, 
    causes TEXT DEFAULT '' NOT NULL, 
    run INTEGER, 
    CONSTRAINT results_key PRIMARY KEY (outbox, bucket, lead)
)
 WITHOUT ROWID;

CREATE INDEX results_pending ON results (outbox, pending, lead_priority, lead_priority_index) WHERE pending IS NOT NULL;

CREATE TABLE runs (
    run INTEGER NOT NULL, 
    connection INTEGER NOT NULL, 
    kind TEXT NOT NULL, 
    holder TEXT NOT NULL, 
    state TEXT NOT NULL, 
    started_at BIGINT NOT NULL, 
    finished_at BIGINT, 
    counts TEXT DEFAULT '{}' NOT NULL, 
    message TEXT DEFAULT '' NOT NULL, 
    PRIMARY KEY (run)
);

CREATE INDEX runs_connection ON runs (connection, run);

CREATE TABLE stale (
    outbox INTEGER NOT NULL, 
    bucket SMALLINT NOT NULL, 
    lead TEXT NOT NULL, 
    change BIGINT NOT NULL, 
    data BOOLEAN NOT NULL, 
    activity BOOLEAN NOT NULL, 
    CONSTRAINT stale_key PRIMARY KEY (outbox, bucket, lead)
)
 WITHOUT ROWID;

CREATE TABLE touchpoints (
    connection INTEGER NOT NULL, 
    touchpoint INTEGER NOT NULL, 
    digest TEXT NOT NULL, 
    kind TEXT NOT NULL, 
    url TEXT, 
    name TEXT, 
    CONSTRAINT touchpoints_key PRIMARY KEY (connection, touchpoint)
)
 WITHOUT ROWID;

CREATE UNIQUE INDEX touchpoints_digest ON touchpoints (connection, digest);

CREATE TABLE unclaimed (
    connection INTEGER NOT NULL, 
    lead TEXT NOT NULL, 
    address TEXT NOT NULL, 
    id TEXT NOT NULL, 
    touchpoint INTEGER NOT NULL, 
    occurred_at BIGINT NOT NULL, 
    seconds DOUBLE, 
    value DOUBLE, 
    seen BIGINT NOT NULL, 
    CONSTRAINT unclaimed_key PRIMARY KEY (connection, lead, address, id)
)
 WITHOUT ROWID;

CREATE INDEX unclaimed_address ON unclaimed (connection, address);

CREATE TABLE writes (
    outbox INTEGER NOT NULL, 
    bucket SMALLINT NOT NULL, 
    lead TEXT NOT NULL, 
    change BIGINT NOT NULL, 
    written_at BIGINT NOT NULL, 
    run INTEGER NOT NULL, 
    causes TEXT NOT NULL, 
    "before" TEXT NOT NULL, 
    "after" TEXT NOT NULL, 
    CONSTRAINT writes_key PRIMARY KEY (outbox, bucket, lead, change)
)
 WITHOUT ROWID;

CREATE INDEX writes_run ON writes (outbox, run);

CREATE TABLE leadgauge_schema (version_num VARCHAR(32) NOT NULL PRIMARY KEY);

INSERT INTO accounts (connection, account, fields) VALUES (1, 'a', '{"employees":12.0}');
INSERT INTO activities (connection, bucket, lead, id, touchpoint, occurred_at, seconds, value) VALUES (1, 183, '1', 'page:1', 1, 1767225600000000, 3.5, NULL);
INSERT INTO connections (connection, name, changes, fields, fence, holder, purpose, until, ttl) VALUES (1, 'main', 7, '{"job_title":"text","employees":"number","is_student":"flag","purchase_by":"time","tags":"list"}', 1, NULL, NULL, NULL, NULL);
INSERT INTO cursors (connection, stream, cursor, total, moved_at) VALUES (1, 'contacts', '{"after":"1"}', 2, 1795369079697844);
INSERT INTO field_history (connection, lead, field, since, value) VALUES (1, '1', 'job_title', 1767225600000000, 'CEO');
INSERT INTO leadgauge_schema (version_num) VALUES ('0001');
INSERT INTO leads (connection, bucket, lead, account, address, created_at, fields, listing, first_seen) VALUES (1, 13, '2', NULL, NULL, NULL, '{}', 2, 2);
INSERT INTO leads (connection, bucket, lead, account, address, created_at, fields, listing, first_seen) VALUES (1, 183, '1', 'a', NULL, 1767225600000000, '{"job_title":"CTO"}', 2, 2);
INSERT INTO listings (connection, listing, number, started_at, finished_at) VALUES (1, 'l', 2, 1795369079440323, NULL);
INSERT INTO merges (connection, old, survivor) VALUES (1, '7', '2');
INSERT INTO outboxes (outbox, connection, prefix, held_run, held_reason) VALUES (1, 1, '', NULL, NULL);
INSERT INTO outcomes (connection, lead, id, account, outcome, occurred_at) VALUES (1, '1', 'd', NULL, 'won', 1767225600000000);
INSERT INTO results (outbox, bucket, lead, lead_score, lead_fit, lead_engagement, lead_grade, lead_readiness, lead_urgency, lead_likelihood, lead_priority, lead_priority_index, lead_score_reasons, lead_score_status, lead_scorecard, lead_scored_at, told_lead_score, told_lead_fit, told_lead_engagement, told_lead_grade, told_lead_readiness, told_lead_urgency, told_lead_likelihood, told_lead_priority, told_lead_priority_index, told_lead_score_reasons, told_lead_score_status, told_lead_scorecard, told_lead_scored_at, told_at, pending, causes, run) VALUES (1, 13, '2', 50, 30, 20, 'B', 'Aware', 'later', NULL, 'P3', 40, '+20 Decision maker', 'scored', 'b2b-saas@1', 1767225600000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'band', 'first', 1);
INSERT INTO results (outbox, bucket, lead, lead_score, lead_fit, lead_engagement, lead_grade, lead_readiness, lead_urgency, lead_likelihood, lead_priority, lead_priority_index, lead_score_reasons, lead_score_status, lead_scorecard, lead_scored_at, told_lead_score, told_lead_fit, told_lead_engagement, told_lead_grade, told_lead_readiness, told_lead_urgency, told_lead_likelihood, told_lead_priority, told_lead_priority_index, told_lead_score_reasons, told_lead_score_status, told_lead_scorecard, told_lead_scored_at, told_at, pending, causes, run) VALUES (1, 183, '1', 50, 30, 20, 'B', 'Aware', 'later', NULL, 'P3', 40, '+20 Decision maker', 'scored', 'b2b-saas@1', 1767225600000000, 50, 30, 20, 'B', 'Aware', 'later', NULL, 'P3', 40, '+20 Decision maker', 'scored', 'b2b-saas@1', 1767225600000000, 1767398400000000, NULL, '', 1);
INSERT INTO runs (run, connection, kind, holder, state, started_at, finished_at, counts, message) VALUES (1, 1, 'backfill', 'release', 'done', 1767398400000000, 1767398400000000, '{"leads":2}', '');
INSERT INTO touchpoints (connection, touchpoint, digest, kind, url, name) VALUES (1, 1, 'fe64d126492189bdf6bbe6d52a9cc26e', 'page_view', 'https://x.example/pricing', NULL);
INSERT INTO touchpoints (connection, touchpoint, digest, kind, url, name) VALUES (1, 2, 'aab50d942244a4f1a07b5e1187b2ad57', 'page_view', NULL, NULL);
INSERT INTO unclaimed (connection, lead, address, id, touchpoint, occurred_at, seconds, value, seen) VALUES (1, '9', '', 'x', 2, 1767225600000000, NULL, NULL, 2);
INSERT INTO writes (outbox, bucket, lead, change, written_at, run, causes, before, after) VALUES (1, 183, '1', 6, 1767398400000000, 1, 'first', '{"lead_score":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}', '{"lead_score":50,"lead_fit":30,"lead_engagement":20,"lead_grade":"B","lead_readiness":"Aware","lead_urgency":"later","lead_priority":"P3","lead_priority_index":40,"lead_score_reasons":"+20 Decision maker","lead_score_status":"scored","lead_scorecard":"b2b-saas@1","lead_scored_at":"2026-01-01T00:00:00Z"}');
