"""Our programs in the folder of another bot's author, who has a bot.py and a portal.py there."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FEEDBRIDGE = Path(sys.executable).with_name("feedbridge")
THEIRS = "print('another bot', flush=True)\nraise SystemExit(7)\n"
WITHIN = 90


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder whose modules are named like ours."""
    for name in ("bot", "portal", "keyboards", "config"):
        (tmp_path / f"{name}.py").write_text(THEIRS, encoding="utf-8")
    return tmp_path


def documented() -> list[str]:
    """Return the ways to start the service that the README names: `feedbridge run`, `python ... run`."""
    table = (ROOT / "README.md").read_text("utf-8").partition("## What you can rely on")[2]
    [row] = re.findall(r"^\| `feedbridge run.*$", table, re.MULTILINE)
    return re.findall(r"`((?:feedbridge|python) [^`]*run)\b", row)


@pytest.mark.parametrize("command", [*documented(), "feedbridge portal", "feedbridge demo"])
def test_ours_is_started(folder: Path, free_port: int, command: str) -> None:
    """Each documented way starts our program, not a module of the folder."""
    program, *words = command.split()
    start = [str(FEEDBRIDGE), *words] if program == "feedbridge" else [sys.executable, *words]
    environ = {"PATH": "/usr/bin:/bin", "FEEDBRIDGE_SERVER__PORT": str(free_port)}
    process = subprocess.Popen(
        start, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=WITHIN)
    assert re.match(r"Feedbridge ready: |Portal ready: |Open http", first), first + errors
    assert process.returncode == 0


def test_there_are_two_documented_ways() -> None:
    """The README names the command and the module."""
    assert documented() == ["feedbridge run", "python -P -m bot run"]
