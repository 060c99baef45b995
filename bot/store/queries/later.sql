-- name: scheduled_put!
INSERT INTO scheduled (portal, user_id, number, due_at, revision, payload)
SELECT :portal, :user, :number, :due_at, :revision, :payload
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, user_id, number) DO UPDATE SET due_at = excluded.due_at, revision = excluded.revision,
    payload = excluded.payload;

-- name: scheduled_end!
DELETE FROM scheduled WHERE portal = :portal AND user_id = :user AND number = :number
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: scheduled_is_same!
-- Changes nothing. The number of rows shows whether the post is the one that the handler read.
UPDATE scheduled SET revision = revision
WHERE portal = :portal AND user_id = :user AND number = :number AND revision = :revision;

-- name: scheduled_is_there!
-- Changes nothing. The number of rows shows whether the number is in use.
UPDATE scheduled SET revision = revision WHERE portal = :portal AND user_id = :user AND number = :number;

-- name: scheduled_of
SELECT payload FROM scheduled WHERE portal = :portal AND user_id = :user ORDER BY due_at, number;

-- name: scheduled_get^
SELECT payload FROM scheduled WHERE portal = :portal AND user_id = :user AND number = :number;

-- name: scheduled_forget!
-- Each post that waits is due later than now. One that was due long ago has lost its timer.
DELETE FROM scheduled WHERE (portal, user_id, number) IN (
    SELECT portal, user_id, number FROM scheduled WHERE due_at < :before ORDER BY due_at LIMIT :many
);

-- name: scheduled_drop!
DELETE FROM scheduled WHERE portal = :portal;

-- name: template_put!
INSERT INTO templates (portal, owner, key, name, text) SELECT :portal, :owner, :key, :name, :text
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, owner, key) DO UPDATE SET name = excluded.name, text = excluded.text;

-- name: template_end!
DELETE FROM templates WHERE portal = :portal AND owner = :owner AND key = :key
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: templates_of
SELECT name, text, owner = :chat AS chat FROM templates WHERE portal = :portal AND owner IN (:person, :chat)
ORDER BY owner = :chat, key;

-- name: chat_templates_end!
DELETE FROM templates WHERE portal = :portal AND owner = :owner
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: templates_drop!
DELETE FROM templates WHERE portal = :portal;
