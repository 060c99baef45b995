"""The bot's voice does not hang on one person: other tokens serve it, and tokens are refreshed in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.model.events import PortalId
from bot.model.ordering import INSTALL
from bot.model.records import TokenPair
from bot.pipeline import scheduler
from portal.events import auth as auths
from tests.in_process import ANNA, BORIS, CLARA, GUSTAV, OLGA, InProcess, running

pytestmark = pytest.mark.usefixtures("lines")
HOUR = 3601
NOTHING = "This chat follows nothing at the moment."


@pytest.fixture(params=["v1", "v2"])
async def here(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[InProcess]:
    """An installed service in this process; the scheduler sees at once that the clock was moved."""
    monkeypatch.setattr(scheduler, "LONGEST_SLEEP", 0.02)
    async with running(tmp_path, request.param) as here:
        here.p.switch(v2_token_of="actor")
        yield here


def logged(lines: list[Any], event: str) -> list[Any]:
    """Return the log lines of one kind."""
    return [line for line in lines if line["event"] == event]


async def page(here: InProcess, path: str) -> str:
    """Read a page of the service."""
    async with aiohttp.ClientSession() as session, session.get(f"{here.service.address}{path}") as answer:
        assert answer.status == 200
        return await answer.text()


async def test_the_installer_is_dismissed_and_everything_goes_on(here: InProcess, lines: list[Any]) -> None:
    """Answers, posts and cards go out with the token of a colleague who wrote before; log and pages say so."""
    p = here.p
    await here.answer(ANNA, "/follow all")
    here.dismiss(OLGA)
    assert NOTHING in await here.answer(CLARA)
    post = await p.publish("The canteen has a new menu", by=CLARA)
    await here.quiet()
    cards = [row.text for row in p.person(ANNA).reads(dialog=p.bot_dialog(here.app))]
    assert any("The canteen has a new menu" in text for text in cards), (post, cards)
    assert [line["user"] for line in logged(lines, "token.replaced")] != []
    assert 'bot_token_troubles{trouble="spare"} 1.0' in await page(here, "/metrics")
    assert '"portals_with_spare_token": 1' in await page(here, "/readyz")


async def test_a_dismissed_installer_costs_one_search(here: InProcess) -> None:
    """After a spare token was found, later calls go out with it at once."""
    await here.answer(ANNA)
    here.dismiss(OLGA)
    await here.answer(ANNA)
    refused = len(here.p.calls(ok=False))
    for _ in range(3):
        await here.answer(ANNA)
    assert len(here.p.calls(ok=False)) == refused


async def test_an_administrator_is_preferred(here: InProcess) -> None:
    """Among several users an administrator's token serves the bot, and the portal's own notices tell them."""
    here.promote(BORIS)
    for who in (ANNA, BORIS, CLARA, GUSTAV):
        await here.answer(who)
    here.dismiss(OLGA)
    await here.answer(CLARA)
    await here.quiet()
    [trouble] = await here.store.bot_token_troubles()
    assert (trouble.speaker, trouble.mute_since) == (BORIS, None)
    [notice] = here.p.emulator.world.notifications.of(BORIS)
    assert "Feedbridge" in notice.text


async def silenced(here: InProcess) -> tuple[str, int]:
    """Let the bot owe a group a card when no token is left: returns the group and the post."""
    p = here.p
    group = p.make_chat(ANNA, CLARA, here.p.bots(here.app)[0].id, by=ANNA)
    post = await p.publish("Lunch is at noon", by=CLARA)
    await here.quiet()
    await p.person(ANNA).says(f"[USER={p.bot_dialog(here.app)}]Bot[/USER] follow", dialog=group)
    await here.quiet()
    here.dismiss(OLGA)
    here.dismiss(ANNA)
    auth = auths.auth_without_tokens(p.emulator, here.app.application_token)
    p.clock.advance(5)  # the same second would be the same event
    p.event(here.app.handler, "ONLIVEFEEDPOSTADD", {"FIELDS": {"POST_ID": post.id}}, auth)
    await here.mute()
    return group, post.id


async def test_a_mute_bot_says_so_loudly_and_asks_no_portal(here: InProcess, lines: list[Any]) -> None:
    """One error in the log, a metric and a number of /readyz; a token that was refused is not tried again and again."""
    await silenced(here)
    [trouble] = await here.store.bot_token_troubles()
    assert (trouble.speaker, trouble.reason != "") == (None, True)
    asked = len(here.p.calls())
    await asyncio.sleep(1.5)  # several attempts with the pauses of this service
    assert len(here.p.calls()) == asked
    assert len(logged(lines, "token.mute")) == 1
    assert 'bot_token_troubles{trouble="mute"} 1.0' in await page(here, "/metrics")
    assert '"portals_mute": 1' in await page(here, "/readyz")


async def test_the_next_event_mends_a_mute_bot(here: InProcess, lines: list[Any]) -> None:
    """Somebody writes: they are answered, what waited is sent, and they are told in the portal's own notices."""
    group, _ = await silenced(here)
    assert NOTHING in await here.answer(CLARA)
    await here.quiet()
    assert any("Lunch is at noon" in row.text for row in here.p.person(CLARA).reads(dialog=group))
    assert [line["user"] for line in logged(lines, "token.replaced")] == [CLARA]
    [notice] = here.p.emulator.world.notifications.of(CLARA)
    assert "could not write" in notice.text
    assert [one.mute_since for one in await here.store.bot_token_troubles()] == [None]


