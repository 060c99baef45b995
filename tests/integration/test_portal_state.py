"""Saved state, clock, deliveries, and the pytest plugin."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

import portal.testing
from portal.clock import Clock
from portal.engine.core import Portal
from portal.engine.snapshot import load, save
from portal.errors import ControlError
from portal.testing import RunningPortal
from portal.world.memory import FIRST_IDS

pytest_plugins = ["pytester"]
ANNA, BORIS = 2, 3


async def test_the_whole_state_survives_a_restart(tmp_path: Path) -> None:
    """Messages, posts, applications, tokens, switches and the moved clock survive a restart."""
    path = tmp_path / "state"
    async with portal.testing.running() as first:
        app = await first.add_app(name="Kept", handler="http://127.0.0.1:9/")
        await first.person(ANNA).says("Still here?", dialog="chat10")
        post = await first.person(BORIS).posts("Kept as well", dest=["DR3"])
        access, _ = first.tokens(app, user=ANNA)
        first.switch(crm_feed="alive")
        first.clock.advance(500_000)
        await asyncio.to_thread(save, first.emulator, path)
        world = first.emulator.world
    second = Portal()
    assert await asyncio.to_thread(load, second, path)
    assert second.world == world
    assert second.world.feed.posts[post].text == "Kept as well"
    assert second.token_issuer.read(access) is not None
    assert second.switches.crm_feed == "alive"
    assert second.clock.offset == 500_000
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_state_from_before_a_kind_of_id_goes_on_with_its_first(tmp_path: Path) -> None:
    """A state that was saved before a counter existed gives its first number, then the next."""
    old, new = Portal(), Portal()
    del old.world.counters["multifield"]
    save(old, tmp_path / "state")
    assert load(new, tmp_path / "state")
    first = FIRST_IDS["multifield"]
    assert [new.world.next_id("multifield"), new.world.next_id("multifield")] == [first, first + 1]


def test_an_invalid_state_file_is_refused(tmp_path: Path) -> None:
    """An invalid file is refused with its name; a missing file is a new start."""
    path = tmp_path / "state"
    assert not load(Portal(), path)
    path.write_bytes(b"rubbish")
    with pytest.raises(ControlError, match="state"):
        load(Portal(), path)


async def test_the_program_loads_its_state_file(tmp_path: Path) -> None:
    """`python -m portal --state FILE` still has the post after a restart."""
    command = [sys.executable, "-m", "portal", "--state", str(tmp_path / "state")]
    for text in ("first", ""):
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().split()[-1]
        async with aiohttp.ClientSession() as session:
            if text:
                await session.post(f"{url}-/posts", json={"as": ANNA, "text": text})
            async with session.get(f"{url}-/feed", params={"as": ANNA}) as answer:
                assert "first" in [row["text"] for row in (await answer.json())["posts"]]
        process.terminate()
        assert await process.wait() == 0


def test_the_clock_is_stopped_and_started() -> None:
    """A stopped clock stays where it was moved to, and runs on from there."""
    clock = Clock(start=1000.0)
    clock.advance(5)
    assert clock.now() == 1005.0
    clock.go()
    assert 1005.0 <= clock.now() < 1010.0
    clock.stop()
    stood = clock.now()
    assert (clock.is_stopped, clock.now()) == (True, stood)


async def control(session: aiohttp.ClientSession, running: RunningPortal, command: str, **body: object) -> None:
    """Run a command of the control API."""
    async with session.post(f"{running.control}{command}", json=body) as answer:
        assert answer.status == 200, await answer.text()


async def test_a_delivery_is_sent_again() -> None:
    """A replayed event is sent again unchanged."""
    async with portal.testing.set_up() as setup, aiohttp.ClientSession() as session:
        await setup.v1_bot()
        await setup.p.person(ANNA).says("Once", dialog=setup.p.bot_dialog())
        await setup.receiver.wait_for("ONIMBOTMESSAGEADD")
        await setup.p.idle()
        [first] = setup.p.deliveries("ONIMBOTMESSAGEADD")
        await control(session, setup.p, "replay", n=first.n)
        await setup.receiver.wait_for("ONIMBOTMESSAGEADD", times=2)
        first_time, again = (event for event in setup.receiver.events if event["event"] == "ONIMBOTMESSAGEADD")
        assert first_time == again


# --- The plugin ---------------------------------------------------------------------------------------------


def test_the_plugin_gives_each_test_its_own_portal(pytester: pytest.Pytester) -> None:
    """The fixture `portal` is new for each test; the marker sets switches and company."""
    pytester.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.asyncio


        async def test_one(portal):
            await portal.person(2).says("Mine", dialog="chat10")


        async def test_two(portal):
            assert portal.person(2).reads(dialog="chat10") == []


        @pytest.mark.portal(crm_feed="alive", seed={"users": [{"id": 77, "first_name": "Ida"}]})
        async def test_three(portal):
            assert portal.person(77).user.first_name == "Ida"
            assert portal.emulator.switches.crm_feed == "alive"
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=3)
