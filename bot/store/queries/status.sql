-- name: status_portals
SELECT id, domain, api, bot, speaker, mute_since, mute_reason,
    (SELECT COUNT(*) FROM follows f WHERE f.portal = p.id) AS follows
FROM portals p WHERE active = 1 AND (:portal = '' OR id = :portal) ORDER BY domain, id;

-- name: status_events
SELECT portal, COUNT(*) AS waiting, MIN(received_at) AS oldest FROM inbox WHERE state = 0 AND (:portal = '' OR portal = :portal) GROUP BY portal;

-- name: status_effects
SELECT portal, COUNT(*) AS waiting, MIN(created_at) AS oldest FROM outbox WHERE state IN (0, 1) AND (:portal = '' OR portal = :portal) GROUP BY portal;

-- name: status_dead_events
SELECT portal, COUNT(*) AS dead FROM inbox WHERE state = 3 AND (:portal = '' OR portal = :portal) GROUP BY portal;

-- name: status_dead_effects
SELECT portal, COUNT(*) AS dead FROM outbox WHERE state = 3 AND (:portal = '' OR portal = :portal) GROUP BY portal;

-- name: status_event_errors
-- Returns the error of the newest event of each portal that waits after a failed attempt.
SELECT portal, error FROM inbox
WHERE id IN (SELECT MAX(id) FROM inbox WHERE state = 0 AND error <> '' AND (:portal = '' OR portal = :portal) GROUP BY portal);

-- name: status_effect_errors
SELECT portal, error FROM outbox
WHERE id IN (SELECT MAX(id) FROM outbox WHERE state = 0 AND error <> '' AND (:portal = '' OR portal = :portal) GROUP BY portal);
