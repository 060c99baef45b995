"""The example bot of docs/start/other-bots.md, run unchanged."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from pathlib import Path

import portal.testing
from tests.ports import free_port

PAGE = (Path(__file__).parents[2] / "docs" / "start" / "other-bots.md").read_text(encoding="utf-8")
ANNA = 2


async def test_the_first_bot_answers(tmp_path: Path) -> None:
    """Installed, it registers itself; it repeats each message that it gets."""
    [program] = re.findall(r"```python\n(.*?)```", PAGE.partition("## A first bot")[2].partition("\n## ")[0], re.DOTALL)
    port = free_port()
    file = tmp_path / "bot.py"
    file.write_text(program.replace("3000", str(port)), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(sys.executable, str(file), stderr=asyncio.subprocess.DEVNULL)
    try:
        await listens(port)
        async with portal.testing.running() as running:
            app = await running.add_app(name="My bot", handler=f"http://127.0.0.1:{port}/events")
            await running.install(app)
            await running.bot(app, within=20)
            await running.person(ANNA).says("Good morning", dialog=running.bot_dialog(app))
            await running.person(ANNA).sees("You said: Good morning", dialog=running.bot_dialog(app), within=20)
    finally:
        process.terminate()
        await process.wait()


async def listens(port: int) -> None:
    """Wait until a port accepts connections."""
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return


def test_the_control_api_accepts_only_json() -> None:
    """The control API accepts only JSON, so that no web page can use it."""
    told = re.findall(r"`curl ([^`]*/-/[^`]*)`", PAGE)
    assert len(told) >= 3
    assert all(words.startswith("--json ") for words in told)
