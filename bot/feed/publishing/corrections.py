"""Edited messages that held the command of a draft, which changes, or of a published post, which is asked about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bot.feed import quotes
from bot.feed.composer import composing, default_recipients, drafts, options
from bot.feed.composer.options import PostOptions
from bot.feed.publishing import choosing
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command
from bot.model import ordering
from bot.model.effects import Effect, Say
from bot.model.events import Dialog, PostId, Said, UserId
from bot.model.records import Published
from bot.model.state_changes import ConversationEnded, ConversationState
from bot.texts import fingerprints
from keyboards import BadSignature, Keyboard, Token
from keyboards import Command as Press

COMMAND = "correct"
"""The command of the buttons; help does not list it."""
CORRECTED = frozenset({"post", "draft"})
"""The commands whose messages are looked for."""
LOOK_BACK = 3 * 86_400.0
"""Seconds for which the message of a published post is known."""
OPEN_FOR = 86_400.0
"""Seconds for which the question can be answered."""
_EMPTY: dict[str, Any] = {
    "title": "", "to": (), "by_default": False, "important": False, "until": "", "tags": (), "background": "",
    "link_preview": True, "question": "", "answers": (), "several": False, "thanked": (), "medal": "",
}  # fmt: skip
"""What a draft has of everything that the edited message does not name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The state of a conversation: the user was asked whether to change a post to this text and title.

    "" means that it stays.
    """

    revision: str
    post: PostId
    text: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The payload of a button of the question."""

    yes: bool
    revision: str


async def corrected(ctx: Context, event: Said, args: PostOptions, *, command: str) -> list[Effect]:
    """Change the draft that the message began, or ask whether to change the post that it published.

    An empty list if it did neither, or if its recipients are unclear now.

    Raises:
        UserMistake: the text contains nothing that people would see.
    """
    user = event.author.id
    draft = await drafts.find(ctx, event.answer_dialog, user)
    if draft and draft.source == event.message and not draft.for_crm:
        return await _change(ctx, event, args, command=command)
    done = await ctx.memory.published_by(user, ctx.now - LOOK_BACK)
    for one in done:
        if one.effect.source == event.message:
            return await _offer(ctx, event, one, args, command=command)
    return []


async def pressed(ctx: Context, command: Command[Any], params: str) -> Effects:
    """Change the post, or leave it, as the user who was asked answers; an answer counts once."""
    dialog, user = command.dialog, command.author.id
    try:
        answer = ctx.signed(Answer, params, dialog=dialog, user=user)
    except BadSignature as bad:
        yield choosing.refused(ctx, bad)
        return
    asked = await ctx.memory.conversation(dialog, user, Correction, now=ctx.now)
    if asked is None or asked.revision != answer.revision:
        yield ctx.reply_privately(messages.of(ctx.say("choose.over")))
        return
    ctx.store(ConversationEnded(dialog=dialog, user=user, kind=Correction, over=asked.revision))
    said = ctx.say("correct.going" if answer.yes else "correct.stays", post=asked.post)
    yield choosing.instead(ctx, command, messages.of(said))
    for name, words in (("edit", asked.text), ("title", asked.title)) if answer.yes else ():
        for effect in await choosing.carry_out(ctx, command, name, f"{asked.post} {words}") if words else ():
            yield effect


async def _change(ctx: Context, event: Said, args: PostOptions, *, command: str) -> list[Effect]:
    """Give the draft what the message says now, and show it."""
    wanted = await options.understand(ctx, args, command=command)
    if wanted.questions:
        return list(wanted.questions)
    bare = replace(event, files=0, file_ids=())  # the draft has the files of the message already
    fields = _EMPTY | wanted.fields
    if not fields["to"] and (to := await default_recipients.of(ctx, event)):
        fields |= {"to": to, "by_default": True}
    return [effect async for effect in composing.begin(ctx, bare, fields, fresh=False)]


async def _offer(ctx: Context, event: Said, done: Published, args: PostOptions, *, command: str) -> list[Effect]:
    """Ask whether to change the published post; if its text and title are the same, say how to change the rest."""
    wanted = await options.understand(ctx, args, command=command)
    if wanted.questions:
        return []
    text, title = str(wanted.fields.get("text", "")), str(wanted.fields.get("title", ""))
    text = quotes.joined(text, done.effect.quote)
    asked = Correction(
        revision=f"{ordering.digest(f'{ctx.now!r}:{event.message}')}.1", post=done.post,
        text=text if text and fingerprints.of(text) != fingerprints.of(done.effect.text) else "",
        title=title if title and title != done.effect.title else "",
    )  # fmt: skip
    if not (asked.text or asked.title):
        return [ctx.reply(messages.of(ctx.say("correct.same", post=done.post)))]
    return [_question(ctx, event.answer_dialog, event.author.id, asked)]


def _question(ctx: Context, dialog: Dialog, user: UserId, asked: Correction) -> Say:
    expires = ctx.now + OPEN_FOR
    ctx.store(ConversationState(dialog=dialog, user=user, state=asked, expires_at=expires))

    def button(key: str, token: Token, *, yes: bool) -> Press:
        answer = Answer(yes=yes, revision=asked.revision)
        params = ctx.sign(answer, dialog=dialog, user=user, expires=expires)
        return Press(ctx.say(f"correct.{key}", post=asked.post), COMMAND, params, token=token)

    row = [button("yes", Token.PRIMARY, yes=True), button("no", Token.BASE, yes=False)]
    return ctx.reply(messages.of(ctx.say("correct.ask", post=asked.post), keyboard=Keyboard.of([row])))


def read(args: type[Any], text: str, *, command: str, language: str) -> PostOptions | None:
    """Read the arguments of an edited command; None if its message is none that we look for."""
    if command not in CORRECTED:
        return None
    found = arguments.parse(args, text, command=command, language=language)
    return found if isinstance(found, PostOptions) else None
