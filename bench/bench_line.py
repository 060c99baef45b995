"""Commands through the whole service, from the webhook to the answer, against bots that keep everything in memory.

Each bot is a process of its own; this process sends the commands and is the portal that takes the answers. 64 people
write `/help` to the bot in private; each waits for the answer and then writes again. Rounds alternate between the bots,
and each bot's best round counts: what else runs on the machine only adds to its time. The service is `python -m bot
run` with its database on a real file, synced at every commit:
every command is stored, handled, its answer stored, sent, and its outcome stored. Compared with it:

- an aiohttp bot that parses the same form, compares the token and answers by one REST call with the same text;
- aiogram, whose webhook answers in the response itself, from memory. aiogram is not installed with the rest: make an
  environment of its own (`python -m venv DIR; DIR/bin/pip install aiogram`) and give its interpreter as the argument.

The portal takes any number of requests: the bots are measured, not the rate limit. Processor time is what the kernel
counted for the bot's process.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.model import state_changes
from bot.model.events import BotId
from tests import payloads, ports, webhooks

PEOPLE = 64
ROUNDS = 5
SECONDS = 2.0
AIM = 2.5
FIRST_PERSON = 1000
FIRST_MESSAGE = 1_000_000
"""Message ids have seven digits, people's four, so that every body has the same length."""
TICKS = os.sysconf("SC_CLK_TCK")
DIALOG = re.compile(rb'"DIALOG_ID": ?"(\d{4})"|DIALOG_ID=(\d{4})')
"""Where an answer goes: in a call of its own and inside a batch."""


def whole(message: bytes) -> bool:
    """Tell whether an HTTP message has arrived to its end."""
    head, separator, body = message.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return bool(separator) and (len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n"))


# --- The portal -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Portal:
    """Takes every call, and wakes the people whom an answer is for; `words` is the first answer."""

    waiting: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    words: dict[str, Any] = field(default_factory=dict)
    requests: int = 0

    def take(self, path: bytes, body: bytes) -> bytes:
        """Answer one request."""
        self.requests += 1
        dialogs = [int(one or other) for one, other in DIALOG.findall(body)]
        if path.endswith(b"/batch"):
            result: Any = {"result": {f"c{place}": 1 for place in range(len(dialogs))}, "result_error": []}
        else:
            self.words = self.words or json.loads(body)
            result = 1
        for dialog in dialogs:
            if (waiting := self.waiting.get(dialog)) and not waiting.done():
                waiting.set_result(None)
        return json.dumps({"result": result, "time": {}}).encode()


class PortalConnection(asyncio.Protocol):
    """One connection of a bot to the portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._got = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer when the request is whole."""
        self._got += data
        if not whole(self._got):
            return
        head, _, body = self._got.partition(b"\r\n\r\n")
        self._got = b""
        answer = self._portal.take(head.split(b" ", 2)[1], body)
        assert self._transport
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer)
        )


