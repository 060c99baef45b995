"""ATTACH: structured blocks shown with a message. `attach.Attach.of([attach.Message("..."), attach.Delimiter()])`.

Push, e-mail and XMPP do not show it (reference: ATTACH), so the text of the message must be able to stand alone.
"""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, TypeAlias

from keyboards.blocks.grids import File, Files, Grid, Image, Images, Row
from keyboards.blocks.single import Block, Delimiter, Link, Message, RichLink, User, body, line
from keyboards.errors import BadBlock
from keyboards.normal.blocks import CREATED, one_line
from keyboards.validation import checks, rules
from keyboards.words import Rank, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keyboards.buttons import Wire

__all__ = [
    "TRANSPARENT", "Attach", "Block", "Delimiter", "File", "Files", "Grid", "Image", "Images", "Link", "Message",
    "RichLink", "Row", "User",
]  # fmt: skip

More: TypeAlias = "Block | Callable[[int], Block] | None"

TRANSPARENT = "TRANSPARENT"
"""The COLOR that draws no stripe beside the blocks."""

_ENTITY = re.compile(r"&(?=#?\w{1,31};)")


@dataclass(frozen=True, slots=True)
class Attach:
    """Blocks in order, with a colour and the words that notifications show instead.

    `more` is for `fit`: the block that stands at the end where something had to go ("All of it: ..."), or a function
    that makes it from the number of blocks that stayed.
    Reference: ATTACH, full form: BLOCKS, COLOR_TOKEN, COLOR, DESCRIPTION; the portal sets ID itself.
    """

    blocks: tuple[Block, ...]
    _: KW_ONLY
    token: Token = Token.BASE
    colour: str | None = None
    description: str = ""
    more: More = None

    def __post_init__(self) -> None:
        """Refuse no blocks (ATTACH_ERROR), a wrong colour (the portal would pick one at random), two descriptions."""
        object.__setattr__(self, "blocks", tuple(self.blocks))
        if not self.blocks:
            raise BadBlock("an attach has at least one block")
        for block in self.blocks:
            if not isinstance(block, Block):
                raise BadBlock(f"an attach holds blocks, not {type(block).__name__}")
            if block.rank.__class__ is not Rank or block.instead is not None:
                block.weighed()
        if self.more is not None and not isinstance(self.more, Block) and not callable(self.more):
            raise BadBlock(f"more is {type(self.more).__name__}, not a block or what makes one")
        checks.word(self.token, Token, BadBlock)
        self._described()

    def _described(self) -> None:
        """Refuse a wrong colour, and a second description."""
        if self.colour != TRANSPARENT:
            checks.colour(self.colour, "COLOR", BadBlock)
        checks.unicode(self.description, "DESCRIPTION", BadBlock)
        told = sum(isinstance(block, Message) and block.as_description for block in self.blocks)
        if told + bool(rules.bare(self.description)) > 1:
            raise BadBlock("an attach has one description: only one of them would stay")

    @classmethod
    def of(
        cls, blocks: Iterable[Block], *, token: Token = Token.BASE, colour: str | None = None, description: str = "",
        more: More = None,
    ) -> Attach:  # fmt: skip
        """An attach of these blocks."""
        return cls(tuple(blocks), token=token, colour=colour, description=description, more=more)

    def wire(self) -> Wire:
        """The full form: an object with BLOCKS and what is not default."""
        wire: Wire = {"BLOCKS": [block.wire() for block in self.blocks]}
        if self.token is not Token.BASE:
            wire["COLOR_TOKEN"] = self.token.value
        if self.colour is not None:
            wire["COLOR"] = self.colour
        if rules.bare(self.description):
            wire["DESCRIPTION"] = described(self.description)
        return wire

    def stored(self) -> Wire:
        """The object that a portal stores, whose size counts; the ID stands for the time of storing."""
        told = next((block.text for block in self.blocks if isinstance(block, Message) and block.as_description), "")
        stored: Wire = {
            "ID": CREATED,
            "BLOCKS": [block.stored() for block in self.blocks],
            "DESCRIPTION": one_line(body(told)) if told else described(self.description),
        }
        if self.colour is not None:
            stored["COLOR"] = "transparent" if self.colour == TRANSPARENT else self.colour
        stored["COLOR_TOKEN"] = self.token.value
        return stored

    def more_block(self, kept: int) -> Block | None:
        """What is shown for the blocks that are missing when so many stayed."""
        return self.more if self.more is None or isinstance(self.more, Block) else self.more(kept)

    def short(self) -> list[Wire]:
        """The short form: the list of blocks alone; refused where it would lose something."""
        wire = self.wire()
        if len(wire) > 1:
            raise BadBlock(f"the short form cannot hold {', '.join(key for key in wire if key != 'BLOCKS')}")
        return [block.wire() for block in self.blocks]


def described(text: str) -> str:
    """Plain text for DESCRIPTION, which the portal reads as HTML: `<` and entities are harmless and stay readable."""
    return _ENTITY.sub("＆", line(text)).replace("<", "＜")
