"""REST calls per second of the emulator against a bare aiohttp server that echoes JSON, in one run.

Each server is a process of its own; the load comes from this one: kept-alive connections, each sends a call, waits for
the answer and sends the next. Rounds alternate between the servers, and what counts is the median. Every rule of the
portal is on but its bucket, which would let through two calls a second. The same calls are made to a small company and
to one with 10,000 posts and 1,000 users; both fill a page, so that answers are equally long. Where other programs
share the machine, the second column tells more: calls per second of the server's own processor time.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

CONNECTIONS = 8
ROUNDS = 3
SECONDS = 0.4
STARTS = 5
SIZES = {"small": (60, 60), "large": (1_000, 10_000)}
"""Users and posts of the two companies."""
TICKS = os.sysconf("SC_CLK_TCK")
AIM = 1_000
SLOWER = 1.33
Mix = dict[str, tuple[str, dict[str, Any]]]

# --- The companies --------------------------------------------------------------------------------------


def company(users: int, posts: int) -> dict[str, Any]:
    """Make a seed: departments in a tree, twenty workgroups, posts to all four kinds of recipients."""
    return {
        "name": "Bench",
        "users": [
            {"id": n, "first_name": f"Name{n}", "last_name": "Bench", "admin": n == 1, "departments": [n % 30 + 1]}
            for n in range(1, users + 1)
        ],
        "departments": [{"id": n, "name": f"Department {n}", "parent": n // 3} for n in range(1, 31)],
        "groups": [
            {"id": n, "name": f"Group {n}", "owner": n, "members": list(range(n, users + 1, 20))} for n in range(1, 21)
        ],
        "chats": [{"id": 10, "title": "All", "owner": 1, "members": list(range(1, 41))}],
        "cards": [{"type": "deal", "id": n, "title": f"Deal {n}"} for n in range(1, posts + 1)],
        "posts": [
            {"id": 300 + n, "author": n % users + 1, "title": f"Post {n}", "text": f"What happened on day {n}. " * 8}
            | {
                "dest": ["UA"]
                if n < SIZES["small"][1]
                else [("UA", f"DR{n % 30 + 1}", f"SG{n % 20 + 1}", f"U{n % users + 1}")[n % 4]],
                "age": n / 10,
            }
            for n in range(posts)
        ],
    }


# --- The servers ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server in a process of its own, and its calls: name -> the path and what is sent."""

    pid: int
    port: int
    calls: Mix

    def cpu(self) -> float:
        """Return the processor seconds it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        """Return the megabytes it holds."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def echo() -> None:
    """Serve JSON back until the process is ended; print the port when ready."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(await request.json())

    application = web.Application()
    application.router.add_post("/", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


@contextlib.contextmanager
def bare() -> Iterator[Server]:
    """Run the echo server."""
    with subprocess.Popen([sys.executable, __file__, "echo"], stdout=subprocess.PIPE) as process:
        assert process.stdout
        yield Server(pid=process.pid, port=int(process.stdout.readline()), calls={"echo": ("/", SENT["fields"])})
        process.kill()


@contextlib.contextmanager
def portal(seed: Path) -> Iterator[Server]:
    """Run a portal with a company, its bucket off, a bot registered."""
    with started(seed) as (process, lines):
        port, hook = urlsplit(lines["Portal ready"]).port or 0, urlsplit(lines["Webhook"]).path
        ask(port, "/-/switches", {"bucket_capacity": 0, "operating_limit": 0})
        kept = {"botToken": "bench-token"}
        about = {"code": "bench", "properties": {"name": "Bench"}, "eventMode": "fetch", **kept}
        bot = ask(port, f"{hook}imbot.v2.Bot.register", {"fields": about})["result"]["bot"]["id"]
        chat = ask(port, f"{hook}im.chat.add", {"TITLE": "Bench", "USERS": [2, 3, bot]})["result"]
        calls = {name: (f"{hook}{name.split()[0]}", sent) for name, sent in plain(bot, chat, kept).items()}
        yield Server(pid=process.pid, port=port, calls=calls)


@contextlib.contextmanager
def started(seed: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Start `python -m portal` and read what it prints until it is ready."""
    command = [sys.executable, "-m", "portal", "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as process:
        assert process.stdout
        yield process, dict(process.stdout.readline().strip().split(": ", 1) for _ in range(2))
        process.kill()


def ask(port: int, path: str, sent: dict[str, Any]) -> Any:
    """POST one call and return its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", path, json.dumps(sent), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    assert answer.status == 200, (path, body)
    return body


# --- The calls ------------------------------------------------------------------------------------------

BUTTONS = [{"TEXT": f"Choice {n}", "COMMAND": "choose", "COMMAND_PARAMS": str(n), "DISPLAY": "LINE"} for n in range(6)]
ROWS = [{"NAME": f"Row {n}", "VALUE": f"Value {n}", "DISPLAY": "LINE", "WIDTH": 200} for n in range(6)]
CARD = {"BLOCKS": [{"MESSAGE": "[b]A card[/b] with a grid"}, {"GRID": ROWS}, {"DELIMITER": {"SIZE": 200}}]}
SENT: dict[str, Any] = {"fields": {"message": "A card", "keyboard": {"BUTTONS": BUTTONS}, "attach": CARD}}


def plain(bot: int, chat: int, kept: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return what is measured: method (and what of it) -> parameters."""
    said = {"DIALOG_ID": f"chat{chat}", "MESSAGE": "Good morning, everybody"}
    return {
        "profile": {},
        "user.get by id": {"ID": 40},
        "user.get 50 rows": {},
        "im.message.add": {**said, "DIALOG_ID": "chat10"},
        "imbot.v2.Chat.Message.send": {"botId": bot, "dialogId": f"chat{chat}", **kept, **SENT},
        "crm.deal.list 50 rows": {},
        "log.blogpost.get by id": {"POST_ID": 320},
        "log.blogpost.get newest": {"LIMIT": 1},
        "log.blogpost.get 50 rows": {},
    }


MIX = ("profile", "user.get by id", "im.message.add", "imbot.v2.Chat.Message.send", "log.blogpost.get by id")
"""What is held against the aim: one of each in turn."""

# --- The load -------------------------------------------------------------------------------------------


class Asker(asyncio.Protocol):
    """One connection: send a request, wait for its whole answer, send the next, until the time is over."""

    def __init__(self, requests: list[bytes], until: float) -> None:
        self.answers = 0
        self.over = asyncio.get_running_loop().create_future()
        self._requests, self._until = requests, until
        self._transport: asyncio.Transport | None = None
        self._got, self._missing = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._requests[0])

    def data_received(self, data: bytes) -> None:
        """Count a whole answer; anything but 200 ends the run."""
        if not self._missing:
            self._got += data
            head, end, rest = self._got.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 200 "):
                self.over.set_exception(RuntimeError(self._got[:400].decode("latin-1")))
                return
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._got, self._missing = b"", int(length) - len(rest)
        else:
            self._missing -= len(data)
        if not self._missing:
            self._answered()

    def _answered(self) -> None:
        assert self._transport
        if time.perf_counter() >= self._until:
            self.over.set_result(None)
            return
        self.answers += 1
        self._transport.write(self._requests[self.answers % len(self._requests)])


