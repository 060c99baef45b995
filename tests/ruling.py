"""Policies for tests, and what people do with approvals in the whole service."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from portal.world.messenger import Message
from tests.in_process import InProcess, running
from tests.integration.test_composer_service import dialog_of, newest

DENIED = """
[[rule]]
name = "Administrators write to everyone"
who = "administrators"
to = "everyone"
then = "allow"

[[rule]]
name = "Nobody else does"
to = "everyone"
then = "deny"

[rule.reason]
en = "Only the office writes to everyone."
de = "An alle schreibt nur das Büro."
ru = "Всем пишет только офис."
"""
APPROVED = """
[[rule]]
name = "Two pairs of eyes"
to = ["everyone", "crm"]
then = "approve"
approvers = [1, 3]
"""
"""Olga and Boris approve what is for everyone, or for the CRM."""


@contextlib.asynccontextmanager
async def ruled(
    folder: Path, policy: str, bot_api: str = "v2", *, at_once: bool = False, language: str = "en"
) -> AsyncIterator[InProcess]:
    """Start a service with a policy."""
    async with running(folder, bot_api, at_once=at_once, policy=policy, language=language) as here:
        yield here


async def presses(here: InProcess, who: int, label: str, dialog: str = "") -> None:
    """Let a person press a button, and wait until all is done."""
    await here.p.person(who).presses(label, dialog=dialog or dialog_of(here))
    await here.quiet()


def last(here: InProcess, who: int) -> Message:
    """Return the newest message that a person reads in their dialog with the bot."""
    return newest(here.p.person(who), dialog_of(here))


def read(here: InProcess, who: int) -> str:
    """Return everything that a person reads in their dialog with the bot."""
    return "\n".join(row.text for row in here.p.person(who).reads(dialog=dialog_of(here)))
