"""Ports for processes that are told theirs before they listen: nobody else may get one in between."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterator

NEVER_GIVEN = range(20_000, 32_000)
"""Ports that no kernel gives by itself, neither to a server that asks for any nor to a client; one by one at random."""


def free_port() -> int:
    """A port that nobody listens on, and that only somebody who names it can take."""
    for port in random.SystemRandom().sample(NEVER_GIVEN, len(NEVER_GIVEN)):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("every port is taken")


@contextlib.contextmanager
def deaf_port() -> Iterator[int]:
    """A port that is taken, so that nobody else can be there, and that refuses every connection."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        yield port
