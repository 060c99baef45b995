"""What we remember: handlers collect these, the worker commits them together with the effects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.model.events import BotId, Dialog, Event, MessageId, PostId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """The root; every fact belongs to the portal of the event that taught it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalKnown(StateChange):
    """The portal answered `app.info` with this token: from now on it is ours (installed or installed again)."""

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
    """The application was removed; with `clean` everything about the portal is deleted."""

    clean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BotKnown(StateChange):
    """Our bot's user id on this portal (None: it was deleted)."""

    bot: BotId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmFeedDead(StateChange):
    """This portal answered that the CRM feed is no longer supported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatJoined(StateChange):
    """The bot is a member of this chat."""

    dialog: Dialog
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatLeft(StateChange):
    """The bot is not a member of this chat any more."""

    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersAsked(StateChange):
    """The portal was asked who reads in this chat; `members` is what it said of them, "" where that was not asked."""

    dialog: Dialog
    members: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtranetSeen(StateChange):
    """The portal said whether an extranet user is in this chat; the chat is told when that is news to it."""

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
    """A post that is not for everyone in a chat was written on this day at this time; kept where the line is on."""

    dialog: Dialog
    day: int
    post: PostId
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietOff(StateChange):
    """This chat wants no quiet line."""

    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class Following(StateChange):
    """A dialog follows posts. `topic` is one of `all`, `important`, `from:<user id>`, `word:<text>`."""

    dialog: Dialog
    topic: str
    owner: UserId
    language: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollowing(StateChange):
    """A dialog stops following one topic, or all of them (None)."""

    dialog: Dialog
    topic: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSeen(StateChange):
    """The post as it was read last: enough to tell a visible change (`version`) and what changed."""

    post: PostId
    author: UserId
    version: str
    title: str
    digest: str
    important: bool
    for_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMarkedDeleted(StateChange):
    """The post is gone; its cards say so and are never touched again."""

    post: PostId


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMade(StateChange):
    """A card of the post is on its way (message None) or stands in the dialog.

    `over` is the version that the card had when this was decided. Where it has another by now, or stands although it
    was on its way then, nothing of the event is written and its handlers decide again.
    """

    post: PostId
    dialog: Dialog
    version: str
    message: MessageId | None = None
    over: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInstead(StateChange):
    """A card that waits to be sent, or may have to be sent again, shows this instead, under this version.

    With `drop` it is not sent at all where it certainly never was.
    """

    post: PostId
    dialog: Dialog
    version: str
    content: dict[str, Any]
    drop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLost(StateChange):
    """The card cannot be reached any more: the chat is gone or the message too old."""

    post: PostId
    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerSet(StateChange):
    """An event goes into the inbox at a time (unix seconds); a timer of the same key is replaced.

    With `keep_earlier` the earlier of the two times stays, with the event of this one.
    """

    key: str
    at: float
    event: Event
    ordering_key: str
    keep_earlier: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerCancelled(StateChange):
    """The timer of this key is removed, where there is one."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationState(StateChange):
    """What a user has said so far in a dialog, to be continued until `expires_at` (unix seconds).

    `state` is a frozen dataclass. Of each type there is one for each user in each dialog; the next one replaces it.
    """

    dialog: Dialog
    user: UserId
    state: object
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationEnded(StateChange):
    """A user's conversation in a dialog is over; `kind` is the type of its state."""

    dialog: Dialog
    user: UserId
    kind: type[object]
