"""Installation, joining chats, and removal: what is verified, registered, stored and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import commands, lifecycle
from bot.errors import (
    ApplicationRefused,
    ApplicationUnset,
    AuthorizationDown,
    PortalDown,
    PortalError,
    Refused,
    TokenExpired,
    TokenRefused,
)
from bot.framework.router import Router
from bot.i18n import catalog
from bot.lifecycle.install import FEED_EVENTS, OWN_EVENTS, bot_id
from bot.model.effects import BindEvent, Effect, HearEdits, RegisterBot, RegisterCommand
from bot.model.events import (
    BotId,
    EventTokens,
    Installed,
    UserId,
)
from bot.model.records import AppInfo
from bot.model.state_changes import BotKnown, PortalKnown
from tests.stand_in_memory import known_portal
from tests.stand_ins import BOT, PORTAL, Conversation

HANDLER = "https://bot.example.com/events"
SECRET = EventTokens(
    access_token="opens", refresh_token="renews", application_token="proves", expires=1_750_003_600, user=UserId(1)
)


def talk(**known: Any) -> Conversation:
    """Make a service that gets an installation; `known` is what it knew of the portal before."""
    table = Router().include(commands.router())
    chat = Conversation(router=table.include(lifecycle.router(table.commands)), event_tokens=SECRET)
    chat.memory.known = known_portal(**known) if known else None
    return chat


def installed(**more: Any) -> Installed:
    """Make the event of an installation."""
    event = Installed(
        portal=PORTAL,
        endpoint="https://north.example.com/rest/",
        auth_endpoint="https://auth.example.com/rest/",
        domain="north.example.com",
        user=UserId(1),
        language="ru",
    )
    return replace(event, **more)


def settings(chat: Conversation, **changes: Any) -> None:
    """Change the settings of the service."""
    chat.settings = replace(chat.settings, **changes)


# --- Installed ----------------------------------------------------------------------------------------------


async def test_an_installation_is_stored_and_registers_the_bot() -> None:
    """A confirmed portal is stored with its tokens, and our bot is registered."""
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
async def test_a_forged_installation_changes_nothing(error: TokenRefused | TokenExpired, who: str) -> None:
    """A token that one of the two servers does not know changes nothing; a log line names no token."""
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
async def test_an_installation_of_another_application_is_refused(code: str, ours: str, *, taken: bool) -> None:
    """For a local application, the portal must name our client id; others have another code."""
    chat = talk()
    settings(chat, client_id=ours)
    chat.portal.info = AppInfo(code=code, installed=True)
    assert bool(await chat.hear(installed())) is taken
    assert bool(chat.state_changes) is taken


@pytest.mark.parametrize("code", ["invalid_client", "wrong_client", "PAYMENT_REQUIRED"])
async def test_wrong_credentials_do_not_lose_an_installation(code: str) -> None:
    """If our own credentials are refused, the event waits for a day for better ones, and the error says which."""
    chat = talk()
    chat.portal.unproven, chat.waited = ApplicationRefused(code), 80_000.0
    with pytest.raises(AuthorizationDown, match=r"app\.client_id and app\.client_secret.*waits for a day"):
        await chat.hear(installed())
    chat.waited = 86_401.0
    with capture_logs() as lines:
        assert await chat.hear(installed()) == []
    assert [line["event"] for line in lines] == ["installation refused"]


async def test_an_installation_does_not_wait_for_credentials_that_were_never_set() -> None:
    """Without client_id and client_secret, what the authorization server did not confirm at once is refused."""
    chat = talk()
    chat.portal.unproven = ApplicationUnset("app.client_id and app.client_secret")
    with capture_logs() as lines:
        assert await chat.hear(installed()) == []
    (line,) = [line for line in lines if line["event"] == "installation refused"]
    assert "not set: app.client_id and app.client_secret" in line["error"]


NO_VERDICT = [Refused("ERROR_CORE"), PortalDown("no answer", outcome_unknown=True)]
KNOWN: list[dict[str, Any]] = [{}, {"endpoint": "https://north.example.com/rest/"}]


@pytest.mark.parametrize("known", KNOWN, ids=["unknown", "known"])
@pytest.mark.parametrize("error", NO_VERDICT)
async def test_an_installation_without_a_clear_answer_is_retried(
    error: PortalError | PortalDown, known: dict[str, Any]
) -> None:
    """Any other error is no answer: the request is retried for a day."""
    chat = talk(**known)
    chat.portal.unproven, chat.waited = error, 80_000.0
    with pytest.raises(type(error)):
        await chat.hear(installed())
    assert chat.state_changes == []


@pytest.mark.parametrize("known", KNOWN, ids=["unknown", "known"])
@pytest.mark.parametrize("error", NO_VERDICT)
async def test_an_unconfirmed_installation_is_refused_after_a_day(
    error: PortalError | PortalDown, known: dict[str, Any]
) -> None:
    """After a day without confirmation the installation is refused: one log line, no dead letter."""
    chat = talk(**known)
    chat.portal.unproven, chat.waited = error, 86_401.0
    with capture_logs() as lines:
        assert await chat.hear(installed()) == []
    assert chat.state_changes == []
    assert [line["event"] for line in lines] == ["installation refused"]


@pytest.mark.parametrize("error", NO_VERDICT)
async def test_a_confirmed_portal_that_does_not_answer_is_retried(error: PortalError | PortalDown) -> None:
    """A confirmed portal that does not answer is retried like for any other event."""
    chat = talk()
    chat.portal.error, chat.waited = error, 85_000.0
    with pytest.raises(type(error)):
        await chat.hear(installed())


@pytest.mark.parametrize(
    ("setting", "methods", "api"),
    [("v1", {"imbot.v2.bot.register"}, "v1"), ("v2", set(), "v2"), ("auto", set(), "v1")],
)
async def test_the_settings_choose_the_generation(setting: str, methods: set[str], api: str) -> None:
    """The settings choose the generation; with `auto` the portal is asked."""
    chat = talk()
    settings(chat, bot_api=setting)
    chat.portal.methods = methods
    (register,) = await chat.hear(installed())
    assert isinstance(register, RegisterBot)
    assert register.api == api


async def test_auto_on_a_current_portal() -> None:
    """A portal with imbot.v2 is used through it."""
    chat = talk()
    settings(chat, bot_api="auto")
    chat.portal.methods = {"imbot.v2.bot.register"}
    (register,) = await chat.hear(installed())
    assert isinstance(register, RegisterBot)
    assert register.api == "v2"


async def test_a_known_portal_keeps_its_address() -> None:
    """An event cannot change the address under which Bitrix24 knows the portal."""
    chat = talk(endpoint="https://north.example.com/rest/", domain="north.example.com")
    with capture_logs() as lines:
        assert await chat.hear(installed(endpoint="https://evil.example.com/rest/", domain="evil.example.com")) == []
    assert chat.state_changes == []
    assert [line["event"] for line in lines] == ["installation refused"]


async def test_a_portal_that_moved() -> None:
    """If the authorization server confirms a new address, it is stored with the new tokens."""
    chat = talk(endpoint="https://old.example.com/rest/", domain="old.example.com")
    assert len(await chat.hear(installed())) == 1
    (known,) = chat.state_changes
    assert isinstance(known, PortalKnown)
    assert (known.endpoint, known.domain) == ("https://north.example.com/rest/", "north.example.com")
    assert (known.access_token, known.refresh_token, known.application_token) == ("new", "newer", "proves")


async def test_installing_again_takes_new_tokens() -> None:
    """A new installation at the known address replaces the tokens."""
    chat = talk(endpoint="https://north.example.com/rest/", domain="north.example.com")
    await chat.hear(installed())
    (known,) = chat.state_changes
    assert isinstance(known, PortalKnown)
    assert (known.endpoint, known.access_token) == ("https://north.example.com/rest/", "new")


async def test_an_update() -> None:
    """ONAPPUPDATE may omit addresses and the user: the stored ones stay, and everything is registered again."""
    chat = talk(endpoint="https://north.example.com/rest/", domain="north.example.com", installer=UserId(7))
    chat.event_tokens = replace(SECRET, user=None)
    (register,) = await chat.hear(installed(endpoint="", auth_endpoint="", domain="", user=None))
    assert isinstance(register, RegisterBot)
    (known,) = chat.state_changes
    assert isinstance(known, PortalKnown)
    assert (known.endpoint, known.domain) == ("https://north.example.com/rest/", "north.example.com")
    assert (known.user, known.application_token) == (UserId(7), "proves")


async def test_an_employee_cannot_reinstall_a_known_portal() -> None:
    """A valid token of a user who is no administrator changes nothing on a known portal."""
    chat = talk(endpoint="https://north.example.com/rest/", domain="north.example.com")
    chat.portal.admin = False
    assert await chat.hear(installed()) == []
    assert chat.state_changes == []


# --- The bot is there ---------------------------------------------------------------------------------------


def register() -> RegisterBot:
    """Return the RegisterBot effect."""
    return RegisterBot(api="v2", code="feedbridge", name="Feedbridge", handler=HANDLER, report=True)


def by_kind(effects: list[Effect], kind: type[Effect]) -> list[Any]:
    """Return the effects of one kind, in order."""
    return [effect for effect in effects if isinstance(effect, kind)]


@pytest.mark.parametrize("result", [90, "90", {"bot": {"id": 90}}, {"bot": {"id": "90"}}, {"id": 90}])
async def test_the_bot_is_registered(result: object) -> None:
    """Either generation's answer gives the bot's id; then all commands, then the events of the feed."""
    chat = talk(bot=None)
    effects = await chat.done(register(), result)
    assert chat.state_changes == [BotKnown(bot=BotId(90))]
    offered = by_kind(effects, RegisterCommand)
    specs = chat.router.commands.values()
    assert [one.name for one in offered] == [name for spec in specs for name in spec.delivered]
    assert {one.bot for one in offered} == {90}
    assert [one.event for one in by_kind(effects, BindEvent)] == [*FEED_EVENTS, *OWN_EVENTS]
    assert {one.handler for one in [*offered, *by_kind(effects, BindEvent)]} == {HANDLER}
    assert [type(one) for one in effects] == [RegisterCommand] * len(offered) + [BindEvent] * 5


@pytest.mark.parametrize(("api", "asked"), [("v1", 1), ("v2", 0)])
async def test_edited_messages_are_asked_for(api: str, asked: int) -> None:
    """Imbot v1 sends edited messages only if it is asked to; v2 sends them by itself."""
    chat = talk(bot=None)
    chat.memory.known = known_portal(api=api)
    effects = await chat.done(register(), 90)
    assert [(one.bot, one.handler) for one in by_kind(effects, HearEdits)] == [(90, HANDLER)] * asked


async def test_the_commands() -> None:
    """A command is registered by its English name, with titles in every language, and hints if any."""
    chat = talk()
    offered: Mapping[str, RegisterCommand] = {
        one.name: one for one in by_kind(await chat.done(register(), 90), RegisterCommand)
    }
    assert all(set(one.titles) == set(catalog.languages()) for one in offered.values())
    assert offered["follows"].hints == {}
    assert set(offered["post"].hints) == set(catalog.languages())
    assert {one.name for one in offered.values() if not one.hidden} == chat.router.typed
    assert offered["choose"].hidden
    assert {"abos", "folgen", "teilen"} <= offered.keys()
    assert not offered.keys() & {"подписки", "veröffentlichen"}


@pytest.mark.parametrize("result", [None, True, "", 0, {}, [], {"bot": []}, "x"])
async def test_an_answer_without_a_bot_id_registers_nothing(result: object) -> None:
    """An answer without a bot's id registers nothing, and is logged."""
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
            RegisterCommand(bot=BOT, name="post", titles={}, hints={}, handler=HANDLER),
            "post",
            "after a mention it still works",
        ),
        (BindEvent(event=FEED_EVENTS[0], handler=HANDLER), FEED_EVENTS[0], "scope log"),
        (BindEvent(event=OWN_EVENTS[0], handler=HANDLER), OWN_EVENTS[0], "install it again after an update"),
    ],
)
async def test_each_failed_registration_is_logged(effect: Effect, what: str, means: str) -> None:
    """Each failure is one log line that explains its effect; the rest continues."""
    with capture_logs() as lines:
        assert await talk().failed(effect, "Refused", code="insufficient_scope", text="no") == []
    (line,) = lines
    assert line["what"] == what
    assert line["code"] == "insufficient_scope"
    assert means in line["means"]


