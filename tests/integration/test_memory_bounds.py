"""What is kept in memory has a bound, and errors keep no frames with tokens in them."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.bitrix.outbound import tokens
from bot.errors import AuthorizationDown, BotError, PortalDown, StoreError, TokenRefused, judge
from bot.model.events import EventTokens, PortalId
from bot.model.ordering import INSTALL
from bot.pipeline import sender
from bot.store import portals
from tests import webhooks
from tests.outgoing import Out, opened, say

HOUR = 3601


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    """Start an installed bot whose sender does not send."""
    async with opened(tmp_path, sends=False) as out:
        yield out


async def test_a_refusal_that_is_repeated_keeps_no_frames(out: Out) -> None:
    """However often a refused refresh is asked for, the remembered error has no traceback, and none grows."""
    out.p.clock.advance(HOUR)
    out.p.faults({"method": "oauth.token", "kind": "refuse_refresh", "times": 200})
    stale = await out.tokens.access(out.id, INSTALL)
    lengths = set()
    for _ in range(5):
        asked = (out.tokens.refreshed(out.id, INSTALL, stale=stale) for _ in range(20))
        for error in await asyncio.gather(*asked, return_exceptions=True):
            assert isinstance(error, TokenRefused)
            lengths.add(len(traceback.extract_tb(error.__traceback__)))
    assert max(lengths) < 10
    [state] = [state for (_, owner), state in out.tokens._refreshes.items() if owner == INSTALL]
    assert state.error is not None
    assert state.error.__traceback__ is None


@pytest.mark.parametrize(
    "error",
    [
        TokenRefused("invalid_grant", "text", method="oauth/token", status=401),
        PortalDown("no answer", outcome_unknown=True),
        AuthorizationDown("busy"),
        StoreError("full", passing=True),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_the_same_again(error: BotError) -> None:
    """The copy has the type, the text, the fields and the judgement of the error, and nothing else."""
    twin = tokens.same(error)
    assert (type(twin), str(twin), vars(twin), judge(twin)) == (type(error), str(error), vars(error), judge(error))


async def test_refreshes_of_many_people_are_forgotten(out: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit only the refreshes that somebody waits for are remembered."""
    monkeypatch.setattr(tokens, "REMEMBERED", 10)
    for user in range(100):
        await out.tokens.adopt(out.id, f"user:{user}", EventTokens(access_token="a", refresh_token="r", expires=1))
    assert len(out.tokens._refreshes) <= 10


async def test_a_portal_without_work_is_forgotten_by_the_sender(out: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal for which nothing waits has no task and no queue any more; new work is sent all the same."""
    monkeypatch.setattr(sender, "IDLE", 0.05)
    chat = out.group()
    await out.decide(say(chat, "one"))
    out.send()
    await out.sent()
    async with asyncio.timeout(20):
        while out.sender._portal_queues:  # noqa: ASYNC110 - the sender's own task ends
            await asyncio.sleep(0.01)
    await out.decide(say(chat, "two"))
    out.sender.wake.set()
    await out.sent()
    assert out.texts(chat) == ["one", "two"]


async def test_tokens_of_many_portals_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the oldest application_token is read again where it is needed."""
    monkeypatch.setattr(portals, "REMEMBERED", 3)
    async with webhooks.stored(tmp_path) as store:
        names = [PortalId(f"portal{number}") for number in range(10)]
        for name in names:
            await webhooks.install(store, portal=name, token=f"token of {name}")
        for _ in range(2):
            assert [await store.application_token(name) for name in names] == [f"token of {name}" for name in names]
            assert len(store._tokens) <= 3
