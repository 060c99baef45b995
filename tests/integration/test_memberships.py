"""Memberships: whether every member of a chat receives a post, in how few requests, and which answers mean no."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.bitrix.outbound.memberships import KEEP, Kept
from bot.bitrix.outbound.reads import PortalReads
from bot.clock import Clock
from bot.model.events import Dialog, EventTokens, PostId, UserId
from bot.model.records import Post
from portal.world.people import Department
from tests.outgoing import ANNA, BORIS, OLGA, Out, Terms, opened

SALES, BELOW, OTHER, GROUP = 77, 78, 79, 77
CLARA, GUSTAV = 4, 6


@pytest.fixture(params=["v1", "v2"])
async def out(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Out]:
    """Start a portal of either generation: Olga and Anna are in Sales, Boris in a department below it."""
    async with opened(tmp_path, Terms(api=request.param), sends=False) as out:
        people = out.p.emulator.world.people
        for number, above in ((SALES, 1), (BELOW, SALES), (OTHER, 1)):
            people.departments[number] = Department(id=number, name=f"Department {number}", parent=above)
        for person, department in ((OLGA, SALES), (ANNA, SALES), (BORIS, BELOW), (4, OTHER)):
            works(out, person, department)
        people.groups[GROUP] = replace(people.groups[7], id=GROUP, members=(OLGA, ANNA), visible=False)
        yield out


def works(out: Out, person: int, department: int) -> None:
    """Let somebody work in another department."""
    users = out.p.emulator.world.people.users
    users[person] = replace(users[person], departments=(department,))


async def post_for(out: Out, *dest: str, by: int = OLGA) -> Post:
    """Publish a post, and read it as its author."""
    made = await out.p.publish("For some", by=by, dest=dest)
    found = (await (await reads(out)).open_posts([PostId(made.id)]))[PostId(made.id)]
    assert found.date
    return found


async def reads(out: Out, *, kept: Kept[Any] | None = None) -> PortalReads:
    """Give what a handler reads with for an event of Olga's."""
    access, refresh = out.p.tokens(out.app, user=OLGA)
    event_tokens = EventTokens(access_token=access, refresh_token=refresh, user=OLGA, expires=1_900_000_000)
    return PortalReads(out.caller, await out.known(), event_tokens, urgency=0, kept=kept)


def chat(out: Out, *members: int) -> Dialog:
    """Make a group chat with the bot."""
    return Dialog(out.p.make_chat(*members, out.bot))


CASES = [
    (["DR77"], [OLGA, ANNA], True),
    (["DR77"], [OLGA, ANNA, BORIS], True),
    (["DR78"], [OLGA, ANNA, BORIS], False),
    (["DR77"], [OLGA, ANNA, 4], False),
    (["DR77", "DR79"], [OLGA, ANNA, 4], True),
    (["SG77"], [OLGA, ANNA], True),
    (["SG77"], [OLGA, BORIS], False),
    (["SG77", "DR78"], [OLGA, ANNA, BORIS], True),
    (["DR77"], [OLGA, GUSTAV], False),
    (["SG7"], [OLGA, GUSTAV], False),
    (["U1", "U2"], [OLGA, ANNA], False),
    (["DR1"], [OLGA, ANNA, BORIS, 4], True),
]


@pytest.mark.parametrize(("dest", "members", "may"), CASES)
async def test_all_receive_needs_every_member(out: Out, dest: list[str], members: list[int], *, may: bool) -> None:
    """Departments, those above them, and groups count; one extranet user or one other person means no."""
    post = await post_for(out, *dest)
    assert await (await reads(out)).all_receive(post, chat(out, *members)) is may


async def test_the_author_counts_as_a_recipient(out: Out) -> None:
    """The author of a post for another department counts as one of its recipients."""
    works(out, OLGA, OTHER)
    post = await post_for(out, "DR77")
    assert await (await reads(out)).all_receive(post, chat(out, OLGA, ANNA))
    assert not await (await reads(out)).all_receive(post, chat(out, OLGA, ANNA, 4))


