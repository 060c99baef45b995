"""Whatever people type and press: nothing is published without a decision of another person, and nothing twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UserMistake
from bot.model.approvals import ApprovalState
from bot.model.effects import Edit, Effect, Publish, Say, Share, ShowDraft
from bot.model.events import ApprovalToEnd, Dialog, MessageId, Person, UserId
from bot.policy import Decision, Policy, Rule
from tests.composing import PREVIEWS, TOM, conversation
from tests.feeding import FIRST
from tests.rounds import rounds
from tests.stand_ins import ANNA, PORTAL, Conversation

OLGA, EVA = Person(id=UserId(1), name="Olga Sommer"), Person(id=UserId(8), name="Eva Stein")
RULES = Policy(rules=(Rule(number=1, name="Two", then=Decision.APPROVE, approvers=(1, 5)),))
TYPED = [
    "/post We won.", "/post to:sales We play.", "/draft Another text", "/publish", "/share 3 to:all", "/approve 1",
    "/approve 2", "/refuse 1 No.", "/refuse 2", "/approvals", "/approvals cancel 1", "/cancel",
]  # fmt: skip
PEOPLE = st.sampled_from([ANNA, TOM, OLGA, EVA])
STEPS = st.one_of(
    st.tuples(st.just("type"), PEOPLE, st.sampled_from(TYPED)),
    st.tuples(st.just("press"), PEOPLE, st.integers(0, 200)),
    st.tuples(st.just("press"), PEOPLE, st.integers(0, 3)),
    st.tuples(st.just("press"), st.just(None), st.integers(0, 20)),
    st.tuples(st.just("sent"), st.just(ANNA), st.integers(0, 20)),
    st.tuples(st.just("wait"), st.just(ANNA), st.sampled_from([1, 60, 300_000])),
)
"""A press is of any button, by anybody: None is the person in whose dialog the button stands."""


@dataclass(slots=True)
class Office:
    """Four people in their dialogs with the bot: every button that was ever shown, and all that was published."""

    chat: Conversation
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    unsent: list[ShowDraft] = field(default_factory=list)
    requests: set[int] = field(default_factory=set)
    messages: int = 500

    async def step(self, what: str, who: Person | None, value: Any) -> None:
        """Do one thing, and check everything that is published by it."""
        self.chat.now += 0.5  # no two messages come at the same moment
        if what == "type" and who:
            await self._try(who, value)
        elif what == "press" and self.buttons:
            dialog, name, params = self.buttons[-1 - value % len(self.buttons)]
            presser = who or next(one for one in (ANNA, TOM, OLGA, EVA) if str(one.id) == dialog)
            await self._try(presser, (name, params))
        elif what == "sent" and self.unsent:
            self.messages += 1
            self._see(await self.chat.done(self.unsent.pop(value % len(self.unsent)), MessageId(self.messages)), None)
        elif what == "wait":
            self.chat.now += value
            for number in list(self.chat.memory.requests):
                self._see(await self.chat.hear(ApprovalToEnd(portal=PORTAL, number=number)), None)

    async def _try(self, who: Person, what: str | tuple[str, str]) -> None:
        self.chat.who, self.chat.dialog = who, Dialog(str(who.id))
        try:
            made = await (self.chat.say(what) if isinstance(what, str) else self.chat.press(*what))
        except UserMistake:
            return
        self._see(made, who)

    def _see(self, made: list[Effect], who: Person | None) -> None:
        for effect in made:
            if isinstance(effect, Publish | Share):
                self._check(effect, who)
            elif isinstance(effect, ShowDraft | Edit | Say):
                self.unsent += [effect] if isinstance(effect, ShowDraft) else []
                pressable = [one for one in effect.content.keyboard if "COMMAND" in one]
                self.buttons += [(effect.dialog, str(one["COMMAND"]), str(one["COMMAND_PARAMS"])) for one in pressable]

    def _check(self, made: Publish | Share, who: Person | None) -> None:
        """Check that this request was not published yet, and that somebody else who may has just approved it."""
        assert made.approved is not None
        assert who is not None
        assert made.approved.user == who.id != made.user
        assert who.id in (1, 5)
        assert made.approved.request not in self.requests
        self.requests.add(made.approved.request)
        request = self.chat.memory.requests[made.approved.request]
        assert request.state is ApprovalState.APPROVED
        assert request.expires_at > self.chat.now
        assert isinstance(request.action, type(made))
        assert replace(request.action, approved=None).dest == made.dest
        assert getattr(request.action, "text", "") == getattr(made, "text", "")


@settings(max_examples=rounds(100))
@given(steps=st.lists(STEPS, min_size=15, max_size=40))
def test_nothing_is_published_without_another_person_and_nothing_twice(
    steps: list[tuple[str, Person | None, Any]],
) -> None:
    """After any steps, each post was asked for, and approved once by somebody else who may."""

    async def play() -> None:
        chat = conversation()
        chat.settings = replace(PREVIEWS, policy=RULES)
        chat.portal.posts = {3: FIRST}
        office = Office(chat=chat)
        for what, who, value in steps:
            await office.step(what, who, value)

    asyncio.run(play())
