"""The rules for every test work."""

from __future__ import annotations

import importlib
import socket

import blockbuster
import pytest

Noted = tuple[list[str], list[str]]


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "198.51.100.7"], ids=["ipv4", "ipv6", "other"])
def test_connecting_beyond_loopback_is_refused_and_noted(host: str, impolite: Noted) -> None:
    """A test that connects to another machine gets an error at once, and fails even if it catches the error."""
    beyond, _ = impolite
    with pytest.raises(ConnectionError, match=r"must stay on 127\.0\.0\.1"):
        socket.create_connection((host, 9), timeout=1)
    assert beyond
    beyond.clear()


def test_resolving_a_foreign_name_is_refused(impolite: Noted) -> None:
    """A name that is not localhost is not resolved."""
    beyond, _ = impolite
    with pytest.raises(ConnectionError, match="portal\\.example"):
        socket.getaddrinfo("portal.example", 443)
    beyond.clear()


def test_loopback_is_open(free_port: int) -> None:
    """Real sockets on 127.0.0.1 work as usual."""
    with (
        socket.create_server(("127.0.0.1", free_port)) as server,
        socket.create_connection(("127.0.0.1", free_port), timeout=5) as client,
    ):
        assert client.getpeername()[1] == server.getsockname()[1]


async def test_a_blocking_call_in_our_code_is_refused_and_noted(impolite: Noted) -> None:
    """Code that sleeps inside the event loop fails; planted as a module that claims to be a file of bot/."""
    _, blocked = impolite
    bot = importlib.import_module("bot")
    source = "import time\ndef wait():\n    time.sleep(0.001)\n"
    planted: dict[str, object] = {}
    exec(compile(source, f"{bot.__path__[0]}/planted.py", "exec"), planted)  # noqa: S102 - planting is the point
    wait = planted["wait"]
    assert callable(wait)
    with pytest.raises(blockbuster.BlockingError, match="Blocking call"):
        wait()
    assert blocked
    blocked.clear()
