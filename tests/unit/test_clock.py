"""The clock of the service: how much time can have passed, however the wall clock is set."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from bot.clock import Clock
from tests.clocks import ManualClock

ROOT = Path(__file__).resolve().parents[2]


def test_wall_and_monotonic_time_advance_together() -> None:
    """A clock of the system starts now, by wall and by monotonic time."""
    before, clock, after = time.time(), Clock(), time.time()
    assert before <= clock.started_at <= clock.wall()
    assert clock.started_at <= after
    assert clock.started_monotonic <= clock.monotonic()


@pytest.mark.parametrize(
    ("since", "at_most"),
    [
        pytest.param(-100.0, 150.0, id="began before the start: until then, and as long as we run"),
        pytest.param(0.0, 50.0, id="began with the start"),
        pytest.param(20.0, 50.0, id="began while we ran: at most as long as we run"),
    ],
)
@pytest.mark.parametrize("jump", [-86_400.0, 0.0, 7 * 86_400.0], ids=["set back", "not set", "set forward"])
def test_elapsed_time_ignores_changes_of_the_wall_clock(since: float, at_most: float, jump: float) -> None:
    """After fifty seconds of running the answer is the same, however the wall clock was set meanwhile."""
    manual = ManualClock()
    clock = manual.clock
    manual.advance(50.0)
    manual.set_wall(manual.wall + jump)
    assert clock.at_most_since(clock.started_at + since) == at_most


def test_only_the_clock_asks_the_system_for_the_time() -> None:
    """No other module of the service imports `time`, or asks `datetime` what time it is."""
    asking = re.compile(r"^\s*(?:import time\b|from time import)|\.(?:now|utcnow|today)\(\s*(?:UTC|tz=)?", re.MULTILINE)
    files = {file.name: asking.findall(file.read_text(encoding="utf-8")) for file in (ROOT / "bot").rglob("*.py")}
    assert [name for name, found in sorted(files.items()) if found] == ["clock.py"]
