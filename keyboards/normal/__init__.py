"""Normal form: what a portal stores for a given KEYBOARD, MENU or text.

Defaults are added, unknown keys are dropped, escapes are applied, and buttons without text or action are dropped
without an error. Limits apply to the size of this form (reference: sections 1.2, 2 and 4.5). ATTACH is in blocks.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keyboards.enums import Token
from keyboards.normal.blocks import attach
from keyboards.validation import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keyboards.buttons import Wire
    from keyboards.validation.rules import Given

__all__ = ["attach", "keyboard", "lines", "menu", "text"]

MENU_ACTIONS: Final = frozenset({"PUT", "SEND", "COPY", "CALL", "DIALOG"})
ACTIONS: Final = MENU_ACTIONS | {"LIVECHAT", "HELP"}
COLOURS: Final = ("BG_COLOR", "TEXT_COLOR", "OFF_BG_COLOR", "OFF_TEXT_COLOR")
TOKENS: Final = frozenset(token.value for token in Token)
LONGEST_TEXT: Final = 20_000
CUT_ABOVE: Final = 20_006


def keyboard(given: object, bot_id: int) -> list[Wire] | None:
    """Return the buttons that a portal stores; None when it would answer KEYBOARD_ERROR.

    `given` is a list of buttons, an object with BUTTONS, or either as JSON text. `bot_id` is the acting bot, which
    replaces any BOT_ID inside (0 means no bot, which drops all COMMAND buttons).
    """
    parsed = rules.parsed(given)
    wrapper: Given = parsed if isinstance(parsed, dict) and "BUTTONS" in parsed else {"BUTTONS": parsed}
    colours = wrapper.get("COLORS")
    given_colours: Given = colours if isinstance(colours, dict) else {}
    defaults = {key: given_colours[key] for key in COLOURS if rules.colour(given_colours.get(key))}
    vote = "Y" if wrapper.get("VOTE") == "Y" else "N"
    stored = [made for one in rules.objects(wrapper["BUTTONS"]) if (made := _read_button(one, bot_id, vote, defaults))]
    return stored or None


def menu(given: object, bot_id: int) -> list[Wire] | None:
    """Return the menu items that a portal stores; None when it would answer MENU_ERROR.

    `given` is a list of items, an object with ITEMS, or either as JSON text. `bot_id` means the same as in `keyboard`.
    """
    parsed = rules.parsed(given)
    items = parsed["ITEMS"] if isinstance(parsed, dict) and "ITEMS" in parsed else parsed
    return [made for one in rules.objects(items) if (made := _read_item(one, bot_id))] or None


def text(message: str) -> str:
    """Return the text that a portal stores for the text of a message.

    `[BR]`, `[br]` and `#BR#` become newlines, both ends are trimmed, and a text above 20,006 characters is cut.
    """
    message = rules.trim(lines(message))
    return message if len(message) <= CUT_ABOVE else message[:LONGEST_TEXT] + " (...)"


def lines(message: str) -> str:
    """Return a text with newlines for `[BR]`, `[br]` and `#BR#`; other spellings stay."""
    for mark in ("[BR]", "[br]", "#BR#"):
        message = message.replace(mark, "\n")
    return message


def _read_button(given: Given, bot_id: int, vote: str, defaults: Mapping[str, str]) -> Wire | None:
    if given.get("TYPE") == "NEWLINE":
        return {"TYPE": "NEWLINE"}
    text = rules.text(given.get("TEXT"))
    if "FUNCTION" in given or text in ("", "0"):
        return None
    action = _read_action(given, bot_id, ACTIONS)
    return action and {
        "BOT_ID": bot_id,
        "TYPE": "BUTTON",
        **action,
        "TEXT": text,
        "VOTE": vote,
        "BLOCK": _yes_or_no(given.get("BLOCK")),
        "WAIT": "N",
        **_read_reach(given),
        "DISPLAY": "LINE" if given.get("DISPLAY") == "LINE" else "BLOCK",
        **_read_look(given, defaults),
    }


def _read_item(given: Given, bot_id: int) -> Wire | None:
    text = rules.text(given.get("TEXT"))
    if "FUNCTION" in given or not text:
        return None
    action = _read_action(given, bot_id, MENU_ACTIONS)
    return action and {"BOT_ID": bot_id, **action, "TEXT": rules.html(text), **_read_reach(given)}


def _read_action(given: Given, bot_id: int, actions: frozenset[str]) -> Wire | None:
    """Return the fields of the first valid action, in the order of the portal, or None when there is none."""
    link, app, action, command = (given.get(key) for key in ("LINK", "APP_ID", "ACTION", "COMMAND"))
    if rules.link(link):
        return {"LINK": rules.html(given["LINK"])}
    if number := rules.whole(app):
        params = given.get("APP_PARAMS")
        return {"APP_ID": number, **({"APP_PARAMS": params} if rules.filled(params) else {})}
    if isinstance(action, str) and action in actions and rules.filled(given.get("ACTION_VALUE")):
        return {"ACTION": action, "ACTION_VALUE": given["ACTION_VALUE"]}
    if bot_id > 0 and isinstance(command, str) and rules.filled(name := command.removeprefix("/")):
        params = given.get("COMMAND_PARAMS")
        return {"COMMAND": name, "COMMAND_PARAMS": params if isinstance(params, str) else ""}
    return None


def _read_reach(given: Given) -> Wire:
    context = given.get("CONTEXT")
    return {
        "CONTEXT": context if context in ("MOBILE", "DESKTOP") else "ALL",
        "DISABLED": _yes_or_no(given.get("DISABLED")),
    }


def _read_look(given: Given, defaults: Mapping[str, str]) -> Wire:
    look: Wire = {}
    if (width := rules.whole(given.get("WIDTH"))) > 0:
        look["WIDTH"] = width
    colours = {key: given[key] if rules.colour(given.get(key)) else defaults.get(key) for key in COLOURS}
    token = given.get("BG_COLOR_TOKEN")
    look["BG_COLOR"] = colours.pop("BG_COLOR")
    look["BG_COLOR_TOKEN"] = token if isinstance(token, str) and token in TOKENS else Token.BASE.value
    look.update(colours)
    return {key: value for key, value in look.items() if value is not None}


def _yes_or_no(value: object) -> str:
    return "Y" if value == "Y" else "N"
