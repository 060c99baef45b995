"""Success is not silent: at the default level the log shows that a connection works, step by step."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot import app as composition
from portal.testing import RunningPortal
from portal.world.apps import App
from tests import service
from tests.service import Service

STEPS = [
    "service started",
    "installation accepted",
    "bot registered",
    "commands and events registered",
    "first event of a portal",
]


@pytest.fixture(params=["v1", "v2"])
async def installed(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[RunningPortal, Service, App]]:
    """Start an emulator with an installed service whose log has the default level."""
    async with service.installed(tmp_path, bot_api=request.param) as running:
        yield running


def lines(running: Service) -> list[dict[str, Any]]:
    """Read the log; every line of it is JSON."""
    return [json.loads(line) for line in (running.folder / "service.log").read_text("utf-8").splitlines()]


def of(running: Service, event: str) -> list[dict[str, Any]]:
    """Return the lines of one event."""
    return [line for line in lines(running) if line["event"] == event]


async def test_each_step_of_a_connection_is_one_line(installed: tuple[RunningPortal, Service, App]) -> None:
    """Start, installation, bot, commands and the first event write one line each, and nothing else is written."""
    portal, running, app = installed
    await portal.bot(app)
    anna = portal.person(2)
    await anna.says("/help", dialog=portal.bot_dialog(app))
    await anna.sees("/post")
    await anna.says("/help follow", dialog=portal.bot_dialog(app))
    await anna.sees("/follow")
    told = lines(running)
    assert sorted(line["event"] for line in told) == sorted(STEPS)  # the person may be faster than the last step
    assert {line["level"] for line in told} == {"info"}
    assert told[0]["event"] == STEPS[0]
    assert {line["portal"] for line in told[1:]} == {portal.member_id}
    [registered] = of(running, "commands and events registered")
    offered = sum(len(spec.delivered) for spec in composition.router().commands.values())
    assert {name: registered[name] for name in ("commands", "events", "refused", "waiting")} == {
        "commands": offered,
        "events": 5,
        "refused": 0,
        "waiting": 0,
    }


async def test_a_second_installation_says_what_worked(installed: tuple[RunningPortal, Service, App]) -> None:
    """What is registered already counts as registered: no refusal is logged."""
    portal, running, app = installed
    await portal.idle()
    before = len(portal.calls("event.bind"))
    await portal.install(app)
    await portal.called("event.bind", times=before + 5, within=service.START)
    anna = portal.person(2)
    await anna.says("/help", dialog=portal.bot_dialog(app))
    await anna.sees("/post")
    assert of(running, "not set up") == []
    assert [line["again"] for line in of(running, "installation accepted")] == [False, True]
    assert [line["refused"] for line in of(running, "commands and events registered")] == [0, 0]
