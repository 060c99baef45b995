"""Reads /thanks: `@anna, Tom Berg cup for the help` names the people, perhaps a medal, and the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice

from bot.errors import UserMistake
from bot.feed.composer import medals, options
from bot.feed.composer.options import PostOptions, Wanted
from bot.framework import arguments, converters
from bot.framework.context import Context
from bot.i18n import catalog

MOST_WORDS = 3
"""The most words of the name of a medal."""
_MARKS = ("@", "[USER=", "[user=")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThanksOptions(PostOptions):
    """The arguments of a post that thanks people; the names in front of the text are theirs, and no recipients."""

    to: tuple[str, ...] = arguments.option(also=catalog.also("option_to"))


async def understand(ctx: Context, args: ThanksOptions, *, command: str) -> Wanted:
    """Find the people and the medal at the start of the text, and return the fields of the draft as `options` does.

    If the people are named by the option `thank`, the whole text is text.

    Raises:
        UserMistake: nobody is named, or somebody or something who cannot be thanked.
    """
    with options.with_command(args, command):
        if args.thank:
            medal = args.medal or medals.USUAL
            return await options.understand(ctx, replace(args, medal=medal), command=command)
        if not args.text.strip():
            raise UserMistake("thanks.whom")
        first, said = _medal_first(args.text)
        words, left = _names(said)
        written = said[: len(said) - len(left)]
        goes_on = converters.is_plain(words[-1], written) and "\n" not in left[: len(left) - len(left.lstrip())]
        whom = await medals.people(ctx, words, text=left.strip(), open_end=goes_on)
        given = args.medal or first
        medal, text = (given, whom.text) if given else medals.at_start(whom.text, ctx.language)
        known = replace(args, thank=whom.words, medal=medal or medals.USUAL, text=text)
        return await options.understand(ctx, known, command=command, thanked=whom)


def _medal_first(text: str) -> tuple[str, str]:
    """Return the medal that stands before a marked name, and the text behind it; "" and the text if none does."""
    for word in islice(re.finditer(r"\S+", text), MOST_WORDS):
        left = text[word.end() :].lstrip()
        if left.startswith(_MARKS):
            return (medal, left) if (medal := medals.MEDALS.find(text[: word.end()])) else ("", text)
    return "", text


def _names(text: str) -> tuple[list[str], str]:
    """Read the names at the start of a text: separated by commas, or each marked as a mention."""
    words, left = converters.items(text, "thank")
    while left.lstrip().startswith(_MARKS):
        more, left = converters.items(left.lstrip(), "thank")
        words += more
    return words, left
