"""The webhook over real sockets: every event of both generations, form and JSON, is stored with its values."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import events
from bot.model.events import BotId, CommandId, Dialog, Event, From, MessageId, Person, PortalId, PostId, UserId
from tests import payloads, webhooks
from tests.payloads import BOT, CHAT, COMMAND, MESSAGE, TS, USER, Tree
from tests.webhooks import RunningWebhook

PORTAL = PortalId(payloads.MEMBER)
MIRA = Person(id=UserId(USER), name="Mira Falk")
PRIVATE, GROUP = Dialog(str(USER)), Dialog(CHAT)


def said(text: str, *, group: bool = False) -> events.Said:
    """Return the expected event of a message, for either generation."""
    return events.Said(
        portal=PORTAL,
        ts=TS,
        bot=BotId(BOT),
        dialog=GROUP if group else PRIVATE,
        author=MIRA,
        language="de",
        chat_title="Spring campaign" if group else "",
        message=MessageId(MESSAGE),
        text=text,
    )


def commanded(*, group: bool = False) -> events.Commanded:
    """Return the expected event of a typed command."""
    return events.Commanded(
        portal=PORTAL,
        ts=TS,
        bot=BotId(BOT),
        dialog=GROUP if group else PRIVATE,
        author=MIRA,
        language="de",
        chat_title="Spring campaign" if group else "",
        command=CommandId(COMMAND),
        name="post",
        params="to:all Hi",
        text="/post to:all Hi",
        source=From.TYPED,
        message=MessageId(MESSAGE),
    )


def joined(*, group: bool = False, title: str = "") -> events.Joined:
    """Return the expected event of the bot joining."""
    dialog = GROUP if group else PRIVATE
    return events.Joined(
        portal=PORTAL, ts=TS, bot=BotId(BOT), dialog=dialog, author=MIRA, language="de", chat_title=title
    )


def on_post(cls: type[events.PostEvent]) -> events.PostEvent:
    """Return the expected event of a post."""
    return cls(portal=PORTAL, ts=TS, post=PostId(305))


MENTION = f"[USER={BOT}]Feedbridge[/USER], good morning"
DELETED = events.BotDeleted(portal=PORTAL, ts=TS, bot=BotId(BOT), code="feedbridge")
INSTALLED = events.Installed(
    portal=PORTAL,
    ts=TS,
    endpoint=webhooks.CLOSED,
    auth_endpoint=webhooks.CLOSED,
    domain=payloads.DOMAIN,
    status="L",
    scope="imbot,im,log",
    language="de",
)

EVENTS: dict[str, tuple[Tree, Event]] = {
    "v1 message": (payloads.v1_said("Good morning"), said("Good morning")),
    "v1 message in a group": (
        payloads.v1_said(", good morning", original=MENTION, group=True),
        said("good morning", group=True),
    ),
    "v1 edited message": (
        payloads.v1_said("Good evening") | {"event": "ONIMBOTMESSAGEUPDATE"},
        replace(said("Good evening"), edited=True),
    ),
    "v1 command": (payloads.v1_commanded(), commanded()),
    "v1 command in a group": (payloads.v1_commanded(group=True), commanded(group=True)),
    "v1 private dialog opened": (payloads.v1_joined(), joined()),
    "v1 added to a group": (payloads.v1_joined(group=True), joined(group=True)),
    "v1 bot deleted": (payloads.v1_deleted(), DELETED),
    "v2 message": (payloads.v2_said("Good morning"), said("Good morning")),
    "v2 message in a group": (payloads.v2_said(MENTION, group=True), said("good morning", group=True)),
    "v2 edited message": (
        payloads.v2_said("Good evening") | {"event": "ONIMBOTV2MESSAGEUPDATE"},
        replace(said("Good evening"), edited=True),
    ),
    "v2 command": (payloads.v2_commanded(), commanded()),
    "v2 command in a group": (payloads.v2_commanded(group=True), commanded(group=True)),
    "v2 private dialog opened": (payloads.v2_joined(), joined()),
    "v2 added to a group": (payloads.v2_joined(group=True), joined(group=True, title="Spring campaign")),
    "v2 bot deleted": (payloads.v2_deleted(), DELETED),
    "post added": (payloads.post("ADD"), on_post(events.PostAdded)),
    "post updated": (payloads.post("UPDATE"), on_post(events.PostUpdated)),
    "post deleted": (payloads.post("DELETE"), on_post(events.PostDeleted)),
    "installed": (
        payloads.installed(client_endpoint=webhooks.CLOSED, server_endpoint=webhooks.CLOSED),
        INSTALLED,
    ),
    "updated": (payloads.updated(client_endpoint=webhooks.CLOSED, server_endpoint=webhooks.CLOSED), INSTALLED),
    "uninstalled": (payloads.uninstalled(clean=""), events.Uninstalled(portal=PORTAL, ts=TS, clean=False)),
    "uninstalled and cleaned": (payloads.uninstalled(clean="1"), events.Uninstalled(portal=PORTAL, ts=TS, clean=True)),
}


def by_itself(event: Event) -> Event:
    """Remove the values of an event that only one generation sends."""
    return replace(event, in_chat=None) if isinstance(event, events.Commanded) else event


@pytest.mark.parametrize("as_json", [False, True], ids=["form", "json"])
@pytest.mark.parametrize("name", EVENTS)
async def test_every_kind_of_event_is_stored_with_its_values(
    webhook: RunningWebhook, name: str, *, as_json: bool
) -> None:
    """Each kind is answered with 200 and stored once, with the same values in every encoding."""
    tree, expected = EVENTS[name]
    assert await webhook.send(tree, as_json=as_json) == 200
    assert [by_itself(event) for event in await webhook.events()] == [expected]


def test_the_table_contains_every_kind() -> None:
    """The table contains every kind that the webhook knows."""
    from bot.bitrix.inbound.decode import KNOWN  # noqa: PLC0415 - the only use

    assert {tree["event"] for tree, _ in EVENTS.values()} == KNOWN


# --- Once ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["v1 message", "v1 command", "v2 message", "v2 command", "v2 added to a group", "post added"]
)
async def test_a_duplicate_event_is_stored_once(webhook: RunningWebhook, name: str) -> None:
    """A duplicate, even at the same moment, is answered with 200; one row is stored."""
    tree, _ = EVENTS[name]
    assert await webhook.send(tree) == 200
    assert await asyncio.gather(*(webhook.send(tree, as_json=number % 2 == 1) for number in range(12))) == [200] * 12
    assert len(await webhook.inbox()) == 1


async def test_simultaneous_duplicates_are_stored_once(webhook: RunningWebhook) -> None:
    """Twelve simultaneous copies are one event."""
    tree = payloads.v1_said()
    assert await asyncio.gather(*(webhook.send(tree) for _ in range(12))) == [200] * 12
    assert len(await webhook.inbox()) == 1


async def test_every_edit_is_stored(webhook: RunningWebhook) -> None:
    """The events of two edits in one second are equal: both are stored, because the second is a change too."""
    for count in (1, 2):
        assert await webhook.send(payloads.post("UPDATE")) == 200
        assert len(await webhook.inbox()) == count


async def test_a_duplicate_after_a_restart_is_dropped(tmp_path: Path) -> None:
    """Idempotency keys are on disk, not in memory."""
    async with webhooks.opened(tmp_path) as running_webhook:
        await webhooks.install(running_webhook.store)
        assert await running_webhook.send(payloads.v1_said()) == 200
    async with webhooks.opened(tmp_path) as running_webhook:
        assert await running_webhook.send(payloads.v1_said()) == 200
        assert len(await running_webhook.inbox()) == 1


async def test_the_same_message_later_or_elsewhere_is_another_event(webhook: RunningWebhook) -> None:
    """Another message id, another time of an update, or another portal is another event."""
    await webhooks.install(webhook.store, portal="another", token="another-token")
    elsewhere = payloads.v1_said()
    elsewhere["auth"] |= {"member_id": "another", "application_token": "another-token"}
    later = payloads.post("UPDATE") | {"ts": str(TS + 1)}
    trees = [payloads.v1_said(), payloads.v1_said(MESSAGE_ID="2"), elsewhere, payloads.post("UPDATE"), later]
    assert [await webhook.send(tree) for tree in trees] == [200] * 5
    assert len(await webhook.inbox()) == 5


@pytest.mark.parametrize("generation", ["v1", "v2"])
@pytest.mark.parametrize("command_first", [True, False], ids=["command first", "message first"])
async def test_a_typed_command_counts_once(webhook: RunningWebhook, generation: str, *, command_first: bool) -> None:
    """`/post ...` may come as a command and as a message, in either order; it is handled once."""
    say, order = {
        "v1": (payloads.v1_said("/post to:all Hi"), payloads.v1_commanded("/post to:all Hi")),
        "v2": (payloads.v2_said("/post to:all Hi"), payloads.v2_commanded("/post to:all Hi")),
    }[generation]
    for tree in (order, say) if command_first else (say, order):
        assert await webhook.send(tree) == 200
    assert len(await webhook.inbox()) == 1


async def test_two_commands_of_one_event_are_two(webhook: RunningWebhook) -> None:
    """A v1 event may contain several commands; each is stored, in one request."""
    commands = [payloads.v1_command(), payloads.v1_command(19, "crm", "deal 42 Hi")]
    assert await webhook.send(payloads.v1_commanded("/post to:all Hi\n/crm deal 42 Hi", *commands)) == 200
    assert [event.name for event in await webhook.events() if isinstance(event, events.Commanded)] == ["post", "crm"]


# --- Not for us ---------------------------------------------------------------------------------------------


BOTS = {
    "v1 bot": payloads.v1_said() | {"data": payloads.v1_said()["data"] | {"USER": payloads.v1_user(IS_BOT="Y")}},
    "v1 ourselves": payloads.v1_said() | {"data": payloads.v1_said()["data"] | {"USER": payloads.v1_user(ID=str(BOT))}},
    "v1 system": payloads.v1_said(SYSTEM="Y"),
    "v2 bot": payloads.v2_said(user=payloads.v2_user(bot=True)),
    "v2 system": payloads.v2_said(message=payloads.v2_message("joined", isSystem=True)),
}


@pytest.mark.parametrize("as_json", [False, True], ids=["form", "json"])
@pytest.mark.parametrize("name", BOTS)
async def test_messages_of_bots_are_not_handled(webhook: RunningWebhook, name: str, *, as_json: bool) -> None:
    """Messages of bots, of our bot and of the system are answered with 200 and not handled."""
    assert await webhook.send(BOTS[name], as_json=as_json) == 200
    assert await webhook.inbox() == []


async def test_an_unknown_kind_is_answered_and_logged(webhook: RunningWebhook) -> None:
    """An unused kind is answered with 200 and one log line; nothing is stored."""
    assert await webhook.send(payloads.event("ONTASKADD", {"FIELDS": {"ID": "5"}})) == 200
    assert [line["kind"] for line in webhook.lines if line["event"] == "event.unknown"] == ["ONTASKADD"]
    assert await webhook.inbox() == []


# --- The other pages ----------------------------------------------------------------------------------------


async def test_the_health_endpoints_answer(webhook: RunningWebhook) -> None:
    """/healthz and /readyz are fine, /metrics counts the received events."""
    assert await webhook.send(payloads.v1_said()) == 200
    assert await webhook.get("/healthz") == (200, '{"ok": true}')
    status, page = await webhook.get("/readyz")
    assert (status, '"ready": true' in page) == (200, True)
    status, page = await webhook.get("/metrics")
    assert status == 200
    assert 'feedbridge_events_received_total{kind="ONIMBOTMESSAGEADD",outcome="taken"} 1.0' in page
    assert "feedbridge_commit_rows_count 1.0" in page


async def test_the_address_answers_get(webhook: RunningWebhook) -> None:
    """GET /events answers 200, because a portal checks the address before it saves an application."""
    assert await webhook.get("/events") == (200, "Bitrix24 posts its events here.")
