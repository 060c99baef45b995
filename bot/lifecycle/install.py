"""Becoming known to a portal: check who speaks, remember the portal, make the bot, its commands and its ears known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot import voice
from bot.context import AppInfo, Context, Effects, KnownPortal
from bot.effects import BindEvent, Effect, Priority, RegisterBot, RegisterCommand
from bot.errors import BotError, PortalDown, TokenExpired, TokenRefused
from bot.events import BotId, Failed, Installed
from bot.facts import BotKnown, PortalKnown
from bot.feed.silence import SILENCE
from bot.router import Result, Router, Spec

FEED_EVENTS = ("ONLIVEFEEDPOSTADD", "ONLIVEFEEDPOSTUPDATE", "ONLIVEFEEDPOSTDELETE")
"""What is asked for with `event.bind`; the bot's own events come with its registration."""
OWN_EVENTS = ("ONAPPUPDATE", "ONAPPUNINSTALL")
"""What the portal tells of the application itself, once it was asked (reference: A5)."""
LOCAL_IDS = ("local.", "app.")
"""How a client id begins; anything else in `app.info` is the code of a Market application, which we cannot compare."""
NEWEST = "imbot.v2.bot.register"
"""A portal that knows this method is spoken to through imbot.v2, any other through imbot."""
STRANGERS_WAIT = 60.0
"""Seconds in which a portal that is not known yet has to confirm its installation; then nobody waits for it."""
_MEANS: dict[type[Effect], str] = {
    RegisterBot: "the bot is not in the portal: nobody can write to it; look at the scope imbot and the bot limit",
    RegisterCommand: "this slash command is not offered in chats; after a mention it still works",
    BindEvent: "posts are not relayed on this event; look at the scope log",
}
_MEANS_OF_OWN = "we are not told when the application is updated or removed: install it again after an update"

log = structlog.get_logger(__name__)


def router(commands: Mapping[str, Spec]) -> Router:
    """The handlers of an installation; `commands` are those that the portal is to offer."""
    made = Router()
    made.on(Installed)(installed)

    @made.done(RegisterBot)
    async def bot_registered(ctx: Context, result: Result[RegisterBot]) -> Effects:
        """Remember the bot, offer the commands, listen to the feed; repeating any of it does no harm."""
        bot = bot_id(result.value)
        if bot is None:
            log.error("the portal gave no id for the bot", portal=ctx.event.portal, means=_MEANS[RegisterBot])
            return
        ctx.remember(BotKnown(bot=bot))
        for spec in commands.values():
            yield _command(ctx, spec, bot)
        for event in (*FEED_EVENTS, *OWN_EVENTS):
            yield BindEvent(event=event, handler=ctx.settings.handler_url, priority=Priority.SETUP)

    for kind in _MEANS:
        made.failed(kind)(not_set_up)
    return made


async def installed(ctx: Context, event: Installed) -> Effects:
    """Ask the portal who we are with the token that came; only a portal that answers is remembered.

    An update is handled alike: it may bring a new application_token, and took away what was bound (reference: A5).
    """
    known = await ctx.memory.portal()
    try:
        portal = await _confirmed(ctx, event, known)
    except BotError as exc:
        if known:
            raise
        if ctx.waited < STRANGERS_WAIT:  # whatever a stranger answers, we are not the ones who have to look at it
            raise PortalDown(f"an unknown portal did not confirm its installation: {exc}", unsure=False) from exc
        log.warning("installation refused: the portal did not confirm it", portal=event.portal, error=str(exc))
        return
    if portal is None:
        return
    ctx.remember(portal)
    yield RegisterBot(
        api=portal.api,
        code=ctx.settings.bot_code,
        name=ctx.settings.bot_name,
        handler=ctx.settings.handler_url,
        priority=Priority.SETUP,
        report=True,
    )


async def not_set_up(_ctx: Context, result: Result[Any]) -> Effects:
    """Say in the log what an installation lacks, and go on with the rest."""
    event, asked = result.event, result.effect
    if isinstance(event, Failed):
        what = getattr(asked, "event", "") or getattr(asked, "name", "")
        means = _MEANS_OF_OWN if what in OWN_EVENTS else _MEANS[type(asked)]
        log.error("not set up", portal=event.portal, what=what, code=event.code, text=event.text, means=means)
    for effect in SILENCE:
        yield effect


