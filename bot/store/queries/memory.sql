-- State changes are stored only for an installed portal. Each statement checks this, because an earlier statement of the
-- same transaction may have removed the portal.

-- name: chat_joined!
INSERT INTO chats (portal, dialog, title, joined_at) SELECT :portal, :dialog, :title, :now
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, dialog) DO UPDATE SET title = excluded.title;

-- name: chat_left!
DELETE FROM chats WHERE portal = :portal AND dialog = :dialog
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: chat_is_joined$
SELECT COUNT(*) FROM chats WHERE portal = :portal AND dialog = :dialog;

-- name: follow_add!
INSERT INTO follows (portal, dialog, topic, owner, language, label, owner_name, created_at)
SELECT :portal, :dialog, :topic, :owner, :language, :label, :owner_name, :now
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, dialog, topic) DO UPDATE SET owner = excluded.owner, language = excluded.language, label = excluded.label,
    owner_name = excluded.owner_name;

-- name: follow_change!
UPDATE follows SET topic = :topic WHERE portal = :portal AND dialog = :dialog AND topic = :over
    AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.portal = :portal AND f.dialog = :dialog AND f.topic = :topic)
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: follow_drop!
DELETE FROM follows WHERE portal = :portal AND dialog = :dialog AND topic = :topic
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: follow_drop_all!
DELETE FROM follows WHERE portal = :portal AND dialog = :dialog
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: follows_of
SELECT dialog, topic, owner, language, label, owner_name, created_at AS since FROM follows WHERE portal = :portal AND dialog = :dialog ORDER BY id;

-- name: follows_all
SELECT dialog, topic, owner, language, label, owner_name, created_at AS since FROM follows WHERE portal = :portal ORDER BY id;

-- name: post_put!
INSERT INTO posts (portal, post, author, version, title, digest, important, for_all, seen_at)
SELECT :portal, :post, :author, :version, :title, :digest, :important, :for_all, :now
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, post) DO UPDATE SET author = excluded.author, version = excluded.version, title = excluded.title,
    digest = excluded.digest, important = excluded.important, for_all = excluded.for_all, seen_at = excluded.seen_at;

-- name: post_get^
SELECT post, author, version, title, digest, important, for_all FROM posts
WHERE portal = :portal AND post = :post AND deleted = 0;

-- name: post_is_deleted$
SELECT 1 FROM posts WHERE portal = :portal AND post = :post AND deleted = 1;

-- name: post_deleted!
UPDATE posts SET deleted = 1 WHERE portal = :portal AND post = :post
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: card_put!
INSERT INTO cards (portal, post, dialog, version, message, made_at)
SELECT :portal, :post, :dialog, :version, :message, :now
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, post, dialog) DO UPDATE SET version = excluded.version, lost = 0,
    made_at = CASE WHEN excluded.message IS NULL OR cards.message IS NULL THEN excluded.made_at ELSE cards.made_at END,
    message = excluded.message;

-- name: card_is_other!
-- Changes nothing. The number of rows shows whether the card differs from the one that the handler read.
UPDATE cards SET version = version WHERE portal = :portal AND post = :post AND dialog = :dialog
    AND (version <> :over OR (message IS NOT NULL AND :message IS NULL));

-- name: card_lost!
UPDATE cards SET lost = 1 WHERE portal = :portal AND post = :post AND dialog = :dialog
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: cards_of
SELECT post, dialog, version, message, made_at, lost FROM cards WHERE portal = :portal AND post = :post ORDER BY dialog;

-- name: cards_forget!
-- Runs before the posts are deleted: a card without its post would mean that the post was deleted in the feed.
DELETE FROM cards WHERE (portal, post, dialog) IN (
    SELECT c.portal, c.post, c.dialog FROM posts p JOIN cards c ON c.portal = p.portal AND c.post = p.post
    WHERE p.seen_at < :before AND c.made_at < :before ORDER BY p.seen_at LIMIT :many
);

-- name: posts_forget!
DELETE FROM posts WHERE (portal, post) IN (
    SELECT p.portal, p.post FROM posts p
    WHERE p.seen_at < :before AND NOT EXISTS (SELECT 1 FROM cards c WHERE c.portal = p.portal AND c.post = p.post)
    ORDER BY p.seen_at LIMIT :many
);

-- name: readers_asked!
INSERT INTO dialog_readers (portal, dialog, asked_at, members) SELECT :portal, :dialog, :now, :members
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, dialog) DO UPDATE SET asked_at = excluded.asked_at, members = excluded.members;

-- name: cards_with_content
SELECT c.post, c.dialog, c.version, c.message, c.made_at, c.lost FROM cards c
WHERE c.portal = :portal AND c.dialog = :dialog AND substr(c.version, -5) = ':full' AND (c.lost = 0 OR c.message IS NOT NULL)
ORDER BY c.post DESC;

