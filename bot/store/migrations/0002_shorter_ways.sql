-- Ways to what is looked for often, past what is done and kept for a while. `state` stands in the indexes too: without it
-- SQLite looks it up in the row, even where the index holds only rows of that state.

CREATE INDEX outbox_due ON outbox (portal, due_at, state) WHERE state = 0;
CREATE INDEX outbox_holder ON outbox (portal, holder, state) WHERE state IN (0, 1);
CREATE INDEX outbox_age ON outbox (created_at, state) WHERE state = 2;
DROP INDEX outbox_dead;
CREATE INDEX outbox_dead ON outbox (created_at, state) WHERE state = 3;
DROP INDEX outbox_waiting;
CREATE INDEX outbox_waiting ON outbox (portal, lane, id, priority, due_at, created_at, state) WHERE state = 0;

DROP INDEX inbox_dead;
CREATE INDEX inbox_dead ON inbox (received_at, state) WHERE state = 3;
CREATE INDEX inbox_of_portal ON inbox (portal, id, state) WHERE state = 0;

CREATE INDEX posts_age ON posts (seen_at);
CREATE INDEX portals_domain ON portals (domain) WHERE active = 1;
