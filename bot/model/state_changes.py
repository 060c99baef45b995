"""State changes: rows that handlers ask for; committed together with the effects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.model.events import BotId, Dialog, MessageId, PostId, UserId


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
    """The readers of this chat were checked now."""

    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietPost(StateChange):
    """Add a post to the chat's quiet line, unless the line is off."""

    dialog: Dialog
    day: int
    post: PostId
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietSaid(StateChange):
    """The chat's quiet line shows so many posts of this day."""

    dialog: Dialog
    day: int
    upto: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietOff(StateChange):
    """Switch the quiet line of this chat off."""

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
    """A card of the post is in the outbox (message None) or was sent."""

    post: PostId
    dialog: Dialog
    version: str
    message: MessageId | None = None


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
