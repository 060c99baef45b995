"""Read-only values that handlers get from the portal and from the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.effects import Publish
from bot.model.events import BotId, Dialog, MessageId, PortalId, PostId, UserId

CRM_FEED_KNOWN = 7 * 86_400.0
"""Seconds for which we believe what the portal said about its CRM feed; then it is asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A News Feed post from `log.blogpost.get`; `text` is BB code, `date` is ISO 8601.

    `parts` says what the post has besides the text: "thanks", "poll", "files". `places` are the departments and groups
    among its recipients (DR3, SG7), and `tags` its tags, as far as somebody asked and we know them.
    """

    id: PostId
    author: UserId
    title: str
    text: str
    author_name: str = ""
    date: str = ""
    important: bool = False
    for_all: bool = False
    parts: tuple[str, ...] = ()
    places: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()
    comments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPart:
    """A part of a person's feed, latest change first; `next` is where the next part begins (0: this is the end)."""

    posts: tuple[Post, ...]
    next: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee:
    """A person to whom a post is addressed, and the name of their department ("": unknown)."""

    id: UserId
    name: str = ""
    department: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readership:
    """An important post with the people who have read it, and those to whom it is addressed, without its author.

    `addressed` is None if the portal does not say. `many`: the portal has named only the first of the readers.
    """

    post: Post
    read: frozenset[UserId]
    addressed: tuple[Employee, ...] | None = None
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A post that was published through the bot, the effect that did it, and when it was done (unix seconds)."""

    post: PostId
    effect: Publish
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A recipient that was found by name; `code` is its code for `DEST` (U5, DR3, SG7).

    `visible`: every employee may know of this recipient, which is not so for hidden groups and extranet users. `detail`
    distinguishes it from others of the same name: a person's position, or the departments above a department.
    """

    code: str
    name: str
    visible: bool = True
    detail: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppInfo:
    """The answer of `app.info`; `code` is our client id if the application is a local one."""

    code: str
    installed: bool
    status: str = ""
    license: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """A stored subscription of a dialog.

    `topic` is its rule as text (feed.subscriptions.rules), `owner` the user who asked for it, `label` the names in the
    rule, a line each, and `since` when it was made (unix seconds).
    """

    dialog: Dialog
    topic: str
    owner: UserId
    language: str
    label: str = ""
    since: float = 0.0
    owner_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLanguage:
    """The language of a person as stored: the `chosen` one (/lang), and the one `recognised` in what they wrote.

    "" means none.
    """

    chosen: str = ""
    recognised: str = ""

    @property
    def language(self) -> str:
        """Return the chosen language, else the recognised one, else ""."""
        return self.chosen or self.recognised


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The card of a post in a dialog; `message` is None until the card was sent.

    `version` is the fingerprint of what it shows. `lost`: it can no longer be edited.
    """

    post: PostId
    dialog: Dialog
    version: str
    message: MessageId | None
    made_at: float
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultRecipients:
    """Who a post without recipients is for, as a person and as a chat chose; empty: nothing was chosen."""

    person: tuple[Named, ...] = ()
    chat: tuple[Named, ...] = ()

    @property
    def decided(self) -> tuple[Named, ...]:
        """Return what holds: the person's choice, else that of the chat."""
        return self.person or self.chat


