"""/undo [217]: take back a post that was published through the bot a moment ago; a confirmation has a button for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.feed import post_text
from bot.feed.composer import options
from bot.feed.publishing import names, references, undoing
from bot.feed.publishing.recipients import EVERYONE
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.effects import DeletePost, Publish
from bot.model.events import DialogEvent, From, PostId
from bot.model.records import Published
from bot.texts import cutting
from keyboards import Command as Press
from keyboards import Keyboard

LONGEST_LABEL = 60
"""How much of a post its button shows, in characters."""

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /undo: the post, if it is not the only one."""

    post: references.PostReference | None = arguments.positional(read=references.post)  # noqa: RUF009 - makes a field


@router.command("undo", Args, order=25, writes=True, also=catalog.also("undo"))
async def undo(ctx: Context, command: Command[Args]) -> Effects:
    """Delete the post that the user published through the bot in the last ten minutes; ask if there are several."""
    found = await undoing.open_to(ctx, command.event)
    asked = command.args.post.id if command.args.post else None
    chosen = [one for one in found if asked in (one.post, None)]
    if len(chosen) == 1:
        yield _delete(ctx, command, chosen[0])
    elif chosen:
        buttons = Keyboard.of([[Press(_label(ctx, command, one), "undo", str(one.post))] for one in chosen])
        yield ctx.reply(messages.of(ctx.say("undo.which"), keyboard=buttons))
    elif asked is None:
        yield ctx.reply(messages.of(ctx.say("undo.nothing")))
    else:
        said = messages.of(ctx.say(await _why(ctx, command, asked), post=asked))
        pressed = command.event.is_group and command.source is From.BUTTON
        yield ctx.reply_privately(said) if pressed else ctx.reply(said)  # the group need not read of a wrong press


def _delete(ctx: Context, command: Command[Args], published: Published) -> DeletePost:
    return DeletePost(
        dialog=command.dialog,
        language=command.language,
        user=command.author.id,
        answers=ctx.answers(),
        post=published.post,
        undo=True,
        kept=_kept(command.event, published.effect),
        report=True,
    )


def _kept(event: DialogEvent, effect: Publish) -> str:
    """Return the command that publishes the post again; "" if the readers of this dialog may not know the text.

    They know it if the post was published from this dialog, or if only its author reads here.
    """
    if event.is_group and event.dialog != effect.dialog:
        return ""
    return options.command_of(effect if names.may_show_recipients(effect) else replace(effect, dest=[EVERYONE.code]))


async def _why(ctx: Context, command: Command[Args], post: PostId) -> str:
    """Return the key of the sentence that says why a post cannot be taken back."""
    if await undoing.is_gone(ctx, post):
        return "undo.gone"
    published = await ctx.memory.publications(post, ctx.now - undoing.DAY)
    if any(one.user == command.author.id for one in published):
        return "undo.late"
    return "undo.not_yours"


def _label(ctx: Context, command: Command[Args], published: Published) -> str:
    """Return the label of a post's button; in a group it is only a number, because not everybody may know the post."""
    effect = published.effect
    words = "" if command.event.is_group or ctx.bot_absent else post_text.headline(effect.title, effect.text)
    return cutting.start(f"{published.post} {words}".strip(), LONGEST_LABEL)
