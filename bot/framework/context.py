"""What a handler may read and ask for: reads only, every write is an effect or a state change."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, TypeVar

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
"""What a handler that yields effects returns; they happen in this order."""
HandlerResult: TypeAlias = Effects | Awaitable[Sequence[Effect] | None]
"""What calling any handler gives: an async generator of effects, or a coroutine that returns a list of them or None."""


class Portal(Protocol):
    """What a handler may read from the portal of its event; every call may raise PortalError or PortalDown."""

    async def app_info(self) -> AppInfo:
        """app.info with the token that came with this event."""
        ...

    async def proven(self, endpoint: str, auth_endpoint: str) -> tuple[Portal, EventTokens]:
        """This portal at an address, and its tokens, maybe new; TokenRefused where Bitrix24 knows it otherwise."""
        ...

    async def is_admin(self) -> bool:
        """Whether the token that came with this event is an administrator's (user.admin)."""
        ...

    async def has_method(self, name: str) -> bool:
        """Whether the portal knows a REST method (method.get)."""
        ...

    async def post(self, post: PostId, *, reader: UserId | None = None, beside: Sequence[Dialog] = ()) -> Post | None:
        """The post as `reader` sees it (None: the event's token, else the installer's); None where they may not.

        What `has_extranet_users` will be asked about the dialogs `beside` is found out in the same request.
        """
        ...

    async def find(self, text: str, *, reader: UserId) -> list[Named]:
        """People, departments and groups whose name starts with or contains `text`, as `reader` sees them."""
        ...

    async def meet(self, dialogs: Sequence[Dialog]) -> None:
        """Find out for many dialogs at once what `has_guests` will be asked, in as few requests as possible."""
        ...

    async def has_extranet_users(self, dialog: Dialog) -> bool:
        """Whether somebody from outside the company (extranet) reads this dialog; True where it cannot be told."""
        ...

    def knows(self, dialog: Dialog) -> bool:
        """Tell whether `has_extranet_users` of this dialog was answered already and costs no request."""
        ...

    def extranet_answers(self) -> dict[Dialog, bool]:
        """What the portal said of extranet users in dialogs during this event; where it said nothing, none."""
        ...

    async def stands_in_feed(self, post: Post, reader: UserId) -> bool:
        """Tell whether a post is in a person's own feed; an administrator's right to open it does not count."""
        ...

    async def goes_to_groups(self, post: Post) -> bool:
        """Tell whether a post is addressed to a department or group; False where that cannot be found out."""
        ...

    async def all_receive(self, post: Post, dialog: Dialog) -> bool:
        """Tell whether a post goes to departments or groups to which every member of a group chat belongs."""
        ...

    async def members(self, dialogs: Sequence[Dialog]) -> dict[Dialog, str]:
        """Return for each group chat a text that changes with its members; left out where they are unknown."""
        ...

    async def open_posts(self, wanted: Sequence[PostId]) -> dict[PostId, Post]:
        """Return those of at most fifty posts that the installer may open."""
        ...

    async def is_shut_out(self, dialog: Dialog) -> bool:
        """Whether the portal says that this group is gone, or not for our bot."""
        ...


