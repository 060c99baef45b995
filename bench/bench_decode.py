"""Decoding a v1 message event, the hot path of the webhook, against aiohttp's own form parser, in one run.

aiohttp's `await request.post()` gives a flat list of names and values, in compiled code where yarl has it; ours gives
the nested tree with limits checked, and in the last line the typed event with its keys and tokens. The standard
library's parser is the same flat list in Python. Best of several rounds, in microseconds.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import parse_qsl

from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.bitrix.inbound import decode, forms
from tests import payloads

ROUNDS = 15
TIMES = 400


async def best(work: Callable[[], Awaitable[object]]) -> float:
    """Return the time of some work in microseconds: the best of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(TIMES):
            await work()
        rounds.append(time.perf_counter() - start)
    return min(rounds) / TIMES * 1e6


async def compare(title: str, body: bytes) -> None:
    """Print what one body costs each way."""
    stream = StreamReader(BaseProtocol(asyncio.get_running_loop()), 2**16)
    stream.feed_data(body)
    stream.feed_eof()
    headers = {"Content-Type": payloads.FORM, "Content-Length": str(len(body))}
    request = make_mocked_request("POST", "/events", headers, payload=stream, app=Mock())
    await request.read()

    async def theirs() -> object:
        request._post = None  # noqa: SLF001 - otherwise it gives what it parsed the first time
        return await request.post()

    async def ours() -> object:
        return forms.decode(body, payloads.FORM)

    async def standard() -> object:
        return parse_qsl(body.decode(), keep_blank_values=True)

    async def whole() -> object:
        return decode.decoded_events(decode.envelope(forms.decode(body, payloads.FORM)))

    first, library, second, third = [await best(work) for work in (theirs, standard, ours, whole)]
    print(f"{title}: {body.count(b'&') + 1} fields, {len(body)} bytes")
    print(f"  aiohttp request.post()               {first:7.1f} us")
    print(f"  urllib.parse.parse_qsl               {library:7.1f} us   {first / library:.2f} times as fast")
    print(f"  forms.decode                         {second:7.1f} us   {first / second:.2f} times as fast")
    print(f"  forms.decode + envelope + events     {third:7.1f} us   {first / third:.2f} times as fast")


async def main() -> None:
    """Compare three messages: private and short, in a group, and a long Russian text."""
    await compare("private message", payloads.form(payloads.v1_said("Good morning, everybody")))
    group = payloads.v1_said(", good morning", original=f"[USER={payloads.BOT}]Bot[/USER], good morning", group=True)
    await compare("group message", payloads.form(group))
    await compare("600 words in Russian", payloads.form(payloads.v1_said("Доброе утро, коллеги! " * 200)))


if __name__ == "__main__":
    asyncio.run(main())
