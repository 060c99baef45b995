"""Counts the people whom the recipients of a post are, with the rights of the person who asks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from bot.bitrix.outbound import calls
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.memberships.company import PAGE, Asker, Company, result_of
from bot.model.events import UserId

_CODE = re.compile(r"(UA|U|DR|SG)(\d*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """Counts recipients as one person sees them; the answers are kept for some minutes."""

    company: Company
    reader: Asker

    async def count(self, codes: Sequence[str]) -> int | None:
        """Count the people of these recipients, each once; None if the portal does not tell the reader about one.

        Raises:
            PortalError, PortalDown: the portal did not answer.
        """
        found: set[int] = set()
        for code in codes:
            people = await self._of(code)
            if people is None:
                return None
            found |= people
        return len(found)

    async def _of(self, code: str) -> AbstractSet[int] | None:
        parts = _CODE.fullmatch(code)
        if parts is None:
            return None
        kind, number = parts[1], calls.number(parts[2])
        if kind == "U":
            return {number}
        return (
            await self._workgroup(number) if kind == "SG" else await self._employees(number if kind == "DR" else None)
        )

    async def _employees(self, department: int | None) -> set[int] | None:
        """Return the employees of a department and of those below it (None: of the whole company).

        A person without a department is no employee of the company (reference: im.department.employees.get).
        """
        above = await self.company.departments()
        wanted = set(above) if department is None else _below(department, above)
        rows = await self._departments(sorted(above))
        if rows is None or not wanted <= rows.keys():
            return None
        return {person for number in wanted for person in rows[number]}

    async def _departments(self, numbers: Sequence[int]) -> dict[int, frozenset[int]] | None:
        kind = f"employees:{self.reader}"
        kept: dict[int, frozenset[int]] | None = self.company.kept.get(self.company.portal.id, kind, 0)
        if kept is None:
            chunks = [numbers[start : start + PAGE] for start in range(0, len(numbers), PAGE)]
            kept = {}
            for some, items in await self.company.in_batches(chunks, _employees_of, self.reader):
                for chunk, item in zip(some, items, strict=True):
                    answer = result_of(item)
                    if not isinstance(answer, dict):
                        return None
                    kept |= {number: _ids(answer.get(str(number))) for number in chunk}
            size = sum(len(people) for people in kept.values()) + 1
            self.company.kept.put(self.company.portal.id, kind, 0, value=kept, size=size)
        return kept

    async def _workgroup(self, number: int) -> frozenset[UserId] | None:
        kind = f"members:{self.reader}"
        kept: frozenset[UserId] | None = self.company.kept.get(self.company.portal.id, kind, number)
        if kept is None:
            kept = await self.company.inside(number, self.reader)
            self.company.kept.put(self.company.portal.id, kind, number, value=kept, size=len(kept) + 1)
        return kept or None  # a workgroup has an owner, so an empty list was refused


def _employees_of(departments: Sequence[int]) -> Call:
    return Call(method="im.department.employees.get", params={"ID": list(departments)})


def _ids(value: Any) -> frozenset[int]:
    return (
        frozenset(number for one in value if (number := calls.number(one))) if isinstance(value, list) else frozenset()
    )


def _below(department: int, above: Mapping[int, int]) -> set[int]:
    """Return a department and all departments below it."""
    found = {department}
    while more := {number for number, parent in above.items() if parent in found} - found:
        found |= more
    return found
