"""Posts, chats and CRM cards as people name them: by number, by a word, or by a pasted link."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
"""What people call the types; the values are the portal's (reference: crm.timeline.comment.add, ENTITY_TYPE)."""
_CRM_LINK = re.compile(
    r"(?:https?://([^/\s]+))?/crm/(lead|deal|contact|company)/(?:details|show)/(\d{1,18})\S*", re.ASCII
)
_CRM_NAMED = re.compile(r"([^\W\d]+)[\s:#№]*(\d{1,18})(?=\s|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmCard:
    """A CRM card, and the portal of the link that named it (empty where it was named by type and number)."""

    entity: CrmEntity
    host: str = ""


def crm_card(text: str) -> tuple[CrmCard, str]:
    """A type and a number, or the pasted link of the card."""
    if link := _CRM_LINK.match(text):
        return CrmCard(entity=CrmEntity(type=link[2], id=int(link[3])), host=link[1] or ""), text[link.end() :]
    named = _CRM_NAMED.match(text)
    if named is None or (kind := _CRM_TYPES.get(named[1].casefold())) is None or int(named[2]) == 0:
        raise UserMistake("crm.no_entity")
    return CrmCard(entity=CrmEntity(type=kind, id=int(named[2]))), text[named.end() :]


def post_id(text: str) -> tuple[int, str]:
    """A post's number from the start of the text, or the pasted link of the post; and what is left."""
    if link := _POST_LINK.match(text):
        return int(link[1]), text[link.end() :]
    return converters.number(text)


def is_here(word: str) -> bool:
    """Whether a word means the dialog it is written in."""
    return word.casefold() in _HERE


def chat(word: str, *, here: Dialog) -> Dialog | None:
    """The dialog that a word names: `chat42`, a pasted chat, or `here`; None where it is no chat."""
    if is_here(word):
        return here
    found = _CHAT.fullmatch(word)
    return Dialog(f"chat{found[1]}") if found else None


def chat_link(dialog: Dialog) -> str:
    """A chat in BB code that opens it: a group by its number, a private dialog by its person."""
    if dialog.isdigit():
        return bb.user(int(dialog), f"U{dialog}").bb()
    return bb.chat(int(dialog.removeprefix("chat")), dialog).bb()
