"""Decides in which language a dialog is told about posts.

In a private dialog it is the person's language. A group shares its messages: there it is the language of the user who
asked for them, and other users who press or write do not change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.framework.context import Context
from bot.model.effects import Publish
from bot.model.events import Dialog, UserId
from bot.model.records import Follow, PersonLanguage


def choose(
    dialog: Dialog,
    languages: Mapping[UserId, PersonLanguage],
    *,
    follows: Sequence[Follow] = (),
    published: Publish | None = None,
    otherwise: str,
) -> str:
    """Return the language of a card or a line in a dialog.

    In a group it is that of the user who published the post there (`published`), else that of the owner of the oldest
    subscription: the language that they have chosen, else the one that they had when they subscribed.
    """
    if dialog.isdigit() and (known := languages.get(UserId(int(dialog)))) and known.language:
        return known.language
    if published:
        return published.language
    if not follows:
        return otherwise
    owner = languages.get(follows[0].owner, PersonLanguage())
    return owner.chosen or follows[0].language


async def read(
    ctx: Context, dialog: Dialog, follows: Sequence[Follow], *, published: Publish | None = None, otherwise: str
) -> str:
    """Read the languages of the users that matter for a dialog, and return the language of its cards and lines."""
    users = [*([UserId(int(dialog))] if dialog.isdigit() else []), *(one.owner for one in follows[:1])]
    languages = {user: await ctx.memory.language(user) for user in users}
    return choose(dialog, languages, follows=follows, published=published, otherwise=otherwise)
