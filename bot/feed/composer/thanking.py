"""Reads /thanks: `@anna, Tom Berg cup for the help` names the people, perhaps a medal, and the text."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.errors import UserMistake
from bot.feed.composer import medals, options
from bot.feed.composer.options import PostOptions, Wanted
from bot.framework import arguments, converters
from bot.framework.context import Context
from bot.i18n import catalog

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
        words, left = _names(args.text)
        written = args.text[: len(args.text) - len(left)]
        goes_on = converters.is_plain(words[-1], written) and "\n" not in left[: len(left) - len(left.lstrip())]
        whom = await medals.people(ctx, words, text=left.strip(), open_end=goes_on)
        medal, text = ("", whom.text) if args.medal else medals.at_start(whom.text, ctx.language)
        known = replace(args, thank=whom.words, medal=args.medal or medal or medals.USUAL, text=text)
        return await options.understand(ctx, known, command=command, thanked=whom)


def _names(text: str) -> tuple[list[str], str]:
    """Read the names at the start of a text: separated by commas, or each marked as a mention."""
    words, left = converters.items(text, "thank")
    while left.lstrip().startswith(_MARKS):
        more, left = converters.items(left.lstrip(), "thank")
        words += more
    return words, left
