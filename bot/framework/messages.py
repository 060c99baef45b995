"""Makes messages that fit the limits of Bitrix24, in the format of its REST calls."""

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
    """Make a message in the format of REST calls, shortened to fit the limits.

    `said` is the text for the other parts, or a complete message.

    Raises:
        keyboards.TooBig: it does not fit, even without its optional parts.
    """
    message = Message(said, keyboard, attach, menu) if isinstance(said, str) else said
    fitted = fit(message, limits).message
    return Content(
        text=fitted.text,
        keyboard=fitted.keyboard.wire() if fitted.keyboard else [],
        attach=fitted.attach.wire() if fitted.attach else {},
        menu=fitted.menu.wire() if fitted.menu else [],
    )


def with_text(said: Content, text: str, *, keyboard: Keyboard) -> Content:
    """Return a message with this text and keyboard, and with the attachment of `said`."""
    return replace(of(text, keyboard=keyboard), attach=said.attach)


def with_menu(said: Content, menu: Menu, *, limits: Limits = STRICT) -> Content:
    """Return the message `said` with a context menu."""
    return replace(said, menu=of(Message(said.text, menu=menu), limits=limits).menu)


def fits(keyboard: Keyboard, limits: Limits = STRICT) -> bool:
    """Check whether a keyboard is within the limits."""
    return all(limit.over(size(keyboard)) <= 0 for limit in limits.keyboard)


def with_retry(language: str, said: str, command: str) -> Content:
    """Make a message with a button that puts the user's command back into the input field.

    If the command is too long for a button, the text refers to the user's own message instead.
    """
    keyboard = Keyboard.of([Put(catalog.sentence(language, "button.back"), command)])
    if not fits(keyboard):
        return of(f"{said}\n{catalog.sentence(language, 'words.kept_above')}")
    return of(f"{said}\n{catalog.sentence(language, 'words.kept')}", keyboard=keyboard)
