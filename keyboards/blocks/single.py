"""Blocks of an ATTACH: frozen values that are checked when they are made.

Use them as `keyboards.attach.Message` and so on. Links are `/...`, `http://...` or `https://...`. Sizes are whole
numbers above 0, in pixels, or in bytes for FILE. MESSAGE and the VALUE of a grid row are BB code, all other texts are
plain. Reference: ATTACH, the blocks and their fields (section 3.2).
"""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from keyboards.enums import Avatar, Rank
from keyboards.errors import BadBlock
from keyboards.validation import checks, rules

if TYPE_CHECKING:
    from keyboards.buttons import Wire

Field: TypeAlias = object

_NEWLINE = re.compile(r"\r\n|[\n\v\f\r\x85\u2028\u2029]")
_SEQUENCE = re.compile(r'\\(?=[nt"\\])')


def literal(text: str) -> str:
    r"""Return a text with a zero-width space after each backslash that begins `\n`, `\t`, `\"` or `\\`.

    Reference: ATTACH, envelope: the portal turns these two-character sequences in all texts into real characters.
    """
    return _SEQUENCE.sub("\\\\\u200b", text) if "\\" in text else text


def line(text: str) -> str:
    """Return a text trimmed and on one line, as the portal stores a NAME.

    `#BR#` becomes a space.
    """
    text = rules.bare(literal(text).replace("#BR#", " "))
    return text if text.isprintable() else _NEWLINE.sub(" ", text)


def trimmed(text: str) -> str:
    """Return a text trimmed, as the portal stores a DESC."""
    return rules.bare(literal(text))


def body(text: str) -> str:
    """Return BB code trimmed, with `[BR]` for `#BR#`, as the portal stores a MESSAGE and the VALUE of a grid row."""
    return trimmed(text).replace("#BR#", "[BR]")


@dataclass(frozen=True, slots=True)
class Block:
    """The base class of all blocks; it cannot be used itself.

    `rank` and `instead` are for `fit`: the priority of the block, and a smaller block that may replace it, or None.
    """

    _: KW_ONLY
    rank: Rank = Rank.MUST
    instead: Block | None = None

    key: ClassVar[str] = ""

    def check_options(self) -> None:
        """Check the types of `rank` and `instead`; raise BadBlock."""
        checks.member(self.rank, Rank, BadBlock)
        if self.instead is not None:
            if not isinstance(self.instead, Block):
                raise BadBlock(f"instead is {type(self.instead).__name__}, not a block")
            self.instead.check_options()

    def __post_init__(self) -> None:
        """Check the block; each kind of block has its own checks. This base class always raises BadBlock."""
        raise BadBlock("Block is a base class: use Message, User, Link, RichLink, Grid, Image, File or Delimiter")

    def body(self) -> object:
        """Return what stands under the key of the block in a request; each kind of block has its own form."""
        return {}

    def wire(self) -> Wire:
        """Return the block as a request contains it: an object with one key."""
        return {self.key: self.body()}

    def stored(self) -> Wire:
        """Return the block as a portal stores it.

        The result is the same as `normal.attach` of `wire`, but faster.
        """
        return {self.key: self.body()}


def without_none(**fields: Field) -> Wire:
    """Return those of the given fields whose value is not None."""
    return {key: value for key, value in fields.items() if value is not None}


def check_texts(block: Block, **given: str | None) -> None:
    """Raise BadBlock when one of the given texts is empty; None is allowed."""
    for key, value in given.items():
        if value is not None:
            text = checks.text(value, f"{key} of {type(block).__name__}", BadBlock)
            if "#BR#" in text and key == "NAME" and not line(text):
                raise BadBlock(f"NAME of {type(block).__name__} contains only line breaks")


def check_links(**given: str | None) -> None:
    """Raise BadBlock when one of the given links is invalid or contains a backslash; None is allowed."""
    for key, value in given.items():
        if value is not None and "\\" in checks.link(value, key, BadBlock):
            raise BadBlock(f"{key} {value!r} contains a backslash, which the portal may change: write %5C")


def check_sizes(**given: int | None) -> None:
    """Raise BadBlock when one of the given numbers is not whole or not above 0; None is allowed."""
    for key, value in given.items():
        if value is not None:
            checks.positive(value, key, BadBlock)


