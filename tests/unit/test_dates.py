"""Dates and times as people write them, in the words of their language."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserMistake
from bot.framework.moments import dates

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 15, 30, tzinfo=BERLIN)
"""A Wednesday."""


def moment(text: str, language: str) -> str:
    """Return a moment as text, without the time if that is the end of the day; for a mistake, the end of its key."""
    try:
        when = dates.read(text, now=NOW, language=language)
    except UserMistake as mistake:
        return mistake.key.removeprefix("dates.")
    assert when > NOW
    return when.strftime("%Y-%m-%d %H:%M").removesuffix(" 23:59")


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "2026-12-01", "2026-12-01"),
        ("en", "2026-12-01T18:00:00+01:00", "2026-12-01 18:00"),
        ("en", "2026-12-01T18:00:00+00:00", "2026-12-01 19:00"),
        ("en", "2026-12-01T18:00", "2026-12-01 18:00"),
        ("en", "today", "2026-11-25"),
        ("en", "Tomorrow 9:05", "2026-11-26 09:05"),
        ("en", "friday", "2026-11-27"),
        ("en", "wed", "2026-12-02"),
        ("en", "on Friday at 6pm", "2026-11-27 18:00"),
        ("en", "1 December", "2026-12-01"),
        ("en", "December 1, 2027", "2027-12-01"),
        ("en", "1 nov", "2027-11-01"),
        ("en", "in 3 days", "2026-11-28"),
        ("en", "2 weeks", "2026-12-09"),
        ("en", "3d", "2026-11-28"),
        ("en", "12/25", "2026-12-25"),
        ("en", "25/12/2026", "2026-12-25"),
        ("en", "18:00", "2026-11-25 18:00"),
        ("en", "9:00", "2026-11-26 09:00"),
        ("en", "29 february", "2028-02-29"),
        ("de", "1.12.", "2026-12-01"),
        ("de", "am 1. Dezember um 18:00", "2026-12-01 18:00"),
        ("de", "Freitag", "2026-11-27"),
        ("de", "morgen", "2026-11-26"),
        ("de", "in 3 Tagen", "2026-11-28"),
        ("de", "friday", "2026-11-27"),
        ("ru", "1 декабря", "2026-12-01"),
        ("ru", "до пятницы", "unreadable"),
        ("ru", "пятница", "2026-11-27"),
        ("ru", "завтра в 18:00", "2026-11-26 18:00"),
        ("ru", "через 2 недели", "2026-12-09"),
        ("ru", "31.12.2026", "2026-12-31"),
        ("en", "soon", "unreadable"),
        ("en", "31 february", "unreadable"),
        ("en", "25:00", "unreadable"),
        ("en", "", "unreadable"),
        ("en", "3/4", "unclear"),
        ("en", "2026-11-24", "past"),
        ("en", "today 9:00", "past"),
        ("en", "2066-01-01", "far"),
    ],
)
def test_what_people_write(language: str, text: str, meant: str) -> None:
    """Each form means one moment in the person's own time, or is a mistake that says why."""
    assert moment(text, language) == meant


@pytest.mark.parametrize(
    ("language", "day", "at"),
    [
        ("en", "December 1, 2026", "December 1, 2026, 6:00\u202fPM"),
        ("de", "1. Dezember 2026", "1. Dezember 2026, 18:00"),
        ("ru", "1 декабря 2026\u202fг.", "1 декабря 2026\u202fг., 18:00"),
    ],
)
def test_a_moment_is_written_in_the_language(language: str, day: str, at: str) -> None:
    """The end of a day is written as the day; another moment has its time."""
    assert dates.shown(datetime(2026, 12, 1, 23, 59, tzinfo=BERLIN), language=language).replace("\xa0", "\u202f") == day
    assert dates.shown(datetime(2026, 12, 1, 18, 0, tzinfo=BERLIN), language=language).replace("\xa0", "\u202f") == at


@given(text=st.text(max_size=40), language=st.sampled_from(["en", "de", "ru", "fr"]))
def test_any_text_is_a_date_or_a_mistake(text: str, language: str) -> None:
    """Whatever is written, the answer is a moment in the future or a mistake, never another error."""
    assert moment(text, language)[:1] in tuple("2upf")


def test_the_offset_of_the_day_counts() -> None:
    """The end of a day in summer has the offset of summer, also if it is read in winter."""
    assert dates.read("2027-07-01", now=NOW, language="en").isoformat() == "2027-07-01T23:59:00+02:00"
    assert dates.read("2027-07-01", now=NOW.astimezone(UTC), language="en").isoformat() == "2027-07-01T23:59:00+00:00"
