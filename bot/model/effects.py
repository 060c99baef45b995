"""Effects: writes to a portal, which are stored in the outbox before they are sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from bot.model.events import BotId, CommandId, Dialog, MessageId, PostId, UserId
from bot.model.post_parts import ApprovedBy, Poll, Thanks

JSON = dict[str, Any]


class Priority(IntEnum):
    """Says which effects of a portal are sent first when the rate limit delays them: the lowest number.

    All effects of an ordering key are sent with the priority of the most urgent of them.
    """

    REPLY = 0
    CONFIRMATION = 1
    SETUP = 2
    RELAY = 3
    DIGEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The parts of a message in the format of Bitrix24, made by `keyboards` and checked against the limits."""

    text: str
    keyboard: list[JSON] = field(default_factory=list)
    attach: JSON = field(default_factory=dict)
    menu: list[JSON] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The base of all effects.

    With `report` a success comes back as a Done event. A failure always comes back as a Failed event.
    """

    priority: Priority = Priority.REPLY
    report: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogEvent(Effect):
    """An effect in one dialog; `language` is the language of its texts."""

    dialog: Dialog
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The command that a message answers (reference: imbot.v2.Command.answer).

    `asker` is the user who sent the command in `dialog`; they get the answer in private if it is late or the portal
    refuses it. The portal sent the command at `ts` on its own clock, and we received it at `received_at` on ours (unix
    seconds; 0: unknown).
    """

    command: CommandId
    message: MessageId
    asker: UserId | None = None
    dialog: Dialog | None = None
    ts: int = 0
    received_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(DialogEvent):
    """Send a message of the bot.

    With `answers` it is sent as the answer to a command, for chats where the bot is not a member. `about` is the id of
    a delayed effect in the outbox: the message is dropped if that effect ends first.
    """

    content: Content
    answers: Answers | None = None
    about: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(DialogEvent):
    """Replace the content of a message of the bot."""

    message: MessageId
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class ByUser(DialogEvent):
    """A user action: an effect that is sent with the user's token, so that the portal checks the user's rights.

    `answers` is the command that asked for it, if the bot is not in that chat and can only answer commands there.
    `author_name` is the user's name. `acting`: it is sent with an administrator's token for the user, and we check the
    user's rights (see model.acting). `approved` says who approved it, where the policy asks for an approval.
    """

    user: UserId
    author_name: str = ""
    answers: Answers | None = None
    acting: bool = False
    approved: ApprovedBy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SayAs(ByUser):
    """Send a message as a user (im.message.add).

    `asked_in` is the dialog where the user asked for this, and `dialog` the one that gets the message.
    """

    content: Content
    asked_in: Dialog
    bot: BotId | None = None
    url_preview: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCard:
    """What an attempt with an unknown outcome sent: the text, and the version of the card."""

    text: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCard(DialogEvent):
    """Send the first message of a post's card to a dialog.

    `version` is the fingerprint of what the card shows. `attempt` counts how often the portal refused this card before.
    `sent`: an earlier attempt sent other content, and may have worked.
    """

    post: PostId
    version: str
    content: Content
    attempt: int = 0
    sent: SentCard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCard(DialogEvent):
    """Edit the message of a post's card; `version` is the fingerprint of what the card shows then.

    `refused` counts how often the portal refused an edit of this card in a row before.
    """

    post: PostId
    version: str
    message: MessageId
    content: Content
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCard(DialogEvent):
    """Delete the message of a post's card, which cannot be edited."""

    post: PostId
    message: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDraft(DialogEvent):
    """Send the preview of a user's draft to a dialog, or of a draft that the user may approve.

    `draft` is the id of the draft or of the request, and `shown` says how many messages have shown it, this one
    included.
    """

    user: UserId
    draft: str
    shown: int
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(ByUser):
    """Publish a post (log.blogpost.add).

    If the outcome is unknown, the post is searched for among those written since `since` (unix seconds). `audience` are
    the names of the recipients, for the confirmation. `audience_public`: everybody in the dialog may see these names.
    `important_until` (ISO 8601) is the end of an importance ("": no end), and `background` a code of the portal's.
    `files` are ids of files on the Drive. `site` is a site of the portal ("": the one that the portal chooses).
    `all_named`: the user named everybody as the recipient, so default recipients do not hold for this post. `quote` is
    the part of the text that quotes a chat message. `source` is the message with the command, if it is known.
    """

    text: str
    title: str = ""
    dest: list[str]
    since: int
    audience: str = ""
    audience_public: bool = False
    important: bool = False
    important_until: str = ""
    tags: tuple[str, ...] = ()
    background: str = ""
    link_preview: bool = False
    files: tuple[int, ...] = ()
    poll: Poll | None = None
    thanks: Thanks | None = None
    site: str = ""
    all_named: bool = False
    quote: str = ""
    source: MessageId | None = None

    @property
    def becomes_card(self) -> bool:
        """Return whether its confirmation is a card; where the bot is no member, it is an answer."""
        return self.answers is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(ByUser):
    """Add recipients to a post (log.blogpost.share); the portal skips recipients that the post has already.

    `audience` and `audience_public` are as in Publish.
    """

    post: PostId
    dest: list[str]
    audience: str = ""
    audience_public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePost(ByUser):
    """Change the text or the title of a post (log.blogpost.update); everything that is not sent stays as it is.

    `command` is the command that asked for it ("edit", "append" or "title"), and `written` what the user wrote there.
    `text` is the whole new text ("": it stays), and `title` the title afterwards ("": the portal makes one from the
    text). `before` is the fingerprint of the title and of the text to change (see texts.fingerprints): if the outcome
    is unknown, and the post is neither as before nor as wanted, somebody else has changed it, and it stays so.
    `difference` shows what changes, line by line, for the audit.
    """

    post: PostId
    command: str
    written: str
    text: str = ""
    title: str = ""
    before: str
    difference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePost(ByUser):
    """Delete a post of the user (log.blogpost.delete).

    `question` is the message of the bot that asked the user to confirm, which then shows the result. `undo`: the user
    takes back what they have just published, and `kept` is the command that would publish it again. `misplaced`: it was
    published for the user, but the portal has made an administrator its author.
    """

    post: PostId
    question: MessageId | None = None
    undo: bool = False
    kept: str = ""
    misplaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentOnPost(ByUser):
    """Write a comment on a post (log.blogcomment.add); `since` is as in Publish."""

    post: PostId
    text: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmEntity:
    """A CRM card: its `type` (lead, deal, contact or company) and its id."""

    type: str
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmText(ByUser):
    """The base of what writes a text to a CRM card; `since` and `files` are as in Publish.

    `name` is the name of the card for the answer ("": it is unknown, or others read the answer who may not know it).
    `to` are the further recipients that the user named, each as name and code.
    """

    entity: CrmEntity
    name: str = ""
    text: str
    since: int
    title: str = ""
    to: tuple[str, ...] = ()
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmPost(CrmText):
    """Write to the CRM feed (crm.livefeedmessage.add), which current portals no longer have.

    `sperm` are the codes of the recipients (CRMDEAL43, SG5, U1, DR7, UA).
    """

    sperm: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmComment(CrmText):
    """Write a comment in the timeline of a CRM card (crm.timeline.comment.add), on a portal without a CRM feed."""

    @property
    def comment(self) -> str:
        """Return the text of the comment; a comment has no title, so the title is its first line."""
        return f"[B]{self.title}[/B]\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCrmComment(ByUser):
    """Delete a comment in the timeline of a CRM card; `kept` is the command that would write it again."""

    entity: CrmEntity
    comment: int
    kept: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify(Effect):
    """Show a user a notification of the portal (im.notify.system.add).

    It replaces an earlier notification with the same `tag`.
    """

    user: UserId
    text: str
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBot(Effect):
    """Register our bot; registering the same `code` again makes no second bot."""

    api: str
    code: str
    name: str
    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCommand(Effect):
    """Register one slash command for every chat and also for extranet users; registering it again does no harm.

    `titles` and `hints` have a text for each language. A `hidden` command is delivered to us, but the portal does not
    suggest it to users.
    """

    bot: BotId
    name: str
    titles: dict[str, str]
    hints: dict[str, str]
    hidden: bool = False
    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BindEvent(Effect):
    """Ask the portal to send us one kind of event (event.bind)."""

    event: str
    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HearEdits(Effect):
    """Ask the portal to send us edited messages; only imbot v1 needs this (reference: imbot.update)."""

    bot: BotId
    handler: str


KINDS: dict[str, type[Effect]] = {
    cls.__name__: cls
    for cls in (
        Say, Edit, SayAs, ShowCard, EditCard, DeleteCard, ShowDraft, Publish, Share, ChangePost, DeletePost,
        CommentOnPost, CrmPost, CrmComment, DeleteCrmComment, Notify, RegisterBot, RegisterCommand, BindEvent,
        HearEdits,
    )
}  # fmt: skip
"""Every effect class by the name under which it is stored."""
