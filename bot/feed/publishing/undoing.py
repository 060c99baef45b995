"""Decides what a person may still take back of what they published through the bot."""

from __future__ import annotations

from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.crm_records import CrmWritten
from bot.model.effects import DeletePost, Publish
from bot.model.events import DialogEvent, PostId
from bot.model.records import Published
from keyboards import Command as Press

WINDOW = 600
"""Seconds after its publication in which a post can be taken back."""
DAY = 86_400.0
CRM = "crm:"
"""What stands before the number of a comment in a timeline, in the parameters of a button."""


async def open_to(ctx: Context, event: DialogEvent) -> list[Published]:
    """Return the posts that the author of an event may take back, newest first."""
    published = await ctx.memory.published_by(event.author.id, ctx.now - WINDOW)
    return [one for one in published if not await is_gone(ctx, one.post)]


async def is_gone(ctx: Context, post: PostId) -> bool:
    """Check whether a post was deleted, or will be by an effect that waits."""
    return bool(await ctx.memory.is_deleted(post) or await ctx.memory.effects_on(post, DeletePost, ctx.now - DAY))


def button(language: str, post: PostId) -> Press:
    """Make the button that takes a post back; the command checks who presses it, and when."""
    return Press(catalog.sentence(language, "button.undo_post"), "undo", str(post))


async def comments_open_to(ctx: Context, event: DialogEvent) -> list[CrmWritten]:
    """Return the comments in timelines that the author of an event may take back, newest first."""
    written = await ctx.memory.crm_written_by(event.author.id, ctx.now - WINDOW)
    gone = await ctx.memory.crm_taken_back(ctx.now - DAY)
    return [one for one in written if one.comment not in gone]


def crm_button(language: str, comment: int) -> Press:
    """Make the button that takes a comment in a timeline back; the command checks who presses it, and when."""
    return Press(catalog.sentence(language, "button.undo_post"), "undo", f"{CRM}{comment}")


def is_fresh(ctx: Context, effect: Publish) -> bool:
    """Check whether the button on the confirmation of a post still works."""
    return ctx.now - effect.since < WINDOW
