"""Normal form of ATTACH: exactly what a portal stores, whatever JSON it is given (reference: section 3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keyboards import rules
from keyboards.words import Avatar, GridDisplay, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keyboards.buttons import Wire
    from keyboards.rules import Given

CREATED: Final = 1_700_000_000
"""Stands for the time of storing, which is the ID of an attach: ten digits, whatever the day."""

PALETTE: Final = "#000000"
"""Stands for the colour that a portal picks at random when it is given a wrong one: seven characters."""

TOKENS: Final = frozenset(token.value for token in Token)
AVATARS: Final = frozenset(avatar.value for avatar in Avatar)
DISPLAYS: Final = {display.value: display.value for display in GridDisplay} | {"CARD": "LINE", "COLUMN": "ROW"}

_NEWLINE = re.compile(r"\r\n|[\n\v\f\r\x85\u2028\u2029]")
_SEQUENCE = re.compile(r'\\([nt"\\])')
_CHARACTER: Final = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>")
_BB: Final = {"b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "s": "s", "del": "s"}


def attach(given: object, *, created: int = CREATED, palette: str = PALETTE) -> Wire | None:
    """The object that a portal stores of an ATTACH; None where it says ATTACH_ERROR.

    `given` is a list of blocks, an object with BLOCKS, or either as JSON text.
    """
    parsed = _converted(rules.parsed(given))
    full: Given = parsed if isinstance(parsed, dict) and parsed.get("BLOCKS") is not None else {"BLOCKS": parsed}
    blocks: list[Wire] = []
    description = _description(full.get("DESCRIPTION"))
    for given_block in rules.objects(full["BLOCKS"]):
        made = _made(given_block)
        blocks += made
        message = given_block.get("MESSAGE")
        if made and "MESSAGE" in made[0] and isinstance(message, dict) and message.get("AS_DESCRIPTION") == "Y":
            description = str(made[0]["MESSAGE"])
    if not blocks:
        return None
    token = full.get("COLOR_TOKEN")
    return {
        "ID": created,
        "BLOCKS": blocks,
        "DESCRIPTION": description,
        **_colour(full.get("COLOR"), palette),
        "COLOR_TOKEN": token if isinstance(token, str) and token in TOKENS else Token.BASE.value,
    }


def _converted(value: object) -> object:
    """The value with two-character sequences in every string turned into the characters they name."""
    if isinstance(value, str):
        return _SEQUENCE.sub(lambda found: _CHARACTER[found[1]], value) if "\\" in value else value
    if isinstance(value, dict):
        return {key: _converted(one) for key, one in value.items()}
    return [_converted(one) for one in value] if isinstance(value, list) else value


def _one_or_many(value: object) -> list[Given]:
    return [value] if isinstance(value, dict) else rules.objects(value)


def _line(value: object) -> str:
    return _NEWLINE.sub(" ", rules.trim(rules.scalar(value)))


def _colour(value: object, palette: str) -> Wire:
    if value is None or value == "CHAT":
        return {}
    if value == "TRANSPARENT":
        return {"COLOR": "transparent"}
    return {"COLOR": value if rules.colour(value) else palette}


def _description(value: object) -> str:
    """One line in BB code from what is read as HTML."""

    def bb(tag: re.Match[str]) -> str:
        name = _BB.get(tag[2].lower())
        return f"[{tag[1]}{name}]" if name else ""

    return rules.trim(_TAG.sub(bb, _NEWLINE.sub(" ", rules.scalar(value))))


def _made(given: Given) -> list[Wire]:
    """The blocks that one given block becomes; the first key that is there decides, whatever it holds."""
    for key, make in BLOCKS.items():
        if given.get(key) is not None:
            return [{key: stored} for stored in make(given[key])]
    return []


def _each(make: Callable[[Given], Wire | None]) -> Callable[[object], list[object]]:
    """For blocks of which one or many are given, and each becomes a block of its own."""
    return lambda value: [[made] for one in _one_or_many(value) if (made := make(one)) is not None]


def _together(make: Callable[[Given], Wire | None]) -> Callable[[object], list[object]]:
    """For blocks of which one or many are given, and all stay in one block."""

    def collect(value: object) -> list[object]:
        made = [stored for one in _one_or_many(value) if (stored := make(one)) is not None]
        return [made] if made else []

    return collect


def _named(given: Given, key: str) -> bool:
    return bool(rules.trim(rules.scalar(given.get(key))))


def _numbers(given: Given, *keys: str) -> Wire:
    """The keys that hold a whole number above 0."""
    return {key: number for key in keys if (number := rules.whole(given.get(key))) > 0}


def _links(given: Given, *keys: str) -> Wire:
    """The keys that hold a link."""
    return {key: given[key] for key in keys if rules.link(given.get(key))}


def _ids(given: Given, *keys: str) -> Wire:
    """The first of NETWORK_ID and these keys that leads somewhere."""
    network = rules.scalar(given.get("NETWORK_ID"))
    if network:
        return {"NETWORK_ID": f"{rules.html(network[0])}{rules.whole(network[1:])}"}
    return dict(list(_numbers(given, *keys).items())[:1])


def _user(given: Given) -> Wire | None:
    if not _named(given, "NAME"):
        return None
    target = _ids(given, "USER_ID", "CHAT_ID", "BOT_ID") or _links(given, "LINK")
    kind = given.get("AVATAR_TYPE")
    implied = "CHAT" if "CHAT_ID" in target else "BOT" if "BOT_ID" in target else "USER"
    return {
        "NAME": _NEWLINE.sub(" ", rules.trim(rules.scalar(given["NAME"]))),
        "AVATAR_TYPE": kind if isinstance(kind, str) and kind in AVATARS else implied,
        **target,
        **_links(given, "AVATAR"),
    }


def _led(given: Given) -> Wire | None:
    """What LINK and RICH_LINK share: where it leads and its name; None where it leads nowhere."""
    target = _ids(given, "USER_ID", "CHAT_ID") if given.get("NAME") is not None else {}
    link = _links(given, "LINK")
    if not (target or link):
        return None
    name = {"NAME": _line(given["NAME"])} if given.get("NAME") is not None else {}
    return {**target, **name, **link}


def _link(given: Given) -> Wire | None:
    stored = _led(given)
    if stored is None:
        return None
    stored |= {key: rules.scalar(given[key]) for key in ("DESC", "HTML") if given.get(key) is not None}
    if "HTML" not in stored and (preview := _links(given, "PREVIEW")):
        stored |= preview | _numbers(given, "WIDTH", "HEIGHT")
    return stored


def _rich_link(given: Given) -> Wire | None:
    stored = _led(given)
    if stored is None:
        return None
    stored |= {key: _line(given[key]) for key in ("DESC", "HTML") if given.get(key) is not None}
    preview = _links(given, "PREVIEW")
    size = given.get("PREVIEW_SIZE")
    if (
        preview
        and isinstance(size, dict)
        and len(sizes := _numbers(size, "HEIGHT", "WIDTH")) == len(("HEIGHT", "WIDTH"))
    ):
        preview["PREVIEW_SIZE"] = sizes
    return stored | (preview or _links(given, "EXTRA_IMAGE"))


def _messages(value: object) -> list[object]:
    message = rules.trim(rules.scalar(value.get("TEXT") if isinstance(value, dict) else value))
    return [message.replace("#BR#", "[BR]")] if message else []


def _grid_row(given: Given) -> Wire | None:
    if given.get("DISPLAY") != "LINE" and not (_named(given, "NAME") or _named(given, "VALUE")):
        return None
    display, token, colour = given.get("DISPLAY"), given.get("COLOR_TOKEN"), given.get("COLOR")
    return {
        "DISPLAY": DISPLAYS.get(display, "BLOCK") if isinstance(display, str) else "BLOCK",
        "NAME": _line(given.get("NAME")),
        "VALUE": rules.trim(rules.scalar(given.get("VALUE"))).replace("#BR#", "[BR]"),
        **({"COLOR": colour} if rules.colour(colour) else {}),
        "COLOR_TOKEN": token if isinstance(token, str) and token in TOKENS else Token.BASE.value,
        **_numbers(given, "WIDTH", "HEIGHT", "USER_ID", "CHAT_ID"),
        **_links(given, "LINK"),
    }


def _image(given: Given) -> Wire | None:
    if not (link := _links(given, "LINK")):
        return None
    name = {"NAME": rules.trim(rules.scalar(given["NAME"]))} if _named(given, "NAME") else {}
    return {**name, **link, **_numbers(given, "WIDTH", "HEIGHT"), **_links(given, "PREVIEW")}


def _file(given: Given) -> Wire | None:
    if not (link := _links(given, "LINK")):
        return None
    name = {"NAME": _line(given["NAME"])} if _named(given, "NAME") else {}
    return {**link, **name, **_numbers(given, "SIZE")}


def _delimiters(value: object) -> list[object]:
    if not isinstance(value, dict | list):
        return []
    given: Given = value if isinstance(value, dict) else {}
    colour = given.get("COLOR")
    return [{"SIZE": 200, **_numbers(given, "SIZE"), **({"COLOR": colour} if rules.colour(colour) else {})}]


BLOCKS: Final[Mapping[str, Callable[[object], list[object]]]] = {
    "USER": _each(_user),
    "LINK": _each(_link),
    "RICH_LINK": _each(_rich_link),
    "MESSAGE": _messages,
    "GRID": _together(_grid_row),
    "IMAGE": _together(_image),
    "FILE": _together(_file),
    "DELIMITER": _delimiters,
}
"""What is made of each block; the order is the order in which the portal looks for a key."""
