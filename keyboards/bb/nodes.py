"""A document in BB code, as values: each renders to BB code and to plain text (push and e-mail show no markup).

Every part is a node or a text; texts are escaped, so nothing from outside can become a tag. What goes into the
head of a tag (an address, a command to send) cannot be escaped there, so what would end the tag is refused or,
in addresses, percent-encoded. Reference: documentation E5.
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
"""A node, or a text that will be escaped."""


@dataclass(frozen=True, slots=True)
class Node(ABC):
    """A piece of a document."""

    @abstractmethod
    def bb(self) -> str:
        """The piece as BB code."""

    @abstractmethod
    def plain(self, *, addresses: bool = False) -> str:
        """The piece as plain text; with `addresses`, links show where they lead."""

    def __str__(self) -> str:
        """BB code."""
        return self.bb()

    def __add__(self, other: Part) -> Doc:
        """The two one after another; a text is escaped."""
        return Doc((self, node(other)))

    def __radd__(self, other: str) -> Doc:
        """A text before the node, escaped."""
        return Doc((node(other), self))


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A text that shows as it is."""

    value: str

    def bb(self) -> str:
        """The text, escaped."""
        return escape(self.value)

    def plain(self, *, addresses: bool = False) -> str:
        """The text."""
        del addresses
        return self.value


@dataclass(frozen=True, slots=True)
class Tag(Node):
    """Parts between `[head]` and `[/name]`; `address` is shown in plain text where it is asked for."""

    head: str
    name: str
    parts: tuple[Node, ...]
    address: str = ""

    def bb(self) -> str:
        """The parts between the tags."""
        return f"[{self.head}]{''.join(part.bb() for part in self.parts)}[/{self.name}]"

    def plain(self, *, addresses: bool = False) -> str:
        """The parts without the tags."""
        inner = "".join(part.plain(addresses=addresses) for part in self.parts)
        return f"{inner} ({self.address})" if addresses and self.address and self.address != inner else inner


@dataclass(frozen=True, slots=True)
class Fixed(Node):
    """A piece whose two forms are known: pictures, dates, line ends."""

    as_bb: str
    as_plain: str

    def bb(self) -> str:
        """Its BB code."""
        return self.as_bb

    def plain(self, *, addresses: bool = False) -> str:
        """Its plain text."""
        del addresses
        return self.as_plain


