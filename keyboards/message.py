"""A message: a text with keyboard, attach and menu."""

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
    """A text in BB code, with an optional keyboard, attach and menu.

    The text may also be a document of `bb`. `shorten` is for `fit`: the smallest number of characters of the text that
    is still useful, or None when the text must not be cut.
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
        """Check the parts; raise BadText for an empty message or invalid Unicode."""
        code = checks.unicode(text.bb() if isinstance(text, bb.Node) else text, "the text of a message")
        _check_type("keyboard", keyboard, Keyboard, "a Keyboard")
        _check_type("attach", attach, Attach, "an Attach")
        _check_type("menu", menu, Menu, "a Menu")
        checks.positive(shorten, "shorten", BadText)
        if attach is None and not rules.bare(normal.lines(code)):
            raise BadText("a message has text or an attach: the portal answers MESSAGE_EMPTY")
        for name, value in zip(self.__slots__, (code, keyboard, attach, menu, shorten), strict=True):
            object.__setattr__(self, name, value)

    def wire(self, bot_id: int) -> Wire:
        """Return the fields of a request of imbot or im: MESSAGE, KEYBOARD, ATTACH, MENU.

        `bot_id` is the id of the bot, 0 for none; raise BadButton when there are commands but no bot. An update keeps
        absent fields: add `{"KEYBOARD": REMOVE}` to remove the keyboard.
        """
        wire: Wire = {"MESSAGE": self.text}
        if self.keyboard is not None:
            wire["KEYBOARD"] = envelope(self.keyboard, bot_id)
        if self.attach is not None:
            wire["ATTACH"] = self.attach.wire()
        if self.menu is not None:
            self.menu.check_bot(bot_id)
            wire["MENU"] = self.menu.wire()
        return wire

    def fields(self, bot_id: int) -> Wire:
        """Return the object `fields` of a request of imbot.v2: the fields of `wire` with names in lower case.

        Raise BadButton for a menu, because imbot.v2 has none.
        """
        if self.menu is not None:
            raise BadButton("imbot.v2 has no MENU: fit(message, limits.V2) drops it if that is allowed")
        return {key.lower(): value for key, value in self.wire(bot_id).items()}

    def plain(self) -> str:
        """Return the text without markup, for push notifications and e-mail."""
        return bb.plain(self.text)


def _check_type(name: str, given: object, kind: type, what: str) -> None:
    if given is not None and not isinstance(given, kind):
        raise BadText(f"{name} is {type(given).__name__}, not {what}")
