"""Events: frozen values, the same for both generations of Bitrix24's bot interface."""

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
    """Return the dialog where the bot answers `asker`: the group, or their private dialog with the bot.

    The id of a private dialog is a user id. In a dialog between two people it can be the id of the other person.
    """
    return Dialog(str(asker)) if dialog.isdigit() else dialog


class From(StrEnum):
    """Says how a command was sent (reference: COMMAND_CONTEXT)."""

    TYPED = "textarea"
    BUTTON = "keyboard"
    MENU = "menu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The user who caused an event: who wrote, pressed a button, or added the bot."""

    id: UserId
    name: str = ""
    is_bot: bool = False
    extranet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of all events: their portal, and when the portal sent them (unix seconds)."""

    portal: PortalId
    ts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogEvent(Event):
    """An event in one dialog, for one of our bots.

    `language` is that of the portal when the event comes in, because Bitrix24 sends the same to everybody, and that of
    the author when handlers get the event (framework.person_language).
    """

    bot: BotId
    dialog: Dialog
    author: Person
    language: str = "en"
    chat_title: str = ""
    chat_extranet: bool = False

    @property
    def is_group(self) -> bool:
        """Check whether the dialog is a group chat."""
        return not self.dialog.isdigit()

    @property
    def is_elsewhere(self) -> bool:
        """Check whether the dialog is a private one between two people, without the bot."""
        return self.dialog.isdigit() and not self.author.is_bot and self.dialog != str(self.author.id)

    @property
    def answer_dialog(self) -> Dialog:
        """Return the dialog where the bot may answer the author (see the function `answer_dialog`).

        Bots get no answer in private, so for a bot as author it is the dialog of the event.
        """
        return self.dialog if self.author.is_bot else answer_dialog(self.dialog, self.author.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """Where a forwarded message comes from: its author, the group where it was written, and its id there.

    None: it was written in a private dialog, or that is unknown.
    """

    author: UserId
    dialog: Dialog | None = None
    message: MessageId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(DialogEvent):
    """A message to the bot: in a private dialog any message, in a group one that mentions the bot.

    `text` is without the mention. `addressed` is the part of the text behind a mention in the middle. `cut`: the portal
    removed the end of the text. `edited`: the message existed before, with another text. `files` is the number of its
    files, and `file_ids` are their ids on the Drive, as far as the event names them. `reply_to` is the message that it
    answers, and `forwarded` says where a forwarded message comes from.
    """

    message: MessageId
    text: str
    addressed: str = ""
    cut: bool = False
    edited: bool = False
    files: int = 0
    file_ids: tuple[int, ...] = ()
    reply_to: MessageId | None = None
    forwarded: Forwarded | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded(DialogEvent):
    """A slash command that was typed, or sent by a button or menu.

    `params` is the rest of the command's line, as the portal found it. `text` is the whole message (empty for a
    button), because a post may have several lines. `in_chat`: the bot is a member of the chat, None if the portal did
    not say. `cut`: the portal removed the end of the message. `files`, `file_ids`, `reply_to` and `forwarded` are as
    in Said.
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
    file_ids: tuple[int, ...] = ()
    reply_to: MessageId | None = None
    forwarded: Forwarded | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(DialogEvent):
    """The bot was added to a group, or a private dialog with it was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GreetingDue(DialogEvent):
    """A user opened a private dialog with the bot a moment ago, and is greeted unless they have written meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotDeleted(Event):
    """Our bot was deleted from the portal."""

    bot: BotId
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEvent(Event):
    """The base of events about a News Feed post; the portal sends only the id of the post."""

    post: PostId


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAdded(PostEvent):
    """A post was published (ONLIVEFEEDPOSTADD)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUpdated(PostEvent):
    """A post was edited (ONLIVEFEEDPOSTUPDATE); there may be no visible change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDeleted(PostEvent):
    """A post was deleted (ONLIVEFEEDPOSTDELETE)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostToCheck(PostEvent):
    """The cards of a post may be outdated, because an event may be lost or a reader was removed.

    `reader` is a user who sees the post, if it was found in their feed; else the installer may.
    """

    reader: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardToSend(PostEvent):
    """It is time to send a card again that the portal refused; `card` is the ShowCard effect as stored."""

    card: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatsToCheck(Event):
    """It is time to check who reads in the chats where cards show content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietToSay(Event):
    """There are new posts for the quiet line of a chat; `day` is a number like 20261128."""

    dialog: Dialog
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftToEnd(Event):
    """A user's draft was not changed for a day, and ends; `draft` is its id."""

    dialog: Dialog
    user: UserId
    draft: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDue(Event):
    """It is time to publish a scheduled post of a user; `number` and `revision` are those of the post then."""

    user: UserId
    number: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalToEnd(Event):
    """Nobody has decided about a request for an approval in time; `number` is its number on the portal."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed(Event):
    """The application was installed (ONAPPINSTALL) or updated (ONAPPUPDATE, whose `endpoint` may be empty).

    The tokens of the event are stored apart from it, encrypted.
    """

    endpoint: str
    auth_endpoint: str = ""
    domain: str = ""
    user: UserId | None = None
    status: str = ""
    scope: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uninstalled(Event):
    """The application was removed (ONAPPUNINSTALL), and our tokens have ended; `clean`: all data must be deleted."""

    clean: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Event):
    """An effect succeeded.

    `effect_id`, `kind` and `effect` are the id, the class and the fields of the effect in the outbox. `result` is the
    useful part of the portal's answer: the id of the created object, if there is one.
    """

    effect_id: int
    kind: str
    effect: dict[str, Any]
    result: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """An effect failed and will not be retried; `effect_id`, `kind` and `effect` are as in Done.

    `error` is the name of the error's class, `code` and `text` are the portal's own.
    """

    effect_id: int
    kind: str
    effect: dict[str, Any]
    error: str
    code: str = ""
    text: str = ""
    outcome_unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed(Event):
    """A user action is delayed, and will still be tried; `effect_id`, `kind` and `effect` are as in Done."""

    effect_id: int
    kind: str
    effect: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BotTokenChanged(Event):
    """The bot now speaks with the token of another user (None: with the installer's again).

    `mute_since` is the time since which it could not speak before (unix seconds; None: it could).
    """

    user: UserId | None
    mute_since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTokens:
    """The tokens that came with an event, which are stored encrypted and hidden in `repr`.

    `expires` is when the access token expires (unix seconds), and `user` the user to whom the tokens belong. `own` are
    the tokens of the bot's own user, if the event has them.
    """

    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    application_token: str = field(default="", repr=False)
    expires: int = 0
    user: UserId | None = None
    own: EventTokens | None = None


KINDS: dict[str, type[Event]] = {
    cls.__name__: cls
    for cls in (
        Said, Commanded, Joined, BotDeleted, PostAdded, PostUpdated, PostDeleted, Installed, Uninstalled, Done, Failed,
        Delayed, PostToCheck, ChatsToCheck, QuietToSay, GreetingDue, BotTokenChanged, CardToSend,
        DraftToEnd, PostDue, ApprovalToEnd,
    )
}  # fmt: skip
"""Every event class by the name under which it is stored."""
