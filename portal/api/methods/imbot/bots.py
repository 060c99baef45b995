"""imbot.register and related methods: bots of the first generation (reference: F1, behaviour 4.7, 5.1)."""

from dataclasses import replace
from typing import Any

from portal.api.call import Call, Fields, Params
from portal.api.methods.event.bindings import check_url
from portal.api.methods.im import chats
from portal.api.methods.shared.bot_owner import v1_bot, v1_owner
from portal.api.registry import method
from portal.errors import RestError
from portal.rules.messenger import bots
from portal.wire import colors
from portal.world.apps import Handler

MAX_COUNT = 5
"""Most bots of one application (behaviour 4.7: the default of an option of the portal)."""
KINDS = ("B", "O", "H", "S")
EVENTS = {
    "EVENT_MESSAGE_ADD": ("ONIMBOTMESSAGEADD", "Message add"),
    "EVENT_WELCOME_MESSAGE": ("ONIMBOTJOINCHAT", "Welcome message"),
    "EVENT_BOT_DELETE": ("ONIMBOTDELETE", "Bot delete"),
}
"""Required handlers: for each parameter, the name of its event and the words that the error for it uses."""
LATER = {
    "EVENT_MESSAGE_UPDATE": "ONIMBOTMESSAGEUPDATE",
    "EVENT_MESSAGE_DELETE": "ONIMBOTMESSAGEDELETE",
    "EVENT_CONTEXT_GET": "ONIMBOTCONTEXTGET",
}
"""Optional handlers; as documented, imbot.register ignores those of edits and deletions for ordinary bots."""


@method("imbot.register", scope="imbot")
def register(call: Call, params: Params) -> Any:
    """Register a bot and return its id.

    When the owner has a bot with the same CODE, return its id and bind its handlers again.
    """
    owner = v1_owner(call, params)
    handlers = _read_handlers(call, params)
    code, properties = params.text("CODE"), params.inner("PROPERTIES")
    if not code:
        raise RestError("CODE_ERROR", "Bot code isn't specified")
    if not properties.text("NAME") and not properties.text("LAST_NAME"):
        raise RestError("NAME_ERROR", "Bot name isn't specified")
    own = call.world.bots.of(owner)
    known = next((bot for bot in own if bot.code == code), None)
    if known is None and len(own) >= MAX_COUNT:
        text = f"Has reached the maximum number of bots for application (max: {MAX_COUNT})"
        raise RestError("MAX_COUNT_ERROR", text)
    kind = params.text("TYPE", "B").upper()
    handlers |= _read_optional_handlers(call, params, ordinary=kind not in ("O", "S"))
    _bind(call, owner, handlers)
    # Registering again is how a bot moves its handlers, so the bot stays and the bindings change.
    if known is not None:
        return known.id
    bot = {
        "code": code,
        "owner": owner,
        "api": "v1",
        "kind": kind if kind in KINDS else "B",
        "openline": kind == "O" or params.yes("OPENLINE"),
        "webhook_user": call.user.id if call.webhook else 0,
    }
    return bots.register(call.portal, person(properties) | _read_looks(call, properties, "created"), bot).id


def person(properties: Fields) -> dict[str, Any]:
    """Return the fields of the bot's user, as PROPERTIES gives them."""
    return {
        "first_name": properties.text("NAME") or properties.text("LAST_NAME"),
        "last_name": properties.text("LAST_NAME") if properties.text("NAME") else "",
        "position": properties.text("WORK_POSITION"),
        "gender": properties.text("PERSONAL_GENDER"),
        "email": properties.text("EMAIL"),
    }


def _read_looks(call: Call, properties: Fields, done: str) -> dict[str, str]:
    """Return colour and avatar of a bot, from COLOR and PERSONAL_PHOTO; an absent or unknown value is left out.

    Raise WRONG_REQUEST when the e-mail address belongs to a person, and AVATAR_ERROR for an invalid picture. `done` is
    "created" or "updated", for the text of the error.
    """
    users = call.world.people.users.values()
    if properties.text("EMAIL") and any(user.email == properties.text("EMAIL") and not user.bot for user in users):
        raise RestError("WRONG_REQUEST", f"Bot can't be {done}")
    found = {"color": colors.v1(properties.text("COLOR")) or ""}
    if properties.text("PERSONAL_PHOTO"):
        found["avatar"] = chats.avatar(call, properties.text("PERSONAL_PHOTO"))
    return {name: value for name, value in found.items() if value}


