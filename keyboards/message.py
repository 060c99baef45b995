"""A message: text and what it carries."""

from __future__ import annotations

from dataclasses import dataclass

from keyboards import bb, normal
from keyboards.attach import Attach
from keyboards.buttons import Wire
from keyboards.errors import BadButton, BadText
from keyboards.keyboard import Keyboard, envelope
from keyboards.menu import Menu
from keyboards.validation import checks, rules


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """Text in BB code (or a document of `bb`) with a keyboard, an attach and a menu, any of them absent.

    `shorten` is for `fit`: the fewest characters of the text that still say enough; None if it is whole or not at all.
    """

    text: str
    keyboard: Keyboard | None = None
    attach: Attach | None = None
    menu: Menu | None = None
    shorten: int | None = None

    def __init__(
        self,
        text: str | bb.Node,
        keyboard: Keyboard | None = None,
        attach: Attach | None = None,
        menu: Menu | None = None,
        *,
        shorten: int | None = None,
    ) -> None:
        """Take the BB code of a document; refuse half of a surrogate pair, and a message of nothing."""
        code = checks.unicode(text.bb() if isinstance(text, bb.Node) else text, "the text of a message")
        _only("keyboard", keyboard, Keyboard, "a Keyboard")
        _only("attach", attach, Attach, "an Attach")
        _only("menu", menu, Menu, "a Menu")
        checks.positive(shorten, "shorten", BadText)
        if attach is None and not rules.bare(normal.lines(code)):
            raise BadText("a message has text or an attach: the portal answers MESSAGE_EMPTY")
        for name, value in zip(self.__slots__, (code, keyboard, attach, menu, shorten), strict=True):
            object.__setattr__(self, name, value)

    def wire(self, bot_id: int) -> Wire:
        """What a request of imbot or im carries: MESSAGE, and KEYBOARD, ATTACH and MENU where there are any.

        An update leaves alone what is absent: add `{"KEYBOARD": REMOVE}` to take it away.
        """
        wire: Wire = {"MESSAGE": self.text}
        if self.keyboard is not None:
            wire["KEYBOARD"] = envelope(self.keyboard, bot_id)
        if self.attach is not None:
            wire["ATTACH"] = self.attach.wire()
        if self.menu is not None:
            self.menu.bound(bot_id)
            wire["MENU"] = self.menu.wire()
        return wire

    def fields(self, bot_id: int) -> Wire:
        """What `fields` of an imbot.v2 message hold: the same in lower case; a menu is refused, there is none."""
        if self.menu is not None:
            raise BadButton("imbot.v2 has no MENU: fit(message, limits.V2) leaves it out where that is allowed")
        return {key.lower(): value for key, value in self.wire(bot_id).items()}

    def plain(self) -> str:
        """The text without markup, for push and e-mail."""
        return bb.plain(self.text)


def _only(name: str, given: object, kind: type, what: str) -> None:
    if given is not None and not isinstance(given, kind):
        raise BadText(f"{name} is {type(given).__name__}, not {what}")
