"""Requests for an approval: somebody wants to publish, and the policy asks for the approval of another person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from bot.model import effects
from bot.model.effects import ByUser
from bot.model.events import Dialog, MessageId, UserId
from bot.model.records import Named, Post


class ApprovalState(StrEnum):
    """Says how a request stands; the value is the end of the keys of its sentences."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalMessage:
    """A message of the bot about a request, which is redrawn when it is decided."""

    user: UserId
    dialog: Dialog
    message: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A request for an approval: `number` is its number on the portal, `revision` grows with each change.

    `kind` and `effect` are the class and the fields of the user action that waits, exactly as its author asked for it.
    `to` and `thanked` are its recipients and the people whom it thanks, with their names; `people` is how many readers
    it adds (None: unknown). `headline` is the beginning of the text, and `post` the post that gets more recipients.
    `approvers` are those who may decide. It expires at `expires_at` (unix seconds). `by` is who decided it, with their
    name and the `reason` that they gave.
    """

    number: int
    revision: int
    kind: str
    effect: dict[str, Any]
    author_name: str
    to: tuple[Named, ...] = ()
    thanked: tuple[Named, ...] = ()
    people: int | None = None
    headline: str
    post: Post | None = None
    approvers: tuple[UserId, ...]
    made_at: float
    expires_at: float
    state: ApprovalState = ApprovalState.WAITING
    by: UserId | None = None
    by_name: str = ""
    reason: str = ""
    shown: tuple[ApprovalMessage, ...] = ()

    @property
    def action(self) -> ByUser:
        """Return the user action that waits.

        Raises:
            msgspec.ValidationError: another version of the service stored it with other fields.
        """
        found = msgspec.convert(self.effect, effects.KINDS[self.kind])
        assert isinstance(found, ByUser)  # noqa: S101 - nothing else is asked for
        return found

    @property
    def author(self) -> UserId:
        """Return the user who asked for it."""
        return UserId(int(self.effect["user"]))

    @property
    def language(self) -> str:
        """Return the language of its author."""
        return str(self.effect["language"])