@dataclass(frozen=True, slots=True)
class Message(Block):
    """A text in BB code (reference: MESSAGE).

    `as_description` also shows it in notifications (AS_DESCRIPTION). `shorten` is for `fit`: the smallest number of
    characters that is still useful, or None when the text must not be cut.
    """

    text: str
    _: KW_ONLY
    as_description: bool = False
    shorten: int | None = None

    key: ClassVar[str] = "MESSAGE"

    def __post_init__(self) -> None:
        """Check that the text is not empty, and that `shorten` is above 0; raise BadBlock."""
        check_texts(self, TEXT=self.text)
        checks.positive(self.shorten, "shorten", BadBlock)

    def body(self) -> object:
        """Return the text, or an object with AS_DESCRIPTION."""
        return {"TEXT": body(self.text), "AS_DESCRIPTION": "Y"} if self.as_description else body(self.text)

    def stored(self) -> Wire:
        """Return the block as a portal stores it; the portal stores the description outside of the block."""
        return {"MESSAGE": body(self.text)}


def _check_targets(block: Block, network: str | None, **targets: Field) -> None:
    given = [key for key, value in targets.items() if value is not None]
    if len(given) > 1:
        raise BadBlock(f"{block.key} has one target: the portal would keep {given[0]} and drop {', '.join(given[1:])}")
    if network is not None and not re.fullmatch(r"[A-Za-z0-9][0-9]+", network):
        raise BadBlock(f"NETWORK_ID {network!r} is not a network id: write one letter and digits")


@dataclass(frozen=True, slots=True)
class User(Block):
    """A person, chat or bot with a picture (reference: USER); it has at most one target."""

    name: str
    _: KW_ONLY
    avatar: str | None = None
    avatar_type: Avatar | None = None
    network_id: str | None = None
    user_id: int | None = None
    chat_id: int | None = None
    bot_id: int | None = None
    link: str | None = None

    key: ClassVar[str] = "USER"

    def __post_init__(self) -> None:
        """Check name, links and ids, and that there is at most one target; raise BadBlock."""
        check_texts(self, NAME=self.name)
        check_links(AVATAR=self.avatar, LINK=self.link)
        check_sizes(USER_ID=self.user_id, CHAT_ID=self.chat_id, BOT_ID=self.bot_id)
        ids: dict[str, Field] = {"USER_ID": self.user_id, "CHAT_ID": self.chat_id, "BOT_ID": self.bot_id}
        _check_targets(self, self.network_id, NETWORK_ID=self.network_id, **ids, LINK=self.link)
        kind = Avatar.CHAT if self.chat_id else Avatar.BOT if self.bot_id else self.avatar_type
        if self.avatar_type is not None:
            checks.member(self.avatar_type, Avatar, BadBlock)
        if self.avatar_type not in (None, kind):
            raise BadBlock(f"AVATAR_TYPE {self.avatar_type} would become {kind}, because of the target of the block")

    def body(self) -> Wire:
        """Return those fields of the block that are not None."""
        return without_none(
            NAME=line(self.name), AVATAR=self.avatar, AVATAR_TYPE=self.avatar_type and self.avatar_type.value,
            NETWORK_ID=self.network_id, USER_ID=self.user_id, CHAT_ID=self.chat_id, BOT_ID=self.bot_id, LINK=self.link,
        )  # fmt: skip

    def stored(self) -> Wire:
        """Return the block as a portal stores it, always with AVATAR_TYPE."""
        kind = Avatar.CHAT if self.chat_id else Avatar.BOT if self.bot_id else self.avatar_type or Avatar.USER
        return {"USER": [self.body() | {"AVATAR_TYPE": kind.value}]}


