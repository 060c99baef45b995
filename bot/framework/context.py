"""Defines what handlers may use. They only read; every write is an effect or a state change."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Protocol, Self, TypeAlias, TypeVar

from bot.config import Config
from bot.framework.reads.crm import CrmMemory, CrmPortal
from bot.i18n import catalog
from bot.model import effects, events, ordering
from bot.model.effects import Content, Effect
from bot.model.events import Dialog, EventTokens, PostId, UserId

from bot.model.records import (  # isort: skip
    AppInfo, AtOnce, Card, Extranet, FeedPart, Follow, KnownPortal, Named, PersonLanguage, Post, Published, Readership,
)  # fmt: skip
from bot.model.state_changes import PostSeen, StateChange, TimerCancelled, TimerSet
from keyboards.signed import Signer

__all__ = [
    "AppInfo", "Card", "Context", "Effects", "Follow", "HandlerResult",
    "KnownPortal", "Memory", "Named", "Portal", "Post", "Settings",
]  # fmt: skip

T = TypeVar("T")
E = TypeVar("E", bound=Effect)
Effects: TypeAlias = AsyncIterator[Effect]
"""The return type of a handler that yields effects; they are carried out in this order."""
HandlerResult: TypeAlias = Effects | Awaitable[Sequence[Effect] | None]
"""What calling a handler returns: a generator of effects, or a coroutine that returns a list or None."""


class Portal(CrmPortal, Protocol):
    """Reads from the portal of the event; every method may raise PortalError or PortalDown, if it asks the portal."""

    async def app_info(self) -> AppInfo:
        """Return the answer of app.info to the token of this event."""
        ...

    async def proven(self, endpoint: str, auth_endpoint: str) -> tuple[Portal, EventTokens]:
        """Ask the authorization server whether the tokens of this event belong to the portal at this endpoint.

        Return a reader that calls the endpoint, and its tokens. `auth_endpoint` is the server that the event names.

        Raises:
            TokenRefused: the tokens belong to another portal, address or application.
        """
        ...

    async def is_admin(self) -> bool:
        """Check whether the token of this event belongs to an administrator (user.admin)."""
        ...

    async def has_method(self, name: str) -> bool:
        """Check whether the portal has a REST method (method.get)."""
        ...

    async def post(self, post: PostId, *, reader: UserId | None = None, beside: Sequence[Dialog] = ()) -> Post | None:
        """Return the post as `reader` sees it; None if they may not see it, or it does not exist.

        Without `reader` the token of the event is used, else the installer's. The same request reads what
        `has_extranet_users` will be asked about the dialogs `beside`.
        """
        ...

    async def feed(self, reader: UserId, *, start: int = 0) -> FeedPart:
        """Return the part of a person's feed that begins at post `start` (counted from 0), latest change first.

        Raises:
            TokenRefused, TokenExpired: we have no valid token of the reader.
        """
        ...

    async def readership(self, post: PostId, reader: UserId) -> Readership | None:
        """Return who has read an important post, as `reader` may know it; None as for `post`, raises as `feed`."""
        ...

    async def find(self, text: str, *, reader: UserId) -> list[Named]:
        """Find people, departments and groups whose name contains `text`, as `reader` sees them.

        Raises:
            TokenRefused, TokenExpired: we have no valid token of the reader.
        """
        ...

    def found(self, reader: UserId) -> Sequence[Named]:
        """Return the results of the reader's last search that every employee may see, without asking the portal.

        Empty if the last search was some minutes ago.
        """
        ...

    async def read_chats(self, dialogs: Sequence[Dialog]) -> None:
        """Read in few requests what `has_extranet_users` needs to know about many dialogs."""
        ...

    async def has_extranet_users(self, dialog: Dialog) -> bool:
        """Check whether an extranet user may read this dialog.

        True also if the portal refuses the question, or its answer does not say.
        """
        ...

    def knows(self, dialog: Dialog) -> bool:
        """Check whether the answer of `has_extranet_users` for this dialog is known, so that it costs no request."""
        ...

    def extranet_answers(self) -> dict[Dialog, bool]:
        """Return for each dialog that the portal was asked about during this event whether an extranet user is in it.

        Dialogs without an answer are left out.
        """
        ...

    async def is_in_feed_of(self, post: Post, reader: UserId) -> bool:
        """Check whether a post is in the reader's own feed, because it is for them or by them.

        That an administrator may open every post does not count.
        """
        ...

    async def goes_to_groups(self, post: Post) -> bool:
        """Check whether a post is addressed to a department or workgroup; False if that is unknown."""
        ...

    async def all_receive(self, post: Post, dialog: Dialog) -> bool:
        """Check whether every member of a group chat receives a post by department or workgroup; False if unknown."""
        ...

    async def members(self, dialogs: Sequence[Dialog]) -> dict[Dialog, str]:
        """Return a text for each group chat that changes with the chat's members.

        A chat whose members are unknown is left out.
        """
        ...

    async def open_posts(self, wanted: Sequence[PostId]) -> dict[PostId, Post]:
        """Read at most fifty posts, and return those that the installer may open, by their ids."""
        ...

    async def count_people(self, codes: Sequence[str], *, reader: UserId) -> int | None:
        """Count the people whom these recipients (UA, U5, DR3, SG7) are, as `reader` sees them; None if unknown."""
        ...

    async def time_zone(self, *, reader: UserId) -> tzinfo:
        """Return the time zone of `reader`; UTC if the portal does not name one."""
        ...

    async def manages(self, dialog: Dialog, user: UserId) -> bool:
        """Check whether a user owns or manages this group; False if the portal does not say."""
        ...

    async def is_shut_out(self, dialog: Dialog) -> bool:
        """Check whether the portal says that this group does not exist, or is closed to our bot."""
        ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that handlers need."""

    handler_url: str
    bot_code: str
    bot_name: str
    bot_api: str
    client_id: str
    publish_at_once: bool = True

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Take the settings that handlers need from the whole configuration."""
        return cls(
            handler_url=f"{config.server.public_url}/events",
            bot_code=config.app.bot_code,
            bot_name=config.app.bot_name,
            bot_api=config.app.bot_api,
            client_id=config.app.client_id,
            publish_at_once=config.publish.at_once,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything that a handler needs besides its event.

    `language` is that of the texts for this event, `portal_language` that of the portal. `now` is the current time
    (unix seconds), `waited` how many seconds ago the event was received. `names` has the command for every name of a
    command. `listed` are the commands that help shows, in this order. `bot_absent`: the bot is not a member of the
    event's dialog, and can only answer its command. `signer` signs the parameters of buttons.
    """

    event: events.Event
    portal: Portal
    memory: Memory
    settings: Settings
    signer: Signer = field(repr=False)
    now: float
    waited: float = 0.0
    language: str = "en"
    portal_language: str = "en"
    bot_absent: bool = False
    names: Mapping[str, str]
    listed: tuple[str, ...]
    event_tokens: EventTokens = field(default_factory=EventTokens, repr=False)
    state_changes: list[StateChange] = field(default_factory=list)

    def store(self, state_change: StateChange) -> None:
        """Ask for a state change, which is committed together with the effects of this event."""
        self.state_changes.append(state_change)

    def schedule(
        self, at: float, event: events.Event, *, key: str, ordering_key: str = "", keep_earlier: bool = False
    ) -> None:
        """Set a timer that puts `event` into the inbox at a time (unix seconds).

        It replaces a timer with the same key on this portal. With `keep_earlier` the earlier of the two times is kept,
        so that repeated calls do not delay the event. The event has no tokens. It waits for earlier events with its
        `ordering_key` ("": only for earlier events of this timer).

        Raises:
            ValueError: the event is of another portal or cannot be stored, or the time is infinite.
        """
        if event.portal != self.event.portal:
            raise ValueError(f"A timer belongs to the portal of its event: {self.event.portal}, not {event.portal}.")
        if type(event) not in events.KINDS.values():
            raise ValueError(f"{type(event).__name__} is in no list of events that can be stored.")
        if not math.isfinite(at):
            raise ValueError(f"A timer is due at a time, not at {at}.")
        ordering_key = ordering_key or ordering.of_timer(key)
        self.store(TimerSet(key=key, at=at, event=event, ordering_key=ordering_key, keep_earlier=keep_earlier))

    def cancel(self, key: str) -> None:
        """Remove the timer with this key, unless its event is in the inbox already."""
        self.store(TimerCancelled(key=key))

    def say(self, key: str, **values: object) -> str:
        """Return a sentence in the language of this event; `key` and `values` are as in `catalog.sentence`."""
        return catalog.sentence(self.language, key, **values)

    def reply(self, content: Content, *, report: bool = False) -> effects.Say:
        """Make an answer to the user; if the bot is not in the dialog, it is sent as the answer to the command.

        Raises:
            TypeError: the event is not from a dialog.
        """
        event = self.event
        if not isinstance(event, events.DialogEvent):
            raise TypeError(f"{type(event).__name__} has no dialog to reply to")
        return effects.Say(
            dialog=event.answer_dialog, language=event.language, content=content, answers=self.answers(), report=report
        )

    def reply_privately(self, content: Content) -> effects.Say:
        """Make an answer in the user's private dialog with the bot.

        Raises:
            TypeError: the event is not from a dialog.
        """
        event = self.event
        if not isinstance(event, events.DialogEvent):
            raise TypeError(f"{type(event).__name__} has no author to reply to")
        return effects.Say(dialog=Dialog(str(event.author.id)), language=event.language, content=content)

    def answers(self) -> effects.Answers | None:
        """Return the command that an effect must answer, if the bot is not in the dialog; None if it is."""
        if self.bot_absent and isinstance(self.event, events.Commanded):
            return effects.Answers(
                command=self.event.command,
                message=self.event.message,
                asker=self.event.author.id,
                dialog=self.event.dialog,
                ts=self.event.ts,
                received_at=self.now - self.waited,
            )
        return None
