"""A policy holds for people for whom the application acts, and what they are allowed is published for them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.clients.person import text_of
from tests.in_process import ANNA, BORIS, CLARA, GUSTAV, OLGA, InProcess, running
from tests.integration.test_acting_service import for_whom, say
from tests.integration.test_composer_service import says, written
from tests.integration.test_schedule_service import HOUR, wait
from tests.rounds import some
from tests.ruling import APPROVED, DENIED, last, presses

API = pytest.mark.parametrize("bot_api", some(["v2", "v1"], last=1))


@contextlib.asynccontextmanager
async def ruled_without_tokens(
    folder: Path, policy: str, bot_api: str = "v2", *, at_once: bool = False
) -> AsyncIterator[InProcess]:
    """Start a service with a policy that may act for people, on a portal whose events have no tokens of them."""
    async with running(folder, bot_api, at_once=at_once, for_people=True, policy=policy) as here:
        here.p.switch(tokens_in_events=False, posts_for_others="caller")
        yield here


@API
async def test_an_approved_post_is_published_for_its_author(tmp_path: Path, bot_api: str) -> None:
    """Neither the author nor the approver has a token: the approval counts, and the author's rights are judged then."""
    async with ruled_without_tokens(tmp_path, APPROVED, bot_api) as here:
        card = await says(here, CLARA, "/post Cake at four.")
        assert say("en", "acting.note") in card.text
        await presses(here, CLARA, "Ask for approval")
        assert written(here, CLARA) == []
        assert "Cake at four." in text_of(last(here, BORIS))
        await presses(here, BORIS, "Genehmigen" if "Genehmigen" in str(last(here, BORIS).keyboard) else "Approve")
        [post] = written(here, CLARA)
        assert post.text == "Cake at four."
        assert for_whom(here, CLARA, "en") in last(here, CLARA).text
        assert {call.user for call in here.p.calls("log.blogpost.add")} == {OLGA}


@API
@pytest.mark.parametrize("at_once", [False, True])
async def test_a_rule_that_denies_holds(tmp_path: Path, bot_api: str, *, at_once: bool) -> None:
    """Nothing is published that the policy denies, at once, after a preview or later; the rest is."""
    rule = "[[rule]]" + DENIED.split("[[rule]]")[2]
    async with ruled_without_tokens(tmp_path, rule, bot_api, at_once=at_once) as here:
        said = await says(here, CLARA, "/post Cake at four.")
        assert "Only the office writes to everyone." in said.text
        await says(here, CLARA, "/publish")
        await says(here, CLARA, "/schedule in 2 hours Cake at six.")
        wait(here, 2 * HOUR)
        await here.quiet()
        assert not here.p.calls("log.blogpost.add")
        await says(here, CLARA, "/post to:sales Numbers")
        await says(here, CLARA, "/publish")
        assert [post.dest for post in written(here, CLARA)] == [("DR3",)]


async def test_nobody_is_taken_for_an_administrator(tmp_path: Path) -> None:
    """A rule allows administrators: without a token nobody knows who is one, and the token that acts does not count."""
    async with ruled_without_tokens(tmp_path, DENIED) as here:
        said = await says(here, CLARA, "/post Cake at four.")
        assert "I could not ask the portal whether you may publish this." in said.text
        await says(here, CLARA, "/publish")
        assert not here.p.calls("log.blogpost.add")


async def test_what_nobody_may_approve(tmp_path: Path) -> None:
    """An approval opens no recipients: the author may not write to them by hand, so nothing is published."""
    rule = APPROVED.replace('to = ["everyone", "crm"]', 'to = "anybody"')
    async with ruled_without_tokens(tmp_path, rule) as here:
        await says(here, GUSTAV, "/post to:all Hello.")
        keyboard = str(last(here, GUSTAV).keyboard)
        if "Ask for approval" in keyboard:
            await presses(here, GUSTAV, "Ask for approval")
            await says(here, OLGA, "/approve 1")
        assert not here.p.calls("log.blogpost.add")
        assert written(here, GUSTAV) == []
        assert ANNA not in {post.author for post in here.p.posts() if post.text == "Hello."}