@pytest.mark.parametrize("installer", [OLGA, None], ids=["installer known", "installer unknown"])
async def test_a_token_with_an_unnamed_owner_is_identified(out: Out, installer: UserId | None) -> None:
    """Feed events and installations may not name the token's user; the portal is asked who it is."""
    works(out, CLARA, SALES)
    post, dialog = await post_for(out, "DR77", by=CLARA), Dialog(out.p.make_chat(ANNA, out.bot, by=CLARA))
    works(out, OLGA, OTHER)
    access, refresh = out.p.tokens(out.app, user=CLARA)
    event_tokens = EventTokens(access_token=access, refresh_token=refresh, expires=1_900_000_000)
    known = replace(await out.known(), installer=installer)
    reader = PortalReads(out.caller, known, event_tokens, urgency=0)
    assert await reader.goes_to_groups(post)
    assert await reader.all_receive(post, dialog)


async def test_the_installers_feed_is_searched_without_their_id(out: Out) -> None:
    """If the installer's id is unknown, their feed is still searched with the stored token."""
    post, dialog = await post_for(out, "DR77"), chat(out, OLGA, ANNA)
    known = replace(await out.known(), installer=None)
    reader = PortalReads(out.caller, known, EventTokens(), urgency=0)
    assert await reader.goes_to_groups(post)
    assert await reader.all_receive(post, dialog)


async def test_a_personal_post_costs_few_requests(out: Out) -> None:
    """If the author's own feed does not list the post among those of groups, no other person is asked."""
    post, dialog = await post_for(out, "U2", by=CLARA), chat(out, CLARA, ANNA)
    access, refresh = out.p.tokens(out.app, user=CLARA)
    for user in (CLARA, None):
        event_tokens = EventTokens(access_token=access, refresh_token=refresh, user=UserId(user) if user else None)
        reader, before = PortalReads(out.caller, await out.known(), event_tokens, urgency=0), len(out.requests())
        assert not await reader.all_receive(post, dialog)
        assert not await reader.goes_to_groups(post)
        assert len(out.requests()) - before <= 5


async def test_the_number_of_requests_is_limited(out: Out) -> None:
    """Ten chats cost six requests; the next post soon after three: the chats, its feed, its departments."""
    kept: Kept[Any] = Kept()
    post, dialogs = await post_for(out, "DR77"), [chat(out, OLGA, ANNA, BORIS) for _ in range(10)]
    counted = []
    for _ in range(2):
        before, reader = len(out.requests()), await reads(out, kept=kept)
        await reader.members(dialogs)
        assert all([await reader.all_receive(post, dialog) for dialog in dialogs])
        counted.append(out.requests()[before:])
    assert [len(one) for one in counted] == [6, 3]
    assert {name for one in counted for name in one} == {"batch"}


async def test_cached_memberships_expire(out: Out) -> None:
    """A former department member counts for three minutes at most; a new chat member counts at once."""
    seconds = [0.0]
    kept: Kept[Any] = Kept(clock=Clock(monotonic=lambda: seconds[0]))
    post, dialog = await post_for(out, "DR77"), chat(out, OLGA, ANNA)
    assert await (await reads(out, kept=kept)).all_receive(post, dialog)
    works(out, ANNA, OTHER)
    seconds[0] = KEEP
    assert not await (await reads(out, kept=kept)).all_receive(post, dialog)
    works(out, ANNA, SALES)
    seconds[0] = 2 * KEEP
    assert await (await reads(out, kept=kept)).all_receive(post, dialog)
    messenger = out.p.emulator.world.messenger
    row = messenger.chats[int(dialog.removeprefix("chat"))]
    messenger.put(replace(row, members=(*row.members, 4)))
    assert not await (await reads(out, kept=kept)).all_receive(post, dialog)


