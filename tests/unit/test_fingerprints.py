"""Fingerprints of texts: what makes a difference, and what does not."""

from __future__ import annotations

import pytest

from bot.texts import fingerprints


@pytest.mark.parametrize(("one", "two"), [("a\r\nb", "a\nb"), ("a  \nb\n", "a\nb"), (" a", "a")])
def test_what_a_portal_may_change_is_the_same(one: str, two: str) -> None:
    """Line breaks of another system and spaces at line ends do not count."""
    assert fingerprints.of(one) == fingerprints.of(two)


@pytest.mark.parametrize(("one", "two"), [("a b", "a\nb"), ("a\nb", "a\n\nb"), ("a b", "a  b"), ("a", "A")])
def test_what_a_person_may_change_is_another(one: str, two: str) -> None:
    """Another line or letter is another text."""
    assert fingerprints.of(one) != fingerprints.of(two)


def test_the_order_of_texts_counts() -> None:
    """A title and a text are not the same as one text of both, nor as the other way around."""
    assert (
        len({fingerprints.of("a", "b"), fingerprints.of("b", "a"), fingerprints.of("a\nb"), fingerprints.of("a")}) == 4
    )
    assert fingerprints.of("\ud800")
