"""The draft of a post: its state in the store, and what is left of it when it has ended."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.feed import quotes
from bot.feed.publishing.recipients import EVERYONE
from bot.framework.context import Context
from bot.model import ordering
from bot.model.crm_records import CrmDetails
from bot.model.events import Commanded, Dialog, DraftToEnd, MessageId, Said, UserId
from bot.model.post_parts import Poll, Thanks
from bot.model.records import Named, Post
from bot.model.state_changes import ConversationEnded, ConversationState

LIFETIME = 86_400.0
"""Seconds after its last change when a draft ends."""
FILES_WAIT = 600.0
"""Seconds for which files wait that were sent before the post."""
NOTHING = frozenset({"-", "–", "—"})
"""What removes a part of a draft."""
KEPT = 7 * 86_400.0
"""Seconds for which the row of a draft is kept longer, so that its end is told also after the service was stopped."""


_ADDRESS = re.compile(r"https?://\S", re.IGNORECASE)


class End(StrEnum):
    """Says how a draft ended; the value is the end of the key of its sentence, `draft.<value>`."""

    PUBLISHED = "sent"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REPLACED = "replaced"
    ELSEWHERE = "goes_on_in_private"
    SCHEDULED = "scheduled"
    ASKED = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmChoice:
    """A CRM card that a person may have meant; `kept` are the written words that then belong to the text."""

    card: CrmDetails
    kept: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a person prepares in a dialog; no recipients (`to`) means everybody.

    `revision` is the id of the draft and a number that grows with each change of the post: a button of an earlier
    revision does nothing. `by_default`: the recipients are those chosen with /settings. `message` is the message that
    shows the draft (None: it is not known yet), `shown` says how many messages have shown it. `changing`: the card
    shows the buttons to change the draft, and with `later` those that say when to publish it. `awaiting` is the field
    that the next message in private fills ("": none). `until` is the end of the importance (ISO 8601). `files` are the
    ids on the Drive of files that were sent with it. `thanked` are the people who get the `medal`. `question` and
    `answers` are its poll, in which a person may choose `several` of the answers. `quote` is a message that it quotes
    below the text, as BB code. `source` is the message with the command that began it.

    A text for the CRM has its `card`, or the `choices` from which the person still chooses one, for the written name
    `asked`; `near`: no card has that name, these have a similar one. `crm_feed`: it goes to the CRM feed, as far as we
    know. `at_once`: it is written when the card is chosen.
    """

    revision: str
    language: str
    author_name: str
    changed_at: float
    text: str = ""
    quote: str = ""
    title: str = ""
    to: tuple[Named, ...] = ()
    by_default: bool = False
    important: bool = False
    until: str = ""
    tags: tuple[str, ...] = ()
    background: str = ""
    link_preview: bool = True
    files: tuple[int, ...] = ()
    question: str = ""
    answers: tuple[str, ...] = ()
    several: bool = False
    thanked: tuple[Named, ...] = ()
    medal: str = ""
    source: MessageId | None = None
    message: MessageId | None = None
    shown: int = 0
    changing: bool = False
    later: bool = False
    awaiting: str = ""
    card: CrmDetails | None = None
    choices: tuple[CrmChoice, ...] = ()
    asked: str = ""
    near: bool = False
    crm_feed: bool = True
    at_once: bool = False

    @property
    def for_crm(self) -> bool:
        """Return whether it is a text for the CRM."""
        return self.card is not None or bool(self.choices)

    @property
    def id(self) -> str:
        """Return the id of the draft, which stays the same while the draft changes."""
        return id_of(self.revision)

    @property
    def expires_at(self) -> float:
        """Return when the draft ends if it is not changed (unix seconds)."""
        return self.changed_at + LIFETIME

    @property
    def body(self) -> str:
        """Return the whole text of the post: what its author wrote, and what they quote."""
        return quotes.joined(self.text, self.quote)

    @property
    def dest(self) -> list[str]:
        """Return the codes of the recipients."""
        return [one.code for one in self.to] or [EVERYONE.code]

    @property
    def poll(self) -> Poll | None:
        """Return the poll of the post; None if it has none."""
        made = Poll(question=self.question, answers=self.answers, several=self.several)
        return made if self.question else None

    @property
    def thanks(self) -> Thanks | None:
        """Return the thanks of the post; None if it thanks nobody."""
        people = tuple(UserId(int(one.code.removeprefix("U"))) for one in self.thanked)
        return Thanks(medal=self.medal, people=people) if people else None

    @property
    def named(self) -> tuple[Named, ...]:
        """Return everybody whose name the preview shows: the recipients, and the people who are thanked."""
        return (*self.to, *self.thanked)

    def post(self, author: UserId) -> Post:
        """Return the post that the draft would become; its number is 0."""
        return Post(
            id=_NO_POST, author=author, author_name=self.author_name, title=self.title, text=self.body,
            important=self.important, for_all=EVERYONE.code in self.dest,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFiles:
    """Files (ids on the Drive) that a person sent to the bot without a text; their next post gets them."""

    files: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedDraft:
    """The last draft of a person in a dialog that has ended: an old button of it still says so."""

    draft: str
    message: MessageId | None
    end: End
    at: float


_NO_POST: Any = 0


def has_link(text: str) -> bool:
    """Check whether a text contains an address, so that the portal can show a preview of the page."""
    return _ADDRESS.search(text) is not None


def id_of(revision: str) -> str:
    """Return the id of the draft in a revision."""
    return revision.rpartition(".")[0]


def new(ctx: Context, *, seed: object, language: str, author_name: str) -> Draft:
    """Make an empty draft; `seed` is different for each draft of a moment, for example the id of a message."""
    revision = f"{ordering.digest(f'{ctx.now!r}:{seed}')}.1"
    return Draft(revision=revision, language=language, author_name=author_name, changed_at=ctx.now)


def with_poll(draft: Draft, before: Draft | None) -> Draft:
    """Return a draft whose text is the question of its poll, if it had no text or the question that was before.

    The portal accepts no post without a text.
    """
    asked = before.question if before else ""
    return replace(draft, text=draft.question) if draft.question and draft.text in ("", asked) else draft


def changed(ctx: Context, draft: Draft, **fields: Any) -> Draft:
    """Return the draft after a change of the post, with a new revision."""
    step = int(draft.revision.rpartition(".")[2]) + 1
    return replace(draft, revision=f"{draft.id}.{step}", changed_at=ctx.now, awaiting="", **fields)


async def find(ctx: Context, dialog: Dialog, user: UserId) -> Draft | None:
    """Return a person's draft in a dialog; None if there is none."""
    draft = await ctx.memory.conversation(dialog, user, Draft, now=ctx.now)
    return draft if draft and draft.expires_at > ctx.now else None


def keep(ctx: Context, dialog: Dialog, user: UserId, draft: Draft, *, over: Draft | None) -> None:
    """Store a draft, and set the timer that ends it; `over` is the draft as it was read (None: there was none)."""
    read = over.revision if over else None
    kept_until = draft.expires_at + KEPT
    ctx.store(ConversationState(dialog=dialog, user=user, state=draft, expires_at=kept_until, over=read))
    event = DraftToEnd(portal=ctx.event.portal, dialog=dialog, user=user, draft=draft.id)
    key = ordering.timer_of_draft(dialog, user)
    ctx.schedule(draft.expires_at, event, key=key, ordering_key=ordering.of_dialog(dialog))


def end(ctx: Context, dialog: Dialog, user: UserId, draft: Draft, how: End) -> None:
    """End a draft, and store what its old buttons need; nothing is stored if the draft has changed meanwhile."""
    ctx.store(ConversationEnded(dialog=dialog, user=user, kind=Draft, over=draft.revision))
    note_end(ctx, dialog, user, EndedDraft(draft=draft.id, message=draft.message, end=how, at=ctx.now))
    ctx.cancel(ordering.timer_of_draft(dialog, user))


async def keep_files(ctx: Context, event: Said) -> int:
    """Keep the files of a message for the person's next post, and return how many wait now."""
    dialog, user = event.answer_dialog, event.author.id
    before = await ctx.memory.conversation(dialog, user, SentFiles, now=ctx.now)
    waiting = SentFiles(files=(*(before.files if before else ()), *event.file_ids))
    ctx.store(ConversationState(dialog=dialog, user=user, state=waiting, expires_at=ctx.now + FILES_WAIT))
    return len(waiting.files)


async def take_files(ctx: Context, event: Commanded | Said) -> tuple[int, ...]:
    """Return the files of a message and those that were sent before it in private, which do not wait any more.

    The files of the message are left out if the event does not name all of them.
    """
    own = event.file_ids if len(event.file_ids) == event.files else ()
    if event.is_group or event.is_elsewhere:
        return own
    before = await ctx.memory.conversation(event.answer_dialog, event.author.id, SentFiles, now=ctx.now)
    if before is None:
        return own
    ctx.store(ConversationEnded(dialog=event.answer_dialog, user=event.author.id, kind=SentFiles))
    return (*before.files, *own)


def note_end(ctx: Context, dialog: Dialog, user: UserId, ended: EndedDraft) -> None:
    """Store what the old buttons of a draft need that has ended."""
    ctx.store(ConversationState(dialog=dialog, user=user, state=ended, expires_at=ended.at + KEPT))
