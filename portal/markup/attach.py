"""Build the normal form of ATTACH: its outer object and its blocks (reference: behaviour 3)."""

import re
from typing import Any

from portal.markup import blocks
from portal.markup import envelope as reading
from portal.wire import php

PALETTE = ("#df532d", "#58cc47", "#ab7761", "#4ba984", "#f76187", "#3e99ce")
"""Colours that replace an invalid COLOR.

Bitrix24 picks one at random; the emulator picks by the length of the wrong text, so that tests can repeat it.
"""

_SYMBOL = re.compile(r'\\([nt"\\])')
_SYMBOLS = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def normalize(raw: Any, *, now: float) -> dict[str, Any] | None:
    """Return an attachment as Bitrix24 stores it; None when it has no valid block, which means ATTACH_ERROR.

    `now` is in Unix seconds and becomes the ID of the attachment.
    """
    envelope = _replace_symbols(reading.decode(raw))
    if not isinstance(envelope, list | dict):
        return None
    # The short form is the list of blocks alone.
    full = envelope if isinstance(envelope, dict) and "BLOCKS" in envelope else {"BLOCKS": envelope}
    stored: list[dict[str, Any]] = []
    in_language = ""
    for block in php.values_of(full["BLOCKS"]):
        made, text = blocks.normalize(block)
        stored.extend(made)
        in_language = text or in_language
    if not stored:
        return None
    given = full.get("DESCRIPTION")
    description = (given if isinstance(given, str) else "") or in_language
    result: dict[str, Any] = {"ID": int(now), "BLOCKS": stored, "DESCRIPTION": blocks.one_line(description)}
    colour = _read_colour(full.get("COLOR"))
    if colour:
        result["COLOR"] = colour
    result["COLOR_TOKEN"] = reading.colour_token(full.get("COLOR_TOKEN"))
    return result


def _read_colour(value: Any) -> str | None:
    if not isinstance(value, str) or not value or value == "CHAT":
        return None
    if value == "TRANSPARENT":
        return "transparent"
    return reading.colour(value) or PALETTE[len(value) % len(PALETTE)]


def _replace_symbols(value: Any) -> Any:
    r"""Return data in which `\n`, `\t`, `\"` and `\\`, written as two characters, are the real characters."""
    if isinstance(value, str):
        return _SYMBOL.sub(lambda found: _SYMBOLS[found[1]], value) if "\\" in value else value
    if isinstance(value, list):
        return [_replace_symbols(item) for item in value]
    if isinstance(value, dict):
        return {key: _replace_symbols(item) for key, item in value.items()}
    return value
