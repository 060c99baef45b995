"""Reads with an administrator's token for a person whose own token we do not have, and shows only what they may see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.bitrix.outbound.acting import evidence, judging
from bot.bitrix.outbound.acting.evidence import Account, Ask
from bot.bitrix.outbound.calls import Call, number
from bot.bitrix.outbound.memberships.company import result_of
from bot.bitrix.outbound.rows import Row, is_visible, named_of, people_of, rows_of
from bot.model.acting import Verdict
from bot.model.events import UserId
from bot.model.records import Named, Post


@dataclass(slots=True, kw_only=True)
class Looking:
    """Looks something up for people during one event; `asked` are those for whom it did."""

    ask: Ask
    asked: set[UserId] = field(default_factory=set)
    _verdicts: dict[tuple[UserId, tuple[str, ...]], Verdict] = field(default_factory=dict)

    async def verdict(self, user: UserId, codes: Sequence[str]) -> Verdict:
        """Judge whether a user may write to these recipients by hand; raises as `evidence.read` does."""
        self.asked.add(user)
        known = self._verdicts.get((user, tuple(codes)))
        if known is None:
            known = judging.judge(await evidence.read(self.ask, user, codes), user, codes)
            self._verdicts[user, tuple(codes)] = known
        return known

    async def may_read(self, post: Post, reader: UserId) -> bool:
        """Check whether a person certainly may read a post that the administrator has read."""
        if post.author != reader and not post.for_all:
            return False
        return (await self.verdict(reader, () if post.author == reader else (judging.EVERYONE,))).allowed

    async def find(self, searches: Sequence[Call], reader: UserId) -> list[Named] | None:
        """Find people, departments and workgroups by name that a reader may see.

        `searches` are the calls that find each of the three. None if we may not act for the reader at all.
        """
        of_groups = Call(method=searches[-1].method, params={**searches[-1].params, "IS_ADMIN": "Y"})
        asker, known, (people, departments, groups) = await asyncio.gather(
            evidence.administrator(self.ask),
            evidence.accounts(self.ask, [reader]),
            self.ask([*searches[:-1], of_groups]),
        )
        account = known.get(reader)
        if asker is None or account is None or not account.is_person:
            return None
        found = [row for row in people_of(result_of(people)) if evidence.account_of(row).is_person]
        if not account.is_employee and found:
            near = await evidence.shared(self.ask, reader)
            found = [row for row in found if number(row.get("id")) in near]
        places = rows_of(result_of(departments)) if account.is_employee else []
        return named_of(found, places, await self._seen(rows_of(result_of(groups)), account))

    async def _seen(self, groups: Sequence[Row], account: Account) -> list[Row]:
        """Return those workgroups that a person may see: visible ones if they are an employee, and their own."""
        closed = [number(row.get("ID")) for row in groups if not (account.is_employee and is_visible(row))]
        inside = await evidence.members(self.ask, closed)
        return [row for row in groups if account.id in inside.get(number(row.get("ID")), (account.id,))]
