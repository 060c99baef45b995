"""State changes: rows that handlers ask for; committed together with the effects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.model.events import BotId, Dialog, Event, MessageId, PostId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """The base; every state change belongs to the portal of the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalKnown(StateChange):
    """Store the portal and its tokens: it is installed, or installed again."""

    endpoint: str
    auth_endpoint: str
    domain: str
    language: str
    api: str
    license: str
    user: UserId | None
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    application_token: str = field(repr=False)
    expires: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalGone(StateChange):
    """The application was removed; with `clean`, delete everything about the portal."""

    clean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BotKnown(StateChange):
    """Store our bot's user id on this portal (None: it was deleted)."""

    bot: BotId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmFeedDead(StateChange):
    """The portal answered that it has no CRM feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatJoined(StateChange):
    """The bot is a member of this chat."""

    dialog: Dialog
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatLeft(StateChange):
    """The bot is no longer a member of this chat."""

    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersAsked(StateChange):
    """The readers of this chat were checked now.

    `members` is a text that changes with its members; "" if they were not read.
    """

    dialog: Dialog
    members: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtranetSeen(StateChange):
    """The portal answered whether an extranet user is in this chat.

    The chat is told if it does not know yet.
    """

    dialog: Dialog
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtranetTold(StateChange):
    """The chat was told whether an extranet user is in it: by the quiet line of a day, or elsewhere (0)."""

    dialog: Dialog
    told: bool
    day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietPost(StateChange):
    """Add a post to the chat's quiet line, unless the line is off."""

    dialog: Dialog
    day: int
    post: PostId
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietOff(StateChange):
    """Switch the quiet line of this chat off."""

    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietOn(StateChange):
    """Switch the quiet line of this chat on again."""

    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class Following(StateChange):
    """Subscribe a dialog. `topic` is `all`, `important`, `from:<user id>` or `word:<text>`."""

    dialog: Dialog
    topic: str
    owner: UserId
    language: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollowing(StateChange):
    """End one subscription of a dialog, or all of them (None)."""

    dialog: Dialog
    topic: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSeen(StateChange):
    """The post as we read it: enough to detect what changed."""

    post: PostId
    author: UserId
    version: str
    title: str
    digest: str
    important: bool
    for_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMarkedDeleted(StateChange):
    """The post was deleted; its cards say so and will not change again."""

    post: PostId


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMade(StateChange):
    """A card of the post is in the outbox (message None) or was sent.

    `over` is the version that the card had when this was decided. If it has another one now, or was sent although it
    was in the outbox then, nothing of the event is written and its handlers run again.
    """

    post: PostId
    dialog: Dialog
    version: str
    message: MessageId | None = None
    over: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInstead(StateChange):
    """Replace the content and version of a card in the outbox.

    With `drop` it is not sent at all, if it certainly was not sent before.
    """

    post: PostId
    dialog: Dialog
    version: str
    content: dict[str, Any]
    drop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLost(StateChange):
    """The card can no longer be edited.

    The chat is gone, or the message is too old.
    """

    post: PostId
    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerSet(StateChange):
    """Put an event into the inbox at a time (unix seconds); replaces a timer with the same key.

    With `keep_earlier` the earlier of the two times is used, with the event of this one.
    """

    key: str
    at: float
    event: Event
    ordering_key: str
    keep_earlier: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerCancelled(StateChange):
    """Remove the timer with this key, if there is one."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationState(StateChange):
    """Store the state of a user's conversation in a dialog until `expires_at` (unix seconds).

    `state` is a frozen dataclass. There is one of each type for each user in each dialog; a new one replaces it.
    """

    dialog: Dialog
    user: UserId
    state: object
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationEnded(StateChange):
    """End a user's conversation in a dialog; `kind` is the type of its state."""

    dialog: Dialog
    user: UserId
    kind: type[object]
