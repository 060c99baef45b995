"""/comment 217 text: write a comment on a post."""

from __future__ import annotations

from bot.feed import error_messages
from bot.feed.posts import changing, lookup
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Result, Router
from bot.i18n import catalog
from bot.model.effects import CommentOnPost

router = Router()


@router.command("comment", changing.Args, order=22, writes=True, also=catalog.also("comment"))
async def comment(ctx: Context, command: Command[changing.Args]) -> Effects:
    """Write a comment with the user's token; the portal decides whether they may."""
    text = changing.words(command)
    await lookup.require_here(ctx, command.args.post)
    yield CommentOnPost(
        dialog=command.dialog,
        language=command.language,
        user=command.author.id,
        answers=ctx.answers(),
        post=command.args.post.id,
        text=text,
        since=int(ctx.now),
        report=True,
    )


@router.done(CommentOnPost)
async def written(_ctx: Context, result: Result[CommentOnPost]) -> Effects:
    """Tell the user that the comment is there."""
    effect = result.effect
    said = catalog.sentence(effect.language, "comment.done", post=effect.post)
    yield error_messages.notice(effect, messages.of(said))


@router.failed(CommentOnPost)
async def not_written(_ctx: Context, result: Result[CommentOnPost]) -> Effects:
    """Tell the user why the comment was not written, or that this is unknown, with a button to try again."""
    effect = result.effect
    yield error_messages.refusal(
        effect,
        result.event,
        refused="comment.refused",
        outcome_unknown="comment.outcome_unknown",
        post=effect.post,
        kept=f"/comment {effect.post} {effect.text}",
    )
