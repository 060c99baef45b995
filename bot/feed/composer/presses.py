"""The signed buttons of a draft: each is bound to its owner, its dialog and one revision of the draft."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.feed.composer.drafts import Draft
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.events import Dialog, UserId
from keyboards import Command, Token


class Action(StrEnum):
    """Says what a press does."""

    PUBLISH = "p"
    CANCEL = "x"
    CHANGE = "c"
    BACK = "b"
    SHOW = "s"
    TEXT = "t"
    TITLE = "h"
    TO = "r"
    TAGS = "g"
    IMPORTANT = "i"
    ORDINARY = "o"
    LINK = "l"
    NO_LINK = "n"
    NO_FILES = "f"
    NO_QUOTE = "z"
    POLL = "q"
    NO_POLL = "v"
    SEVERAL = "m"
    ONE = "1"
    NO_THANKS = "k"
    FIRST = "A"
    SECOND = "B"
    THIRD = "C"
    FOURTH = "D"
    FIFTH = "E"
    SIXTH = "F"
    SEVENTH = "G"
    EIGHTH = "H"
    BACKGROUND = "u"
    LATER = "w"
    HOUR = "2"
    TOMORROW = "3"
    MONDAY = "4"
    OTHER = "5"


ASKED = {
    Action.TEXT: "text", Action.TITLE: "title", Action.TO: "to", Action.TAGS: "tags", Action.POLL: "poll",
    Action.BACKGROUND: "background",
    Action.OTHER: "when",
}  # fmt: skip
"""The field of a draft that each of these actions asks for."""
TIMES = {Action.HOUR: "in 1 hour", Action.TOMORROW: "tomorrow 9:00", Action.MONDAY: "monday 9:00"}
"""The time at which each of these actions publishes a draft."""
PICKS = (
    Action.FIRST, Action.SECOND, Action.THIRD, Action.FOURTH, Action.FIFTH, Action.SIXTH, Action.SEVENTH, Action.EIGHTH,
)  # fmt: skip
"""The actions that choose one of several CRM cards, in their order."""
COMMANDS = {Action.PUBLISH: "publish", Action.CANCEL: "cancel", Action.SHOW: "preview"}
"""The command that a button of an action calls; the others call /draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """The payload of a button: what it does, and the revision of the draft that it was made for."""

    action: Action
    revision: str


def button(
    ctx: Context, draft: Draft, action: Action, *, dialog: Dialog, user: UserId, token: Token = Token.BASE,
    label: str = "",
) -> Command:  # fmt: skip
    """Make a signed button of a draft; `label` is its text if it is not that of the action."""
    payload = Press(action=action, revision=draft.revision)
    params = ctx.sign(payload, dialog=dialog, user=user, expires=draft.expires_at)
    label = label or catalog.sentence(draft.language, f"draft.button_{action.name.lower()}")
    return Command(label, COMMANDS.get(action, "draft"), params, token=token)


def read(ctx: Context, params: str, *, dialog: Dialog, user: UserId) -> Press:
    """Return what a pressed button says.

    Raises:
        keyboards.BadSignature: it was not made for this user and dialog, or has expired, or was forged.
    """
    return ctx.signed(Press, params, dialog=dialog, user=user)
