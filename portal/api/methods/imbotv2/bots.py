"""imbot.v2.Bot.* and Revision: bots of the second generation (reference: E2, behaviour 6)."""

from dataclasses import replace
from typing import Any

from portal.api.call import Call, Fields, Params
from portal.api.methods.event.bindings import check_url
from portal.api.methods.im.chats import MAX_SIDE
from portal.api.methods.shared import content
from portal.api.methods.shared.bot_owner import TOKEN, v2_bot, v2_owner
from portal.api.registry import method
from portal.clock import day
from portal.errors import RestError
from portal.rules.messenger import bots, files
from portal.wire import colors, shapes
from portal.wire.images import size_of
from portal.world.bots import Bot

KINDS = ("bot", "supervisor", "personal", "openline", "network")
MODES = ("fetch", "webhook")
MAX_COUNT = 100
MAX_TOKEN_LENGTH = 40
LONG_UNTIL = day("2026-08-06")
"""When a longer botToken of a new bot is no longer accepted (reference: E8); bots that have one keep it."""


@method("imbot.v2.Revision.get", scope="imbot")
def revision(_call: Call, _params: Params) -> Any:
    """Return the revision of the API; no bot is needed."""
    return {"rest": 36, "web": 130, "mobile": 23, "desktop": 6}


@method("imbot.v2.Bot.register", scope="imbot")
def register(call: Call, params: Params) -> Any:
    """Register a bot and describe it; a bot of the caller with the same code is returned unchanged."""
    fields = _in_camel_case(params.inner("fields"))
    inside = call.portal.switches.bot_token_place == "fields"  # noqa: S105 - not a password
    token = fields.text("botToken") if inside else params.text("botToken")
    owner = v2_owner(call, token)
    if len(token) > MAX_TOKEN_LENGTH and not call.portal.switches.accepts_old(LONG_UNTIL, call.portal.clock.now()):
        raise RestError("BOT_TOKEN_INVALID_LENGTH", "Bot token is too long")
    if not fields.text("code"):
        raise RestError("BOT_CODE_REQUIRED", "Bot code is required")
    same = [bot for bot in call.world.bots.bots.values() if bot.code == fields.text("code")]
    if same:
        return _get_existing(call, same, owner)
    name = _in_camel_case(fields.inner("properties"))
    if not name.text("name").strip():
        raise RestError("BOT_PROPERTIES_REQUIRED", "Bot properties are required")
    if len(call.world.bots.of(owner)) >= MAX_COUNT:
        raise RestError("BOT_LIMIT_EXCEEDED", "Bot limit exceeded")
    values = {"code": fields.text("code"), "owner": owner, "api": "v2", "token": token, **_read_settings(call, fields)}
    values["webhook_user"] = call.user.id if call.webhook else 0
    return _render(call, bots.register(call.portal, person(name) | _read_looks(call, name), values), own=True)


def _in_camel_case(given: Fields) -> Fields:
    """Return fields with names like eventMode also for those that were sent like EVENT_MODE (source: 2.11)."""
    named = {_CAMEL.get(str(name), str(name)): value for name, value in given.raw.items()}
    return Fields({**named, **given.raw})


_CAMEL = {
    "CODE": "code",
    "PROPERTIES": "properties",
    "TYPE": "type",
    "EVENT_MODE": "eventMode",
    "WEBHOOK_URL": "webhookUrl",
    "IS_HIDDEN": "isHidden",
    "IS_REACTIONS_ENABLED": "isReactionsEnabled",
    "IS_SUPPORT_OPENLINE": "isSupportOpenline",
    "BACKGROUND_ID": "backgroundId",
    "BOT_TOKEN": "botToken",
    "NAME": "name",
    "LAST_NAME": "lastName",
    "WORK_POSITION": "workPosition",
    "PERSONAL_GENDER": "gender",
    "COLOR": "color",
    "PERSONAL_PHOTO": "avatar",
}
"""Names of fields and properties of a bot, by their other spelling."""


def _get_existing(call: Call, same: list[Bot], owner: str) -> Any:
    own_bots = [bot for bot in same if bot.owner == owner]
    if not own_bots:
        raise RestError("BOT_CODE_ALREADY_TAKEN", "Bot code is already taken")
    return _render(call, own_bots[0], own=True)


def person(properties: Fields) -> dict[str, Any]:
    """Return the fields of the bot's user, as `properties` gives them."""
    return {
        "first_name": properties.text("name"),
        "last_name": properties.text("lastName"),
        "position": properties.text("workPosition"),
        "gender": properties.text("gender"),
    }


def _read_looks(call: Call, properties: Fields) -> dict[str, Any]:
    """Return colour and avatar of a bot; an absent value or an unknown colour is left out.

    Raise BOT_AVATAR_INCORRECT_TYPE or BOT_AVATAR_INCORRECT_SIZE.
    """
    found = {"color": colors.v2(properties.text("color")) or ""}
    if properties.text("avatar"):
        picture = content.decode_base64(properties.text("avatar"))
        size = size_of(picture or b"")
        if picture is None or size is None:
            raise RestError("BOT_AVATAR_INCORRECT_TYPE", "Avatar must be an image")
        if max(size) > MAX_SIDE:
            raise RestError("BOT_AVATAR_INCORRECT_SIZE", "Avatar exceeds maximum size")
        found["avatar"] = files.store_picture(call.portal, picture)
    return {name: value for name, value in found.items() if value}


