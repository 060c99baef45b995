"""Reads and writes the poll of a post: `"Which cake?" apple | cherry | none`, or one answer in each line."""

from __future__ import annotations

import re
from collections import Counter

from bot.errors import UserMistake
from bot.feed import post_text
from bot.feed.composer.drafts import NOTHING
from bot.framework import converters
from bot.model.post_parts import Poll
from bot.texts import comparing, cutting
from keyboards import bb

FEWEST, MOST = 2, 20
"""How many answers a poll has; the portal names no most, and a person reads no longer list."""
LONGEST_QUESTION = 255
"""The longest question, in characters."""
LONGEST_ANSWER = 100
"""The longest answer, in characters."""

_QUOTES = '"“„”«'
_PAIRS = {'"': '"', "“": "”", "„": "“”", "«": "»"}
_ASKED = re.compile(r".*?[?？]+(?=\s)", re.DOTALL)
_POINT = re.compile(r"(?:[-*•–]|\d{1,2}[.)])\s+")


def read(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the question of a poll and its answers.

    The question is in quotes, ends with a question mark, or stands in a line of its own or before the first `|`. A poll
    shows no BB code, so its tags are removed.

    Raises:
        UserMistake: the question or an answer is missing, too long or there twice.
    """
    question, rest = _split(bb.plain(text).strip())
    question = _plain(question)
    if not question:
        raise UserMistake("poll.no_question")
    if len(question) > LONGEST_QUESTION:
        raise UserMistake("poll.long_question", most=LONGEST_QUESTION)
    return question, _answers(rest)


def option(text: str) -> tuple[str, str]:
    """Read the value of the option `poll:`: a poll in quotes, or up to the end of the text, or `-` for none.

    Raises:
        UserMistake: it is something else.
    """
    value, left = (text, "") if text[:1] not in _QUOTES and "|" in text else converters.word(text)
    if value in NOTHING or "|" in value or "\n" in value:
        return value, left
    raise UserMistake("poll.option")


def written(poll: Poll | None) -> str:
    """Write a poll so that `read` reads it again; "" for none."""
    if poll is None:
        return ""
    return f"{converters.quoted(poll.question)} {' | '.join(poll.answers)}"


def _split(text: str) -> tuple[str, list[str]]:
    """Split a text into the question and the answers, as they are written."""
    if text[:1] in tuple(_QUOTES):
        question, left = converters.item(text, stops="")
        return question, _parts(left)
    first, _, below = text.partition("\n")
    if below and "|" not in text:
        return first, _parts(below)
    if (asked := _ASKED.match(text)) and "|" not in asked[0]:
        return asked[0], _parts(text[asked.end() :])
    question, _, left = text.partition("|")
    return question, _parts(left)


def _parts(text: str) -> list[str]:
    """Split answers at the signs between them, or else at the ends of their lines; the outer signs may be missing."""
    inner = text.strip().removeprefix("|").removesuffix("|").strip()
    if not inner:
        return []
    if "|" in inner:
        return inner.split("|")
    return [_POINT.sub("", line.strip(), count=1) for line in inner.splitlines() if line.strip()]


def _answers(parts: list[str]) -> tuple[str, ...]:
    answers = tuple(_unquoted(_plain(one)) for one in parts)
    if len(answers) < FEWEST:
        raise UserMistake("poll.few", found=len(answers))
    if len(answers) > MOST:
        raise UserMistake("poll.many", found=len(answers), most=MOST)
    if "" in answers:
        raise UserMistake("poll.blank", place=answers.index("") + 1)
    if longest := next((one for one in answers if len(one) > LONGEST_ANSWER), ""):
        raise UserMistake("poll.long_answer", answer=cutting.start(longest, converters.SHOWN), most=LONGEST_ANSWER)
    again, many = Counter(map(comparing.fold, answers)).most_common(1)[0]
    if many > 1:
        twice = next(one for one in answers if comparing.fold(one) == again)
        raise UserMistake("poll.doubled", answer=cutting.start(twice, converters.SHOWN))
    return answers


def _unquoted(answer: str) -> str:
    """Return an answer without the quotes around all of it."""
    inner = answer[1:-1].strip()
    closers = _PAIRS.get(answer[:1], "")
    if not inner or answer[-1] not in closers or any(sign in inner for sign in (answer[0], *closers)):
        return answer
    return _unquoted(inner)


def _plain(text: str) -> str:
    """Return a question or an answer in one line; "" if nothing of it is visible."""
    return " ".join(post_text.publishable(text).split())
