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
-- One for each action of a user that was just put into the outbox; the key holds the number that the outbox gave it.
INSERT INTO timers (portal, key, due_at, kind, ordering_key, payload)
SELECT portal, :late || id, :due_at, 'Delayed', :ordering_key,
       json_object('portal', portal, 'effect_id', id, 'kind', kind, 'effect', json(payload))
FROM outbox WHERE key = :effect_key AND state = 0
ON CONFLICT (portal, key) DO NOTHING;

-- name: timer_delay_notice_drop!
-- Also of a portal that is not there any more.
DELETE FROM timers WHERE portal = :portal AND key = :key;

-- name: timers_next_due$
SELECT due_at FROM timers WHERE portal <> '' ORDER BY due_at LIMIT 1;

-- name: timers_to_inbox!
-- Together with timers_remove_due, in one transaction and with the same values: both mean the same timers. Those of a
-- portal that is not installed are only removed.
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
-- A time of an earlier run counts, but for one later than any that this run would set: the clock has been set back since.
INSERT INTO timers (portal, key, due_at, kind, ordering_key, payload) VALUES ('', :key, :now, '', '', '')
ON CONFLICT (portal, key) DO UPDATE SET due_at = CASE WHEN timers.due_at > :latest THEN :latest ELSE timers.due_at END;

-- name: service_timer_claim!
-- Nothing where somebody else was faster.
UPDATE timers SET due_at = :next WHERE portal = '' AND key = :key AND due_at = :due_at;
