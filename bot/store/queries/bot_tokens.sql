-- name: token_spares
-- Owners whose tokens may serve the bot, the newest first.
SELECT token_owner FROM tokens WHERE portal = :portal AND (token_owner LIKE :users || '%' OR token_owner = :spare)
ORDER BY expires DESC, token_owner LIMIT :many;

-- name: tokens_to_refresh
SELECT t.portal, t.token_owner FROM tokens t JOIN portals p ON p.id = t.portal AND p.active = 1
WHERE t.refresh_due <= :now AND length(t.refresh_token) > 0 AND t.token_owner NOT LIKE :pending || '%'
ORDER BY t.refresh_due LIMIT :many;

-- name: token_refresh_later!
UPDATE tokens SET refresh_due = :due_at WHERE portal = :portal AND token_owner = :token_owner;

-- name: portal_speaker!
UPDATE portals SET speaker = :speaker, mute_since = NULL, mute_reason = '' WHERE id = :portal AND active = 1;

-- name: portal_mute!
UPDATE portals SET mute_since = :now, mute_reason = :reason WHERE id = :portal AND active = 1 AND mute_since IS NULL;

-- name: outbox_speaks_now!
-- What waited because the bot could not speak is sent now.
UPDATE outbox SET due_at = 0 WHERE portal = :portal AND state = 0 AND token_owner = :installer;

-- name: portals_not_with_installer
SELECT id, domain, speaker, mute_since, mute_reason FROM portals
WHERE active = 1 AND (speaker IS NOT NULL OR mute_since IS NOT NULL) ORDER BY id;
