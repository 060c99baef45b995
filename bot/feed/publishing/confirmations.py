"""Makes the confirmation that a post was published from a dialog: its sentence, recipients and buttons."""

from __future__ import annotations

from bot.feed.acting import saying
from bot.feed.publishing import names, undoing
from bot.i18n import catalog
from bot.model.effects import Publish
from bot.model.events import PostId
from keyboards import Button, Keyboard, Link, Put, bb
from keyboards import Command as Press


def sentence(effect: Publish, post: PostId) -> str:
    """Return the sentence that a post was published; it names the recipients only if the dialog may know them."""
    if names.may_show_recipients(effect):
        said = catalog.sentence(effect.language, "post.published", post=post, audience=bb.escape(effect.audience))
    else:
        said = catalog.sentence(effect.language, "post.published_here", post=post)
    return "\n".join(filter(None, (said, saying.done(effect))))


def recipients(effect: Publish) -> str:
    """Return the names of the recipients; "" if the dialog may not know them."""
    return effect.audience if names.may_show_recipients(effect) else ""


def keyboard(effect: Publish, post: PostId, *, where: str, follows: bool, undo: bool = False) -> Keyboard:
    """Make the buttons of the confirmation: open the address `where`, share, take the post back (`undo`), and follow.

    There is no button to follow if the dialog already `follows` posts, or the bot is not in it.
    """
    row: list[Button] = [
        Link(catalog.sentence(effect.language, "button.open"), where),
        Put(catalog.sentence(effect.language, "button.share"), f"/share {post} to:"),
    ]
    if undo:
        row.append(undoing.button(effect.language, post))
    if effect.answers is None and not follows:
        row.append(Press(catalog.sentence(effect.language, "button.follow"), "follow"))
    return Keyboard.of([row])
