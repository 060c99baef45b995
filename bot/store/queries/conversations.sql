-- name: conversation_put!
INSERT INTO conversations (portal, dialog, user_id, kind, payload, expires_at)
SELECT :portal, :dialog, :user, :kind, :payload, :expires_at
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, dialog, user_id, kind) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at;

-- name: conversation_end!
DELETE FROM conversations WHERE portal = :portal AND dialog = :dialog AND user_id = :user AND kind = :kind
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: conversation_is_same!
-- Changes nothing. The number of rows shows whether the state is the one that the handler read.
UPDATE conversations SET expires_at = expires_at
WHERE portal = :portal AND dialog = :dialog AND user_id = :user AND kind = :kind
    AND json_extract(payload, '$.revision') = :revision;

-- name: conversation_get$
SELECT payload FROM conversations
WHERE portal = :portal AND dialog = :dialog AND user_id = :user AND kind = :kind AND expires_at > :now;

-- name: conversations_forget!
DELETE FROM conversations WHERE (portal, dialog, user_id, kind) IN (
    SELECT portal, dialog, user_id, kind FROM conversations WHERE expires_at < :before ORDER BY expires_at LIMIT :many
);

-- name: conversations_drop!
DELETE FROM conversations WHERE portal = :portal;