async def test_unknown_members_count_as_no(out: Out) -> None:
    """A chat without the bot, a chat with too many people and a post without a date are shown nothing."""
    post, dialog = await post_for(out, "DR77"), chat(out, OLGA, ANNA)
    assert await (await reads(out)).all_receive(post, dialog)
    assert not await (await reads(out)).all_receive(replace(post, date=""), dialog)
    assert not await (await reads(out)).all_receive(post, Dialog(out.p.make_chat(OLGA, ANNA)))
    people, messenger = out.p.emulator.world.people, out.p.emulator.world.messenger
    for number in range(1000, 1200):
        people.users[number] = replace(people.users[ANNA], id=number)
    row = messenger.chats[int(dialog.removeprefix("chat"))]
    messenger.put(replace(row, members=(*row.members, *range(1000, 1190))))
    assert await (await reads(out)).all_receive(post, dialog)
    messenger.put(replace(row, members=(*row.members, *range(1000, 1200))))
    assert not await (await reads(out)).all_receive(post, dialog)
    assert await (await reads(out)).members([dialog]) == {}


async def test_the_fingerprint_changes_with_the_members(out: Out) -> None:
    """It is equal for the same people in another order, and differs for another member or department."""
    one, same, more = chat(out, OLGA, ANNA), chat(out, ANNA, OLGA), chat(out, OLGA, ANNA, BORIS)
    texts = await (await reads(out)).members([one, same, more])
    assert texts[one] == texts[same] != texts[more]
    works(out, ANNA, OTHER)
    assert (await (await reads(out)).members([one]))[one] != texts[one]


async def test_a_post_outside_of_the_installers_feed(out: Out) -> None:
    """Without an event, the post is searched with stored tokens of chat members; without any token, it is a no."""
    member = 5
    works(out, member, SALES)
    post = await post_for(out, "DR77", by=CLARA)
    works(out, OLGA, OTHER)
    dialog = Dialog(out.p.make_chat(member, CLARA, out.bot, by=member))
    assert not await PortalReads(out.caller, await out.known(), EventTokens(), urgency=0).all_receive(post, dialog)
    access, refresh = out.p.tokens(out.app, user=member)
    event_tokens = EventTokens(access_token=access, refresh_token=refresh, user=UserId(member), expires=1_900_000_000)
    await out.caller.adopt(await out.known(), f"user:{member}", event_tokens)
    assert await PortalReads(out.caller, await out.known(), EventTokens(), urgency=0).all_receive(post, dialog)


async def test_large_lists_cost_few_more_requests(out: Out) -> None:
    """130 departments cost one request more than ten, and a chat or workgroup of 120 people none."""
    people, messenger = out.p.emulator.world.people, out.p.emulator.world.messenger
    crowd = range(1000, 1120)
    for number in crowd:
        people.users[number] = replace(people.users[ANNA], id=number, departments=(SALES,))
    people.groups[GROUP] = replace(people.groups[GROUP], members=(OLGA, ANNA, *crowd))
    dialog = chat(out, OLGA, ANNA)
    row = messenger.chats[int(dialog.removeprefix("chat"))]
    messenger.put(replace(row, members=(*row.members, *crowd)))
    assert await counted(out, "DR77", dialog) == 6
    assert await counted(out, "SG77", dialog) == 7
    for number in range(100, 230):
        people.departments[number] = Department(id=number, name=f"Department {number}", parent=SALES)
    works(out, ANNA, 229)
    assert await counted(out, "DR77", dialog) == 7
    assert await counted(out, "DR229", dialog, may=False) == 7


async def counted(out: Out, dest: str, dialog: Dialog, *, may: bool = True) -> int:
    """Count the requests that it takes to judge a post for a chat when nothing is known yet."""
    post = await post_for(out, dest)
    reader, before = await reads(out), len(out.requests())
    assert await reader.all_receive(post, dialog) is may
    return len(out.requests()) - before
