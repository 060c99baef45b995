-- Everything the first version remembers. Times are unix seconds; *_token, secret: encrypted.

CREATE TABLE portals (
    id                TEXT PRIMARY KEY,             -- member_id
    endpoint          TEXT NOT NULL,                -- client_endpoint, ends with /rest/
    auth_endpoint     TEXT NOT NULL DEFAULT '',     -- server_endpoint
    domain            TEXT NOT NULL DEFAULT '',
    language          TEXT NOT NULL DEFAULT 'en',
    api               TEXT NOT NULL DEFAULT 'v2',   -- the generation our bot is registered with
    license           TEXT NOT NULL DEFAULT '',
    bot               BIGINT,
    installer         BIGINT,
    crm_feed          INTEGER NOT NULL DEFAULT 1,   -- 0: this portal said that it is no longer supported
    application_token BLOB NOT NULL,
    active            INTEGER NOT NULL DEFAULT 1,
    known_at          REAL NOT NULL
);

CREATE TABLE grants (                               -- whose name a call may be made in
    portal        TEXT NOT NULL,
    holder        TEXT NOT NULL,                    -- install, or user:27 (a token that came with that user's event)
    access_token  BLOB NOT NULL,
    refresh_token BLOB NOT NULL,
    expires       BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (portal, holder)
);

CREATE TABLE inbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    portal      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    key         TEXT NOT NULL,                      -- the same key twice is the same event twice
    lane        TEXT NOT NULL,
    payload     TEXT NOT NULL,
    secret      BLOB,
    received_at REAL NOT NULL,
    state       INTEGER NOT NULL DEFAULT 0,         -- 0 waiting, 2 done, 3 dead
    attempts    INTEGER NOT NULL DEFAULT 0,
    due_at      REAL NOT NULL DEFAULT 0,
    error       TEXT NOT NULL DEFAULT '',
    UNIQUE (portal, key)
);
CREATE INDEX inbox_waiting ON inbox (id) WHERE state = 0;
CREATE INDEX inbox_dead ON inbox (id) WHERE state = 3;
CREATE INDEX inbox_age ON inbox (received_at) WHERE state = 2;

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    portal     TEXT NOT NULL,
    lane       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    key        TEXT NOT NULL UNIQUE,                -- its own for ever: by it the portal knows a repeat
    holder     TEXT NOT NULL,
    priority   INTEGER NOT NULL,
    payload    TEXT NOT NULL,
    report     INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    state      INTEGER NOT NULL DEFAULT 0,          -- 0 waiting, 1 being sent, 2 done, 3 dead
    attempts   INTEGER NOT NULL DEFAULT 0,
    due_at     REAL NOT NULL DEFAULT 0,
    unsure     INTEGER NOT NULL DEFAULT 0,          -- 1: an earlier attempt may have worked
    result     TEXT NOT NULL DEFAULT '',
    error      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_waiting ON outbox (portal, lane, id, priority, due_at) WHERE state = 0;
CREATE INDEX outbox_unfinished ON outbox (id) WHERE state IN (0, 1);
CREATE INDEX outbox_dead ON outbox (id) WHERE state = 3;
CREATE INDEX outbox_kind ON outbox (portal, kind, created_at);

CREATE TABLE chats (
    portal    TEXT NOT NULL,
    dialog    TEXT NOT NULL,
    title     TEXT NOT NULL DEFAULT '',
    joined_at REAL NOT NULL,
    PRIMARY KEY (portal, dialog)
);

CREATE TABLE follows (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    portal     TEXT NOT NULL,
    dialog     TEXT NOT NULL,
    topic      TEXT NOT NULL,
    owner      BIGINT NOT NULL,
    language   TEXT NOT NULL DEFAULT 'en',
    label      TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL,
    UNIQUE (portal, dialog, topic)
);

CREATE TABLE posts (                                -- enough to see a change; never the text itself
    portal    TEXT NOT NULL,
    post      BIGINT NOT NULL,
    author    BIGINT NOT NULL,
    version   TEXT NOT NULL,
    title     TEXT NOT NULL DEFAULT '',
    digest    TEXT NOT NULL,
    important INTEGER NOT NULL DEFAULT 0,
    for_all   INTEGER NOT NULL DEFAULT 0,
    deleted   INTEGER NOT NULL DEFAULT 0,
    seen_at   REAL NOT NULL,
    PRIMARY KEY (portal, post)
);

CREATE TABLE cards (
    portal  TEXT NOT NULL,
    post    BIGINT NOT NULL,
    dialog  TEXT NOT NULL,
    version TEXT NOT NULL,
    message BIGINT,
    made_at REAL NOT NULL,
    lost    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (portal, post, dialog)
);
