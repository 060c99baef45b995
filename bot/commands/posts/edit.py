"""/edit 217 text: replace the text of a post, and keep everything else; also the results of /append and /title."""

from __future__ import annotations

from bot.errors import POST_OVERTAKEN
from bot.feed import error_messages
from bot.feed.posts import changing
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Result, Router
from bot.i18n import catalog
from bot.model.effects import ChangePost
from bot.model.events import Failed
from keyboards import bb

router = Router()


@router.command("edit", changing.Args, order=12, writes=True, also=catalog.also("edit"))
async def edit(ctx: Context, command: Command[changing.Args]) -> Effects:
    """Replace the text of a post with the user's token; the portal decides whether they may."""
    new = changing.words(command)
    yield changing.text(ctx, command, await changing.read(ctx, command), new)


@router.done(ChangePost)
async def changed(_ctx: Context, result: Result[ChangePost]) -> Effects:
    """Tell the user what was changed."""
    effect = result.effect
    said = catalog.sentence(effect.language, f"{effect.command}.done", post=effect.post, title=bb.escape(effect.title))
    yield error_messages.notice(effect, messages.of(said))


@router.failed(ChangePost)
async def not_changed(_ctx: Context, result: Result[ChangePost]) -> Effects:
    """Tell the user why the post was not changed, or that this is unknown, with a button to try again."""
    effect, event = result.effect, result.event
    overtaken = isinstance(event, Failed) and event.code == POST_OVERTAKEN
    yield error_messages.refusal(
        effect,
        event,
        refused="posts.not_changed",
        outcome_unknown="posts.overtaken" if overtaken else "posts.change_unknown",
        post=effect.post,
        kept=f"/{effect.command} {effect.post} {effect.written}",
    )
