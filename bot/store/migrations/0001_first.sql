-- Creates all tables of the first version. Times are unix seconds; *_token and event_tokens are encrypted.
-- Partial indexes contain `state` too: otherwise SQLite reads it from the row, even if the index has only rows of that
-- state.

CREATE TABLE portals (
    id                TEXT PRIMARY KEY,             -- member_id
    endpoint          TEXT NOT NULL,                -- client_endpoint, ends with /rest/
    auth_endpoint     TEXT NOT NULL DEFAULT '',     -- server_endpoint
    domain            TEXT NOT NULL DEFAULT '',
    language          TEXT NOT NULL DEFAULT 'en',
    api               TEXT NOT NULL DEFAULT 'v2',   -- the version of the bot API that our bot is registered with
    license           TEXT NOT NULL DEFAULT '',
    bot               BIGINT,
    installer         BIGINT,
    crm_feed          INTEGER NOT NULL DEFAULT 1,   -- 0: this portal answered that its CRM feed is no longer supported
    crm_feed_at       REAL NOT NULL DEFAULT 0,      -- when it said whether it has one; 0: never since the installation
    application_token BLOB NOT NULL,
    active            INTEGER NOT NULL DEFAULT 1,
    known_at          REAL NOT NULL,
    speaker           BIGINT,                       -- the user whose token the bot speaks with; NULL: the installer
    mute_since        REAL,                         -- since when no known token lets the bot speak
    mute_reason       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX portals_domain ON portals (domain) WHERE active = 1;

CREATE TABLE tokens (
    portal        TEXT NOT NULL,
    token_owner   TEXT NOT NULL,                    -- install, or user:27 (tokens that came with an event of that user)
    access_token  BLOB NOT NULL,
    refresh_token BLOB NOT NULL,
    expires       BIGINT NOT NULL DEFAULT 0,
    refresh_due   REAL NOT NULL DEFAULT 0,          -- when the refresh token is renewed, used or not
    PRIMARY KEY (portal, token_owner)
);
CREATE INDEX tokens_refresh ON tokens (refresh_due) WHERE length(refresh_token) > 0;

CREATE TABLE inbox (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    portal       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    key          TEXT NOT NULL,                     -- idempotency key: an event with a key that is stored is a duplicate
    ordering_key TEXT NOT NULL,
    payload      TEXT NOT NULL,
    event_tokens BLOB,
    received_at  REAL NOT NULL,
    state        INTEGER NOT NULL DEFAULT 0,        -- 0 waiting, 2 done, 3 dead letter
    attempts     INTEGER NOT NULL DEFAULT 0,
    due_at       REAL NOT NULL DEFAULT 0,
    error        TEXT NOT NULL DEFAULT '',
    UNIQUE (portal, key)
);
CREATE INDEX inbox_waiting ON inbox (id) WHERE state = 0;
CREATE INDEX inbox_of_portal ON inbox (portal, id, state) WHERE state = 0;
CREATE INDEX inbox_installations ON inbox (kind, state) WHERE state = 0 AND kind = 'Installed';
CREATE INDEX inbox_age ON inbox (received_at) WHERE state = 2;
CREATE INDEX inbox_failed ON inbox (portal) WHERE state = 0 AND error <> '';
CREATE INDEX inbox_dead ON inbox (received_at, state) WHERE state = 3;

CREATE TABLE outbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    portal          TEXT NOT NULL,
    ordering_key    TEXT NOT NULL,
    kind            TEXT NOT NULL,
    key             TEXT NOT NULL UNIQUE,           -- idempotency key: with it the portal recognises a repeated write
    token_owner     TEXT NOT NULL,
    priority        INTEGER NOT NULL,
    payload         TEXT NOT NULL,
    report          INTEGER NOT NULL DEFAULT 0,
    created_at      REAL NOT NULL,
    state           INTEGER NOT NULL DEFAULT 0,     -- 0 waiting, 1 being sent, 2 done, 3 dead letter
    attempts        INTEGER NOT NULL DEFAULT 0,
    due_at          REAL NOT NULL DEFAULT 0,
    outcome_unknown INTEGER NOT NULL DEFAULT 0,     -- 1: an earlier attempt may have worked
    result          TEXT NOT NULL DEFAULT '',
    error           TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_waiting ON outbox (portal, ordering_key, id, priority, due_at, created_at, state) WHERE state = 0;
CREATE INDEX outbox_due ON outbox (portal, due_at, state) WHERE state = 0;
CREATE INDEX outbox_token_owner ON outbox (portal, token_owner, state) WHERE state IN (0, 1);
CREATE INDEX outbox_unfinished ON outbox (id) WHERE state IN (0, 1);
CREATE INDEX outbox_kind ON outbox (portal, kind, created_at);
CREATE INDEX outbox_age ON outbox (created_at, state) WHERE state = 2;
CREATE INDEX outbox_failed ON outbox (portal) WHERE state = 0 AND error <> '';
CREATE INDEX outbox_dead ON outbox (created_at, state) WHERE state = 3;

CREATE TABLE timers (                               -- events that are due at a time
    portal       TEXT NOT NULL,                     -- '': work of the service itself
    key          TEXT NOT NULL,
    due_at       REAL NOT NULL,
    kind         TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    payload      TEXT NOT NULL,
    PRIMARY KEY (portal, key)
);
CREATE INDEX timers_due ON timers (due_at, portal, key);

CREATE TABLE conversations (                        -- the state of conversations that take several steps
    portal     TEXT NOT NULL,
    dialog     TEXT NOT NULL,
    user_id    BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    payload    TEXT NOT NULL,
    expires_at REAL NOT NULL,
    PRIMARY KEY (portal, dialog, user_id, kind)
);
CREATE INDEX conversations_expiry ON conversations (expires_at);

CREATE TABLE at_once (                              -- whether /post publishes without a preview
    portal  TEXT NOT NULL,
    chooser TEXT NOT NULL,                          -- user:27 or dialog:chat42
    at_once INTEGER NOT NULL,
    PRIMARY KEY (portal, chooser)
);

CREATE TABLE scheduled (                            -- posts that are published later
    portal   TEXT NOT NULL,
    user_id  BIGINT NOT NULL,
    number   BIGINT NOT NULL,                       -- among the posts of the user
    due_at   REAL NOT NULL,
    revision BIGINT NOT NULL,
    payload  TEXT NOT NULL,
    PRIMARY KEY (portal, user_id, number)
);
CREATE INDEX scheduled_due ON scheduled (due_at);

CREATE TABLE templates (                            -- texts with variables
    portal TEXT NOT NULL,
    owner  TEXT NOT NULL,                           -- user:27 or dialog:chat42
    key    TEXT NOT NULL,                           -- the name, folded for comparisons
    name   TEXT NOT NULL,
    text   TEXT NOT NULL,
    PRIMARY KEY (portal, owner, key)
);

CREATE TABLE approvals (                            -- requests for the approval of another person
    portal     TEXT NOT NULL,
    number     BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,                     -- the author
    state      TEXT NOT NULL,                       -- the value of a model.approvals.ApprovalState
    expires_at REAL NOT NULL,
    revision   BIGINT NOT NULL,
    payload    TEXT NOT NULL,
    PRIMARY KEY (portal, number)
);
CREATE INDEX approvals_expiry ON approvals (expires_at);
CREATE INDEX approvals_waiting ON approvals (portal, user_id) WHERE state = 'waiting';

CREATE TABLE audit (                                -- who published, changed, shared, deleted or undid what
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    portal  TEXT NOT NULL,
    at      REAL NOT NULL,
    user_id BIGINT NOT NULL,
    name    TEXT NOT NULL,
    action  TEXT NOT NULL,                          -- the name of a model.records.Action
    certain INTEGER NOT NULL,                       -- 0: the portal did not say whether it was done
    post    BIGINT,
    subject TEXT NOT NULL,
    dialog  TEXT NOT NULL,
    details TEXT NOT NULL,
    by_user BIGINT,                                 -- whose token did it for the person; NULL: their own
    approver TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_of_portal ON audit (portal, id);
CREATE INDEX audit_age ON audit (at);

CREATE TABLE default_recipients (                   -- who a post without recipients is for
    portal  TEXT NOT NULL,
    chooser TEXT NOT NULL,                          -- user:27 or dialog:chat42
    payload TEXT NOT NULL,                          -- recipients as JSON
    PRIMARY KEY (portal, chooser)
);

CREATE TABLE languages (                            -- the languages of people
    portal     TEXT NOT NULL,
    user_id    BIGINT NOT NULL,
    chosen     TEXT NOT NULL DEFAULT '',            -- with /lang; '': nothing was chosen
    recognised TEXT NOT NULL DEFAULT '',            -- in what the person wrote; '': nothing yet
    PRIMARY KEY (portal, user_id)
);

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
    owner_name TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL,
    UNIQUE (portal, dialog, topic)
);

CREATE TABLE posts (                                -- only what shows that a post changed; never its text
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
CREATE INDEX posts_age ON posts (seen_at);

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
CREATE INDEX cards_with_content ON cards (portal, dialog, post)
    WHERE substr(version, -5) = ':full';

CREATE TABLE dialog_readers (                       -- when the members of a chat were last read from the portal
    portal   TEXT NOT NULL,
    dialog   TEXT NOT NULL,
    asked_at REAL NOT NULL,
    members  TEXT NOT NULL DEFAULT '',              -- fingerprint of the members at that time
    PRIMARY KEY (portal, dialog)
);

CREATE TABLE dialog_extranet (                      -- whether an extranet user is in a chat
    portal   TEXT NOT NULL,
    dialog   TEXT NOT NULL,
    seen     INTEGER NOT NULL,                      -- the last answer of the portal
    seen_at  REAL NOT NULL,
    told     INTEGER NOT NULL DEFAULT 0,            -- the value that the chat was last told
    told_day INTEGER NOT NULL DEFAULT 0,            -- the day whose quiet line told it; 0: none
    PRIMARY KEY (portal, dialog)
);

CREATE TABLE quiet_posts (                          -- times of posts that not everybody in a chat may read; never text
    portal   TEXT NOT NULL,
    dialog   TEXT NOT NULL,
    day      INTEGER NOT NULL,
    post     BIGINT NOT NULL,
    at       TEXT NOT NULL,
    noted_at REAL NOT NULL,
    PRIMARY KEY (portal, dialog, day, post)
);
CREATE INDEX quiet_age ON quiet_posts (noted_at);
CREATE INDEX card_messages ON cards (portal, dialog, message) WHERE message IS NOT NULL;
CREATE INDEX quiet_lines ON cards (made_at, post) WHERE post < 0;

CREATE TABLE quiet_off (                            -- chats whose members switched the daily line off
    portal TEXT NOT NULL,
    dialog TEXT NOT NULL,
    PRIMARY KEY (portal, dialog)
);
