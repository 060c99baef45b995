"""Reads dates and times as people write them in their language, and writes them the same way.

Understood are `2026-12-01`, `1.12.`, `1 December`, `December 1`, a weekday, `today`, `tomorrow` and `in 3 days`, each
with or without a time (`18:00`, `6pm`). Names of months and days are those of the person's language and of English.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias

from babel import Locale
from babel.dates import format_date, format_time, get_day_names, get_month_names

from bot.errors import UserMistake
from bot.i18n import catalog
from bot.texts import comparing, cutting

SHOWN = 60
"""How much of the person's text a mistake repeats, in characters."""
LAST = time(23, 59)
"""The time of a date without a time: the end of the day."""
MOST_DAYS = 3660
"""The most days from now that a date may be away."""

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:t(\d{1,2}):(\d{2})(?::\d{2})?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.?(\d{4})?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_HOUR = re.compile(r"(\d{1,2})(am|pm)")
_NUMBER = re.compile(r"(\d{1,4})\.?")
_NOON = 12


_Width: TypeAlias = Literal["wide", "abbreviated"]
_WIDTHS: tuple[_Width, _Width] = ("wide", "abbreviated")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of a month; without a year, the next one. `at` is the time that was written with it."""

    day: int
    month: int
    year: int | None = None
    at: time | None = None


def _names(locale: Locale, kind: str, widths: tuple[_Width, ...] = _WIDTHS) -> dict[str, int]:
    """Return the names of months or days in a language, as `comparing.fold` makes them, with their numbers."""
    get = get_month_names if kind == "month" else get_day_names
    found: dict[str, int] = {}
    for width in widths:
        for context in ("format", "stand-alone"):
            names = dict(get(width, context, locale=locale))
            found |= {comparing.fold(name).rstrip("."): int(number) for number, name in names.items()}
    return found


_KINDS = {(language, kind): _names(catalog.locale(language), kind) for language in catalog.languages() for kind in (
    "month", "day"
)}  # fmt: skip
NAMED, SHORT = (
    {
        kind: {
            name: number
            for one in catalog.languages()
            for name, number in _names(catalog.locale(one), kind, (width,)).items()
        }
        for kind in ("month", "day")
    }
    for width in _WIDTHS
)
"""The whole and the short names of months and days in all languages, with their numbers (0: Monday, 1: January)."""
_WORDS = {key: {comparing.fold(word) for word in (key, *catalog.also(key))} for key in (
    "today", "tomorrow", "days", "weeks"
)}  # fmt: skip
_IGNORED = {comparing.fold(word) for word in ("at", "in", "on", "until", *catalog.also("date_filler"))}
for _language in catalog.languages():  # read here, because reading a file of Babel later would block the event loop
    format_date(date(2026, 1, 1), "long", locale=catalog.locale(_language))
    format_time(LAST, "short", locale=catalog.locale(_language))


def read(text: str, *, now: datetime, language: str) -> datetime:
    """Return the moment that a person means; `now` is their present time, with their time zone.

    Raises:
        UserMistake: the text is no date, or one that exists twice, or is in the past or too far away.
    """
    when = _exact(text, now) or datetime.combine(*_parse(text, now, language), tzinfo=now.tzinfo)
    if when <= now or when.date() - now.date() > timedelta(days=MOST_DAYS):
        key = "dates.past" if when <= now else "dates.far"
        raise UserMistake(key, value=cutting.start(text, SHOWN), shown=shown(when, language=language))
    return when


def shown(when: datetime, *, language: str) -> str:
    """Write a moment in a language; a time at the end of the day is left out."""
    locale = catalog.locale(language)
    day = format_date(when.date(), "long", locale=locale)
    at = when.time().replace(second=0, microsecond=0)
    return day if at == LAST else f"{day}, {format_time(at, 'short', locale=locale)}"


def _exact(text: str, now: datetime) -> datetime | None:
    """Return the moment of a text with an offset, as a command contains that a button puts back; None for another."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return when.astimezone(now.tzinfo) if when.tzinfo else None


