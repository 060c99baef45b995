-- name: inbox_add*!
-- A query with a row of question marks runs once for many rows: the row is repeated (sqlite/group_commit.py).
INSERT INTO inbox (portal, kind, key, ordering_key, payload, event_tokens, received_at)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (portal, key) DO NOTHING;

-- name: inbox_waiting
SELECT id, portal, kind, ordering_key, payload, event_tokens, received_at, attempts, due_at
FROM inbox WHERE state = 0 AND id > :after ORDER BY id LIMIT :many;

-- name: inbox_waiting_of
SELECT id, portal, kind, ordering_key, payload, event_tokens, received_at, attempts, due_at
FROM inbox WHERE portal = :portal AND state = 0 AND id > :after AND id <= :upto
    AND (ordering_key >= :posts AND ordering_key < :posts || '~') = :feed
ORDER BY id LIMIT :many;

-- name: inbox_done!
UPDATE inbox SET state = 2, event_tokens = NULL, error = '' WHERE id IN (VALUES (?));

-- name: inbox_done_here!
-- If the portal is not installed (any more), only the key of the event is kept, to recognise duplicates.
UPDATE inbox SET state = 2, event_tokens = NULL, error = '',
    payload = CASE WHEN EXISTS (SELECT 1 FROM portals p WHERE p.id = inbox.portal AND p.active = 1) THEN payload ELSE '{}' END
WHERE id IN (VALUES (?));

-- name: inbox_retry!
UPDATE inbox SET attempts = attempts + :counted, due_at = :due_at, error = :error WHERE id = :id;

-- name: inbox_dead!
UPDATE inbox SET state = 3, attempts = attempts + 1, error = :error WHERE id = :id;

-- name: inbox_dead_here!
-- The same if the portal is installed; otherwise no operator has to look, and only the key of the event is kept.
UPDATE inbox SET attempts = attempts + 1, (state, event_tokens, payload, error) = (
    SELECT CASE WHEN here THEN 3 ELSE 2 END, CASE WHEN here THEN event_tokens END, CASE WHEN here THEN payload ELSE '{}' END,
        CASE WHEN here THEN :error ELSE '' END
    FROM (SELECT EXISTS (SELECT 1 FROM portals p WHERE p.id = inbox.portal AND p.active = 1) AS here)
) WHERE id = :id;

-- name: inbox_forget!
-- Done events are kept for some time, so that duplicates are recognised.
DELETE FROM inbox WHERE id IN (
    SELECT id FROM inbox WHERE state = 2 AND received_at < :before ORDER BY received_at LIMIT :many
);

-- name: inbox_forget_secrets!
-- A dead letter keeps its tokens for some time, so that an operator can replay it.
UPDATE inbox SET event_tokens = NULL WHERE id IN (
    SELECT id FROM inbox WHERE state = 3 AND received_at < :before AND event_tokens IS NOT NULL ORDER BY received_at LIMIT :many
);

-- name: inbox_forget_dead!
DELETE FROM inbox WHERE id IN (
    SELECT id FROM inbox WHERE state = 3 AND received_at < :before ORDER BY received_at LIMIT :many
);

-- name: inbox_oldest$
SELECT received_at FROM inbox WHERE state = 0 ORDER BY id LIMIT 1;

-- name: portals_in_trouble$
-- Portals that are installed, where something waits after an attempt that failed.
SELECT COUNT(*) FROM portals p WHERE p.active = 1 AND (
    EXISTS (SELECT 1 FROM inbox i WHERE i.portal = p.id AND i.state = 0 AND i.error <> '')
    OR EXISTS (SELECT 1 FROM outbox o WHERE o.portal = p.id AND o.state = 0 AND o.error <> '')
);

-- name: inbox_installations$
SELECT COUNT(*) FROM inbox WHERE state = 0 AND kind = 'Installed';

-- name: inbox_checks$
SELECT COUNT(*) FROM inbox WHERE state = 0 AND portal = :portal AND kind = 'PostToCheck';

-- name: inbox_dead_count$
SELECT COUNT(*) FROM inbox WHERE state = 3;
