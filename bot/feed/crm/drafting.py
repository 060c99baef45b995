"""What is different in a draft that is a text for the CRM."""

from __future__ import annotations

from typing import Any

from bot.errors import UserMistake
from bot.feed.composer.drafts import Draft
from bot.feed.crm import looking, writing
from bot.feed.relay import cards
from bot.framework.context import Context
from bot.model import effects
from bot.model.events import Dialog, UserId

_ONLY_POSTS = (
    "important",
    "until",
    "tags",
    "background",
    "link_preview",
    "thanked",
    "medal",
    "question",
    "answers",
    "several",
)
"""The fields of a draft that texts for the CRM do not have."""


def allowed(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields to change of a text for the CRM.

    Raises:
        UserMistake: such a text does not have one of them.
    """
    if any(fields.get(name) for name in _ONLY_POSTS):
        raise UserMistake("crm.only_posts")
    return fields


async def picked(ctx: Context, draft: Draft, place: int, *, user: UserId) -> dict[str, Any]:
    """Return the fields of a draft after its owner chose a CRM card; the card is read with the owner's rights.

    Raises:
        UserMistake: the owner may not see that card any more.
    """
    choice = draft.choices[place]
    card, feed = await looking.look(ctx, choice.card.entity, user=user)
    text = f"{choice.kept} {draft.text}".strip()
    return {"card": card, "crm_feed": feed, "choices": (), "asked": "", "near": False, "text": text}


async def publication(ctx: Context, draft: Draft, *, dialog: Dialog, user: UserId) -> effects.CrmText:
    """Make the effect that writes a draft to its CRM card."""
    portal = await cards.known_portal(ctx)
    feed = portal.has_crm_feed(ctx.now) is not False
    return writing.publication(ctx, draft, dialog=dialog, user=user, feed=feed, answers=None)
