"""Ports for processes that are given their port before they listen; nothing else may take it in between."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterator

NEVER_GIVEN = range(20_000, 32_000)
"""Ports that the kernel never assigns by itself, in random order."""


def free_port() -> int:
    """Return a port that nobody listens on, and that only an explicit request can take."""
    for port in random.SystemRandom().sample(NEVER_GIVEN, len(NEVER_GIVEN)):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("every port is taken")


@contextlib.contextmanager
def deaf_port() -> Iterator[int]:
    """Return a port that is taken, and refuses every connection."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        yield port
