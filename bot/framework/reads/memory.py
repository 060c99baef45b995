"""Defines what handlers may read from the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from bot.framework.reads.crm import CrmMemory
from bot.model import effects
from bot.model.approvals import Approval
from bot.model.effects import Effect
from bot.model.events import Dialog, MessageId, PostId, UserId
from bot.model.records import (
    AtOnce,
    AuditEntry,
    Card,
    DefaultRecipients,
    Extranet,
    Follow,
    KnownPortal,
    PersonLanguage,
    PortalStatus,
    Published,
    ScheduledPost,
    Template,
)
from bot.model.state_changes import PostSeen

T = TypeVar("T")
E = TypeVar("E", bound=Effect)


class Memory(CrmMemory, Protocol):
    """Reads what the store knows about the portal of the event."""

    async def portal(self) -> KnownPortal | None:
        """Return the portal; None before its installation was handled, and after its removal."""
        ...

    async def is_member(self, dialog: Dialog) -> bool:
        """Check whether the bot is a member of this group, as far as events have told."""
        ...

    async def follows(self, dialog: Dialog) -> list[Follow]:
        """Return the subscriptions of this dialog, oldest first."""
        ...

    async def followers(self) -> list[Follow]:
        """Return the subscriptions of all dialogs of the portal."""
        ...

    async def post(self, post: PostId) -> PostSeen | None:
        """Return the post as we last read it; None if we never read it."""
        ...

    async def cards(self, post: PostId) -> list[Card]:
        """Return the cards of a post in all dialogs."""
        ...

    async def cards_with_content(self, dialog: Dialog) -> list[Card]:
        """Return the dialog's cards that contain the full text of their post, newest post first.

        A card whose message was not sent yet is included, unless it is marked as lost.
        """
        ...

    async def card_of_message(self, dialog: Dialog, message: MessageId) -> Card | None:
        """Return the card that a message of a dialog shows; None if it shows none."""
        ...

    async def cards_of_version(self, dialog: Dialog, version: str) -> list[Card]:
        """Return the dialog's cards that have exactly this version, newest post first."""
        ...

    async def dialogs_with_content(self) -> dict[Dialog, float]:
        """Return the dialogs where a card shows content, and when their readers were last checked.

        The time is in unix seconds; 0 means that they were never checked.
        """
        ...

    async def restricted_cards(self) -> list[tuple[Card, str]]:
        """Return each card that shows the content of a post for some people only, with a fingerprint of its readers.

        The fingerprint is a text that changes with the members of the card's dialog; "" if they were never read.
        """
        ...

    async def extranet(self) -> dict[Dialog, Extranet]:
        """Return, for each chat where an extranet user is or was a member, what the chat was told about that."""
        ...

    async def quiet_posts(self, dialog: Dialog, day: int) -> list[str]:
        """Return the times of the posts of a day that were withheld from a chat; `day` is a number like 20261128."""
        ...

    async def quiet_is_off(self, dialog: Dialog) -> bool:
        """Check whether a chat switched its quiet line off."""
        ...

    async def is_deleted(self, post: PostId) -> bool:
        """Check whether an event of the portal said that this post was deleted."""
        ...

    async def made(self, kind: str, since: float) -> set[int]:
        """Return the ids of the objects that our effects of one kind created since a time (unix seconds)."""
        ...

    async def ends(self, effect: int) -> Mapping[tuple[str, str], int]:
        """Count the effects that were committed together with this effect, by (kind, state).

        The argument is the id of an effect in the outbox. A state is "waiting", "done" or "dead".
        """
        ...

    async def publishing(self, author: UserId, since: float, *, post: PostId) -> list[effects.Publish]:
        """Return the effects that published, or may yet have published, a post of this author.

        Only effects since a time (unix seconds) count. Effects whose result is another post are left out.
        """
        ...

    async def publications(self, post: PostId, since: float) -> list[effects.Publish]:
        """Return the effects that published this post since a time (unix seconds)."""
        ...

    async def published_by(self, user: UserId, since: float) -> list[Published]:
        """Return what a user published through the bot since a time (unix seconds), newest first."""
        ...

    async def effects_on(self, post: PostId, kind: type[E], since: float) -> list[tuple[E, bool]]:
        """Return the effects of one kind on a post since a time (unix seconds), oldest first, except those given up.

        The second value is True while the effect waits to be sent or is being sent.
        """
        ...

    async def at_once(self, *, user: UserId, dialog: Dialog) -> AtOnce:
        """Return what a person and a chat chose about publishing without a preview."""
        ...

    async def scheduled(self, user: UserId) -> list[ScheduledPost]:
        """Return the scheduled posts of a user, the next one first."""
        ...

    async def scheduled_post(self, user: UserId, number: int) -> ScheduledPost | None:
        """Return the scheduled post of a user with this number; None if there is none."""
        ...

    async def approval(self, number: int) -> Approval | None:
        """Return the request for an approval with this number; None if there is none."""
        ...

    async def approvals(self, now: float) -> list[Approval]:
        """Return the requests for an approval that wait, the oldest first."""
        ...

    async def last_approval(self) -> int:
        """Return the highest number of a request for an approval; 0 if there is none."""
        ...

    async def acts_until(self, user: UserId) -> float:
        """Return until when the bot can act in the name of a user (unix seconds); infinite with a refresh token."""
        ...

    async def templates(self, *, user: UserId, dialog: Dialog) -> list[Template]:
        """Return the templates of a person and of a chat: those of the person first, by name."""
        ...

    async def status(self) -> PortalStatus | None:
        """Return what waits of the portal, and whether the bot can speak there; None if it is not installed."""
        ...

    async def audit(self, *, before: int, most: int) -> list[AuditEntry]:
        """Return the newest entries of the audit whose id is below `before`, newest first."""
        ...

    async def audit_entry(self, entry: int) -> AuditEntry | None:
        """Return one entry of the audit; None if there is none, or it is another portal's."""
        ...

    async def default_recipients(self, *, user: UserId, dialog: Dialog) -> DefaultRecipients:
        """Return who a post without recipients is for, as a person and a chat chose."""
        ...

    async def language(self, user: UserId) -> PersonLanguage:
        """Return the language of a person, as far as it is known."""
        ...

    async def languages(self) -> Mapping[UserId, PersonLanguage]:
        """Return the languages of all people whose language is known."""
        ...

    async def conversation(self, dialog: Dialog, user: UserId, kind: type[T], *, now: float) -> T | None:
        """Return the state of a user's conversation in a dialog, if it is of the type `kind`.

        None if there is no such state, or it has expired by `now` (see state_changes.ConversationState).
        """
        ...