class Memory(Protocol):
    """What a handler may ask our store about the portal of its event."""

    async def portal(self) -> KnownPortal | None:
        """The portal, once it is known."""
        ...

    async def is_member(self, dialog: Dialog) -> bool:
        """Whether the bot was seen to be a member of this group."""
        ...

    async def follows(self, dialog: Dialog) -> list[Follow]:
        """What this dialog follows, oldest first."""
        ...

    async def followers(self) -> list[Follow]:
        """Every subscription on the portal."""
        ...

    async def post(self, post: PostId) -> PostSeen | None:
        """The post as it was seen last."""
        ...

    async def cards(self, post: PostId) -> list[Card]:
        """Every card of a post."""
        ...

    async def cards_with_content(self, dialog: Dialog) -> list[Card]:
        """Cards that show, or are about to show, the content of a post in this dialog."""
        ...

    async def dialogs_with_content(self) -> dict[Dialog, float]:
        """Dialogs where the content of a post stands, and when it was last asked who reads there (0: never)."""
        ...

    async def restricted_cards(self) -> list[tuple[Card, str]]:
        """Cards with content of posts that are not for all, and who read in their dialogs when asked last."""
        ...

    async def extranet(self) -> dict[Dialog, Extranet]:
        """Chats in which an extranet user is or was, and what they were told of that."""
        ...

    async def quiet_posts(self, dialog: Dialog, day: int) -> list[str]:
        """Times of the day's posts that are not for everyone in a chat."""
        ...

    async def is_deleted(self, post: PostId) -> bool:
        """Whether the portal said that this post was deleted."""
        ...

    async def made(self, kind: str, since: float) -> set[int]:
        """Ids of what came out of our own effects of a kind since then (unix seconds)."""
        ...

    async def publishing(self, author: UserId, since: float) -> list[effects.Publish]:
        """Posts of this author that left, or are about to leave, through the bot since then (unix seconds)."""
        ...

    async def conversation(self, dialog: Dialog, user: UserId, kind: type[T], *, now: float) -> T | None:
        """What a user has said so far in a dialog (state_changes.ConversationState); None: nothing, or expired."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What handlers need to know of the configuration."""

    handler_url: str
    bot_code: str
    bot_name: str
    bot_api: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything one handler gets beside its event: reads, the time, sentences, and a list for state changes.

    `waited` is how many seconds ago the event arrived; `names` are the words that name a command, with the command
    each names; `listed` are the commands that help lists, in its order.
    """

    event: events.Event
    portal: Portal
    memory: Memory
    settings: Settings
    now: float
    waited: float = 0.0
    language: str = "en"
    guest: bool = False
    names: Mapping[str, str]
    listed: tuple[str, ...]
    event_tokens: EventTokens = field(default_factory=EventTokens, repr=False)
    state_changes: list[StateChange] = field(default_factory=list)

    def store(self, state_change: StateChange) -> None:
        """Collect a state change; it is committed together with this event's effects, or not at all."""
        self.state_changes.append(state_change)

    def schedule(
        self, at: float, event: events.Event, *, key: str, ordering_key: str = "", keep_earlier: bool = False
    ) -> None:
        """Ask for an event at a time (unix seconds); a timer of the same key on this portal is replaced.

        With `keep_earlier` the earlier of the two times stays, so that what is asked for again and again happens all
        the same. The event comes without tokens. It waits for other events of its `ordering_key` ("": of its timer).

        Raises:
            ValueError: the event is of another portal, of no kind that can be stored, or never due.
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
        """Remove a timer; one that was moved into the inbox already is handled all the same."""
        self.store(TimerCancelled(key=key))

    def say(self, key: str, **values: object) -> str:
        """A sentence in the language of this event."""
        return catalog.sentence(self.language, key, **values)

    def reply(self, content: Content, *, report: bool = False) -> effects.Say:
        """An answer to the event's author; as the command's answer where the bot is not in the dialog."""
        event = self.event
        if not isinstance(event, events.DialogEvent):
            raise TypeError(f"{type(event).__name__} has no dialog to reply to")
        return effects.Say(
            dialog=event.answer_dialog, language=event.language, content=content, answers=self.answers(), report=report
        )

    def reply_alone(self, content: Content) -> effects.Say:
        """An answer that only the event's author reads: in their own dialog with the bot."""
        event = self.event
        if not isinstance(event, events.DialogEvent):
            raise TypeError(f"{type(event).__name__} has no author to reply to")
        return effects.Say(dialog=Dialog(str(event.author.id)), language=event.language, content=content)

    def answers(self) -> effects.Answers | None:
        """The command of this event, where only its answer reaches the dialog: the bot is not in it."""
        if self.guest and isinstance(self.event, events.Commanded):
            asker = self.event.author.id
            return effects.Answers(command=self.event.command, message=self.event.message, asker=asker)
        return None
