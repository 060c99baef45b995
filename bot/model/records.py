"""What we know: read-only values that handlers get from the portal and from the store."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.model.events import BotId, Dialog, MessageId, PortalId, PostId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A News Feed post as `log.blogpost.get` gives it; `text` is BB code, `date` ISO 8601."""

    id: PostId
    author: UserId
    title: str
    text: str
    author_name: str = ""
    date: str = ""
    important: bool = False
    for_all: bool = False
    comments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A recipient found by name: `code` is what `DEST` takes (U5, DR3, SG7).

    `visible` is whether every employee may know of it; a hidden group and a person from outside are not for all.
    """

    code: str
    name: str
    visible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AppInfo:
    """What `app.info` says about us on a portal; `code` is our client id for a local application."""

    code: str
    installed: bool
    status: str = ""
    license: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """One subscription of a dialog (facts.Following as it was stored); `since` is when it was made."""

    dialog: Dialog
    topic: str
    owner: UserId
    language: str
    label: str = ""
    since: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Where a post is shown; `message` is None while the first message is on its way."""

    post: PostId
    dialog: Dialog
    version: str
    message: MessageId | None
    made_at: float
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extranet:
    """Whether an extranet user is in a chat: what the portal said last, what the chat was told last, in which line.

    `off` is true where the chat switched its quiet line off.
    """

    seen: bool
    told: bool
    told_day: int
    off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A post of which content stands somewhere, as it was read last."""

    post: PostId
    version: str
    for_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPortal:
    """A portal as we remember it, without its secrets."""

    id: PortalId
    endpoint: str
    domain: str
    language: str
    api: str
    license: str
    bot: BotId | None
    crm_feed: bool
    installer: UserId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """A token pair and when the access token ends (unix seconds)."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedTokens:
    """Tokens, the portal they belong to, and where it is: what the authorization server says."""

    portal: PortalId
    endpoint: str
    token_pair: TokenPair
