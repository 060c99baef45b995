"""Convert BB code to the plain text that push notifications and e-mail show."""

from __future__ import annotations

import re
from typing import Final

from keyboards.bb.escape import unescape
from keyboards.bb.nodes import Fixed, moment
from keyboards.bb.tokens import code_blocks

_PAIRED: Final = "b|i|u|s|size|color|url|user|chat|context|put|send|call|code|img|pch|rating|attach"
_ALONE: Final = "br|icon|timestamp|disk"
_TOKEN = re.compile(
    rf"\[(?P<close>/?)(?P<name>{_PAIRED}|{_ALONE})(?:[ =](?P<value>[^\[\]]*))?\]|#BR#",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"^>>", re.MULTILINE)
_TITLE = re.compile(r"\btitle=(.*)\Z", re.IGNORECASE | re.DOTALL)


def plain(code: str, *, addresses: bool = False) -> str:
    """Return BB code as plain text; with `addresses`, link addresses follow in parentheses.

    Escaped text becomes readable again, so never send the result as BB code.
    """
    out: list[str] = []
    at = 0
    for start, end in code_blocks(code):
        out += (_plain_outside_code(code[at : start.start()], addresses=addresses), code[start.end() : end.start()])
        at = end.end()
    out.append(_plain_outside_code(code[at:], addresses=addresses))
    return unescape(_QUOTE.sub("> ", "".join(out)))


def _plain_outside_code(code: str, *, addresses: bool) -> str:
    """Return the plain text of BB code that contains no code blocks."""
    links: list[tuple[str, int]] = []
    out: list[str] = []
    at = 0
    for token in _TOKEN.finditer(code):
        out += (code[at : token.start()], _text_of_tag(token))
        at = token.end()
        if addresses and (token["name"] or "").lower() == "url":
            _add_address(token, links, out)
    return "".join((*out, code[at:]))


def _text_of_tag(token: re.Match[str]) -> str:
    """Return the text that replaces a tag in plain text."""
    name, value = (token["name"] or "br").lower(), token["value"] or ""
    if name == "br":
        return "\n"
    if name == "timestamp" and (number := re.match(r"-?[0-9]{1,12}", value)):
        return moment(int(number[0]))
    title = _TITLE.search(value) if name == "icon" else None
    return title[1] if title else ""


def _add_address(token: re.Match[str], links: list[tuple[str, int]], out: list[str]) -> None:
    """Note the address of an opening link tag in `links`; append it to `out` at the closing tag."""
    if not token["close"]:
        links.append((token["value"] or "", len(out)))
    elif links:
        address, start = links.pop()
        if address and address != unescape("".join(out[start:])):
            out.append(f" ({address})")


def raw(code: str) -> Fixed:
    """Make a node of BB code that you wrote yourself; never use it for foreign text."""
    return Fixed(code, plain(code))