async def load(server: Server, names: tuple[str, ...]) -> tuple[float, float]:
    """Give the answers per second of one round, and per second of the server's processor time."""
    requests = [request(*server.calls[name]) for name in names]
    loop, start, used = asyncio.get_running_loop(), time.perf_counter(), server.cpu()
    pairs = [
        await loop.create_connection(lambda: Asker(requests, start + SECONDS), "127.0.0.1", server.port)
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(asker.over for _, asker in pairs))
    took, used = time.perf_counter() - start, server.cpu() - used
    for transport, _ in pairs:
        transport.close()
    answers = sum(asker.answers for _, asker in pairs)
    return answers / took, answers / max(used, 1 / TICKS)


def request(path: str, sent: dict[str, Any]) -> bytes:
    """Write one request."""
    body = json.dumps(sent).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def measured(servers: dict[str, Server], names: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Give the median rates of each server over alternating rounds; the first, for warmth, does not count."""
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
    for _ in range(ROUNDS + 1):
        for name, server in servers.items():
            rounds[name].append(await load(server, names))
    return {
        name: (statistics.median(row[0] for row in rows[1:]), statistics.median(row[1] for row in rows[1:]))
        for name, rows in rounds.items()
    }


# --- The report -----------------------------------------------------------------------------------------


def starts(seed: Path) -> float:
    """Return the median seconds from `python -m portal` to "ready"."""
    took = []
    for _ in range(STARTS):
        start = time.perf_counter()
        with started(seed):
            took.append(time.perf_counter() - start)
    return statistics.median(took)


async def compare(servers: dict[str, Server], echoed: Server) -> None:
    """Print the table: rates of both companies and how much slower the large one is."""
    base = (await measured({"bare": echoed}, ("echo",)))["bare"]
    print(f"{'calls/s (calls per second of its processor time)':<50}{'small':>16}{'large':>16}{'slower':>8}")
    print(f"{'  a bare aiohttp server that echoes the card':<50}{_pair(base):>16}")
    mixed = (0.0, 0.0)
    for name in (*servers["small"].calls, "the first five kinds in turn"):
        rates = await measured(servers, (name,) if name in servers["small"].calls else MIX)
        slower = rates["small"][1] / rates["large"][1]
        print(f"  {name:<48}{_pair(rates['small']):>16}{_pair(rates['large']):>16}{slower:>7.2f}x")
        mixed = rates["large"]
    print(
        f"  of the bare server, in turn, large: {mixed[1] / base[1]:.2f}; aim {AIM} calls/s, slower by {SLOWER} at most"
    )


def _pair(rate: tuple[float, float]) -> str:
    return f"{rate[0]:.0f} ({rate[1]:.0f})"


def main() -> None:
    """Print start time and memory, then the table."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        seeds = {name: Path(folder, f"{name}.json") for name in SIZES}
        for name, seed in seeds.items():
            seed.write_text(json.dumps(company(*SIZES[name])), encoding="utf-8")
        for name, (users, posts) in SIZES.items():
            print(f"start to ready, {users} users, {posts} posts: {starts(seeds[name]):.2f} s (median of {STARTS})")
        servers = {name: stack.enter_context(portal(seed)) for name, seed in seeds.items()}
        memory = {name: server.memory() for name, server in servers.items()}
        asyncio.run(compare(servers, stack.enter_context(bare())))
        for name, server in servers.items():
            print(f"memory, {name}: {memory[name]:.0f} MB when ready, {server.memory():.0f} MB after the calls")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(echo())
    else:
        main()
