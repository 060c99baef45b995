"""ATTACH: structured blocks that are shown with a message.

Example: `attach.Attach.of([attach.Message("..."), attach.Delimiter()])`. Push notifications, e-mail and XMPP do not
show it (reference: ATTACH), so the text of the message must be complete without it.
"""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, TypeAlias

from keyboards.blocks.grids import File, Files, Grid, Image, Images, Row
from keyboards.blocks.single import Block, Delimiter, Link, Message, RichLink, User, body, line
from keyboards.enums import Rank, Token
from keyboards.errors import BadBlock
from keyboards.normal.blocks import CREATED, one_line
from keyboards.validation import checks, rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keyboards.buttons import Wire

__all__ = [
    "TRANSPARENT", "Attach", "Block", "Delimiter", "File", "Files", "Grid", "Image", "Images", "Link", "Message",
    "RichLink", "Row", "User",
]  # fmt: skip

More: TypeAlias = "Block | Callable[[int], Block] | None"

TRANSPARENT = "TRANSPARENT"
"""The COLOR that shows no stripe beside the blocks."""

_ENTITY = re.compile(r"&(?=#?\w{1,31};)")


@dataclass(frozen=True, slots=True)
class Attach:
    """Blocks in order, with a colour and a text that notifications show instead of the blocks.

    `more` is for `fit`: the block that is added at the end when blocks were removed ("All of it: ..."), or a function
    that makes this block from the number of remaining blocks.
    Reference: ATTACH, full form: BLOCKS, COLOR_TOKEN, COLOR, DESCRIPTION; the portal sets ID itself.
    """

    blocks: tuple[Block, ...]
    _: KW_ONLY
    token: Token = Token.BASE
    colour: str | None = None
    description: str = ""
    more: More = None

    def __post_init__(self) -> None:
        """Check blocks, colour and description; raise BadBlock.

        Without blocks, the portal answers ATTACH_ERROR. It replaces a wrong colour by a random one, and keeps only one
        of two descriptions.
        """
        object.__setattr__(self, "blocks", tuple(self.blocks))
        if not self.blocks:
            raise BadBlock("an attach has at least one block")
        for block in self.blocks:
            if not isinstance(block, Block):
                raise BadBlock(f"an attach contains blocks, not {type(block).__name__}")
            if block.rank.__class__ is not Rank or block.instead is not None:
                block.check_options()
        if self.more is not None and not isinstance(self.more, Block) and not callable(self.more):
            raise BadBlock(f"more is {type(self.more).__name__}, not a block or a function that returns one")
        checks.member(self.token, Token, BadBlock)
        self._check_description()

    def _check_description(self) -> None:
        """Check the colour, and that there is at most one description; raise BadBlock."""
        if self.colour != TRANSPARENT:
            checks.colour(self.colour, "COLOR", BadBlock)
        checks.unicode(self.description, "DESCRIPTION", BadBlock)
        descriptions = sum(isinstance(block, Message) and block.as_description for block in self.blocks)
        if descriptions + bool(rules.bare(self.description)) > 1:
            raise BadBlock("an attach has two descriptions: the portal would keep only one")

    @classmethod
    def of(
        cls, blocks: Iterable[Block], *, token: Token = Token.BASE, colour: str | None = None, description: str = "",
        more: More = None,
    ) -> Attach:  # fmt: skip
        """Make an attach of blocks; raise BadBlock as the class does."""
        return cls(tuple(blocks), token=token, colour=colour, description=description, more=more)

    def wire(self) -> Wire:
        """Return the attach as a request contains it: BLOCKS and all fields that are not default."""
        wire: Wire = {"BLOCKS": [block.wire() for block in self.blocks]}
        if self.token is not Token.BASE:
            wire["COLOR_TOKEN"] = self.token.value
        if self.colour is not None:
            wire["COLOR"] = self.colour
        if rules.bare(self.description):
            wire["DESCRIPTION"] = description_text(self.description)
        return wire

    def stored(self) -> Wire:
        """Return the object as a portal stores it; the limits apply to its size.

        The ID is a placeholder for the time of storing.
        """
        descriptions = next(
            (block.text for block in self.blocks if isinstance(block, Message) and block.as_description), ""
        )
        stored: Wire = {
            "ID": CREATED,
            "BLOCKS": [block.stored() for block in self.blocks],
            "DESCRIPTION": one_line(body(descriptions)) if descriptions else description_text(self.description),
        }
        if self.colour is not None:
            stored["COLOR"] = "transparent" if self.colour == TRANSPARENT else self.colour
        stored["COLOR_TOKEN"] = self.token.value
        return stored

    def more_block(self, kept: int) -> Block | None:
        """Return the block to add when blocks were removed, or None when there is none.

        `kept` is the number of remaining blocks.
        """
        return self.more if self.more is None or isinstance(self.more, Block) else self.more(kept)

    def short(self) -> list[Wire]:
        """Return the short form of the attach, a list of blocks; raise BadBlock when it would lose fields."""
        wire = self.wire()
        if len(wire) > 1:
            raise BadBlock(f"the short form cannot contain {', '.join(key for key in wire if key != 'BLOCKS')}")
        return [block.wire() for block in self.blocks]


def description_text(text: str) -> str:
    """Return a plain text as DESCRIPTION, which the portal reads as HTML.

    `<`, and `&` where an entity begins, are replaced by full-width characters, so that the text stays readable.
    """
    return _ENTITY.sub("＆", line(text)).replace("<", "＜")
