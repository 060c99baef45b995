"""Reads references to posts, chats and CRM cards.

A reference is a number, a word or a pasted link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import UserMistake
from bot.framework import converters
from bot.i18n import catalog
from bot.model.effects import CrmEntity
from bot.model.events import Dialog
from keyboards import bb

_HERE = {"here", *catalog.also("here")}
_CHAT = re.compile(r"(?:chat|\[CHAT=)([1-9]\d{0,17})(?:\].*)?", re.ASCII | re.IGNORECASE)
_POST_LINK = re.compile(r"\S*/blog/(\d{1,18})/?(?=\s|\Z)", re.ASCII)
_CRM_TYPES = {word: kind for kind in ("lead", "deal", "contact", "company") for word in (kind, *catalog.also(kind))}
"""Words for the CRM types; the values are the portal's (reference: crm.timeline.comment.add, ENTITY_TYPE)."""
_CRM_LINK = re.compile(
    r"(?:https?://([^/\s]+))?/crm/(lead|deal|contact|company)/(?:details|show)/(\d{1,18})\S*", re.ASCII
)
_CRM_NAMED = re.compile(r"([^\W\d]+)[\s:#№]*(\d{1,18})(?=\s|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmCard:
    """A CRM card, and the portal of the link that named it.

    `host` is empty if the card was named by type and number.
    """

    entity: CrmEntity
    host: str = ""


def crm_card(text: str) -> tuple[CrmCard, str]:
    """Read a CRM card from the start of the text, and return the rest.

    It is a type and a number, or a pasted link.

    Raises:
        UserMistake: the text does not start with a CRM card.
    """
    if link := _CRM_LINK.match(text):
        return CrmCard(entity=CrmEntity(type=link[2], id=int(link[3])), host=link[1] or ""), text[link.end() :]
    named = _CRM_NAMED.match(text)
    if named is None or (kind := _CRM_TYPES.get(named[1].casefold())) is None or int(named[2]) == 0:
        raise _no_card(text)
    return CrmCard(entity=CrmEntity(type=kind, id=int(named[2]))), text[named.end() :]


def _no_card(text: str) -> UserMistake:
    """Say which part of the text is no CRM card: the type, the number or the link."""
    first, left = converters.first(text)
    kind = first.rstrip(":#№")
    if "/" in first:
        return UserMistake("crm.no_link", value=first[: converters.SHOWN])
    if kind.casefold() not in _CRM_TYPES:
        named = re.match(r"[^\W\d]+", kind)
        return UserMistake("crm.no_type", value=(named[0] if named else first)[: converters.SHOWN])
    value = converters.first(left)[0]
    return UserMistake("crm.no_number" if value else "crm.which", value=(value or first)[: converters.SHOWN])


def post_id(text: str) -> tuple[int, str]:
    """Read a post's number or link from the start; return the rest too."""
    if link := _POST_LINK.match(text):
        return int(link[1]), text[link.end() :]
    return converters.number(text)


def is_here(word: str) -> bool:
    """Check whether a word means the dialog in which it is written."""
    return word.casefold() in _HERE


def chat(word: str, *, here: Dialog) -> Dialog | None:
    """Return the dialog that a word names: `chat42`, a pasted chat or `here`; else None."""
    if is_here(word):
        return here
    found = _CHAT.fullmatch(word)
    return Dialog(f"chat{found[1]}") if found else None


def chat_link(dialog: Dialog) -> str:
    """Return a link to a chat in BB code; for a private dialog, a link to the person."""
    if dialog.isdigit():
        return bb.user(int(dialog), f"U{dialog}").bb()
    return bb.chat(int(dialog.removeprefix("chat")), dialog).bb()
