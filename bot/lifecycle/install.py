"""Handles an installation: verifies it, stores the portal, and registers the bot, its commands and events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from bot.errors import ApplicationRefused, ApplicationUnset, AuthorizationDown, BotError, TokenExpired, TokenRefused
from bot.framework.context import Context, Effects, Settings
from bot.framework.reads.portal import Portal
from bot.framework.router import Result, Router, Spec
from bot.i18n import catalog
from bot.model.effects import BindEvent, Effect, HearEdits, Priority, RegisterBot, RegisterCommand
from bot.model.events import BotId, EventTokens, Failed, Installed
from bot.model.records import KnownPortal
from bot.model.state_changes import BotKnown, PortalKnown
from bot.retry import GIVE_UP

FEED_EVENTS = ("ONLIVEFEEDPOSTADD", "ONLIVEFEEDPOSTUPDATE", "ONLIVEFEEDPOSTDELETE")
"""The feed events to bind with `event.bind`; the bot's own events come with its registration."""
OWN_EVENTS = ("ONAPPUPDATE", "ONAPPUNINSTALL")
"""The application's own events, which the portal sends only if they are bound (reference: A5)."""
LOCAL = "local."
"""The start of a local application's client id, which app.info then returns as its code."""
NEWEST = "imbot.v2.bot.register"
"""A portal with this method is used through imbot.v2, any other through imbot."""
_LAST = OWN_EVENTS[-1]
"""The last thing that an installation asks for: when its result is here, so are those before it."""
_MEANS: dict[type[Effect], str] = {
    RegisterBot: "the bot is not in the portal: nobody can write to it; look at the scope imbot and the bot limit",
    RegisterCommand: "this slash command is not offered in chats; after a mention it still works",
    HearEdits: "a command that is corrected by editing its message is not heard",
    BindEvent: "posts are not relayed on this event; look at the scope log",
}
_MEANS_OF_OWN = "we are not told when the application is updated or removed: install it again after an update"
_CODE_TAKEN = "BOT_CODE_ALREADY_TAKEN"
_MEANS_TAKEN = (
    "the bot is not in the portal: another application there has a bot of this code; remove that application, or choose"
    " another app.bot_code, start again and install the application again"
)

log = structlog.get_logger(__name__)


def router(commands: Mapping[str, Spec]) -> Router:
    """Return the handlers of an installation, which register `commands` on the portal."""
    made = Router()
    made.on(Installed)(installed)

    @made.done(RegisterBot)
    async def bot_registered(ctx: Context, result: Result[RegisterBot]) -> Effects:
        """Store the bot, register its commands and bind events; this may run again without harm."""
        bot = bot_id(result.value)
        if bot is None:
            log.error("the portal gave no id for the bot", portal=ctx.event.portal, means=_MEANS[RegisterBot])
            return
        log.info(
            "bot registered", portal=ctx.event.portal, bot=int(bot), name=result.effect.name, api=result.effect.api
        )
        ctx.store(BotKnown(bot=bot))
        for spec in commands.values():
            for name in spec.delivered:
                yield _command(ctx, spec, name, bot)
        portal = await ctx.memory.portal()
        if portal and portal.api == "v1":
            yield HearEdits(bot=bot, handler=ctx.settings.handler_url, priority=Priority.SETUP)
        for event in (*FEED_EVENTS, *OWN_EVENTS):
            yield BindEvent(
                event=event, handler=ctx.settings.handler_url, priority=Priority.SETUP, report=event == _LAST
            )

    made.done(BindEvent)(set_up)
    for kind in _MEANS:
        made.failed(kind)(not_set_up)
    return made


async def installed(ctx: Context, event: Installed) -> Effects:
    """Store the portal and register the bot, if the authorization server and the portal confirm the installation.

    An update is handled in the same way: it may bring a new application_token, and it removes bound events (reference:
    A5).
    """
    known = await ctx.memory.portal()
    try:
        proven = await _proven(ctx, event, known)
        portal = await _confirmed(ctx, event, known, proven) if proven else None
    except (TokenRefused, TokenExpired) as refused:
        _refused(event, str(refused), code=refused.code)
        return
    if portal is None:
        return
    ctx.store(portal)
    log.info(
        "installation accepted", portal=event.portal, endpoint=portal.endpoint, user=portal.user,
        license=portal.license, again=known is not None,
    )  # fmt: skip
    yield RegisterBot(
        api=portal.api,
        code=ctx.settings.bot_code,
        name=ctx.settings.bot_name,
        handler=ctx.settings.handler_url,
        priority=Priority.SETUP,
        report=True,
    )


async def set_up(ctx: Context, result: Result[Any]) -> None:
    """Log in one line how many commands and events an installation has registered."""
    ends = await ctx.memory.ends(result.event.effect_id)
    done = {kind: many for (kind, state), many in ends.items() if state == "done"}
    rest = {end: sum(many for (_, state), many in ends.items() if state == end) for end in ("dead", "waiting")}
    log.info(
        "commands and events registered", portal=ctx.event.portal, commands=done.get("RegisterCommand", 0),
        events=done.get("BindEvent", 0), refused=rest["dead"], waiting=rest["waiting"],
    )  # fmt: skip


