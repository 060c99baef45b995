"""Asks a user which recipients they mean, all in one message, and carries the command out after their presses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.feed.publishing import matching, names
from bot.feed.publishing.recipients import Question
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command
from bot.i18n import catalog
from bot.model import ordering
from bot.model.effects import Content, Edit, Effect, Say
from bot.model.events import Commanded, Dialog, DialogEvent, From, MessageId, Said, UserId
from bot.model.records import Named
from bot.model.state_changes import ConversationEnded, ConversationState
from bot.texts import comparing, cutting
from keyboards import BadSignature, Keyboard, bb
from keyboards import Command as Press
from keyboards.errors import Reason

COMMAND = "choose"
"""The command of the buttons; help does not list it."""
OPEN_FOR = 86_400.0
"""Seconds for which a question can be answered."""
MOST_CHOICES = 8
"""The most candidates that a question shows as buttons."""
MOST_BUTTONS = 24
"""The most candidates that all questions of a message show as buttons."""
_LONGEST_WORD = 60
_LONGEST_NAME = 80
_LONGEST_DETAIL = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """The state of a conversation: a command waits until its user has said which recipients they mean.

    `text` are the arguments of the command as they were written. `chosen` are the answers so far, by the written word
    as `comparing.fold` makes it. `revision` changes with each answer: a button of an earlier revision does nothing.
    """

    revision: str
    command: str
    text: str
    questions: tuple[Question, ...]
    chosen: dict[str, Named] = field(default_factory=dict)
    files: int = 0
    file_ids: tuple[int, ...] = ()
    reply_to: MessageId | None = None

    @property
    def open(self) -> tuple[Question, ...]:
        """Return the questions that are not answered yet."""
        return tuple(one for one in self.questions if comparing.fold(one.word) not in self.chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The payload of a button: which question it answers, with which candidate, in which revision of the question."""

    question: int
    code: str
    revision: str