@contextlib.asynccontextmanager
async def listening(portal: Portal) -> AsyncIterator[str]:
    """Open the portal; gives its address."""
    server = await asyncio.get_running_loop().create_server(lambda: PortalConnection(portal), "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    server.close()


# --- The people -------------------------------------------------------------------------------------------


def http(body: bytes, kind: str) -> bytes:
    """Make a request."""
    head = f"POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def command(person: int, message: int) -> bytes:
    """Make `/help` of a person, as Bitrix24 posts it."""
    return http(
        COMMAND.replace(b"%40PERSON%40", b"%d" % person).replace(b"%40MESSAGE%40", b"%d" % message), payloads.FORM
    )


def update(person: int, message: int) -> bytes:
    """Make `/help` of a person, as Telegram posts it."""
    who = {"id": person, "is_bot": False, "first_name": "Mira", "last_name": "Falk", "language_code": "de"}
    chat = {"id": person, "type": "private", "first_name": "Mira", "last_name": "Falk"}
    entity = {"type": "bot_command", "offset": 0, "length": 5}
    said = {
        "message_id": message,
        "from": who,
        "chat": chat,
        "date": 1_790_000_000,
        "text": "/help",
        "entities": [entity],
    }
    return http(json.dumps({"update_id": message, "message": said}).encode(), payloads.JSON)


_WHOSE: dict[str, Any] = {
    "FROM_USER_ID": "@PERSON@",
    "DIALOG_ID": "@PERSON@",
    "AUTHOR_ID": "@PERSON@",
    "MESSAGE_ID": "@MESSAGE@",
}
_TREE = payloads.v1_commanded("/help", payloads.v1_command(name="help", params="", MESSAGE_ID="@MESSAGE@"), **_WHOSE)
_TREE["data"]["USER"]["ID"] = _TREE["auth"]["user_id"] = "@PERSON@"
COMMAND = payloads.form(_TREE)


class Person(asyncio.Protocol):
    """One person's connection: writes a command, and waits for the webhook's 200."""

    def __init__(self) -> None:
        self.answered = asyncio.get_running_loop().create_future()
        self._got = b""

    def data_received(self, data: bytes) -> None:
        """Note that the webhook answered, when the answer is whole."""
        self._got += data
        if not self._got.startswith(b"HTTP/1.1 200 "):
            self.answered.set_exception(RuntimeError(self._got[:200].decode("latin-1")))
        elif whole(self._got) and not self.answered.done():
            self._got = b""
            self.answered.set_result(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A running bot: where it listens, how a command is written to it, and whether its answer is a call."""

    pid: int
    address: str
    write: Callable[[int, int], bytes]
    calls: bool


async def talk(bot: Bot, portal: Portal, person: int, ids: Iterator[int], until: float) -> int:
    """Let one person write commands, each after the answer to the one before; gives how many were answered."""
    host, _, port = bot.address.removeprefix("http://").partition(":")
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_connection(Person, host, int(port))
    count = 0
    while time.perf_counter() < until:
        answered = portal.waiting[person] = loop.create_future()
        protocol.answered = loop.create_future()
        transport.write(bot.write(person, next(ids)))
        await protocol.answered
        if bot.calls:
            await answered
        count += 1
    transport.close()
    return count


async def load(bot: Bot, portal: Portal, ids: Iterator[int], seconds: float) -> tuple[float, float]:
    """Give commands per second and seconds of processor time per command of one round."""
    used, start = processor(bot.pid), time.perf_counter()
    people = range(FIRST_PERSON, FIRST_PERSON + PEOPLE)
    counts = await asyncio.gather(*(talk(bot, portal, person, ids, start + seconds) for person in people))
    lasted = time.perf_counter() - start
    await asyncio.sleep(0.2)  # outcomes that are stored after the last answers belong to this round
    return sum(counts) / lasted, (processor(bot.pid) - used) / sum(counts)


def processor(pid: int) -> float:
    """Give the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


# --- Starting and measuring -------------------------------------------------------------------------------

SERVICE, AIOHTTP, AIOGRAM = (
    "the service: stored, handled, sent",
    "aiohttp in memory, one REST call",
    "aiogram in memory",
)
MEMORY_BOTS = str(Path(__file__).with_name("memory_bots.py"))


@contextlib.contextmanager
def started(*command_line: str, ready: str) -> Iterator[tuple[int, str]]:
    """Run a program until it says where it listens; gives its process and the address."""
    root = Path(__file__).parents[1]
    with subprocess.Popen(command_line, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout
        line = process.stdout.readline().decode()
        assert line.startswith(ready), line
        try:
            yield process.pid, line.removeprefix(ready).split()[0]
        finally:
            process.kill()


async def install(folder: Path, portal_url: str) -> None:
    """Write a portal into the database that the service will open."""
    async with webhooks.stored(folder) as store:
        await webhooks.install(store, endpoint=f"{portal_url}rest/")
        await store.commit_event(webhooks.INSTALLED, [state_changes.BotKnown(bot=BotId(payloads.BOT))], [], time.time())


def service(folder: Path) -> tuple[str, ...]:
    """Write the service's settings; gives the command line that starts it."""
    port = ports.free_port()
    (folder / "config.toml").write_text(
        f"""
[server]
port = {port}
public_url = "http://127.0.0.1:{port}"
[store]
url = "sqlite:///{folder}/feedbridge.db"
[security]
key = "{webhooks.KEY}"
insecure_portals = true
[rate_limit]
capacity = 10000
rate = 1000
""",
        "utf-8",
    )
    return (sys.executable, "-m", "bot", "run", "--config", str(folder / "config.toml"))


async def measure(bots: dict[str, Bot], portal: Portal, ids: Iterator[int]) -> dict[str, tuple[float, float]]:
    """Give each bot's commands per second and processor time per command, each of its best round."""
    rounds = {name: list[tuple[float, float]]() for name in bots}
    for number in range(ROUNDS + 1):
        for name, bot in bots.items():
            figures = await load(bot, portal, ids, SECONDS)
            if number:  # the first round warms up
                rounds[name].append(figures)
    return {name: (max(r for r, _ in pairs), min(c for _, c in pairs)) for name, pairs in rounds.items()}


async def running(
    folder: Path, portal: Portal, aiogram: str | None, use: Callable[[dict[str, Bot]], Awaitable[None]]
) -> None:
    """Start every bot, the service first: what it answers, the others answer too."""
    async with listening(portal) as url:
        await install(folder, url)
        with contextlib.ExitStack() as stack:
            pid, address = stack.enter_context(started(*service(folder), ready="Feedbridge ready: "))
            bots = {SERVICE: Bot(pid=pid, address=address, write=command, calls=True)}
            one = itertools.count(FIRST_MESSAGE)  # a lone command is answered by a call, which tells the words
            await talk(bots[SERVICE], portal, FIRST_PERSON, one, time.perf_counter() + 0.01)
            words, token = json.dumps(portal.words), payloads.APPLICATION_TOKEN
            arguments = (sys.executable, MEMORY_BOTS, "aiohttp", url, token, words)
            pid, address = stack.enter_context(started(*arguments, ready="ready: "))
            bots[AIOHTTP] = Bot(pid=pid, address=address, write=command, calls=True)
            if aiogram:
                pid, address = stack.enter_context(started(aiogram, MEMORY_BOTS, "aiogram", words, ready="ready: "))
                bots[AIOGRAM] = Bot(pid=pid, address=address, write=update, calls=False)
            await use(bots)


async def main(aiogram: str | None) -> None:
    """Print the table."""
    portal = Portal()

    async def use(bots: dict[str, Bot]) -> None:
        figures = await measure(bots, portal, itertools.count(FIRST_MESSAGE + 100_000))
        print(
            f"/help from {PEOPLE} people at once, {len(COMMAND)} bytes each, the best of {ROUNDS} rounds of {SECONDS} s"
        )
        print(f"  {'':35} commands/s   ratio   processor time each   ratio")
        rate_of_one, time_of_one = figures[AIOHTTP]
        for name, (rate, used) in figures.items():
            ratios = rate / rate_of_one, used / time_of_one
            print(f"  {name:35} {rate:10.0f} {ratios[0]:7.2f} {used * 1e6:18.0f} us {ratios[1]:7.2f}")
        if AIOGRAM not in bots:
            print(
                f"  {AIOGRAM}: not measured; give the python of an environment with `pip install aiogram` as argument"
            )
        print(f"  aim: at most {AIM:.1f} times the processor time of {AIOHTTP}")

    with tempfile.TemporaryDirectory() as folder:
        await running(Path(folder), portal, aiogram, use)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else None))
