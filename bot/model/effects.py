"""Effects: the writes to a portal, stored in the outbox before they are sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from bot.model.events import BotId, CommandId, Dialog, MessageId, PostId, UserId

JSON = dict[str, Any]


class Priority(IntEnum):
    """Says which effects are sent first when a portal's bucket is nearly full.

    An ordering key takes the priority of its most urgent effect.
    """

    REPLY = 0
    CONFIRMATION = 1
    SETUP = 2
    RELAY = 3
    DIGEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The parts of a message in wire form, made and measured by `keyboards`."""

    text: str
    keyboard: list[JSON] = field(default_factory=list)
    attach: JSON = field(default_factory=dict)
    menu: list[JSON] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The base of all effects. With `report`, success comes back as Done.

    Failure always comes back as Failed.
    """

    priority: Priority = Priority.REPLY
    report: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogEvent(Effect):
    """An effect in one dialog; such effects keep their order."""

    dialog: Dialog
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The command that an answer belongs to (reference: imbot.v2.Command.answer).

    `asker` is the user who sent it; they get the answer in private if the portal refuses it.
    """

    command: CommandId
    message: MessageId
    asker: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(DialogEvent):
    """Send a message of the bot.

    `answers` makes it the answer to a command, for chats without the bot. `about` is the id of a delayed effect: the
    message is dropped if that effect ends first.
    """

    content: Content
    answers: Answers | None = None
    about: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(DialogEvent):
    """Edit a message of the bot."""

    message: MessageId
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class ByUser(DialogEvent):
    """A user action: sent with that user's token, so that the portal checks their rights.

    `answers` is the command that asked for it, where the bot is not in the chat and can only answer commands.
    """

    user: UserId
    answers: Answers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SayAs(ByUser):
    """Send a message as a user (im.message.add).

    `asked_in` is the dialog where they asked for it.
    """

    content: Content
    asked_in: Dialog
    bot: BotId | None = None
    system: bool = False
    url_preview: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCard(DialogEvent):
    """Send the first card of a post in a dialog.

    `version` is the fingerprint of what it shows. `attempt` counts the times that the portal refused it before.
    """

    post: PostId
    version: str
    content: Content
    attempt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCard(DialogEvent):
    """Edit a card."""

    post: PostId
    version: str
    message: MessageId
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCard(DialogEvent):
    """Delete a card that is too old to edit."""

    post: PostId
    message: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(ByUser):
    """Publish a post (log.blogpost.add); `since` (unix seconds) limits the search if the outcome is unknown.

    `audience` names the recipients for the confirmation. `audience_public`: everybody in the dialog may see these
    names.
    """

    author_name: str = ""
    text: str
    title: str = ""
    dest: list[str]
    since: int
    audience: str = ""
    audience_public: bool = False

    @property
    def becomes_card(self) -> bool:
        """Return whether its confirmation is a card; where the bot is no member, it is an answer."""
        return self.answers is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(ByUser):
    """Add recipients to a post (log.blogpost.share); the portal skips those it has already.

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
    """Write to the CRM feed (crm.livefeedmessage.add), which current portals no longer have."""

    entity: CrmEntity
    text: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmComment(ByUser):
    """Write a comment in the timeline (crm.timeline.comment.add) of a portal without a CRM feed.

    `instead`: the CRM feed was tried first.
    """

    entity: CrmEntity
    text: str
    since: int
    instead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify(Effect):
    """Show a user a notification of the portal (im.notify.system.add); it replaces an older one with the same `tag`."""

    user: UserId
    text: str
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBot(Effect):
    """Register our bot (idempotent by code on both generations)."""

    api: str
    code: str
    name: str
    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCommand(Effect):
    """Register one slash command (idempotent by name), for every chat and also for extranet users.

    `titles` and `hints` are by language. A `hidden` command is delivered, but not offered.
    """

    bot: BotId
    name: str
    titles: dict[str, str]
    hints: dict[str, str]
    hidden: bool = False
    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BindEvent(Effect):
    """Ask the portal to send one kind of event (event.bind); may be bound already."""

    event: str
    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HearEdits(Effect):
    """Ask the portal to send edited messages to our bot; only imbot v1 needs this (reference: imbot.update)."""

    bot: BotId
    handler: str


KINDS: dict[str, type[Effect]] = {
    cls.__name__: cls
    for cls in (
        Say, Edit, SayAs, ShowCard, EditCard, DeleteCard, Publish, Share, CrmPost, CrmComment,
        Notify, RegisterBot, RegisterCommand, BindEvent, HearEdits,
    )
}  # fmt: skip
"""Every effect class by the name under which it is stored."""
