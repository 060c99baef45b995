-- name: audit_put!
INSERT INTO audit (portal, at, user_id, name, action, certain, post, subject, dialog, details, by_user, approver)
SELECT :portal, :now, :user, :name, :action, :certain, :post, :subject, :dialog, :details, :by_user, :approver
WHERE EXISTS (SELECT 1 FROM portals WHERE id = :portal AND active = 1);

-- name: audit_page
SELECT id, portal, at, user_id, name, action, certain, post, subject, dialog, details, by_user, approver FROM audit
WHERE portal = :portal AND id < :before ORDER BY id DESC LIMIT :many;

-- name: audit_get
SELECT id, portal, at, user_id, name, action, certain, post, subject, dialog, details, by_user, approver FROM audit
WHERE portal = :portal AND id = :id;

-- name: audit_export
SELECT a.id, p.domain AS portal, a.at, a.user_id, a.name, a.action, a.certain, a.post, a.subject, a.dialog, a.details, a.by_user, a.approver
FROM audit a JOIN portals p ON p.id = a.portal
WHERE a.id > :after AND a.at >= :since AND (:domain = '' OR p.domain = :domain) ORDER BY a.id LIMIT :many;

-- name: audit_forget!
DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < :before ORDER BY at LIMIT :many);

-- name: audit_drop!
DELETE FROM audit WHERE portal = :portal;
