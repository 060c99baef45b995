"""The difference between two texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts import differing


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("one", "two", "-one\n+two"),
        ("one", "one\ntwo", " one\n+two"),
        ("a\nb\nc\nd\ne", "a\nb\nC\nd\ne", "…\n b\n-c\n+C\n d"),
        ("same", "same", ""),
        ("", "new", "+new"),
        ("--- a", "+++ b", "---- a\n++++ b"),
    ],
)
def test_the_lines_that_differ(before: str, after: str, shown: str) -> None:
    """Old lines have a minus, new lines a plus, with a line around them."""
    assert differing.lines(before, after) == shown


@given(st.text(max_size=50_000), st.text(max_size=50_000))
def test_it_is_never_too_long(before: str, after: str) -> None:
    """Whatever changes, the difference stays within its limit."""
    assert len(differing.lines(before, after)) <= differing.LONGEST
