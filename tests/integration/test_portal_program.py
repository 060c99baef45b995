"""`python -m portal` as a program: start, output, end."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).parents[2]


async def started(*arguments: str) -> asyncio.subprocess.Process:
    """Start the program."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "portal",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
async def test_it_prints_its_address_and_ends_with_0(end: signal.Signals) -> None:
    """It prints address and application, answers there, and ends with 0 after a signal."""
    process = await started("--client-id", "local.a", "--client-secret", "s3", "--app-handler", "http://127.0.0.1:9/")
    assert process.stdout is not None
    first, second = [(await process.stdout.readline()).decode().strip() for _ in range(2)]
    assert first.startswith("Portal ready: http://127.0.0.1:")
    assert second == "Application: local.a s3"
    url = first.removeprefix("Portal ready: ")
    async with aiohttp.ClientSession() as http, http.get(f"{url}-/state") as answer:
        assert (await answer.json())["apps"][0]["client_id"] == "local.a"
    process.send_signal(end)
    assert await process.wait() == 0


async def test_an_invalid_seed_is_reported_with_a_sentence(tmp_path: Path) -> None:
    """An invalid seed gives a sentence and the exit status 2."""
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"users": [{"first_name": "x"}]}), encoding="utf-8")
    process = await started("--seed", str(seed))
    _, complaint = await process.communicate()
    assert (process.returncode, complaint.decode().startswith("The seed cannot be read")) == (2, True)
