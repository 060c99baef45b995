"""Whatever two people type and press: a draft is published at most once, and exactly as its last card showed it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UserMistake
from bot.model.effects import Edit, Effect, Publish, ShowDraft
from bot.model.events import MessageId, Person
from tests.composing import TOM, conversation, rows
from tests.rounds import rounds
from tests.stand_ins import ANNA, GROUP, Conversation

TYPED = [
    "/post We won.", "/post title:Cup We lost.", "/post to:sales tags:a,b We play.", "/post important Goal",
    "/draft title:News", "/draft to:DR3", "/draft to:all", "/draft important:2030-01-01", "/draft tags:c",
    "/draft It is over: http://example.org", "/draft", "/post", "/preview", "/publish", "/cancel",
]  # fmt: skip
PEOPLE = st.sampled_from([ANNA, TOM])
TYPE = st.tuples(st.just("type"), PEOPLE, st.sampled_from(TYPED))
PUBLISH = st.tuples(st.just("type"), PEOPLE, st.just("/publish"))
PRESS = st.tuples(st.just("press"), PEOPLE, st.one_of(st.integers(0, 3), st.integers(0, 200)))
SENT = st.tuples(st.just("sent"), st.just(ANNA), st.integers(0, 20))
WAIT = st.tuples(st.just("wait"), st.just(ANNA), st.sampled_from([1, 60, 60, 90_000]))
STEPS = st.one_of(TYPE, TYPE, PUBLISH, PRESS, PRESS, PRESS, SENT, SENT, WAIT)
"""A press is of one of the newest buttons (0 is the first button of the last card), or of any."""


@dataclass(slots=True)
class Game:
    """A group where two people have drafts: every button that was ever shown, and the last card of each owner."""

    chat: Conversation
    buttons: list[tuple[str, str]] = field(default_factory=list)
    unsent: list[ShowDraft] = field(default_factory=list)
    last: dict[int, ShowDraft | Edit] = field(default_factory=dict)
    published: list[Publish] = field(default_factory=list)
    drafts: set[int] = field(default_factory=set)
    messages: int = 500

    async def step(self, what: str, who: Person, value: Any) -> None:
        """Do one thing, and check every post that it makes."""
        self.chat.who, self.chat.now = who, self.chat.now + 0.5  # no two messages come at the same moment
        if what == "type":
            await self._typed(value)
        elif what == "press" and self.buttons:
            newest = self.buttons[-3:] + self.buttons[:-3][::-1]
            self._see(await self.chat.press(*newest[value % len(newest)]))
        elif what == "sent" and self.unsent:
            self.messages += 1
            self._see(await self.chat.done(self.unsent.pop(value % len(self.unsent)), MessageId(self.messages)))
        elif what == "wait":
            self.chat.now += value

    async def _typed(self, text: str) -> None:
        try:
            self._see(await self.chat.say(text))
        except UserMistake:
            return

    def _see(self, made: list[Effect]) -> None:
        for effect in made:
            if isinstance(effect, Publish):
                self._check(effect)
            elif isinstance(effect, ShowDraft | Edit):
                if effect.content.attach:
                    self.last[self.chat.who.id] = effect
                    self.drafts.add(self.chat.who.id)
                self.unsent += [effect] if isinstance(effect, ShowDraft) else []
                pressable = [one for one in effect.content.keyboard if "COMMAND" in one]
                self.buttons += [(str(one["COMMAND"]), str(one["COMMAND_PARAMS"])) for one in pressable]

    def _check(self, made: Publish) -> None:
        """Check that a post is the owner's, of a draft that was shown and not published, and as it was shown."""
        assert made.user == self.chat.who.id
        assert made.user in self.drafts
        self.drafts.remove(made.user)  # until another card is shown, nothing may be published
        card = self.last[made.user]
        text = str(card.content.attach)
        details = rows(card)
        assert made.text in text
        assert (f"[B]{made.title}[/B]" in text) is bool(made.title)
        assert details["For"].startswith(made.audience)
        assert ("Importance" in details) is made.important
        assert ("January" in details.get("Importance", "")) is bool(made.important_until)
        assert details.get("Tags", "") == ", ".join(made.tags)
        assert ("Link preview" in details) is made.link_preview
        self.published.append(made)


@settings(max_examples=rounds(100))
@given(steps=st.lists(STEPS, min_size=15, max_size=40))
def test_a_draft_is_published_at_most_once_and_as_shown(steps: list[tuple[str, Person, Any]]) -> None:
    """After any steps, each post was a draft of its author, as their last card showed it, and each draft made one."""

    async def play() -> None:
        game = Game(chat=conversation(GROUP))
        for what, who, value in steps:
            await game.step(what, who, value)

    asyncio.run(play())
