"""With a JSON log every line on stderr is JSON, whatever goes wrong and wherever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BEGIN = "from bot.observability import log\nlog.setup()\nlog.catch_everything()\n"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param("import warnings\nwarnings.warn('old')", "old", id="a warning"),
        pytest.param("1 / 0", "ZeroDivisionError", id="an error that nobody caught"),
        pytest.param(
            "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()",
            "ZeroDivisionError",
            id="an error in a thread",
        ),
        pytest.param(
            "class Odd:\n    def __del__(self):\n        1 / 0\nOdd()",
            "ZeroDivisionError",
            id="an error in a finalizer",
        ),
        pytest.param(
            "import asyncio\nasync def fail():\n    1 / 0\nasync def main():\n    asyncio.create_task(fail())\n"
            "    await asyncio.sleep(0)\n    await asyncio.sleep(0)\nasyncio.run(main())",
            "ZeroDivisionError",
            id="a task that nobody awaits",
        ),
        pytest.param("import logging\nlogging.getLogger('lib').error('two\\nlines')", "two", id="a library"),
        pytest.param("raise KeyboardInterrupt", "KeyboardInterrupt", id="Ctrl+C"),
    ],
)
def test_every_line_is_json(code: str, words: str) -> None:
    """What Python itself would write as text is a line of the log."""
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", BEGIN + code], cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert lines
    assert words in str(lines)


def test_secrets_are_masked_there_too() -> None:
    """An error that nobody caught shows no token."""
    code = f"{BEGIN}raise ValueError('access_token=abcdef123456')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert "abcdef123456" not in done.stderr
    assert json.loads(done.stderr)["level"] == "critical"
