-- name: at_once_put!
INSERT INTO at_once (portal, chooser, at_once) SELECT :portal, :chooser, :at_once
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, chooser) DO UPDATE SET at_once = excluded.at_once;

-- name: at_once_of
SELECT chooser, at_once FROM at_once WHERE portal = :portal AND chooser IN (:person, :chat);

-- name: at_once_drop!
DELETE FROM at_once WHERE portal = :portal;

-- name: default_recipients_put!
INSERT INTO default_recipients (portal, chooser, payload) SELECT :portal, :chooser, :payload
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, chooser) DO UPDATE SET payload = excluded.payload;

-- name: default_recipients_of
SELECT chooser, payload FROM default_recipients WHERE portal = :portal AND chooser IN (:person, :chat);

-- name: default_recipients_drop!
DELETE FROM default_recipients WHERE portal = :portal;
