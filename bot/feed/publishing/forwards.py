"""Messages that a person forwards to the bot: it offers to quote them in a post."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.errors import UserMistake
from bot.feed import post_text, quotes
from bot.feed.composer import composing, drafts
from bot.feed.publishing import choosing
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command
from bot.model.effects import Effect
from bot.model.events import Commanded, MessageId, Said
from keyboards import BadSignature, Keyboard, Token, bb
from keyboards import Command as Press

COMMAND = "quote"
"""The command of the button; help does not list it."""
OPEN_FOR = 86_400.0
"""Seconds for which the button can be pressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The payload of the button: the message to quote."""

    message: MessageId


async def answer(ctx: Context, event: Said | Commanded) -> list[Effect]:
    """Quote a forwarded message in the draft that waits for its text, else offer to begin a post with it.

    In a group nothing is done, because such a message is for the people there.

    Raises:
        UserMistake: nothing of the message can be quoted.
    """
    if event.is_group or event.is_elsewhere:
        return []
    draft = await drafts.find(ctx, event.answer_dialog, event.author.id)
    if draft is None or draft.awaiting != "text":
        payload, user = Offer(message=event.message), event.author.id
        params = ctx.sign(payload, dialog=event.dialog, user=user, expires=ctx.now + OPEN_FOR)
        button = Press(ctx.say("quote.button"), COMMAND, params, token=Token.PRIMARY)
        return [ctx.reply(messages.of(ctx.say("quote.offer"), keyboard=Keyboard.of([button])))]
    if draft.for_crm:
        words = bb.escape(post_text.from_chat(event.text)) if isinstance(event, Said) else ""
        if not words:
            raise UserMistake("quote.nothing")
        fields = {"text": words}
    else:
        fields = await _fields(ctx, event, event.message)
    return [effect async for effect in composing.begin(ctx, event, fields, fresh=False)]


async def pressed(ctx: Context, command: Command[Any], params: str) -> Effects:
    """Begin a draft that quotes the message of the button."""
    try:
        offer = ctx.signed(Offer, params, dialog=command.dialog, user=command.author.id)
    except BadSignature as bad:
        yield choosing.refused(ctx, bad)
        return
    fields = await _fields(ctx, command.event, offer.message)
    yield choosing.instead(ctx, command, messages.of(ctx.say("quote.begun")))
    async for effect in composing.begin(ctx, command.event, fields, fresh=True):
        yield effect


async def _fields(ctx: Context, event: Said | Commanded, number: MessageId) -> dict[str, Any]:
    """Return the fields of a draft that quotes a message of the dialog of an event.

    Raises:
        UserMistake: the user may not read it, or there is nothing to quote.
    """
    quote = await quotes.of(ctx, await quotes.read(ctx, event, number))
    if quote is None:
        raise UserMistake("quote.nothing")
    return quote.fields
