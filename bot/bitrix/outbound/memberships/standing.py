"""Reads what the rules of a policy ask about people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bot.bitrix.outbound import calls
from bot.bitrix.outbound.answers import Item
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.memberships.company import PAGE, Company, Member, result_of, who
from bot.bitrix.outbound.rows import rows_of
from bot.model.events import UserId
from bot.policy import Author, Need

_OWN = {Need.GROUPS: "sonet_group.user.groups", Need.ADMINISTRATOR: "user.admin"}
"""What the portal says only to the person's own token, and the call that asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Reads about people; the answers are kept for some minutes. What the portal does not say is None."""

    company: Company

    async def read(self, user: UserId, needs: Collection[Need]) -> Author:
        """Return what the portal says about a person.

        Departments and extranet are read with the bot's token, the rest in one request with the person's own.

        Raises:
            PortalError, PortalDown: the portal did not answer, or we have no valid token of the person.
        """
        person: Member | None = None
        if not {Need.DEPARTMENTS, Need.EXTRANET}.isdisjoint(needs):
            person = await self.company.person(user)
        missing = [method for need, method in _OWN.items() if need in needs and self._kept(method, user) is None]
        if missing:
            items = await self.company.ask([Call(method=method, params={}) for method in missing], user)
            for method, item in zip(missing, items, strict=True):
                self._keep(method, user, item)
        groups, admin = (self._kept(_OWN[need], user) for need in (Need.GROUPS, Need.ADMINISTRATOR))
        return Author(
            id=user,
            departments=frozenset(person.departments) if person else None,
            extranet=person.extranet if person else None,
            groups=groups[0] if groups else None,
            administrator=admin[0] if admin else None,
        )

    async def names(self, people: Sequence[UserId]) -> dict[UserId, str]:
        """Return the names of people, as far as the portal names them; raises as `read` does."""
        kept, place = self.company.kept, self.company.portal.id
        asked = [one for one in dict.fromkeys(people) if kept.get(place, "name", one) is None]
        for start in range(0, len(asked), PAGE):
            [item] = await self.company.ask([who(asked[start : start + PAGE])], None)
            for row in rows_of(result_of(item)):
                if name := str(row.get("name") or "").strip():
                    kept.put(place, "name", calls.number(row.get("id")), value=name)
        return {one: known for one in people if (known := kept.get(place, "name", one))}

    def _kept(self, method: str, user: UserId) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self.company.kept.get(self.company.portal.id, method, user)
        return found

    def _keep(self, method: str, user: UserId, item: Item) -> None:
        """Keep an answer; one that the portal refused, or that says nothing, is not kept."""
        answer, put, place = result_of(item), self.company.kept.put, self.company.portal.id
        if method == _OWN[Need.ADMINISTRATOR] and isinstance(answer, bool):
            put(place, method, user, value=(answer,))
        elif method == _OWN[Need.GROUPS] and isinstance(answer, list | dict):
            groups = frozenset(number for row in rows_of(answer) if (number := calls.number(row.get("GROUP_ID"))))
            put(place, method, user, value=(groups,), size=len(groups) + 1)
