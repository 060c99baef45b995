"""What a dialog can follow: `all`, `important`, `from:<user id>`, `word:<text>`; read, spelled and named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot import suggestions
from bot.errors import UserMistake
from bot.framework import arguments, messages
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.effects import Say
from bot.model.events import DialogEvent
from bot.model.records import Follow
from keyboards import bb

ALL = "all"
EVERY = "every"
"""How a button names the topic `all`, because `/unfollow all` means every topic there is."""
IMPORTANT = "important"
LONGEST_WORD = 100
"""How much a word filter may hold, in characters."""

_ALL = {"", ALL, EVERY, "все", "всё", "alle", "alles"}
_IMPORTANT = {IMPORTANT, "важное", "важные", "wichtig", "wichtige", "wichtiges"}
_PERSON = re.compile(r"(?:\[USER=|U)(\d{1,18})\b.*", re.ASCII | re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The topic as somebody wrote it: one word, `from:` a person, or `word:` something in the text."""

    what: str = arguments.positional()
    author: str = arguments.option(also=("from", "от", "von"))
    word: str = arguments.option(also=("слово", "wort"))

    @property
    def person(self) -> str:
        """Whose posts are meant, as it was written; `@anna` alone means `from:@anna`."""
        return self.author or (self.what if self.what.startswith(("@", "[")) else "")


def simple(asked: Asked, *, command: str) -> str | None:
    """The topic, where it names no person.

    Raises:
        UserMistake: two filters at once, a word too long, or a word that is no topic.
    """
    if sum(map(bool, (asked.what, asked.author, asked.word))) > 1:
        raise UserMistake("follow.one", command=command)
    if asked.word:
        if len(asked.word) > LONGEST_WORD:
            raise UserMistake("follow.long_word", most=LONGEST_WORD, command=command)
        return f"word:{' '.join(asked.word.split()).casefold()}"
    if asked.person:
        return None
    what = asked.what.casefold()
    if what not in _ALL | _IMPORTANT:
        near = suggestions.nearest(what, sorted(_ALL | _IMPORTANT))
        raise UserMistake("follow.near" if near else "follow.what", what=asked.what[:60], nearest=near, command=command)
    return IMPORTANT if what in _IMPORTANT else ALL


def refused_outside(ctx: Context) -> Say | None:
    """The answer in a dialog that the bot is not in, which cannot follow anything; None where it is in it."""
    if not ctx.guest:
        return None
    outside = isinstance(ctx.event, DialogEvent) and not ctx.event.is_group
    return ctx.reply(messages.of(ctx.say("follow.elsewhere" if outside else "follow.guest", bot=ctx.settings.bot_name)))


def meant(follows: Sequence[Follow], asked: Asked) -> Follow | None:
    """The one subscription that these words name: a person by id, mention or part of the name; raises as `simple`."""
    if asked.what.isdigit() and not asked.author and not asked.word:
        return follows[int(asked.what) - 1] if 0 < int(asked.what) <= len(follows) else None
    if asked.what and not (asked.person or asked.word) and asked.what.casefold() not in _ALL | _IMPORTANT:
        return None
    topic = simple(asked, command="unfollow")
    if topic is not None:
        return next((follow for follow in follows if follow.topic == topic), None)
    people = [follow for follow in follows if follow.topic.startswith("from:")]
    if found := _PERSON.fullmatch(asked.person):
        return next((follow for follow in people if follow.topic == f"from:{int(found[1])}"), None)
    name = asked.person.removeprefix("@").casefold()
    named = [follow for follow in people if name in follow.label.casefold()]
    return named[0] if len(named) == 1 else None


def spelled(topic: str) -> str:
    """The topic as parameters of a button; `meant` and `simple` read it back."""
    kind, _, value = topic.partition(":")
    if kind == "from":
        return f"from:U{value}"
    if kind == "word":
        return arguments.spell(Asked(what="", author="", word=value), command="").removeprefix("/").strip()
    return EVERY if topic == ALL else topic


def named(language: str, topic: str, label: str = "", *, code: bool = True) -> str:
    """What is followed, for a sentence; harmless in BB code unless `code` is off (on a button)."""
    kind, _, value = topic.partition(":")
    shown = label or (f"U{value}" if kind == "from" else value)
    return catalog.sentence(language, f"follow.topic_{kind}", value=bb.escape(shown) if code else shown)


def listed(language: str, follows: Sequence[Follow]) -> str:
    """What a dialog follows, numbered, a line each."""
    lines = (f"{n}. {named(language, follow.topic, follow.label)}" for n, follow in enumerate(follows, 1))
    return "\n".join((catalog.sentence(language, "follow.list"), *lines))
