-- name: portal_get^
SELECT id, endpoint, auth_endpoint, domain, language, api, license, bot, installer, speaker, mute_since, crm_feed, crm_feed_at,
    application_token, active
FROM portals WHERE id = :portal;

-- name: portals_by_domain
SELECT id FROM portals WHERE domain = :domain AND active = 1 ORDER BY known_at LIMIT 10;

-- name: portal_secrets
SELECT application_token FROM portals;

-- name: portal_put!
INSERT INTO portals (id, endpoint, auth_endpoint, domain, language, api, license, installer, application_token, known_at)
VALUES (:portal, :endpoint, :auth_endpoint, :domain, :language, :api, :license, :installer, :application_token, :now)
ON CONFLICT (id) DO UPDATE SET endpoint = excluded.endpoint, domain = excluded.domain,
    auth_endpoint = COALESCE(NULLIF(excluded.auth_endpoint, ''), portals.auth_endpoint), language = excluded.language,
    api = excluded.api, license = excluded.license, installer = excluded.installer,
    application_token = excluded.application_token, active = 1, speaker = NULL, mute_since = NULL, mute_reason = '',
    crm_feed_at = 0;

-- name: portal_bot!
UPDATE portals SET bot = :bot WHERE id = :portal AND active = 1;

-- name: portal_crm_feed!
UPDATE portals SET crm_feed = :exists, crm_feed_at = :now WHERE id = :portal AND active = 1;

-- name: portal_moved!
UPDATE portals SET endpoint = :endpoint WHERE id = :portal;

-- name: portal_off!
UPDATE portals SET active = 0, bot = NULL WHERE id = :portal;

-- name: token_get^
SELECT access_token, refresh_token, expires FROM tokens WHERE portal = :portal AND token_owner = :token_owner;

-- name: token_lasts^
SELECT expires, length(refresh_token) > 0 AS renewable FROM tokens WHERE portal = :portal AND token_owner = :token_owner;

-- name: token_put!
-- Stores nothing if the application was removed meanwhile. A pending installation needs its tokens before its portal exists.
INSERT INTO tokens (portal, token_owner, access_token, refresh_token, expires, refresh_due)
SELECT :portal, :token_owner, :access_token, :refresh_token, :expires, :refresh_due
WHERE :token_owner LIKE :pending || '%' OR EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, token_owner) DO UPDATE SET access_token = excluded.access_token, refresh_token = excluded.refresh_token,
    expires = excluded.expires, refresh_due = excluded.refresh_due;

-- name: token_keep!
-- The tokens of an event. Newer tokens are not replaced by those of an event that waited long, and an event without a
-- refresh token does not delete the stored one.
INSERT INTO tokens (portal, token_owner, access_token, refresh_token, expires, refresh_due)
SELECT * FROM (VALUES (?, ?, ?, ?, ?, ?)) AS one
WHERE EXISTS (SELECT 1 FROM portals WHERE id = one.column1 AND active = 1)
ON CONFLICT (portal, token_owner) DO UPDATE SET access_token = excluded.access_token, expires = excluded.expires,
    refresh_token = CASE WHEN length(excluded.refresh_token) = 0 THEN tokens.refresh_token ELSE excluded.refresh_token END,
    refresh_due = CASE WHEN length(excluded.refresh_token) = 0 THEN tokens.refresh_due ELSE excluded.refresh_due END
WHERE excluded.expires >= tokens.expires;

-- name: tokens_drop!
DELETE FROM tokens WHERE portal = :portal;

-- name: tokens_forget!
-- An expired token of a user is kept only while an effect, a scheduled post or a request for an approval in that user's name
-- waits, or while they follow posts in their private chat, which are read with their rights. Tokens of a pending installation are kept while any installation waits. The
-- newest few that can be refreshed stay, as spares for the bot's own token, and so do the one that the bot speaks with and
-- that of the bot's own user.
DELETE FROM tokens WHERE (portal, token_owner) IN (
    SELECT g.portal, g.token_owner FROM tokens g WHERE g.token_owner <> :installer AND g.expires < :before
        AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.portal = g.portal AND o.token_owner = g.token_owner AND o.state IN (0, 1))
        AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.portal = g.portal AND f.dialog = substr(g.token_owner, length(:users) + 1))
        AND NOT EXISTS (SELECT 1 FROM scheduled s WHERE s.portal = g.portal AND s.user_id = CAST(substr(g.token_owner, length(:users) + 1) AS INTEGER) AND g.token_owner LIKE :users || '%')
        AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.portal = g.portal AND a.user_id = CAST(substr(g.token_owner, length(:users) + 1) AS INTEGER) AND a.state = 'waiting' AND g.token_owner LIKE :users || '%')
        AND NOT EXISTS (SELECT 1 FROM portals p WHERE p.id = g.portal AND g.token_owner IN (:users || p.speaker, :own || p.bot))
        AND NOT (g.token_owner LIKE :users || '%' AND length(g.refresh_token) > 0 AND (
            SELECT COUNT(*) FROM tokens n WHERE n.portal = g.portal AND n.token_owner LIKE :users || '%' AND length(n.refresh_token) > 0
                AND (n.expires > g.expires OR (n.expires = g.expires AND n.token_owner > g.token_owner))
        ) < :spares)
        AND (g.token_owner LIKE :users || '%' OR NOT EXISTS (
            SELECT 1 FROM inbox i WHERE i.portal = g.portal AND i.state = 0 AND i.kind = 'Installed'
        ))
    LIMIT :many
);

-- name: outbox_drop!
DELETE FROM outbox WHERE portal = :portal;

-- name: chats_drop!
DELETE FROM chats WHERE portal = :portal;

-- name: follows_drop!
DELETE FROM follows WHERE portal = :portal;

-- name: posts_drop!
DELETE FROM posts WHERE portal = :portal;

-- name: cards_drop!
DELETE FROM cards WHERE portal = :portal;

-- name: inbox_drop!
-- Waiting events stay, because the removal of the application is among them.
DELETE FROM inbox WHERE portal = :portal AND state <> 0;

-- name: portal_drop!
DELETE FROM portals WHERE id = :portal;

-- name: portals_with_relay
SELECT p.id FROM portals p WHERE p.active = 1 AND (
    EXISTS (SELECT 1 FROM follows f WHERE f.portal = p.id)
    OR EXISTS (SELECT 1 FROM cards c WHERE c.portal = p.id AND substr(c.version, -5) = ':full'));
