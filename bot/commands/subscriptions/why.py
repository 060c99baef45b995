"""/why 217: which rule of this chat brings a post, and who asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.feed import audience
from bot.feed.audience import Reach
from bot.feed.posts import lookup
from bot.feed.publishing import names, references
from bot.feed.relay import withdrawing
from bot.feed.subscriptions import describing, reading, trying
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.records import Follow, Post
from keyboards import Command as Press
from keyboards import Keyboard, bb

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /why: a post."""

    post: references.PostReference = arguments.positional(needed="posts.no_id", read=references.post)  # noqa: RUF009 - makes a field


@router.command("why", Args, order=62, also=catalog.also("why"))
async def why(ctx: Context, command: Command[Args]) -> Effects:
    """Say which subscriptions of this chat match a post; the post is read with the rights of the user.

    Where not everybody may read the post, the answer is in the user's own dialog: it says that the post exists, and
    that a rule fits it.
    """
    if refused := reading.refusal_if_absent(ctx):
        yield refused
        return
    post = await lookup.read(ctx, command.event, command.args.post, beside=[command.event.dialog])
    follows = await ctx.memory.follows(command.dialog)
    post = await audience.with_places(ctx, post, follows)
    shown = await names.hide_names(ctx, follows)
    matching = [shown[number - 1] for number in trying.matching(post, follows)]
    if not command.event.is_group or await audience.reach(ctx, post, command.dialog) is Reach.FULL:
        said, keyboard = await _answer(ctx, command, post, matching)
        yield ctx.reply(messages.of("\n".join(said), keyboard=keyboard))
    else:
        yield ctx.reply(messages.of(ctx.say("posts.in_private")))
        yield ctx.reply_privately(messages.of("\n".join(_withheld(ctx, command, post, matching))))


async def _answer(
    ctx: Context, command: Command[Args], post: Post, matching: list[Follow]
) -> tuple[list[str], Keyboard | None]:
    published = (await withdrawing.published_from(ctx, post.id)).get(command.dialog)
    said = []
    if published:
        said.append(ctx.say("why.published", post=post.id, name=bb.escape(published.author_name)))
    said += [ctx.say("why.rule", post=post.id, **_about(ctx, one)) for one in matching]
    if not said:
        return [ctx.say("why.nothing", post=post.id)], None
    return said, Keyboard.of([[Press(ctx.say("button.follows"), "follows")]])


def _withheld(ctx: Context, command: Command[Args], post: Post, matching: list[Follow]) -> list[str]:
    """Return the lines for the user alone about a post that the chat may not show."""
    chat = references.chat_link(command.dialog)
    said = [ctx.say("why.fits", post=post.id, chat=chat, **_about(ctx, one)) for one in matching]
    return [*said, ctx.say("why.withheld", post=post.id, chat=chat)]


def _about(ctx: Context, one: Follow) -> dict[str, str]:
    what = describing.describe(ctx.language, one.topic, one.label)
    return {"what": what, "owner": bb.escape(one.owner_name) or ctx.say("follow.its_owner")}
