"""Decides in which language a person is written to.

It is the language that they chose with /lang, else the one that was recognised in what they wrote, else the portal's.
No documented method of Bitrix24 tells the language of a person, and its events name only that of the portal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from bot.framework.reads.memory import Memory
from bot.i18n import recognition
from bot.model.events import Commanded, DialogEvent, Event, From, Said
from bot.model.records import PersonLanguage
from bot.model.state_changes import LanguageRecognised

D = TypeVar("D", bound=DialogEvent)


async def spoken(event: D, memory: Memory) -> tuple[D, LanguageRecognised | None]:
    """Return an event with the language of its author, and the state change that stores it if it was just recognised.

    Bots and the portal itself (user 0) have no language; their events keep that of the portal.
    """
    author = event.author
    if author.is_bot or not author.id:
        return event, None
    known = await memory.language(author.id)
    found = recognised(event, known)
    language = found or known.language or event.language
    change = LanguageRecognised(user=author.id, language=found) if found else None
    return replace(event, language=language), change


def recognised(event: Event, known: PersonLanguage) -> str:
    """Return the language that is newly recognised in what a person wrote; "" if there is none, or they chose one.

    A sign that is not sure does not replace a language that was recognised before.
    """
    sign = None if known.chosen else recognition.sign_of(_written(event))
    if sign is None or sign.language == known.recognised or (known.recognised and not sign.sure):
        return ""
    return sign.language


def recognised_at_last(event: Event, known: PersonLanguage) -> str:
    """Return the language that was recognised last, in this event or before, whatever the person chose; "" if none."""
    return recognised(event, PersonLanguage(recognised=known.recognised)) or known.recognised


def _written(event: Event) -> str:
    """Return what the author of an event has written; "" if a button sent it."""
    if isinstance(event, Said):
        return event.text
    if isinstance(event, Commanded) and event.source is From.TYPED:
        return event.text or f"/{event.name} {event.params}"
    return ""