def bot_id(result: Any) -> BotId | None:
    """The bot's user id in the answer of either generation: a number, or `{"bot": {"id": ...}}`."""
    inner = result.get("bot", result) if isinstance(result, dict) else result
    found = inner.get("id") if isinstance(inner, dict) else inner
    return BotId(int(found)) if isinstance(found, int | str) and str(found).isdigit() and int(found) else None


async def _confirmed(ctx: Context, event: Installed, known: KnownPortal | None) -> PortalKnown | None:
    """The portal as it is to be remembered; None, with a line in the log, where the event is not to be believed."""
    moved = known is not None and event.endpoint not in ("", known.endpoint)
    if moved and not await _belongs_there(ctx, event):
        return None
    info = await _who_are_we(ctx)
    if info is None or not (known is None or await _is_admin(ctx)):
        return None
    there = replace(known, endpoint=event.endpoint, domain=event.domain) if known and moved else known
    return _portal(ctx, event, there, license_=info.license, api=await _api(ctx))


async def _belongs_there(ctx: Context, event: Installed) -> bool:
    """Whether a portal that we know elsewhere is where the event says; from here on it is asked there.

    One of the two addresses may be somebody's who only says that he is this portal: neither sees its token before
    the authorization server has said where it belongs.
    """
    try:
        ctx.portal, ctx.secret = await ctx.portal.moved(event.endpoint, event.auth_endpoint)
    except (TokenRefused, TokenExpired) as refused:
        where = {"portal": event.portal, "endpoint": event.endpoint, "code": refused.code}
        log.warning("installation refused: the portal is known at another address", **where)
        return False
    return True


async def _who_are_we(ctx: Context) -> AppInfo | None:
    """What the portal says of us; None, with a line in the log, where the installation is not to be believed."""
    try:
        info = await ctx.portal.app_info()
    except (TokenRefused, TokenExpired) as refused:
        log.warning(
            "installation refused: the portal does not know its token", portal=ctx.event.portal, code=refused.code
        )
        return None
    ours = ctx.settings.client_id
    if ours and info.code.startswith(LOCAL_IDS) and info.code != ours:
        log.warning("installation refused: it is of another application", portal=ctx.event.portal, code=info.code)
        return None
    return info


async def _is_admin(ctx: Context) -> bool:
    """Whether these tokens may take the place of those we have: an administrator's may, any other person's may not."""
    if await ctx.portal.is_admin():
        return True
    log.warning("installation refused: the portal is known, and this is not an administrator", portal=ctx.event.portal)
    return False


async def _api(ctx: Context) -> str:
    if ctx.settings.bot_api != "auto":
        return ctx.settings.bot_api
    return "v2" if await ctx.portal.has_method(NEWEST) else "v1"


def _portal(ctx: Context, event: Installed, known: KnownPortal | None, *, license_: str, api: str) -> PortalKnown:
    """The portal as it is to be remembered.

    One that is known keeps its address, unless Bitrix24 itself says that it moved: an event must not lead us elsewhere.
    """
    secret = ctx.secret
    return PortalKnown(
        endpoint=known.endpoint if known else event.endpoint,
        auth_endpoint=event.auth_endpoint,
        domain=known.domain if known else event.domain,
        language=event.language,
        api=api,
        license=license_,
        user=event.user or secret.user or (known.installer if known else None),
        access_token=secret.access_token,
        refresh_token=secret.refresh_token,
        application_token=secret.application_token,
        expires=secret.expires,
    )


def _command(ctx: Context, spec: Spec, bot: BotId) -> RegisterCommand:
    return RegisterCommand(
        bot=bot,
        name=spec.name,
        titles=voice.in_every_language(f"command.{spec.name}"),
        hints=voice.in_every_language(f"hint.{spec.name}"),
        common=spec.common,
        handler=ctx.settings.handler_url,
        priority=Priority.SETUP,
    )
