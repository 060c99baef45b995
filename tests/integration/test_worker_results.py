"""The row of a failed effect: a dead letter only if no handler has answered the failure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.framework.context import Context, Effects
from bot.framework.router import Result
from bot.model import effects
from bot.model.effects import Share
from bot.model.events import Dialog, PostId
from bot.store import StoredMemory
from tests.outgoing import ANNA, Out, opened, publish, say

NOT_THERE = Share(dialog=Dialog("2"), user=ANNA, post=PostId(999_999), dest=["U3"])


@pytest.fixture(autouse=True)
def lines() -> Iterator[list[Any]]:
    """Return the lines of the log."""
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    """Open a pipeline that sends; each test starts the worker after it has registered its handlers."""
    async with opened(tmp_path) as out:
        yield out


async def told(_ctx: Context, result: Result[Any]) -> Effects:
    """Handle a failure by telling the user who asked."""
    yield say(str(result.effect.user), "No.")


async def noted(_ctx: Context, _result: Result[Any]) -> None:
    """Handle a failure without telling anybody."""


async def mistaken(_ctx: Context, _result: Result[Any]) -> None:
    """Handle a failure with a defect of ours."""
    raise RuntimeError("a mistake of ours")


async def refused(out: Out) -> None:
    """Share a missing post as Anna, and handle the event."""
    await out.want(NOT_THERE)
    await out.sent()
    out.work()
    await out.handled()


async def test_a_refusal_that_is_answered_is_no_dead_letter(out: Out) -> None:
    """The user was told, so no operator must look; the row keeps the reason and is deleted like done ones."""
    out.router.failed(Share)(told)
    await refused(out)
    assert await out.store.dead_letters() == (0, 0)
    [(state, error)] = await out.rows("SELECT state, error FROM outbox WHERE kind = 'Share'")
    assert (state, bool(error)) == (2, True)


async def test_a_refusal_without_a_handler_is_a_dead_letter(out: Out) -> None:
    """No handler answers the failure, so an operator must look."""
    await refused(out)
    assert await out.store.dead_letters() == (0, 1)


async def test_a_refusal_that_is_only_logged_is_a_dead_letter(out: Out) -> None:
    """A failed registration of the bot, for example: no user was told, so an operator must look."""
    out.router.failed(Share)(noted)
    await refused(out)
    assert await out.store.dead_letters() == (0, 1)


async def test_a_refusal_whose_handler_failed_is_a_dead_letter(out: Out) -> None:
    """The handler of the failure failed itself, so no user was told."""
    out.router.failed(Share)(told)
    out.router.failed(Share)(mistaken)
    await refused(out)
    assert await out.store.dead_letters() == (1, 1)


async def test_a_refused_post_does_not_count_as_published(out: Out) -> None:
    """An answered refusal does not make a later post with the same text count as ours."""
    out.router.failed(effects.Publish)(told)
    await out.want(replace(publish("News"), dest=["SG999999"]))
    await out.sent()
    out.work()
    await out.handled()
    memory = StoredMemory(out.store, out.id)
    assert await out.store.dead_letters() == (0, 0)
    assert await memory.publishing(ANNA, 0, post=PostId(217)) == []
    assert await memory.made("Publish", 0) == set()


async def test_a_publication_is_known_by_its_result(out: Out) -> None:
    """What waits may have made any post of its author; what was sent has made the one post that the portal named."""
    await out.want(publish("News"))
    memory = StoredMemory(out.store, out.id)
    assert [one.text for one in await memory.publishing(ANNA, 0, post=PostId(1))] == ["News"]
    await out.sent()
    (made,) = await memory.made("Publish", 0)
    assert [one.text for one in await memory.publishing(ANNA, 0, post=PostId(made))] == ["News"]
    assert await memory.publishing(ANNA, 0, post=PostId(made + 1)) == []
