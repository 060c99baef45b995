"""The blocks of ATTACH: allowed fields, conditions for dropping, stored form (reference: behaviour 3.2)."""

from collections.abc import Callable
from typing import Any

from portal.markup import envelope
from portal.wire import php

Block = dict[str, Any]
ORDER = ("USER", "LINK", "RICH_LINK", "MESSAGE", "GRID", "IMAGE", "FILE", "DELIMITER")
DISPLAYS = {"BLOCK": "BLOCK", "LINE": "LINE", "CARD": "LINE", "ROW": "ROW", "COLUMN": "ROW", "TABLE": "TABLE"}


def normalize(block: Any) -> tuple[list[Block], str]:
    """Return the blocks that Bitrix24 stores for one given block, and the text of the block for the DESCRIPTION.

    A block that is dropped gives no blocks and an empty text.
    """
    if not isinstance(block, dict):
        return [], ""
    name = next((name for name in ORDER if name in block), None)
    if name is None:
        return [], ""
    value = block[name]
    if name == "MESSAGE":
        return _message(value)
    if name == "GRID":
        rows = [row for row in map(_row, php.values_of(value)) if row is not None]
        return ([{"GRID": rows}] if rows else []), ""
    if name == "DELIMITER":
        return ([{"DELIMITER": _delimiter(value)}] if isinstance(value, dict) else []), ""
    return _repeated(name, value), ""


def one_line(text: str) -> str:
    """Return a text with spaces for its line breaks."""
    return text.replace("\r\n", " ").replace("\n", " ")


def _with_line_breaks(text: str) -> str:
    return text.replace("#BR#", "[BR]")


def _message(value: Any) -> tuple[list[Block], str]:
    description = ""
    if isinstance(value, dict):
        if value.get("AS_DESCRIPTION") == "Y":
            description = php.text_of(value.get("TEXT"))
        value = value.get("TEXT")
    text = envelope.trimmed_text(value)
    return ([{"MESSAGE": _with_line_breaks(text)}] if text else []), description


def _repeated(name: str, value: Any) -> list[Block]:
    """Return the stored blocks of several items: USER and LINK one block each, IMAGE and FILE all in one block."""
    items = [value] if isinstance(value, dict) and not _has_number_keys(value) else php.values_of(value)
    made = [item for item in (MAKERS[name](item) for item in items if isinstance(item, dict)) if item is not None]
    if name in ("IMAGE", "FILE"):
        return [{name: made}] if made else []
    return [{name: [item]} for item in made]


def _has_number_keys(value: Block) -> bool:
    return bool(value) and all(str(key).isdecimal() for key in value)


def _positive_numbers(block: Block, *names: str) -> Block:
    """Return those of the named fields that hold a positive number."""
    numbers = ((name, php.int_of(block.get(name))) for name in names)
    return {name: number for name, number in numbers if number > 0}


def _user(block: Block) -> Block | None:
    name = envelope.trimmed_text(block.get("NAME"))
    if name is None:
        return None
    kind = block.get("AVATAR_TYPE")
    user: Block = {"NAME": name, "AVATAR_TYPE": kind if kind in ("CHAT", "USER", "BOT") else "USER"}
    avatar = envelope.address(block.get("AVATAR"))
    if avatar:
        user["AVATAR"] = avatar
    network = envelope.trimmed_text(block.get("NETWORK_ID"))
    if network:
        return user | {"NETWORK_ID": network}
    for key, forced in (("USER_ID", None), ("CHAT_ID", "CHAT"), ("BOT_ID", "BOT")):
        number = _positive_numbers(block, key)
        if number:
            return user | number | ({"AVATAR_TYPE": forced} if forced else {})
    link = envelope.address(block.get("LINK"))
    return user | ({"LINK": link} if link else {})


def _target(block: Block) -> Block:
    network = envelope.trimmed_text(block.get("NETWORK_ID"))
    if network:
        return {"NETWORK_ID": network}
    return _positive_numbers(block, "USER_ID") or _positive_numbers(block, "CHAT_ID")


def _link(block: Block) -> Block | None:
    link, name, target = envelope.address(block.get("LINK")), envelope.trimmed_text(block.get("NAME")), _target(block)
    if link is None and not (target and name):
        return None
    made: Block = {"NAME": one_line(name)} if name else {}
    made |= {"LINK": link} if link else target
    words = {key: text for key in ("DESC", "HTML") if (text := envelope.trimmed_text(block.get(key)))}
    preview = envelope.address(block.get("PREVIEW"))
    # HTML replaces the picture of a link.
    if "HTML" not in words and preview:
        words |= {"PREVIEW": preview, **_positive_numbers(block, "WIDTH", "HEIGHT")}
    return made | words


def _rich_link(block: Block) -> Block | None:
    made = _link({key: value for key, value in block.items() if key != "PREVIEW"})
    if made is None:
        return None
    preview, extra = envelope.address(block.get("PREVIEW")), envelope.address(block.get("EXTRA_IMAGE"))
    if preview:
        return made | {"PREVIEW": preview, "PREVIEW_SIZE": _positive_numbers(block, "HEIGHT", "WIDTH")}
    return made | ({"EXTRA_IMAGE": extra} if extra else {})


def _image(block: Block) -> Block | None:
    link = envelope.address(block.get("LINK"))
    if link is None:
        return None
    name, preview = envelope.trimmed_text(block.get("NAME")), envelope.address(block.get("PREVIEW"))
    named: Block = {"LINK": link} | ({"NAME": name} if name else {}) | ({"PREVIEW": preview} if preview else {})
    return named | _positive_numbers(block, "WIDTH", "HEIGHT")


def _file(block: Block) -> Block | None:
    link = envelope.address(block.get("LINK"))
    if link is None:
        return None
    name = envelope.trimmed_text(block.get("NAME"))
    return {"LINK": link} | ({"NAME": name} if name else {}) | _positive_numbers(block, "SIZE")


def _delimiter(block: Block) -> Block:
    colour = envelope.colour(block.get("COLOR"))
    return {"SIZE": php.int_of(block.get("SIZE")) or 200} | ({"COLOR": colour} if colour else {})


def _row(row: Any) -> Block | None:
    if not isinstance(row, dict):
        return None
    given = row.get("DISPLAY")
    display = DISPLAYS.get(given, "BLOCK") if isinstance(given, str) else "BLOCK"
    words = {key: _with_line_breaks(text) for key in ("NAME", "VALUE") if (text := envelope.trimmed_text(row.get(key)))}
    if display != "LINE" and not words:
        return None
    colour, link = envelope.colour(row.get("COLOR")), envelope.address(row.get("LINK"))
    made: Block = {"DISPLAY": display, **words, **({"COLOR": colour} if colour else {})}
    made |= _positive_numbers(row, "WIDTH", "HEIGHT", "USER_ID", "CHAT_ID")
    return made | ({"LINK": link} if link else {}) | {"COLOR_TOKEN": envelope.colour_token(row.get("COLOR_TOKEN"))}


MAKERS: dict[str, Callable[[Block], Block | None]] = {
    "USER": _user,
    "LINK": _link,
    "RICH_LINK": _rich_link,
    "IMAGE": _image,
    "FILE": _file,
}
