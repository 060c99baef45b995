-- name: outbox_add*!
-- Adds nothing if the portal is not installed (any more).
INSERT INTO outbox (portal, ordering_key, kind, key, token_owner, priority, payload, report, created_at)
SELECT * FROM (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)) AS one
WHERE EXISTS (SELECT 1 FROM portals WHERE id = one.column1 AND active = 1)
ON CONFLICT (key) DO NOTHING;

-- name: outbox_portals
-- Jumps from one portal to the next in the index, so that the number of steps depends on portals, not on effects.
WITH RECURSIVE found (portal) AS (
    SELECT MIN(portal) FROM outbox WHERE state = 0
    UNION ALL
    SELECT (SELECT MIN(portal) FROM outbox WHERE state = 0 AND portal > found.portal) FROM found
    WHERE found.portal IS NOT NULL
)
SELECT portal FROM found WHERE portal IS NOT NULL;

-- name: outbox_ready
-- Returns whole ordering keys, the most urgent first, at most :per_key effects of each, in order. A key whose first effect
-- is not due is left out. A delayed key counts from its due time, so it comes after keys that were added before that time.
-- The index alone selects the keys, so only rows of the result are read. A due time after :beyond is ignored, because
-- the clock was set back after it was stored.
WITH waiting AS (
    SELECT ordering_key, MIN(priority) AS urgency, MIN(id) AS head, COUNT(*) AS places
    FROM outbox WHERE portal = :portal AND state = 0 GROUP BY ordering_key
), keys AS (
    SELECT w.ordering_key, w.urgency, w.head, CASE WHEN w.places < :per_key THEN w.places ELSE :per_key END AS places,
           CASE WHEN h.due_at > h.created_at THEN h.due_at ELSE h.created_at END AS since
    FROM waiting w JOIN outbox h ON h.id = w.head WHERE (h.due_at <= :now OR h.due_at > :beyond)
    ORDER BY urgency, since, head LIMIT :many
), counted AS (
    SELECT ordering_key, urgency, since, head, SUM(places) OVER (ORDER BY urgency, since, head) - places AS before FROM keys
)
SELECT o.id, o.portal, o.ordering_key, o.kind, o.key, o.token_owner, o.priority, o.payload, o.report, o.created_at, o.attempts,
       o.due_at, o.outcome_unknown, c.urgency, (SELECT api FROM portals WHERE id = :portal) AS api
FROM counted c CROSS JOIN outbox o
WHERE c.before < :many AND o.id IN (
    SELECT id FROM outbox WHERE portal = :portal AND state = 0 AND ordering_key = c.ordering_key ORDER BY id LIMIT :per_key
)
ORDER BY c.urgency, c.since, c.head, o.id LIMIT :many;

-- name: outbox_next_due$
SELECT MIN(due_at) FROM outbox WHERE portal = :portal AND state = 0 AND due_at > :now;

-- name: outbox_unfinished
SELECT id FROM outbox WHERE state IN (0, 1) AND id IN (SELECT value FROM json_each(:ids));

-- name: outbox_sending!
UPDATE outbox SET state = 1 WHERE state = 0 AND id IN (VALUES (?));

-- name: outbox_as_sent
-- Returns the effects that still wait, with their current content and the current version of their card.
SELECT o.id, o.payload, c.version FROM outbox o
LEFT JOIN cards c ON c.portal = o.portal AND c.post = json_extract(o.payload, '$.post') AND c.dialog = json_extract(o.payload, '$.dialog')
WHERE o.id IN (SELECT value FROM json_each(:ids)) AND o.state = 0;

-- name: outbox_card_drop!
DELETE FROM outbox WHERE portal = :portal AND ordering_key = :ordering_key AND state = 0 AND outcome_unknown = 0 AND kind = 'ShowCard'
    AND json_extract(payload, '$.post') = :post
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: outbox_card_waits!
-- If an earlier attempt may have worked, what it sent is kept, because its message is recognised by that.
UPDATE outbox SET payload = json_set(payload, '$.content', json(:content), '$.version', :version, '$.sent', json(CASE
    WHEN outcome_unknown = 0 THEN NULL
    WHEN json_extract(payload, '$.sent') IS NOT NULL THEN json_extract(payload, '$.sent')
    ELSE json_object('text', json_extract(payload, '$.content.text'), 'version', json_extract(payload, '$.version'))
END))
WHERE portal = :portal AND ordering_key = :ordering_key AND state = 0 AND kind = 'ShowCard' AND json_extract(payload, '$.post') = :post
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: outbox_card_leaves!
-- An effect that is being sent may have to be sent again, then with the new content. There are few of these.
-- What is being sent is kept beside it. `state IN (0, 1)` repeats the condition of an index, so that SQLite uses it.
UPDATE outbox SET payload = json_set(payload, '$.content', json(:content), '$.version', :version, '$.sent', json(CASE
    WHEN json_extract(payload, '$.sent') IS NOT NULL THEN json_extract(payload, '$.sent')
    ELSE json_object('text', json_extract(payload, '$.content.text'), 'version', json_extract(payload, '$.version'))
END))
WHERE portal = :portal AND token_owner = :installer AND state IN (0, 1) AND state = 1 AND ordering_key = :ordering_key AND kind = 'ShowCard'
    AND json_extract(payload, '$.post') = :post
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: outbox_card_again!
-- The content that is sent now is the only one that may be there.
UPDATE outbox SET payload = json_remove(payload, '$.sent') WHERE id = :id AND json_extract(payload, '$.sent') IS NOT NULL;

