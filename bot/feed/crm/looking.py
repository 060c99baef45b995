"""Finds the CRM card that a person means, with that person's own rights."""

from __future__ import annotations

import difflib
import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.errors import PortalError, Retry, TokenExpired, TokenRefused, UserMistake, judge
from bot.feed import error_messages
from bot.feed.composer.drafts import CrmChoice
from bot.feed.publishing import matching
from bot.feed.publishing.choosing import MOST_CHOICES
from bot.feed.publishing.references import CrmSearch
from bot.feed.relay import cards
from bot.framework import converters
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.crm_records import CrmDetails, CrmFound
from bot.model.effects import CrmEntity
from bot.model.events import UserId
from bot.model.records import Named
from bot.model.state_changes import CrmFeedKnown
from bot.texts import comparing, cutting
from keyboards import bb

T = TypeVar("T")

TYPES = ("lead", "deal", "contact", "company")
LONGEST_NAME = 100
"""How much of the name of a card an answer shows, in characters."""
SHORTEST = 2
"""The fewest letters of a name that is searched for."""
PART = 3
"""The letters at the start and at the end of a misspelt name by which similar names are searched for."""
_ENDS = " ,.:;!?"
_PARTS = re.compile(r"[\s,.()-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The cards that a person may mean, best first, and the rest of the line (`left`), which is text.

    `certain`: exactly one card has this name. `one`: no other card has it in its name. `near`: only similar names.
    """

    choices: tuple[CrmChoice, ...]
    written: str
    left: str
    certain: bool = False
    one: bool = False
    near: bool = False


async def look(ctx: Context, entity: CrmEntity, *, user: UserId) -> tuple[CrmDetails, bool]:
    """Return a card as the user may see it, and whether texts for it go to a CRM feed, as far as is known.

    Raises:
        UserMistake: the user may not see it, or it does not exist; we do not say which of the two.
    """
    feed = (await cards.known_portal(ctx)).has_crm_feed(ctx.now)
    found = await _asked(ctx, ctx.portal.crm_card(entity, reader=user, ask_feed=feed is None))
    if found.feed is not None:
        ctx.store(CrmFeedKnown(exists=found.feed))
        feed = found.feed
    if found.card is None:
        raise UserMistake("crm.not_seen", entity=entity_name(ctx.language, entity))
    return found.card, feed is not False


async def search(ctx: Context, wanted: CrmSearch, text: str, *, user: UserId) -> Found:
    """Find the cards whose name a person wrote; without quotes the name may go on in the first line of `text`.

    Raises:
        UserMistake: there is no card with such a name that the user may see, or they may not use the CRM.
    """
    if len(wanted.name.strip(_ENDS)) < SHORTEST:
        raise UserMistake("crm.short", value=wanted.name)
    types = (wanted.type,) if wanted.type else TYPES
    line, break_, below = text.partition("\n")
    line = f"{wanted.name} {line}".strip()
    name = wanted.name.strip(_ENDS)
    found = await _found(ctx, [name], types, user)
    if found.many and not wanted.quoted and len(line.split()) > 1:
        found = await _found(ctx, [" ".join(line.split()[:2]).strip(_ENDS), name], types, user)
    by_code = {_code(one): one for one in found.cards}
    candidates = [Named(code=code, name=one.name) for code, one in by_code.items()]
    if not candidates:
        return await _similar(ctx, wanted, text, types, user)
    match = matching.match(wanted.name, candidates) if wanted.quoted else matching.match_line(line, candidates)
    if not match.names:  # a mark (@, #) that no name of a card has
        match = matching.Match(names=tuple(candidates), written=wanted.name, left=text)
    named = match.names[:MOST_CHOICES]
    return Found(
        choices=tuple(CrmChoice(card=by_code[one.code], kept=match.kept.get(one.code, "")) for one in named),
        written=match.written,
        left=(text if wanted.quoted else f"{match.left}{break_}{below}").strip(),
        certain=match.certain,
        one=len(match.names) == 1 and len(candidates) == 1 and wanted.quoted,
    )


def entity_name(language: str, entity: CrmEntity, name: str = "") -> str:
    """Return the type and the number of a card in words, as in `deal 42`, and its name in quotes if it is given."""
    said = catalog.sentence(language, f"crm.{entity.type}", id=entity.id)
    if not name:
        return said
    return catalog.sentence(language, "crm.named", entity=said, name=bb.escape(cutting.shorten(name, LONGEST_NAME)))


async def _similar(ctx: Context, wanted: CrmSearch, text: str, types: Sequence[str], user: UserId) -> Found:
    """Find the cards that have a name similar to the written one."""
    name = comparing.fold(wanted.name)
    parts = list(dict.fromkeys((cutting.start(name, PART), name[-PART:])))
    found = await _found(ctx, parts, types, user) if len(name) > PART else CrmFound(cards=())
    rated = sorted(((_likeness(one.name, name), one) for one in found.cards), key=lambda pair: -pair[0])
    near = [CrmChoice(card=one) for likeness, one in rated if likeness >= matching.NEAR]
    if not near:
        raise UserMistake("crm.not_found", value=cutting.start(wanted.name, converters.SHOWN))
    choices = near[:MOST_CHOICES]
    return Found(choices=tuple(choices), written=wanted.name, left=text, near=True)


def _likeness(name: str, written: str) -> float:
    """Return how similar a written name is to a name or to one of its words, from 0 to 1."""
    folded = comparing.fold(name)
    return max(difflib.SequenceMatcher(None, one, written).ratio() for one in (folded, *_PARTS.split(folded)))


async def _found(ctx: Context, texts: Sequence[str], types: Sequence[str], user: UserId) -> CrmFound:
    found = await _asked(ctx, ctx.portal.find_crm(texts, types, reader=user))
    if found.denied:
        raise UserMistake("crm.no_rights")
    return found


async def _asked(ctx: Context, answer: Awaitable[T]) -> T:
    """Return what the portal answers.

    Raises:
        UserMistake: the portal refuses for a reason that stays, or we have no valid token of the person.
        PortalError, PortalDown: another attempt may help.
    """
    try:
        return await answer
    except (TokenExpired, TokenRefused):
        raise UserMistake("crm.no_token") from None
    except PortalError as refused:
        if judge(refused).retry is not Retry.NO:
            raise
        raise UserMistake("crm.cannot_look", why=error_messages.reason(ctx.language, refused)) from None


def _code(card: CrmDetails) -> str:
    return f"CRM{card.entity.type.upper()}{card.entity.id}"
