"""Reads the rule of a subscription as people write it: `important from:anna in:sales word:launch -word:test`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot import suggestions
from bot.errors import UserMistake
from bot.feed.publishing import choosing, names, recipients
from bot.feed.publishing.recipients import Question, Recipients
from bot.feed.subscriptions import rules
from bot.feed.subscriptions.rules import Rule
from bot.framework import arguments, converters, flags, messages
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model import ordering
from bot.model.effects import Say
from bot.model.events import DialogEvent
from bot.model.records import Follow, Named
from bot.texts import comparing, cutting
from keyboards import bb

EVERY = "every"
"""How a button names the rule `all`, because `/unfollow all` removes every subscription."""
LONGEST_WORD = 100
"""The longest text of a word or tag, in characters."""
MOST_VALUES = 20
"""The most values of a rule, all kinds together."""

_KEY = "="
"""What stands before the digest of a rule, in a button."""

_ALL = {comparing.fold(word) for word in ("", rules.ALL, EVERY, *catalog.also("all"))}
_IMPORTANT = {comparing.fold(word) for word in (rules.IMPORTANT, *catalog.also("important"))}
_LISTS = ("author", "place", "tag", "word", "not_author", "not_place", "not_tag", "not_word")
"""The fields with lists of values: what a post must have, and what it must not have."""


def _without(*keys: str) -> tuple[str, ...]:
    return tuple(f"-{word}" for key in keys for word in catalog.also(key))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleArgs:
    """A rule as the user wrote it.

    `what` is `all`, `important`, a mention of an author, or the number of a subscription; then `new` may be what `what`
    is otherwise. A name with a dash excludes: `-word:test`.
    """

    what: str = arguments.positional()
    new: str = arguments.positional()
    author: tuple[str, ...] = arguments.option(
        called="from", also=("author", *catalog.also("option_author")), spaced=True
    )
    place: tuple[str, ...] = arguments.option(called="in", also=("place", *catalog.also("option_place")), spaced=True)
    tag: tuple[str, ...] = arguments.option(also=("tags", *catalog.also("option_tags")), spaced=True)
    word: tuple[str, ...] = arguments.option(also=("words", *catalog.also("option_word")), spaced=True)
    important: str = arguments.option(also=catalog.also("option_important"), read=flags.value)
    not_author: tuple[str, ...] = arguments.option(
        called="-from", also=("-author", *_without("option_author")), spaced=True
    )
    not_place: tuple[str, ...] = arguments.option(called="-in", also=("-place", *_without("option_place")), spaced=True)
    not_tag: tuple[str, ...] = arguments.option(called="-tag", also=("-tags", *_without("option_tags")), spaced=True)
    not_word: tuple[str, ...] = arguments.option(called="-word", also=("-words", *_without("option_word")), spaced=True)

    @property
    def is_plain(self) -> bool:
        """Check whether nothing but `what` is written."""
        return not (self.new or self.important or any(getattr(self, name) for name in _LISTS))

    @property
    def number(self) -> int | None:
        """Return the number that `what` is; None if it is none."""
        return converters.whole_number(self.what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A rule that was understood, with the names of its codes as this dialog may see them; or questions about it."""

    rule: Rule
    label: str = ""
    questions: tuple[Say, ...] = ()


async def understand(ctx: Context, args: RuleArgs, *, command: str) -> Wanted:
    """Look up the people, departments and groups of a rule, and return the rule, or the question to send.

    Raises:
        UserMistake: a word is unknown, a text is empty or too long, a name is of the wrong kind, or no post can match.
    """
    args = _tidy(args, command=command, language=ctx.language)
    groups = (args.author, args.place, args.not_author, args.not_place)
    found = await asyncio.gather(*(recipients.resolve(ctx, one) for one in groups))
    people, places = (found[0], found[2]), (found[1], found[3])
    questions = [*_asked(people, people=True), *_asked(places, people=False)]
    if questions:
        return Wanted(rule=Rule(), questions=tuple(await _ask(ctx, questions, args, command=command)))
    _require(people, "follow.no_person", people=True)
    _require(places, "follow.no_place", people=False)
    rule = Rule(
        important=_is_important(args), tags=_folded(args.tag, command), words=_folded(args.word, command),
        not_tags=_folded(args.not_tag, command), not_words=_folded(args.not_word, command),
        authors=_ids(found[0]), places=tuple(found[1].codes),
        not_authors=_ids(found[2]), not_places=tuple(found[3].codes),
    )  # fmt: skip
    if rule.never_matches:
        raise UserMistake("follow.never", command=command, written=arguments.compose(args, command=command))
    return Wanted(rule=rule, label=await _label(ctx, rule, args, found, groups))