-- name: outbox_messages
-- Which of these messages are results of ours.
SELECT result FROM outbox
WHERE portal = :portal AND kind IN (SELECT value FROM json_each(:kinds)) AND created_at >= :since AND state = 2
    AND result IN (SELECT CAST(value AS TEXT) FROM json_each(:ids));

-- name: outbox_answers
-- The answers to the commands of a message that were given without a message id.
SELECT payload FROM outbox
WHERE portal = :portal AND kind = :kind AND created_at >= :since AND state = 2
    AND CASE WHEN json_valid(result) THEN json_type(result) END IN ('true', 'object')
    AND json_extract(payload, '$.answers.message') = :message
ORDER BY id;

-- name: outbox_done!
UPDATE outbox SET state = 2, result = :result, error = '' WHERE id = :id;

-- name: outbox_retry!
UPDATE outbox SET state = 0, attempts = attempts + :counted, due_at = :due_at, outcome_unknown = :outcome_unknown, error = :error WHERE id = :id;

-- name: outbox_dead!
UPDATE outbox SET state = 3, attempts = attempts + 1, error = :error WHERE id = :id;

-- name: outbox_answered!
-- A handler has answered the failure, so no operator has to look; the row is deleted together with done effects.
UPDATE outbox SET state = 2 WHERE id = :id AND state = 3;

-- name: outbox_interrupted!
-- The outcome of effects that were being sent when the service ended is unknown, and the portal may still work on
-- them; so effects that need a search first wait. A message is looked for at once, in pages that are read from now on.
-- `state IN (0, 1)` repeats the condition of an index, so that SQLite uses it.
UPDATE outbox SET state = 0, outcome_unknown = 1, due_at = CASE
    WHEN kind IN (SELECT value FROM json_each(:looked_for)) THEN :settled_at
    WHEN kind IN (SELECT value FROM json_each(:messages)) THEN :now
    ELSE due_at END
WHERE state IN (0, 1) AND state = 1;

-- name: outbox_ends
SELECT kind, CASE WHEN state < 2 THEN 'waiting' WHEN state = 2 THEN 'done' ELSE 'dead' END AS state, COUNT(*) AS many
FROM outbox
WHERE portal = :portal AND kind IN ('RegisterCommand', 'BindEvent')
    AND created_at = (SELECT created_at FROM outbox WHERE id = :id)
GROUP BY 1, 2;

-- name: outbox_made
SELECT payload, result, state FROM outbox
WHERE portal = :portal AND kind = :kind AND created_at >= :since AND (state < 2 OR (state = 2 AND result <> '')) ORDER BY id;

-- name: outbox_that_made
SELECT payload FROM outbox
WHERE portal = :portal AND kind = :kind AND created_at >= :since AND state = 2 AND result = :result ORDER BY id;

-- name: outbox_published_by
-- The report of an effect says when it was done. An effect whose failure was answered has no result.
SELECT o.payload, o.result, i.received_at FROM outbox o
JOIN inbox i ON i.portal = o.portal AND i.key = :end || o.id
WHERE o.portal = :portal AND o.kind = :kind AND o.created_at >= :stored AND o.state = 2 AND o.result <> ''
    AND json_extract(o.payload, '$.user') = :user AND i.received_at >= :since
ORDER BY i.received_at DESC, o.id DESC;

-- name: outbox_on_post
SELECT payload, state < 2 AS waits FROM outbox
WHERE portal = :portal AND kind = :kind AND created_at >= :since AND (state < 2 OR (state = 2 AND result <> ''))
    AND json_extract(payload, '$.post') = :post
ORDER BY id;

-- name: outbox_of_kind
SELECT payload FROM outbox
WHERE portal = :portal AND kind = :kind AND created_at >= :since AND (state < 2 OR (state = 2 AND result <> '')) ORDER BY id;

-- name: outbox_forget!
DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox WHERE state = 2 AND created_at < :before ORDER BY created_at LIMIT :many
);

-- name: outbox_forget_dead!
DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox WHERE state = 3 AND created_at < :before ORDER BY created_at LIMIT :many
);

-- name: outbox_oldest$
SELECT created_at FROM outbox WHERE state IN (0, 1) ORDER BY id LIMIT 1;

-- name: outbox_dead_count$
SELECT COUNT(*) FROM outbox WHERE state = 3;
