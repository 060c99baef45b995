"""Everything that is stored, by subject, behind one object."""

from __future__ import annotations

from bot.store import coding
from bot.store.bot_tokens import SPARES
from bot.store.inbox import InboxStore
from bot.store.outbox import OutboxStore
from bot.store.statements import Result, Statement

KEEP_DONE = 3 * 86_400
"""Seconds for which a repeated event is still recognised (and for which a message can be edited)."""
KEEP_DEAD = 28 * 86_400
"""Seconds for which dead letters are kept, for somebody to look at."""
KEEP_POSTS = 182 * 86_400
"""Seconds for which a post is known after it was read last; if it changes later, it is told as one never seen."""
SLICE = 250
"""Rows that are forgotten in one transaction: the door waits for no more than these."""
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
}
"""Queries that forget, in this order, and the age of what each forgets."""


class Store(InboxStore, OutboxStore):
    """The stores of all subjects; one method, one transaction."""

    async def dead_letters(self) -> tuple[int, int]:
        """How many events and effects are parked."""
        return await self.db.read_value("inbox_dead_count"), await self.db.read_value("outbox_dead_count")

    async def forget_old(self, now: float) -> None:
        """Forget what is old, and users' tokens that ran out; little by little, others' writes in between."""
        self._kept.clear()
        for name, age in FORGETTING.items():
            values = {"before": now - age, "many": SLICE, "spares": SPARES, **coding.KEYS}
            forget = [Statement(name=name, values=values, result=Result.COUNT)]
            while await self.db.write(forget) == SLICE:
                pass
        self._kept.clear()  # of tokens that ran out nothing is known to be stored
