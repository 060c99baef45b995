"""How the application and its bot come to a portal and leave it: the last kinds of events, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import payloads
from tests.line import CLARA, OLGA, Line, laid

SHAPES = pytest.mark.parametrize("as_json", [False, True], ids=["form", "json"])
REGISTERS = {"v1": "imbot.register", "v2": "imbot.v2.Bot.register"}
OFFERS = {"v1": "imbot.command.register", "v2": "imbot.v2.Command.register"}


@pytest.fixture(params=["v1", "v2"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Line]:
    """A started service of either generation."""
    async with laid(tmp_path, request.param) as made:
        yield made


async def helps(line: Line) -> int:
    """Ask for help in private, and give the status of the door's answer."""
    message = line.wrote("help", by=CLARA, dialog=str(CLARA)) if line.portal.bots(line.app) else 0
    return await line.hears(line.here(line.dialect.said("help"), by=CLARA, message=message))


@SHAPES
async def test_installed(line: Line, *, as_json: bool) -> None:
    """ONAPPINSTALL: first app.info with the token that came, then the bot, its commands, and the ears for the feed."""
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
    assert named == {"help", "start", "post", "share", "crm", "follow", "unfollow", "follows"}
    wanted = {f"ONLIVEFEEDPOST{deed}" for deed in ("ADD", "UPDATE", "DELETE")}
    assert {call.params["event"] for call in bound} == wanted
    assert {call.params["handler"] for call in bound} == {f"{line.service.url}/events"}


@SHAPES
async def test_an_installation_that_nobody_confirms(line: Line, *, as_json: bool) -> None:
    """An ONAPPINSTALL whose token the portal does not know changes nothing: the true application goes on."""
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
@pytest.mark.parametrize("clean", [True, False], ids=["clean", "kept"])
async def test_uninstalled(line: Line, *, clean: bool, as_json: bool) -> None:
    """After ONAPPUNINSTALL nothing is sent any more; where all data had to go, events are refused too."""
    assert await helps(line) == 200
    await line.quiet()
    goodbye = line.here(payloads.uninstalled(str(int(clean))), by=OLGA)
    late = line.here(line.dialect.said("help"), by=CLARA, message=line.wrote("help", by=CLARA, dialog=str(CLARA)))
    assert await line.hears(goodbye, as_json=as_json) == 200
    await line.quiet()
    after = line.mark()
    assert await line.hears(late) == (403 if clean else 200)
    await line.quiet()
    assert line.calls(after=after) == []


async def test_uninstalled_and_installed_again(line: Line) -> None:
    """The portal removes the application with all data, and takes it again: everything works, nothing is remembered."""
    person = line.portal.person(CLARA)
    await person.says("/follow all")
    await person.sees("follows")
    await line.portal.uninstall(line.app, clean=True)
    await line.quiet()
    after = line.mark()
    await line.portal.install(line.app)
    await line.called("event.bind", after=after, times=3)
    await line.quiet()
    await person.says("/follows", dialog=line.bot)
    await person.sees("follows nothing", dialog=line.bot)


async def test_the_bot_was_removed(line: Line) -> None:
    """After ONIMBOTDELETE or its sibling nobody is answered by a bot that is not there; a new installation mends it."""
    assert await line.hears(line.here(line.dialect.deleted(), by=OLGA)) == 200
    await line.quiet()
    after = line.mark()
    assert await helps(line) == 200
    await line.quiet()
    assert line.sent(after=after) == []
    await line.hears(line.here(payloads.installed(), by=OLGA))
    await line.quiet()
    assert await helps(line) == 200
    await line.quiet()
    assert [said.dialog for said in line.sent(after=after)] == [str(CLARA)]
