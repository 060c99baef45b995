-- name: timer_set!
INSERT INTO timers (portal, key, due_at, kind, ordering_key, payload)
SELECT :portal, :key, :due_at, :kind, :ordering_key, :payload
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, key) DO UPDATE SET kind = excluded.kind, ordering_key = excluded.ordering_key, payload = excluded.payload,
    due_at = CASE WHEN :keep_earlier AND timers.due_at < excluded.due_at THEN timers.due_at ELSE excluded.due_at END;

-- name: timer_cancel!
DELETE FROM timers WHERE portal = :portal AND key = :key
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: timer_delay_notice!
-- Sets a timer for a user action that was just added to the outbox; its key contains the row id of the action.
INSERT INTO timers (portal, key, due_at, kind, ordering_key, payload)
SELECT portal, :late || id, :due_at, 'Delayed', :ordering_key,
       json_object('portal', portal, 'effect_id', id, 'kind', kind, 'effect', json(payload))
FROM outbox WHERE key = :effect_key AND state = 0
ON CONFLICT (portal, key) DO NOTHING;

-- name: timer_delay_notice_drop!
-- Also works for a portal that is not installed any more.
DELETE FROM timers WHERE portal = :portal AND key = :key;

-- name: timers_next_due$
SELECT due_at FROM timers WHERE portal <> '' ORDER BY due_at LIMIT 1;

-- name: timers_to_inbox!
-- Runs in one transaction with timers_remove_due, with the same values, so that both select the same timers. Timers of
-- a portal that is not installed are only removed.
INSERT INTO inbox (portal, kind, key, ordering_key, payload, received_at)
SELECT found.portal, found.kind, :timers || found.key || ':' || printf('%.6f', found.due_at), found.ordering_key, found.payload, :now
FROM (
    SELECT portal, key, due_at, kind, ordering_key, payload FROM timers
    WHERE portal <> '' AND due_at <= :now ORDER BY due_at, portal, key LIMIT :many
) found JOIN portals p ON p.id = found.portal WHERE p.active = 1
ORDER BY found.due_at, found.portal, found.key
ON CONFLICT (portal, key) DO NOTHING;

-- name: timers_remove_due!
DELETE FROM timers WHERE (portal, key) IN (
    SELECT portal, key FROM timers WHERE portal <> '' AND due_at <= :now ORDER BY due_at, portal, key LIMIT :many
);

-- name: timers_drop!
DELETE FROM timers WHERE portal = :portal;

-- name: service_timers
SELECT key, due_at FROM timers WHERE portal = '';

-- name: service_timer_start!
-- The time of an earlier run is kept, unless it is later than any time this run would set: then the clock was set back.
INSERT INTO timers (portal, key, due_at, kind, ordering_key, payload) VALUES ('', :key, :now, '', '', '')
ON CONFLICT (portal, key) DO UPDATE SET due_at = CASE WHEN timers.due_at > :latest THEN :latest ELSE timers.due_at END;

-- name: service_timer_claim!
-- Changes nothing if another task has claimed the timer already.
UPDATE timers SET due_at = :next WHERE portal = '' AND key = :key AND due_at = :due_at;
