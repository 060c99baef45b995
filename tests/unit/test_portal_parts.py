"""Small parts: rate limit, tokens, faults, switches, call log, hub, clock, seed."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import Clock, iso, moment_of
from portal.engine.call_log import mask
from portal.engine.changes import Hub
from portal.engine.faults import Faults
from portal.engine.rate_limits import Buckets
from portal.engine.switches import Switches
from portal.engine.tokens import Grant, TokenIssuer
from portal.errors import ControlError
from portal.world.seed import world_from


def test_the_bucket_holds_fifty_requests_and_leaks_two_per_second() -> None:
    """Fifty pass, the next one does not, half a second later one does; other addresses are independent."""
    buckets = Buckets()

    def admits(source: str, now: float) -> bool:
        return buckets.admits(source, now, capacity=50, rate=2.0)

    assert [admits("a", 100.0) for _ in range(51)] == [True] * 50 + [False]
    assert admits("b", 100.0)
    assert not admits("a", 100.4)
    assert admits("a", 100.5)
    assert not admits("a", 100.5)


@given(
    st.lists(st.floats(0, 5), max_size=60),
    st.integers(1, 10),
    st.floats(0.5, 5),
)
def test_the_bucket_never_lets_more_through(gaps: list[float], capacity: int, rate: float) -> None:
    """In any time span, at most the capacity plus the leaked requests pass."""
    buckets, now, passed = Buckets(), 0.0, 0
    for gap in gaps:
        now += gap
        passed += buckets.admits("a", now, capacity=capacity, rate=rate)
    assert passed <= capacity + now * rate + 1e-6


def test_a_token_returns_its_grant() -> None:
    """A token returns its grant; another key, a changed digit or random text gives none."""
    mint = TokenIssuer(b"key")
    grant = Grant(kind="refresh", app=11, user=3, expires=1_790_003_600, generation=1, hops=2)
    token = mint.issue(grant)
    assert mint.read(token) == grant
    assert mint.issue(grant) != token
    assert TokenIssuer(b"other").read(token) is None
    assert mint.read(token[:-1] + ("0" if token[-1] != "0" else "1")) is None


@given(st.text(max_size=120))
def test_no_text_is_a_token(text: str) -> None:
    """Text that was not issued is never accepted, and causes no error."""
    assert TokenIssuer(b"key").read(text) is None


def test_fault_rules_are_used_up() -> None:
    """A rule applies `times` times; a star means all methods, null no end; refreshes are separate."""
    faults = Faults()
    faults.replace([{"method": "A.b", "kind": "503", "times": 1}, {"method": "*", "kind": "html", "times": None}])
    taken = [faults.take(["a.B"]), faults.take(["a.b"]), faults.take(["c"])]
    assert [rule.kind for rule in taken if rule] == ["503", "html", "html"]
    faults.replace([{"kind": "refuse_refresh", "times": 1}])
    assert faults.take(["oauth.token"]) is None
    assert faults.take(["oauth.token"], refresh=True)


@pytest.mark.parametrize(
    "rule", [{}, {"kind": "fire"}, {"kind": "503", "times": -1}, {"kind": "slow", "seconds": "x"}, 5]
)
def test_an_invalid_rule_is_refused(rule: object) -> None:
    """An invalid rule is refused with a sentence."""
    with pytest.raises(ControlError):
        Faults().replace([rule])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "wanted",
    [{"nothing": 1}, {"crm_feed": "maybe"}, {"double_commands": "yes"}, {"bucket_rate": -1}, {"bucket_rate": True}],
)
def test_an_invalid_switch_is_refused(wanted: dict[str, object]) -> None:
    """Unknown switches and values are refused with a sentence."""
    with pytest.raises(ControlError):
        Switches().changed(wanted)


def test_a_changed_switch_keeps_the_others() -> None:
    """A change of one switch keeps the others."""
    changed = Switches().changed({"crm_feed": "alive", "bucket_capacity": 5.0})
    assert (changed.crm_feed, changed.bucket_capacity, changed.size_rule) == ("alive", 5, "60000")


def test_secrets_are_masked_wherever_they_are() -> None:
    """Four characters of a token are shown, at any depth and in any spelling of its name."""
    shown = mask({"auth": "secret-1", "a": [{"ACCESS_TOKEN": "secret-2", "text": "open"}], "b": b"x"})
    assert shown == {"auth": "secr…", "a": [{"ACCESS_TOKEN": "secr…", "text": "open"}], "b": "x"}


async def test_waiting_ends_with_the_change() -> None:
    """A waiting caller looks again after each change; without the change it gets None."""
    hub, seen = Hub(), list[int]()

    async def happen() -> None:
        hub.publish({"type": "call"})
        await asyncio.sleep(0)
        seen.append(5)
        hub.publish({"type": "call"})

    task = asyncio.create_task(happen())
    assert await hub.until(lambda: seen[0] if seen else None, within=20) == 5
    await task
    nothing = list[int]()
    assert await hub.until(lambda: nothing[0] if nothing else None, within=0) is None


async def test_a_slow_watcher_loses_the_oldest() -> None:
    """A watcher that does not read keeps the newest thousand changes."""
    hub = Hub()
    with hub.watching() as changes:
        for number in range(1100):
            hub.publish({"n": number})
        assert changes.qsize() == 1000
        assert changes.get_nowait() == {"n": 100}


def test_a_stopped_clock_moves_only_when_advanced() -> None:
    """A clock with a start moves only when advanced, and dates have the portal's offset."""
    clock = Clock(1_790_000_000)
    clock.advance(60)
    assert clock.now() == 1_790_000_060
    assert iso(clock.now()).endswith("+02:00")
    assert moment_of(iso(clock.now())) == clock.now()
    assert moment_of("yesterday") is None


def test_a_seed_becomes_a_company() -> None:
    """The same seed gives the same member_id; new ids follow those of the seed; invalid seeds are refused."""
    one, other = world_from(None, now=5e8), world_from(None, now=6e8)
    assert one.member_id == other.member_id
    assert one.next_id("post") > max(one.feed.posts)
    assert world_from({"users": [{"id": 7, "first_name": "Eve"}]}, now=0).member_id != one.member_id
    broken: tuple[dict[str, object], ...] = (
        {"users": [{"id": 7}]},
        {"chats": [{}]},
        {"cards": [{"type": "boat", "id": 1, "title": "t"}]},
    )
    for wrong in broken:
        with pytest.raises(ControlError):
            world_from(wrong, now=0)
