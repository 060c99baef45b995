"""Finds the recipients that a user names: `sales`, `@anna`, `"HR team"`, `all`.

Each name becomes a code for DEST (U5, DR3, SG7), or a question to the user.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.errors import TokenExpired, TokenRefused, UserMistake
from bot.feed.publishing import matching
from bot.framework import converters
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.events import DialogEvent, UserId
from bot.model.records import Named
from bot.texts import comparing, cutting, transliteration
from keyboards import bb

EVERYONE = Named(code="UA", name="")
"""All employees (reference: log.blogpost.add, DEST); the shown name depends on the language."""
MANY = 20
"""With so many candidates for one word the portal may have left some out, and is asked for two words."""

_ALL = {"all", "ua", *catalog.also("everyone")}
_CODE = re.compile(r"(?:U|DR|SG)[1-9]\d{0,17}", re.ASCII | re.IGNORECASE)
_NAMED_CODE = re.compile(r"(.+) \(((?:U|DR|SG)[1-9]\d{0,17})\)", re.ASCII | re.DOTALL)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_MENTION = re.compile(r"\[USER=(\d{1,18})\b[^\]]*\](.*)\[/USER\]", re.ASCII | re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A word for which the user must be asked: it matches no candidate, several, or one without certainty."""

    word: str
    candidates: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """The recipients that were found, without duplicates, and the questions that must be answered first.

    `words` are the names as they were written, and `text` is the rest of the text behind them.
    """

    found: tuple[Named, ...] = ()
    questions: tuple[Question, ...] = ()
    words: tuple[str, ...] = ()
    text: str = ""

    @property
    def codes(self) -> list[str]:
        """Return the codes of the recipients for DEST."""
        return [named.code for named in self.found]


