"""/readers 217: who has read an important post, and who has not; its author can remind them once a day."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import UserMistake
from bot.feed import audience
from bot.feed.audience import Reach
from bot.feed.posts import lookup, reader_list, showing
from bot.feed.publishing import references
from bot.feed.relay import cards
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.effects import Content, Effect, Notify, Priority
from bot.model.events import Dialog, PostId
from bot.model.records import Readership
from bot.model.state_changes import ConversationState
from keyboards import Command as Press
from keyboards import Keyboard

DAY = 86_400.0
YES = "yes"
"""What the button that reminds sends."""
TAG = "feedbridge_reminder_{post}"
"""The tag of the notification about a post; a later one replaces the earlier one (reference: im.notify, TAG)."""

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /readers: a post, and whether to remind, which only a button sends."""

    post: references.PostReference = arguments.positional(needed="posts.no_id", read=references.post)  # noqa: RUF009 - makes a field
    remind: str = arguments.option()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """The state of a conversation: the posts about which the user has reminded people, with the times."""

    posts: tuple[tuple[PostId, float], ...]


@router.command("readers", Args, order=29, also=catalog.also("readers"))
async def readers(ctx: Context, command: Command[Args]) -> Effects:
    """Say who has read a post; names go to its author, and for a post for everybody also to other employees."""
    found = await _read(ctx, command)
    for effect in await (_remind if command.args.remind else _answer)(ctx, command, found):
        yield effect


async def _read(ctx: Context, command: Command[Args]) -> Readership:
    number = command.args.post.id
    await lookup.require_here(ctx, command.args.post)
    found = await ctx.portal.readership(number, command.author.id)
    if found is None:
        raise UserMistake("posts.none", post=number)
    if not found.post.important:
        raise UserMistake("readers.ordinary", post=number)
    return found


async def _answer(ctx: Context, command: Command[Args], found: Readership) -> list[Effect]:
    said = reader_list.count(ctx, found)
    if showing.is_own_dialog(ctx, command.event):
        return [ctx.reply(_whole(ctx, command, found, said))]
    reach = Reach.WITHHELD if ctx.bot_absent else await audience.reach(ctx, found.post, command.event.dialog)
    here = said if reach is Reach.FULL else ctx.say("posts.in_private")
    if here == said and not _may_know_names(command, found):
        return [ctx.reply(messages.of(said))]
    return [ctx.reply(messages.of(here)), ctx.reply_privately(_whole(ctx, command, found, said))]


def _whole(ctx: Context, command: Command[Args], found: Readership, said: str) -> Content:
    """Make the answer with names, if the user may know them, and with the button that reminds, if they may use it."""
    if not _may_know_names(command, found):
        return messages.of(said)
    late = reader_list.names(ctx, found)
    if not late:
        return messages.of(said)
    text = "\n".join([said, ctx.say("readers.late"), *late])
    if found.post.author != command.author.id:
        return messages.of(text)
    remind = Press(ctx.say("readers.remind"), "readers", f"{found.post.id} remind:{YES}")
    return messages.of(text, keyboard=Keyboard.of([[remind]]))


def _may_know_names(command: Command[Args], found: Readership) -> bool:
    """Check whether the user may know who has not read the post.

    Every employee may know every employee; the other recipients of a post are known to its author.
    """
    if found.post.author == command.author.id:
        return True
    return found.post.for_all and not command.author.extranet


async def _remind(ctx: Context, command: Command[Args], found: Readership) -> list[Effect]:
    """Return a notification for each person who has not read the post, at most once a day.

    Raises:
        UserMistake: the user is not the author, or has reminded them less than a day ago.
    """
    post, user = found.post.id, command.author.id
    if found.post.author != user:
        raise UserMistake("readers.not_author", post=post)
    own = Dialog(str(user))
    state = await ctx.memory.conversation(own, user, Reminded, now=ctx.now)
    lately = [(one, at) for one, at in (state.posts if state else ()) if ctx.now - at < DAY]
    if post in dict(lately):
        raise UserMistake("readers.reminded", post=post)
    late = reader_list.missing(found)
    if not late:
        return [ctx.reply(messages.of(reader_list.count(ctx, found)))]
    kept = Reminded(posts=(*lately, (post, ctx.now)))
    ctx.store(ConversationState(dialog=own, user=user, state=kept, expires_at=ctx.now + DAY))
    portal = await cards.known_portal(ctx)
    text = catalog.sentence(
        portal.language, "readers.reminder", author=command.author.name, link=cards.link(portal, post, user)
    )
    tag = TAG.format(post=post)
    sent = [Notify(user=one.id, text=text, tag=tag, priority=Priority.RELAY) for one in late]
    return [ctx.reply(messages.of(ctx.say("readers.done", count=len(sent)))), *sent]
