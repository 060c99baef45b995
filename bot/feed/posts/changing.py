"""Makes the effect that changes a post for /edit, /append and /title, and keeps what they do not name."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import UserMistake
from bot.feed import post_text
from bot.feed.posts import lookup
from bot.feed.publishing import references
from bot.framework import arguments
from bot.framework.context import Context
from bot.framework.router import Command
from bot.model.effects import ChangePost
from bot.model.records import Post
from bot.texts import differing, fingerprints


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /edit, /append and /title: a post, and the new words."""

    post: references.PostReference = arguments.positional(needed="posts.no_id", read=references.post)  # noqa: RUF009 - makes a field
    text: str = arguments.rest(needed="posts.no_text")


def written(args: Args, command: str) -> str:
    """Return a command as the user can send it again."""
    return f"/{command} {args.post} {args.text}"


def words(command: Command[Args]) -> str:
    """Return the new words of a command.

    Raises:
        UserMistake: nobody would see anything of them.
    """
    found = post_text.publishable(command.args.text)
    if not found:
        raise UserMistake("posts.no_text", command=command.name, written=f"/{command.name} {command.args.post} ")
    return found


async def read(ctx: Context, command: Command[Args]) -> Post:
    """Read the post as it will be when all changes are done that wait; raises as `lookup.read` does."""
    given = written(command.args, command.name)
    post = await lookup.read(ctx, command.event, command.args.post, written=given)
    return await lookup.with_waiting_changes(ctx, post)


def text(ctx: Context, command: Command[Args], post: Post, new: str) -> ChangePost:
    """Make the effect that replaces the text of a post; the title is sent too, because it would be lost otherwise.

    Raises:
        UserMistake: the post has this text already.
    """
    if fingerprints.of(new) == fingerprints.of(post.text):
        raise UserMistake("posts.same", post=post.id)
    return _change(
        ctx, command, post, text=new, title=post.title, before=fingerprints.of(post.title, post.text),
        difference=differing.lines(post.text, new),
    )  # fmt: skip


def title(ctx: Context, command: Command[Args], post: Post, new: str) -> ChangePost:
    """Make the effect that replaces the title of a post; the text is not sent, so it stays.

    Raises:
        UserMistake: the post has this title already.
    """
    if fingerprints.of(new) == fingerprints.of(post.title):
        raise UserMistake("posts.same", post=post.id)
    return _change(
        ctx, command, post, text="", title=new, before=fingerprints.of(post.title, ""),
        difference=differing.lines(post.title, new),
    )  # fmt: skip


def _change(
    ctx: Context, command: Command[Args], post: Post, *, text: str, title: str, before: str, difference: str
) -> ChangePost:
    return ChangePost(
        dialog=command.dialog,
        language=command.language,
        user=command.author.id,
        answers=ctx.answers(),
        post=post.id,
        command=command.name,
        written=command.args.text,
        text=text,
        title=title,
        before=before,
        difference=difference,
        report=True,
    )
