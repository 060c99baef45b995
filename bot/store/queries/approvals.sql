-- name: approval_put!
INSERT INTO approvals (portal, number, user_id, state, expires_at, revision, payload)
SELECT :portal, :number, :user, :state, :expires_at, :revision, :payload
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, number) DO UPDATE SET state = excluded.state, expires_at = excluded.expires_at,
    revision = excluded.revision, payload = excluded.payload;

-- name: approval_is_same!
-- Changes nothing. The number of rows shows whether the request is the one that the handler read.
UPDATE approvals SET revision = revision WHERE portal = :portal AND number = :number AND revision = :revision;

-- name: approval_is_there!
-- Changes nothing. The number of rows shows whether the number is in use.
UPDATE approvals SET revision = revision WHERE portal = :portal AND number = :number;

-- name: approval_get^
SELECT payload FROM approvals WHERE portal = :portal AND number = :number;

-- name: approvals_waiting
SELECT payload FROM approvals WHERE portal = :portal AND state = 'waiting' AND expires_at > :now ORDER BY number;

-- name: approval_last$
SELECT COALESCE(MAX(number), 0) FROM approvals WHERE portal = :portal;

-- name: approvals_forget!
DELETE FROM approvals WHERE (portal, number) IN (
    SELECT portal, number FROM approvals WHERE expires_at < :before ORDER BY expires_at LIMIT :many
);

-- name: approvals_drop!
DELETE FROM approvals WHERE portal = :portal;
