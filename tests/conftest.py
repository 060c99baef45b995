"""Rules for every test: no blocking call in the event loop, no connection beyond loopback; finds a Chromium."""

from __future__ import annotations

import ipaddress
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import blockbuster
import coverage
import hypothesis
import pytest

from tests import programs
from tests.ports import free_port
from tests.rounds import rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

# A busy machine must not fail a property, so there is no deadline. Each run tries new examples, `make long`
# twenty times as many; `make check` tries the same ones everywhere (--hypothesis-profile=same), as its
# result must be the same everywhere too.
too_slow = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile(
    "random", max_examples=rounds(50), deadline=None, suppress_health_check=too_slow, print_blob=True
)
hypothesis.settings.register_profile("same", hypothesis.settings.get_profile("random"), derandomize=True)
hypothesis.settings.load_profile("random")

# --- Nothing beyond loopback ------------------------------------------------------------------------

_beyond: list[str] = []


class BeyondLoopbackError(ConnectionError):
    """A test tried to reach another machine."""


def _is_loopback(host: object) -> bool:
    """Check whether a host, by name or address, is this machine."""
    if host in (None, "", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch_sockets(event: str, args: tuple[object, ...]) -> None:
    """Refuse, as an audit hook, to connect, send or resolve beyond loopback."""
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = args[1]
        if not isinstance(address, tuple):  # a Unix socket, or a datagram socket that is connected already
            return
        host = address[0]
    else:
        return
    if not _is_loopback(host):
        _beyond.append(f"{event} {host!r}")
        message = f"a test must stay on 127.0.0.1, and this one went to {host!r}"
        raise BeyondLoopbackError(message)


sys.addaudithook(_watch_sockets)


# --- No blocking call in the event loop --------------------------------------------------------------

_blocked: list[str] = []


class BlockingCallError(blockbuster.BlockingError):
    """Our code made a blocking call in the event loop."""

    def __init__(self, func: str) -> None:
        """Record the call too, because the service's loops catch and log errors of handlers."""
        super().__init__(func)
        _blocked.append(func)


def _ours(name: str) -> ModuleType:
    """Stand in for a package of ours; only its path is needed, and tests import it themselves."""
    package = ModuleType(name)
    package.__path__ = [f"{Path(__file__).resolve().parents[1] / name}/"]
    return package


def _leave_coverage_alone() -> None:
    """Give coverage a lock of another kind, which is not watched.

    It takes its lock at each call of a function that is measured. Watching that would take longer than most tests, and
    would find a blocking call of coverage itself where the store's thread holds the lock.
    """
    running = coverage.Coverage.current()
    if running is not None and running._collector is not None:
        running._collector.data_lock = threading.RLock()


@pytest.fixture(scope="session", autouse=True)
def _no_blocking_calls() -> Iterator[None]:
    """Watch all calls of our three packages, down into the libraries; a test's own code may block."""
    packages = [_ours(name) for name in ("bot", "keyboards", "portal")]
    with pytest.MonkeyPatch.context() as patch, blockbuster.blockbuster_ctx(packages):
        _leave_coverage_alone()
        patch.setattr(sys.modules["blockbuster.blockbuster"], "BlockingError", BlockingCallError)
        yield


@pytest.fixture(autouse=True)
def _polite() -> Iterator[None]:
    """Fail a test that blocked the loop or left this machine, even if the error was caught."""
    _beyond.clear()
    _blocked.clear()
    yield
    assert not _beyond, f"left this machine: {_beyond}"
    assert not _blocked, f"blocked the event loop: {_blocked}"


@pytest.fixture
def impolite() -> tuple[list[str], list[str]]:
    """Give the recorded calls (beyond loopback, blocking) to a test of these rules, which clears them."""
    return _beyond, _blocked


@pytest.fixture(scope="session", autouse=True)
def _programs() -> Iterator[None]:
    """Stop what starts the programs, after all tests."""
    yield
    programs.stop_fork_server()


# --- What tests ask for -------------------------------------------------------------------------------


@pytest.fixture(name="free_port")
def _free_port() -> int:
    """Return a TCP port on 127.0.0.1 for a process that is given its port."""
    return free_port()


def _runs(program: str) -> bool:
    """Check whether a program starts; some systems have a chromium-browser that only says where to get one."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium, or skip with how to get one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(_runs, filter(None, map(shutil.which, names))), None)
    if path is None:
        pytest.skip("needs a Chromium on the PATH; on Debian: apt-get install chromium")
    return path
