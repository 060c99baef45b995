"""Installation, update and removal of the application and its bot, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot import commands
from tests import payloads
from tests.line import CLARA, OLGA, Line, laid

pytestmark = pytest.mark.asyncio(loop_scope="module")
SHAPES = pytest.mark.parametrize("as_json", [False, True], ids=["form", "json"])
COMMANDS = {name for spec in commands.router().commands.values() for name in spec.delivered}
REGISTERS = {"v1": "imbot.register", "v2": "imbot.v2.Bot.register"}
OFFERS = {"v1": "imbot.command.register", "v2": "imbot.v2.Command.register"}


@pytest_asyncio.fixture(loop_scope="module", params=["v1", "v2"])
async def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Line]:
    """Return a started service of either generation that may be uninstalled."""
    async with laid(tmp_path, request.param) as made:
        yield made


async def helps(line: Line) -> int:
    """Ask for help in private, and return the status of the webhook's answer."""
    message = line.wrote("help", by=CLARA, dialog=str(CLARA)) if line.portal.bots(line.app) else 0
    return await line.hears(line.here(line.dialect.said("help"), by=CLARA, message=message))


@SHAPES
async def test_installed(line: Line, *, as_json: bool) -> None:
    """ONAPPINSTALL: app.info with the event's token first, then the bot, its commands, and the feed events."""
    await line.quiet()
    after = line.mark()
    event = line.here(payloads.installed(), by=OLGA)
    assert await line.hears(event, as_json=as_json) == 200
    await line.quiet()
    calls = line.calls(after=after)
    assert (calls[0].method, calls[0].user, calls[0].status) == ("app.info", OLGA, 200)
    (bot,) = line.calls(REGISTERS[line.bot_api], after=after)
    commands, bound = line.calls(OFFERS[line.bot_api], after=after), line.calls("event.bind", after=after)
    assert max(bot.n, calls[0].n) < min(row.n for row in [*commands, *bound]), "the bot comes before what belongs to it"
    assert {call.status for call in [bot, *commands]} == {200}
    given = [call.params.get("fields", call.params) for call in commands]
    named = {str(one.get("command", one.get("COMMAND"))) for one in given}
    assert named == COMMANDS
    wanted = {f"ONLIVEFEEDPOST{action}" for action in ("ADD", "UPDATE", "DELETE")} | {"ONAPPUPDATE", "ONAPPUNINSTALL"}
    assert {call.params["event"] for call in bound} == wanted
    assert {call.params["handler"] for call in bound} == {f"{line.service.url}/events"}


@SHAPES
async def test_an_unconfirmed_installation_changes_nothing(line: Line, *, as_json: bool) -> None:
    """An ONAPPINSTALL with an unknown token changes nothing: the real application still works."""
    await line.quiet()
    after = line.mark()
    forged = payloads.installed(access_token="made-up", application_token="made-up")
    assert await line.hears(line.here(forged, by=OLGA), as_json=as_json) == 200
    await line.quiet()
    assert [(call.method, call.status) for call in line.calls(after=after)] == [("app.info", 401)]
    assert await helps(line) == 200
    await line.quiet()
    assert len(line.sent(after=after)) == 1


@SHAPES
async def test_updated(fresh: Line, *, as_json: bool) -> None:
    """ONAPPUPDATE with a new application_token is confirmed, and the events are bound again."""
    before = fresh.here(fresh.dialect.said("help"), by=CLARA, message=fresh.wrote("help", by=CLARA, dialog=str(CLARA)))
    apps = fresh.portal.emulator.world.apps
    apps.put(replace(apps.apps[fresh.app.client_id], application_token="token-of-the-new-version"))
    after = fresh.mark()
    assert await fresh.hears(fresh.here(payloads.updated(), by=OLGA), as_json=as_json) == 200
    await fresh.called("event.bind", after=after, times=5)
    await fresh.quiet()
    assert fresh.calls(after=after)[0].method == "app.info"
    assert len(fresh.calls(OFFERS[fresh.bot_api], after=after)) == len(COMMANDS)
    assert await fresh.hears(before) == 403
    assert await helps(fresh) == 200
    await fresh.quiet()
    assert [said.dialog for said in fresh.sent(after=after)] == [str(CLARA)]


async def test_the_portal_updates_the_application(fresh: Line) -> None:
    """A new version removes bound events; the portal sends ONAPPUPDATE, and then posts are relayed again."""
    person = fresh.portal.person(CLARA)
    await person.says("/follow all")
    await person.sees("follows")
    await fresh.quiet()
    after = fresh.mark()
    await fresh.portal.update(fresh.app)
    await fresh.called("event.bind", after=after, times=5)
    await fresh.quiet()
    bound = {
        row.event for row in fresh.portal.emulator.world.apps.handlers.values() if row.client_id == fresh.app.client_id
    }
    assert {"ONLIVEFEEDPOSTADD", "ONAPPUPDATE", "ONAPPUNINSTALL"} <= bound


@pytest.mark.parametrize(("clean", "as_json"), [(True, False), (False, True)], ids=["clean-form", "kept-json"])
async def test_uninstalled(fresh: Line, *, clean: bool, as_json: bool) -> None:
    """After ONAPPUNINSTALL nothing is sent; if all data had to be deleted, events are refused too."""
    assert await helps(fresh) == 200
    await fresh.quiet()
    removal = fresh.here(payloads.uninstalled(str(int(clean))), by=OLGA)
    late = fresh.here(fresh.dialect.said("help"), by=CLARA, message=fresh.wrote("help", by=CLARA, dialog=str(CLARA)))
    assert await fresh.hears(removal, as_json=as_json) == 200
    await fresh.quiet()
    after = fresh.mark()
    assert await fresh.hears(late) == (403 if clean else 200)
    await fresh.quiet()
    assert fresh.calls(after=after) == []


async def test_uninstalled_and_installed_again(fresh: Line) -> None:
    """After removal with all data and a new installation everything works, and no old data is left."""
    person = fresh.portal.person(CLARA)
    await person.says("/follow all")
    await person.sees("follows")
    await fresh.portal.uninstall(fresh.app, clean=True)
    await fresh.quiet()
    after = fresh.mark()
    await fresh.portal.install(fresh.app)
    await fresh.called("event.bind", after=after, times=5)
    await fresh.quiet()
    await person.says("/follows", dialog=fresh.bot)
    await person.sees("follows nothing", dialog=fresh.bot)


async def test_the_bot_was_removed(fresh: Line) -> None:
    """After the bot's removal nothing is answered; a new installation registers it again."""
    assert await fresh.hears(fresh.here(fresh.dialect.deleted(), by=OLGA)) == 200
    await fresh.quiet()
    after = fresh.mark()
    assert await helps(fresh) == 200
    await fresh.quiet()
    assert fresh.sent(after=after) == []
    await fresh.hears(fresh.here(payloads.installed(), by=OLGA))
    await fresh.quiet()
    assert await helps(fresh) == 200
    await fresh.quiet()
    assert [said.dialog for said in fresh.sent(after=after)] == [str(CLARA)]
