"""What a handler may read and ask for: reads only, every write is an effect or a state change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self, TypeAlias

from bot.config import Config
from bot.i18n import catalog
from bot.model import effects, events
from bot.model.effects import Content, Effect
from bot.model.events import Dialog, EventTokens, PostId, UserId
from bot.model.records import AppInfo, Card, Follow, KnownPortal, Named, Post
from bot.model.state_changes import PostSeen, StateChange

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

    async def post(self, post: PostId, *, reader: UserId | None = None) -> Post | None:
        """The post as `reader` sees it (None: the event's token, else the installer's); None where they may not."""
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

    async def stands_in_feed(self, post: Post, reader: UserId) -> bool:
        """Tell whether a post is in a person's own feed; an administrator's right to open it does not count."""
        ...

    async def goes_to_groups(self, post: Post) -> bool:
        """Tell whether a post is addressed to a department or group; False where that cannot be found out."""
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

    async def quiet_posts(self, dialog: Dialog, day: int) -> list[str]:
        """Times of the day's posts that are not for everyone in a chat."""
        ...

    async def publishing(self, author: UserId, since: float) -> list[effects.Publish]:
        """Posts of this author that left, or are about to leave, through the bot since then (unix seconds)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What handlers need to know of the configuration."""

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
