"""The medals of a portal, by their names in every language, and the people who get them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.errors import UserMistake
from bot.feed.publishing import matching, recipients
from bot.feed.publishing.named_codes import NamedCodes
from bot.feed.publishing.recipients import Recipients
from bot.framework.context import Context

MEDALS = NamedCodes(
    section="medal",
    codes=(
        "thumbsup", "gift", "cup", "money", "crown", "drink", "cake", "thefirst", "flag", "star", "heart", "beer",
        "flowers", "smile",
    ),
    near="thanks.near_medal",
    unknown="thanks.no_medal",
)  # fmt: skip
"""The codes of the medals that every portal has; with another code the portal would publish a post without thanks."""
USUAL = MEDALS.codes[0]
"""The medal of thanks for which none is named."""

_WORD = re.compile(r"\S+")
_SIGNS = ",.:;!–—-"


def label(language: str, medal: str) -> str:
    """Return the name of a medal in a language."""
    return MEDALS.label(language, medal)


def at_start(text: str, language: str) -> tuple[str, str]:
    """Return the medal with which a text begins, and the rest of the text; "" and the text if it begins with none.

    A name with a capital letter counts only if a sign, another capital letter or a new line follows: in `Cake was
    great` it is the first word of the text.

    Raises:
        UserMistake: the first word is probably a misspelt medal.
    """
    places = list(_WORD.finditer(text))
    for count in (3, 2, 1):
        if len(places) < count:
            continue
        written, left = text[: places[count - 1].end()], text[places[count - 1].end() :]
        medal = MEDALS.find(written.rstrip(_SIGNS))
        if medal and (written[:1].islower() or written[:1].isdigit() or _begins(written, left)):
            return medal, left.strip().lstrip(_SIGNS).strip()
    if places and places[0][0].islower() and _begins(places[0][0], text[places[0].end() :]):
        word = places[0][0].rstrip(_SIGNS)
        if MEDALS.nearest(word):
            MEDALS.named(word, language)
    return "", text


async def people(ctx: Context, words: Sequence[str], *, text: str = "", open_end: bool = False) -> Recipients:
    """Find the people that the words name; the parameters and errors are those of `recipients.resolve`.

    Raises:
        UserMistake: a word names a department, a group or everybody.
    """
    marked = [word if word.startswith("@") or recipients.is_exact(word) else f"@{word}" for word in words]
    whom = await recipients.resolve(ctx, marked, text=text, open_end=open_end)
    for one in whom.found:
        if matching.kind(one) != "U" or one == recipients.EVERYONE:
            raise UserMistake("thanks.only_people", name=recipients.label(ctx.language, [one]))
    return whom


def _begins(written: str, left: str) -> bool:
    """Check whether a new sentence or line begins behind a word, or the text ends there."""
    behind = left.lstrip()
    new_line = "\n" in left[: len(left) - len(behind)]
    return written[-1] in _SIGNS or not behind or behind[0].isupper() or behind[0] in _SIGNS or new_line
