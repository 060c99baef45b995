-- name: language_chosen!
INSERT INTO languages (portal, user_id, chosen) SELECT :portal, :user, :language
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, user_id) DO UPDATE SET chosen = excluded.chosen;

-- name: language_recognised!
INSERT INTO languages (portal, user_id, recognised) SELECT :portal, :user, :language
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, user_id) DO UPDATE SET recognised = excluded.recognised;

-- name: language_of^
SELECT chosen, recognised FROM languages WHERE portal = :portal AND user_id = :user;

-- name: languages_all
SELECT user_id, chosen, recognised FROM languages WHERE portal = :portal;

-- name: languages_drop!
DELETE FROM languages WHERE portal = :portal;
