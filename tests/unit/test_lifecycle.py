"""Coming to a portal and its chats, and going: whom we believe, what is set up, what is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import commands, lifecycle
from bot.errors import PortalDown, PortalError, Refused, TokenExpired, TokenRefused
from bot.framework.router import Router
from bot.i18n import catalog
from bot.lifecycle.install import FEED_EVENTS, OWN_EVENTS, bot_id
from bot.model.effects import BindEvent, Effect, RegisterBot, RegisterCommand, Say
from bot.model.events import (
    BotDeleted,
    BotId,
    Dialog,
    EventTokens,
    Installed,
    Joined,
    MessageId,
    Person,
    PortalId,
    Said,
    Uninstalled,
    UserId,
)
from bot.model.records import AppInfo
from bot.model.state_changes import BotKnown, ChatJoined, PortalGone, PortalKnown
from tests import stand_ins
from tests.stand_ins import ANNA, BOT, GROUP, PORTAL, PRIVATE, Conversation, known_portal

HANDLER = "https://bot.example.com/events"
SECRET = EventTokens(
    access_token="opens", refresh_token="renews", application_token="proves", expires=1_750_003_600, user=UserId(1)
)


def talk(**known: Any) -> Conversation:
    """A service that an application's installation reaches; `known` says what it knew of the portal before."""
    table = Router().include(commands.router())
    chat = Conversation(router=table.include(lifecycle.router(table.commands)), event_tokens=SECRET)
    chat.memory.known = known_portal(**known) if known else None
    return chat


def installed(**more: Any) -> Installed:
    """An installation as the portal reports it."""
    event = Installed(
        portal=PORTAL,
        endpoint="https://north.example.com/rest/",
        auth_endpoint="https://auth.example.com/rest/",
        domain="north.example.com",
        user=UserId(1),
        language="ru",
    )
    return replace(event, **more)


