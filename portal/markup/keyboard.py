"""Build the normal form of a keyboard: dropped and added fields (reference: behaviour 2.1, 2.2)."""

from typing import Any

from portal.markup import envelope as reading
from portal.wire import php

ACTIONS = frozenset({"PUT", "SEND", "COPY", "CALL", "DIALOG", "LIVECHAT", "HELP"})
COLOURS = ("BG_COLOR", "TEXT_COLOR", "OFF_BG_COLOR", "OFF_TEXT_COLOR")


def normalize(raw: Any, *, bot: int, own_bot: bool = False) -> list[dict[str, Any]] | None:
    """Return the buttons as Bitrix24 stores them; None when there is no valid button, which means KEYBOARD_ERROR.

    `bot` is the id of the bot of the request, 0 for none; with `own_bot`, a BOT_ID in the keyboard overrides it, as in
    imbot.v2.
    """
    envelope = reading.decode(raw)
    if isinstance(envelope, list):
        envelope = {"BUTTONS": envelope}
    if not isinstance(envelope, dict):
        return None
    if "BUTTONS" not in envelope:
        envelope = {"BUTTONS": list(envelope.values())}
    inner = php.int_of(envelope.get("BOT_ID")) if own_bot else 0
    buttons = (_element(item, envelope, inner or bot) for item in php.values_of(envelope["BUTTONS"]))
    return [button for button in buttons if button is not None] or None


def _element(item: Any, envelope: dict[str, Any], bot: int) -> dict[str, Any] | None:
    if not isinstance(item, dict):
        return None
    if item.get("TYPE") == "NEWLINE":
        return {"TYPE": "NEWLINE"}
    # REST never allows FUNCTION, so an element with it is dropped even with a link.
    if "FUNCTION" in item:
        return None
    text = reading.trimmed_text(item.get("TEXT"))
    action = _action(item, bot)
    if text in (None, "0") or action is None:
        return None
    return {"BOT_ID": bot, "TYPE": "BUTTON", **action, "TEXT": text, **_display_fields(item, envelope)}


def _action(item: dict[str, Any], bot: int) -> dict[str, Any] | None:
    """Return the fields of the first valid action of a button, in the order of Bitrix24, or None."""
    return (
        reading.link_action(item)
        or reading.app_action(item)
        or reading.client_action(item, ACTIONS)
        or reading.command_action(item, bot)
    )


def _display_fields(item: dict[str, Any], envelope: dict[str, Any]) -> dict[str, Any]:
    looks: dict[str, Any] = {
        "VOTE": reading.flag(envelope.get("VOTE")),
        "BLOCK": reading.flag(item.get("BLOCK")),
        "WAIT": "N",
        "CONTEXT": reading.context(item.get("CONTEXT")),
        "DISABLED": reading.flag(item.get("DISABLED")),
        "DISPLAY": "LINE" if item.get("DISPLAY") == "LINE" else "BLOCK",
    }
    width = php.int_of(item.get("WIDTH"))
    if width > 0:
        looks["WIDTH"] = width
    given = envelope.get("COLORS")
    defaults = given if isinstance(given, dict) else {}
    for name in COLOURS:
        colour = reading.colour(item.get(name)) or reading.colour(defaults.get(name))
        if colour:
            looks[name] = colour
        if name == "BG_COLOR":
            looks["BG_COLOR_TOKEN"] = reading.colour_token(item.get("BG_COLOR_TOKEN"))
    return looks
