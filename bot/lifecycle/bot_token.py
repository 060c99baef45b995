"""Tells a user that the bot now speaks with their access, as a notification of the portal."""

from __future__ import annotations

import structlog

from bot.framework.context import Context, Effects
from bot.framework.router import Result, Router
from bot.i18n import catalog
from bot.model.effects import Notify, Priority
from bot.model.events import BotTokenChanged, Failed

TAG = "feedbridge_bot_token"
"""The tag of the notification; a later one replaces the earlier one (reference: im.notify, TAG)."""

router = Router()
log = structlog.get_logger(__name__)


@router.on(BotTokenChanged)
async def bot_token_changed(ctx: Context, event: BotTokenChanged) -> Effects:
    """Notify the user with whose access the bot now speaks.

    Nobody is notified if it speaks with the installer's access again.
    """
    if event.user is None:
        return
    language = ctx.language
    said = [catalog.sentence(language, "notice.token", bot=ctx.settings.bot_name)]
    if event.mute_since is not None:
        said.append(catalog.sentence(language, "notice.mute"))
    said.append(catalog.sentence(language, "notice.install"))
    yield Notify(user=event.user, text=" ".join(said), tag=TAG, priority=Priority.SETUP)


@router.failed(Notify)
async def not_notified(ctx: Context, result: Result[Notify]) -> None:
    """Log that the portal refused a notification: it may be switched off, or the scope im is missing."""
    event = result.event
    code = event.code if isinstance(event, Failed) else ""
    log.warning("token.not_told", portal=ctx.event.portal, user=result.effect.user, code=code)
