"""Events: frozen values, the same for both generations of the bot interface."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

PortalId = NewType("PortalId", str)
"""The portal's `member_id`, which stays the same if its address changes."""
Dialog = NewType("Dialog", str)
"""`DIALOG_ID`: `chat42` for a group; a user id as text for a private dialog, see `answer_dialog`."""
UserId = NewType("UserId", int)
BotId = NewType("BotId", int)
MessageId = NewType("MessageId", int)
CommandId = NewType("CommandId", int)
PostId = NewType("PostId", int)
"""`POST_ID` of a News Feed post (not the id of its feed entry)."""

LONGEST_TEXT = 20_000
"""The most characters of a message; the portal cuts a longer one, and adds `CUT_END`."""
CUT_END = "(...)"


def answer_dialog(dialog: Dialog, asker: UserId) -> Dialog:
    """Return where the bot answers: the group, or the asker's private dialog with the bot.

    The id of a private dialog is a user id. Between two people it can be the id of the other one.
    """
    return Dialog(str(asker)) if dialog.isdigit() else dialog


class From(StrEnum):
    """Says how a command was sent (reference: COMMAND_CONTEXT)."""

    TYPED = "textarea"
    BUTTON = "keyboard"
    MENU = "menu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The user who wrote, pressed a button, or added the bot."""

    id: UserId
    name: str = ""
    is_bot: bool = False
    extranet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of all events: the portal, and when it sent the event (unix seconds)."""

    portal: PortalId
    ts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogEvent(Event):
    """An event in one dialog, for one of our bots."""

    bot: BotId
    dialog: Dialog
    author: Person
    language: str = "en"
    chat_title: str = ""
    chat_extranet: bool = False

    @property
    def is_group(self) -> bool:
        """Return whether this is a group chat, by the form of its id."""
        return not self.dialog.isdigit()

    @property
    def is_elsewhere(self) -> bool:
        """Return whether this is a private dialog of two people, without the bot."""
        return self.dialog.isdigit() and not self.author.is_bot and self.dialog != str(self.author.id)

    @property
    def answer_dialog(self) -> Dialog:
        """Return where the bot may answer the author, see `answer_dialog`; bots get no private dialog."""
        return self.dialog if self.author.is_bot else answer_dialog(self.dialog, self.author.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(DialogEvent):
    """A message to the bot.

    In a group, one that mentions it (the mention is removed). `addressed` is what stands behind a mention in the middle
    of the text. `cut`: the portal removed the end of the text. `edited`: the message was there before, with another
    text. `files` is how many files it has.
    """

    message: MessageId
    text: str
    addressed: str = ""
    cut: bool = False
    edited: bool = False
    files: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded(DialogEvent):
    """A slash command that was typed, or sent by a button or menu.

    `params` is the rest of the command's line, as the portal found it. `text` is the whole message (empty for a
    button), because a post may have several lines. `in_chat`: the bot is a member, None if the portal did not say.
    `cut`: the portal removed the end of the message. `files` is how many files the message has.
    """

    command: CommandId
    name: str
    params: str = ""
    text: str = ""
    source: From = From.TYPED
    message: MessageId
    in_chat: bool | None = None
    cut: bool = False
    files: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(DialogEvent):
    """The bot was added to a group, or a private dialog with it was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GreetingDue(DialogEvent):
    """A private dialog was opened a moment ago; greet, unless the user wrote something meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotDeleted(Event):
    """Our bot was deleted from the portal."""

    bot: BotId
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEvent(Event):
    """An event of a News Feed post; the portal sends its id and nothing else."""

    post: PostId
    actor: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAdded(PostEvent):
    """ONLIVEFEEDPOSTADD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUpdated(PostEvent):
    """ONLIVEFEEDPOSTUPDATE; there may be no visible change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDeleted(PostEvent):
    """ONLIVEFEEDPOSTDELETE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostToCheck(PostEvent):
    """The cards of a post may be outdated.

    An event may be lost, or a reader was removed.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class CardToSend(PostEvent):
    """Send a card again that the portal refused; `card` is the effect as stored."""

    card: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatsToCheck(Event):
    """Check who reads in the chats with content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietToSay(Event):
    """New posts for a chat's quiet line; `day` is a number like 20261128."""

    dialog: Dialog
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed(Event):
    """ONAPPINSTALL, or ONAPPUPDATE (whose endpoint may be empty); its tokens are stored apart, encrypted."""

    endpoint: str
    auth_endpoint: str = ""
    domain: str = ""
    user: UserId | None = None
    status: str = ""
    scope: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uninstalled(Event):
    """ONAPPUNINSTALL; access has ended, and `clean` asks to delete all data."""

    clean: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Event):
    """An effect succeeded. `kind` and `effect` are the effect as stored.

    `result` is the portal's `result`.
    """

    effect_id: int
    kind: str
    effect: dict[str, Any]
    result: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """An effect failed and will not be retried."""

    effect_id: int
    kind: str
    effect: dict[str, Any]
    error: str
    code: str = ""
    text: str = ""
    outcome_unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed(Event):
    """A user action is delayed, and will still be tried."""

    effect_id: int
    kind: str
    effect: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BotTokenChanged(Event):
    """The bot speaks with the token of another user (None: the installer's again).

    Before that it could not speak since `mute_since` (unix seconds; None: it always could).
    """

    user: UserId | None
    mute_since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTokens:
    """The tokens that came with an event.

    Stored encrypted, apart from the event, and hidden in `repr`.
    """

    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    application_token: str = field(default="", repr=False)
    expires: int = 0
    user: UserId | None = None


KINDS: dict[str, type[Event]] = {
    cls.__name__: cls
    for cls in (
        Said, Commanded, Joined, BotDeleted, PostAdded, PostUpdated, PostDeleted, Installed, Uninstalled, Done, Failed,
        Delayed, PostToCheck, ChatsToCheck, QuietToSay, GreetingDue, BotTokenChanged, CardToSend,
    )
}  # fmt: skip
"""Every event class by the name under which it is stored."""