async def ask(
    ctx: Context, questions: Sequence[Question], *, command: str, text: str, kept: str, here: str = ""
) -> list[Say]:
    """Ask all questions in one message, whose buttons carry the command on; `text` are the arguments as written.

    If the dialog may not see the names, the question is sent in private, and the dialog gets the sentence `here`
    instead. A name that nobody has cannot be chosen: then the message says so, and a button puts `kept`, the whole
    command, back into the input field.
    """
    event = ctx.event
    assert isinstance(event, DialogEvent)  # noqa: S101 - only a message can name recipients
    questions = list({comparing.fold(one.word): one for one in questions}.values())  # one written twice is asked once
    if unknown := [one for one in questions if not one.candidates]:
        said = "\n".join(ctx.say("recipients.unknown", name=_word(one)) for one in unknown)
        return [ctx.reply(messages.with_retry(ctx.language, said, kept))]
    most = max(2, min(MOST_CHOICES, MOST_BUTTONS // len(questions)))
    shown = tuple(replace(one, candidates=one.candidates[:most]) for one in questions)
    public = await names.may_be_shown(ctx, [one for asked in shown for one in asked.candidates])
    where = event.answer_dialog if public else Dialog(str(event.author.id))
    waiting = Choosing(
        revision=f"{ordering.digest(f'{ctx.now!r}:{command}:{text}')}.1", command=command, text=text, questions=shown,
        files=event.files if isinstance(event, Said | Commanded) else 0,
        file_ids=event.file_ids if isinstance(event, Said | Commanded) else (),
        reply_to=event.reply_to if isinstance(event, Said | Commanded) else None,
    )  # fmt: skip
    _keep(ctx, where, event.author.id, waiting, over=None)
    content = _question(ctx, waiting, dialog=where, cut=[one for one in questions if len(one.candidates) > most])
    if public:
        return [ctx.reply(content)]
    asked = ", ".join(_word(one) for one in questions)
    said = here or ctx.say("recipients.asked_alone", name=asked)
    return [ctx.reply(messages.of(said)), ctx.reply_privately(content)]


async def pressed(ctx: Context, command: Command[Any], params: str) -> Effects:
    """Take the answer of a pressed button; after the last one, carry the command out.

    Nothing is done for anybody else than the user who was asked, for a button that was forged, or for one of a question
    that is answered already: they get a word in private.
    """
    dialog, user = command.dialog, command.author.id
    try:
        press = ctx.signed(Choice, params, dialog=dialog, user=user)
    except BadSignature as bad:
        yield refused(ctx, bad)
        return
    waiting = await ctx.memory.conversation(dialog, user, Choosing, now=ctx.now)
    if waiting is None or waiting.revision != press.revision:
        yield ctx.reply_privately(messages.of(ctx.say("choose.over")))
        return
    asked = waiting.questions[press.question]
    (meant,) = [one for one in asked.candidates if one.code == press.code]
    after = replace(
        waiting, revision=_next(waiting.revision), chosen={**waiting.chosen, comparing.fold(asked.word): meant}
    )
    if after.open:
        _keep(ctx, dialog, user, after, over=waiting)
        yield instead(ctx, command, _question(ctx, after, dialog=dialog))
        return
    ctx.store(ConversationEnded(dialog=dialog, user=user, kind=Choosing, over=waiting.revision))
    yield instead(ctx, command, messages.of("\n".join(_answered(ctx, after))))
    done = replace(ctx, chosen=after.chosen)
    for effect in await carry_out(done, command, after.command, after.text, of=after):
        yield effect


def refused(ctx: Context, bad: BadSignature) -> Say:
    """Make the word to somebody who pressed a button that is not theirs, is too old, or was not made here."""
    key = {Reason.USER: "not_yours", Reason.EXPIRED: "over"}.get(bad.reason, "bad_button")
    return ctx.reply_privately(messages.of(ctx.say(f"choose.{key}")))


async def carry_out(
    ctx: Context, command: Command[Any], name: str, text: str, *, of: Choosing | None = None
) -> list[Effect]:
    """Carry a command out that a pressed button stands for, as if it was typed where the button was pressed.

    `of` has the files of the message that was typed, and the message that it answers.
    """
    pressed = command.event
    assert isinstance(pressed, Commanded)  # noqa: S101 - only a button has a signature that we made
    typed = replace(pressed, name=name, params=text, text="", source=From.TYPED)
    if of:
        typed = replace(typed, files=of.files, file_ids=of.file_ids, reply_to=of.reply_to)
    return await ctx.carry_out(ctx, typed)


def _question(ctx: Context, waiting: Choosing, *, dialog: Dialog, cut: Sequence[Question] = ()) -> Content:
    """Make the message with the questions that are open; `cut` are those with more candidates than buttons."""
    event = ctx.event
    assert isinstance(event, DialogEvent)  # noqa: S101 - as in `ask`
    said = [*_answered(ctx, waiting)]
    for one in waiting.open:
        key = "recipients.unclear" if len(one.candidates) > 1 else "recipients.not_certain"
        said.append(ctx.say(key, name=_word(one)))
    if cut:
        said.append(ctx.say("recipients.many"))
    rows = list(_buttons(ctx, waiting, dialog=dialog, user=event.author.id))
    return messages.of("\n".join(said), keyboard=Keyboard.of(rows))


def _buttons(ctx: Context, waiting: Choosing, *, dialog: Dialog, user: UserId) -> Iterator[list[Press]]:
    """Yield a row of buttons for each question that is open; with several, each label begins with the written word."""
    several = len(waiting.questions) > 1
    for number, asked in enumerate(waiting.questions):
        if asked not in waiting.open:
            continue
        before = f"{cutting.start(comparing.clean(bb.unescape(asked.word)), _LONGEST_WORD)}: " if several else ""
        yield [
            Press(
                f"{before}{label}",
                COMMAND,
                ctx.sign(
                    Choice(question=number, code=one.code, revision=waiting.revision),
                    dialog=dialog,
                    user=user,
                    expires=ctx.now + OPEN_FOR,
                ),
            )
            for label, one in zip(labels(ctx.language, asked.candidates), asked.candidates, strict=True)
        ]


def labels(language: str, shown: Sequence[Named]) -> list[str]:
    """Return the label of each candidate's button; equal names are distinguished by a detail, or else by their code."""
    made = [label(language, one) for one in shown]
    for more in (lambda one: cutting.start(comparing.clean(one.detail), _LONGEST_DETAIL), lambda one: one.code):
        alike = {label for label, count in Counter(map(comparing.fold, made)).items() if count > 1}
        made = [
            f"{label[:-1]}, {more(one)})" if comparing.fold(label) in alike and more(one) else label
            for one, label in zip(shown, made, strict=True)
        ]
    return made


def label(language: str, named: Named) -> str:
    """Return the name of a recipient with its kind: "Sales (department)"."""
    kind = catalog.sentence(language, f"recipients.kind_{matching.kind(named).lower()}")
    return f"{cutting.start(named.name, _LONGEST_NAME)} ({kind})"


def _answered(ctx: Context, waiting: Choosing) -> Iterator[str]:
    for one in waiting.questions:
        if meant := waiting.chosen.get(comparing.fold(one.word)):
            chosen = bb.escape(label(ctx.language, meant))
            yield ctx.say("recipients.chosen", name=_word(one), chosen=chosen)


def instead(ctx: Context, command: Command[Any], content: Content) -> Effect:
    """Put a message in the place of the question; where the bot is no member, it can only answer once more."""
    if ctx.bot_absent:
        return ctx.reply(content)
    return Edit(dialog=command.dialog, language=command.language, message=command.event.message, content=content)


def _keep(ctx: Context, dialog: Dialog, user: UserId, waiting: Choosing, *, over: Choosing | None) -> None:
    read = over.revision if over else None
    ctx.store(ConversationState(dialog=dialog, user=user, state=waiting, expires_at=ctx.now + OPEN_FOR, over=read))


def _word(asked: Question) -> str:
    return bb.escape(cutting.start(asked.word, _LONGEST_WORD))


def _next(revision: str) -> str:
    before, _, step = revision.rpartition(".")
    return f"{before}.{int(step) + 1}"
