"""When something is done: as people write it in three languages, on days when the clock changes, and written back."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserMistake
from bot.framework.moments import times
from bot.framework.moments.times import Weekly
from bot.i18n import catalog

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 15, 30, tzinfo=BERLIN)
"""A Wednesday."""


def read(text: str, *, now: datetime = NOW) -> str:
    """Return the moment of the time at the start of a text, and the rest; or the end of the key of the mistake."""
    try:
        said, left = times.words(text)
        when = times.read(said, now=now, language="en")
    except UserMistake as mistake:
        return mistake.key.partition(".")[2]
    every = f" each {when.weekly.weekday}" if when.weekly else ""
    return f"{when.at:%m-%d %H:%M}{every}|{left.strip()}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tomorrow 9:00 Lunch", "11-26 09:00|Lunch"),
        ("tomorrow at 9 Lunch", "11-26 09:00|Lunch"),
        ("today 18:00", "11-25 18:00|"),
        ("18:00 Lunch", "11-25 18:00|Lunch"),
        ("at 9 Lunch", "11-26 09:00|Lunch"),
        ("9 am Lunch", "11-26 09:00|Lunch"),
        ("Friday at 6pm Party", "11-27 18:00|Party"),
        ("Wednesday 16:00 x", "11-25 16:00|x"),
        ("Wednesday 15:00 x", "12-02 15:00|x"),
        ("1 December 18:00 3 people", "12-01 18:00|3 people"),
        ("December 1, 2026, 9:00 AM", "12-01 09:00|"),
        ("2026-12-01 09:00 z", "12-01 09:00|z"),
        ("2026-12-01T09:00 z", "12-01 09:00|z"),
        ("12/25 10:00 z", "12-25 10:00|z"),
        ("in 2 hours Lunch", "11-25 17:30|Lunch"),
        ("in an hour Lunch", "11-25 16:30|Lunch"),
        ("in 2 hours 30 minutes", "11-25 18:00|"),
        ("2h x", "11-25 17:30|x"),
        ("in 3 days x", "11-28 15:30|x"),
        ("weekly on Monday 9:00 Report", "11-30 09:00 each 0|Report"),
        ("Mondays 9:00 Report", "11-30 09:00 each 0|Report"),
        ("завтра в 9 всем привет", "11-26 09:00|всем привет"),
        ("послезавтра в 10:30", "11-27 10:30|"),
        ("через 2 часа созвон", "11-25 17:30|созвон"),
        ("через час созвон", "11-25 16:30|созвон"),
        ("через 2 дня", "11-27 15:30|"),
        ("в 7 вечера ужин", "11-25 19:00|ужин"),
        ("завтра в 9 часов утра сбор", "11-26 09:00|сбор"),
        ("в пятницу в 14:30 а", "11-27 14:30|а"),
        ("пт 14:30 а", "11-27 14:30|а"),
        ("вторник, 1 декабря 2026 г., 09:00", "12-01 09:00|"),
        ("каждый понедельник в 9:00 Отчёт", "11-30 09:00 each 0|Отчёт"),
        ("по средам в 9:00 Отчёт", "12-02 09:00 each 2|Отчёт"),
        ("morgen um 9 Uhr Hallo", "11-26 09:00|Hallo"),
        ("um 9.30 Uhr Hallo", "11-26 09:30|Hallo"),
        ("übermorgen 10:30", "11-27 10:30|"),
        ("Freitag 14:30 x", "11-27 14:30|x"),
        ("1.12. 9:00 y", "12-01 09:00|y"),
        ("am 1. Dezember um 18:00 y", "12-01 18:00|y"),
        ("in einer Stunde", "11-25 16:30|"),
        ("jeden Montag um 9 Uhr Bericht", "11-30 09:00 each 0|Bericht"),
        ("montags um 9", "11-30 09:00 each 0|"),
        ('"tomorrow 9:00" Lunch', "11-26 09:00|Lunch"),
        ("9:00 so we go", "11-26 09:00|so we go"),
        ("so we go", "unreadable"),
        ("some day", "unreadable"),
        ("25:00 x", "unreadable"),
        ("31.2. 9:00", "unreadable"),
        ("", "unreadable"),
        ("tomorrow", "no_time"),
        ("tomorrow 9 people come", "no_time"),
        ("every day 9:00", "no_weekday"),
        ("Friday 1 December 9:00", "other_weekday"),
        ("3/4 9:00", "unclear"),
        ("2026-11-24 9:00", "past"),
        ("today 9:00", "past"),
        ("2066-01-01 9:00", "far"),
        ("in 9999 weeks", "far"),
    ],
)
def test_what_people_write(text: str, meant: str) -> None:
    """Each form means one moment and ends before the text, or is a mistake that says why."""
    assert read(text) == meant


def test_a_time_that_the_clock_skips_is_refused() -> None:
    """The night when the clocks are put forward has no 2:30, so another time is asked for."""
    assert read("2027-03-28 2:30") == "skipped"
    assert read("2027-03-28 3:30") == "03-28 03:30|"


def test_a_time_that_the_clock_shows_twice_is_the_first_one() -> None:
    """In the night when the clocks are put back, 2:30 means the first of the two."""
    said = times.read("2027-10-31 2:30", now=NOW, language="en")
    assert said.at.astimezone(UTC) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "hours"), [(datetime(2027, 3, 27, 20, tzinfo=BERLIN), 12), (datetime(2027, 10, 30, 20, tzinfo=BERLIN), 12)]
)
def test_hours_are_hours_when_the_clock_changes(now: datetime, hours: int) -> None:
    """A duration in hours is that long, also over a night with 23 or 25 hours."""
    said = times.read(f"in {hours} hours", now=now, language="en")
    assert said.at.astimezone(UTC) - now.astimezone(UTC) == timedelta(hours=hours)


def test_days_keep_the_time_when_the_clock_changes() -> None:
    """A duration in days ends at the same time on the clock."""
    said = times.read("in 1 day", now=datetime(2027, 3, 27, 20, tzinfo=BERLIN), language="en")
    assert f"{said.at:%m-%d %H:%M}" == "03-28 20:00"


def test_a_weekly_time_stays_the_same_on_the_clock() -> None:
    """Sunday 9:00 is 9:00 local before and after a change of the clock, once a week for a year."""
    weekly, at = Weekly(weekday=6, at=time(9)), datetime(2027, 1, 1, tzinfo=BERLIN)
    for _ in range(52):
        after = weekly.after(at)
        assert (after.weekday(), after.hour, after.minute) == (6, 9, 0)
        assert timedelta() < after.replace(tzinfo=None) - at.replace(tzinfo=None) <= timedelta(days=7)
        at = after


def test_a_weekly_time_in_the_night_of_a_change_comes_once() -> None:
    """A weekly 2:30 is at 3:30 in the night that skips it, and once in the night that has it twice."""
    weekly = Weekly(weekday=6, at=time(2, 30))
    spring = weekly.after(datetime(2027, 3, 27, tzinfo=BERLIN))
    assert f"{spring:%m-%d %H:%M}" == "03-28 03:30"
    assert f"{weekly.after(spring):%m-%d %H:%M}" == "04-04 02:30"
    autumn = weekly.after(datetime(2027, 10, 30, tzinfo=BERLIN))
    assert autumn.astimezone(UTC) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert f"{weekly.after(autumn):%m-%d %H:%M}" == "11-07 02:30"


@given(
    minutes=st.integers(1, 5_000_000),
    language=st.sampled_from(catalog.languages()),
    zone=st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "America/New_York", "Pacific/Auckland", "UTC"]),
)
def test_what_is_shown_is_read_back(minutes: int, language: str, zone: str) -> None:
    """A moment that is written in a language, in any time zone, is read as the same time on the clock."""
    now = NOW.astimezone(ZoneInfo(zone))
    when = (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(now.tzinfo)
    written = times.shown(when, language=language)
    assert times.words(f"{written} Text") == (written, " Text")
    back = times.read(written, now=now, language=language).at
    assert f"{back:%Y-%m-%d %H:%M}" == f"{when:%Y-%m-%d %H:%M}"


@given(weekday=st.integers(0, 6), minute=st.integers(0, 1439), language=st.sampled_from(catalog.languages()))
def test_a_weekly_time_that_is_shown_is_read_back(weekday: int, minute: int, language: str) -> None:
    """A weekly time that is written in a language is read as the same one."""
    weekly = Weekly(weekday=weekday, at=time(*divmod(minute, 60)))
    written = times.shown_weekly(weekly, language=language)
    assert times.read(written, now=NOW, language=language).weekly == weekly


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing that a person writes is an error of ours, and the words and the rest are the whole text."""
    try:
        said, left = times.words(text)
        if not text.startswith(('"', "“", "„", "”", "«")):
            assert said + left == text
        times.read(said, now=NOW, language="en")
    except UserMistake:
        return
