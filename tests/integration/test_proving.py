"""Which installations are accepted: the authorization server confirms the token before any other server is asked."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

import portal.testing
from bot import app, config
from bot.model import state_changes
from bot.model.events import Dialog, PortalId, UserId
from bot.model.ordering import PENDING
from bot.model.queued import IncomingEvent
from bot.model.records import TokenPair
from bot.store import StoredMemory
from portal.testing import RunningPortal
from portal.world.apps import App
from tests import payloads, webhooks
from tests.payloads import Tree
from tests.webhooks import RunningWebhook

OURS = {"client_id": "local.1", "client_secret": "s"}
OLGA, ANNA = 1, 2
"""An administrator of the portal, and a user who is none."""


class Here(AbstractResolver):
    """Resolves every name to this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the loopback address."""
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A portal, a service to install on it, and another server that claims to be that portal."""

    p: RunningPortal
    app: App
    webhook: RunningWebhook
    stranger: str
    heard: list[str] = field(default_factory=list)
    """The requests to the other server."""

    def installation(self, *, by: int = OLGA, of: App | None = None, **changes: Any) -> Tree:
        """Make the event that the portal sends, with tokens of a user in an application (ours)."""
        access, refresh = self.p.tokens(of or self.app, user=by)
        mine = {"member_id": self.p.member_id, "client_endpoint": self.p.emulator.rest_url, "server_endpoint": ""}
        return payloads.installed(**{**mine, "access_token": access, "refresh_token": refresh, **changes})

    async def send(self, tree: Tree) -> None:
        """Send an event, and wait until the service has handled it."""
        assert await self.webhook.send(tree) == 200
        await self.done()

    async def done(self) -> None:
        """Return when no event waits."""
        async with asyncio.timeout(20):
            while await self.webhook.store.oldest_event() is not None:  # noqa: ASYNC110 - another task's work
                await asyncio.sleep(0.01)

    async def is_known(self) -> bool:
        """Check whether the service has accepted the portal."""
        return await self.webhook.store.portal(PortalId(self.p.member_id)) is not None

    def asked(self, method: str) -> int:
        """Count the calls of a method to the portal or its authorization server."""
        return len(self.p.calls(method))

    def refused(self) -> list[str]:
        """Return why installations were refused."""
        return [line["error"] for line in self.webhook.lines if line["event"] == "installation refused"]


@contextlib.asynccontextmanager
async def placed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, server: str = "oauth.example"
) -> AsyncIterator[Place]:
    """Start a service whose authorization server has its own name, or (127.0.0.1) is the portal itself."""
    heard: list[str] = []

    async def pretend(request: web.Request) -> web.Response:
        heard.append(f"{request.path} {await request.text()}")
        return web.json_response({"result": {"CODE": OURS["client_id"], "INSTALLED": True}})

    impostor = web.Application()
    impostor.router.add_post("/{path:.*}", pretend)
    monkeypatch.setattr(
        app, "open_session", lambda **_: aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Here()))
    )
    async with portal.testing.running() as p, TestServer(impostor) as stranger:
        settings = webhooks.settings(folder)
        settings = replace(
            settings,
            app=config.App(**OURS, oauth_url=f"{p.url.replace('127.0.0.1', server)}oauth/token/", bot_api="v2"),
            retry=replace(settings.retry, first=0.02, most=0.05),
        )
        ours = await p.add_app(name="Feedbridge", handler="", **OURS)
        p.emulator.world.apps.put(replace(p.emulator.world.apps.apps[ours.client_id], installed=True))
        async with webhooks.serving(settings) as webhook:
            yield Place(p=p, app=ours, webhook=webhook, stranger=str(stranger.make_url("/rest/")), heard=heard)


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """Start an authorization server that says which portal a token belongs to."""
    async with placed(tmp_path, monkeypatch) as place:
        yield place


@pytest.fixture
async def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """Start an authorization server that says it only with new tokens."""
    async with placed(tmp_path, monkeypatch, server="127.0.0.1") as place:
        yield place


