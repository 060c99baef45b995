"""Normal form of ATTACH: what a portal stores for given JSON (reference: section 3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keyboards.enums import Avatar, GridDisplay, Token
from keyboards.validation import rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keyboards.buttons import Wire
    from keyboards.validation.rules import Given

CREATED: Final = 1_700_000_000
"""Stands for the ID of an attach, which is the time of storing in Unix seconds; both have ten digits."""

PALETTE: Final = "#000000"
"""Stands for the random colour that a portal picks in place of a wrong one; both have seven characters."""

TOKENS: Final = frozenset(token.value for token in Token)
AVATARS: Final = frozenset(avatar.value for avatar in Avatar)
DISPLAYS: Final = {display.value: display.value for display in GridDisplay} | {"CARD": "LINE", "COLUMN": "ROW"}

_NEWLINE = re.compile(r"\r?\n")
_SEQUENCE = re.compile(r'\\([nt"\\])')
_CHARACTER: Final = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>")
_BB: Final = {"b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "s": "s", "del": "s"}


def attach(given: object, *, created: int = CREATED, palette: str = PALETTE) -> Wire | None:
    """Return the object that a portal stores; None when it would answer ATTACH_ERROR.

    `given` is a list of blocks, an object with BLOCKS, or either as JSON text. `created` becomes the ID, `palette`
    replaces a wrong colour.
    """
    try:
        parsed = unescape_texts(rules.parsed(given))
    except RecursionError:  # nested deeper than any portal reads
        return None
    full: Given = parsed if isinstance(parsed, dict) and "BLOCKS" in parsed else {"BLOCKS": parsed}
    blocks: list[Wire] = []
    description = ""
    for given_block in rules.objects(full["BLOCKS"]):
        blocks += _blocks_of(given_block)
        description = _message_description(given_block) or description
    if not blocks:
        return None
    return {
        "ID": created,
        "BLOCKS": blocks,
        "DESCRIPTION": _html_to_bb(full.get("DESCRIPTION")) or description,
        **_read_colour(full.get("COLOR"), palette),
        "COLOR_TOKEN": _token(full.get("COLOR_TOKEN")),
    }


def unescape_texts(value: object) -> object:
    r"""Return data in which two-character sequences such as `\n` in texts are the real characters."""
    if isinstance(value, str):
        return _SEQUENCE.sub(lambda found: _CHARACTER[found[1]], value) if "\\" in value else value
    if isinstance(value, dict):
        return {key: unescape_texts(one) for key, one in value.items()}
    return [unescape_texts(one) for one in value] if isinstance(value, list) else value


def one_line(text: str) -> str:
    """Return a text with spaces for its newlines."""
    return _NEWLINE.sub(" ", text)


def _html_to_bb(value: object) -> str:
    """Return HTML as one line of BB code; a value that is no text becomes an empty text."""

    def bb(tag: re.Match[str]) -> str:
        name = _BB.get(tag[2].lower())
        return f"[{tag[1]}{name}]" if name else ""

    return _TAG.sub(bb, one_line(value)) if isinstance(value, str) else ""


def _message_description(block: Given) -> str:
    """Return the text of a MESSAGE block, on one line, if it is also the description, else an empty text."""
    first = next((key for key in BLOCKS if key in block), "")
    message = block[first] if first == "MESSAGE" else None
    description = message.get("TEXT") if isinstance(message, dict) and message.get("AS_DESCRIPTION") == "Y" else ""
    return one_line(description) if isinstance(description, str) else ""


def _read_colour(value: object, palette: str) -> Wire:
    if not isinstance(value, str) or value in ("", "CHAT"):
        return {}
    if value == "TRANSPARENT":
        return {"COLOR": "transparent"}
    return {"COLOR": value if rules.colour(value) else palette}


def _read_hex_colour(given: Given) -> Wire:
    colour = given.get("COLOR")
    return {"COLOR": colour} if rules.colour(colour) else {}


def _token(value: object) -> str:
    return value if isinstance(value, str) and value in TOKENS else Token.BASE.value


def _blocks_of(given: Given) -> list[Wire]:
    """Return the blocks that a portal stores for one given block.

    The first known key decides which kind of block it is, whatever stands under the key.
    """
    for key, make in BLOCKS.items():
        if key in given:
            return [{key: stored} for stored in make(given[key])]
    return []


def _one_or_many(value: object) -> list[Given]:
    """Return the objects of a list; a single object becomes a list with this object.

    A portal treats an object whose keys are all numbers as a list.
    """
    if isinstance(value, dict) and not (value and all(isinstance(key, str) and key.isdecimal() for key in value)):
        return [value]
    return rules.objects(value)


def _each_in_own_block(make: Callable[[Given], Wire | None]) -> Callable[[object], list[object]]:
    """Return a function that makes one stored block of each item; `make` returns a stored item, or None to drop it."""
    return lambda value: [[made] for one in _one_or_many(value) if (made := make(one)) is not None]


def _all_in_one_block(
    make: Callable[[Given], Wire | None], read: Callable[[object], list[Given]] = _one_or_many
) -> Callable[[object], list[object]]:
    """Return a function that makes one stored block of all items; `make` returns a stored item, or None to drop it."""

    def collect(value: object) -> list[object]:
        made = [stored for one in read(value) if (stored := make(one)) is not None]
        return [made] if made else []

    return collect


def _numbers(given: Given, *keys: str) -> Wire:
    """Return those of the named fields that hold a whole number above 0."""
    return {key: number for key in keys if (number := rules.whole(given.get(key))) > 0}


def _links(given: Given, *keys: str) -> Wire:
    """Return those of the named fields that hold a valid link."""
    return {key: given[key] for key in keys if rules.link(given.get(key))}


def _texts(given: Given, *keys: str) -> Wire:
    """Return those of the named fields that hold a text that is not blank, trimmed."""
    return {key: text for key in keys if (text := rules.text(given.get(key)))}


def _ids(given: Given, *keys: str) -> Wire:
    """Return the first valid target among NETWORK_ID and the named fields, as an object with this field only.

    The object is empty when there is no valid target.
    """
    return _texts(given, "NETWORK_ID") or next((found for key in keys if (found := _numbers(given, key))), {})


def _user(given: Given) -> Wire | None:
    name = rules.text(given.get("NAME"))
    if not name:
        return None
    target = _ids(given, "USER_ID", "CHAT_ID", "BOT_ID") or _links(given, "LINK")
    kind = given.get("AVATAR_TYPE")
    own = kind if isinstance(kind, str) and kind in AVATARS else "USER"
    implied = "CHAT" if "CHAT_ID" in target else "BOT" if "BOT_ID" in target else own
    return {"NAME": name, "AVATAR_TYPE": implied, **target, **_links(given, "AVATAR")}


def _link_fields(given: Given) -> Wire | None:
    """Return the common fields of LINK and RICH_LINK, or None without a target."""
    name = rules.text(given.get("NAME"))
    target = _links(given, "LINK") or (_ids(given, "USER_ID", "CHAT_ID") if name else {})
    if not target:
        return None
    return {**({"NAME": one_line(name)} if name else {}), **target, **_texts(given, "DESC", "HTML")}


def _link(given: Given) -> Wire | None:
    stored = _link_fields(given)
    if stored is not None and "HTML" not in stored and (preview := _links(given, "PREVIEW")):
        stored |= preview | _numbers(given, "WIDTH", "HEIGHT")
    return stored


def _rich_link(given: Given) -> Wire | None:
    stored = _link_fields(given)
    if stored is None:
        return None
    if preview := _links(given, "PREVIEW"):
        return stored | preview | {"PREVIEW_SIZE": _numbers(given, "HEIGHT", "WIDTH")}
    return stored | _links(given, "EXTRA_IMAGE")


def _messages(value: object) -> list[object]:
    message = rules.text(value.get("TEXT") if isinstance(value, dict) else value)
    return [message.replace("#BR#", "[BR]")] if message else []


def _grid_row(given: Given) -> Wire | None:
    shown = given.get("DISPLAY")
    display = DISPLAYS.get(shown, "BLOCK") if isinstance(shown, str) else "BLOCK"
    name, value = rules.text(given.get("NAME")), rules.text(given.get("VALUE"))
    if display != "LINE" and not (name or value):
        return None
    return {
        "DISPLAY": display,
        "NAME": name.replace("#BR#", "[BR]"),
        "VALUE": value.replace("#BR#", "[BR]"),
        **_read_hex_colour(given),
        "COLOR_TOKEN": _token(given.get("COLOR_TOKEN")),
        **_numbers(given, "WIDTH", "HEIGHT", "USER_ID", "CHAT_ID"),
        **_links(given, "LINK"),
    }


def _image(given: Given) -> Wire | None:
    link = _links(given, "LINK")
    return (
        link and link | _texts(given, "NAME") | _links(given, "PREVIEW") | _numbers(given, "WIDTH", "HEIGHT")
    ) or None


def _file(given: Given) -> Wire | None:
    link = _links(given, "LINK")
    return (link and link | _texts(given, "NAME") | _numbers(given, "SIZE")) or None


def _delimiters(value: object) -> list[object]:
    if not isinstance(value, dict):
        return []
    return [{"SIZE": rules.whole(value.get("SIZE")) or 200} | _read_hex_colour(value)]


BLOCKS: Final[Mapping[str, Callable[[object], list[object]]]] = {
    "USER": _each_in_own_block(_user),
    "LINK": _each_in_own_block(_link),
    "RICH_LINK": _each_in_own_block(_rich_link),
    "MESSAGE": _messages,
    "GRID": _all_in_one_block(_grid_row, rules.objects),
    "IMAGE": _all_in_one_block(_image),
    "FILE": _all_in_one_block(_file),
    "DELIMITER": _delimiters,
}
"""For each kind of block, the function that reads its value, in the order in which the portal looks for keys."""
