"""Reads the post that a command names, with the rights of the person who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.errors import UserMistake
from bot.feed.publishing import references
from bot.feed.publishing.references import PostReference
from bot.feed.relay import cards
from bot.framework.context import Context
from bot.model.effects import ChangePost
from bot.model.events import Dialog, DialogEvent
from bot.model.records import Post
from bot.retry import GIVE_UP


async def require_here(ctx: Context, reference: PostReference) -> None:
    """Refuse a link to a post of another portal.

    Raises:
        UserMistake: the link leads to another portal.
    """
    if reference.host:
        references.require_here(reference.host, await cards.known_portal(ctx), mistake="posts.elsewhere")


async def read(
    ctx: Context, event: DialogEvent, reference: PostReference, *, written: str = "", beside: Sequence[Dialog] = ()
) -> Post:
    """Read a post with the token of the person who asks; `written` is their command, which a mistake gives back.

    The same request reads who is in the dialogs `beside`.

    Raises:
        UserMistake: the post does not exist, they may not see it, or the link leads to another portal.
    """
    await require_here(ctx, reference)
    found = await ctx.portal.post(reference.id, reader=event.author.id, beside=beside)
    if found is None:
        raise UserMistake("posts.none", post=reference.id, written=written)
    return found


async def with_waiting_changes(ctx: Context, post: Post) -> Post:
    """Return a post as it will be when the changes are done that the bot has not sent yet.

    Without them, the second of two texts that are added quickly would replace the first one.
    """
    for change, waits in await ctx.memory.effects_on(post.id, ChangePost, ctx.now - GIVE_UP):
        if waits:
            post = replace(post, title=change.title, text=change.text or post.text)
    return post