async def test_an_event_that_names_nobody_mends_a_mute_bot(here: InProcess) -> None:
    """A post brings a token without a user's number; that serves as well."""
    group, _ = await silenced(here)
    await here.p.publish("Dinner is at six", by=CLARA)
    await here.quiet()
    texts = [row.text for row in here.p.person(CLARA).reads(dialog=group)]
    assert [any(word in text for text in texts) for word in ("Lunch", "Dinner")] == [True, True]


async def test_a_quiet_half_year_ends_nothing(here: InProcess) -> None:
    """After 181 days in which nobody did anything the installer is answered.

    A token is refreshed only when a check reads a feed with it: the service wakes every five days here.
    """
    await here.answer(ANNA, "/follow all")
    before = len(here.p.calls("oauth.token"))
    await here.passes(181)
    assert len(here.p.calls("oauth.token")) - before <= 2 * (181 // 5 + 2)
    here.dismiss(ANNA)
    assert NOTHING in await here.answer(OLGA)
    assert await here.store.bot_token_troubles() == []


async def test_a_spare_token_outlives_a_quiet_half_year(here: InProcess) -> None:
    """The spare token of a colleague is kept and refreshed too: the installer may be dismissed on day 181."""
    group = here.p.make_chat(ANNA, CLARA, here.p.bots(here.app)[0].id, by=CLARA)
    await here.p.person(ANNA).says(f"[USER={here.p.bot_dialog(here.app)}]Bot[/USER] follow", dialog=group)
    await here.quiet()
    await here.passes(181)
    here.dismiss(OLGA)
    post = await here.p.publish("Half a year later", by=CLARA)
    await here.quiet()
    assert post.id
    assert any("Half a year later" in row.text for row in here.p.person(CLARA).reads(dialog=group))


async def test_the_installer_is_heard_after_the_service_was_away_for_half_a_year(here: InProcess) -> None:
    """Where no refresh came in time, the token of the installer's own message serves the bot."""
    pair = TokenPair(access_token="dead", refresh_token="dead", expires=1)
    await here.store.put_token_pair(PortalId(here.p.member_id), INSTALL, pair)
    assert NOTHING in await here.answer(OLGA)
    await here.quiet()
    [trouble] = await here.store.bot_token_troubles()
    assert (trouble.speaker, trouble.mute_since) == (OLGA, None)


async def test_the_installers_access_comes_back(here: InProcess) -> None:
    """A day after the installer was taken back the bot speaks with their token again; a reinstallation does it too."""
    await here.answer(ANNA)
    here.dismiss(OLGA)
    await here.answer(ANNA)
    here.dismiss(OLGA, again=True)
    await here.passes(1.1, step=1.1)
    await here.untroubled()


async def test_nobody_reads_with_the_rights_of_the_spare_token(here: InProcess) -> None:
    """The installer's dialog gets no post that only the user of the spare token may read."""
    here.p.switch(user_in_events=True)
    await here.p.install(here.app)
    await here.quiet()
    await here.answer(BORIS)
    await here.answer(OLGA, "/follow all")
    pair = TokenPair(access_token="dead", refresh_token="dead", expires=1)
    await here.store.put_token_pair(PortalId(here.p.member_id), INSTALL, pair)
    await here.p.publish("For Boris alone", by=ANNA, dest=[f"U{BORIS}"])
    await here.quiet()
    await here.p.publish("For Boris again", by=ANNA, dest=[f"U{BORIS}"])
    await here.p.publish("For everybody", by=ANNA)
    await here.quiet()
    texts = "\n".join(row.text for row in here.p.person(OLGA).reads(dialog=here.p.bot_dialog(here.app)))
    assert "For Boris" not in texts
    assert "For everybody" in texts


async def test_a_wrong_secret_costs_no_search(here: InProcess) -> None:
    """What the authorization server says of the application concerns every token: none is tried, nobody is mute."""
    await here.answer(ANNA)
    apps = here.p.emulator.world.apps.apps
    apps[here.app.client_id] = replace(apps[here.app.client_id], client_secret="another")
    here.p.clock.advance(HOUR)
    await here.p.person(ANNA).says("/follows", dialog=here.p.bot_dialog(here.app))
    await here.p.called("oauth.token", times=1)
    await asyncio.sleep(0.5)
    assert (len(here.p.calls("profile")), await here.store.bot_token_troubles()) == (0, [])
    apps[here.app.client_id] = replace(apps[here.app.client_id], client_secret=here.app.client_secret)
    await here.quiet()
