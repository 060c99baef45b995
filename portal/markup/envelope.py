"""Read the outer object of ATTACH, KEYBOARD or MENU, and apply rules common to all."""

import json
import re
from typing import Any

from portal.wire import php

MAX_NESTING = 100
"""Levels of nesting that are read; PHP reads 512, real data has fewer than ten."""
HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z")
TOKENS = frozenset({"primary", "secondary", "alert", "base"})


def decode(raw: Any) -> Any:
    """Parse a JSON text; None if it is invalid or PHP cannot store it (see `is_storable`).

    A value that is not a string is returned unchanged.
    """
    if not isinstance(raw, str):
        return raw
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if is_storable(value) else None


def is_storable(value: Any) -> bool:
    """Tell whether PHP can store a value of JSON.

    It must not be nested more than MAX_NESTING levels deep and not contain half of a surrogate pair.
    """
    if _is_deeper(value, MAX_NESTING):
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, ValueError):
        return False
    return True


def _is_deeper(value: Any, most: int) -> bool:
    """Tell whether a value of JSON is nested deeper than `most` levels."""
    level = [value]
    for _ in range(most):
        level = [inner for item in level for inner in _children(item)]
        if not level:
            return False
    return True


def _children(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


BLANK = " \t\n\r\0\x0b"
"""Characters that PHP's trim removes; no-break spaces and other spaces of Unicode stay."""


def trimmed_text(value: Any) -> str | None:
    """Return a text trimmed, or None when it is blank or no text."""
    if not isinstance(value, str):
        return None
    return value.strip(BLANK) or None


def address(value: Any) -> str | None:
    """Return the value if the portal accepts it as a link, else None.

    A link starts with `/`, `http://` or `https://`, in lower case.
    """
    if isinstance(value, str) and value.startswith(("/", "http://", "https://")):
        return value
    return None


def colour(value: Any) -> str | None:
    """Return the value if it is a hexadecimal colour such as "#df532d", else None."""
    return value if isinstance(value, str) and HEX.match(value) else None


def colour_token(value: Any) -> str:
    """Return one of the four colour tokens; any other value becomes `base`."""
    return value if isinstance(value, str) and value in TOKENS else "base"


def context(value: Any) -> str:
    """Return where an element is shown: MOBILE, DESKTOP or ALL."""
    return value if value in ("MOBILE", "DESKTOP") else "ALL"


def flag(value: Any) -> str:
    """Return "Y" for exactly "Y", otherwise "N"."""
    return "Y" if value == "Y" else "N"


def escape(text: str) -> str:
    """Escape like PHP's htmlspecialchars: ampersand, angle brackets, both quotes."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#039;")


def app_action(element: dict[str, Any]) -> dict[str, Any] | None:
    """Return the fields APP_ID and APP_PARAMS of a button or menu item, or None when it opens no application."""
    number = php.int_of(element.get("APP_ID"))
    if php.is_empty(element.get("APP_ID")) or not number:
        return None
    action: dict[str, Any] = {"APP_ID": number}
    params = element.get("APP_PARAMS")
    if isinstance(params, str) and params.strip(BLANK):
        action["APP_PARAMS"] = params
    return action


def client_action(element: dict[str, Any], allowed: frozenset[str]) -> dict[str, Any] | None:
    """Return the fields ACTION and ACTION_VALUE of a button or menu item.

    The result is None when the action is not allowed or has no value.
    """
    value = element.get("ACTION_VALUE")
    name = element.get("ACTION")
    if isinstance(name, str) and name in allowed and isinstance(value, str) and value.strip(BLANK):
        return {"ACTION": name, "ACTION_VALUE": value}
    return None


def command_action(element: dict[str, Any], bot: int) -> dict[str, Any] | None:
    """Return the fields COMMAND and COMMAND_PARAMS of a button or menu item, or None when it has no command.

    A command needs a bot: with `bot` 0, the result is None (reference: 2.2, botId > 0).
    """
    name = element.get("COMMAND")
    if bot <= 0 or not isinstance(name, str):
        return None
    name = name.removeprefix("/")
    if not name.strip(BLANK):
        return None
    params = element.get("COMMAND_PARAMS")
    return {"COMMAND": name, "COMMAND_PARAMS": params if isinstance(params, str) else ""}


def link_action(element: dict[str, Any]) -> dict[str, Any] | None:
    """Return the field LINK of a button or menu item, escaped as HTML, or None when it has no valid link."""
    link = address(element.get("LINK"))
    return {"LINK": escape(link)} if link else None
