"""A forked program is a process as the command line starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.programs import Program

WITHIN = 60.0
REPORT = """
import json, logging, os, random, signal, sys, threading, uuid, warnings
import structlog
import bot.cli, portal.serve

def is_open(file):
    try:
        os.fstat(file)
    except OSError:
        return False
    return True

def name_of(handler):
    return getattr(handler, "__qualname__", str(handler))

print(json.dumps({
    "arguments": sys.argv, "name": __name__, "folder": os.getcwd(), "environment": dict(os.environ),
    "files": sum(map(is_open, range(1000))), "input": sys.stdin.read(),
    "signals": {number: name_of(signal.getsignal(number)) for number in range(1, signal.NSIG)},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "warnings": str(warnings.filters), "handlers": str(logging.getLogger().handlers),
    "structlog": structlog.is_configured(), "threads": threading.active_count(),
    "random": [random.random(), str(uuid.uuid4())], "pid": os.getpid(), "main": sys.modules["__main__"].__name__,
}))
sys.exit(7)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Return a program that prints what it is given, and ends with 7."""
    path = tmp_path / "report.py"
    path.write_text(REPORT, encoding="utf-8")
    return path


def forked(script: Path, environ: dict[str, str]) -> dict[str, Any]:
    """Return what the program prints when it is forked."""
    program = Program(str(script), "word", folder=script.parent, environ=environ)
    told: dict[str, Any] = json.loads(program.stdout.readline())
    assert (program.wait(WITHIN), program.pid) == (7, told["pid"])
    return told


def test_a_forked_program_gets_what_the_command_line_gives(script: Path) -> None:
    """Arguments, folder, environment, files, signals, warnings, logging and threads are those of the command line."""
    environ = {**os.environ, "A_NEW_ONE": "ä"}
    done = subprocess.run(
        [sys.executable, str(script), "word"], cwd=script.parent, env=environ, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=WITHIN,
    )  # fmt: skip
    plain = json.loads(done.stdout)
    assert done.returncode == 7
    first, second = forked(script, environ), forked(script, environ)
    assert len({first["pid"], second["pid"], plain["pid"]}) == 3
    assert not {*first["random"]} & {*second["random"]}
    assert first["files"] == plain["files"] + 1  # the pipe that closes when it ends
    for name in plain.keys() - {"pid", "random", "files"}:
        assert first[name] == second[name] == plain[name], name


def test_a_forked_program_obeys_signals(tmp_path: Path) -> None:
    """A signal ends it as it ends any process, and a second one after the end reaches nobody."""
    script = tmp_path / "endless.py"
    script.write_text("import time\nprint('ready', flush=True)\ntime.sleep(1000)\n", encoding="utf-8")
    for number in (signal.SIGKILL, signal.SIGUSR1):
        program = Program(str(script))
        assert program.stdout.readline() == "ready\n"
        with pytest.raises(TimeoutError):
            program.wait(0)
        program.send_signal(number)
        assert program.wait(WITHIN) == -number
        program.kill()
        assert program.wait(WITHIN) == -number


async def test_the_event_loop_waits_for_a_forked_program(script: Path) -> None:
    """The event loop gets the exit code too."""
    program = Program(str(script))
    assert await program.ended() == await program.ended() == 7
