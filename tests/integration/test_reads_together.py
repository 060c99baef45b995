"""Reads that wait for their turn: one request for all that one token asks, and with what is sent where it fits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.bitrix.outbound.leaky_bucket import BucketSizes
from bot.bitrix.outbound.reads import PortalReads
from bot.errors import PortalDown
from bot.model.effects import Priority
from bot.model.events import Dialog, EventTokens, PostId
from tests.outgoing import ANNA, BORIS, Out, Terms, opened, relay
from tests.scripted import Params, Spoilt, refusal, scripted
from tests.serving import serving

SLOW = BucketSizes(capacity=2, rate=1)
"""A portal that takes one request, and then one a second: a caller who asks meanwhile has to wait."""


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    """A line whose next request has to wait; nothing is sent but by the sender."""
    async with opened(tmp_path, Terms(bucket_sizes=SLOW)) as out:
        yield out


async def reads(out: Out, *, urgency: int = 0) -> PortalReads:
    """What a handler of one event reads with; there are as many as there are events."""
    return PortalReads(out.caller, await out.known(), EventTokens(), urgency=urgency)


async def busy(out: Out) -> int:
    """Use up what the portal takes at once; give how many requests there were so far."""
    await (await reads(out)).has_method("log.blogpost.add")
    return len(out.requests())


async def test_reads_of_many_events_are_one_request(out: Out) -> None:
    """While one waits for its turn the others join; one that is refused spoils no other."""
    groups = [out.group() for _ in range(20)]
    asked = [(await reads(out)).has_extranet_users(dialog) for dialog in (*groups, Dialog("chat999"))]
    before = await busy(out)
    assert await asyncio.gather(*asked) == [*[False] * 20, True]
    assert out.requests()[before:] == ["batch"]


async def test_the_same_read_is_asked_once(out: Out) -> None:
    """What several events want to know of one thing is one call."""
    post = await out.p.publish("Summer party!", by=BORIS)
    asked = [(await reads(out)).post(PostId(post.id)) for _ in range(5)]
    before = await busy(out)
    found = await asyncio.gather(*asked)
    assert [one.text for one in found if one] == ["Summer party!"] * 5
    assert out.requests()[before:] == ["batch"]
    assert len([call for call in out.p.calls("log.blogpost.get") if call.params.get("POST_ID")]) == 1


async def test_what_was_sent_is_not_joined(out: Out) -> None:
    """A read that comes while another one is under way is asked by itself: that answer may be too old for it."""
    asked, answered, open_to_all = asyncio.Event(), asyncio.Event(), [True, False]

    async def rest(_request: web.Request) -> web.Response:
        found = {"result": {"chat": {"extranet": open_to_all.pop()}}}
        asked.set()
        await answered.wait()
        return web.json_response(found)

    async with serving(web.post("/rest/{method}", rest)) as endpoint:
        await out.store.portal_moved(out.id, endpoint)
        first = asyncio.create_task((await reads(out)).has_extranet_users(Dialog("chat5")))
        await asked.wait()
        second = asyncio.create_task((await reads(out)).has_extranet_users(Dialog("chat5")))
        answered.set()
        assert (await first, await second) == (False, True)


async def test_more_than_a_batch_holds(out: Out) -> None:
    """What does not fit takes the next turn."""
    groups = [out.group() for _ in range(60)]
    asked = [(await reads(out)).has_extranet_users(dialog) for dialog in groups]
    before = await busy(out)
    assert await asyncio.gather(*asked) == [False] * 60
    assert out.requests()[before:] == ["batch", "batch"]


async def test_each_token_by_itself(out: Out) -> None:
    """What is read with different tokens is never one request."""
    post = await out.p.publish("Summer party!", by=BORIS)
    asked = [(await reads(out)).post(PostId(post.id), reader=reader) for reader in (ANNA, BORIS)]
    before = await busy(out)
    assert all(await asyncio.gather(*asked))
    assert out.requests()[before:] == ["batch", "batch"]
    assert {call.user for call in out.p.calls("log.blogpost.get")} == {ANNA, BORIS}


async def test_reads_go_along_with_what_is_sent(out: Out) -> None:
    """A request that writes takes the installer's reads along: nobody waits for a second turn."""
    groups = [out.group() for _ in range(3)]
    wanted = [(await reads(out, urgency=Priority.DIGEST)).has_extranet_users(dialog) for dialog in groups]
    before = await busy(out)
    asked = [asyncio.create_task(one) for one in wanted]
    await out.until(lambda: out.caller._in_line)
    await out.want(relay(groups[0], "hello"))
    assert await asyncio.gather(*asked) == [False] * 3
    await out.sent()
    assert out.texts(groups[0])[-1] == "hello"
    assert out.requests()[before:] == ["batch"]


async def test_one_read_that_spoils_the_request(out: Out) -> None:
    """Where a request of several is refused as a whole, each is asked by itself."""
    requests: list[str] = []

    def answer(method: str, params: Params) -> Any:
        requests.append(method)
        if len(requests) == 2:
            raise Spoilt(refusal("SOMETHING"))
        return {"chat": {"extranet": False}}

    async with scripted(answer) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        asked = [(await reads(out)).has_extranet_users(Dialog(f"chat{number}")) for number in (1, 2)]
        await (await reads(out)).has_method("x")
        assert await asyncio.gather(*asked) == [False, False]
        assert [len(request) for request in script.requests] == [1, 2, 1, 1]


async def test_who_gives_up_takes_nobody_along(out: Out) -> None:
    """When the task ends that waits for the turn, the others hear that there is no answer, and may ask again."""
    groups = [out.group(), out.group()]
    wanted = [(await reads(out)).has_extranet_users(dialog) for dialog in groups]
    await busy(out)
    first, second = [asyncio.create_task(one) for one in wanted]
    await out.until(lambda: any(line.reads.together for line in out.caller._in_line.values()))
    first.cancel()
    with pytest.raises(PortalDown):
        await second
    assert not await (await reads(out)).has_extranet_users(groups[1])
