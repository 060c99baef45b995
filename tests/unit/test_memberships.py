"""Lists of departments and workgroup members: page by page in few requests, kept for some minutes in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.bitrix.outbound.answers import Item
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.memberships import KEEP, Company, Kept
from bot.bitrix.outbound.memberships.company import MOST_ROWS, PAGE
from bot.bitrix.outbound.memberships.kept import MOST, MOST_OF_A_PORTAL
from bot.clock import Clock
from bot.errors import MethodBlocked, PortalError, Refused
from bot.model.events import PortalId, UserId
from tests.stand_in_memory import known_portal
from tests.stand_ins import PORTAL

VIEWER = UserId(1)


@dataclass(slots=True, kw_only=True)
class Lists:
    """A portal that answers every list in pages of fifty."""

    rows: list[dict[str, Any]]
    errors: list[PortalError] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)

    async def ask(self, asked: Sequence[Call], _person: UserId | None) -> list[Item]:
        """Answer the calls of one request, and note how many they were."""
        self.requests.append(len(asked))
        if self.errors:
            return [Item(error=self.errors[0])] * len(asked)
        return [self._page(int(one.params.get("start") or one.params.get("START") or 0)) for one in asked]

    def _page(self, start: int) -> Item:
        following = start + PAGE if start + PAGE < len(self.rows) else 0
        return Item(result=self.rows[start : start + PAGE], next=following, total=len(self.rows))

    def company(self, kept: Kept[Any] | None = None) -> Company:
        """Give the reader of this portal's people."""
        return Company(portal=known_portal(), ask=self.ask, kept=Kept() if kept is None else kept)


def group_of(many: int) -> Lists:
    """Give a portal with a workgroup of so many members."""
    return Lists(rows=[{"USER_ID": str(number), "ROLE": "K"} for number in range(1, many + 1)])


@pytest.mark.parametrize(
    ("many", "requests"),
    [
        pytest.param(1, [1], id="one page"),
        pytest.param(50, [1], id="one whole page"),
        pytest.param(51, [1, 1], id="one member on the second page"),
        pytest.param(230, [1, 4], id="five pages in two requests"),
        pytest.param(2600, [1, 50, 1], id="more pages than one request takes"),
    ],
)
async def test_every_page_of_a_workgroup_is_read(many: int, requests: list[int]) -> None:
    """All members are found, however many pages they fill; all pages but the first come fifty in a request."""
    lists = group_of(many)
    assert await lists.company().group(7, VIEWER) == set(range(1, many + 1))
    assert lists.requests == requests


async def test_departments_are_read_to_the_last_page() -> None:
    """The department above the one on the fourth page is known."""
    lists = Lists(rows=[{"ID": str(number), "PARENT": str(number // 2)} for number in range(1, 181)])
    assert (await lists.company().departments())[180] == 90
    assert lists.requests == [1, 3]


async def test_members_beyond_a_limit_are_unknown() -> None:
    """Members beyond the first five thousand count as unknown, which means "may not read"."""
    lists = group_of(MOST_ROWS + 500)
    assert max(await lists.company().group(7, VIEWER)) == MOST_ROWS


async def test_a_list_is_cached_for_some_minutes() -> None:
    """A second event uses the cached list, until it is some minutes old."""
    seconds, lists = [0.0], group_of(120)
    kept: Kept[Any] = Kept(clock=Clock(monotonic=lambda: seconds[0]))
    for seconds[0] in (0.0, KEEP - 1, KEEP, KEEP + 1):
        await lists.company(kept).group(7, VIEWER)
    assert lists.requests == [1, 2] * 2


async def test_a_forgotten_list_is_read_again() -> None:
    """A check of cards forgets the cache first, so it sees that somebody has just left a workgroup."""
    kept: Kept[Any] = Kept()
    lists = group_of(3)
    await lists.company(kept).group(7, VIEWER)
    lists.rows.pop()
    assert len(await lists.company(kept).group(7, VIEWER)) == 3
    kept.forget(PORTAL)
    assert len(await lists.company(kept).group(7, VIEWER)) == 2


async def test_a_temporary_error_is_not_cached() -> None:
    """After a temporary error the portal is asked again; a refusal counts as nobody, and is cached."""
    kept: Kept[Any] = Kept()
    lists = group_of(3)
    lists.errors = [MethodBlocked("OPERATION_TIME_LIMIT")]
    with pytest.raises(MethodBlocked):
        await lists.company(kept).group(7, VIEWER)
    lists.errors = [Refused("insufficient_scope")]
    assert await lists.company(kept).group(7, VIEWER) == set()
    lists.errors = []
    assert await lists.company(kept).group(7, VIEWER) == set()


def test_a_full_cache_of_one_portal_affects_no_other() -> None:
    """New answers replace the oldest ones of the same portal only."""
    kept: Kept[int] = Kept()
    kept.put(PortalId("quiet"), "person", 1, value=1)
    for number in range(MOST_OF_A_PORTAL + 1):
        kept.put(PORTAL, "person", number, value=number)
    assert kept.get(PORTAL, "person", 0) is None
    assert kept.get(PORTAL, "person", 1) == 1
    assert kept.get(PORTAL, "person", MOST_OF_A_PORTAL) == MOST_OF_A_PORTAL
    assert kept.get(PortalId("quiet"), "person", 1) == 1


def test_a_list_counts_as_the_number_of_its_items() -> None:
    """Two workgroups that fill the cache are not both kept beside a third; one over the limit is kept alone."""
    kept: Kept[str] = Kept()
    for number in (1, 2, 3):
        kept.put(PORTAL, "group", number, value="members", size=MOST_OF_A_PORTAL // 2)
    assert [kept.get(PORTAL, "group", number) for number in (1, 2, 3)] == [None, "members", "members"]
    kept.put(PORTAL, "group", 4, value="too many", size=MOST_OF_A_PORTAL * 2)
    assert [kept.get(PORTAL, "group", number) for number in (2, 3, 4)] == [None, None, "too many"]
    kept.put(PORTAL, "group", 4, value="fewer", size=1)
    kept.put(PORTAL, "group", 5, value="members", size=MOST_OF_A_PORTAL - 1)
    assert [kept.get(PORTAL, "group", number) for number in (4, 5)] == ["fewer", "members"]


def test_the_cache_of_all_portals_is_limited() -> None:
    """Answers of the portal that was asked least recently are dropped first."""
    kept: Kept[str] = Kept()
    portals = [PortalId(f"portal {number}") for number in range(MOST // MOST_OF_A_PORTAL + 1)]
    for portal in portals[:-1]:
        kept.put(portal, "departments", 0, value="departments", size=MOST_OF_A_PORTAL)
    kept.put(portals[0], "departments", 0, value="asked again", size=MOST_OF_A_PORTAL)
    kept.put(portals[-1], "departments", 0, value="departments", size=MOST_OF_A_PORTAL)
    found = [kept.get(portal, "departments", 0) for portal in portals]
    assert found == ["asked again", None, *["departments"] * (len(portals) - 2)]
