"""Programs as processes: `python -m bot ...`, `python -m portal ...`, forked so that no start imports all again."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST_ANSWER = 32


class _ForkServer:
    """The process that forks programs (`tests/fork_server.py`), and our connection to it."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "tests.fork_server"]
            self._process = subprocess.Popen(command, cwd=ROOT, stdin=theirs.fileno())

    def ask(self, order: Mapping[str, object], *files: int) -> int:
        """Give it an order, with open files, and return the answer."""
        data = json.dumps(order).encode() + b"\n"
        sent = socket.send_fds(self._channel, [data], files)
        self._channel.sendall(data[sent:])
        answer = self._channel.recv(LONGEST_ANSWER)
        assert answer, "the fork server has ended"
        return int(answer)

    def stop(self) -> None:
        """Let it end, with all programs that still run."""
        self._channel.close()
        self._process.wait()


@functools.cache
def _fork_server() -> _ForkServer:
    """Return the only fork server of this process; it starts with the first program."""
    return _ForkServer()


def stop_fork_server() -> None:
    """Stop the fork server, if a program was started."""
    if _fork_server.cache_info().currsize:
        _fork_server().stop()
        _fork_server.cache_clear()


class Program:
    """A running program, started as `python *arguments` would start it."""

    def __init__(
        self, *arguments: str, folder: Path = ROOT, environ: Mapping[str, str] | None = None, stderr: int = 2
    ) -> None:
        """Start it. `environ` is its whole environment (None: ours), `stderr` an open file."""
        start = {
            "arguments": arguments,
            "folder": str(folder),
            "environment": dict(os.environ if environ is None else environ),
        }
        out, into = os.pipe()
        self._life, alive = os.pipe()
        try:
            self.pid = _fork_server().ask(start, into, stderr, alive)
        finally:
            os.close(into)
            os.close(alive)
        self.stdout = os.fdopen(out, encoding="utf-8")
        self.returncode: int | None = None

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the program has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout: float) -> int:
        """Wait until it ends, and return its exit code, or minus the number of the signal that ended it."""
        if self.returncode is None and not select.select([self._life], [], [], timeout)[0]:
            raise TimeoutError(f"it still runs after {timeout} seconds")
        return self._end()

    async def ended(self) -> int:
        """Wait as `wait` does, in the event loop."""
        if self.returncode is None:
            loop, closed = asyncio.get_running_loop(), asyncio.Event()
            loop.add_reader(self._life, closed.set)
            try:
                await closed.wait()
            finally:
                loop.remove_reader(self._life)
        return self._end()

    def _end(self) -> int:
        """Return the exit code of the ended process, which keeps its id until this question."""
        if self.returncode is None:
            self.returncode = _fork_server().ask({"ended": self.pid})
            os.close(self._life)
            self.stdout.close()
        return self.returncode