@dataclass(frozen=True, slots=True)
class LinkBlock(Block):
    """The base class of LINK and RICH_LINK: one target, texts and a picture.

    A target that is an id needs a name. Width and height are in pixels.
    """

    url: str | None = None
    name: str | None = None
    _: KW_ONLY
    desc: str | None = None
    html: str | None = None
    preview: str | None = None
    width: int | None = None
    height: int | None = None
    network_id: str | None = None
    user_id: int | None = None
    chat_id: int | None = None

    def __post_init__(self) -> None:
        """Check texts, links and sizes, and that the portal would drop none of the fields; raise BadBlock."""
        check_texts(self, NAME=self.name, DESC=self.desc, HTML=self.html)
        check_links(LINK=self.url, PREVIEW=self.preview)
        check_sizes(WIDTH=self.width, HEIGHT=self.height)
        if self.network_id is not None or self.user_id is not None or self.chat_id is not None:
            self._check_ids()
        elif self.url is None:
            raise BadBlock(f"{self.key} has no target: the portal would drop it")
        if self.preview is None and (self.width or self.height):
            raise BadBlock(f"WIDTH and HEIGHT of a {self.key} need a PREVIEW: the portal would drop them")

    def _check_ids(self) -> None:
        check_sizes(USER_ID=self.user_id, CHAT_ID=self.chat_id)
        ids: dict[str, Field] = {"NETWORK_ID": self.network_id, "USER_ID": self.user_id, "CHAT_ID": self.chat_id}
        _check_targets(self, self.network_id, LINK=self.url, **ids)
        if self.name is None:
            raise BadBlock(f"{self.key} to a person, chat or network needs a NAME: the portal would drop it")

    def body(self) -> Wire:
        """Return those fields of the block that are not None."""
        return without_none(
            LINK=self.url, NAME=self.name and line(self.name), DESC=self.desc and trimmed(self.desc),
            HTML=self.html and trimmed(self.html), PREVIEW=self.preview, WIDTH=self.width, HEIGHT=self.height,
            NETWORK_ID=self.network_id, USER_ID=self.user_id, CHAT_ID=self.chat_id,
        )  # fmt: skip

    def stored(self) -> Wire:
        """Return the block as a portal stores it, a list with one object."""
        return {self.key: [self.body()]}


@dataclass(frozen=True, slots=True)
class Link(LinkBlock):
    """A link with a caption and a picture (reference: LINK).

    The target is an address, a person, a chat or the network; an id needs a name. `html` is shown in place of `desc`
    and of the picture.
    """

    key: ClassVar[str] = "LINK"

    def __post_init__(self) -> None:
        """Check the fields; raise BadBlock for a picture together with `html`, because it would not be shown."""
        LinkBlock.__post_init__(self)
        if self.html is not None and self.preview is not None:
            raise BadBlock("a LINK with HTML shows no PREVIEW: the portal would drop it")


@dataclass(frozen=True, slots=True)
class RichLink(LinkBlock):
    """A link shown as a card (reference: RICH_LINK).

    `extra_image` is shown when there is no `preview`.
    """

    _: KW_ONLY
    extra_image: str | None = None

    key: ClassVar[str] = "RICH_LINK"

    def __post_init__(self) -> None:
        """Check the fields; raise BadBlock for `extra_image` together with `preview`, because it would not be shown."""
        LinkBlock.__post_init__(self)
        check_links(EXTRA_IMAGE=self.extra_image)
        if self.preview is not None and self.extra_image is not None:
            raise BadBlock("a RICH_LINK with PREVIEW shows no EXTRA_IMAGE: the portal would drop it")

    def body(self) -> Wire:
        """Return those fields of the block that are not None."""
        return LinkBlock.body(self) | without_none(EXTRA_IMAGE=self.extra_image)

    def stored(self) -> Wire:
        """Return the block as a portal stores it, with the size in PREVIEW_SIZE."""
        card = self.body()
        if self.preview is not None:
            card["PREVIEW_SIZE"] = without_none(HEIGHT=card.pop("HEIGHT", None), WIDTH=card.pop("WIDTH", None))
        return {"RICH_LINK": [card]}


@dataclass(frozen=True, slots=True)
class Delimiter(Block):
    """A line between blocks (reference: DELIMITER); `size` is in pixels, by default 200."""

    size: int | None = None
    colour: str | None = None

    key: ClassVar[str] = "DELIMITER"

    def __post_init__(self) -> None:
        """Check size and colour; raise BadBlock."""
        check_sizes(SIZE=self.size)
        checks.colour(self.colour, "COLOR", BadBlock)

    def body(self) -> object:
        """Return the fields SIZE and COLOR.

        The size is always present, because PHP may turn an empty object into an empty list.
        """
        return without_none(SIZE=self.size or 200, COLOR=self.colour)
