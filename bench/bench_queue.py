"""500 queued messages to a portal that takes 50 requests at once and 2 a second: how many requests, how many seconds.

The portal is a process of its own, so is the sender: the real one, with its outbox on a real file. Beside it, in the
same run, the naive way: one call for each message, paced by the same bucket; of it 60 calls are made, and the rest is
reckoned from the pace, because all 500 would take minutes. Then: how long an answer is on its way while 1000 relays
wait, with the portal's bucket empty and with the bucket full to the brim.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import structlog

sys.path.insert(0, str(Path(__file__).parents[1]))

from cryptography.fernet import Fernet

import portal.testing
from bot.bitrix import addresses
from bot.bitrix.outbound import calls
from bot.bitrix.outbound.caller import Caller
from bot.bitrix.outbound.client import Client
from bot.bitrix.outbound.crm.attachments import Attachments
from bot.bitrix.outbound.earlier import DialogSearch, Search
from bot.bitrix.outbound.leaky_bucket import BucketSizes
from bot.bitrix.outbound.tokens import Credentials, Tokens
from bot.clock import Clock
from bot.crash_points import no_crash
from bot.model import effects, events, state_changes
from bot.model.effects import Content, Effect, Priority
from bot.model.events import BotId, Dialog, PortalId, UserId
from bot.model.queued import IncomingEvent, Outcome
from bot.observability.metrics import Metrics
from bot.pipeline.delivery import Delivery
from bot.pipeline.outages import Outages
from bot.pipeline.outcomes import Outcomes
from bot.pipeline.sender import Sender
from bot.retry import RetryPolicy
from bot.store import Encryption, Store, StoredMemory, open_database

MESSAGES = 500
DIALOGS = 50
NAIVE = 60
RELAYS = 1000
ANSWERS = 40
AT_MOST = 58.0
"""Seconds after which the bench gives up."""

# --- The portal -------------------------------------------------------------------------------------------


async def serve() -> None:
    """Run the portal until the process is ended; print what a sender needs to know."""
    async with portal.testing.set_up() as setup:
        bot = await setup.v2_bot()
        access, refresh = setup.p.tokens(setup.app)
        chats = [setup.p.make_chat(1, 2, bot) for _ in range(RELAYS)]
        setup.p.switch(bucket_capacity=50, bucket_rate=2.0)
        known = {"url": setup.p.url, "bot": bot, "access": access, "refresh": refresh, "chats": chats}
        print(json.dumps(known), flush=True)
        await asyncio.Event().wait()


@contextlib.contextmanager
def running() -> Iterator[dict[str, Any]]:
    """Run the portal in a process of its own; gives what it printed."""
    with subprocess.Popen([sys.executable, __file__, "portal"], stdout=subprocess.PIPE) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())
        process.kill()


# --- The sender -------------------------------------------------------------------------------------------


class Watched(Store):
    """A store that notes when each message was done."""

    done: dict[str, float]
    changed: asyncio.Event

    async def settle(self, outcomes: Sequence[Outcome], now: float) -> None:
        """Note the time."""
        await super().settle(outcomes, now)
        for one in outcomes:
            if one.state == "done" and isinstance(one.row.effect, effects.Say):
                self.done[one.row.effect.content.text] = time.perf_counter()
        self.changed.set()


@dataclass(slots=True, kw_only=True)
class Bench:
    """A sender, and the portal it knows."""

    known: dict[str, Any]
    session: aiohttp.ClientSession
    store: Watched
    caller: Caller
    sender: Sender
    since: int = 0
    committed: int = field(default=0)

    async def decide(self, *wanted: Effect) -> None:
        """Put effects into the outbox."""
        self.committed += 1
        event = events.PostDeleted(portal=PortalId("bench"), post=events.PostId(self.committed))
        await self.store.receive(
            [IncomingEvent(event=event, key=str(self.committed), ordering_key="bench")], time.time()
        )
        [row] = await self.store.waiting_events(after=0, many=10)
        await self.store.commit_event(row, [], wanted, time.time())

    async def until(self, texts: Sequence[str]) -> None:
        """Wait until these messages are done."""
        while not all(text in self.store.done for text in texts):
            self.store.changed.clear()
            await self.store.changed.wait()

    async def requests(self) -> tuple[int, int]:
        """Return the number of HTTP requests since the last call, and how many of them were refused."""
        async with self.session.get(f"{self.known['url']}-/calls?since={self.since}") as answer:
            page = await answer.json()
        self.since = page["next"]
        got = [call for call in page["calls"] if not call["in_batch"]]
        return len(got), sum(call["status"] != 200 for call in got)

    async def rest(self) -> None:
        """Move the portal's clock by a minute, so that its bucket is empty."""
        async with self.session.post(f"{self.known['url']}-/clock", json={"advance": 60}) as answer:
            await answer.read()


