"""Merged reads: waiting reads of one token share a request, also one that writes."""

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
    """Open a pipeline whose next request must wait; only the sender sends."""
    async with opened(tmp_path, Terms(bucket_sizes=SLOW)) as out:
        yield out


async def reads(out: Out, *, urgency: int = 0) -> PortalReads:
    """Make the readers that handlers use, one for each event."""
    return PortalReads(out.caller, await out.known(), EventTokens(), urgency=urgency)


async def busy(out: Out) -> int:
    """Use up the burst that the portal allows, and return the number of requests so far."""
    await (await reads(out)).has_method("log.blogpost.add")
    return len(out.requests())


async def test_reads_of_many_events_are_one_request(out: Out) -> None:
    """Reads join one that waits for its turn; a refused one does not affect the others."""
    groups = [out.group() for _ in range(20)]
    asked = [(await reads(out)).has_extranet_users(dialog) for dialog in (*groups, Dialog("chat999"))]
    before = await busy(out)
    assert await asyncio.gather(*asked) == [*[False] * 20, True]
    assert out.requests()[before:] == ["batch"]


async def test_equal_reads_share_one_call(out: Out) -> None:
    """Equal reads of several events are one call."""
    post = await out.p.publish("Summer party!", by=BORIS)
    asked = [(await reads(out)).post(PostId(post.id)) for _ in range(5)]
    before = await busy(out)
    found = await asyncio.gather(*asked)
    assert [one.text for one in found if one] == ["Summer party!"] * 5
    assert out.requests()[before:] == ["batch"]
    assert len([call for call in out.p.calls("log.blogpost.get") if call.params.get("POST_ID")]) == 1


async def test_a_read_does_not_join_a_sent_request(out: Out) -> None:
    """A read that starts while another one is being answered is sent by itself, because that answer may be too old."""
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


async def test_reads_beyond_one_batch_wait(out: Out) -> None:
    """Reads that do not fit into the batch take the next turn."""
    groups = [out.group() for _ in range(60)]
    asked = [(await reads(out)).has_extranet_users(dialog) for dialog in groups]
    before = await busy(out)
    assert await asyncio.gather(*asked) == [False] * 60
    assert out.requests()[before:] == ["batch", "batch"]


async def test_reads_of_different_tokens_are_not_merged(out: Out) -> None:
    """Reads with different tokens never share a request."""
    post = await out.p.publish("Summer party!", by=BORIS)
    asked = [(await reads(out)).post(PostId(post.id), reader=reader) for reader in (ANNA, BORIS)]
    before = await busy(out)
    assert all(await asyncio.gather(*asked))
    assert out.requests()[before:] == ["batch", "batch"]
    assert {call.user for call in out.p.calls("log.blogpost.get")} == {ANNA, BORIS}


async def test_reads_share_a_request_that_writes(out: Out) -> None:
    """A request that writes takes waiting reads of the installer, so that they need no turn of their own."""
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


async def test_a_refused_request_is_split_into_its_reads(out: Out) -> None:
    """If a merged request is refused as a whole, each read is sent by itself."""
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


async def test_a_cancelled_task_fails_the_reads_that_joined(out: Out) -> None:
    """If the task that waits for the turn is cancelled, the other reads get an error and may be repeated."""
    groups = [out.group(), out.group()]
    wanted = [(await reads(out)).has_extranet_users(dialog) for dialog in groups]
    await busy(out)
    first, second = [asyncio.create_task(one) for one in wanted]
    await out.until(lambda: any(line.reads.together for line in out.caller._in_line.values()))
    first.cancel()
    with pytest.raises(PortalDown):
        await second
    assert not await (await reads(out)).has_extranet_users(groups[1])