-- name: card_of_message
SELECT post, dialog, version, message, made_at, lost FROM cards
WHERE portal = :portal AND dialog = :dialog AND message = :message;

-- name: cards_of_version
SELECT post, dialog, version, message, made_at, lost FROM cards
WHERE portal = :portal AND dialog = :dialog AND version = :version ORDER BY post DESC;

-- name: dialogs_with_content
SELECT DISTINCT c.dialog AS dialog, COALESCE(r.asked_at, 0) AS asked_at FROM cards c
LEFT JOIN dialog_readers r ON r.portal = c.portal AND r.dialog = c.dialog
WHERE c.portal = :portal AND substr(c.version, -5) = ':full' AND (c.lost = 0 OR c.message IS NOT NULL);

-- name: restricted_cards
-- Returns cards with the content of restricted posts, newest first, and the last known readers of their dialogs.
SELECT c.post, c.dialog, c.version, c.message, c.made_at, c.lost, COALESCE(r.members, '') AS members FROM cards c
LEFT JOIN posts p ON p.portal = c.portal AND p.post = c.post
LEFT JOIN dialog_readers r ON r.portal = c.portal AND r.dialog = c.dialog
WHERE c.portal = :portal AND substr(c.version, -5) = ':full' AND (c.lost = 0 OR c.message IS NOT NULL) AND COALESCE(p.for_all, 0) = 0
ORDER BY c.post DESC;

-- name: posts_with_content
-- Returns the newest posts that chats show, to compare them with the feed.
SELECT DISTINCT p.post AS post, p.version AS version, p.for_all AS for_all FROM cards c
JOIN posts p ON p.portal = c.portal AND p.post = c.post
WHERE c.portal = :portal AND substr(c.version, -5) = ':full' AND (c.lost = 0 OR c.message IS NOT NULL) AND p.deleted = 0
ORDER BY p.post DESC LIMIT :many;

-- name: dialog_readers_drop!
DELETE FROM dialog_readers WHERE portal = :portal;

-- name: quiet_post!
INSERT INTO quiet_posts (portal, dialog, day, post, at, noted_at)
SELECT :portal, :dialog, :day, :post, :at, :now
WHERE NOT EXISTS (SELECT 1 FROM quiet_off o WHERE o.portal = :portal AND o.dialog = :dialog)
    AND EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, dialog, day, post) DO NOTHING;

-- name: quiet_off!
INSERT INTO quiet_off (portal, dialog) SELECT :portal, :dialog
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, dialog) DO NOTHING;

-- name: quiet_on!
DELETE FROM quiet_off WHERE portal = :portal AND dialog = :dialog;

-- name: quiet_is_off
SELECT EXISTS (SELECT 1 FROM quiet_off WHERE portal = :portal AND dialog = :dialog);

-- name: quiet_of
-- No rows if the line was switched off after posts had been counted.
SELECT at FROM quiet_posts WHERE portal = :portal AND dialog = :dialog AND day = :day
    AND NOT EXISTS (SELECT 1 FROM quiet_off o WHERE o.portal = :portal AND o.dialog = :dialog)
ORDER BY noted_at, post;

-- name: quiet_forget!
DELETE FROM quiet_posts WHERE (portal, dialog, day, post) IN (
    SELECT portal, dialog, day, post FROM quiet_posts WHERE noted_at < :before ORDER BY noted_at LIMIT :many
);

-- name: quiet_lines_forget!
DELETE FROM cards WHERE (portal, post, dialog) IN (
    SELECT portal, post, dialog FROM cards WHERE post < 0 AND made_at < :before ORDER BY made_at LIMIT :many
);

-- name: quiet_posts_drop!
DELETE FROM quiet_posts WHERE portal = :portal;

-- name: quiet_off_drop!
DELETE FROM quiet_off WHERE portal = :portal;

-- name: extranet_seen!
INSERT INTO dialog_extranet (portal, dialog, seen, seen_at) SELECT :portal, :dialog, :seen, :now
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, dialog) DO UPDATE SET seen = excluded.seen, seen_at = excluded.seen_at;

-- name: extranet_told!
-- `seen` stays as it is: a newer answer of the portal has not been told yet.
INSERT INTO dialog_extranet (portal, dialog, seen, seen_at, told, told_day) SELECT :portal, :dialog, :told, :now, :told, :day
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1)
ON CONFLICT (portal, dialog) DO UPDATE SET told = excluded.told, told_day = excluded.told_day;

-- name: extranet_of
SELECT dialog, seen, told, told_day,
    EXISTS (SELECT 1 FROM quiet_off o WHERE o.portal = e.portal AND o.dialog = e.dialog) AS off
FROM dialog_extranet e WHERE portal = :portal;

-- name: dialog_extranet_drop!
DELETE FROM dialog_extranet WHERE portal = :portal;