async def not_set_up(ctx: Context, result: Result[Any]) -> None:
    """Log which registration of an installation failed, and what that means; the others continue."""
    event, asked = result.event, result.effect
    if isinstance(event, Failed):
        what = getattr(asked, "event", "") or getattr(asked, "name", "")
        means = _MEANS_OF_OWN if what in OWN_EVENTS else _MEANS[type(asked)]
        if event.code == _CODE_TAKEN:
            means = _MEANS_TAKEN
        log.error("not set up", portal=event.portal, what=what, code=event.code, text=event.text, means=means)
    if getattr(asked, "event", "") == _LAST:
        await set_up(ctx, result)


def bot_id(result: Any) -> BotId | None:
    """Return the bot's user id in the answer of either generation: a number, or `{"bot": {"id": ...}}`.

    None if there is none.
    """
    inner = result.get("bot", result) if isinstance(result, dict) else result
    found = inner.get("id") if isinstance(inner, dict) else inner
    return BotId(int(found)) if isinstance(found, int | str) and str(found).isdigit() and int(found) else None


async def _proven(ctx: Context, event: Installed, known: KnownPortal | None) -> tuple[Portal, EventTokens] | None:
    """Ask the authorization server whether the tokens of an installation belong to the portal at this address.

    Return the portal to read from, and its tokens; None, with a line in the log, if this was not confirmed within a
    day. No other server is asked before that, because an event can name any portal and any address.

    Raises:
        TokenRefused, TokenExpired: the server does not confirm it.
        BotError: the server gave no usable answer; the event is handled again later.
    """
    endpoint = event.endpoint or (known.endpoint if known else "")
    try:
        return await ctx.portal.proven(endpoint, event.auth_endpoint)
    except ApplicationUnset:  # not waited for: until then anybody could fill the places of pending installations
        raise
    except ApplicationRefused as exc:  # the settings are wrong: they can be corrected, and the event comes only once
        error = f"the authorization server refuses our application ({exc.code} {exc.text}): correct app.client_id and"
        error += " app.client_secret, and start again"
        if ctx.waited < GIVE_UP:
            raise AuthorizationDown(f"{error}; the installation waits for a day") from exc
        _refused(event, error, code=exc.code)
        return None
    except (TokenRefused, TokenExpired):
        raise
    except BotError as exc:
        if ctx.waited < GIVE_UP:
            raise
        _refused(event, f"nobody confirmed it: {exc}")
        return None


async def _confirmed(
    ctx: Context, event: Installed, known: KnownPortal | None, proven: tuple[Portal, EventTokens]
) -> PortalKnown | None:
    """Return the portal to store; None, with a line in the log, if the installation is not authentic.

    It must be of our application. A known portal must be installed again by an administrator.
    """
    portal, event_tokens = proven
    info, ours = await portal.app_info(), ctx.settings.client_id
    if ours.startswith(LOCAL) and info.code != ours:
        _refused(event, f"it is of another application, {info.code:.100}")
        return None
    if known and not await portal.is_admin():
        _refused(event, "the portal is known, and this is not an administrator")
        return None
    return _portal(event, known, event_tokens, license_=info.license, api=await _api(ctx.settings, portal))


def _refused(event: Installed, error: str, **more: str) -> None:
    log.warning("installation refused", portal=event.portal, endpoint=event.endpoint, error=error, **more)


async def _api(settings: Settings, portal: Portal) -> str:
    if settings.bot_api != "auto":
        return settings.bot_api
    return "v2" if await portal.has_method(NEWEST) else "v1"


def _portal(
    event: Installed, known: KnownPortal | None, event_tokens: EventTokens, *, license_: str, api: str
) -> PortalKnown:
    """Make the state change that stores the portal; what an update does not contain is taken from `known`."""
    return PortalKnown(
        endpoint=event.endpoint or (known.endpoint if known else ""),
        auth_endpoint=event.auth_endpoint,
        domain=event.domain or (known.domain if known else ""),
        language=event.language,
        api=api,
        license=license_,
        user=event.user or event_tokens.user or (known.installer if known and known.speaker is None else None),
        access_token=event_tokens.access_token,
        refresh_token=event_tokens.refresh_token,
        application_token=event_tokens.application_token,
        expires=event_tokens.expires,
    )


def _command(ctx: Context, spec: Spec, name: str, bot: BotId) -> RegisterCommand:
    return RegisterCommand(
        bot=bot,
        name=name,
        titles=catalog.in_every_language(f"{spec.name}.title"),
        hints=catalog.in_every_language(f"{spec.name}.hint"),
        hidden=name != spec.name or spec.for_buttons,
        handler=ctx.settings.handler_url,
        priority=Priority.SETUP,
    )
