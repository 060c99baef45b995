"""Read-only values that handlers get from the portal and from the store."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.model.events import BotId, Dialog, MessageId, PortalId, PostId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A News Feed post from `log.blogpost.get`; `text` is BB code, `date` ISO 8601.

    `parts` says what it has beside the text: "thanks", "poll", "files".
    """

    id: PostId
    author: UserId
    title: str
    text: str
    author_name: str = ""
    date: str = ""
    important: bool = False
    for_all: bool = False
    comments: int = 0
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A recipient that was found by name; `code` is what `DEST` takes (U5, DR3, SG7).

    `visible`: every employee may know of it; not so for hidden groups and extranet users. `detail` tells it apart from
    others of its name: a person's position, a department with those above it.
    """

    code: str
    name: str
    visible: bool = True
    detail: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppInfo:
    """The answer of `app.info`; `code` is our client id for a local application."""

    code: str
    installed: bool
    status: str = ""
    license: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """A stored subscription of a dialog; `since` is when it was made."""

    dialog: Dialog
    topic: str
    owner: UserId
    language: str
    label: str = ""
    since: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The card of a post in a dialog; `message` is None until the first message was sent."""

    post: PostId
    dialog: Dialog
    version: str
    message: MessageId | None
    made_at: float
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extranet:
    """Says whether an extranet user is in a chat: the portal's last answer, and what the chat was told.

    `told_day` is the day of the quiet line that told it (0: none). `off`: the chat switched its quiet line off.
    """

    seen: bool
    told: bool
    told_day: int
    off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A post with cards that show content, as we read it last."""

    post: PostId
    version: str
    for_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPortal:
    """A portal as stored, without its secrets.

    `speaker` is the user whose token the bot speaks with, None: the installer; `installer` names the same user. Since
    `mute_since` no known token lets the bot speak.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class BotTokenTrouble:
    """A portal where the bot speaks with a spare token (`speaker`), or cannot speak since `mute_since`."""

    portal: PortalId
    domain: str
    speaker: UserId | None
    mute_since: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """A token pair, and when the access token expires (unix seconds)."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedTokens:
    """Tokens, and their portal and its endpoint as the authorization server confirms them."""

    portal: PortalId
    endpoint: str
    token_pair: TokenPair
