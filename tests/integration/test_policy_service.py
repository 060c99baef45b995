"""The policy through the whole service and the emulator: judged at each way to publish, and approved by a second person."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import portal.testing
from portal.clients.person import text_of
from tests.in_process import ANNA, BORIS, CLARA, GUSTAV, OLGA, InProcess, installed_on, restarted, running
from tests.integration.test_composer_service import dialog_of, newest, says, written

DENIED = """
[[rule]]
name = "Only administrators write to everyone"
who = "administrators"
to = "everyone"
then = "allow"

[[rule]]
name = "Nobody else does"
to = "everyone"
then = "deny"
reason = { en = "Only the office writes to everyone.", ru = "Всем пишет только офис.", de = "An alle schreibt nur das Büro." }
"""
APPROVED = """
[[rule]]
name = "Two pairs of eyes"
to = "everyone"
then = "approve"
approvers = [1, 3]
"""


@contextlib.asynccontextmanager
async def ruled(folder: Path, policy: str, bot_api: str = "v2", *, at_once: bool = False) -> AsyncIterator[InProcess]:
    """Start a service with a policy."""
    async with running(folder, bot_api, at_once=at_once, policy=policy) as here:
        yield here


async def presses(here: InProcess, who: int, label: str, dialog: str = "") -> None:
    """Let a person press a button, and wait until all is done."""
    await here.p.person(who).presses(label, dialog=dialog or dialog_of(here))
    await here.quiet()


def last(here: InProcess, who: int) -> str:
    """Return the newest message that a person reads in their dialog with the bot."""
    return newest(here.p.person(who), dialog_of(here)).text


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_a_denied_post_says_why_and_is_kept(tmp_path: Path, bot_api: str) -> None:
    """The preview and /publish say why nothing is published; with other recipients the same draft is published."""
    async with ruled(tmp_path, DENIED, bot_api) as here:
        card = await says(here, CLARA, "/post Cake at four.")
        assert "You cannot publish to everyone. Only the office writes to everyone." in card.text
        assert "Publish" not in [one.get("TEXT") for one in card.keyboard]
        assert "your draft is kept" in (await says(here, CLARA, "/publish")).text
        assert written(here, CLARA) == []
        await says(here, CLARA, "/draft to:sales")
        await presses(here, CLARA, "Publish")
        (post,) = written(here, CLARA)
        assert post.dest == ("DR3",)
        await says(here, OLGA, "/post The office closes.")
        await presses(here, OLGA, "Publish")
        assert len(written(here, OLGA)) == 1
