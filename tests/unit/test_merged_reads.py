"""Reads merged into one batch: each gets its own answer, whatever the others ask."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.merged_reads import Read, WaitingReads
from bot.errors import Gone, PortalDown, PortalError, Refused

CHAT = Read(method="imbot.v2.Chat.get", params={"botId": 9, "dialogId": "chat5"})


def batched(*asked: Call) -> Read:
    """Make a read of several calls."""
    params, _ = calls.batch(asked, halt=False)
    return Read(method="batch", params=params)


def post(number: int) -> Read:
    """Make a read of a post and its author, who is named by a reference."""
    return batched(
        Call(method="log.blogpost.get", params={"POST_ID": number}),
        Call(method="im.user.get", params={"ID": "$result[c0][0][AUTHOR_ID]"}),
    )


async def test_merged_commands_keep_their_references() -> None:
    """All commands are in one batch; a reference means a result of the same read, even in a user's text."""
    reads = WaitingReads()
    for read in (post(5), CHAT, Read(method="im.search.user.list", params={"FIND": "$result[r1]"})):
        reads.add(read)
    request = reads.request()
    assert request.method == "batch"
    assert request.params["halt"] == 0
    assert {key: unquote_plus(one) for key, one in request.params["cmd"].items()} == {
        "r0c0": "log.blogpost.get?POST_ID=5",
        "r0c1": "im.user.get?ID=$result[r0c0][0][AUTHOR_ID]",
        "r1": "imbot.v2.Chat.get?botId=9&dialogId=chat5",
        "r2": "im.search.user.list?FIND=$result[r2r1]",
    }


async def test_a_single_read_is_sent_unchanged() -> None:
    """A read that nobody joined is no batch; equal reads are one, and each caller gets the answer."""
    reads = WaitingReads()
    waiting = [reads.add(CHAT), reads.add(Read(method=CHAT.method, params=dict(CHAT.params)))]
    assert reads.request() == CHAT
    reads.answer({"result": {"id": 5}}, as_batch=reads.together)
    assert [await one for one in waiting] == [{"result": {"id": 5}}] * 2


async def test_an_error_concerns_one_read_only() -> None:
    """A refused command is an error of its own read only."""
    reads = WaitingReads()
    refused, found = reads.add(CHAT), reads.add(post(5))
    errors = {"r0": {"error": "CHAT_NOT_FOUND", "error_description": ""}}
    reads.answer({"result": {"result": {"r1c0": [], "r1c1": {}}, "result_error": errors}}, as_batch=True)
    assert isinstance(await refused, Gone)
    empty: dict[str, object] = {"result_error": {}, "result_time": {}, "result_next": {}, "result_total": {}}
    assert await found == {"result": {"result": {"c0": [], "c1": {}}, **empty}}


@pytest.mark.parametrize("tree", [{"result": None}, {"result": []}, {}])
async def test_a_malformed_answer_fails_every_read(tree: dict[str, Any]) -> None:
    """An answer without results is an error for all callers, and none of them waits."""
    reads = WaitingReads()
    waiting = [reads.add(CHAT), reads.add(post(5))]
    with pytest.raises(PortalDown), reads.being_answered():
        reads.answer(tree, as_batch=True)
    for one in waiting:
        with pytest.raises(PortalDown):
            await one


async def test_no_caller_waits_after_the_end_of_the_request() -> None:
    """However the request ends, every caller gets an error; the portal's own error reaches all."""
    for error, told in ((Refused("X"), Refused), (RuntimeError("ours"), PortalDown)):
        reads = WaitingReads()
        waiting = reads.add(CHAT)
        with pytest.raises(type(error)), reads.being_answered():
            raise error
        with pytest.raises(told):
            await waiting


@given(st.lists(st.integers(1, 20), min_size=1, max_size=12))
async def test_each_read_gets_its_own_answer(numbers: list[int]) -> None:
    """However many reads share a batch, no read gets what another one asked for; no batch is over the limit."""
    reads, waiting = WaitingReads(), []
    for number in numbers:
        if number > 15:
            read = Read(method="imbot.v2.Chat.get", params={"dialogId": f"chat{number}"})
        else:
            read = batched(*[Call(method="log.blogpost.get", params={"POST_ID": number})] * number)
        if reads.has_room(read):
            waiting.append((number, reads.add(read)))
    commands = reads.commands()
    assert len(commands) == reads.size <= calls.MOST_IN_A_BATCH
    request = reads.request()
    if not reads.together:
        return
    assert request.params["cmd"] == commands
    reads.answer({"result": {"result": commands, "result_error": []}}, as_batch=True)
    for number, one in waiting:
        found = await one
        assert isinstance(found, dict)
        said = found["result"] if number > 15 else " ".join(found["result"]["result"].values())
        assert (f"chat{number}" if number > 15 else f"POST_ID={number}") in said
        assert number > 15 or len(found["result"]["result"]) == number


async def test_a_list_goes_on_as_if_it_was_asked_alone() -> None:
    """The next page of a list, and its number of rows, come to the read that asked for it."""
    reads = WaitingReads()
    first, _ = reads.add(post(5)), reads.add(CHAT)
    result = {"result": {"r0c0": [], "r0c1": {}, "r1": {}}, "result_next": {"r0c0": 50}, "result_total": {"r0c0": 70}}
    reads.answer({"result": result}, as_batch=True)
    answer = await first
    assert not isinstance(answer, PortalError)
    items = answers.items(answer, ["c0", "c1"], ["log.blogpost.get", "im.user.get"])
    assert [(one.next, one.total) for one in items] == [(50, 70), (0, 0)]
