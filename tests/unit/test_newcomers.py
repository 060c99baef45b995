"""How many installations that nobody has confirmed are let in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.newcomers import EACH, Newcomers


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.at


def test_so_many_at_once_and_then_one_by_one() -> None:
    """When as many came as may in a minute, the next may come when its part of the minute has passed."""
    clock = Clock()
    crowd = Newcomers(30, clock)
    assert [crowd.wait(f"portal-{number}", f"host-{number}") for number in range(30)] == [0.0] * 30
    assert crowd.wait("true", "true.example") == 2.0
    clock.at += 2
    assert crowd.wait("true", "true.example") == 0.0
    assert crowd.wait("next", "next.example") == 2.0


def test_one_name_fills_no_room() -> None:
    """What names one host, or one portal, is refused long before there is no room for others."""
    crowd = Newcomers(100, Clock())
    few = [True] * EACH + [False] * 45
    assert [crowd.wait(f"portal-{number}", "victim.example") == 0.0 for number in range(50)] == few
    assert [crowd.wait("victim", f"host-{number}") == 0.0 for number in range(50)] == few
    assert crowd.wait("true", "true.example") == 0.0


@given(steps=st.lists(st.tuples(st.integers(0, 40), st.floats(0, 3)), max_size=200))
def test_what_is_remembered_stays_small(steps: list[tuple[int, float]]) -> None:
    """However they come, no more come than the rate allows, and names are forgotten when they no longer matter."""
    clock, came = Clock(), 0
    crowd = Newcomers(10, clock)
    for number, seconds in steps:
        clock.at += seconds
        came += crowd.wait(f"portal-{number}", f"host-{number % 7}") == 0.0
    assert came <= 10 + (clock.at - 1000.0) / 6 + 1e-6
    assert len(crowd._each) <= 2 * 20
