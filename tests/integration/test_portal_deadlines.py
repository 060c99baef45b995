"""What a portal of the cloud ends or no longer accepts: long requests, and old formats after their dates."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from portal.clock import Clock, day
from portal.testing import Setup, set_up

DAY = 86_400.0
COMMAND, PAGE = "imbot.v2.Command.register", "imbot.v2.Event.get"
FLAT = {"command": "flat", "title": {"en": "Flat"}}


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    """Start a portal whose clock stands on the first of August 2026."""
    async with set_up(clock=Clock(start=day("2026-08-01"))) as made:
        yield made


def on(setup: Setup, date: str) -> None:
    """Set the clock of the portal to noon of a day."""
    setup.p.clock.advance(day(date) + DAY / 2 - setup.p.clock.now())


@pytest.mark.parametrize(
    ("date", "switch", "accepted"),
    [
        ("2026-09-30", "until_date", True), ("2026-10-01", "until_date", False), ("2026-10-01", "accepted", True),
        ("2026-09-30", "refused", False),
    ],
)  # fmt: skip
async def test_a_flat_registration_of_a_command(setup: Setup, date: str, switch: str, *, accepted: bool) -> None:
    """Parameters beside `fields` are read until 30 September 2026; then the command has no name."""
    bot = await setup.v2_bot()
    on(setup, date)
    setup.p.switch(old_formats=switch)
    client = setup.client()
    if accepted:
        assert (await client.result(COMMAND, FLAT | {"botId": bot}))["command"]["command"] == "/flat"
    else:
        assert await client.refusal(COMMAND, FLAT | {"botId": bot}) == (400, "COMMAND_REQUIRED")
    assert (await client.result(COMMAND, botId=bot, fields=FLAT))["command"]["command"] == "/flat"


@pytest.mark.parametrize(
    ("date", "switch", "old"),
    [
        ("2026-09-25", "until_date", True), ("2026-09-26", "until_date", False), ("2026-09-26", "accepted", True),
        ("2026-09-25", "refused", False),
    ],
)  # fmt: skip
async def test_the_old_cursor_of_events(setup: Setup, date: str, switch: str, *, old: bool) -> None:
    """A page names `lastEventId` beside `nextOffset` until 25 September 2026."""
    bot = await setup.v2_bot(eventMode="fetch")
    on(setup, date)
    setup.p.switch(old_formats=switch)
    await setup.p.person(2).opens(str(bot))
    page = await setup.client().result(PAGE, botId=bot)
    assert page.keys() == {"events", "nextOffset", "hasMore"} | ({"lastEventId"} if old else set())
    assert page.get("lastEventId", page["nextOffset"] - 1) == page["nextOffset"] - 1 == page["events"][-1]["eventId"]


@pytest.mark.parametrize(("date", "refused"), [("2026-08-05", False), ("2026-08-06", True)])
async def test_a_long_token_of_a_bot(setup: Setup, date: str, *, refused: bool) -> None:
    """A botToken of more than 40 characters is refused since 6 August 2026."""
    on(setup, date)
    hook = setup.p.client(webhook=setup.p.webhook(user=1, scopes=["imbot"]))
    fields = {"code": "long", "botToken": "t" * 41, "properties": {"name": "Long"}}
    if refused:
        assert await hook.refusal("imbot.v2.Bot.register", fields=fields) == (400, "BOT_TOKEN_INVALID_LENGTH")
    else:
        assert (await hook.result("imbot.v2.Bot.register", fields=fields))["bot"]["code"] == "long"
    fields |= {"botToken": "t" * 40, "code": "short"}
    assert (await hook.result("imbot.v2.Bot.register", fields=fields))["bot"]["code"] == "short"


@pytest.mark.parametrize(
    ("limit", "seconds", "waited", "status"),
    [(60, 59, 59, 200), (60, 60, 60, 200), (60, 61, 60, 502), (0, 600, 600, 200), (5, 10, 5, 502)],
)
async def test_a_long_request_is_ended(setup: Setup, limit: int, seconds: int, waited: int, status: int) -> None:
    """A request ends within 60 seconds; one that would take longer is ended by the gateway, and nothing was done."""
    slept: list[float] = []

    async def sleep(wanted: float) -> None:
        slept.append(wanted)

    setup.p.emulator.faults.sleep = sleep
    setup.p.switch(request_limit=limit)
    setup.p.faults({"method": "log.blogpost.add", "kind": "slow", "seconds": seconds})
    posts = len(setup.p.posts())
    with contextlib.suppress(aiohttp.ContentTypeError):  # the page of a gateway is no JSON
        await setup.client().call("log.blogpost.add", POST_MESSAGE="Late")
    assert (setup.p.calls("log.blogpost.add")[-1].status, slept) == (status, [waited])
    assert len(setup.p.posts()) - posts == (status == 200)