async def test_the_authorization_server_confirms_a_portal(place: Place) -> None:
    """It is asked once, without a refresh; then the portal is known."""
    await place.send(place.installation())
    assert await place.is_known()
    assert (place.asked("oauth.app.info"), place.asked("oauth.token")) == (1, 0)


@pytest.mark.parametrize("kept", ["never known", "removed"])
async def test_a_forged_member_id_is_not_accepted(place: Place, kept: str) -> None:
    """A forged member_id with another server stores nothing, and that server is not called."""
    if kept == "removed":
        await place.send(place.installation())
        tree = payloads.uninstalled("0")
        tree["auth"]["member_id"] = place.p.member_id
        await place.send(tree)
    await place.send(payloads.installed(member_id=place.p.member_id, client_endpoint=place.stranger))
    assert not await place.is_known()
    assert place.heard == []
    await place.send(place.installation())
    assert await place.is_known()
    assert place.heard == []


@pytest.mark.parametrize("what", ["client_endpoint", "member_id"])
async def test_a_valid_token_proves_only_its_own_portal(place: Place, what: str) -> None:
    """A token of one portal cannot install another one, nor make us call another address."""
    changes: dict[str, Any] = (
        {"client_endpoint": place.stranger} if what == "client_endpoint" else {"member_id": "another"}
    )
    await place.send(place.installation(**changes))
    assert not await place.is_known()
    assert await place.webhook.store.portal(PortalId("another")) is None
    assert (place.heard, len(place.refused())) == ([], 1)


@pytest.mark.parametrize("server", ["oauth.example", "127.0.0.1"])
async def test_tokens_of_another_application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    """An administrator's token of another application on the same portal does not replace ours."""
    async with placed(tmp_path, monkeypatch, server=server) as place:
        store, portal_id = place.webhook.store, PortalId(place.p.member_id)
        other = await place.p.add_app(name="Another", handler="", client_id="app.other", client_secret="o")
        place.p.emulator.world.apps.put(replace(place.p.emulator.world.apps.apps[other.client_id], installed=True))
        await place.send(place.installation())
        before = await store.token_pair(portal_id, "install")
        await place.send(place.installation(of=other, application_token="theirs"))
        assert await store.token_pair(portal_id, "install") == before
        assert await store.application_token(portal_id) == payloads.APPLICATION_TOKEN
        assert len(place.refused()) == 1


async def test_an_employee_cannot_reinstall_a_known_portal(place: Place) -> None:
    """A token of our application, but not of an administrator, changes nothing on a known portal."""
    await place.send(place.installation())
    await place.send(place.installation(by=ANNA, application_token="hers"))
    assert await place.webhook.store.application_token(PortalId(place.p.member_id)) == payloads.APPLICATION_TOKEN


async def test_a_server_without_app_info_confirms_by_a_refresh(old: Place) -> None:
    """If the server's app.info does not name the portal, the refreshed tokens do, and they are stored."""
    tree = old.installation()
    await old.send(tree)
    kept = await old.webhook.store.token_pair(PortalId(old.p.member_id), "install")
    assert kept
    assert kept.refresh_token != tree["auth"]["refresh_token"]
    assert old.asked("oauth.token") == 1


async def test_new_tokens_are_kept_for_the_next_attempt(old: Place) -> None:
    """The event's refresh token is used up: an interrupted attempt continues with the new one."""
    old.p.switch(old_refresh="dies")
    old.p.faults({"method": "user.admin", "kind": "500", "times": 1})
    await old.send(old.installation())
    await old.send(old.installation(application_token="newer"))
    assert await old.webhook.store.application_token(PortalId(old.p.member_id)) == "newer"
    assert old.asked("user.admin") == 2
    assert old.refused() == []


async def test_an_installation_with_an_expired_token_is_accepted(place: Place) -> None:
    """After more than an hour the refresh token still works, and the portal is accepted."""
    place.p.down(None)
    assert await place.webhook.send(place.installation()) == 200
    assert await place.p.emulator.hub.until(lambda: place.p.calls("app.info") or None, within=20)
    place.p.clock.advance(3700)
    place.p.down(0)
    await place.done()
    assert await place.is_known()
    assert place.asked("oauth.token") == 1


