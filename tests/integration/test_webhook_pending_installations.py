"""Unknown senders who claim to be portals: which requests they cause, and how many."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import app, config
from bot.bitrix import addresses
from bot.bitrix.outbound.client import Client, open_session
from bot.errors import PortalDown
from tests import payloads, webhooks
from tests.payloads import Tree
from tests.webhooks import RunningWebhook

MANY = 30


@pytest.mark.parametrize("insecure", [False, True], ids=["secure", "insecure"])
async def test_a_name_that_resolves_to_this_machine_is_not_called(*, insecure: bool) -> None:
    """A name may resolve to an internal address later, so it is checked when connecting."""
    knocks = []

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocks.append(1)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, open_session(private=insecure) as session:
        client = Client(session, timeout=20, reach=addresses.ANYWHERE if insecure else addresses.Reach())
        with pytest.raises(PortalDown) as caught:
            await client.call(f"https://localhost:{port}/rest/", "app.info", {}, token="t")
    assert bool(knocks) is insecure
    assert ("private_portals" in str(caught.value)) is not insecure


@pytest.fixture
async def alone(tmp_path: Path) -> AsyncIterator[RunningWebhook]:
    """Start a webhook that knows one portal, without worker and sender."""
    async with (
        webhooks.stored(tmp_path) as store,
        webhooks.opened_alone(store, pending_installations=MANY) as running_webhook,
    ):
        await webhooks.install(store)
        yield running_webhook


async def handled(service: app.Service) -> None:
    """Return when the worker has handled all events."""
    async with asyncio.timeout(20):
        while await service.store.oldest_event() is not None:  # noqa: ASYNC110 - another task's work, seen in the store
            await asyncio.sleep(0.01)


def forged(number: int, **changes: str) -> Tree:
    """Make a forged installation."""
    mine = {"member_id": f"made-up-{number}", "client_endpoint": f"https://host-{number}.example/rest/"}
    return payloads.installed(**{**mine, "access_token": f"access-{number}", "application_token": "made-up", **changes})


async def test_a_flood_of_installations_is_limited(alone: RunningWebhook) -> None:
    """Of three hundred at once the limit is accepted; the others are answered 503 and logged."""
    answers = await asyncio.gather(*(alone.send(forged(number)) for number in range(300)))
    assert 0 < answers.count(200) <= MANY
    assert answers.count(200) + answers.count(503) == 300
    assert len(await alone.inbox()) == answers.count(200)
    assert [line["event"] for line in alone.lines] == ["install.too_many"] * answers.count(503)
    line = f'feedbridge_events_received_total{{kind="ONAPPINSTALL",outcome="refused"}} {answers.count(503)}.0'
    assert line in (await alone.get("/metrics"))[1]


async def test_the_answer_says_when_to_try_again(alone: RunningWebhook) -> None:
    """The answer is 503 with Retry-After; when a waiting one is done, there is a place again."""
    assert [await alone.send(forged(number)) for number in range(MANY)] == [200] * MANY
    async with alone.session.post(f"{alone.address}/events", data=payloads.form(forged(MANY))) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    [row] = await alone.store.waiting_events(after=0, many=1)
    await alone.store.commit_event(row, [], [], 1.0)
    assert await alone.send(forged(MANY)) == 200
    assert await alone.send(forged(MANY + 1)) == 503


async def test_a_flood_does_not_affect_known_portals(alone: RunningWebhook) -> None:
    """Events of a known portal, and its own installations and updates, are always accepted."""
    for number in range(MANY + 1):
        await alone.send(forged(number))
    assert await alone.send(payloads.v1_said()) == 200
    again = [payloads.installed(access_token=f"access-{number}") for number in range(5)]
    assert [await alone.send(tree) for tree in again] == [200] * 5
    true = [payloads.updated(access_token=f"access-{number}") for number in range(5)]
    assert [await alone.send(tree) for tree in true] == [200] * 5
    assert await alone.send(payloads.updated(application_token="made-up")) == 503


async def test_invalid_installations_do_not_count(alone: RunningWebhook) -> None:
    """Broken ones, and those with a forbidden address, are refused and do not count."""
    for number in range(2 * MANY):
        assert await alone.send(forged(number, client_endpoint="https://kite.example/?x")) == 400
    assert await alone.send(forged(0)) == 200


async def test_forged_installations_leave_nothing_behind(tmp_path: Path) -> None:
    """Installations with unknown tokens are verified once; they leave no dead letter and no place taken."""
    asked = []

    async def refuse(request: web.Request) -> web.Response:
        asked.append(await request.read())
        return web.json_response({"error": "invalid_token", "error_description": "no" * 100_000}, status=401)

    host = web.Application()
    host.router.add_post("/rest/app.info", refuse)
    async with TestServer(host) as server, webhooks.knocker() as session, contextlib.AsyncExitStack() as stack:
        settings = replace(webhooks.settings(tmp_path), app=config.App(oauth_url=str(server.make_url("/oauth/token/"))))
        service = await stack.enter_async_context(app.serving(settings))
        for number in range(5):
            tree = forged(number)
            headers = {"Content-Type": payloads.FORM}
            assert (await webhooks.knock(session, service.address, payloads.form(tree), headers))[0] == 200
        await handled(service)
        assert len(asked) == 5
        assert await service.store.dead_letters() == (0, 0)
        gc.collect()
        assert len(service.worker._portals) == 0
