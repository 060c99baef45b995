"""State changes: the rows that handlers ask for, which are stored together with the effects of the event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.model.approvals import Approval
from bot.model.events import BotId, Dialog, Event, MessageId, PostId, UserId
from bot.model.records import Named, ScheduledPost


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """The base of all state changes, which concern the portal of the handled event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalKnown(StateChange):
    """Store the portal and its tokens, because the application was installed or updated."""

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
    """Mark the portal as not installed, and delete its tokens and waiting effects; with `clean` delete all its data."""

    clean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BotKnown(StateChange):
    """Store the user id of our bot on this portal (None: the bot was deleted)."""

    bot: BotId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmFeedKnown(StateChange):
    """Store that the portal said whether it has a CRM feed (`exists`)."""

    exists: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatJoined(StateChange):
    """Store that the bot is a member of this chat."""

    dialog: Dialog
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatLeft(StateChange):
    """Store that the bot is no longer a member of this chat."""

    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersAsked(StateChange):
    """Store that the readers of this chat were checked now.

    `members` is a text that changes with the members of the chat; "" if they were not read.
    """

    dialog: Dialog
    members: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtranetSeen(StateChange):
    """Store the portal's answer whether an extranet user is in this chat (`seen`).

    The chat is told if it was last told otherwise.
    """

    dialog: Dialog
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtranetTold(StateChange):
    """Store that the chat was told whether an extranet user is in it.

    `day` is the day of the quiet line that told it, a number like 20261128; 0 if another message did.
    """

    dialog: Dialog
    told: bool
    day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietPost(StateChange):
    """Add a post to the quiet line of a chat and day, unless the line is off; `at` is the post's time as text."""

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
    """Subscribe a dialog; `topic` is a rule as text (feed.subscriptions.rules), `label` has its names, a line each.

    `over` is the topic of the subscription that this one takes the place of ("": none).
    """

    dialog: Dialog
    topic: str
    owner: UserId
    language: str
    label: str = ""
    owner_name: str = ""
    over: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollowing(StateChange):
    """End one subscription of a dialog; with the topic None, end all of them."""

    dialog: Dialog
    topic: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageChosen(StateChange):
    """Store the language that a person chose; "" removes their choice."""

    user: UserId
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageRecognised(StateChange):
    """Store the language that was recognised in what a person wrote; a language that they chose stays."""

    user: UserId
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSeen(StateChange):
    """Store a post as we read it: fingerprints and digests, from which a later change is detected."""

    post: PostId
    author: UserId
    version: str
    title: str
    digest: str
    important: bool
    for_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMarkedDeleted(StateChange):
    """Store that a post was deleted; its cards are closed, and later events do not change them."""

    post: PostId


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMade(StateChange):
    """Store that the card of a post is in the outbox (`message` is None) or was sent.

    `over` is the version of the card that the handler has read. If the stored card has another version now, or was sent
    although it was in the outbox then, nothing of the event is stored and its handlers run again (errors.Overtaken).
    """

    post: PostId
    dialog: Dialog
    version: str
    message: MessageId | None = None
    over: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInstead(StateChange):
    """Replace the content and version of a card in the outbox.

    With `drop` the card is removed from the outbox, if it certainly was not sent before.
    """

    post: PostId
    dialog: Dialog
    version: str
    content: dict[str, Any]
    drop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLost(StateChange):
    """Store that a card can no longer be edited, because the chat is gone or the message is too old."""

    post: PostId
    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerSet(StateChange):
    """Put `event` into the inbox at a time (unix seconds); this replaces a timer with the same key.

    With `keep_earlier` the earlier of the two times is kept, with the new event.
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

    `state` is a frozen dataclass. A user has one state of each type in a dialog; a new state replaces the stored one.
    `over` is the field `revision` of the state that the handler has read. If that state is no longer stored, nothing of
    the event is stored and its handlers run again (errors.Overtaken). None: replace any state.
    """

    dialog: Dialog
    user: UserId
    state: object
    expires_at: float
    over: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationEnded(StateChange):
    """End a user's conversation in a dialog; `kind` is the type of its state, `over` is as in ConversationState."""

    dialog: Dialog
    user: UserId
    kind: type[object]
    over: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultRecipientsChosen(StateChange):
    """Store who a post without recipients is for, for a person or a chat; the other of the two is None.

    No recipients (`to`) means that nothing is chosen.
    """

    user: UserId | None = None
    dialog: Dialog | None = None
    to: tuple[Named, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtOnceChosen(StateChange):
    """Store whether /post publishes without a preview, for a person or for a chat; the other of the two is None."""

    user: UserId | None = None
    dialog: Dialog | None = None
    at_once: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PostScheduled(StateChange):
    """Store a scheduled post.

    `over` is the revision that the handler has read; None: its number must be free. Otherwise nothing of the event is
    stored and its handlers run again (errors.Overtaken).
    """

    post: ScheduledPost
    over: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUnscheduled(StateChange):
    """Remove a scheduled post; `over` is as in PostScheduled."""

    user: UserId
    number: int
    over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalKept(StateChange):
    """Store a request for an approval; `over` is as in PostScheduled."""

    approval: Approval
    over: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSaved(StateChange):
    """Store a template of a person or of a chat (the other of the two is None); `key` is its name for comparisons."""

    user: UserId | None = None
    dialog: Dialog | None = None
    key: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDropped(StateChange):
    """Remove a template; the fields are as in TemplateSaved."""

    user: UserId | None = None
    dialog: Dialog | None = None
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited(StateChange):
    """Store in the audit that a person did something through the bot.

    `name` is the person's name, `action` the value of a records.Action, `post` the post that it was done to, if any.
    `subject` says for whom, or to which CRM card or chat. `dialog` is where the person asked for it. `details` are the
    title, the text or the difference. `certain`: the portal said that it was done. `by_user` is the administrator whose
    token did it for the person (None: it was the person's own; 0: of the unknown user who installed the application).
    `approver` is who approved it, if the policy asked for that.
    """

    user: UserId
    name: str
    action: str
    certain: bool = True
    post: PostId | None = None
    subject: str = ""
    dialog: Dialog
    details: str = ""
    by_user: UserId | None = None
    approver: str = ""
