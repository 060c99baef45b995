"""Reads when something is to be done, at the start of a text, and writes it the same way.

Understood are a day with a time (`tomorrow 9:00`, `1.12. 9:00`, `Friday at 6pm`), a time alone, a duration from now
(`in 2 hours`), and a weekly time (`every Monday 9:00`), in the words of all languages. What is read depends only on the
text, so that the end of the time is the same for everybody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from babel.dates import format_date, format_time, get_day_names

from bot.errors import UserMistake
from bot.framework import converters
from bot.framework.moments import dates
from bot.i18n import catalog
from bot.texts import comparing, cutting

WEEK = 7
_NOON = 12
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?(am|pm)?")
_DOTTED = re.compile(r"(\d{1,2})[.:](\d{2})")
_HOUR = re.compile(r"(\d{1,2})(am|pm)?")
_SPAN = re.compile(r"(\d{1,4})([^\W\d]*)")
_DAY_NUMBER = re.compile(r"(\d{1,2})\.?")
_YEAR = re.compile(r"(\d{4})")
_WORD = re.compile(r"[^\s,]+")


def _words(key: str, *english: str) -> frozenset[str]:
    return frozenset(comparing.fold(word) for word in (*english, *catalog.also(key), *catalog.time_words(key)))


_AT, _WITHIN, _WEEKLY = _words("time_at", "at", "on"), _words("time_within", "in"), _words("time_weekly", "weekly")
_OCLOCK, _AM, _PM = _words("time_oclock"), _words("time_am", "am"), _words("time_pm", "pm")
_ONE, _YEARS = _words("time_one", "an"), _words("time_year")
_AFTER = {
    word: number for number, key in enumerate(("today", "tomorrow", "day_after_tomorrow")) for word in _words(key, key)
}
_UNITS = {
    word: minutes
    for key, minutes in (("minutes", 1), ("hours", 60), ("days", 1440), ("weeks", 10_080))
    for word in _words(key, key)
}
_OFTEN = {word: number for number, key in enumerate(dates.WEEKDAYS) for word in _words(f"every_{key}")}
"""Words that mean a day of every week, as `Mondays`, and those below, which mean one day."""
_WEEKDAYS = dates.NAMED["day"] | {
    word: number for number, key in enumerate(dates.WEEKDAYS) for word in _words(f"on_{key}")
}
for _language in catalog.languages():  # read here, because reading a file of Babel later would block the event loop
    format_date(date(2026, 1, 1), "full", locale=catalog.locale(_language))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A time of every week; `weekday` is 0 for Monday."""

    weekday: int
    at: time

    def after(self, now: datetime) -> datetime:
        """Return the first such time after `now`, in the time zone of `now`.

        It is the same time on the clock the whole year. A time that a change of the clock skips becomes that much
        later, and of a time that the clock shows twice the first one counts.
        """
        for days in range(2 * WEEK):
            day = now.date() + timedelta(days=days)
            when = datetime.combine(day, self.at, tzinfo=now.tzinfo).astimezone(UTC).astimezone(now.tzinfo)
            if day.weekday() == self.weekday and when > now:
                return when
        raise ValueError(f"No such day comes after {now}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The moment that a person means, and the weekly time if it comes every week."""

    at: datetime
    weekly: Weekly | None = None


def words(text: str) -> tuple[str, str]:
    """Read the words at the start of a text that say when, or a quoted string; "" if there are none."""
    if converters.is_quoted(text):
        return converters.word(text)
    end = _parse(text).end
    return text[:end], text[end:]


def read(text: str, *, now: datetime, language: str) -> When:
    """Return when a person means; `now` is their present time, with their time zone.

    Raises:
        UserMistake: the text is no time, has no time of day, can be read in two ways, or is in the past or too far
            away.
    """
    found = _parse(text)
    value = cutting.start(text, dates.SHOWN)
    if not text.strip() or text[found.end :].strip(" ,."):
        raise UserMistake("times.unreadable", value=value)
    if found.ahead is not None:
        return When(at=_ahead(found.ahead, now))
    if found.weekly and (found.weekday is None or found.day is not None):
        raise UserMistake("times.no_weekday", value=value)
    if found.clock is None:
        raise UserMistake("times.no_time", value=value)
    if found.weekly and found.weekday is not None:
        weekly = Weekly(weekday=found.weekday, at=found.clock)
        return When(at=weekly.after(now), weekly=weekly)
    return When(at=_checked(_moment(found, now, value), now, value, language))


def shown(when: datetime, *, language: str) -> str:
    """Write a moment in a language, with its day of the week and its time."""
    day = format_date(when.date(), "full", locale=catalog.locale(language))
    return f"{day}, {clock(when.time(), language=language)}"


def clock(at: time, *, language: str) -> str:
    """Write a time of day in a language."""
    return format_time(at.replace(second=0, microsecond=0, tzinfo=None), "short", locale=catalog.locale(language))


def shown_weekly(weekly: Weekly, *, language: str) -> str:
    """Write a weekly time in a language."""
    day = get_day_names("wide", "format", locale=catalog.locale(language))[weekly.weekday]
    return catalog.sentence(language, "times.weekly", day=day, time=clock(weekly.at, language=language))


def _ahead(minutes: int, now: datetime) -> datetime:
    """Return the moment after a duration; whole days keep the time on the clock."""
    if minutes > dates.MOST_DAYS * 1440:
        raise UserMistake("times.far")
    if minutes and minutes % 1440 == 0:
        return (now + timedelta(minutes=minutes)).astimezone(UTC).astimezone(now.tzinfo)
    return (now.astimezone(UTC) + timedelta(minutes=max(minutes, 1))).astimezone(now.tzinfo)


def _moment(found: _Parsed, now: datetime, value: str) -> datetime:
    at = found.clock or time()
    try:
        day = dates.day_of(found.day, now) if found.day else None
    except ValueError:
        raise UserMistake("times.unreadable", value=value) from None
    if day is not None and found.weekday not in (None, day.weekday()):
        raise UserMistake("times.other_weekday", value=value)
    if day is not None:
        return datetime.combine(day, at, tzinfo=now.tzinfo)
    for days in range(found.plus or 0, 2 * WEEK):
        when = datetime.combine(now.date() + timedelta(days=days), at, tzinfo=now.tzinfo)
        if found.plus is not None or (found.weekday in (None, when.weekday()) and when > now):
            return when
    raise UserMistake("times.unreadable", value=value)


def _checked(when: datetime, now: datetime, value: str, language: str) -> datetime:
    """Return the moment; raises UserMistake if the clock never shows it, or it is in the past or too far away."""
    real = when.astimezone(UTC).astimezone(now.tzinfo)
    if real.replace(tzinfo=None) != when.replace(tzinfo=None):
        raise UserMistake("times.skipped", shown=shown(when, language=language))
    if when.astimezone(UTC) <= now.astimezone(UTC):
        raise UserMistake("dates.past", value=value, shown=shown(when, language=language))
    if when.date() - now.date() > timedelta(days=dates.MOST_DAYS):
        raise UserMistake("dates.far", value=value, shown=shown(when, language=language))
    return when


@dataclass(slots=True)
class _Parsed:
    """What the words said so far: each thing at most once. `end` is where the last word that counts ends.

    `day` is a date, `plus` are days from today, and `ahead` are minutes from now. `led` says that the last word was one
    like `at`.
    """

    end: int = 0
    day: dates.Day | None = None
    plus: int | None = None
    weekday: int | None = None
    clock: time | None = None
    ahead: int | None = None
    weekly: bool = False
    led: bool = False
    within: bool = False

    @property
    def is_open(self) -> bool:
        """Check whether a day may still be named."""
        return self.day is None and self.plus is None and self.ahead is None


def _parse(text: str) -> _Parsed:
    """Read words from the start of a text, until one does not belong to a time."""
    found = _Parsed()
    spans = list(_WORD.finditer(text[: 8 * dates.SHOWN]))
    said = [comparing.fold(one[0]) for one in spans]
    n = 0
    while n < len(said):
        if said[n] in _AT or said[n] in _WITHIN or said[n] in _ONE:
            found.led = found.led or said[n] in _AT
            found.within = found.within or said[n] in _WITHIN
            if not (said[n] in _ONE and found.within and (taken := _span(found, said, n))):
                n += 1
                continue
        else:
            taken = next((many for step in _STEPS if (many := step(found, said, n))), 0)
        if not taken:
            break
        n += taken
        found.end, found.led = spans[n - 1].end(), False
    return found


def _weekly(found: _Parsed, said: list[str], n: int) -> int:
    if said[n] in _WEEKLY and not found.weekly and found.ahead is None:
        found.weekly = True
        return 1
    return 0


def _weekday(found: _Parsed, said: list[str], n: int) -> int:
    """Read a day of the week; a short form counts only before a time, because `so` and `do` are words too."""
    word = said[n].rstrip(".")
    if found.weekday is not None or found.plus is not None or found.ahead is not None:
        return 0
    if word in _OFTEN:
        found.weekday, found.weekly = _OFTEN[word], True
        return 1
    number = _WEEKDAYS.get(word)
    short = dates.SHORT["day"].get(word)
    if number is None and short is not None and n + 1 < len(said) and _CLOCK.fullmatch(said[n + 1]):
        number = short
    if number is None:
        return 0
    found.weekday = number
    return 1


def _clock(found: _Parsed, said: list[str], n: int) -> int:
    """Read a time of day: `9:00`, `6pm`, `at 9`, `9 Uhr`, `9.30 Uhr`, `в 7 вечера`."""
    if found.clock is not None or found.ahead is not None or (found.within and not found.led):
        return 0
    behind = said[n + 1] if n + 1 < len(said) else ""
    half = "pm" if behind in _PM else "am" if behind in _AM else ""
    is_named = bool(half) or behind in _OCLOCK
    exact = _CLOCK.fullmatch(said[n]) or (_DOTTED.fullmatch(said[n]) if is_named else None)
    hour = None if exact else _HOUR.fullmatch(said[n])
    has_day = not found.is_open or found.weekday is not None
    alone = hour is not None and not hour[2] and not is_named
    if not (exact or hour) or (alone and not found.led and not (has_day and not behind)):
        return 0
    hours, minutes = int((exact or hour or [0, 0])[1]), int(exact[2]) if exact else 0
    glued = (exact[3] if exact and exact.re is _CLOCK else hour[2] if hour else "") or ""
    if (half or glued) and not 1 <= hours <= _NOON and not (half == "am" and hours == 0):
        half, glued, is_named = "", "", False
    if half or glued:
        hours = hours % _NOON + (_NOON if (half or glued) == "pm" else 0)
    if hours > 23 or minutes > 59:  # noqa: PLR2004 - the hours and minutes of a clock
        return 0
    found.clock = time(hours, minutes)
    more = said[n + 2] if n + 2 < len(said) and behind in _OCLOCK else ""
    if more in _PM and hours < _NOON:
        found.clock = time(hours + _NOON, minutes)
    return 1 + is_named + (more in _PM | _AM)


def _span(found: _Parsed, said: list[str], n: int) -> int:
    """Read a duration from now: `2 hours`, `2h`, `an hour`."""
    if found.led or (not found.is_open and found.ahead is None):
        return 0
    if found.clock or found.weekday is not None or found.weekly:
        return 0
    number = _SPAN.fullmatch(said[n])
    many = int(number[1]) if number else 1
    behind = said[n + 1].rstrip(".") if n + 1 < len(said) else ""
    if number and number[2]:
        unit, taken = number[2], 1
    elif number or said[n] in _ONE:
        unit, taken = behind, 2
    else:
        unit, taken = (said[n], 1) if found.within else ("", 0)
    if unit not in _UNITS:
        return 0
    found.ahead = (found.ahead or 0) + many * _UNITS[unit]
    return taken


def _day(found: _Parsed, said: list[str], n: int) -> int:
    """Read a day: `tomorrow`, `2026-12-01`, `1.12.`, `1 December 2026`, `December 1`."""
    if not found.is_open:
        return 0
    if found.weekday is None and said[n] in _AFTER:
        found.plus = _AFTER[said[n]]
        return 1
    is_time = _DOTTED.fullmatch(said[n]) and n + 1 < len(said) and said[n + 1] in _OCLOCK
    if not is_time and (numeric := dates.numeric(said[n])):
        if numeric.at is not None and found.clock is None:
            found.clock = numeric.at
        found.day = numeric
        return 1
    two = (said[n], said[n + 1]) if n + 1 < len(said) else (said[n], "")
    for number, name in (two, two[::-1]):
        month = dates.NAMED["month"].get(name.rstrip(".")) or dates.SHORT["month"].get(name.rstrip("."))
        if month and (day := _DAY_NUMBER.fullmatch(number)):
            year = _YEAR.fullmatch(said[n + 2]) if n + 2 < len(said) else None
            found.day = dates.Day(day=int(day[1]), month=month, year=int(year[1]) if year else None)
            end = n + 2 + bool(year)
            return end - n + (bool(year) and end < len(said) and said[end] in _YEARS)
    return 0


_STEPS = (_weekly, _weekday, _day, _clock, _span)
