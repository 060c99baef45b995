"""A message: text and what it carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keyboards import bb, checks
from keyboards.errors import BadText

if TYPE_CHECKING:
    from keyboards.attach import Attach
    from keyboards.keyboard import Keyboard
    from keyboards.menu import Menu


@dataclass(frozen=True, slots=True)
class Message:
    """Text in BB code (or a document of `bb`) with a keyboard, an attach and a menu, any of them absent.

    `shorten` is for `fit`: the fewest characters of the text that still say enough; None if it is whole or not at all.
    """

    text: str | bb.Node
    keyboard: Keyboard | None = None
    attach: Attach | None = None
    menu: Menu | None = None
    shorten: int | None = None

    def __post_init__(self) -> None:
        """Take the BB code of a document; refuse half of a surrogate pair, and a message of nothing."""
        object.__setattr__(self, "text", checks.unicode(self.code, "the text of a message", BadText))
        if not self.code.strip() and self.attach is None:
            raise BadText("a message has text or an attach: the portal answers MESSAGE_EMPTY")

    @property
    def code(self) -> str:
        """The text as BB code."""
        return self.text if isinstance(self.text, str) else self.text.bb()

    def plain(self) -> str:
        """The text without markup, for push and e-mail."""
        return bb.plain(self.code)
