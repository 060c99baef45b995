"""The blocks of an ATTACH: one frozen value each, checked when made. Reached as `keyboards.attach.Message` and so on.

Links are `/...`, `http://...` or `https://...`; sizes are pixels above 0, or bytes for FILE; MESSAGE and the VALUE
of a grid row are BB code, every other text is plain. Reference: ATTACH, the blocks and their fields (section 3.2).
"""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from keyboards.errors import BadBlock
from keyboards.validation import checks, rules
from keyboards.words import Avatar, Rank

if TYPE_CHECKING:
    from keyboards.buttons import Wire

Field: TypeAlias = object

_NEWLINE = re.compile(r"\r\n|[\n\v\f\r\x85\u2028\u2029]")
_SEQUENCE = re.compile(r'\\(?=[nt"\\])')


def literal(text: str) -> str:
    r"""The text with a zero-width space after a backslash that the portal would read as `\n`, `\t`, `\"` or `\\`.

    Reference: ATTACH, envelope: two-character sequences inside every string are turned into real characters.
    """
    return _SEQUENCE.sub("\\\\\u200b", text) if "\\" in text else text


def line(text: str) -> str:
    """The text trimmed and on one line, as the portal stores a NAME; of `#BR#` nothing is left to be changed."""
    text = rules.bare(literal(text).replace("#BR#", " "))
    return text if text.isprintable() else _NEWLINE.sub(" ", text)


def words(text: str) -> str:
    """The text trimmed, as the portal stores a DESC."""
    return rules.bare(literal(text))


def body(text: str) -> str:
    """BB code trimmed, with `#BR#` written `[BR]`, as the portal stores a MESSAGE or VALUE."""
    return words(text).replace("#BR#", "[BR]")


@dataclass(frozen=True, slots=True)
class Block:
    """What every block has; not made itself. `rank` and `instead` are for `fit`: its weight, and a smaller block."""

    _: KW_ONLY
    rank: Rank = Rank.MUST
    instead: Block | None = None

    key: ClassVar[str] = ""

    def weighed(self) -> None:
        """Refuse a rank that is a mere text, and another thing than a block to say instead."""
        checks.word(self.rank, Rank, BadBlock)
        if self.instead is not None:
            if not isinstance(self.instead, Block):
                raise BadBlock(f"instead is {type(self.instead).__name__}, not a block")
            self.instead.weighed()

    def __post_init__(self) -> None:
        """Refuse what says nothing; every kind of block asks questions of its own."""
        raise BadBlock("a Block is made as Message, User, Link, RichLink, Grid, Image, File or Delimiter")

    def body(self) -> object:
        """What stands under the block's key; every kind of block has its own."""
        return {}

    def wire(self) -> Wire:
        """The block as a portal takes it: an object with one key."""
        return {self.key: self.body()}

    def stored(self) -> Wire:
        """The block as a portal stores it: what `normal.attach` makes of `wire`, without the way round."""
        return {self.key: self.body()}


def without_none(**fields: Field) -> Wire:
    """The fields that are given."""
    return {key: value for key, value in fields.items() if value is not None}


def texts(block: Block, **given: str | None) -> None:
    """Refuses an empty text among those given."""
    for key, value in given.items():
        if value is not None:
            text = checks.text(value, f"{key} of {type(block).__name__}", BadBlock)
            if "#BR#" in text and key == "NAME" and not line(text):
                raise BadBlock(f"NAME of {type(block).__name__} has nothing but line breaks")


def links(**given: str | None) -> None:
    """Refuses what is no link to a portal, and a backslash in it, among those given."""
    for key, value in given.items():
        if value is not None and "\\" in checks.link(value, key, BadBlock):
            raise BadBlock(f"{key} {value!r} holds a backslash, which the portal may read as something else: write %5C")


def sizes(**given: int | None) -> None:
    """Refuses what is no whole number above 0 among those given."""
    for key, value in given.items():
        if value is not None:
            checks.positive(value, key, BadBlock)


@dataclass(frozen=True, slots=True)
class Message(Block):
    """A text in BB code (reference: MESSAGE).

    `as_description` shows it in notifications too (AS_DESCRIPTION); `shorten` is for `fit`: the fewest characters of
    it that still say enough, None if it is whole or not at all.
    """

    text: str
    _: KW_ONLY
    as_description: bool = False
    shorten: int | None = None

    key: ClassVar[str] = "MESSAGE"

    def __post_init__(self) -> None:
        """Refuse an empty text."""
        texts(self, TEXT=self.text)
        checks.positive(self.shorten, "shorten", BadBlock)

    def body(self) -> object:
        """The text, or the object that makes it the description."""
        return {"TEXT": body(self.text), "AS_DESCRIPTION": "Y"} if self.as_description else body(self.text)

    def stored(self) -> Wire:
        """The text alone; the description is stored beside the blocks."""
        return {"MESSAGE": body(self.text)}


def _one_target(block: Block, network: str | None, **targets: Field) -> None:
    given = [key for key, value in targets.items() if value is not None]
    if len(given) > 1:
        raise BadBlock(
            f"{block.key} leads to one place: the portal would keep {given[0]} and drop {', '.join(given[1:])}"
        )
    if network is not None and not re.fullmatch(r"[A-Za-z0-9][0-9]+", network):
        raise BadBlock(f"NETWORK_ID {network!r} is no network id: one letter and digits")


