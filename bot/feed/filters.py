"""Defines the filters that a dialog can follow: `all`, `important`, `from:<user id>`, `word:<text>`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot import suggestions
from bot.errors import UserMistake
from bot.framework import arguments, converters, messages
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.effects import Say
from bot.model.events import DialogEvent
from bot.model.records import Follow
from bot.texts import comparing, cutting
from keyboards import bb

ALL = "all"
EVERY = "every"
"""How a button names the filter `all`, because `/unfollow all` removes every filter."""
IMPORTANT = "important"
LONGEST_WORD = 100
"""The longest text of a word filter, in characters."""

_ALL = {comparing.fold(word) for word in ("", ALL, EVERY, *catalog.also("all"))}
_IMPORTANT = {comparing.fold(word) for word in (IMPORTANT, *catalog.also("important"))}
_PERSON = re.compile(r"(?:\[USER=|U)(\d{1,18})\b.*", re.ASCII | re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterArgs:
    """A filter as the user wrote it: `all` or `important`, `from:` with an author, or `word:` with a text."""

    what: str = arguments.positional()
    author: str = arguments.option(also=catalog.also("option_author"), spaced=True)
    word: str = arguments.option(also=catalog.also("option_word"), spaced=True)

    @property
    def person(self) -> str:
        """Return the author as the user wrote it, without `from:`; "" if the filter is not by author.

        `@anna` alone is short for `from:@anna`.
        """
        return self.author or (self.what if self.what.startswith(("@", "[")) else "")


def parse_topic(args: FilterArgs, *, command: str, language: str = catalog.DEFAULT) -> str | None:
    """Return the filter that the arguments name, as in Following.topic.

    None if it is a filter by author, whose id must be found first. `command` and `language` are for the answer to a
    mistake.

    Raises:
        UserMistake: there are two filters, a text that is empty or too long, or an unknown word.
    """
    if sum(map(bool, (args.what, args.author, args.word))) > 1:
        raise UserMistake("follow.one", command=command)
    if args.word:
        if len(args.word) > LONGEST_WORD:
            raise UserMistake("follow.long_word", most=LONGEST_WORD, command=command)
        if not (word := comparing.fold(args.word)):
            raise UserMistake("words.no_value", option="word", command=command)
        return f"word:{word}"
    if args.person:
        return None
    what = comparing.fold(args.what)
    if what not in _ALL | _IMPORTANT:
        near = suggestions.nearest(what, catalog.own(language, sorted(_ALL | _IMPORTANT)))
        meant = f"/{command} {near}" if near else _as_word(args.what, command)
        key = "follow.near" if near else "follow.what"
        raise UserMistake(key, what=cutting.start(args.what, 60), nearest=near, command=command, instead=meant)
    return IMPORTANT if what in _IMPORTANT else ALL


def _as_word(what: str, command: str) -> str:
    return arguments.compose(FilterArgs(what="", author="", word=cutting.start(what, LONGEST_WORD)), command=command)


def refusal_if_absent(ctx: Context) -> Say | None:
    """Return the answer that a dialog without the bot cannot follow posts; None if the bot is in the dialog."""
    if not ctx.bot_absent:
        return None
    outside = isinstance(ctx.event, DialogEvent) and not ctx.event.is_group
    return ctx.reply(
        messages.of(ctx.say("follow.elsewhere" if outside else "follow.bot_absent", bot=ctx.settings.bot_name))
    )


def find_follow(follows: Sequence[Follow], args: FilterArgs) -> Follow | None:
    """Return the subscription that the arguments name by its number in the list, its filter or its author.

    None if no subscription matches, or several do. An author is an id, a mention, or part of a name. Raises as
    `parse_topic` does.
    """
    number = converters.whole_number(args.what)
    if number is not None and not args.author and not args.word:
        return follows[number - 1] if 0 < number <= len(follows) else None
    if args.what and not (args.person or args.word) and comparing.fold(args.what) not in _ALL | _IMPORTANT:
        return None
    topic = parse_topic(args, command="unfollow")
    if topic is not None:
        return next((follow for follow in follows if comparing.fold(follow.topic) == topic), None)
    people = [follow for follow in follows if follow.topic.startswith("from:")]
    if found := _PERSON.fullmatch(comparing.with_plain_digits(args.person)):
        return next((follow for follow in people if follow.topic == f"from:{int(found[1])}"), None)
    name = comparing.fold(args.person).removeprefix("@")
    named = [follow for follow in people if name in comparing.fold(follow.label)]
    return named[0] if len(named) == 1 else None


def as_parameters(topic: str) -> str:
    """Write a filter as the parameters of a command in a button, which `find_follow` and `parse_topic` can read."""
    kind, _, value = topic.partition(":")
    if kind == "from":
        return f"from:U{value}"
    if kind == "word":
        return arguments.compose(FilterArgs(what="", author="", word=value), command="").removeprefix("/").strip()
    return EVERY if topic == ALL else topic


def describe(language: str, topic: str, label: str = "", *, code: bool = True) -> str:
    """Return the words for a filter in a sentence; `label` is the name of an author or a text as it was written.

    They are escaped for BB code, unless `code` is off (for the label of a button).
    """
    kind, _, value = topic.partition(":")
    shown = label or (f"U{value}" if kind == "from" else value)
    return catalog.sentence(language, f"follow.topic_{kind}", value=bb.escape(shown) if code else shown)


def describe_all(language: str, follows: Sequence[Follow]) -> str:
    """Return a numbered list of the filters that a dialog follows, one line each."""
    lines = (f"{n}. {describe(language, follow.topic, follow.label)}" for n, follow in enumerate(follows, 1))
    return "\n".join((catalog.sentence(language, "follow.list"), *lines))
