"""Reads what the rules of a policy ask about a person, with the person's own token, in one request."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bot.bitrix.outbound import calls
from bot.bitrix.outbound.answers import Item
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.memberships.company import PAGE, Company, Member, person_of, result_of
from bot.bitrix.outbound.rows import rows_of
from bot.model.events import UserId
from bot.policy import Author, Need

_METHODS = {
    Need.DEPARTMENTS: "im.user.list.get",
    Need.EXTRANET: "im.user.list.get",
    Need.GROUPS: "sonet_group.user.groups",
    Need.ADMINISTRATOR: "user.admin",
}
"""The call that answers each need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Reads about one person; the answers are kept for some minutes. What the portal does not say is None."""

    company: Company
    user: UserId

    async def read(self, needs: Collection[Need]) -> Author:
        """Return what the portal says about the person.

        Raises:
            PortalError, PortalDown: the portal did not answer, or we have no valid token of the person.
        """
        wanted = dict.fromkeys(_METHODS[one] for one in Need if one in needs and one in _METHODS)
        missing = [method for method in wanted if self._kept(method) is None]
        if missing:
            items = await self.company.ask([self._call(method) for method in missing], self.user)
            for method, item in zip(missing, items, strict=True):
                self._keep(method, item)
        person: Member | None = next(iter(self._kept("im.user.list.get") or ()), None)
        groups, admin = self._kept("sonet_group.user.groups"), self._kept("user.admin")
        return Author(
            id=self.user,
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
            [item] = await self.company.ask([_who(asked[start : start + PAGE])], self.user)
            for row in rows_of(result_of(item)):
                if name := str(row.get("name") or "").strip():
                    kept.put(place, "name", calls.number(row.get("id")), value=name)
        return {one: known for one in people if (known := kept.get(place, "name", one))}

    def _kept(self, method: str) -> tuple[Any, ...] | None:
        kind = "person" if method == "im.user.list.get" else method
        found: tuple[Any, ...] | None = self.company.kept.get(self.company.portal.id, kind, self.user)
        return found

    def _call(self, method: str) -> Call:
        return _who([self.user]) if method == "im.user.list.get" else Call(method=method, params={})

    def _keep(self, method: str, item: Item) -> None:
        """Keep an answer; one that the portal refused, or that says nothing, is not kept."""
        answer, put, place = result_of(item), self.company.kept.put, self.company.portal.id
        if method == "im.user.list.get":
            known = dict(found for row in rows_of(answer) if (found := person_of(row)))
            if self.user in known:
                put(place, "person", self.user, value=(known[self.user],))
        elif method == "user.admin" and isinstance(answer, bool):
            put(place, method, self.user, value=(answer,))
        elif method == "sonet_group.user.groups" and isinstance(answer, list | dict):
            groups = frozenset(number for row in rows_of(answer) if (number := calls.number(row.get("GROUP_ID"))))
            put(place, method, self.user, value=(groups,), size=len(groups) + 1)


def _who(people: Sequence[UserId]) -> Call:
    return Call(method="im.user.list.get", params={"ID": list(people), "RESULT_TYPE": "array"})
