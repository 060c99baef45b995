"""Finds recipients by name: `sales`, `@anna`, `"HR team"`, `all`.

Each name becomes a code for DEST, or a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.errors import TokenExpired, TokenRefused, UserMistake
from bot.framework import messages
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.effects import Content
from bot.model.events import DialogEvent
from bot.model.records import Named
from keyboards import Keyboard, Put, bb

EVERYONE = Named(code="UA", name="")
"""All employees (reference: log.blogpost.add, DEST); the shown name depends on the language."""
MOST_CHOICES = 8
"""The most candidates that a question shows as buttons."""

_ALL = {"all", "ua", *catalog.also("everyone")}
_CODE = re.compile(r"(?:U|DR|SG)[1-9]\d{0,17}", re.ASCII | re.IGNORECASE)
_NAMED_CODE = re.compile(r"(.+) \(((?:U|DR|SG)[1-9]\d{0,17})\)", re.ASCII | re.DOTALL)
_MENTION = re.compile(r"\[USER=(\d{1,18})\b[^\]]*\](.*)\[/USER\]", re.ASCII | re.DOTALL | re.IGNORECASE)
_KIND = re.compile(r"[A-Z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A word that matches nobody (no candidates), several candidates, or one without certainty."""

    word: str
    candidates: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """The recipients that were found, without duplicates, and the questions to ask first."""

    found: tuple[Named, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def codes(self) -> list[str]:
        """Return the codes for DEST."""
        return [named.code for named in self.found]


async def resolve(ctx: Context, words: Iterable[str]) -> Recipients:
    """Find every recipient that the words name; may raise PortalError or PortalDown.

    Raises:
        UserMistake: names cannot be looked up now. Codes and mentions need no lookup.
    """
    found: dict[str, Named] = {}
    questions = []
    for word in words:
        known = _known(bb.unescape(word).strip())
        answer = known or _choose(word, await _find(ctx, word))
        if isinstance(answer, Named):
            found.setdefault(answer.code, answer)
        else:
            questions.append(answer)
    return Recipients(found=tuple(found.values()), questions=tuple(questions))


async def _find(ctx: Context, word: str) -> list[Named]:
    """Search with the rights of the user who asks, so that hidden groups stay hidden."""
    if not isinstance(ctx.event, DialogEvent):
        return []
    try:
        return await ctx.portal.find(_without_marks(word), reader=ctx.event.author.id)
    except (TokenExpired, TokenRefused):
        raise UserMistake("recipients.no_eyes", name=word[:60]) from None


def label(language: str, found: Sequence[Named]) -> str:
    """Name the recipients in a sentence (not escaped); no recipients means everybody."""
    everyone = catalog.sentence(language, "recipients.everyone")
    return ", ".join(everyone if one == EVERYONE else one.name for one in found) or everyone


def with_code(named: Named) -> str:
    """Write a recipient as name and code, which `resolve` accepts without a question."""
    return named.code if named.name in ("", named.code) else f"{named.name} ({named.code})"


def question(language: str, asked: Question, respell: Callable[[str], str]) -> Content:
    """Ask which recipient is meant; each candidate is a button with the corrected command.

    `respell` returns the whole command with another word in place of the unclear one. The button puts it into the input
    field.
    """
    name = bb.escape(asked.word[:60])
    if not asked.candidates:
        return messages.with_retry(
            language, catalog.sentence(language, "recipients.unknown", name=name), respell(asked.word)
        )
    said = [
        catalog.sentence(
            language, "recipients.unclear" if len(asked.candidates) > 1 else "recipients.not_certain", name=name
        )
    ]
    if len(asked.candidates) > MOST_CHOICES:
        said.append(catalog.sentence(language, "recipients.many"))
    shown = asked.candidates[:MOST_CHOICES]
    keyboard = Keyboard.of([Put(_button(language, one), respell(with_code(one))) for one in shown])
    if messages.fits(keyboard):
        return messages.of("\n".join(said), keyboard=keyboard)
    said.append(catalog.sentence(language, "words.kept_above"))
    return messages.of(
        "\n".join(said), keyboard=Keyboard.of([Put(_button(language, one), with_code(one)) for one in shown])
    )


def _known(word: str) -> Named | None:
    if word.casefold() in _ALL:
        return EVERYONE
    if mention := _MENTION.fullmatch(word):
        return Named(code=f"U{int(mention[1])}", name=mention[2].strip() or f"U{int(mention[1])}")
    if coded := _NAMED_CODE.fullmatch(word):
        code = coded[2].upper()
        return Named(code=code, name=coded[1], visible=not code.startswith("SG"))
    return Named(code=word.upper(), name=word.upper()) if _CODE.fullmatch(word) else None


def _without_marks(word: str) -> str:
    return bb.unescape(word).strip().lstrip("@#").strip()


def _choose(word: str, candidates: Sequence[Named]) -> Named | Question:
    """Return the only candidate that matches for certain, else a question.

    A candidate is certain if the word is its whole name, or one word of its name.
    """
    kinds = {"@": ("U",), "#": ("SG",)}.get(word.strip()[:1])
    left = [one for one in candidates if not kinds or _kind(one) in kinds]
    wanted = _without_marks(word).casefold()
    for certain in (_is_name, _has_word):
        if matches := [one for one in left if certain(one.name.casefold(), wanted)]:
            return matches[0] if len(matches) == 1 else Question(word=word, candidates=tuple(matches))
    return Question(word=word, candidates=tuple(left))


def _is_name(name: str, wanted: str) -> bool:
    return name == wanted


def _has_word(name: str, wanted: str) -> bool:
    return wanted in re.split(r"[\s,.()-]+", name)


def _kind(named: Named) -> str:
    found = _KIND.match(named.code)
    return found[0] if found else ""


def _button(language: str, named: Named) -> str:
    return f"{named.name[:80]} ({catalog.sentence(language, f'recipients.kind_{_kind(named).lower()}')})"
