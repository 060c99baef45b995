-- With whose token the bot speaks where the installer's no longer works, and when a refresh token grows old.

ALTER TABLE portals ADD COLUMN speaker BIGINT;           -- the user whose token the bot speaks with; NULL: the installer
ALTER TABLE portals ADD COLUMN mute_since REAL;          -- since when no known token lets the bot speak
ALTER TABLE portals ADD COLUMN mute_reason TEXT NOT NULL DEFAULT '';

ALTER TABLE tokens ADD COLUMN refresh_due REAL NOT NULL DEFAULT 0;  -- when the refresh token is renewed, used or not
UPDATE tokens SET refresh_due = expires + 90 * 86400;
CREATE INDEX tokens_refresh ON tokens (refresh_due) WHERE length(refresh_token) > 0;
