"""The recorder: the test made from a session leaves the portal in the same state as the session."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

import portal.testing
from portal.clients.event_receiver import receiving
from portal.clock import Clock
from portal.testing import RunningPortal
from portal.world.messenger import Message

pytest_plugins = ["pytester"]
OLGA, ANNA, BORIS, CLARA, EXTRANET_USER = 1, 2, 3, 4, 6
PICTURE = base64.b64decode("R0lGODlhAgADAIAAAAAAAP///yH5BAEAAAAALAAAAAACAAMAAAIChF8AOw==")


@asynccontextmanager
async def echoing(running: RunningPortal) -> AsyncIterator[int]:
    """Install a bot that repeats messages, with a button and a menu, and posts on request as the speaker."""
    async with receiving() as receiver:
        app = await running.install(await running.add_app(name="Echo", handler=receiver.url))
        client = running.client(app, user=OLGA)
        running.switch(bucket_capacity=0)
        fields = {"CODE": "echo", "EVENT_HANDLER": receiver.url, "PROPERTIES": {"NAME": "Echo"}}
        bot = int(await client.result("imbot.register", fields))

        async def answer() -> None:
            received = 0
            while True:
                event = await receiver.wait_for("ONIMBOTMESSAGEADD", times=received + 1, within=600)
                received += 1
                said, where = event["data"]["PARAMS"]["MESSAGE"], event["data"]["PARAMS"]["DIALOG_ID"]
                if said.startswith("post "):
                    author = running.client(app, user=int(event["data"]["PARAMS"]["FROM_USER_ID"]))
                    await author.result("log.blogpost.add", POST_MESSAGE=said, DEST=["UA"])
                keys = [{"TEXT": "Send", "ACTION": "SEND", "ACTION_VALUE": "sent by a button"}]
                more = {"KEYBOARD": keys, "MENU": [{"TEXT": "Put", "ACTION": "PUT", "ACTION_VALUE": "x"}]}
                words = f"You said: {said}" if said else "You said nothing"
                await client.result("imbot.message.add", {"BOT_ID": bot, "DIALOG_ID": where, "MESSAGE": words, **more})

        task = asyncio.create_task(answer())
        yield bot
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person on the page during a recording."""

    running: RunningPortal
    http: aiohttp.ClientSession
    bot: int

    async def do(self, command: str, who: int | None = None, **body: Any) -> Any:
        """Run a command of the control API, which must succeed."""
        given = body if who is None else {"as": who, **body}
        async with self.http.post(f"{self.running.control}{command}", json=given) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def gets_answer(self, who: int, words: str) -> int:
        """Wait for the bot's answer and return its id."""
        return (await self.running.person(who).sees(words, dialog=str(self.bot), within=20)).id


async def reactions(at: Session) -> None:
    """React to one's own message and to a bot's, and remove one."""
    own = (await at.do("say", BORIS, dialog=str(at.bot), text="Cake"))["message_id"]
    answer = await at.gets_answer(BORIS, "You said: Cake")
    await at.do("react", BORIS, message_id=own, reaction="fire")
    await at.do("react", BORIS, message_id=answer, reaction="redHeart", on=True)
    await at.do("react", BORIS, message_id=own, reaction="fire", on=False)
    await at.do("like", BORIS, message_id=answer)


async def files(at: Session) -> None:
    """Send files with and without text, a picture, and one that is too large to record."""
    at_once = {"name": "a.gif", "content": base64.b64encode(PICTURE).decode(), "text": "Look"}
    made = await at.do("files", CLARA, dialog="chat10", **at_once)
    await at.do("react", ANNA, message_id=made["message_id"], reaction="eyes")
    for name, content in (('b "b".txt', b"plain"), ("c.bin", b"\0" * 5000)):
        await at.do("files", CLARA, dialog="chat10", name=name, content=base64.b64encode(content).decode())


