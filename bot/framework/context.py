"""Defines what handlers may use. They only read; every write is an effect or a state change."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self, TypeAlias, TypeVar

from bot.config import Config
from bot.i18n import catalog
from bot.model import effects, events, ordering
from bot.model.effects import Content, Effect
from bot.model.events import Dialog, EventTokens, PostId, UserId
from bot.model.records import AppInfo, Card, Extranet, Follow, KnownPortal, Named, Post
from bot.model.state_changes import PostSeen, StateChange, TimerCancelled, TimerSet

__all__ = [
    "AppInfo",
    "Card",
    "Context",
    "Effects",
    "Follow",
    "HandlerResult",
    "KnownPortal",
    "Memory",
    "Named",
    "Portal",
    "Post",
    "Settings",
]

T = TypeVar("T")
Effects: TypeAlias = AsyncIterator[Effect]
"""The return type of a handler that yields effects; they are carried out in this order."""
HandlerResult: TypeAlias = Effects | Awaitable[Sequence[Effect] | None]
"""What calling a handler returns: a generator of effects, or a coroutine that returns a list or None."""


class Portal(Protocol):
    """Reads from the portal of the event; every call may raise PortalError or PortalDown."""

    async def app_info(self) -> AppInfo:
        """Return app.info, read with the token of this event."""
        ...

    async def proven(self, endpoint: str, auth_endpoint: str) -> tuple[Portal, EventTokens]:
        """Check with Bitrix24 that the portal has this address; return a reader and its tokens.

        Raises:
            TokenRefused: Bitrix24 knows the portal by another address.
        """
        ...

    async def is_admin(self) -> bool:
        """Check whether the token of this event belongs to an administrator (user.admin)."""
        ...

    async def has_method(self, name: str) -> bool:
        """Check whether the portal has a REST method (method.get)."""
        ...

    async def post(self, post: PostId, *, reader: UserId | None = None, beside: Sequence[Dialog] = ()) -> Post | None:
        """Return the post as `reader` sees it; None if they may not see it.

        Without `reader`, the token of the event is used, else the installer's. The same request reads what
        `has_extranet_users` will be asked about the dialogs `beside`.
        """
        ...

    async def find(self, text: str, *, reader: UserId) -> list[Named]:
        """Find people, departments and groups whose name contains `text`, as `reader` sees them."""
        ...

    def found(self, reader: UserId) -> Sequence[Named]:
        """Return what the reader found lately and every employee may see; nothing is asked."""
        ...

    async def read_chats(self, dialogs: Sequence[Dialog]) -> None:
        """Read in few requests what `has_extranet_users` needs for many dialogs."""
        ...

    async def has_extranet_users(self, dialog: Dialog) -> bool:
        """Check whether an extranet user reads this dialog; True if that is unknown."""
        ...

    def knows(self, dialog: Dialog) -> bool:
        """Check whether `has_extranet_users` of this dialog is known already and costs no request."""
        ...

    def extranet_answers(self) -> dict[Dialog, bool]:
        """Return the portal's answers about extranet users in dialogs during this event.

        Dialogs without an answer are left out.
        """
        ...

    async def is_in_feed_of(self, post: Post, reader: UserId) -> bool:
        """Check whether a post is in a person's own feed.

        An administrator's rights do not count.
        """
        ...

    async def goes_to_groups(self, post: Post) -> bool:
        """Check whether a post is addressed to a department or group; False if that is unknown."""
        ...

    async def all_receive(self, post: Post, dialog: Dialog) -> bool:
        """Check whether every member of a group chat receives a post by department or workgroup."""
        ...

    async def members(self, dialogs: Sequence[Dialog]) -> dict[Dialog, str]:
        """Return a text for each group chat that changes with its members.

        A chat whose members are unknown is left out.
        """
        ...

    async def open_posts(self, wanted: Sequence[PostId]) -> dict[PostId, Post]:
        """Read at most fifty posts; returns those that the installer may open."""
        ...

    async def is_shut_out(self, dialog: Dialog) -> bool:
        """Check whether the portal says that this group is gone, or closed to our bot."""
        ...


class Memory(Protocol):
    """Reads what the store knows about the portal of the event."""

    async def portal(self) -> KnownPortal | None:
        """Return the portal; None before its installation was handled."""
        ...

    async def is_member(self, dialog: Dialog) -> bool:
        """Check whether the bot is known to be a member of this group."""
        ...

    async def follows(self, dialog: Dialog) -> list[Follow]:
        """Return the subscriptions of this dialog, oldest first."""
        ...

    async def followers(self) -> list[Follow]:
        """Return every subscription of the portal."""
        ...

    async def post(self, post: PostId) -> PostSeen | None:
        """Return the post as we saw it last."""
        ...

    async def cards(self, post: PostId) -> list[Card]:
        """Return every card of a post."""
        ...

    async def cards_with_content(self, dialog: Dialog) -> list[Card]:
        """Return the cards in this dialog that show content of a post.

        Unsent cards count too.
        """
        ...

    async def dialogs_with_content(self) -> dict[Dialog, float]:
        """Return dialogs with content, and when their readers were last checked (0: never)."""
        ...

    async def restricted_cards(self) -> list[tuple[Card, str]]:
        """Return cards with content of posts that are not for all, and their dialogs' last known members."""
        ...

    async def extranet(self) -> dict[Dialog, Extranet]:
        """Return the chats in which an extranet user is or was, and what they were told."""
        ...

    async def quiet_posts(self, dialog: Dialog, day: int) -> list[str]:
        """Return the times of the day's posts that a chat may not show."""
        ...

    async def quiet_is_off(self, dialog: Dialog) -> bool:
        """Check whether a chat switched its quiet line off."""
        ...

    async def is_deleted(self, post: PostId) -> bool:
        """Check whether the portal said that this post was deleted."""
        ...

    async def made(self, kind: str, since: float) -> set[int]:
        """Return the ids of what our effects of a kind made since then (unix seconds)."""
        ...

    async def ends(self, effect: int) -> Mapping[tuple[str, str], int]:
        """Count, by kind and state, the effects that were decided together with this one.

        A state is "waiting", "done" or "dead".
        """
        ...

    async def publishing(self, author: UserId, since: float, *, post: PostId) -> list[effects.Publish]:
        """Return what published this author's post since then, or may yet turn out to have published it.

        `since` is in unix seconds.
        """
        ...

    async def publications(self, post: PostId, since: float) -> list[effects.Publish]:
        """Return what published this post through the bot since then (unix seconds)."""
        ...

    async def conversation(self, dialog: Dialog, user: UserId, kind: type[T], *, now: float) -> T | None:
        """Return the state of a user's conversation in a dialog (state_changes.ConversationState).

        None if there is none, or it has expired.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The part of the configuration that handlers need."""

    handler_url: str
    bot_code: str
    bot_name: str
    bot_api: str
    client_id: str

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Take what handlers need from the whole configuration."""
        return cls(
            handler_url=f"{config.server.public_url}/events",
            bot_code=config.app.bot_code,
            bot_name=config.app.bot_name,
            bot_api=config.app.bot_api,
            client_id=config.app.client_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Gives a handler everything that it needs besides its event.

    `waited` is how many seconds ago the event was received. `names` maps every word for a command to the command.
    `listed` are the commands in help, in its order. `bot_absent`: the bot is not in the dialog.
    """

    event: events.Event
    portal: Portal
    memory: Memory
    settings: Settings
    now: float
    waited: float = 0.0
    language: str = "en"
    bot_absent: bool = False
    names: Mapping[str, str]
    listed: tuple[str, ...]
    event_tokens: EventTokens = field(default_factory=EventTokens, repr=False)
    state_changes: list[StateChange] = field(default_factory=list)

    def store(self, state_change: StateChange) -> None:
        """Collect a state change, which is committed together with the effects of this event."""
        self.state_changes.append(state_change)

    def schedule(
        self, at: float, event: events.Event, *, key: str, ordering_key: str = "", keep_earlier: bool = False
    ) -> None:
        """Set a timer for an event (unix seconds); it replaces one with the same key on this portal.

        With `keep_earlier` the earlier of the two times is used, so that repeated requests do not delay the event. The
        event has no tokens. It waits for other events of its `ordering_key` ("": of its timer).

        Raises:
            ValueError: the event is of another portal, cannot be stored, or is never due.
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
        """Remove a timer, unless its event is in the inbox already."""
        self.store(TimerCancelled(key=key))

    def say(self, key: str, **values: object) -> str:
        """Return a sentence in the language of this event."""
        return catalog.sentence(self.language, key, **values)

    def reply(self, content: Content, *, report: bool = False) -> effects.Say:
        """Make an answer to the user; if the bot is not in the dialog, it is sent as the command's answer."""
        event = self.event
        if not isinstance(event, events.DialogEvent):
            raise TypeError(f"{type(event).__name__} has no dialog to reply to")
        return effects.Say(
            dialog=event.answer_dialog, language=event.language, content=content, answers=self.answers(), report=report
        )

    def reply_privately(self, content: Content) -> effects.Say:
        """Make an answer in the user's private dialog with the bot."""
        event = self.event
        if not isinstance(event, events.DialogEvent):
            raise TypeError(f"{type(event).__name__} has no author to reply to")
        return effects.Say(dialog=Dialog(str(event.author.id)), language=event.language, content=content)

    def answers(self) -> effects.Answers | None:
        """Return the command to answer, where the bot is not in the dialog; else None."""
        if self.bot_absent and isinstance(self.event, events.Commanded):
            asker = self.event.author.id
            return effects.Answers(command=self.event.command, message=self.event.message, asker=asker)
        return None