@dataclass(frozen=True, slots=True)
class User(Block):
    """A person, chat or bot with a picture (reference: USER); leads to at most one place."""

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
        """Check the name, the links and that there is one target."""
        texts(self, NAME=self.name)
        links(AVATAR=self.avatar, LINK=self.link)
        sizes(USER_ID=self.user_id, CHAT_ID=self.chat_id, BOT_ID=self.bot_id)
        ids: dict[str, Field] = {"USER_ID": self.user_id, "CHAT_ID": self.chat_id, "BOT_ID": self.bot_id}
        _one_target(self, self.network_id, NETWORK_ID=self.network_id, **ids, LINK=self.link)
        kind = Avatar.CHAT if self.chat_id else Avatar.BOT if self.bot_id else self.avatar_type
        if self.avatar_type is not None:
            checks.word(self.avatar_type, Avatar, BadBlock)
        if self.avatar_type not in (None, kind):
            raise BadBlock(f"AVATAR_TYPE {self.avatar_type} would become {kind}, because the block leads there")

    def body(self) -> Wire:
        """The fields that are given."""
        return without_none(
            NAME=line(self.name), AVATAR=self.avatar, AVATAR_TYPE=self.avatar_type and self.avatar_type.value,
            NETWORK_ID=self.network_id, USER_ID=self.user_id, CHAT_ID=self.chat_id, BOT_ID=self.bot_id, LINK=self.link,
        )  # fmt: skip

    def stored(self) -> Wire:
        """A list of one, with the shape of the picture always."""
        kind = Avatar.CHAT if self.chat_id else Avatar.BOT if self.bot_id else self.avatar_type or Avatar.USER
        return {"USER": [self.body() | {"AVATAR_TYPE": kind.value}]}


@dataclass(frozen=True, slots=True)
class Leading(Block):
    """What LINK and RICH_LINK share: one target (with an id a name is needed), words and a picture; not made itself."""

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
        """Check links, sizes, and that the portal would not drop the block or a part of it."""
        texts(self, NAME=self.name, DESC=self.desc, HTML=self.html)
        links(LINK=self.url, PREVIEW=self.preview)
        sizes(WIDTH=self.width, HEIGHT=self.height)
        if self.network_id is not None or self.user_id is not None or self.chat_id is not None:
            self._by_id()
        elif self.url is None:
            raise BadBlock(f"{self.key} leads nowhere: the portal would drop it")
        if self.preview is None and (self.width or self.height):
            raise BadBlock(f"WIDTH and HEIGHT of a {self.key} belong to its PREVIEW: the portal would drop them")

    def _by_id(self) -> None:
        sizes(USER_ID=self.user_id, CHAT_ID=self.chat_id)
        ids: dict[str, Field] = {"NETWORK_ID": self.network_id, "USER_ID": self.user_id, "CHAT_ID": self.chat_id}
        _one_target(self, self.network_id, LINK=self.url, **ids)
        if self.name is None:
            raise BadBlock(f"{self.key} to a person, chat or network needs a NAME: the portal would drop it")

    def body(self) -> Wire:
        """The fields that are given."""
        return without_none(
            LINK=self.url, NAME=self.name and line(self.name), DESC=self.desc and words(self.desc),
            HTML=self.html and words(self.html), PREVIEW=self.preview, WIDTH=self.width, HEIGHT=self.height,
            NETWORK_ID=self.network_id, USER_ID=self.user_id, CHAT_ID=self.chat_id,
        )  # fmt: skip

    def stored(self) -> Wire:
        """A list of one."""
        return {self.key: [self.body()]}


@dataclass(frozen=True, slots=True)
class Link(Leading):
    """A link with a caption and a picture (reference: LINK); leads to an address, a person, a chat or the network.

    With an id a name is needed. `html` overrides `desc`, and takes the place of the picture.
    """

    key: ClassVar[str] = "LINK"

    def __post_init__(self) -> None:
        """Refuse a picture that would not be shown."""
        Leading.__post_init__(self)
        if self.html is not None and self.preview is not None:
            raise BadBlock("a LINK with HTML shows no PREVIEW: the portal would drop it")


@dataclass(frozen=True, slots=True)
class RichLink(Leading):
    """A link unfolded into a card (reference: RICH_LINK); `extra_image` is shown where there is no preview."""

    _: KW_ONLY
    extra_image: str | None = None

    key: ClassVar[str] = "RICH_LINK"

    def __post_init__(self) -> None:
        """Refuse a picture that would not be shown."""
        Leading.__post_init__(self)
        links(EXTRA_IMAGE=self.extra_image)
        if self.preview is not None and self.extra_image is not None:
            raise BadBlock("a RICH_LINK with PREVIEW shows no EXTRA_IMAGE: the portal would drop it")

    def body(self) -> Wire:
        """The fields that are given."""
        return Leading.body(self) | without_none(EXTRA_IMAGE=self.extra_image)

    def stored(self) -> Wire:
        """A list of one, with the size inside PREVIEW_SIZE."""
        card = self.body()
        if self.preview is not None:
            card["PREVIEW_SIZE"] = without_none(HEIGHT=card.pop("HEIGHT", None), WIDTH=card.pop("WIDTH", None))
        return {"RICH_LINK": [card]}


@dataclass(frozen=True, slots=True)
class Delimiter(Block):
    """A line between blocks (reference: DELIMITER); `size` in pixels, 200 if not given."""

    size: int | None = None
    colour: str | None = None

    key: ClassVar[str] = "DELIMITER"

    def __post_init__(self) -> None:
        """Check size and colour."""
        sizes(SIZE=self.size)
        checks.colour(self.colour, "COLOR", BadBlock)

    def body(self) -> object:
        """Size and colour; the size always, because an empty object may arrive as an empty list."""
        return without_none(SIZE=self.size or 200, COLOR=self.colour)