@dataclass(frozen=True, slots=True)
class Doc(Node):
    """Parts one after another; blocks among them get lines of their own."""

    parts: tuple[Node, ...]

    def __post_init__(self) -> None:
        """Take the parts of documents in it, so that a quote among them gets lines of its own."""
        if any(isinstance(part, Doc) for part in self.parts):
            flat = (part.parts if isinstance(part, Doc) else (part,) for part in self.parts)
            object.__setattr__(self, "parts", tuple(chain.from_iterable(flat)))

    def bb(self) -> str:
        """All parts as BB code."""
        return _joined((part.bb(), isinstance(part, Quote)) for part in self.parts)

    def plain(self, *, addresses: bool = False) -> str:
        """All parts as plain text."""
        return _joined((part.plain(addresses=addresses), isinstance(part, Quote)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Quote(Node):
    """Lines that somebody else said."""

    inner: Node

    def bb(self) -> str:
        """Every line after `>>`."""
        return "\n".join(f">>{one}" for one in self.inner.bb().split("\n"))

    def plain(self, *, addresses: bool = False) -> str:
        """Every line after `> `."""
        return "\n".join(f"> {one}" for one in self.inner.plain(addresses=addresses).split("\n"))


def _joined(pieces: Iterable[tuple[str, bool]]) -> str:
    """The pieces in a row, a line break on either side of those that need their own lines."""
    joined, after = "", False
    for piece, block in pieces:
        if (block or after) and joined and not joined.endswith("\n") and not piece.startswith("\n"):
            joined += "\n"
        joined += piece
        after = block
    return joined


def node(part: Part) -> Node:
    """The part as a node."""
    return part if isinstance(part, Node) else Text(checks.unicode(part, "a text"))


def nodes(parts: tuple[Part, ...]) -> tuple[Node, ...]:
    """The parts as nodes."""
    return tuple(node(part) for part in parts)


def doc(*parts: Part) -> Doc:
    """The parts one after another."""
    return Doc(nodes(parts))


def lines(*parts: Part) -> Doc:
    """The parts, each on a line of its own."""
    spaced: list[Node] = []
    for part in nodes(parts):
        spaced += (NEWLINE, part) if spaced else (part,)
    return Doc(tuple(spaced))


NEWLINE: Final = Fixed("\n", "\n")


def bold(*parts: Part) -> Tag:
    """Bold."""
    return Tag("b", "b", nodes(parts))


def italic(*parts: Part) -> Tag:
    """Italic."""
    return Tag("i", "i", nodes(parts))


def underline(*parts: Part) -> Tag:
    """Underlined."""
    return Tag("u", "u", nodes(parts))


def strike(*parts: Part) -> Tag:
    """Struck through."""
    return Tag("s", "s", nodes(parts))


def size(pixels: int, *parts: Part) -> Tag:
    """Letters of a size, 8 to 30."""
    if type(pixels) is not int or not 8 <= pixels <= 30:  # noqa: PLR2004 - the reference's range
        raise BadText(f"[size={pixels}]: from 8 to 30")
    return Tag(f"size={pixels}", "size", nodes(parts))


def colour(value: str, *parts: Part) -> Tag:
    """Letters of a colour: `#` with 3 or 6 hexadecimal digits."""
    if not rules.colour(value):
        raise BadText(f"[color] {value!r} is no colour: write # and 3 or 6 hexadecimal digits")
    return Tag(f"color={value}", "color", nodes(parts))


def link(url: str, *label: Part) -> Tag:
    """A link; without a label it shows the address. What would end the tag is percent-encoded."""
    address = safe_url(url)
    return Tag(f"url={address}", "url", nodes(label or (address,)), address)


def user(user_id: int, name: Part) -> Tag:
    """A mention of a person."""
    checks.positive(user_id, "a user's id", BadText)
    return Tag(f"user={user_id}", "user", (node(name),))


def everyone(name: Part) -> Tag:
    """A mention of all members of the chat."""
    return Tag("user=all", "user", (node(name),))


def chat(chat_id: int, name: Part) -> Tag:
    """A link to a chat by its number."""
    checks.positive(chat_id, "a chat's id", BadText)
    return Tag(f"chat={chat_id}", "chat", (node(name),))


def context(dialog: str, message_id: int, label: Part) -> Tag:
    """A link to a message of a chat (`chat10`)."""
    checks.positive(message_id, "a message's id", BadText)
    if not re.fullmatch(r"chat[0-9]+|[0-9]+(?::[0-9]+)?", dialog):
        raise BadText(f"[context]: {dialog!r} is no dialog")
    return Tag(f"context={dialog}/{message_id}", "context", (node(label),))


def put(value: str, label: Part) -> Tag:
    """A link that puts the value into the input field."""
    return Tag(f"put={_head(value, 'put')}", "put", (node(label),))


def send(value: str, label: Part) -> Tag:
    """A link that sends the value in the person's name."""
    return Tag(f"send={_head(value, 'send')}", "send", (node(label),))


def call(number: str, label: Part) -> Tag:
    """A link that calls a number."""
    if not re.fullmatch(r"\+?[0-9*#][0-9*#() .-]*", number):
        raise BadText(f"[call]: {number!r} is no telephone number")
    return Tag(f"call={number}", "call", (node(label),))


def code(text: str) -> Tag:
    """A text in letters of one width; escaped too, because mentions are looked for even there."""
    return Tag("code", "code", (node(text),))


def quote(*parts: Part) -> Quote:
    """Lines that somebody else said, each after `>>`."""
    return Quote(Doc(nodes(parts)))


def bullets(items: Iterable[Part]) -> Doc:
    """A list, one item a line after a bullet."""
    return lines(*(doc("• ", item) for item in items))


def numbered(items: Iterable[Part], start: int = 1) -> Doc:
    """A list, one item a line after its number."""
    return lines(*(doc(f"{number}. ", item) for number, item in enumerate(items, start)))


def image(url: str, shown: str = "medium") -> Fixed:
    """A picture: small, medium or large; the space before the closing tag is part of the form."""
    if shown not in ("small", "medium", "large"):
        raise BadText(f"[img size={shown}]: small, medium or large")
    return Fixed(f"[img size={shown}]{safe_url(url)} [/img]", safe_url(url))


def icon(url: str, title: str = "", pixels: int = 20) -> Fixed:
    """A small picture in the line, with a title."""
    checks.positive(pixels, "an icon's size", BadText)
    named = f" title={_head(title, 'icon')}" if title else ""
    return Fixed(f"[icon={safe_url(url)} size={pixels}{named}]", title)


def timestamp(unix: int, form: str = "SHORT_TIME_FORMAT") -> Fixed:
    """A moment in the reader's time zone; in plain text, in UTC."""
    if type(unix) is not int:
        raise BadText(f"a moment is {unix!r}: it must be whole Unix seconds")
    if not re.fullmatch(r"[A-Z_]+", form):
        raise BadText(f"[timestamp format={form}]: a name such as SHORT_TIME_FORMAT")
    return Fixed(f"[timestamp={unix} format={form}]", moment(unix))


def disk(file_id: int) -> Fixed:
    """A file of the Drive."""
    checks.positive(file_id, "a file's id", BadText)
    return Fixed(f"[disk={file_id}]", "")


def moment(unix: int) -> str:
    """The moment in UTC, for plain text."""
    try:
        return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return str(unix)


def safe_url(url: str) -> str:
    """The address with everything that would end or change a tag percent-encoded; only what a portal opens."""
    if not rules.link(checks.unicode(url, "a link")):
        raise BadText(f"{url[:80]!r} is no link to a portal: it must start with /, http:// or https:// (lower case)")
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)


def _head(value: str, tag: str) -> str:
    text = checks.unicode(value, f"[{tag}]")
    if not rules.bare(text) or re.search(r"[\[\]\r\n]|#BR#", text, re.IGNORECASE):
        raise BadText(f"[{tag}={text[:80]}]: one line without brackets")
    return text
