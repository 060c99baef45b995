"""Build documents that can be written as BB code and as plain text.

Push notifications and e-mail show the plain text. All texts are escaped, so foreign text cannot become a tag. The head
of a tag (an address, a command to send) cannot be escaped; there, characters that would end the tag are percent-encoded
in addresses and refused in other values. Reference: documentation E5.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from keyboards.bb.escape import escape
from keyboards.errors import BadText
from keyboards.validation import checks, rules

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNSAFE = re.compile(r"""[\[\]\s"'<>\\^`{|}]|(?<=#BR)#""", re.IGNORECASE)


Part: TypeAlias = "Node | str"
"""A node, or a text, which is escaped."""


@dataclass(frozen=True, slots=True)
class Node(ABC):
    """A part of a document."""

    @abstractmethod
    def bb(self) -> str:
        """Return the node as BB code."""

    @abstractmethod
    def plain(self, *, addresses: bool = False) -> str:
        """Return the node as plain text; with `addresses`, links show their address."""

    def __str__(self) -> str:
        """Return the node as BB code."""
        return self.bb()

    def __add__(self, other: Part) -> Doc:
        """Return a document of this node and another part; a text is escaped."""
        return Doc((self, node(other)))

    def __radd__(self, other: str) -> Doc:
        """Return a document of a text, which is escaped, and this node."""
        return Doc((node(other), self))


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A plain text."""

    value: str

    def bb(self) -> str:
        """Return the text, escaped."""
        return escape(self.value)

    def plain(self, *, addresses: bool = False) -> str:
        """Return the text unchanged."""
        del addresses
        return self.value


@dataclass(frozen=True, slots=True)
class Tag(Node):
    """Parts between `[head]` and `[/name]`.

    `address` is the address of a link; plain text shows it when addresses are requested.
    """

    head: str
    name: str
    parts: tuple[Node, ...]
    address: str = ""

    def bb(self) -> str:
        """Return the parts between their tags."""
        return f"[{self.head}]{''.join(part.bb() for part in self.parts)}[/{self.name}]"

    def plain(self, *, addresses: bool = False) -> str:
        """Return the parts without tags."""
        inner = "".join(part.plain(addresses=addresses) for part in self.parts)
        return f"{inner} ({self.address})" if addresses and self.address and self.address != inner else inner


@dataclass(frozen=True, slots=True)
class Fixed(Node):
    """A node with a given BB code and a given plain text, for example a picture or a date."""

    as_bb: str
    as_plain: str

    def bb(self) -> str:
        """Return the BB code."""
        return self.as_bb

    def plain(self, *, addresses: bool = False) -> str:
        """Return the plain text."""
        del addresses
        return self.as_plain


@dataclass(frozen=True, slots=True)
class Doc(Node):
    """A sequence of parts; quotes in it get their own lines."""

    parts: tuple[Node, ...]

    def __post_init__(self) -> None:
        """Replace documents among the parts by their own parts, so that their quotes get their own lines."""
        if any(isinstance(part, Doc) for part in self.parts):
            flat = (part.parts if isinstance(part, Doc) else (part,) for part in self.parts)
            object.__setattr__(self, "parts", tuple(chain.from_iterable(flat)))

    def bb(self) -> str:
        """Return all parts as BB code."""
        return _join((part.bb(), isinstance(part, Quote)) for part in self.parts)

    def plain(self, *, addresses: bool = False) -> str:
        """Return all parts as plain text."""
        return _join((part.plain(addresses=addresses), isinstance(part, Quote)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Quote(Node):
    """A quotation."""

    inner: Node

    def bb(self) -> str:
        """Return the quotation with `>>` before each line."""
        return "\n".join(f">>{one}" for one in self.inner.bb().split("\n"))

    def plain(self, *, addresses: bool = False) -> str:
        """Return the quotation with `> ` before each line."""
        return "\n".join(f"> {one}" for one in self.inner.plain(addresses=addresses).split("\n"))


def _join(pieces: Iterable[tuple[str, bool]]) -> str:
    """Join texts; each text comes with a flag that puts it on lines of its own."""
    joined, after = "", False
    for piece, block in pieces:
        if (block or after) and joined and not joined.endswith("\n") and not piece.startswith("\n"):
            joined += "\n"
        joined += piece
        after = block
    return joined


def node(part: Part) -> Node:
    """Return a part as a node: a node unchanged, a text as Text."""
    return part if isinstance(part, Node) else Text(checks.unicode(part, "a text"))


def nodes(parts: tuple[Part, ...]) -> tuple[Node, ...]:
    """Return parts as nodes: a node unchanged, a text as Text."""
    return tuple(node(part) for part in parts)


def doc(*parts: Part) -> Doc:
    """Make a document of parts."""
    return Doc(nodes(parts))


def lines(*parts: Part) -> Doc:
    """Make a document of parts, each on a line of its own."""
    spaced: list[Node] = []
    for part in nodes(parts):
        spaced += (NEWLINE, part) if spaced else (part,)
    return Doc(tuple(spaced))


NEWLINE: Final = Fixed("\n", "\n")


def bold(*parts: Part) -> Tag:
    """Make parts bold."""
    return Tag("b", "b", nodes(parts))


def italic(*parts: Part) -> Tag:
    """Make parts italic."""
    return Tag("i", "i", nodes(parts))


def underline(*parts: Part) -> Tag:
    """Underline parts."""
    return Tag("u", "u", nodes(parts))


def strike(*parts: Part) -> Tag:
    """Strike parts through."""
    return Tag("s", "s", nodes(parts))


def size(pixels: int, *parts: Part) -> Tag:
    """Set the text size of parts, from 8 to 30 pixels; raise BadText for another size."""
    if type(pixels) is not int or not 8 <= pixels <= 30:  # noqa: PLR2004 - the documented range
        raise BadText(f"[size={pixels}]: from 8 to 30")
    return Tag(f"size={pixels}", "size", nodes(parts))


def colour(value: str, *parts: Part) -> Tag:
    """Set the text colour of parts, `#` with 3 or 6 hexadecimal digits; raise BadText for another colour."""
    if not rules.colour(value):
        raise BadText(f"[color] {value!r} is not a colour: write # and 3 or 6 hexadecimal digits")
    return Tag(f"color={value}", "color", nodes(parts))


def link(url: str, *label: Part) -> Tag:
    """Make a link with parts as its label; without a label, it shows the address.

    Characters that would end the tag are percent-encoded. Raise BadText for an invalid address.
    """
    address = safe_url(url)
    return Tag(f"url={address}", "url", nodes(label or (address,)), address)


def user(user_id: int, name: Part) -> Tag:
    """Mention a person."""
    checks.positive(user_id, "a user's id", BadText)
    return Tag(f"user={user_id}", "user", (node(name),))


def everyone(name: Part) -> Tag:
    """Mention all members of the chat."""
    return Tag("user=all", "user", (node(name),))


def chat(chat_id: int, name: Part) -> Tag:
    """Make a link to a chat by its id."""
    checks.positive(chat_id, "a chat's id", BadText)
    return Tag(f"chat={chat_id}", "chat", (node(name),))


def context(dialog: str, message_id: int, label: Part) -> Tag:
    """Make a link to a message of a dialog, which is given as its DIALOG_ID (`chat10`)."""
    checks.positive(message_id, "a message's id", BadText)
    if not re.fullmatch(r"chat[0-9]+|[0-9]+(?::[0-9]+)?", dialog):
        raise BadText(f"[context]: {dialog!r} is not a dialog")
    return Tag(f"context={dialog}/{message_id}", "context", (node(label),))


def put(value: str, label: Part) -> Tag:
    """Make a link that puts the value into the input field of the reader."""
    return Tag(f"put={_check_tag_value(value, 'put')}", "put", (node(label),))


def send(value: str, label: Part) -> Tag:
    """Make a link that sends the value in the name of the reader."""
    return Tag(f"send={_check_tag_value(value, 'send')}", "send", (node(label),))


def call(number: str, label: Part) -> Tag:
    """Make a link that calls a telephone number."""
    if not re.fullmatch(r"\+?[0-9*#][0-9*#() .-]*", number):
        raise BadText(f"[call]: {number!r} is not a telephone number")
    return Tag(f"call={number}", "call", (node(label),))


def code(text: str) -> Tag:
    """Show a text in monospace letters.

    It is escaped too, because the portal finds mentions even there.
    """
    return Tag("code", "code", (node(text),))


def quote(*parts: Part) -> Quote:
    """Make a quotation of parts, with `>>` before each line."""
    return Quote(Doc(nodes(parts)))


def bullets(items: Iterable[Part]) -> Doc:
    """Make a list in which a bullet stands before each item."""
    return lines(*(doc("• ", item) for item in items))


def numbered(items: Iterable[Part], start: int = 1) -> Doc:
    """Make a list in which a number stands before each item, counted from `start`."""
    return lines(*(doc(f"{number}. ", item) for number, item in enumerate(items, start)))


def image(url: str, shown: str = "medium") -> Fixed:
    """Show a picture; `shown` is its size: small, medium or large.

    The space before the closing tag is required.
    """
    if shown not in ("small", "medium", "large"):
        raise BadText(f"[img size={shown}]: write small, medium or large")
    return Fixed(f"[img size={shown}]{safe_url(url)} [/img]", safe_url(url))


def icon(url: str, title: str = "", pixels: int = 20) -> Fixed:
    """Show a picture of some pixels within the line, with a title."""
    checks.positive(pixels, "an icon's size", BadText)
    named = f" title={_check_tag_value(title, 'icon')}" if title else ""
    return Fixed(f"[icon={safe_url(url)} size={pixels}{named}]", title)


def timestamp(unix: int, form: str = "SHORT_TIME_FORMAT") -> Fixed:
    """Show a Unix time in the reader's time zone; the plain text shows it in UTC."""
    if type(unix) is not int:
        raise BadText(f"the time is {unix!r}: write whole Unix seconds")
    if not re.fullmatch(r"[A-Z_]+", form):
        raise BadText(f"[timestamp format={form}]: write a name such as SHORT_TIME_FORMAT")
    return Fixed(f"[timestamp={unix} format={form}]", moment(unix))


def disk(file_id: int) -> Fixed:
    """Show a file of the Drive by its id."""
    checks.positive(file_id, "a file's id", BadText)
    return Fixed(f"[disk={file_id}]", "")


def moment(unix: int) -> str:
    """Format a Unix time in UTC, for plain text."""
    try:
        return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return str(unix)


def safe_url(url: str) -> str:
    """Return a link in which characters that would end or change a tag are percent-encoded.

    Raise BadText for a link that a portal does not accept.
    """
    if not rules.link(checks.unicode(url, "a link")):
        raise BadText(f"{url[:80]!r} is not a link: it must start with /, http:// or https:// (lower case)")
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)


def _check_tag_value(value: str, tag: str) -> str:
    text = checks.unicode(value, f"[{tag}]")
    if not rules.bare(text) or re.search(r"[\[\]\r\n]|#BR#", text, re.IGNORECASE):
        raise BadText(f"[{tag}={text[:80]}]: write one line without brackets")
    return text