def of_known(args: RuleArgs, *, command: str, language: str = catalog.DEFAULT) -> Rule | None:
    """Return the rule of arguments that name people and places by codes only; None if a name must be looked up.

    Raises as `understand` does.
    """
    args = _tidy(args, command=command, language=language)
    groups = (args.author, args.place, args.not_author, args.not_place)
    found = [[recipients.coded(word) for word in words] for words in groups]
    if any(one is None for some in found for one in some):
        return None
    authors, places, not_authors, not_places = ([one for one in some if one] for some in found)
    return Rule(
        important=_is_important(args), tags=_folded(args.tag, command), words=_folded(args.word, command),
        not_tags=_folded(args.not_tag, command), not_words=_folded(args.not_word, command),
        authors=tuple(one.removeprefix("U") for one in authors), places=tuple(places),
        not_authors=tuple(one.removeprefix("U") for one in not_authors), not_places=tuple(not_places),
    )  # fmt: skip


def find(follows: Sequence[Follow], args: RuleArgs) -> Follow | None:
    """Return the subscription that the arguments name by its number in the list, its rule or its only author.

    None if no subscription matches, or several do. An author is an id, a mention, or part of a name. Raises as
    `understand` does.
    """
    if args.what.startswith(_KEY):
        return next((one for one in follows if _KEY + ordering.digest(one.topic) == args.what), None)
    if args.number is not None and args.is_plain:
        return follows[args.number - 1] if 0 < args.number <= len(follows) else None
    if args.what and args.is_plain and not _is_person(args.what) and comparing.fold(args.what) not in _ALL | _IMPORTANT:
        return None
    if rule := of_known(args, command="unfollow"):
        return next((one for one in follows if comparing.fold(one.topic) == comparing.fold(rule.topic)), None)
    args = _tidy(args, command="unfollow", language=catalog.DEFAULT)
    if len(args.author) != 1 or not replace(args, author=(), what="").is_plain:
        return None
    name = comparing.fold(args.author[0]).removeprefix("@")
    alone = [one for one in follows if len(rules.read(one.topic).codes) == 1 and rules.read(one.topic).authors]
    named = [one for one in alone if name in comparing.fold(one.label)]
    return named[0] if len(named) == 1 else None


def numbered(follows: Sequence[Follow], number: int) -> Follow:
    """Return the subscription with a number, counted from 1.

    Raises:
        UserMistake: there is none with that number.
    """
    if not 0 < number <= len(follows):
        raise UserMistake("follow.no_number", number=number)
    return follows[number - 1]


def written(rule: Rule) -> str:
    """Write a rule as the parameters of a button, which `find` can read; a rule of several conditions is only a key."""
    topic = rule.topic
    kind, _, value = topic.partition(":")
    if "\n" in topic or kind not in (rules.ALL, rules.IMPORTANT, "from", "word"):
        return f"{_KEY}{ordering.digest(topic)}"
    if kind == "from":
        return f"from:U{value}"
    if kind == "word":
        return f"word:{converters.plain_or_quoted(value)}"
    return EVERY if topic == rules.ALL else topic


def refusal_if_absent(ctx: Context) -> Say | None:
    """Return the answer that a dialog without the bot cannot follow posts; None if the bot is in the dialog."""
    if not ctx.bot_absent:
        return None
    outside = isinstance(ctx.event, DialogEvent) and not ctx.event.is_group
    return ctx.reply(
        messages.of(ctx.say("follow.elsewhere" if outside else "follow.bot_absent", bot=ctx.settings.bot_name))
    )


def _tidy(args: RuleArgs, *, command: str, language: str) -> RuleArgs:
    """Return the arguments with a mention in `what`, and `important` at the end of the last value, where they belong.

    Raises:
        UserMistake: `what` or `new` is an unknown word, or there are too many values.
    """
    for name in _LISTS:
        values = getattr(args, name)
        front, _, last = values[-1].rpartition(" ") if values else ("", "", "")
        if front and comparing.fold(last) in _IMPORTANT:
            shorter: dict[str, Any] = {name: (*values[:-1], front.rstrip())}
            args = replace(args, important=flags.YES, **shorter)
    if sum(len(getattr(args, name)) for name in _LISTS) > MOST_VALUES:
        raise UserMistake("follow.many_values", most=MOST_VALUES, command=command)
    require_no_more(args, command=command)
    front = "" if args.number is None else f"{args.number} "
    field, written = ("what", args.what) if args.number is None else ("new", args.new)
    if _is_person(written):
        bare: dict[str, Any] = {field: ""}
        return replace(args, author=(written, *args.author), **bare)
    what = comparing.fold(written)
    if what not in _ALL | _IMPORTANT:
        near = suggestions.nearest(what, catalog.own(language, sorted(_ALL | _IMPORTANT)))
        instead = f"/{command} {front}{near or _as_word(written)}"
        key = "follow.near" if near else "follow.what"
        raise UserMistake(key, what=cutting.start(written, 60), nearest=near, command=command, instead=instead)
    return args