def _read_handlers(call: Call, params: Params) -> dict[str, str]:
    """Return the handler address of each required event; raise EVENT_*_ERROR for a missing or wrong address."""
    found = {}
    for name, (event, words) in EVENTS.items():
        url = params.text(name) or params.text("EVENT_HANDLER")
        if not url:
            raise RestError(f"{name}_ERROR", f'Handler for "{words}" event isn\'t specified')
        found[event] = _check_url(call, url, name)
    return found


def _read_optional_handlers(call: Call, params: Params, *, ordinary: bool) -> dict[str, str]:
    """Return the handler address of each optional event that the call names.

    EVENT_HANDLER is for edits and deletions too (source: 2.19). As documented, an ordinary bot gets neither.
    """
    found = {}
    for name, event in LATER.items():
        changes = name != "EVENT_CONTEXT_GET"
        if changes and ordinary and call.portal.switches.register_handlers == "ignored":
            continue
        bound = changes and call.portal.switches.register_handlers == "bound"
        url = params.text(name) or (params.text("EVENT_HANDLER") if bound else "")
        if url:
            found[event] = _check_url(call, url, name)
    return found


def _check_url(call: Call, url: str, name: str) -> str:
    try:
        return check_url(call.portal, url)
    except RestError:
        raise RestError(f"{name}_ERROR", "Wrong handler URL") from None


def _bind(call: Call, owner: str, handlers: dict[str, str]) -> None:
    for event, url in handlers.items():
        number = call.world.next_id("handler")
        call.world.apps.rebind(Handler(id=number, client_id=owner, event=event, url=url))


@method("imbot.update", scope="imbot")
def update(call: Call, params: Params) -> Any:
    """Change the code, the handlers or the user of a bot."""
    bot, fields = v1_bot(call, params), params.inner("FIELDS")
    if not fields:
        raise RestError("WRONG_REQUEST", "Update fields can't be empty")
    inner = Params(fields.raw)
    names = {name: event for name, (event, _) in EVENTS.items()} | LATER
    default = inner.text("EVENT_HANDLER")
    given = {event: inner.text(name) or (default if name in EVENTS else "") for name, event in names.items()}
    parameter = {event: name for name, event in names.items()}
    wanted = {event: _check_url(call, url, parameter[event]) for event, url in given.items() if url}
    values = _read_changes(call, inner.inner("PROPERTIES"))
    _bind(call, bot.owner, wanted)
    if inner.text("CODE"):
        call.world.bots.bots[bot.id] = replace(bot, code=inner.text("CODE"))
    users = call.world.people.users
    users[bot.id] = replace(users[bot.id], **values)
    return True


def _read_changes(call: Call, properties: Fields) -> dict[str, Any]:
    """Return the fields of the bot's user that PROPERTIES changes; absent and empty values change nothing."""
    values = {name: value for name, value in person(properties).items() if value}
    return values | _read_looks(call, properties, "updated")


@method("imbot.unregister", scope="imbot")
def unregister(call: Call, params: Params) -> Any:
    """Remove a bot with its private dialogs and commands."""
    if not params.number("BOT_ID"):
        raise RestError("BOT_ID_ERROR", "Bot not found")
    bots.unregister(call.portal, v1_bot(call, params), call.actor)
    return True


@method("imbot.bot.list", scope="imbot")
def bot_list(call: Call, _params: Params) -> Any:
    """List all bots of the portal, of all owners (behaviour 4.7)."""
    users = call.world.people.users
    rows = {
        str(bot.id): {
            "ID": bot.id,
            "NAME": users[bot.id].name,
            "CODE": bot.code,
            "OPENLINE": "Y" if bot.openline else "N",
        }
        for bot in call.world.bots.bots.values()
    }
    return rows or []
