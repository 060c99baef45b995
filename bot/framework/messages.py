"""What the bot says, made to fit: the only way from `keyboards` to the wire form that effects carry."""

from __future__ import annotations

from dataclasses import replace

from bot.i18n import catalog
from bot.model.effects import Content
from keyboards import Attach, Keyboard, Menu, Message, Put, fit, size
from keyboards.limits import STRICT, Limits


def of(
    said: Message | str,
    *,
    keyboard: Keyboard | None = None,
    attach: Attach | None = None,
    menu: Menu | None = None,
    limits: Limits = STRICT,
) -> Content:
    """A message in wire form, measured; of a text with what it carries, or of a message that is made already.

    Raises `keyboards.TooBig` where it does not fit even after giving up what may be given up.
    """
    message = Message(said, keyboard, attach, menu) if isinstance(said, str) else said
    fitted = fit(message, limits).message
    return Content(
        text=fitted.text,
        keyboard=fitted.keyboard.wire() if fitted.keyboard else [],
        attach=fitted.attach.wire() if fitted.attach else {},
        menu=fitted.menu.wire() if fitted.menu else [],
    )


def under(said: Content, text: str, *, keyboard: Keyboard) -> Content:
    """Another text and other buttons for what is attached to a message that is made already."""
    return replace(of(text, keyboard=keyboard), attach=said.attach)


def with_menu(said: Content, menu: Menu, *, limits: Limits = STRICT) -> Content:
    """The same message with a context menu."""
    return replace(said, menu=of(Message(said.text, menu=menu), limits=limits).menu)


def has_room(keyboard: Keyboard, limits: Limits = STRICT) -> bool:
    """Whether a portal takes the keyboard as it is."""
    return all(limit.over(size(keyboard)) <= 0 for limit in limits.keyboard)


def kept(language: str, said: str, command: str) -> Content:
    """A sentence about words that did no good, with a button that puts them back into the input field.

    Where they are too long for a button, the sentence says that they still stand in the person's own message.
    """
    keyboard = Keyboard.of([Put(catalog.sentence(language, "button.back"), command)])
    if not has_room(keyboard):
        return of(f"{said}\n{catalog.sentence(language, 'words.kept_above')}")
    return of(f"{said}\n{catalog.sentence(language, 'words.kept')}", keyboard=keyboard)
