"""Finds the variables of a template, such as `{date}`, and puts their values in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from babel.dates import format_date, get_day_names

from bot.feed.composer.options import PostOptions
from bot.feed.scheduling import scheduling
from bot.framework import converters
from bot.framework.context import Context
from bot.framework.moments import times
from bot.i18n import catalog
from bot.model.events import Commanded, Said
from bot.texts import comparing

TEXT = "text"
"""The variable for what a person writes when they use a template."""
_BUILT_IN = ("date", "time", "weekday", "author", "chat", TEXT)
_KNOWN = {comparing.fold(word): key for key in _BUILT_IN for word in (key, *catalog.template_words(f"variable_{key}"))}
_VARIABLE = re.compile(r"\{\{[^{}\n]*\}\}|\{([^\W\d]\w{0,39})\}")
"""A variable, or braces that are doubled so that they stay."""
_OPTIONS = {
    comparing.fold(word)
    for name in ("to", "title", "important", "tags", "background", "preview")
    for word in (name, *catalog.also(f"option_{name}"))
}
_KEY = re.compile(r"([^\W\d]\w{0,39}):(?=\S)")


def variables(text: str) -> dict[str, str]:
    """Return the variables of a text in their order: the name for comparisons, and the name as it is written first."""
    found: dict[str, str] = {}
    for one in _VARIABLE.finditer(text):
        if one[1]:
            found.setdefault(_folded(one[1]), one[1])
    return found


def given(text: str, wanted: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Read the values of variables, as `project:Alpha`, from the start of a text; return them and the rest.

    They may stand before, between and behind the options of a post, which stay as they are.

    Raises:
        UserMistake: a value has an unclosed quote, or an option has none.
    """
    values: dict[str, str] = {}
    options, left = "", text.lstrip()
    while found := _KEY.match(left):
        behind = left[found.end() :]
        if (key := _folded(found[1])) in wanted and key not in values:
            values[key], left = converters.word(behind)
        elif comparing.fold(found[1]) in _OPTIONS:
            after = converters.items(behind, found[1])[1].lstrip()
            options += left[: len(left) - len(after)]
            left = after
        else:
            break
        left = left.lstrip()
    return values, f"{options}{left}"


async def values(ctx: Context, event: Commanded | Said, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the values that need no person to write them; `chat` has one in a group only.

    The date and the time are those of the person, in their language.
    """
    known = {"author": event.author.name}
    if event.is_group and event.chat_title:
        known["chat"] = event.chat_title
    if {"date", "time", "weekday"} & wanted.keys():
        now = await scheduling.now_of(ctx, event.author.id)
        locale = catalog.locale(ctx.language)
        known["date"] = format_date(now.date(), "long", locale=locale)
        known["time"] = times.clock(now.time(), language=ctx.language)
        known["weekday"] = get_day_names("wide", "stand-alone", locale=locale)[now.weekday()]
    return {name: value for name, value in known.items() if value}


def filled(args: PostOptions, values: Mapping[str, str], *, shown: Mapping[str, str]) -> PostOptions:
    """Return a post with values in the place of its variables; `shown` are the values for its text, which has markup.

    A variable without a value stays as it is.
    """
    return replace(
        args,
        to=tuple(_fill(one, values) for one in args.to),
        title=_fill(args.title, values),
        important=_fill(args.important, values),
        tags=tuple(_fill(one, values) for one in args.tags),
        text=_fill(args.text, shown),
    )


def _fill(text: str, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return values.get(_folded(found[1]), found[0]) if found[1] else found[0][1:-1]

    return _VARIABLE.sub(value, text)


def _folded(name: str) -> str:
    """Return the name of a variable for comparisons; one that we fill ourselves gets its English name."""
    folded = comparing.fold(name)
    return _KNOWN.get(folded, folded)
