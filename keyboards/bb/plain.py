"""BB code without its markup: what push and e-mail show."""

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
    """The text without tags; with `addresses`, links are followed by where they lead, in parentheses.

    What `escape` broke is whole again, so the result is for reading, never for sending as BB code.
    """
    out: list[str] = []
    at = 0
    for start, end in code_blocks(code):
        out += (_outside(code[at : start.start()], addresses=addresses), code[start.end() : end.start()])
        at = end.end()
    out.append(_outside(code[at:], addresses=addresses))
    return unescape(_QUOTE.sub("> ", "".join(out)))


def _outside(code: str, *, addresses: bool) -> str:
    """The text outside of code blocks."""
    links: list[tuple[str, int]] = []
    out: list[str] = []
    at = 0
    for token in _TOKEN.finditer(code):
        out += (code[at : token.start()], _shown(token))
        at = token.end()
        if addresses and (token["name"] or "").lower() == "url":
            _follow(token, links, out)
    return "".join((*out, code[at:]))


def _shown(token: re.Match[str]) -> str:
    """What is read in place of a tag."""
    name, value = (token["name"] or "br").lower(), token["value"] or ""
    if name == "br":
        return "\n"
    if name == "timestamp" and (number := re.match(r"-?[0-9]{1,12}", value)):
        return moment(int(number[0]))
    title = _TITLE.search(value) if name == "icon" else None
    return title[1] if title else ""


def _follow(token: re.Match[str], links: list[tuple[str, int]], out: list[str]) -> None:
    """Remember where a link leads at its opening tag, and write it after its closing tag."""
    if not token["close"]:
        links.append((token["value"] or "", len(out)))
    elif links:
        address, start = links.pop()
        if address and address != unescape("".join(out[start:])):
            out.append(f" ({address})")


def raw(code: str) -> Fixed:
    """A node of BB code of our own, taken as it is; never for text from outside."""
    return Fixed(code, plain(code))
