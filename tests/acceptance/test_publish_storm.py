"""Posts from the composer while the portal and the service fail: each is in the feed once, and each person is told."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import pytest

from portal.clients.person import text_of
from portal.testing import RunningPortal
from portal.world.feed import Post
from portal.world.messenger import Message
from tests import service as services
from tests.rounds import rounds, some
from tests.service import Service

ROUNDS = rounds(1)
"""Rounds for each generation of bots; `make long` makes 1,000 posts for each."""
CHATS = 50
"""How many people publish at the same time, each in a chat of their own."""
AUTHORS = (1, 2, 3, 4, 5)
BROKEN = ["cut", "cut_after", "slow", "503", "500", "html", "expired"]
"""What happens to a request; "slow" lasts longer than the service waits, and is carried out afterwards."""
SETTINGS = {
    "FEEDBRIDGE_PUBLISH__AT_ONCE": "false",
    "FEEDBRIDGE_RATE_LIMIT__CAPACITY": "10000",
    "FEEDBRIDGE_RATE_LIMIT__RATE": "1000",
    "FEEDBRIDGE_RATE_LIMIT__TIMEOUT": "1.0",
    "FEEDBRIDGE_RETRY__SETTLE": "2.5",
}
SLOW = 1.5
WITHIN = 90.0
MODES = [("v1", False), ("v2", True), ("v2", False), ("v1", True)]
CRASHES = 0.5
"""The share of rounds in which the service is killed."""


@dataclass(slots=True, kw_only=True)
class Storm:
    """A portal with trouble, the service, and the counts of what happened."""

    p: RunningPortal
    service: Service
    bot: int
    dice: random.Random
    wanted: int = 0
    crashes: int = 0
    wrong: list[str] = field(default_factory=list)

    async def round(self, number: int) -> None:
        """Let people write drafts and publish them, each with a trouble, and count."""
        authors = {self._chat(author): author for author in (AUTHORS * CHATS)[:CHATS]}
        texts = {dialog: f"Round {number} of {dialog}" for dialog in authors}
        people = {dialog: self.p.person(author) for dialog, author in authors.items()}
        for dialog, person in people.items():
            await person.says(f"/post to:all {texts[dialog]}", dialog=dialog)
        await asyncio.gather(
            *(person.sees("not published yet", dialog=dialog, within=WITHIN) for dialog, person in people.items())
        )
        before = self.p.deliveries()[-1].n
        self._trouble()
        kill = asyncio.create_task(self._kill()) if self.dice.random() < CRASHES else None
        for dialog, person in people.items():
            await person.presses("Publish", dialog=dialog)
            await asyncio.sleep(self.dice.random() * 0.05)
        if kill:
            await kill
        await self.p.idle()
        if any(record.status != HTTPStatus.OK for record in self.p.deliveries() if record.n > before):
            # The portal does not repeat the event of a press, so a person who sees no confirmation presses again.
            for dialog, person in people.items():
                if not self._confirmed(dialog) and self._has_button(dialog):
                    await person.presses("Publish", dialog=dialog)
        await self.p.emulator.hub.until(lambda: all(map(self._confirmed, people)) or None, within=WITHIN)
        await self.p.idle()
        self.p.faults()
        for dialog, text in texts.items():
            self._count(dialog, text)

    def _chat(self, author: int) -> str:
        return self.p.make_chat(author, self.bot, by=author)

    def _trouble(self) -> None:
        """Let each publication fail once or twice, and some requests of all kinds."""
        some = [
            {"method": "*", "kind": self.dice.choice(BROKEN), "seconds": SLOW, "chance": 0.2, "times": 3}
            for _ in range(3)
        ]
        each = [
            {"method": "log.blogpost.add", "kind": self.dice.choice(BROKEN), "seconds": SLOW, "times": 1}
            for _ in range(CHATS + CHATS // 4)
        ]
        self.p.faults(*some, *each)

    async def _kill(self) -> None:
        """End the service at a random moment as with kill -9, and start it again."""
        await asyncio.sleep(self.dice.random() * 2.5)
        process = self.service.process
        assert process
        process.send_signal(signal.SIGKILL)
        await self.service.ended()
        await self.service.start()
        self.crashes += 1

    def _said(self, dialog: str) -> list[Message]:
        messenger = self.p.emulator.world.messenger
        rows = [messenger.messages[number] for number in messenger.by_chat[int(dialog.removeprefix("chat"))]]
        return [row for row in rows if row.author == self.bot]

    def _confirmed(self, dialog: str) -> list[Message]:
        return [row for row in self._said(dialog) if "Published as" in text_of(row)]

    def _has_button(self, dialog: str) -> bool:
        return any(button.get("TEXT") == "Publish" for row in self._said(dialog) for button in row.keyboard or ())

    def _count(self, dialog: str, text: str) -> None:
        self.wanted += 1
        posts = [post for post in self.p.posts() if post.text == text]
        if len(posts) != 1:
            self.wrong.append(f"{len(posts)} posts {text!r}")
        told = self._confirmed(dialog)
        if len(told) != 1 or not all(_names(row, post) for row in told for post in posts):
            self.wrong.append(f"{text!r} is confirmed by {[text_of(row) for row in told]}")
        false = [row for row in self._said(dialog) if "was not published" in row.text or "did not say" in row.text]
        self.wrong += [f"{text!r} is answered with {row.text!r}" for row in false]


def _names(row: Message, post: Post) -> bool:
    return f"Published as {post.id}, for everyone" in text_of(row)


@pytest.mark.parametrize(("bot_api", "acting"), some(MODES, last=2))
async def test_each_post_is_published_once(
    tmp_path: Path, bot_api: str, capsys: pytest.CaptureFixture[str], *, acting: bool
) -> None:
    """With cuts, timeouts, refusals, expired tokens and kill -9, no post is lost or doubled, and all are confirmed.

    `acting`: the service has no tokens of the authors, and publishes with an administrator's.
    """
    seed = int(os.environ.get("FEEDBRIDGE_SEED") or random.SystemRandom().randrange(10**6))
    settings = SETTINGS | {"FEEDBRIDGE_PUBLISH__FOR_PEOPLE": str(acting).lower()}
    async with services.installed(tmp_path, bot_api=bot_api, **settings) as (p, service, app):
        p.switch(bucket_capacity=0, tokens_in_events=not acting)
        bot = await p.bot(app)
        storm = Storm(p=p, service=service, bot=bot.id, dice=random.Random(seed))  # noqa: S311 - not secret
        for number in range(ROUNDS):
            await storm.round(number)
    posts = Counter(post.text for post in p.posts() if post.text.startswith("Round "))
    mode = f"{bot_api}, acting" if acting else bot_api
    with capsys.disabled():
        print(  # noqa: T201 - the summary of the run
            f"\n{mode}: {storm.wanted} publications, {len(posts)} posts, {posts.total() - len(posts)} twice, "
            f"{storm.crashes} crashes, {len(storm.wrong)} wrong (seed {seed})",
            file=sys.stderr,
        )
    assert storm.wrong == [], f"seed {seed}"
    assert len(posts) == posts.total() == storm.wanted == ROUNDS * CHATS
