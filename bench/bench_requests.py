"""HTTP requests to the portal per action, through the whole service; a `batch` is one request.

The portal takes two requests a second, so they are what an action costs. The service is a process of its own, started
as an operator starts it, beside an emulator without a rate limit: nothing waits, so little can travel together. For
each action: the number of requests, and what they were.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import line, request_counts
from tests.request_counts import Request

AT_MOST = 300.0
"""Seconds after which the bench gives up."""


def told(made: list[Request]) -> str:
    """Name requests in order, equal neighbours with their number."""
    groups = ((name, len(list(same))) for name, same in itertools.groupby(map(str, made)))
    return " + ".join(name if many == 1 else f"{many}x {name}" for name, many in groups)


async def main() -> None:
    """Print the table for both generations of the bot interface."""
    for api in ("v2", "v1"):
        with tempfile.TemporaryDirectory() as folder:
            async with asyncio.timeout(AT_MOST), request_counts.laid(Path(folder), api) as laid:
                print(f"requests per action, imbot {api}")
                for name, made in (await request_counts.measured(laid)).items():
                    print(f"  {name:24} {len(made):5}   {told(made)}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            async with (
                asyncio.timeout(AT_MOST),
                line.laid(Path(folder), api, **request_counts.FOR_PEOPLE) as laid,
            ):
                for name, made in (await request_counts.acted(laid)).items():
                    print(f"  {name:40} {len(made):5}   {told(made)}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
