"""A batch that the portal refuses in part, or as a whole: the others are sent at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.model import events
from tests.outgoing import Out, opened, say
from tests.scripted import Params, Spoilt, refusal, said, scripted

OF_THE_BATCH = ["ERROR_BATCH_METHOD_NOT_ALLOWED", "ERROR_BATCH_LENGTH_EXCEEDED"]


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    """An installed bot with its sender sending."""
    async with opened(tmp_path) as out:
        yield out


@pytest.mark.parametrize("code", OF_THE_BATCH)
@pytest.mark.parametrize("where", ["another dialog", "the same dialog"])
async def test_one_item_that_only_the_batch_refuses_holds_back_nobody(out: Out, code: str, where: str) -> None:
    """It travels alone after two attempts and arrives; the twenty others are sent by then, in order."""

    def answer(_method: str, params: Params) -> Any:
        if said(params) == "odd" and len(script.requests[-1]) > 1:
            return {"error": code, "error_description": "not here"}
        arrived.append(said(params))
        return 1

    arrived: list[str] = []
    odd = "chat3" if where == "the same dialog" else "chat99"
    async with scripted(answer) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        await out.want(*(say(f"chat{number}", f"{number}") for number in range(20)), say(odd, "odd"), say(odd, "last"))
        await out.sent()
    assert sorted(arrived) == sorted([*(str(number) for number in range(20)), "odd", "last"])
    assert arrived.index("odd") < arrived.index("last")
    assert len(script.requests) <= 6
    assert [end for end in await out.results() if isinstance(end, events.Failed)] == []


@pytest.mark.parametrize("code", OF_THE_BATCH)
async def test_twenty_answers_of_a_batch_that_is_refused_as_a_whole(out: Out, code: str) -> None:
    """After one refusal a few travel together, so that one bad answer costs about a dozen requests, not twenty-two."""

    def answer(_method: str, params: Params) -> Any:
        if len(script.requests[-1]) > 1 and any(said(shared) == "13" for _, shared in script.requests[-1]):
            raise Spoilt(refusal(code))
        arrived.append(said(params))
        return 1

    arrived: list[str] = []
    async with scripted(answer) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        await out.want(*(say(f"chat{number}", f"{number}") for number in range(20)))
        await out.sent()
    assert sorted(arrived) == sorted(str(number) for number in range(20))
    assert len(script.requests) <= 12