async def polls(at: Session) -> None:
    """Publish a poll and change votes, thank people, and read an important post."""
    poll = {"question": "Where to?", "answers": ["Lake", "Woods"], "many": True}
    number = (await at.do("posts", OLGA, text="Party", dest=["UA"], poll=poll))["post_id"]
    await at.do("posts/vote", BORIS, post_id=number, answers={"0": [0]})
    await at.do("posts/vote", CLARA, post_id=number, answers={"0": [0, 1]})
    await at.do("posts/vote", BORIS, post_id=number, answers={"0": [1]})
    thanks = {"medal": "cup", "people": [CLARA]}
    await at.do("posts", OLGA, text="Thank you", title="To Clara", gratitude=thanks, tags=["cake"])
    read = (await at.do("posts", OLGA, text="Read this", dest=["UA"], important=True))["post_id"]
    await at.do("posts/read", ANNA, post_id=read)


async def groups(at: Session) -> None:
    """Create a group with people and the bot, join, leave, and write in it."""
    group = (await at.do("chats", ANNA, title="Crew", members=[ANNA, BORIS, at.bot]))["dialog"]
    await at.do("chats/join", ANNA, dialog=group, user=CLARA)
    await at.do("say", CLARA, dialog=group, text="Hello all")
    await at.do("chats/leave", ANNA, dialog=group, user=BORIS)
    await at.do("chats/leave", CLARA, dialog=group)


async def conversation(at: Session) -> None:
    """Answer, edit and delete messages, press a button that writes, and choose a menu item."""
    await at.do("open", BORIS, dialog=str(at.bot))
    own = (await at.do("say", BORIS, dialog=str(at.bot), text='One "two" \\ three'))["message_id"]
    answer = await at.gets_answer(BORIS, "You said: One")
    await at.do("say", BORIS, dialog=str(at.bot), text="Why?", reply_to=answer)
    await at.gets_answer(BORIS, "You said: Why?")
    await at.do("forward", BORIS, message_id=own, dialog="1")
    await at.do("edit", BORIS, message_id=own, text="Four")
    await at.do("press", BORIS, message_id=answer, button=0)
    await at.gets_answer(BORIS, "You said: sent by a button")
    await at.do("press", BORIS, message_id=answer, menu=0)
    await at.do("delete", BORIS, message_id=own)


async def posts(at: Session) -> None:
    """Comment, change and delete posts of the seed, of a person and of the bot."""
    await at.do("say", BORIS, dialog=str(at.bot), text="post Lunch at one")
    await at.gets_answer(BORIS, "You said: post Lunch")
    written = at.running.posts()[-1].id
    await at.do("posts/comment", CLARA, post_id=written, text="At last")
    own = (await at.do("posts", BORIS, text="Mine", title="T", dest=["DR3"]))["post_id"]
    await at.do("posts/edit", BORIS, post_id=own, text="Changed", title="", dest=["UA"])
    await at.do("posts/comment", CLARA, post_id=own, text="Good")
    await at.do("posts/comment", CLARA, post_id=217, text="Old")
    await at.do("posts/delete", BORIS, post_id=written)
    await at.do("timeline/comment", ANNA, type="deal", id=42, text="Signed")


async def faults_and_clock(at: Session) -> None:
    """Change switches, the clock and faults, and take the portal down."""
    await at.do("switches", crm_feed="alive", file_limit=5)
    await at.do("clock", stop=True)
    await at.do("clock", advance=3600)
    await at.do("faults", rules=[{"method": "profile", "kind": "503", "times": 2}])
    await at.do("down", seconds=0)
    await at.do("say", EXTRANET_USER, dialog="chat11", text="In faults_and_clock")


SESSIONS: list[Callable[[Session], Awaitable[None]]] = [
    reactions,
    files,
    polls,
    groups,
    conversation,
    posts,
    faults_and_clock,
]


async def recorded(running: RunningPortal, session: Callable[[Session], Awaitable[None]]) -> str:
    """Record a session on a portal that already has content."""
    async with aiohttp.ClientSession() as http, echoing(running) as bot:
        at = Session(running=running, http=http, bot=bot)
        await at.do("record", on=True, title='A "day"\nin """Berlin""" \\')
        await session(at)
        await at.do("record", on=False)
        await running.idle()
        async with http.get(f"{running.control}recording") as answer:
            return await answer.text()


def files_of(message: Message) -> list[tuple[str, int]]:
    """Return the files of a message."""
    return [(file.name, file.size) for file in message.files]


