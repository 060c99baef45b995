-- When it was last asked who reads in a chat, and a short way to the cards that show the content of a post.

CREATE TABLE dialog_readers (
    portal   TEXT NOT NULL,
    dialog   TEXT NOT NULL,
    asked_at REAL NOT NULL,
    PRIMARY KEY (portal, dialog)
);
CREATE INDEX cards_with_content ON cards (portal, dialog, post)
    WHERE substr(version, -5) = ':full';
