-- When it was last asked who reads in a chat, and a short way to the cards that show the content of a post.

CREATE TABLE dialog_readers (
    portal   TEXT NOT NULL,
    dialog   TEXT NOT NULL,
    asked_at REAL NOT NULL,
    PRIMARY KEY (portal, dialog)
);
CREATE INDEX cards_with_content ON cards (portal, dialog, post)
    WHERE substr(version, -5) = ':full';

CREATE TABLE quiet_posts (                          -- posts that are not for everyone in a chat: when, never what
    portal   TEXT NOT NULL,
    dialog   TEXT NOT NULL,
    day      INTEGER NOT NULL,
    post     BIGINT NOT NULL,
    at       TEXT NOT NULL,
    noted_at REAL NOT NULL,
    said     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (portal, dialog, day, post)
);
CREATE INDEX quiet_waiting ON quiet_posts (portal, dialog, day, post, said) WHERE said = 0;
CREATE INDEX quiet_age ON quiet_posts (noted_at);
CREATE INDEX quiet_lines ON cards (made_at, post) WHERE post < 0;

CREATE TABLE quiet_off (
    portal TEXT NOT NULL,
    dialog TEXT NOT NULL,
    PRIMARY KEY (portal, dialog)
);