def _read_settings(call: Call, fields: Fields, old: Bot | None = None) -> dict[str, Any]:
    """Return type, event mode, webhook address and flags of a bot; absent fields get the values of the bot `old`.

    `old` is None for a new bot. Raise RestError for an invalid value.
    """
    kind = fields.text("type", "bot") if old is None else old.kind
    mode = fields.text("eventMode", old.event_mode if old else "fetch").lower()
    url = fields.text("webhookUrl", old.webhook_url if old else "")
    if kind not in KINDS:
        raise RestError("BOT_INVALID_TYPE", "Invalid bot type")
    if mode not in MODES:
        raise RestError("BOT_INVALID_EVENT_MODE", "Invalid event mode")
    if mode == "webhook" and not url:
        raise RestError("BOT_WEBHOOK_URL_REQUIRED", "Webhook URL is required")
    if url:
        try:
            check_url(call.portal, url)
        except RestError:
            raise RestError("BOT_INVALID_CALLBACK", "Invalid callback URL") from None
    return {
        "kind": kind,
        "event_mode": mode,
        "webhook_url": url,
        "hidden": fields.yes("isHidden", default=bool(old and old.hidden)),
        "reactions": fields.yes("isReactionsEnabled", default=old.reactions if old else True),
        "openline": fields.yes("isSupportOpenline", default=bool(old and old.openline)),
        "background": fields.text("backgroundId") if fields.text("backgroundId") in colors.BACKGROUNDS else None,
    }


def _render(call: Call, bot: Bot, *, own: bool) -> Any:
    user = call.world.people.users[bot.id]
    return {"bot": shapes.v2_bot(call.world, bot, own=own), "users": [shapes.v2_user(user)]}


@method("imbot.v2.Bot.update", scope="imbot")
def update(call: Call, params: Params) -> Any:
    """Change a bot, except code and type, and describe it.

    A new botToken replaces the old one.
    """
    bot, fields = v2_bot(call, params), _in_camel_case(params.inner("fields"))
    values = _read_settings(call, fields, bot)
    if not fields.has("backgroundId"):
        del values["background"]
    properties = _in_camel_case(fields.inner("properties"))
    looks = _read_looks(call, properties)
    token = fields.text("botToken").strip()
    if token and call.app is None:
        if len(token) > MAX_TOKEN_LENGTH or _is_token_taken(call, bot, token):
            raise RestError("BOT_TOKEN_ROTATION_FAILED", "Bot token rotation failed")
        values |= {"owner": f"{TOKEN}{token}", "token": token}
    call.world.bots.bots[bot.id] = bot = replace(bot, **values)
    # The source writes all properties as soon as one is sent, so the others become empty (source: 2.12).
    reset = call.portal.switches.bot_properties == "reset" and bool(properties)
    named = {name: value for name, value in person(properties).items() if value or reset}
    if reset:
        named["position"] = named["position"] or bots.DEFAULT_POSITION
    users = call.world.people.users
    users[bot.id] = replace(users[bot.id], **named, **looks)
    return _render(call, bot, own=True)


def _is_token_taken(call: Call, bot: Bot, token: str) -> bool:
    """Tell whether a token already belongs to another bot with this code."""
    others = call.world.bots.of(f"{TOKEN}{token}")
    return any(other.code == bot.code and other.id != bot.id for other in others)


@method("imbot.v2.Bot.get", scope="imbot")
def get(call: Call, params: Params) -> Any:
    """Describe a bot by id or code; callers that do not own it see fewer fields."""
    owner = v2_owner(call, params.get("botToken"))
    number, code = params.number("botId"), params.text("code")
    if not number and not code:
        raise RestError("PARAMS_REQUIRED", "Required parameters are missing")
    rows = call.world.bots.bots.values()
    bot = next((row for row in rows if row.id == number or (not number and row.code == code)), None)
    if bot is None:
        raise RestError("BOT_NOT_FOUND", "Bot not found")
    return _render(call, bot, own=bot.owner == owner)


@method("imbot.v2.Bot.list", scope="imbot")
def bot_list(call: Call, params: Params) -> Any:
    """List the caller's own bots."""
    own_bots = call.world.bots.of(v2_owner(call, params.get("botToken")))
    wanted = params.inner("filter").text("type")
    if wanted:
        own_bots = [bot for bot in own_bots if shapes.V2_KINDS.get(bot.kind, bot.kind) == wanted]
    offset, limit = max(0, params.number("offset")), max(1, params.number("limit", 50))
    page = own_bots[offset : offset + limit]
    return {
        "bots": [shapes.v2_bot(call.world, bot, own=True) for bot in page],
        "users": [shapes.v2_user(call.world.people.users[bot.id]) for bot in page],
        "hasNextPage": offset + limit < len(own_bots),
    }


@method("imbot.v2.Bot.unregister", scope="imbot")
def unregister(call: Call, params: Params) -> Any:
    """Remove a bot with its private dialogs and commands."""
    bots.unregister(call.portal, v2_bot(call, params), call.actor)
    return {"result": True}
