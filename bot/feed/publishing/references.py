"""Reads references to posts, chats and CRM cards.

A reference is a number, a word or a pasted link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import comparing
from bot.errors import UserMistake
from bot.framework import converters
from bot.model.effects import CrmEntity
from bot.model.events import Dialog
from keyboards import bb

_HERE = {"here", "здесь", "сюда", "hier"}
_CHAT = re.compile(r"(?:chat|\[CHAT=)([1-9]\d{0,17})(?:\].*)?", re.ASCII | re.IGNORECASE)
_POST_LINK = re.compile(r"\S*/blog/(\d{1,18})/?(?=\s|\Z)", re.ASCII)
_CRM_TYPES = {
    **dict.fromkeys(("lead", "лид", "лида", "лиду"), "lead"),
    **dict.fromkeys(("deal", "сделка", "сделку", "сделке", "auftrag", "deals"), "deal"),
    **dict.fromkeys(("contact", "контакт", "контакту", "kontakt"), "contact"),
    **dict.fromkeys(("company", "компания", "компанию", "компании", "unternehmen", "firma"), "company"),
}
"""Words for the CRM types; the values are the portal's (reference: crm.timeline.comment.add, ENTITY_TYPE)."""
_CRM_LINK = re.compile(
    r"(?:https?://([^/\s]+))?/crm/(lead|deal|contact|company)/(?:details|show)/(\d{1,18})\S*", re.ASCII
)
_CRM_NAMED = re.compile(r"((?:[^\W\d]|[\u00ad\u0300-\u036f])+)[\s:#№]*(\d{1,18})(?=\s|\Z)")


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
    if named is None or (kind := _CRM_TYPES.get(comparing.fold(named[1]))) is None or int(named[2]) == 0:
        raise UserMistake("crm.no_entity")
    return CrmCard(entity=CrmEntity(type=kind, id=int(named[2]))), text[named.end() :]


def post_id(text: str) -> tuple[int, str]:
    """Read a post's number or link from the start; return the rest too."""
    if link := _POST_LINK.match(text):
        return int(link[1]), text[link.end() :]
    return converters.number(text)


def is_here(word: str) -> bool:
    """Check whether a word means the dialog in which it is written."""
    return comparing.fold(word) in _HERE


def chat(word: str, *, here: Dialog) -> Dialog | None:
    """Return the dialog that a word names: `chat42`, a pasted chat or `here`; else None."""
    if is_here(word):
        return here
    found = _CHAT.fullmatch(word)
    return Dialog(f"chat{found[1]}") if found else None


def chat_link(dialog: Dialog) -> str:
    """Return a link to a chat in BB code.

    To the person, if the dialog is private.
    """
    if dialog.isdigit():
        return bb.user(int(dialog), f"U{dialog}").bb()
    return bb.chat(int(dialog.removeprefix("chat")), dialog).bb()
