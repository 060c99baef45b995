"""Recipients by name: `sales`, `@anna`, `"HR team"`, `all` become the codes that DEST takes, or a question."""

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
"""All employees (reference: log.blogpost.add, DEST); what it is called depends on who reads it."""
MOST_CHOICES = 8
"""How many candidates a question shows as buttons."""

_ALL = {"all", "everyone", "everybody", "ua", "все", "всем", "всех", "alle", "allen"}
_CODE = re.compile(r"(?:U|DR|SG)[1-9]\d{0,17}", re.ASCII | re.IGNORECASE)
_NAMED_CODE = re.compile(r"(.+) \(((?:U|DR|SG)[1-9]\d{0,17})\)", re.ASCII | re.DOTALL)
_MENTION = re.compile(r"\[USER=(\d{1,18})\b[^\]]*\](.*)\[/USER\]", re.ASCII | re.DOTALL | re.IGNORECASE)
_KIND = re.compile(r"[A-Z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A word that names nobody (no candidates), several, or one we are not certain of."""

    word: str
    candidates: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """Who was found, without repeats, and what has to be asked first."""

    found: tuple[Named, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def codes(self) -> list[str]:
        """What DEST takes."""
        return [named.code for named in self.found]


async def resolve(ctx: Context, words: Iterable[str]) -> Recipients:
    """Find everybody named; may raise PortalError or PortalDown, as every read.

    Raises:
        UserMistake: names cannot be looked up now; codes and mentions need no look.
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
    """What the person who asks may know of; a group that others hide is not told of, whoever installed us."""
    if not isinstance(ctx.event, DialogEvent):
        return []
    try:
        return await ctx.portal.find(_bare(word), reader=ctx.event.author.id)
    except (TokenExpired, TokenRefused):
        raise UserMistake("recipients.no_eyes", name=word[:60]) from None


def label(language: str, found: Sequence[Named]) -> str:
    """What the recipients are called in a sentence (not escaped); nobody named is everybody."""
    everyone = catalog.sentence(language, "recipients.everyone")
    return ", ".join(everyone if one == EVERYONE else one.name for one in found) or everyone


def spelled(named: Named) -> str:
    """A recipient written so that `resolve` takes it without a question: the name, with the code."""
    return named.code if named.name in ("", named.code) else f"{named.name} ({named.code})"


def question(language: str, asked: Question, respell: Callable[[str], str]) -> Content:
    """The answer to a word that is not clear; `respell` gives the whole command with another word in its place.

    Every candidate is a button that puts the corrected command into the input field.
    """
    name = bb.escape(asked.word[:60])
    if not asked.candidates:
        return messages.kept(language, catalog.sentence(language, "recipients.unknown", name=name), respell(asked.word))
    said = [
        catalog.sentence(
            language, "recipients.unclear" if len(asked.candidates) > 1 else "recipients.not_certain", name=name
        )
    ]
    if len(asked.candidates) > MOST_CHOICES:
        said.append(catalog.sentence(language, "recipients.many"))
    shown = asked.candidates[:MOST_CHOICES]
    keyboard = Keyboard.of([Put(_button(language, one), respell(spelled(one))) for one in shown])
    if messages.has_room(keyboard):
        return messages.of("\n".join(said), keyboard=keyboard)
    said.append(catalog.sentence(language, "words.kept_above"))
    return messages.of(
        "\n".join(said), keyboard=Keyboard.of([Put(_button(language, one), spelled(one)) for one in shown])
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


def _bare(word: str) -> str:
    return bb.unescape(word).strip().lstrip("@#").strip()


def _choose(word: str, candidates: Sequence[Named]) -> Named | Question:
    """The one that is certainly meant: named in full, or by one of the words of its name; otherwise a question."""
    kinds = {"@": ("U",), "#": ("SG",)}.get(word.strip()[:1])
    left = [one for one in candidates if not kinds or _kind(one) in kinds]
    wanted = _bare(word).casefold()
    for certain in (_is_name, _has_word):
        if meant := [one for one in left if certain(one.name.casefold(), wanted)]:
            return meant[0] if len(meant) == 1 else Question(word=word, candidates=tuple(meant))
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
