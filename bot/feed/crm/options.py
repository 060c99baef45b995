"""The arguments of /crm, and the further recipients in them: people, departments, groups and CRM cards."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.errors import UserMistake
from bot.feed.composer.drafts import NOTHING
from bot.feed.crm.looking import entity_name
from bot.feed.publishing import recipients, references
from bot.feed.publishing.recipients import Recipients
from bot.framework import arguments, converters
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.effects import CrmEntity
from bot.model.records import Named
from keyboards import bb

_CODE = re.compile(r"(?:.+ \()?CRM(LEAD|DEAL|CONTACT|COMPANY)([1-9]\d{0,17})\)?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[#№]?\d{1,18}(?=[\s,;]|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmWords:
    """What stands after the card: further recipients, a title, and the text.

    `name_goes_on`: the last recipient's name may go on in the text.
    """

    to: tuple[str, ...] = arguments.option(also=catalog.also("option_to"), people=True, prose=True)
    title: str = arguments.option(also=catalog.also("option_title"))
    text: str = arguments.rest()
    name_goes_on: bool = arguments.open_end()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmOptions(CrmWords):
    """The arguments of /crm: a CRM card or the name of one, and the rest."""

    where: references.CrmCard | references.CrmSearch = arguments.positional(  # noqa: RUF009 - makes a field
        needed="crm.no_entity", read=references.crm_target, exact=references.CRM_NUMBERED
    )


def composed(where: str, words: CrmWords) -> str:
    """Write a /crm command; `where` is the card as it is written."""
    return arguments.compose(words, command=f"crm {where}")


def written(args: CrmOptions) -> str:
    """Write the arguments as they were understood, for a button that puts the command back."""
    where, words = args.where, CrmWords(to=args.to, title=args.title, text=args.text, name_goes_on=False)
    if isinstance(where, references.CrmCard):
        return composed(f"{where.entity.type} {where.entity.id}", words)
    name = converters.plain_or_quoted(where.name) if not where.quoted else f'"{where.name}"'
    return composed(f"{where.type} {name}".strip(), words)


async def resolve(ctx: Context, words: Sequence[str], *, text: str = "", open_end: bool = False) -> Recipients:
    """Find recipients as `recipients.resolve` does; CRM cards are named by type and number, or by a link.

    A card goes on in the text too: `to:deal 43, sales They called`. A dash means nobody.
    """
    left = [word for word in words if word not in NOTHING]
    while open_end and left and references.crm_type(left[-1]) and (number := _NUMBER.match(text)):
        left[-1] += f" {number[0]}"
        text = text[number.end() :]
        open_end = text[:1] in tuple(converters.SEPARATORS)
        if open_end:
            more, text = converters.items(text[1:].lstrip(), "to")
            left += more
        text = text.strip()
    cards = {word: card for word in left if (card := _card(ctx.language, word))}
    others = [word for word in left if word not in cards]
    goes_on = open_end and bool(left) and left[-1] not in cards
    found = await recipients.resolve(ctx, others, text=text, open_end=goes_on)
    both = {one.code: one for one in (*cards.values(), *found.found)}
    return replace(found, found=tuple(both.values()), words=(*cards, *found.words), text=found.text)


def _card(language: str, word: str) -> Named | None:
    """Return the CRM card that a word names as a recipient; None if it names none."""
    text = bb.unescape(word).strip()
    if coded := _CODE.fullmatch(text):
        entity = CrmEntity(type=coded[1].lower(), id=int(coded[2]))
    else:
        try:
            reference, more = references.crm_card(text)
        except UserMistake:
            return None
        if more.strip():
            return None
        entity = reference.entity
    return Named(code=f"CRM{entity.type.upper()}{entity.id}", name=entity_name(language, entity))
