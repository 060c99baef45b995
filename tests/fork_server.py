"""Starts programs by forking, from a process that has already imported them: `python -m tests.fork_server`.

A start spends most of its time on imports. A forked program is a process like any other, with an id, files, sockets,
memory and signals of its own. Standard input is a socket: each line of JSON in it is an order and gets one answer.
`tests/programs.py` is the other side.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import socket
import sys
import threading
from typing import Any, TypeAlias

import bot.cli
import portal.serve

Order: TypeAlias = dict[str, Any]
"""A start: {"arguments", "folder", "environment"}; or the end of a process: {"ended": pid}."""
IMPORTED = (bot.cli, portal.serve)
"""With these, a program finds all that it imports."""
LARGEST = 1 << 20
"""Bytes that are read at once."""
FILES = 3
"""A start brings these open files: stdout, stderr, and a pipe that closes when the program has ended."""


def serve(channel: socket.socket) -> Order | None:
    """Fork for each start, and return the order in the new process; return None when the tests have ended."""
    running = set[int]()
    while received := _receive(channel):
        order, files = received
        if "ended" in order:
            running.discard(order["ended"])
            answer = os.waitstatus_to_exitcode(os.waitpid(order["ended"], 0)[1])
        else:
            assert threading.active_count() == 1, "a fork would lose the other threads"
            answer = os.fork()
            if not answer:
                channel.detach()  # standard input is replaced
                _take(files)
                return order
            running.add(answer)
            for file in files:
                os.close(file)
        channel.sendall(b"%d\n" % answer)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return None


def _receive(channel: socket.socket) -> tuple[Order, list[int]] | None:
    """Return an order and its open files, or None when the other side is closed."""
    data, files, _, _ = socket.recv_fds(channel, LARGEST, FILES)
    while data and not data.endswith(b"\n"):
        data += channel.recv(LARGEST)
    return (json.loads(data), files) if data else None


def _take(files: list[int]) -> None:
    """Use the files of an order as stdout and stderr; stdin is empty. The pipe stays open until this process ends."""
    empty = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((empty, *files[:2])):
        os.dup2(file, number)
        os.close(file)


def run(order: Order) -> None:
    """Run a program as `python -m MODULE ...` or `python FILE ...` does."""
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    first, *rest = order["arguments"]
    if first == "-m":
        sys.argv[:] = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv[:] = order["arguments"]
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    inherited = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C ends the tests, and then this process
    gc.freeze()  # else the first collection in each program copies the memory that all of them share
    if start := serve(socket.socket(fileno=0)):
        signal.signal(signal.SIGINT, inherited)
        run(start)
