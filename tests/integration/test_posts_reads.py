"""Reads of lists of posts and of the readers of a post, from the emulator, with the person's own token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bitrix.outbound.reads import PortalReads
from bot.errors import PortalError
from bot.model.events import EventTokens, PostId, UserId
from tests.outgoing import ANNA, BORIS, OLGA, Out, opened

CLARA, ANNA_TOO, GUSTAV = UserId(4), UserId(5), UserId(6)
NAMES = {1: "Olga Sommer", 2: "Anna Petrova", 3: "Boris Klein", 4: "Clara Wirth", 5: "Anna Schmidt"}


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    """Start without worker and sender: the portal is only read."""
    async with opened(tmp_path, sends=False) as out:
        yield out


async def reads(out: Out, user: UserId) -> PortalReads:
    """Return the reader for an event of this user."""
    access, refresh = out.p.tokens(out.app, user=user)
    tokens = EventTokens(access_token=access, refresh_token=refresh, user=user, expires=1_900_000_000)
    return PortalReads(out.caller, await out.known(), tokens, urgency=0)


async def important(out: Out, *dest: str, read_by: tuple[UserId, ...] = ()) -> PostId:
    """Let Anna publish an important post, which some people have read."""
    number = await out.p.person(ANNA).posts("Fire drill at ten", dest=dest, important=True)
    for who in read_by:
        await out.p.person(who).confirms(number)
    return PostId(number)


async def test_a_feed_is_read_in_parts_of_one_request(out: Out) -> None:
    """Two hundred posts are one request; the next part begins behind them, and the last one says so."""
    for number in range(230):
        await out.p.person(BORIS).posts(f"Post {number}")
    await out.p.publish("For Boris", by=OLGA, dest=["U3"])
    mine, before = await reads(out, ANNA), len(out.requests())
    first = await mine.feed(ANNA)
    second = await mine.feed(ANNA, start=first.next)
    assert out.requests()[before:] == ["batch", "batch"]
    assert (len(first.posts), first.next, second.next) == (200, 200, 0)
    texts = [post.text for post in (*first.posts, *second.posts)]
    assert texts[:2] == ["Post 229", "Post 228"]
    assert len(texts) == len(set(texts)) > 230
    assert "For Boris" not in texts
    assert (await mine.feed(ANNA, start=400)).posts == ()


async def test_a_refused_feed_is_an_error(out: Out) -> None:
    """A refused page is not an empty one."""
    out.p.faults({"method": "log.blogpost.get", "kind": "429", "times": 1})
    with pytest.raises(PortalError):
        await (await reads(out, ANNA)).feed(ANNA)


@pytest.mark.parametrize(
    ("dest", "people"),
    [
        pytest.param(["UA"], {1, 3, 4, 5}, id="everybody"),
        pytest.param(["DR3"], {3, 5}, id="a department"),
        pytest.param(["DR1"], {1, 3, 4, 5}, id="a department with those below"),
        pytest.param(["SG7"], {3, 6}, id="a group with an extranet user"),
        pytest.param(["U4"], {4}, id="a person"),
        pytest.param(["DR3", "SG7", "U4"], {3, 4, 5, 6}, id="all kinds"),
    ],
)
async def test_to_whom_a_post_is_addressed(out: Out, dest: list[str], people: set[int]) -> None:
    """All recipients are found, without the author; names and departments are known of employees."""
    one = UserId(min(people))
    post = await important(out, *dest, read_by=(one,))
    found = await (await reads(out, ANNA)).readership(post, ANNA)
    assert found
    assert found.addressed is not None
    assert {each.id for each in found.addressed} == people
    assert {each.id: each.name for each in found.addressed} == {number: NAMES.get(number, "") for number in people}
    assert {each.department for each in found.addressed if each.id in (3, 5)} <= {"Sales"}
    assert found.read == {one}
    assert not found.many


async def test_recipients_that_are_not_all_known_are_not_counted(out: Out) -> None:
    """Somebody outside of the known recipients has read it, or somebody else than the author asks: only the number."""
    post = await important(out, "DR3", read_by=(OLGA,))
    found = await (await reads(out, ANNA)).readership(post, ANNA)
    assert found
    assert (found.read, found.addressed) == (frozenset({OLGA}), None)
    post = await important(out, "DR3", read_by=(BORIS,))
    found = await (await reads(out, BORIS)).readership(post, BORIS)
    assert found
    assert (found.read, found.addressed) == (frozenset({BORIS}), None)


async def test_who_may_not_see_a_post_gets_no_readers(out: Out) -> None:
    """The portal answers with the rights of the person: for them there is no such post."""
    post = await important(out, "DR3", read_by=(BORIS,))
    assert await (await reads(out, CLARA)).readership(post, CLARA) is None
    assert await (await reads(out, ANNA)).readership(PostId(999_999), ANNA) is None


async def test_an_extranet_user_gets_the_number_only(out: Out) -> None:
    """The portal tells extranet users of no departments."""
    post = await important(out, "SG7", read_by=(BORIS,))
    found = await (await reads(out, GUSTAV)).readership(post, GUSTAV)
    assert found
    assert found.read == {BORIS}
    assert found.addressed is None


async def test_an_ordinary_post_is_read_without_its_people(out: Out) -> None:
    """For a post that is not important, one request is enough."""
    post, before = await out.p.publish("News", by=ANNA), len(out.requests())
    found = await (await reads(out, ANNA)).readership(PostId(post.id), ANNA)
    assert found
    assert not found.post.important
    assert out.requests()[before:] == ["batch"]


@pytest.mark.parametrize(("dest", "known"), [("UA", True), ("DR3", False)])
async def test_a_company_with_many_departments(out: Out, dest: str, known: bool) -> None:  # noqa: FBT001 - a column of the table
    """All departments are read, in pages; to which of very many a post goes is not asked, so nobody is named."""
    people = out.p.emulator.world.people
    for number in range(100, 270):
        people.departments[number] = replace(people.departments[3], id=number, parent=1)
    people.users[5] = replace(people.users[5], departments=(269,))
    post, before = await important(out, dest), len(out.requests())
    found = await (await reads(out, ANNA)).readership(post, ANNA)
    assert found
    assert ({one.id for one in found.addressed or ()} == {1, 3, 4, 5}) is known
    assert (found.addressed is not None) is known
    assert out.requests()[before:] == ["batch"] * (3 if known else 2)
