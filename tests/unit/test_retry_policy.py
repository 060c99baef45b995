"""How long to wait, and when to give up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.retry import GIVE_UP, RetryPolicy
from tests.clocks import ManualClock


def retry_policy(*, random: float = 0.0, **settings: float) -> RetryPolicy:
    """Make a policy whose random number is always the same."""
    return RetryPolicy(random=lambda: random, **settings)  # type: ignore[arg-type]  # attempts is a number, too


def test_each_pause_is_twice_the_previous_one() -> None:
    """Without jitter the pauses are 1, 2, 4 ... seconds, up to the longest."""
    whole = retry_policy(random=1.0, most=10.0)
    assert [whole.delay(attempt) for attempt in range(6)] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


@given(attempt=st.integers(0, 10_000), random=st.floats(0, 1, exclude_max=True))
def test_jitter_removes_at_most_half_of_a_pause(attempt: int, random: float) -> None:
    """Jitter removes at most half of a wait, so that retries spread and none is immediate."""
    longest = min(300.0, 2.0 ** min(attempt, 40))
    assert longest / 2 <= retry_policy(random=random).delay(attempt) <= longest


@pytest.mark.parametrize(("lasted", "wait"), [(0, 1), (2, 1), (10, 5), (600, 300), (80_000, 300)])
def test_a_lasting_problem_is_retried_less_often(lasted: float, wait: float) -> None:
    """The pause is half of the problem's duration, between the first and the longest pause, with jitter."""
    assert retry_policy(random=1.0).lasting(1000.0, 1000.0 + lasted) == wait
    assert retry_policy().lasting(1000.0, 1000.0 + lasted) == wait / 2


@pytest.mark.parametrize(("attempts", "spent"), [(0, False), (7, False), (8, True), (9, True)])
def test_the_number_of_attempts_is_limited(attempts: int, spent: bool) -> None:  # noqa: FBT001
    """After the set number of failed attempts there is no other."""
    assert retry_policy().spent(attempts) is spent


def test_an_unanswered_effect_is_retried_for_a_day() -> None:
    """A problem that began a day ago is still retried; one second later it is given up."""
    assert not retry_policy().too_old(1000.0, 1000.0 + GIVE_UP)
    assert retry_policy().too_old(1000.0, 1001.0 + GIVE_UP)


@pytest.mark.parametrize(
    ("since", "running", "old"),
    [
        pytest.param(1010.0, 20.0, False, id="began while we ran, and we have not run for long"),
        pytest.param(1010.0, GIVE_UP + 20.0, True, id="began while we ran, more than a day ago"),
        pytest.param(1000.0 - GIVE_UP + 10, 5.0, False, id="was there before us, not for a day"),
        pytest.param(1000.0 - GIVE_UP + 10, 15.0, True, id="was there before us, for a day by now"),
    ],
)
def test_a_clock_that_is_set_forward_makes_nothing_old(since: float, running: float, old: bool) -> None:  # noqa: FBT001
    """If the clock is set a week forward, age is still measured by the monotonic clock."""
    manual = ManualClock(wall=1000.0)
    whole = RetryPolicy(random=lambda: 0.0, clock=manual.clock)
    manual.advance(running)
    assert whole.too_old(since, 1000.0 + running + 7 * GIVE_UP) is old