def _parse(text: str, now: datetime, language: str) -> tuple[date, time]:
    words = [word for word in re.split(r"[\s,]+", comparing.fold(text).strip()) if word and word not in _IGNORED]
    day: date | None = None
    at: time | None = None
    rest: list[str] = []
    try:
        for word in words:
            if found := _time(word):
                at = found
            elif made := _day(word, now, language):
                day, at = made[0], made[1] or at
            else:
                rest.append(word)
        if rest:
            day = _of_words(rest, now, language)
    except ValueError:  # the 31st of February, or 25:00
        day = None
    if day is None and at is not None and not rest and words:
        day = (
            now.date() if datetime.combine(now.date(), at, tzinfo=now.tzinfo) > now else now.date() + timedelta(days=1)
        )
    if day is None:
        raise UserMistake("dates.unreadable", value=cutting.start(text, SHOWN))
    return day, at or LAST


def _time(word: str) -> time | None:
    if clock := _CLOCK.fullmatch(word):
        return time(int(clock[1]), int(clock[2]))
    if hour := _HOUR.fullmatch(word):
        return time(int(hour[1]) % _NOON + (_NOON if hour[2] == "pm" else 0))
    return None


def _day(word: str, now: datetime, language: str) -> tuple[date, time | None] | None:
    """Return the day that one word names, and the time in it."""
    if found := numeric(word):
        return day_of(found, now), found.at
    today = now.date()
    for key, days in (("today", 0), ("tomorrow", 1)):
        if word in _WORDS[key]:
            return today + timedelta(days=days), None
    for number in _numbers(word, "day", language):
        return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1), None
    return None


def numeric(word: str) -> Day | None:
    """Return the day that a word of numbers names; None for another word.

    Raises:
        UserMistake: it can be two days.
    """
    if iso := _ISO.fullmatch(word):
        is_time = iso[4] and int(iso[4]) <= LAST.hour and int(iso[5]) <= LAST.minute
        at = time(int(iso[4]), int(iso[5])) if is_time else None
        return Day(day=int(iso[3]), month=int(iso[2]), year=int(iso[1]), at=at)
    if first := _DAY_FIRST.fullmatch(word):
        return Day(day=int(first[1]), month=int(first[2]), year=int(first[3]) if first[3] else None)
    if slashed := _SLASHED.fullmatch(word):
        one, two = int(slashed[1]), int(slashed[2])
        if one <= _NOON and two <= _NOON and one != two:  # the American and the British order differ
            raise UserMistake("dates.unclear", value=cutting.start(word, SHOWN))
        return Day(day=max(one, two), month=min(one, two), year=int(slashed[3]) if slashed[3] else None)
    return None


def day_of(found: Day, now: datetime) -> date:
    """Return a day as a date; raises ValueError if there is no such day."""
    return _next(found.day, found.month, str(found.year) if found.year else None, now)


def _of_words(words: list[str], now: datetime, language: str) -> date | None:
    """Return the day that several words name together: `3 days`, `1 december 2026`, `december 1`."""
    spread = [part for word in words for part in re.findall(r"\d+\.?|[^\d\s]+", word)]
    numbers = [int(found[1]) for word in spread if (found := _NUMBER.fullmatch(word))]
    others = [word.rstrip(".") for word in spread if not _NUMBER.fullmatch(word)]
    if len(others) != 1 or not numbers:
        return None
    for key, days in (("days", 1), ("weeks", 7)):
        if others[0] in _WORDS[key] and len(numbers) == 1:
            return now.date() + timedelta(days=numbers[0] * days)
    for month in _numbers(others[0], "month", language):
        year = str(numbers[1]) if len(numbers) > 1 else None
        return _next(numbers[0], month, year, now)
    return None


def _next(day: int, month: int, year: str | None, now: datetime) -> date:
    """Return this day of the given year, else of the year in which it comes next."""
    if year:
        return date(int(year), month, day)
    for one in range(now.year, now.year + 9):  # a 29th of February can be eight years away
        if calendar.monthrange(one, month)[1] >= day and date(one, month, day) >= now.date():
            return date(one, month, day)
    raise ValueError(f"no such day: {day}.{month}.")


def _numbers(word: str, kind: str, language: str) -> Iterator[int]:
    """Yield the number of a month, or of a day of the week, whose name is a word (at most once)."""
    for one in dict.fromkeys((language, catalog.DEFAULT)):
        names = _KINDS.get((one, kind), {})
        if word.rstrip(".") in names:
            yield names[word.rstrip(".")]
            return
