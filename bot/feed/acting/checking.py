"""Looks at a post that was published for a person: it must be under their name, and should have their files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bot.errors import PortalError
from bot.feed import error_messages
from bot.framework import messages
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.effects import DeletePost, Effect, Publish
from bot.model.events import PostId
from bot.model.records import Post


async def seen(ctx: Context, effect: Publish, number: PostId) -> Post | None:
    """Read a post that was just published for somebody, with the names that its card needs.

    None for the person's own action, or if the portal does not show the post, for example because it is deleted again.

    Raises:
        PortalDown: the portal did not answer.
    """
    if not effect.acting:
        return None
    with contextlib.suppress(PortalError):
        return await ctx.portal.post(number, beside=[effect.dialog])
    return None


def taken_back(effect: Publish, post: Post | None, *, kept: str) -> Iterator[Effect]:
    """Yield the deletion of a post that the portal has published under another name; nothing if it is as it should be.

    `kept` is the command that publishes it again.
    """
    if post is not None and post.author != effect.user:
        yield DeletePost(
            dialog=effect.dialog, language=effect.language, user=effect.user, author_name=effect.author_name,
            answers=effect.answers, acting=True, post=post.id, misplaced=True, kept=kept, report=True,
        )  # fmt: skip


def missing(effect: Publish, post: Post | None) -> Iterator[Effect]:
    """Yield a message to the person if their files are not in the post; the portal leaves them out without a word."""
    if post is not None and effect.files and "files" not in post.parts:
        said = catalog.sentence(effect.language, "acting.no_files", post=post.id)
        yield error_messages.notice(effect, messages.of(said))