async def test_a_bot_code_that_is_taken() -> None:
    """If another application has a bot of this code, the advice is about the code, not about permissions."""
    with capture_logs() as lines:
        await talk().failed(register(), "Refused", code="BOT_CODE_ALREADY_TAKEN", text="Bot code is already taken")
    (line,) = lines
    assert "app.bot_code" in line["means"]
    assert "scope" not in line["means"]


@pytest.mark.parametrize("fails", [False, True])
async def test_how_much_was_set_up(*, fails: bool) -> None:
    """The last result of an installation, good or bad, writes one line with the numbers."""
    chat, last = talk(), BindEvent(event=OWN_EVENTS[-1], handler=HANDLER, report=True)
    chat.memory.ended = {("RegisterCommand", "done"): 7, ("RegisterCommand", "dead"): 1, ("BindEvent", "waiting"): 5}
    with capture_logs() as lines:
        await (chat.failed(last, code="X", text="no") if fails else chat.done(last))
    (line,) = [line for line in lines if line["event"] == "commands and events registered"]
    assert (line["commands"], line["events"], line["refused"], line["waiting"]) == (7, 0, 1, 5)


async def test_installing_again_repeats_everything() -> None:
    """A second installation yields the same effects, so that repeating is harmless."""
    chat = talk()
    first = [*await chat.hear(installed()), *await chat.done(register(), 90)]
    second = [*await chat.hear(installed()), *await chat.done(register(), 90)]
    assert first == second
