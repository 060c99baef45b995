"""Combines the stores of all subjects in one object, and deletes old rows."""

from __future__ import annotations

from bot.store import coding
from bot.store.bot_tokens import SPARES
from bot.store.inbox import InboxStore
from bot.store.outbox import OutboxStore
from bot.store.statements import Result, Statement

KEEP_DONE = 3 * 86_400
"""Seconds for which done events are kept, so that duplicates are recognised (and a message can be edited)."""
KEEP_DEAD = 28 * 86_400
"""Seconds for which dead letters are kept, so that an operator can look at them."""
KEEP_POSTS = 182 * 86_400
"""Seconds for which a post is kept after it was last read; an edit after that time is relayed like a new post."""
KEEP_AUDIT = 365 * 86_400
"""Seconds for which the audit keeps who did what."""
SLICE = 250
"""The most rows that one transaction deletes, so that the webhook does not wait long for its own commit."""
FORGETTING = {
    "inbox_forget": KEEP_DONE,
    "outbox_forget": KEEP_DONE,
    "inbox_forget_secrets": KEEP_DONE,
    "inbox_forget_dead": KEEP_DEAD,
    "outbox_forget_dead": KEEP_DEAD,
    "cards_forget": KEEP_POSTS,
    "quiet_forget": KEEP_POSTS,
    "quiet_lines_forget": KEEP_POSTS,
    "posts_forget": KEEP_POSTS,
    "tokens_forget": 0,
    "conversations_forget": 0,
    "scheduled_forget": KEEP_DEAD,
    "approvals_forget": KEEP_DEAD,
    "audit_forget": KEEP_AUDIT,
}
"""The queries that delete old rows, in this order, and the age in seconds of the rows that each deletes."""


class Store(InboxStore, OutboxStore):
    """Stores everything; each method except `forget_old` is one transaction."""

    async def dead_letters(self) -> tuple[int, int]:
        """Return the number of dead letters in the inbox, and in the outbox."""
        return await self.db.read_value("inbox_dead_count"), await self.db.read_value("outbox_dead_count")

    async def portals_in_trouble(self) -> int:
        """Count the portals for which an event or effect waits after a failed attempt."""
        return int(await self.db.read_value("portals_in_trouble"))

    async def forget_old(self, now: float) -> None:
        """Delete rows that are older than FORGETTING allows, among them expired user tokens.

        Each transaction deletes at most SLICE rows, so that other writes run in between.
        """
        self._kept.clear()
        for name, age in FORGETTING.items():
            values = {"before": now - age, "many": SLICE, "spares": SPARES, **coding.KEYS}
            forget = [Statement(name=name, values=values, result=Result.COUNT)]
            while await self.db.write(forget) == SLICE:
                pass
        self._kept.clear()  # again: an event may have cached tokens that a later query of this loop deleted
