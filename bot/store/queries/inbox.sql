-- name: inbox_add*!
-- The door's commits repeat the row, so that many events are one statement (sqlite.py).
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
UPDATE inbox SET state = 2, event_tokens = NULL, error = '' WHERE id = :id;

-- name: inbox_emptied!
-- Done, and only that it came is kept.
UPDATE inbox SET state = 2, event_tokens = NULL, payload = '{}', error = '' WHERE id = :id;

-- name: inbox_retry!
UPDATE inbox SET attempts = attempts + :counted, due_at = :due_at, error = :error WHERE id = :id;

-- name: inbox_dead!
UPDATE inbox SET state = 3, attempts = attempts + 1, error = :error WHERE id = :id;

-- name: inbox_forget!
-- Done events are kept a while, so that a repeat is recognised.
DELETE FROM inbox WHERE id IN (
    SELECT id FROM inbox WHERE state = 2 AND received_at < :before ORDER BY received_at LIMIT :many
);

-- name: inbox_forget_secrets!
-- An event that was given up may be tried again with its token for a while.
UPDATE inbox SET event_tokens = NULL WHERE id IN (
    SELECT id FROM inbox WHERE state = 3 AND received_at < :before AND event_tokens IS NOT NULL ORDER BY received_at LIMIT :many
);

-- name: inbox_forget_dead!
DELETE FROM inbox WHERE id IN (
    SELECT id FROM inbox WHERE state = 3 AND received_at < :before ORDER BY received_at LIMIT :many
);

-- name: inbox_oldest$
SELECT received_at FROM inbox WHERE state = 0 ORDER BY id LIMIT 1;

-- name: inbox_installations$
SELECT COUNT(*) FROM inbox WHERE state = 0 AND kind = 'Installed';

-- name: inbox_dead_count$
SELECT COUNT(*) FROM inbox WHERE state = 3;
