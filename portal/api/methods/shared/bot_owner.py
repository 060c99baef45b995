"""Find the owner of a bot.

The owner is an application, or a webhook with CLIENT_ID (v1) or botToken (v2) (reference: E1, F).
"""

from typing import Any

from portal.api.call import Call, Params
from portal.errors import RestError
from portal.events.imbot import CUSTOM
from portal.wire import php
from portal.world.bots import Bot

TOKEN = "token:"  # noqa: S105 - not a password


def v1_owner(call: Call, params: Params) -> str:
    """Return the key of the caller as owner of v1 bots: the client id, or `custom` and CLIENT_ID for a webhook.

    Raise 403 ACCESS_DENIED for a webhook without CLIENT_ID.
    """
    if call.app is not None:
        return call.app.client_id
    client = params.text("CLIENT_ID")
    if not client:
        raise RestError("ACCESS_DENIED", "Access denied! Client ID not specified", 403)
    return f"{CUSTOM}{client}"


def v1_bot(call: Call, params: Params) -> Bot:
    """Return the bot of the caller that BOT_ID names, or without BOT_ID the caller's first bot.

    Raise BOT_ID_ERROR when there is no such bot, APP_ID_ERROR when another owner has it.
    """
    owner = v1_owner(call, params)
    number = params.number("BOT_ID")
    own = call.world.bots.of(owner)
    if not number and own:
        return own[0]
    bot = call.world.bots.bots.get(number)
    if bot is None:
        raise RestError("BOT_ID_ERROR", "Bot not found")
    if bot.owner != owner:
        raise RestError("APP_ID_ERROR", "Bot was installed by another rest application")
    return bot


def v2_owner(call: Call, token: Any) -> str:
    """Return the key of the caller as owner of v2 bots: the client id, or for a webhook a prefix and the botToken.

    Raise BOT_TOKEN_NOT_SPECIFIED for a webhook without botToken, WRONG_AUTH_TYPE when webhooks may own no bots.
    """
    if call.app is not None:
        return call.app.client_id
    if not call.portal.switches.bots_by_webhook:
        text = "Current authorization type is denied for this method Application context required"
        raise RestError("WRONG_AUTH_TYPE", text, 403)
    if not php.text_of(token):
        raise RestError("BOT_TOKEN_NOT_SPECIFIED", "Bot token is not specified")
    return f"{TOKEN}{php.text_of(token)}"


def v2_bot(call: Call, params: Params) -> Bot:
    """Return the bot of the caller that botId names; raise BOT_NOT_FOUND or BOT_OWNERSHIP_ERROR."""
    owner = v2_owner(call, params.get("botToken"))
    if not params.number("botId"):
        raise RestError("BOT_ID_REQUIRED", "Bot ID is required")
    bot = call.world.bots.bots.get(params.number("botId"))
    if bot is None:
        raise RestError("BOT_NOT_FOUND", "Bot not found")
    if bot.owner != owner:
        status = int(call.portal.switches.bot_denied_status)
        raise RestError("BOT_OWNERSHIP_ERROR", "Bot is registered by another application", status)
    return bot


def require(params: Params, *names: str) -> None:
    """Raise error 100 when one of these parameters was not sent at all.

    The engine of Bitrix24 checks this before the method runs (source: 2.13).
    """
    for name in names:
        if not params.has(name):
            raise RestError("100", f"Could not find value for parameter {{{name}}}")


def denied(call: Call) -> RestError:
    """Make the ACCESS_DENIED error to raise when a bot has no access to a chat or an action."""
    return RestError("ACCESS_DENIED", "Access denied", int(call.portal.switches.bot_denied_status))
