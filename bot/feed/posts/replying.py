"""Answers in a chat to the card of a post: the bot offers to write them as comments, with the name of who answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.errors import UserMistake
from bot.feed.publishing import choosing
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command
from bot.model import events, ordering
from bot.model.effects import Effect
from bot.model.events import PostId, Said
from bot.model.state_changes import ConversationEnded, ConversationState
from bot.texts import cutting
from keyboards import BadSignature, Keyboard, Token, bb
from keyboards import Command as Press

COMMAND = "reply"
"""The command of the buttons; help does not list it."""
OPEN_FOR = 3600.0
"""Seconds for which the question can be answered."""
SHOWN = 200
"""How much of the answer the question repeats, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The state of a conversation: the user was asked whether this text becomes a comment on a post."""

    revision: str
    post: PostId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The payload of a button of the question."""

    yes: bool
    revision: str


async def offer(ctx: Context, event: Said) -> list[Effect] | None:
    """Ask whether a message that answers a card becomes a comment; None if it answers none.

    Raises:
        UserMistake: the portal has cut the end of the message.
    """
    text = event.text.strip()
    if event.reply_to is None or event.edited or not text or text.startswith("/"):
        return None
    card = await ctx.memory.card_of_message(event.dialog, event.reply_to)
    if card is None or card.post <= 0:
        return None
    if event.cut:
        raise UserMistake("words.cut", most=f"{events.LONGEST_TEXT:,}")
    dialog, user, expires = event.answer_dialog, event.author.id, ctx.now + OPEN_FOR
    asked = Reply(revision=ordering.digest(f"{ctx.now!r}:{event.message}"), post=card.post, text=text)
    ctx.store(ConversationState(dialog=dialog, user=user, state=asked, expires_at=expires))

    def button(key: str, token: Token, *, yes: bool) -> Press:
        params = ctx.sign(Answer(yes=yes, revision=asked.revision), dialog=dialog, user=user, expires=expires)
        return Press(ctx.say(f"reply.{key}"), COMMAND, params, token=token)

    row = [button("yes", Token.PRIMARY, yes=True), button("no", Token.BASE, yes=False)]
    words = bb.escape(" ".join(cutting.shorten(text, SHOWN).split()))
    said = ctx.say("reply.ask", post=card.post, words=words)
    return [ctx.reply(messages.of(said, keyboard=Keyboard.of([row])))]


async def pressed(ctx: Context, command: Command[Any], params: str) -> Effects:
    """Write the comment, or leave it, as the user who answered the card decides; an answer counts once."""
    dialog, user = command.dialog, command.author.id
    try:
        answer = ctx.signed(Answer, params, dialog=dialog, user=user)
    except BadSignature as bad:
        yield choosing.refused(ctx, bad)
        return
    asked = await ctx.memory.conversation(dialog, user, Reply, now=ctx.now)
    if asked is None or asked.revision != answer.revision:
        yield ctx.reply_privately(messages.of(ctx.say("choose.over")))
        return
    ctx.store(ConversationEnded(dialog=dialog, user=user, kind=Reply, over=asked.revision))
    said = ctx.say("reply.going" if answer.yes else "reply.left", post=asked.post)
    yield choosing.instead(ctx, command, messages.of(said))
    if answer.yes:
        for effect in await choosing.carry_out(ctx, command, "comment", f"{asked.post} {asked.text}"):
            yield effect
