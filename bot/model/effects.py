"""What we can do: every write to a portal is one of these values, stored in the outbox before it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from bot.model.events import BotId, CommandId, Dialog, MessageId, PostId, UserId

JSON = dict[str, Any]


class Priority(IntEnum):
    """Who goes first when a portal's bucket is short; a lane takes the priority of its most urgent effect."""

    REPLY = 0
    CONFIRMATION = 1
    SETUP = 2
    RELAY = 3
    DIGEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message carries, in wire form: made and measured by `keyboards` before it gets here."""

    text: str
    keyboard: list[JSON] = field(default_factory=list)
    attach: JSON = field(default_factory=dict)
    menu: list[JSON] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What every effect has. `report`: its result comes back as Done (Failed comes back for every effect)."""

    priority: Priority = Priority.REPLY
    report: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogEvent(Effect):
    """Something that goes to, or is asked from, one dialog; such effects keep their order."""

    dialog: Dialog
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The command an answer belongs to (reference: imbot.v2.Command.answer: commandId, messageId, dialogId).

    `asker` is who gave the command: told in private where the portal does not take the answer.
    """

    command: CommandId
    message: MessageId
    asker: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(DialogEvent):
    """A message from the bot; with `answers` it goes out as the command's answer (works where the bot is a guest).

    `about` is the number of an effect of which it says that it waits: said only as long as that is so.
    """

    content: Content
    answers: Answers | None = None
    about: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(DialogEvent):
    """A new version of a message the bot wrote."""

    message: MessageId
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class ByUser(DialogEvent):
    """A person's own deed: goes out with that person's token, so that the portal judges their rights.

    `answers` is the command that asked for it, where only its answer reaches the chat (the bot is a guest there).
    """

    user: UserId
    answers: Answers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SayAs(ByUser):
    """A message from a person (im.message.add); `back` is the dialog where the person asked for it."""

    content: Content
    asked_in: Dialog
    bot: BotId | None = None
    system: bool = False
    url_preview: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCard(DialogEvent):
    """The first card of a post in a dialog; `version` is the fingerprint of what it shows."""

    post: PostId
    version: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCard(DialogEvent):
    """A living card gets its new content."""

    post: PostId
    version: str
    message: MessageId
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCard(DialogEvent):
    """A card that can no longer be edited goes, and leaves nothing."""

    post: PostId
    message: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(ByUser):
    """A News Feed post (log.blogpost.add). `since` (unix seconds) bounds the search when the outcome is unknown.

    `audience` is what we call the recipients when we tell how it ended; `audience_public` is whether everybody may
    know these names where the post was asked for.
    """

    text: str
    title: str = ""
    dest: list[str]
    since: int
    audience: str = ""
    audience_public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(ByUser):
    """More recipients for a post (log.blogpost.share); those it has already are skipped by the portal.

    `audience` and `audience_public` are as in Publish.
    """

    post: PostId
    dest: list[str]
    audience: str = ""
    audience_public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmEntity:
    """A CRM card: `type` is lead, deal, contact or company."""

    type: str
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmPost(ByUser):
    """A message in the CRM feed (crm.livefeedmessage.add; dead on current portals)."""

    entity: CrmEntity
    text: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmComment(ByUser):
    """A comment in the timeline (crm.timeline.comment.add), where the CRM feed is dead.

    `instead` says that the CRM feed was tried first.
    """

    entity: CrmEntity
    text: str
    since: int
    instead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBot(Effect):
    """Make our bot known to the portal (idempotent by code on both generations)."""

    api: str
    code: str
    name: str
    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCommand(Effect):
    """Make one slash command known (idempotent by name); `titles` and `hints` are by language."""

    bot: BotId
    name: str
    titles: dict[str, str]
    hints: dict[str, str]
    common: bool
    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BindEvent(Effect):
    """Ask the portal to send us one kind of event (event.bind); bound already is fine."""

    event: str
    handler: str


KINDS: dict[str, type[Effect]] = {
    cls.__name__: cls
    for cls in (
        Say, Edit, SayAs, ShowCard, EditCard, DeleteCard, Publish, Share, CrmPost, CrmComment,
        RegisterBot, RegisterCommand, BindEvent,
    )
}  # fmt: skip
"""Every effect by the name it is stored under."""


USER_ACTION_KEY = "deed:"
"""How the lanes of people's own deeds begin."""


def ordering_key(effect: Effect) -> str:
    """The queue an effect stands in: effects of one lane are sent in order.

    A person's deeds have a lane of their own: while the portal puts one off, we go on speaking in its dialog. So has a
    card that stands: nothing else is about that message.
    """
    if isinstance(effect, EditCard | DeleteCard):
        return f"card:{effect.post}:{effect.dialog}"
    if isinstance(effect, ByUser):
        return f"{USER_ACTION_KEY}{effect.user}:{effect.dialog}"
    if isinstance(effect, DialogEvent):
        return f"dialog:{effect.dialog}"
    return "setup"
