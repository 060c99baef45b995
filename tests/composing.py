"""The composer in tests: a portal where /post shows a preview first, and what a test does with the card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot import commands
from bot.feed.composer.drafts import Draft
from bot.model.effects import Edit, Effect, Say, ShowDraft
from bot.model.events import Dialog, MessageId, Person, UserId
from bot.model.records import Named
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, PRIVATE, SETTINGS, Conversation

CARD = MessageId(500)
"""The message that shows the first card: the stand-in presses the buttons of this message."""
TOM = Person(id=UserId(5), name="Tom Berg")
PEOPLE = [
    Named(code="DR3", name="Sales"),
    Named(code="U5", name="Tom Berg"),
    Named(code="U6", name="Tom Ahrens"),
    Named(code="SG9", name="Velvet", visible=False),
]
PREVIEWS = replace(SETTINGS, publish_at_once=False)


def conversation(dialog: Dialog = PRIVATE, **more: Any) -> Conversation:
    """Return a dialog on a portal where /post shows a preview first."""
    portal = StandInPortal(people=PEOPLE)
    return Conversation(router=commands.router(), portal=portal, dialog=dialog, settings=PREVIEWS, keeps=True, **more)


async def shown(chat: Conversation, text: str, *, message: MessageId = CARD) -> ShowDraft:
    """Type something, and let the card that it causes be sent as this message."""
    (card,) = [one for one in await chat.say(text) if isinstance(one, ShowDraft)]
    await chat.done(card, message)
    return card


def button(card: ShowDraft | Edit | Say, label: str) -> tuple[str, str]:
    """Return the command and the parameters of a button."""
    (found,) = [one for one in card.content.keyboard if one.get("TEXT") == label]
    return str(found["COMMAND"]), str(found["COMMAND_PARAMS"])


async def press(chat: Conversation, card: ShowDraft | Edit | Say, label: str) -> list[Effect]:
    """Press a button of a card."""
    return await chat.press(*button(card, label))


def draft_of(chat: Conversation) -> Draft | None:
    """Return Anna's draft in this dialog."""
    found = chat.memory.conversations.get((chat.dialog, ANNA.id, Draft))
    return found.state if found and isinstance(found.state, Draft) else None


def rows(card: ShowDraft | Edit) -> dict[str, str]:
    """Return the details that a card shows."""
    (grid,) = [block["GRID"] for block in card.content.attach["BLOCKS"] if "GRID" in block]
    return {row["NAME"]: row["VALUE"] for row in grid}