@dataclass(frozen=True, slots=True, kw_only=True)
class AtOnce:
    """Whether /post publishes without a preview, as a person and as a chat chose; None: nothing was chosen."""

    person: bool | None = None
    chat: bool | None = None

    def decided(self, *, default: bool) -> bool:
        """Return what holds: the person's choice, else that of the chat, else the `default`."""
        chosen = self.chat if self.person is None else self.person
        return default if chosen is None else chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPost:
    """A post of a user that is published later: `number` is its number among those of the user.

    `revision` grows with each change. It is due at `at` (unix seconds). With a `weekday` (0: Monday) it is due every
    week at this `minute` of the day, in the time zone `zone`. `asked`: it was due, and the user was asked whether to
    publish it. `made_at` is when it was scheduled. `thanked` are the people whom
    it thanks, with their names.
    """

    number: int
    revision: int
    post: Publish
    to: tuple[Named, ...] = ()
    thanked: tuple[Named, ...] = ()
    at: float
    zone: str
    weekday: int | None = None
    minute: int = 0
    asked: bool = False
    made_at: float

    @property
    def user(self) -> UserId:
        """Return the user who scheduled it, who is its author."""
        return self.post.user


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text with variables such as `{date}`, under a name; `chat`: it is shared in the chat."""

    name: str
    text: str
    chat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extranet:
    """Whether an extranet user is in a chat: `seen` by the portal's last answer, `told` by what the chat was last told.

    `told_day` is the day of the quiet line that told it (0: none). `off`: the chat switched its quiet line off.
    """

    seen: bool
    told: bool
    told_day: int
    off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A post whose content some card shows, as we last read it."""

    post: PostId
    version: str
    for_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPortal:
    """A portal as stored, without its secrets.

    `speaker` is the user whose token the bot speaks with; None if it is the installer's. `installer` is then that
    `speaker` too, else the user who installed the application. Since `mute_since` (unix seconds) no known token lets
    the bot speak; None: it can speak. At `crm_feed_at` (unix seconds; 0: never) the portal said whether it has a
    `crm_feed`.
    """

    id: PortalId
    endpoint: str
    domain: str
    language: str
    api: str
    license: str
    bot: BotId | None
    crm_feed: bool
    installer: UserId | None
    speaker: UserId | None = None
    mute_since: float | None = None
    crm_feed_at: float = 0.0

    def has_crm_feed(self, now: float) -> bool | None:
        """Return whether the portal has a CRM feed; None if it never said so, or longer ago than some days."""
        return self.crm_feed if now - self.crm_feed_at < CRM_FEED_KNOWN else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BotTokenTrouble:
    """A portal where the bot does not speak with the installer's token.

    `speaker` is the user whose token it uses instead. Since `mute_since` (unix seconds) no known token lets it speak,
    for this `reason`; None: it can speak.
    """

    portal: PortalId
    domain: str
    speaker: UserId | None
    mute_since: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """An access token and a refresh token, and when the access token expires (unix seconds)."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedTokens:
    """Tokens with their portal and the endpoint of that portal, as the authorization server confirms them."""

    portal: PortalId
    endpoint: str
    token_pair: TokenPair


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """What waits of one portal: `waiting` rows, the oldest since `oldest` (unix seconds), and `dead` letters.

    `error` is why the last attempt at the newest failed row did not work; "" if no row waits after a failed attempt.
    """

    waiting: int = 0
    oldest: float | None = None
    dead: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalStatus:
    """The state of one installed portal.

    `speaker` is the user whose token the bot speaks with; None if it is the installer's. Since `mute_since` (unix
    seconds) the bot cannot speak, for `mute_reason`; None: it can. `bot` is None until the bot is registered.
    """

    id: PortalId
    domain: str
    api: str
    bot: BotId | None
    speaker: UserId | None
    mute_since: float | None
    mute_reason: str
    follows: int
    events: QueueStatus
    effects: QueueStatus


class Action(StrEnum):
    """Says what a person did through the bot; the value stands in the audit, and in the keys of its sentences."""

    PUBLISHED = "published"
    SHARED = "shared"
    CHANGED = "changed"
    DELETED = "deleted"
    UNDONE = "undone"
    COMMENTED = "commented"
    CRM = "crm"
    CRM_UNDONE = "crm_undone"
    SENT = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An entry of the audit; the fields are as in state_changes.Audited, `at` is in unix seconds."""

    id: int
    portal: str
    at: float
    user_id: UserId
    name: str
    action: str
    certain: bool
    post: PostId | None
    subject: str
    dialog: Dialog
    details: str
    by_user: UserId | None = None
    approver: str = ""