def require_no_more(args: RuleArgs, *, command: str) -> None:
    """Check that a second word stands behind a number only.

    Raises:
        UserMistake: it does not.
    """
    if args.new and args.number is None:
        written = arguments.compose(args, command=command)
        raise UserMistake(
            "words.extra", text=cutting.start(args.new, converters.SHOWN), command=command, written=written
        )


def _is_important(args: RuleArgs) -> bool:
    if not args.important:
        return comparing.fold(args.what if args.number is None else args.new) in _IMPORTANT
    switched = flags.switch(args.important)
    if switched is None:
        shown = cutting.start(args.important, converters.SHOWN)
        raise UserMistake("words.switch", option=rules.IMPORTANT, value=shown)
    return switched


def _is_person(what: str) -> bool:
    return what.startswith(("@", "["))


def _folded(words: Sequence[str], command: str) -> tuple[str, ...]:
    """Return words or tags as they are compared.

    Raises:
        UserMistake: one is too long, or nothing of it is visible.
    """
    if any(len(word) > LONGEST_WORD for word in words):
        raise UserMistake("follow.long_word", most=LONGEST_WORD, command=command)
    found = tuple(comparing.fold(word.lstrip("#")) for word in words)
    if not all(found):
        raise UserMistake("words.no_value", option="word", command=command)
    return found


def _as_word(what: str) -> str:
    return f"word:{converters.plain_or_quoted(cutting.start(what, LONGEST_WORD))}"


def _ids(found: Recipients) -> tuple[str, ...]:
    return tuple(code.removeprefix("U") for code in found.codes)


def _fits(named: Named, *, people: bool) -> bool:
    return named != recipients.EVERYONE and named.code.startswith("U") is people


def _asked(found: Sequence[Recipients], *, people: bool) -> list[Question]:
    """Return the questions of some names, with the candidates of the right kind only."""
    return [
        replace(asked, candidates=tuple(one for one in asked.candidates if _fits(one, people=people)))
        for some in found
        for asked in some.questions
    ]


def _require(found: Sequence[Recipients], key: str, *, people: bool) -> None:
    """Raise UserMistake with this key if one of the names is of the wrong kind."""
    for some in found:
        for one, word in zip(some.found, some.words, strict=False):
            if not _fits(one, people=people):
                raise UserMistake(key, name=cutting.start(word, 60))


async def _ask(ctx: Context, questions: Sequence[Question], args: RuleArgs, *, command: str) -> list[Say]:
    """Ask which names are meant; where the dialog may not see them, say only that they are unclear."""
    candidates = [one for asked in questions for one in asked.candidates]
    if candidates and not await names.may_be_shown(ctx, candidates):
        unclear = next(asked.word for asked in questions if asked.candidates)
        return [ctx.reply(messages.of(ctx.say("follow.unclear_here", name=bb.escape(cutting.start(unclear, 60)))))]
    kept = arguments.compose(args, command=command)
    return await choosing.ask(ctx, questions, command=command, text=ctx.written, kept=kept)


async def _label(
    ctx: Context, rule: Rule, args: RuleArgs, found: Sequence[Recipients], groups: Sequence[tuple[str, ...]]
) -> str:
    """Return the names of the rule's codes, a line each in the order of `Rule.codes`, as this dialog may see them.

    A name that it may not see is the one that the user wrote. For a rule of one word it is the word as it was written.
    """
    named: dict[str, str] = {}
    for some, words in zip(found, groups, strict=True):
        for one, word in zip(some.found, words, strict=False):
            known = comparing.fold(one.name) in comparing.fold(word) or await names.may_be_shown(ctx, [one])
            named[one.code] = one.name if known else cutting.start(word.removeprefix("@"), 60)
    if rule == Rule(words=rule.words) and len(rule.words) == 1:
        shown = comparing.clean(args.word[0])
        return shown if shown.casefold() != rule.words[0] else ""
    return "\n".join(" ".join(named.get(code, code).split()) for code in rule.codes)