def settings(chat: Conversation, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the service be configured in another way."""
    monkeypatch.setattr(stand_ins, "SETTINGS", replace(stand_ins.SETTINGS, **changes))


# --- Installed ----------------------------------------------------------------------------------------------


async def test_installed() -> None:
    """A portal that is proven and knows its token is remembered with its secrets, and is asked to take our bot."""
    chat = talk()
    effects = await chat.hear(installed())
    assert chat.state_changes == [
        PortalKnown(
            endpoint="https://north.example.com/rest/",
            auth_endpoint="https://auth.example.com/rest/",
            domain="north.example.com",
            language="ru",
            api="v2",
            license="basic",
            user=UserId(1),
            access_token="new",
            refresh_token="newer",
            application_token="proves",
            expires=2,
        )
    ]
    (register,) = effects
    assert isinstance(register, RegisterBot)
    assert (register.api, register.code, register.name) == ("v2", "feedbridge", "Feedbridge")
    assert register.handler == HANDLER
    assert register.report


@pytest.mark.parametrize("error", [TokenRefused("invalid_token"), TokenExpired("expired_token")])
@pytest.mark.parametrize("who", ["unproven", "error"], ids=["authorization server", "portal"])
async def test_a_forged_installation(error: TokenRefused | TokenExpired, who: str) -> None:
    """A token that one of the two does not know leaves nothing behind but a line in the log, without the token."""
    chat = talk()
    setattr(chat.portal, who, error)
    with capture_logs() as lines:
        assert await chat.hear(installed()) == []
    assert chat.state_changes == []
    (line,) = lines
    assert line["event"] == "installation refused"
    assert "opens" not in repr(line)


@pytest.mark.parametrize(
    ("code", "ours", "taken"),
    [
        ("local.1", "local.1", True),
        ("local.2", "local.1", False),
        ("othervendor.tool", "local.1", False),
        ("partner.bridge", "app.1", True),
        ("local.2", "", True),
    ],
)
async def test_another_application(code: str, ours: str, *, taken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the portal calls us has to be our id where we are a local application; others have a code beside it."""
    chat = talk()
    settings(chat, monkeypatch, client_id=ours)
    chat.portal.info = AppInfo(code=code, installed=True)
    assert bool(await chat.hear(installed())) is taken
    assert bool(chat.state_changes) is taken


NO_VERDICT = [Refused("ERROR_CORE"), PortalDown("no answer", outcome_unknown=True)]
KNOWN: list[dict[str, Any]] = [{}, {"endpoint": "https://north.example.com/rest/"}]


@pytest.mark.parametrize("known", KNOWN, ids=["unknown", "known"])
@pytest.mark.parametrize("error", NO_VERDICT)
async def test_an_answer_that_says_nothing(error: PortalError | PortalDown, known: dict[str, Any]) -> None:
    """Any other error is no verdict: it is asked again for a day."""
    chat = talk(**known)
    chat.portal.unproven, chat.waited = error, 80_000.0
    with pytest.raises(type(error)):
        await chat.hear(installed())
    assert chat.state_changes == []


@pytest.mark.parametrize("known", KNOWN, ids=["unknown", "known"])
@pytest.mark.parametrize("error", NO_VERDICT)
async def test_what_nobody_confirms(error: PortalError | PortalDown, known: dict[str, Any]) -> None:
    """What the authorization server says nothing of for a day is refused like any other: one line, no dead letter."""
    chat = talk(**known)
    chat.portal.unproven, chat.waited = error, 86_401.0
    with capture_logs() as lines:
        assert await chat.hear(installed()) == []
    assert chat.state_changes == []
    assert [line["event"] for line in lines] == ["installation refused"]


@pytest.mark.parametrize("error", NO_VERDICT)
async def test_a_proven_portal_that_does_not_answer(error: PortalError | PortalDown) -> None:
    """A portal that Bitrix24 confirmed is waited for as long as with any other event."""
    chat = talk()
    chat.portal.error, chat.waited = error, 85_000.0
    with pytest.raises(type(error)):
        await chat.hear(installed())


@pytest.mark.parametrize(
    ("setting", "methods", "api"),
    [("v1", {"imbot.v2.bot.register"}, "v1"), ("v2", set(), "v2"), ("auto", set(), "v1")],
)
async def test_which_api(setting: str, methods: set[str], api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The generation is what the settings say; `auto` asks the portal."""
    chat = talk()
    settings(chat, monkeypatch, bot_api=setting)
    chat.portal.methods = methods
    (register,) = await chat.hear(installed())
    assert isinstance(register, RegisterBot)
    assert register.api == api


async def test_auto_on_a_current_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal that knows imbot.v2 is spoken to through it."""
    chat = talk()
    settings(chat, monkeypatch, bot_api="auto")
    chat.portal.methods = {"imbot.v2.bot.register"}
    (register,) = await chat.hear(installed())
    assert isinstance(register, RegisterBot)
    assert register.api == "v2"


async def test_a_known_portal_keeps_its_address() -> None:
    """An event must not lead us to another address than the one where Bitrix24 knows the portal."""
    chat = talk(endpoint="https://north.example.com/rest/", domain="north.example.com")
    with capture_logs() as lines:
        assert await chat.hear(installed(endpoint="https://evil.example.com/rest/", domain="evil.example.com")) == []
    assert chat.state_changes == []
    assert [line["event"] for line in lines] == ["installation refused"]


async def test_a_portal_that_moved() -> None:
    """Where the authorization server knows the portal at the new address, that is remembered, with the new tokens."""
    chat = talk(endpoint="https://old.example.com/rest/", domain="old.example.com")
    assert len(await chat.hear(installed())) == 1
    (known,) = chat.state_changes
    assert isinstance(known, PortalKnown)
    assert (known.endpoint, known.domain) == ("https://north.example.com/rest/", "north.example.com")
    assert (known.access_token, known.refresh_token, known.application_token) == ("new", "newer", "proves")


async def test_installing_again_takes_new_tokens() -> None:
    """At the address we know, the tokens that came take the place of those we had."""
    chat = talk(endpoint="https://north.example.com/rest/", domain="north.example.com")
    await chat.hear(installed())
    (known,) = chat.state_changes
    assert isinstance(known, PortalKnown)
    assert (known.endpoint, known.access_token) == ("https://north.example.com/rest/", "new")


async def test_an_update() -> None:
    """ONAPPUPDATE may lack addresses and the user: what is known of them stays, and everything is set up anew."""
    chat = talk(endpoint="https://north.example.com/rest/", domain="north.example.com", installer=UserId(7))
    chat.event_tokens = replace(SECRET, user=None)
    (register,) = await chat.hear(installed(endpoint="", auth_endpoint="", domain="", user=None))
    assert isinstance(register, RegisterBot)
    (known,) = chat.state_changes
    assert isinstance(known, PortalKnown)
    assert (known.endpoint, known.domain) == ("https://north.example.com/rest/", "north.example.com")
    assert (known.user, known.application_token) == (UserId(7), "proves")


async def test_a_known_portal_is_not_taken_by_an_employee() -> None:
    """A token that app.info takes, but that is no administrator's, changes nothing on a portal that is known."""
    chat = talk(endpoint="https://north.example.com/rest/", domain="north.example.com")
    chat.portal.admin = False
    assert await chat.hear(installed()) == []
    assert chat.state_changes == []


# --- The bot is there ---------------------------------------------------------------------------------------


def register() -> RegisterBot:
    """What was asked for."""
    return RegisterBot(api="v2", code="feedbridge", name="Feedbridge", handler=HANDLER, report=True)


def by_kind(effects: list[Effect], kind: type[Effect]) -> list[Any]:
    """The effects of one kind, in order."""
    return [effect for effect in effects if isinstance(effect, kind)]


@pytest.mark.parametrize("result", [90, "90", {"bot": {"id": 90}}, {"bot": {"id": "90"}}, {"id": 90}])
async def test_the_bot_is_registered(result: object) -> None:
    """Either generation's answer gives the bot's id; then come all commands, then the events of the feed."""
    chat = talk(bot=None)
    effects = await chat.done(register(), result)
    assert chat.state_changes == [BotKnown(bot=BotId(90))]
    offered = by_kind(effects, RegisterCommand)
    assert [one.name for one in offered] == list(chat.router.commands)
    assert {one.bot for one in offered} == {90}
    assert [one.event for one in by_kind(effects, BindEvent)] == [*FEED_EVENTS, *OWN_EVENTS]
    assert {one.handler for one in [*offered, *by_kind(effects, BindEvent)]} == {HANDLER}
    assert [type(one) for one in effects] == [RegisterCommand] * len(offered) + [BindEvent] * 5


async def test_the_commands() -> None:
    """A command is offered by its English name only, with a title in every language; hints where there is one."""
    chat = talk()
    offered: Mapping[str, RegisterCommand] = {
        one.name: one for one in by_kind(await chat.done(register(), 90), RegisterCommand)
    }
    assert all(set(one.titles) == set(catalog.languages()) for one in offered.values())
    assert offered["follows"].hints == {}
    assert set(offered["post"].hints) == set(catalog.languages())
    assert offered["post"].common
    assert not offered["follow"].common


@pytest.mark.parametrize("result", [None, True, "", 0, {}, [], {"bot": []}, "x"])
async def test_no_bot_id(result: object) -> None:
    """An answer without a bot's id sets up nothing and is said in the log."""
    chat = talk()
    with capture_logs() as lines:
        assert await chat.done(register(), result) == []
    assert chat.state_changes == []
    assert bot_id(result) is None
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("effect", "what", "means"),
    [
        (register(), "Feedbridge", "scope imbot"),
        (
            RegisterCommand(bot=BOT, name="post", titles={}, hints={}, common=True, handler=HANDLER),
            "post",
            "after a mention it still works",
        ),
        (BindEvent(event=FEED_EVENTS[0], handler=HANDLER), FEED_EVENTS[0], "scope log"),
        (BindEvent(event=OWN_EVENTS[0], handler=HANDLER), OWN_EVENTS[0], "install it again after an update"),
    ],
)
async def test_what_could_not_be_set_up(effect: Effect, what: str, means: str) -> None:
    """Each failure is one line in the log that says what it means for people; the rest goes on."""
    with capture_logs() as lines:
        assert await talk().failed(effect, "Refused", code="insufficient_scope", text="no") == []
    (line,) = lines
    assert line["what"] == what
    assert line["code"] == "insufficient_scope"
    assert means in line["means"]


async def test_installing_again_repeats_everything() -> None:
    """A second installation asks for the same things in the same words, so that repeating does no harm."""
    chat = talk()
    first = [*await chat.hear(installed()), *await chat.done(register(), 90)]
    second = [*await chat.hear(installed()), *await chat.done(register(), 90)]
    assert first == second


# --- Chats --------------------------------------------------------------------------------------------------


def joined(dialog: Dialog = GROUP, *, author: Person = ANNA, language: str = "en") -> Joined:
    """The bot is in a chat."""
    return Joined(portal=PORTAL, bot=BOT, dialog=dialog, author=author, language=language, chat_title="Launch")


def said(text: str) -> Said:
    """Somebody writes where the bot hears it."""
    return Said(portal=PORTAL, bot=BOT, dialog=GROUP, author=ANNA, message=MessageId(500), text=text)


@pytest.mark.parametrize("language", catalog.languages())
@pytest.mark.parametrize(("dialog", "key"), [(GROUP, "greeting.group"), (PRIVATE, "greeting.private")])
async def test_the_greeting(dialog: Dialog, key: str, language: str) -> None:
    """A chat is greeted with the short reference, in the language of whoever brought us."""
    chat = talk()
    (said,) = await chat.hear(joined(dialog, language=language))
    assert isinstance(said, Say)
    assert said.dialog == dialog
    assert said.content.text.startswith(catalog.sentence(language, key))
    assert chat.state_changes == [ChatJoined(dialog=dialog, title="Launch")]


async def test_no_greeting_of_our_own_doing() -> None:
    """Where the bot came by its own deed it greets nobody, but knows that it is a member."""
    chat = talk()
    assert await chat.hear(joined(author=Person(id=UserId(int(BOT)), is_bot=True))) == []
    assert chat.state_changes == [ChatJoined(dialog=GROUP, title="Launch")]


@pytest.mark.parametrize(
    ("dialog", "state_changes"), [(GROUP, [ChatJoined(dialog=GROUP, title="Launch")]), (PRIVATE, [])]
)
async def test_heard_in_a_chat(dialog: Dialog, state_changes: list[ChatJoined]) -> None:
    """In a group only a member hears what is said, so one message teaches what a lost event should have."""
    chat = talk(bot=BOT)
    assert await chat.hear(replace(said("help"), dialog=dialog, chat_title="Launch"))
    assert chat.state_changes == state_changes


# --- Going --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clean", [True, False])
async def test_uninstalled(*, clean: bool) -> None:
    """The portal is forgotten as far as the user wished, and nothing is said: there is no access any more."""
    chat = talk(bot=BOT)
    assert await chat.hear(Uninstalled(portal=PORTAL, clean=clean)) == []
    assert chat.state_changes == [PortalGone(clean=clean)]


@pytest.mark.parametrize(("bot", "state_changes"), [(BOT, [BotKnown(bot=None)]), (BotId(91), [])])
async def test_the_bot_was_deleted(bot: BotId, state_changes: list[BotKnown]) -> None:
    """Our bot's end is remembered; that of another bot of the same application is none of our business."""
    chat = talk(bot=BOT)
    assert await chat.hear(BotDeleted(portal=PORTAL, bot=bot)) == []
    assert chat.state_changes == state_changes


async def test_a_bot_of_a_portal_we_do_not_know() -> None:
    """An event of an unknown portal changes nothing."""
    chat = talk()
    assert await chat.hear(BotDeleted(portal=PortalId("nobody"), bot=BOT)) == []
    assert chat.state_changes == []
