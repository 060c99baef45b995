"""/delete 217: delete a post of the user, after a question; also the results of /undo."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import UserMistake
from bot.feed import error_messages, post_text
from bot.feed.posts import lookup
from bot.feed.publishing import references
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Result, Router
from bot.i18n import catalog
from bot.model.effects import Content, DeletePost, Edit, Effect
from bot.model.events import Commanded, From, MessageId, PostId
from bot.model.records import Post
from bot.model.state_changes import ConversationEnded, ConversationState
from keyboards import Command as Press
from keyboards import Keyboard, bb

OPEN_FOR = 600
"""Seconds in which the question can be answered."""
YES, NO = "yes", "no"
"""What the buttons of the question answer."""

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /delete: a post, and the answer to the question, which only buttons send."""

    post: references.PostReference = arguments.positional(needed="posts.no_id", read=references.post)  # noqa: RUF009 - makes a field
    answer: str = arguments.option()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionAsked:
    """The state of a conversation: the user was asked whether to delete this post."""

    post: PostId


@router.command("delete", Args, order=24, edits=True, also=catalog.also("delete"))
async def delete(ctx: Context, command: Command[Args]) -> Effects:
    """Ask the user whether to delete their post; a press of the answer deletes it once, or leaves it.

    We check the author, because the portal lets administrators delete every post.
    """
    if command.args.answer:
        for effect in await _answered(ctx, command):
            yield effect
        return
    post = await lookup.read(ctx, command.event, command.args.post)
    if post.author != command.author.id:
        raise UserMistake("delete.not_yours", post=post.id)
    state = DeletionAsked(post=post.id)
    ctx.store(
        ConversationState(dialog=command.dialog, user=command.author.id, state=state, expires_at=ctx.now + OPEN_FOR)
    )
    yield ctx.reply(_question(ctx, command, post))


@router.done(DeletePost)
async def deleted(_ctx: Context, result: Result[DeletePost]) -> Effects:
    """Tell the user that the post is deleted, in the place of the question if there was one.

    For a post that appeared under another name, it says so.
    """
    effect = result.effect
    key = "acting.not_yours" if effect.misplaced else "undo.done" if effect.undo else "delete.done"
    said = catalog.sentence(effect.language, key, post=effect.post)
    if effect.question is not None:
        content = messages.of(said)
        yield Edit(dialog=effect.dialog, language=effect.language, message=effect.question, content=content)
    elif effect.kept:
        yield error_messages.notice(effect, messages.with_retry(effect.language, said, effect.kept))
    else:
        yield error_messages.notice(effect, messages.of(said))


@router.failed(DeletePost)
async def not_deleted(_ctx: Context, result: Result[DeletePost]) -> Effects:
    """Tell the user why the post was not deleted, or that this is unknown."""
    yield error_messages.refusal(
        result.effect,
        result.event,
        refused="delete.refused",
        outcome_unknown="delete.outcome_unknown",
        post=result.effect.post,
        kept=f"/delete {result.effect.post}",
    )


async def _answered(ctx: Context, command: Command[Args]) -> list[Effect]:
    """Return the effects of an answer to the question, which counts once and only from the person who was asked.

    Others in a group get a word in private.
    """
    post, user, dialog = command.args.post.id, command.author.id, command.dialog
    asked = await ctx.memory.conversation(dialog, user, DeletionAsked, now=ctx.now)
    if asked is None or asked.post != post:
        over = messages.of(ctx.say("delete.over", post=post))
        return [ctx.reply_privately(over) if command.event.is_group else ctx.reply(over)]
    ctx.store(ConversationEnded(dialog=dialog, user=user, kind=DeletionAsked))
    question = _message(ctx, command)
    if command.args.answer == YES:
        return [
            DeletePost(
                dialog=dialog, language=command.language, user=user, answers=ctx.answers(), post=post,
                question=question, report=True,
            )
        ]  # fmt: skip
    stays = messages.of(ctx.say("delete.kept", post=post))
    if question is None:
        return [ctx.reply(stays)]
    return [Edit(dialog=dialog, language=command.language, message=question, content=stays)]


def _question(ctx: Context, command: Command[Args], post: Post) -> Content:
    """Make the question; a group does not get the words of the post, because not everybody may know them."""
    words = "" if command.event.is_group or ctx.bot_absent else post_text.headline(post.title, post.text)
    key = "delete.question_about" if words else "delete.question"
    said = ctx.say(key, post=post.id, words=bb.escape(words))
    buttons = [
        Press(ctx.say("delete.yes", post=post.id), "delete", f"{post.id} answer:{YES}"),
        Press(ctx.say("delete.no"), "delete", f"{post.id} answer:{NO}"),
    ]
    return messages.of(said, keyboard=Keyboard.of([buttons]))


def _message(ctx: Context, command: Command[Args]) -> MessageId | None:
    """Return the message of the question; None if the bot cannot edit it."""
    event = command.event
    pressed = isinstance(event, Commanded) and command.source is From.BUTTON and not ctx.bot_absent
    return event.message if pressed else None
