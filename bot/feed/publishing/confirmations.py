"""The confirmation of a post that was published from a dialog: its sentence, its recipients and its buttons."""

from __future__ import annotations

from bot.feed.publishing import names
from bot.i18n import catalog
from bot.model.effects import Publish
from bot.model.events import PostId
from keyboards import Button, Keyboard, Link, Put, bb
from keyboards import Command as Press


def sentence(effect: Publish, post: PostId) -> str:
    """Say that the post was published; for whom, only where the dialog may know it."""
    if not names.may_show_recipients(effect):
        return catalog.sentence(effect.language, "post.published_here", post=post)
    return catalog.sentence(effect.language, "post.published", post=post, audience=bb.escape(effect.audience))


def recipients(effect: Publish) -> str:
    """Name the recipients where the dialog may know them; else nothing."""
    return effect.audience if names.may_show_recipients(effect) else ""


def keyboard(effect: Publish, post: PostId, *, where: str, follows: bool) -> Keyboard:
    """Make the buttons: open this address, share, and follow where the dialog follows nothing yet."""
    row: list[Button] = [
        Link(catalog.sentence(effect.language, "button.open"), where),
        Put(catalog.sentence(effect.language, "button.share"), f"/share {post} to:"),
    ]
    if effect.answers is None and not follows:
        row.append(Press(catalog.sentence(effect.language, "button.follow"), "follow"))
    return Keyboard.of([row])