@pytest.mark.parametrize("kind", ["ONAPPINSTALL", "ONAPPUPDATE"])
async def test_forged_installations_do_not_stop_the_real_one(place: Place, kind: str) -> None:
    """Any number of forged installations does not stop the real one; they are no dead letters."""
    await place.send(place.installation())
    forged = payloads.installed(member_id=place.p.member_id, client_endpoint=place.p.emulator.rest_url)
    for number in range(50):
        forged["auth"] |= {"access_token": f"made-up-{number}", "application_token": f"made-up-{number}"}
        assert await place.webhook.send({**forged, "event": kind}) == 200
    await place.send({**place.installation(application_token="newer"), "event": kind})
    assert await place.webhook.store.application_token(PortalId(place.p.member_id)) == "newer"
    assert len(place.refused()) == 50
    assert await place.webhook.store.dead_letters() == (0, 0)


async def test_equal_installations_are_verified_once(place: Place) -> None:
    """Equal installations that wait are verified once."""
    place.p.down(None)
    trees = [place.installation() for _ in range(5)]
    for number, tree in enumerate(trees):
        tree["ts"] = str(payloads.TS + number)
        assert await place.webhook.send(tree) == 200
    assert await place.p.emulator.hub.until(lambda: place.p.calls("app.info") or None, within=20)
    before = place.asked("oauth.app.info")
    place.p.down(0)
    await place.done()
    assert await place.is_known()
    assert place.asked("oauth.app.info") - before <= 2


async def test_forged_installations_do_not_delay_a_portals_events(old: Place) -> None:
    """While forged installations wait in a portal's name, its own events are handled."""
    await old.send(old.installation())
    old.p.faults({"method": "app.info", "kind": "slow", "seconds": 5, "times": None})
    store = old.webhook.store
    for number in range(40):
        mine = {"client_endpoint": f"{old.stranger}{number}/", "access_token": f"made-up-{number}"}
        assert (
            await old.webhook.send(payloads.installed(member_id=old.p.member_id, application_token="x", **mine)) == 200
        )
    tree = payloads.post("DELETE", 9)
    tree["auth"]["member_id"] = old.p.member_id
    assert await old.webhook.send(tree) == 200
    async with asyncio.timeout(20):
        while "PostDeleted" in [row.kind for row in await store.waiting_events(after=0, many=100)]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await store.waiting_installations() > 0
    assert old.heard == []


async def test_new_tokens_are_kept_while_their_installation_waits(tmp_path: Path) -> None:
    """New tokens are deleted when nothing needs them, not earlier, because only they still work."""
    portal_id, token_owner = PortalId(payloads.MEMBER), f"{PENDING}1"
    async with webhooks.stored(tmp_path) as store:
        await store.receive([IncomingEvent(event=webhooks.INSTALLED.event, key="1", ordering_key="portal")], 1.0)
        await store.put_token_pair(portal_id, token_owner, TokenPair(access_token="a", refresh_token="r", expires=1))
        await store.forget_old(10_000.0)
        assert await store.token_pair(portal_id, token_owner)
        [row] = await store.waiting_events(after=0, many=1)
        await store.commit_event(row, [], [], 1.0)
        await store.forget_old(10_000.0)
        assert await store.token_pair(portal_id, token_owner) is None


async def test_a_portal_that_moved_keeps_its_data(place: Place) -> None:
    """A later installation with another address and application_token is confirmed by Bitrix24, and data stays."""
    store, portal_id = place.webhook.store, PortalId(place.p.member_id)
    await webhooks.install(store, portal=portal_id, token="old", endpoint="https://old.example/rest/")
    follow = state_changes.Following(dialog=Dialog("chat1"), topic="all", owner=UserId(1), language="en")
    await store.commit_event(
        replace(webhooks.INSTALLED, portal=portal_id), [follow, state_changes.PortalGone(clean=False)], [], 2.0
    )
    await place.send(place.installation())
    known = await store.portal(portal_id)
    assert known
    assert known.endpoint == place.p.emulator.rest_url
    assert len(await StoredMemory(store, portal_id).followers()) == 1