def left(running: RunningPortal) -> dict[str, Any]:
    """Return the state after a session, without numbers that differ between runs."""
    world = running.emulator.world
    name = {number: user.name for number, user in world.people.users.items()}
    return {
        "messages": [
            (name.get(row.author), row.text, row.deleted, row.edited, row.reactions, files_of(row), bool(row.reply_to))
            for row in world.messenger.messages.values()
        ],
        "chats": sorted(
            (chat.title, sorted(name[one] for one in chat.members)) for chat in world.messenger.chats.values()
        ),
        "posts": [
            (name[row.author], row.title, row.text, row.dest, row.important, row.readers, row.tags)
            for row in world.feed.posts.values()
        ],
        "votes": [row.poll.votes for row in world.feed.posts.values() if row.poll],
        "thanks": [row.gratitude.people for row in world.feed.posts.values() if row.gratitude],
        "comments": [(name[row.author], row.text) for row in world.feed.comments.values()],
        "cards": [entry.text for entry in world.crm.timeline("deal", 42)],
        "faults_and_clock": (running.emulator.switches, len(running.emulator.faults.rules), running.clock.is_stopped),
    }


def clock_for(session: Callable[[Session], Awaitable[None]]) -> Clock:
    """Return a clock with the same second in the session and in its test, unless it is stopped."""
    return Clock() if session is faults_and_clock else Clock(start=1_790_000_000.0)


@pytest.mark.parametrize("session", SESSIONS)
async def test_a_recorded_session_runs_as_a_test(session: Callable[[Session], Awaitable[None]]) -> None:
    """On a new portal with the same bot, the recorded test leaves the same state."""
    async with portal.testing.running(clock=clock_for(session)) as first:
        source = await recorded(first, session)
        wanted = left(first)
    assert "no method of a person does this" not in source
    namespace: dict[str, Any] = {}
    exec(compile(source, "recorded", "exec"), namespace)  # noqa: S102 (it is what the recorder gives to be run)
    async with portal.testing.running(clock=clock_for(session)) as second, echoing(second) as bot:
        await namespace["test_recorded_session"](second, bot)
        await second.idle()
        assert left(second) == wanted, source


async def test_a_recorded_session_names_people_and_objects() -> None:
    """People, bots and new objects have names; only earlier objects have numbers."""
    async with portal.testing.running() as running:
        lines = [line.strip() for line in (await recorded(running, reactions)).splitlines()]
    assert "boris = portal.person(3)" in lines
    [said] = [line for line in lines if "says('Cake'" in line]
    own = said.partition(" = ")[0]
    assert said == f"{own} = await boris.says('Cake', dialog=portal.bot_dialog())"
    assert f"await boris.reacts({own}, 'fire')" in lines
    assert f"await boris.reacts({own}, 'fire', on=False)" in lines
    [found] = [line for line in lines if line.endswith(").id")]
    answer = found.partition(" = ")[0]
    assert found == f"{answer} = (await boris.sees('You said: Cake', dialog=portal.bot_dialog())).id"
    assert f"await boris.reacts({answer}, 'redHeart', on=True)" not in lines
    assert f"await boris.reacts({answer}, 'redHeart')" in lines


async def test_a_recorded_file_runs_in_pytest(pytester: pytest.Pytester) -> None:
    """Saved with a fixture `bot` beside it, pytest finds the test and it passes."""
    async with portal.testing.running() as running:
        source = await recorded(running, groups)
    pytester.makepyfile(test_recorded=source)
    pytester.makeconftest(BOT)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


BOT = """
import pytest_asyncio


@pytest_asyncio.fixture
async def bot(portal):
    app = await portal.install(await portal.add_app(name="Echo", handler="http://127.0.0.1:9/"))
    fields = {"CODE": "echo", "EVENT_HANDLER": "http://127.0.0.1:9/", "PROPERTIES": {"NAME": "Echo"}}
    return await portal.client(app, user=1).result("imbot.register", fields)
"""
"""A silent bot, for tests in which people write to each other."""


async def test_a_command_without_a_method_becomes_a_comment() -> None:
    """A person added by the control API becomes a comment; measuring a call is not recorded."""

    async def hiring(at: Session) -> None:
        await at.do("users", first_name="Ida")
        await at.do("typing", ANNA, dialog="chat10")

    async with portal.testing.running() as running:
        source = await recorded(running, hiring)
    assert [line.strip() for line in source.splitlines()[-2:]] == ["# users: no method of a person does this", "pass"]