async def resolve(ctx: Context, words: Iterable[str], *, text: str = "", open_end: bool = False) -> Recipients:
    """Find the recipients that the words name, with the rights of the user.

    With `open_end` the last word may be the beginning of a name that goes on in `text`: `to:HR team, Sales Only for
    you`.

    Raises:
        UserMistake: names cannot be looked up, because we have no valid token of the user (codes and mentions need
            none), or a name is an e-mail address.
        PortalError, PortalDown: the portal did not answer the search.
    """
    found: dict[str, Named] = {}
    questions: list[Question] = []
    read: list[str] = []
    kept: list[str] = []
    waiting = list(words)
    early = list(dict.fromkeys(waiting[:-1] if open_end else waiting))
    # The searches of one moment share requests, so forty names cost as many requests as one.
    answers = dict(zip(early, await asyncio.gather(*(_answer(ctx, word) for word in early)), strict=True))
    while waiting:
        word = waiting.pop(0)
        if open_end and not waiting:
            part = await _answer_line(ctx, word, text)
            answer, text, open_end, waiting = part.answer, part.text, part.open_end, list(part.more)
            word, kept = part.written, [*kept, part.kept]
        else:
            answer = answers[word] if word in answers else await _answer(ctx, word)
        read.append(word)
        if isinstance(answer, Question):
            questions.append(answer)
        else:
            found.setdefault(answer.code, answer)
    text = " ".join(part for part in (*kept, text) if part)
    return Recipients(found=tuple(found.values()), questions=tuple(questions), words=tuple(read), text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The name at the start of a line, and the rest of the text.

    `more` are further names, which follow after a comma. `open_end`: the last of them may go on in `text`. `kept` are
    written words in front of the text, which belong to it because the user has chosen a shorter name.
    """

    answer: Named | Question
    written: str
    text: str
    kept: str = ""
    more: Sequence[str] = ()
    open_end: bool = False


async def _answer(ctx: Context, word: str) -> Named | Question:
    if known := ctx.chosen.get(comparing.fold(word)) or _known(bb.unescape(word).strip()):
        return known
    candidates = await _find(ctx, word)
    _require_inside(word, candidates)
    found = matching.match(bb.unescape(word).strip(), candidates, _fold(word, candidates))
    return found.names[0] if found.certain else Question(word=word, candidates=found.names)


async def _answer_line(ctx: Context, word: str, text: str) -> _Line:
    known = _known(bb.unescape(word).strip())
    whole = _Line(answer=known or Question(word=word), written=word, text=text)
    if known and known != EVERYONE:
        return whole
    line, break_, below = f"{word} {text}".partition("\n")
    candidates = await _find_line(ctx, line, optional=known is not None)
    _require_inside(word, candidates)
    found = matching.match_line(line, candidates, _fold(word, candidates))
    goes_on = " " in comparing.fold(found.written)
    if known and not goes_on:
        return whole
    answer: Named | Question = Question(word=found.written, candidates=found.names)
    kept = ""
    if found.certain:
        answer = found.names[0]
    elif meant := ctx.chosen.get(comparing.fold(found.written)):
        answer, kept = meant, found.kept.get(meant.code, "")
    left = f"{found.left}{break_}{below}"
    if not (goes_on and left[:1] in tuple(converters.SEPARATORS)):
        return _Line(answer=answer, written=found.written, text=left.strip(), kept=kept)
    more, behind = converters.items(left[1:].lstrip(), "to")
    plain = converters.is_plain(more[-1], left[: len(left) - len(behind)])
    open_end = plain and "\n" not in behind[: len(behind) - len(behind.lstrip())]
    return _Line(answer=answer, written=found.written, text=behind.strip(), kept=kept, more=more, open_end=open_end)


def _require_inside(word: str, candidates: Sequence[Named]) -> None:
    """Refuse an e-mail address of somebody outside: the portal would invite them, and say nothing if it cannot.

    Raises:
        UserMistake: the word is an address that nobody has as a name.
    """
    if not candidates and _ADDRESS.fullmatch(_without_marks(word)):
        raise UserMistake("recipients.outside", name=cutting.start(word, 60))


async def _find_line(ctx: Context, line: str, *, optional: bool) -> list[Named]:
    """Return the names with which a line may begin, as far as the portal finds them.

    With `optional` an empty list is returned instead of an error, because the first word is a recipient by itself.
    """
    try:
        found = await _find(ctx, line.split(maxsplit=1)[0])
    except UserMistake:
        if optional:
            return []
        raise
    if len(found) < MANY:
        return found
    return list(dict.fromkeys([*found, *await _find(ctx, " ".join(line.split()[:2]))]))


async def _find(ctx: Context, word: str) -> list[Named]:
    """Search for a word with the rights of the user who asks, so that hidden workgroups stay hidden.

    Raises:
        UserMistake: we have no valid token of the user.
    """
    if not isinstance(ctx.event, DialogEvent):
        return []
    reader, text = ctx.event.author.id, _without_marks(word)
    try:
        found = await ctx.portal.find(text, reader=reader)
        # The portal compares letters as they are stored: another spelling of a name is found by its start.
        start = comparing.same_start(text)
        near = await ctx.portal.find(start, reader=reader) if start != text and not found else []
        near = [one for one in near if comparing.fold(text) in comparing.fold(one.name)]
        alike = [] if found or near else await _sounding_like(ctx, text, reader)
    except (TokenExpired, TokenRefused):
        raise UserMistake("recipients.no_eyes", name=cutting.start(word, 60)) from None
    return [*found, *near, *alike]


async def _sounding_like(ctx: Context, text: str, reader: UserId) -> list[Named]:
    """Search for a name in other spellings and in the other alphabet; all searches are one request."""
    first = text.split(maxsplit=1)[0] if text else ""
    starts = transliteration.starts(first) if not _ADDRESS.fullmatch(text) else ()
    found = await asyncio.gather(*(ctx.portal.find(start, reader=reader) for start in starts))
    return list(dict.fromkeys(one for some in found for one in some if transliteration.is_like(text, one.name)))


def _fold(word: str, candidates: Sequence[Named]) -> matching.Fold:
    """Return how names are compared: as they are written, or as they sound if they were found only so."""
    first = comparing.fold(_without_marks(word)).split(" ", maxsplit=1)[0]
    written = any(first in comparing.fold(one.name) for one in candidates)
    return comparing.fold if written or not candidates else transliteration.key


def label(language: str, found: Sequence[Named]) -> str:
    """Return the recipients' names for a sentence, not escaped; without recipients, the word for everybody."""
    everyone = catalog.sentence(language, "recipients.everyone")
    return ", ".join(everyone if one == EVERYONE else one.name for one in found) or everyone


def as_chosen(ctx: Context, words: Iterable[str]) -> tuple[str, ...]:
    """Write the names as they were written, but those that the user has chosen already so that nobody asks again."""
    known = ((word, ctx.chosen.get(comparing.fold(word))) for word in words)
    return tuple(with_code(meant) if meant else word for word, meant in known)


def with_code(named: Named) -> str:
    """Write a recipient as name and code, as in `Anna (U5)`; `resolve` accepts this without a question."""
    return named.code if named.name in ("", named.code) else f"{named.name} ({named.code})"


def coded(word: str) -> str | None:
    """Return the code of a recipient that is named by a code or a mention; None if it must be searched for."""
    known = _known(bb.unescape(word).strip())
    return known.code if known and known != EVERYONE else None


def is_exact(word: str) -> bool:
    """Check whether a word names a recipient without a search: everybody, a mention or a code."""
    return _known(bb.unescape(word).strip()) is not None


def _known(word: str) -> Named | None:
    if comparing.fold(word) in _ALL:
        return EVERYONE
    if mention := _MENTION.fullmatch(word):
        return Named(code=f"U{int(mention[1])}", name=mention[2].strip() or f"U{int(mention[1])}")
    if coded := _NAMED_CODE.fullmatch(word):
        code = coded[2].upper()
        return Named(code=code, name=coded[1], visible=not code.startswith("SG"))
    code = comparing.with_plain_digits(comparing.fold(word)).upper()
    return Named(code=code, name=code) if _CODE.fullmatch(code) else None


def _without_marks(word: str) -> str:
    return comparing.clean(bb.unescape(word)).lstrip("@#").strip()
