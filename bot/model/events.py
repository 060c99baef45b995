"""What can happen: frozen values, whatever generation of the bot API or feed event they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

PortalId = NewType("PortalId", str)
"""`member_id`: the portal's own identifier; survives a change of its address."""
Dialog = NewType("Dialog", str)
"""`DIALOG_ID`: `chat42` for a group; for a private dialog a user id as text, see `answer_dialog`."""
UserId = NewType("UserId", int)
BotId = NewType("BotId", int)
MessageId = NewType("MessageId", int)
CommandId = NewType("CommandId", int)
PostId = NewType("PostId", int)
"""`POST_ID` of a News Feed post (not the id of its feed entry)."""


def answer_dialog(dialog: Dialog, asker: UserId) -> Dialog:
    """Choose where the bot answers: the group, or in private always the asker's own dialog with the bot.

    The number of a private dialog names a person. Where two people talk without the bot it can be the other one's.
    """
    return Dialog(str(asker)) if dialog.isdigit() else dialog


class From(StrEnum):
    """Where a command came from (reference: COMMAND_CONTEXT)."""

    TYPED = "textarea"
    BUTTON = "keyboard"
    MENU = "menu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who wrote, pressed or added."""

    id: UserId
    name: str = ""
    is_bot: bool = False
    extranet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event has: its portal and when the portal sent it (unix seconds)."""

    portal: PortalId
    ts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogEvent(Event):
    """Something that happened in one dialog with one of our bots."""

    bot: BotId
    dialog: Dialog
    author: Person
    language: str = "en"
    chat_title: str = ""
    chat_extranet: bool = False

    @property
    def is_group(self) -> bool:
        """Whether this is a group chat, by the form of its id."""
        return not self.dialog.isdigit()

    @property
    def is_elsewhere(self) -> bool:
        """Whether this is a private dialog of the author with somebody else: the bot is not in it."""
        return self.dialog.isdigit() and not self.author.is_bot and self.dialog != str(self.author.id)

    @property
    def answer_dialog(self) -> Dialog:
        """Where the bot may write to the author, see `answer_dialog`; a bot has no dialog of its own with us."""
        return self.dialog if self.author.is_bot else answer_dialog(self.dialog, self.author.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(DialogEvent):
    """Somebody wrote to the bot, or mentioned it in a group (the mention is already cut)."""

    message: MessageId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded(DialogEvent):
    """A registered slash command: typed, or pressed on a keyboard or in a menu.

    `params` is what the portal took for the command's parameters: the rest of its line, verbatim. `text` is the
    whole message the command stood in (empty for a press), because a post may have more than one line.
    `in_chat` is whether the portal said that the bot is a member; None where it did not say.
    """

    command: CommandId
    name: str
    params: str = ""
    text: str = ""
    source: From = From.TYPED
    message: MessageId
    in_chat: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(DialogEvent):
    """The bot was added to a group, or somebody opened a private dialog with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotDeleted(Event):
    """Somebody removed our bot from the portal."""

    bot: BotId
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEvent(Event):
    """Something happened to a News Feed post; the portal tells its id and nothing else."""

    post: PostId
    actor: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAdded(PostEvent):
    """ONLIVEFEEDPOSTADD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUpdated(PostEvent):
    """ONLIVEFEEDPOSTUPDATE; may come without any visible change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDeleted(PostEvent):
    """ONLIVEFEEDPOSTDELETE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostToCheck(PostEvent):
    """What stands of a post may be out of date: an event of it may have been lost, or a reader has gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatsToCheck(Event):
    """Who reads in the chats where content stands is to be asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietToSay(Event):
    """Posts that are not for everyone in a chat came; `day` is a number like 20261128."""

    dialog: Dialog
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed(Event):
    """ONAPPINSTALL, or ONAPPUPDATE (which need not say where its portal is); its tokens travel beside it, encrypted."""

    endpoint: str
    auth_endpoint: str = ""
    domain: str = ""
    user: UserId | None = None
    status: str = ""
    scope: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uninstalled(Event):
    """ONAPPUNINSTALL: access is gone already; `clean` is the user's wish to delete all data."""

    clean: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Event):
    """An effect worked. `kind` and `effect` are the effect as it was stored; `result` is the portal's `result`."""

    effect_id: int
    kind: str
    effect: dict[str, Any]
    result: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """An effect did not work and will not be tried again."""

    effect_id: int
    kind: str
    effect: dict[str, Any]
    error: str
    code: str = ""
    text: str = ""
    outcome_unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed(Event):
    """A person's deed waits longer than people do: neither done nor failed yet, and still to be done."""

    effect_id: int
    kind: str
    effect: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTokens:
    """The tokens that came with an event; kept encrypted, never part of the event itself (`repr` shows none)."""

    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    application_token: str = field(default="", repr=False)
    expires: int = 0
    user: UserId | None = None


KINDS: dict[str, type[Event]] = {
    cls.__name__: cls
    for cls in (
        Said, Commanded, Joined, BotDeleted, PostAdded, PostUpdated, PostDeleted, Installed, Uninstalled, Done, Failed,
        Delayed, PostToCheck, ChatsToCheck, QuietToSay,
    )
}  # fmt: skip
"""Every event by the name it is stored under."""
