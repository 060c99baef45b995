"""The largest posts: long texts, many recipients, big files; published whole or refused in words, in little memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.clients.person import Person, text_of
from portal.control import company
from portal.testing import RunningPortal
from portal.world.feed import Post
from tests import service as services
from tests.service import Service

CLARA = 4
MIB = 2**20
MOST_MEMORY = 150 * MIB
"""The most memory that the service may use, whatever is published."""
LONGEST = 20_000
"""The longest message in characters; the portal cuts longer ones."""
WITHIN = 60.0
PEOPLE = 40
SETTINGS = {"FEEDBRIDGE_PUBLISH__AT_ONCE": "false", "FEEDBRIDGE_RATE_LIMIT__CAPACITY": "1000"}

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="reads memory from /proc, which only Linux has"
)


@dataclass(slots=True, kw_only=True)
class Here:
    """A running service, and a person in their dialog with the bot."""

    p: RunningPortal
    service: Service
    clara: Person

    async def says(self, text: str) -> str:
        """Let Clara write, and return the first answer."""
        asked = await self.clara.says(text)
        return text_of(await self.clara.sees("", after=asked, within=WITHIN))

    async def publishes(self, text: str) -> Post:
        """Let Clara write a post, press Publish, and return the post."""
        assert "not published yet" in await self.says(text)
        await self.clara.presses("Publish")
        await self.clara.sees("Published as", within=WITHIN)
        return self.p.posts(CLARA)[-1]

    def memory(self) -> int:
        """Return the most memory in bytes that the service has used so far."""
        assert self.service.process
        status = Path(f"/proc/{self.service.process.pid}/status").read_text("ascii")
        [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    """Start a service that shows a preview first, and let Clara open a dialog with the bot."""
    async with services.installed(tmp_path, **SETTINGS) as (p, service, app):
        p.switch(bucket_capacity=0)
        clara = p.person(CLARA)
        await p.bot(app)
        await clara.says("/lang en")
        await clara.sees("English", within=WITHIN)
        made = Here(p=p, service=service, clara=clara)
        yield made
        assert await asyncio.to_thread(made.memory) < MOST_MEMORY


async def test_a_text_of_20000_characters(here: Here) -> None:
    """The longest message is published whole; a longer one is refused before anything is sent."""
    text = "Слово и слово.  " * (LONGEST // 16)
    post = await here.publishes(f"/post to:all {text[: LONGEST - 20]}!")
    assert post.text == f"{text[: LONGEST - 20]}!"
    posts = len(here.p.posts())
    answer = await here.says(f"/post to:all {text * 2}")
    assert "20,000" in answer
    assert len(here.p.posts()) == posts
    assert len(here.p.calls("log.blogpost.add")) == 1


async def test_forty_recipients(here: Here) -> None:
    """A post goes to forty people by name, in few requests; one unknown name stops it with a question."""
    people = here.p.emulator.world.people
    for number in range(PEOPLE):
        company.add_user(here.p.emulator, {"first_name": f"Ann{number}", "last_name": f"Reader{number}"})
    added = [one for one in people.users.values() if one.last_name.startswith("Reader")]
    before = len(here.p.calls())
    names = ",".join(f'"{one.name}"' for one in added)
    post = await here.publishes(f"/post to:{names} For you forty.")
    assert sorted(post.dest) == sorted(f"U{one.id}" for one in added)
    http = [call for call in here.p.calls()[before:] if not call.in_batch]
    assert len(http) <= 10, [call.method for call in http]
    posts = len(here.p.posts())
    answer = await here.says(f"/post to:{names},Nobodyhere Text")
    assert "Nobodyhere" in answer
    assert len(here.p.posts()) == posts


async def test_ten_files_of_ten_megabytes(here: Here) -> None:
    """Ten files that were sent to the bot are in the post; the service never holds their contents."""
    content = bytes(10 * MIB)
    for number in range(10):
        asked = await here.clara.sends_file(f"film{number}.bin", content)
        await here.clara.sees(f"{number + 1} file", after=asked, within=WITHIN)
    post = await here.publishes("/post to:all Ten films.")
    assert [(file.name, file.size) for file in post.files] == [(f"film{number}.bin", 10 * MIB) for number in range(10)]