@contextlib.asynccontextmanager
async def sending(known: dict[str, Any], *, starts: bool) -> AsyncIterator[Bench]:
    """Give a sender with an outbox of its own; it starts to send at once, or when it is told to."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "feedbridge.db") as database, aiohttp.ClientSession() as session:
            committer = asyncio.create_task(database.serve())
            bench = joined(known, Watched(database, Encryption(Fernet.generate_key())), session)
            bench.store.done, bench.store.changed = {}, asyncio.Event()
            await bench.store.commit_event(await _installed(bench.store), _state_changes(known), [], time.time())
            await bench.rest()
            await bench.requests()
            loop = asyncio.create_task(bench.sender.serve()) if starts else None
            yield bench
            for task in filter(None, (loop, committer)):
                task.cancel()


def joined(known: dict[str, Any], store: Watched, session: aiohttp.ClientSession) -> Bench:
    """Connect the objects as bot/app.py does."""
    metrics, retry_policy, clock = Metrics(), RetryPolicy(random=random.random), Clock()
    client = Client(session, timeout=30.0, reach=addresses.ANYWHERE)
    credentials = Credentials(client_id="x", client_secret="x", oauth_url=f"{known['url']}oauth/token/")  # noqa: S106 - none is needed
    tokens = Tokens(store=store, client=client, credentials=credentials, metrics=metrics, clock=clock)
    caller = Caller(client=client, tokens=tokens, store=store, metrics=metrics, bucket_sizes=BucketSizes(), clock=clock)
    delivery = Delivery(
        store=store,
        caller=caller,
        outcomes=Outcomes(retry_policy=retry_policy),
        metrics=metrics,
        clock=clock,
        crash_hook=no_crash,
        search=Search(caller, lambda portal, kind, since: StoredMemory(store, portal).made(kind, since), clock),
        dialogs=DialogSearch(caller, functools.partial(StoredMemory, store), clock, retry_policy.settle),
        attachments=Attachments(caller=caller),
    )
    sender = Sender(
        store=store,
        delivery=delivery,
        retry_policy=retry_policy,
        metrics=metrics,
        outages=Outages(retry_policy=retry_policy, metrics=metrics, clock=clock),
        clock=clock,
        crash_hook=no_crash,
        in_flight=3,
    )
    return Bench(known=known, session=session, store=store, caller=caller, sender=sender)


async def _installed(store: Store) -> Any:
    event = events.PostDeleted(portal=PortalId("bench"), post=events.PostId(0))
    await store.receive([IncomingEvent(event=event, key="0", ordering_key="bench")], time.time())
    [row] = await store.waiting_events(after=0, many=1)
    return row


def _state_changes(known: dict[str, Any]) -> list[state_changes.StateChange]:
    rest = f"{known['url']}rest/"
    return [
        state_changes.PortalKnown(
            endpoint=rest, auth_endpoint=rest, domain="bench", language="en", api="v2", license="", user=UserId(1),
            access_token=known["access"], refresh_token=known["refresh"], application_token="x", expires=0,  # noqa: S106 - not asked for
        ),
        state_changes.BotKnown(bot=BotId(known["bot"])),
    ]  # fmt: skip


def say(dialog: str, text: str, priority: Priority = Priority.REPLY) -> effects.Say:
    """Make a message."""
    return effects.Say(dialog=Dialog(dialog), content=Content(text=text), priority=priority)


# --- What is measured -------------------------------------------------------------------------------------


async def queued(known: dict[str, Any], dialogs: int) -> tuple[int, int, float]:
    """Return requests, refused requests and seconds for 500 messages that wait when the sender starts."""
    async with sending(known, starts=False) as bench:
        texts = [f"message {number}" for number in range(MESSAGES)]
        await bench.decide(*(say(known["chats"][place % dialogs], text) for place, text in enumerate(texts)))
        start = time.perf_counter()
        loop = asyncio.create_task(bench.sender.serve())
        await bench.until(texts)
        seconds = time.perf_counter() - start
        loop.cancel()
        requests, refused = await bench.requests()
    return requests, refused, seconds


async def naive(known: dict[str, Any]) -> tuple[int, float]:
    """Return refused requests and seconds for 500 messages, one by one; 440 of them are calculated from the rate."""
    async with sending(known, starts=False) as bench:
        found = await bench.store.portal(PortalId("bench"))
        assert found
        ends = []
        start = time.perf_counter()
        for number in range(NAIVE):
            one = calls.call(say(known["chats"][number % DIALOGS], "naive"), found, key=str(number))
            await bench.caller.call(found, one.method, one.params, token_owner="install", urgency=0)  # noqa: S106 - the name of an owner, no password
            ends.append(time.perf_counter() - start)
        _, refused = await bench.requests()
    paced = (ends[-1] - ends[-7]) / 6
    return refused, ends[-1] + (MESSAGES - NAIVE) * paced


async def answers(known: dict[str, Any], *, full: bool, gap: float) -> tuple[list[float], int]:
    """Return the seconds that answers took while relays wait, and the refused requests."""
    async with sending(known, starts=True) as bench:
        if full:  # somebody has just used up all that the portal takes at once
            found = await bench.store.portal(PortalId("bench"))
            assert found
            asked = [bench.caller.call(found, "user.admin", {}, token_owner="install", urgency=0) for _ in range(49)]  # noqa: S106 - the name of an owner, no password
            await asyncio.gather(*asked)
        chats, started = known["chats"], list[float]()
        await bench.decide(*(say(chat, f"relay {chat}", Priority.RELAY) for chat in chats))
        bench.sender.wake.set()
        for number in range(ANSWERS):
            await asyncio.sleep(gap)
            started.append(time.perf_counter())
            await bench.decide(say("2", f"answer {number}"))
            bench.sender.wake.set()
            if all(f"relay {chat}" in bench.store.done for chat in chats):
                break
        await bench.until([f"answer {number}" for number in range(len(started))])
        _, refused = await bench.requests()
        took = [bench.store.done[f"answer {number}"] - at for number, at in enumerate(started)]
    return took, refused


async def main(known: dict[str, Any]) -> None:
    """Print all results."""
    async with asyncio.timeout(AT_MOST):
        print(f"{MESSAGES} queued messages, a portal that takes 50 requests at once and 2 a second")
        for dialogs in (DIALOGS, 1):
            requests, refused, seconds = await queued(known, dialogs)
            place = f"to {dialogs} dialogs" if dialogs > 1 else "to one dialog"
            print(f"  our sender, {place:14} {requests:5} requests, {refused} refused {seconds:8.2f} s")
        refused, seconds = await naive(known)
        print(f"  one call a message        {MESSAGES:5} requests, {refused} refused {seconds:8.1f} s"
              f"  ({NAIVE} made, the rest reckoned)")  # fmt: skip
        print(f"an answer's way while {RELAYS} relays wait")
        for full, gap in ((False, 0.02), (True, 0.2)):
            took, refused = await answers(known, full=full, gap=gap)
            p99 = statistics.quantiles(took, n=100, method="inclusive")[98]
            bucket = "bucket full" if full else "bucket empty"
            print(f"  {bucket:13} p50 {statistics.median(took):6.3f} s   p99 {p99:6.3f} s"
                  f"   ({len(took)} answers, {refused} requests refused)")  # fmt: skip


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    if len(sys.argv) > 1:
        asyncio.run(serve())
    else:
        with running() as the_portal:
            asyncio.run(main(the_portal))
