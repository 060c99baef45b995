"""/undo [217]: take back what was published through the bot a moment ago; a confirmation has a button for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.feed import post_text
from bot.feed.composer import options
from bot.feed.crm import looking, writing
from bot.feed.publishing import names, references, undoing
from bot.feed.publishing.recipients import EVERYONE
from bot.framework import arguments, converters, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.crm_records import CrmWritten
from bot.model.effects import Content, DeleteCrmComment, DeletePost, Publish
from bot.model.events import DialogEvent, From, PostId, UserId
from bot.model.records import Published
from bot.texts import cutting
from keyboards import Command as Press
from keyboards import Keyboard

LONGEST_LABEL = 60
"""How much of a post its button shows, in characters."""

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmComment:
    """The number of a comment on a CRM card, as a button names it."""

    number: int


def _what(text: str) -> tuple[references.PostReference | CrmComment, str]:
    """Read a post, or a comment as a button names it, from the start of a text; raises as `references.post` does."""
    word, left = converters.first(text)
    number = word.removeprefix(undoing.CRM)
    if number != word and number.isascii() and number.isdecimal():
        return CrmComment(number=int(number)), left
    return references.post(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /undo: the post or the comment on a CRM card, if it is not the only one."""

    what: references.PostReference | CrmComment | None = arguments.positional(read=_what)  # noqa: RUF009 - makes a field


@router.command("undo", Args, order=25, writes=True, also=catalog.also("undo"))
async def undo(ctx: Context, command: Command[Args]) -> Effects:
    """Delete what the user published through the bot in the last ten minutes; ask if there are several things."""
    found = await _open_to(ctx, command.event)
    asked = _number(command.args.what)
    if asked is None and await _is_in_crm_feed(ctx, command.author.id, found):
        yield ctx.reply(_not_from_feed(ctx, command, found))
        return
    chosen = [one for one in found if asked in (_number(one), None)]
    if len(chosen) == 1:
        yield _delete(ctx, command, chosen[0])
    elif chosen:
        yield ctx.reply(messages.of(ctx.say("undo.which"), keyboard=_choices(ctx, command, chosen)))
    elif asked is None:
        yield ctx.reply(messages.of(ctx.say("undo.nothing")))
    elif isinstance(command.args.what, CrmComment):
        said = messages.of(ctx.say(await _why_not_crm(ctx, command.args.what.number)))
        yield ctx.reply_privately(said) if command.event.is_group else ctx.reply(said)
    else:
        post = command.args.what
        assert post is not None  # noqa: S101 - otherwise nothing was asked
        said = messages.of(ctx.say(await _why(ctx, command, post.id), post=post.id))
        pressed = command.event.is_group and command.source is From.BUTTON
        yield ctx.reply_privately(said) if pressed else ctx.reply(said)  # the group need not read of a wrong press


async def _is_in_crm_feed(ctx: Context, user: UserId, found: Sequence[Published | CrmWritten]) -> bool:
    """Check whether the last thing that the user published is in the CRM feed, where nothing can be taken back.

    `found` is what can be taken back, newest first: it is older, and the user did not mean it.
    """
    in_feed = await ctx.memory.crm_posts_by(user, ctx.now - undoing.WINDOW)
    return any(not found or one.since >= found[0].at for one in in_feed)


def _not_from_feed(ctx: Context, command: Command[Args], found: Sequence[Published | CrmWritten]) -> Content:
    """Make the answer that a text in the CRM feed stays, with buttons for what can be taken back."""
    said = [ctx.say("undo.crm_feed"), *([ctx.say("undo.crm_others")] if found else [])]
    return messages.of("\n".join(said), keyboard=_choices(ctx, command, found) if found else None)


def _choices(ctx: Context, command: Command[Args], found: Sequence[Published | CrmWritten]) -> Keyboard:
    return Keyboard.of([[Press(_label(ctx, command, one), "undo", _number(one) or "")] for one in found])


async def _open_to(ctx: Context, event: DialogEvent) -> list[Published | CrmWritten]:
    """Return what the author of an event may take back, newest first."""
    posts, comments = await undoing.open_to(ctx, event), await undoing.comments_open_to(ctx, event)
    found: list[Published | CrmWritten] = [*posts, *comments]
    return sorted(found, key=lambda one: -one.at)


def _number(what: references.PostReference | CrmComment | Published | CrmWritten | None) -> str | None:
    """Return how the parameters of a button name a post or a comment; None if nothing is named."""
    match what:
        case references.PostReference():
            return str(what.id)
        case CrmComment():
            return f"{undoing.CRM}{what.number}"
        case Published():
            return str(what.post)
        case CrmWritten():
            return f"{undoing.CRM}{what.comment}"
    return None


async def _why_not_crm(ctx: Context, comment: int) -> str:
    """Return the key of the sentence that says why a comment on a CRM card cannot be taken back."""
    return "undo.crm_gone" if comment in await ctx.memory.crm_taken_back(ctx.now - undoing.DAY) else "undo.crm_late"


def _delete(ctx: Context, command: Command[Args], published: Published | CrmWritten) -> DeletePost | DeleteCrmComment:
    if isinstance(published, CrmWritten):
        effect = published.effect
        shown_here = not command.event.is_group or command.event.dialog == effect.dialog
        return DeleteCrmComment(
            dialog=command.dialog, language=command.language, user=command.author.id, answers=ctx.answers(),
            entity=effect.entity, comment=published.comment, kept=writing.command_of(effect) if shown_here else "",
            report=True,
        )  # fmt: skip
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


def _label(ctx: Context, command: Command[Args], published: Published | CrmWritten) -> str:
    """Return the label of a button; in a group it is only a number, because not everybody may know the text."""
    effect = published.effect
    words = "" if command.event.is_group or ctx.bot_absent else post_text.headline(effect.title, effect.text)
    if isinstance(published, CrmWritten):
        name = looking.entity_name(command.language, published.effect.entity)
    else:
        name = str(published.post)
    return cutting.start(f"{name} {words}".strip(), LONGEST_LABEL)
