"""Quotes chat messages in posts, with their author and a link back to the chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.errors import Gone, Refused, TokenExpired, TokenRefused, UserMistake
from bot.feed import post_text
from bot.framework.context import Context
from bot.framework.moments import dates
from bot.model.chat_messages import ChatMessage
from bot.model.events import Commanded, MessageId, Said
from bot.model.records import KnownPortal
from keyboards import bb

_UNREADABLE = (Gone, Refused, TokenExpired, TokenRefused)
"""Errors that say that a person may not read a message, or that we cannot read it for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A quoted message as BB code of the feed, and the ids of its files on the Drive."""

    text: str
    files: tuple[int, ...] = ()

    @property
    def fields(self) -> dict[str, Any]:
        """Return the fields of a draft that contains it."""
        return {"quote": self.text} | ({"quoted_files": self.files} if self.files else {})


def joined(text: str, quote: str) -> str:
    """Return the whole text of a post: what its author wrote, and below it the quote."""
    return "\n\n".join(filter(None, (text, quote)))


async def answered(ctx: Context, *, has_text: bool) -> dict[str, Any]:
    """Return the fields of a draft that quotes the message which the message of this event answers.

    Empty if it answers none, or one of the bot or of the portal: those are not quoted.

    Raises:
        UserMistake: the user may not read that message, or there is nothing to quote and, without `has_text`, nothing
            else to publish.
    """
    event = ctx.event
    if not isinstance(event, Said | Commanded) or event.reply_to is None:
        return {}
    message = await read(ctx, event, event.reply_to)
    if message.author in (0, event.bot):
        return {}
    quote = await of(ctx, message)
    if quote is None and not has_text:
        raise UserMistake("quote.nothing")
    return quote.fields if quote else {}


async def read(ctx: Context, event: Said | Commanded, number: MessageId) -> ChatMessage:
    """Return a message of the dialog of an event, as its author may read it.

    Raises:
        UserMistake: they may not read it, it does not exist, or they gave us no permission.
    """
    try:
        message = await ctx.portal.message(event.dialog, number, reader=event.author.id)
    except _UNREADABLE:
        message = None
    if message is None:
        raise UserMistake("quote.unreadable")
    return message


async def of(ctx: Context, message: ChatMessage) -> Quote | None:
    """Return the quote of a message; None if people would see nothing of it."""
    words = bb.escape(post_text.from_chat(message.text))
    if not words and not message.files:
        return None
    head = [f"[B]{bb.escape(message.author_name or ctx.say('quote.somebody'))}[/B]"]
    if message.date:
        head.append(dates.shown(datetime.fromisoformat(message.date), language=ctx.language))
    if message.dialog and message.first and (portal := await ctx.memory.portal()):
        head.append(f"[URL={address(portal, message)}]{ctx.say('quote.link')}[/URL]")
    lines = [", ".join(head), words or ctx.say("quote.files")]
    return Quote(text="[QUOTE]{}[/QUOTE]".format("\n".join(lines)), files=message.files)


def address(portal: KnownPortal, message: ChatMessage) -> str:
    """Return the address of a message in a group, which opens for the members of the group."""
    where = urlsplit(portal.endpoint)
    return f"{where.scheme}://{where.netloc}/online/?IM_DIALOG={message.dialog}&IM_MESSAGE={message.first}"
