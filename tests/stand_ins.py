"""A portal, a memory and a conversation for tests: plain implementations of the protocols."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from bot.errors import UserMistake
from bot.framework.context import Context, Settings
from bot.framework.router import Router
from bot.model import effects
from bot.model.crm_records import CrmWritten
from bot.model.effects import Effect
from bot.model.events import (
    Commanded,
    CommandId,
    Dialog,
    DialogEvent,
    Done,
    Event,
    EventTokens,
    Failed,
    From,
    MessageId,
    Person,
    PostId,
    Said,
    UserId,
)
from bot.model.records import Published
from bot.model.state_changes import StateChange
from keyboards.signed import Signer
from tests.stand_in_memory import BOT, PORTAL, StandInMemory
from tests.stand_in_portal import StandInPortal

__all__ = [
    "ANNA", "BOT", "GROUP", "NOW", "PORTAL", "PRIVATE", "SETTINGS", "SIGNER", "Conversation", "labels", "puts",
]  # fmt: skip
T = TypeVar("T")
E = TypeVar("E", bound=Effect)
ANNA = Person(id=UserId(7), name="Anna Lind")
GROUP = Dialog("chat42")
PRIVATE = Dialog("7")
NOW = 1_750_000_000.0


SETTINGS = Settings(
    handler_url="https://bot.example.com/events", bot_code="feedbridge", bot_name="Feedbridge", bot_api="v2",
    client_id="local.1", publish_at_once=True,
)  # fmt: skip


SIGNER = Signer(b"a key of the tests")


@dataclass(slots=True, kw_only=True)
class Conversation:
    """A user, a dialog and the bot: messages go through the router, effects come back.

    `state_changes` collects the state changes; with `keeps` the memory learns them too, as a store would.
    """

    router: Router
    portal: StandInPortal = field(default_factory=StandInPortal)
    memory: StandInMemory = field(default_factory=StandInMemory)
    who: Person = ANNA
    dialog: Dialog = GROUP
    language: str = "en"
    bot_absent: bool = False
    state_changes: list[StateChange] = field(default_factory=list)
    settings: Settings = SETTINGS
    now: float = NOW
    waited: float = 0.0
    event_tokens: EventTokens = field(default_factory=EventTokens)
    keeps: bool = False

    async def say(self, text: str) -> list[Effect]:
        """Type a message; a registered slash command becomes a command event."""
        name, _, params = text.split("\n", maxsplit=1)[0].removeprefix("/").partition(" ")
        if not text.startswith("/") or name not in self.router.commands:
            return await self.hear(Said(**self._where(), text=text))
        event = Commanded(**self._where(), command=CommandId(3), name=name, params=params, text=text)
        return await self.hear(event)

    async def mistake(self, text: str) -> str:
        """Type a wrong message, and return the key of the sentence about the mistake."""
        try:
            await self.say(text)
        except UserMistake as mistake:
            return mistake.key
        raise AssertionError(f"{text!r} was no mistake")

    async def press(self, name: str, params: str = "", *, source: From = From.BUTTON) -> list[Effect]:
        """Press a button, or an item of a menu."""
        event = Commanded(**self._where(), command=CommandId(3), name=name, params=params, source=source)
        return await self.hear(event)

    async def done(self, effect: Effect, result: Any = True) -> list[Effect]:  # noqa: FBT002 - what most calls answer
        """Let the effect succeed."""
        if isinstance(effect, effects.Publish):
            self.memory.confirmed.setdefault(result, []).append(effect)
            self.memory.done_at.append(Published(post=PostId(result), effect=effect, at=self.now))
        if isinstance(effect, effects.CrmComment):
            self.memory.crm_written.append(CrmWritten(comment=int(result), effect=effect, at=self.now))
        if isinstance(effect, effects.CrmPost):
            self.memory.crm_in_feed.append(effect)
        stored = msgspec.to_builtins(effect)
        return await self.hear(
            Done(portal=PORTAL, effect_id=1, kind=type(effect).__name__, effect=stored, result=result)
        )

    async def failed(self, effect: Effect, error: str = "Refused", **told: Any) -> list[Effect]:
        """Let the effect fail."""
        stored = msgspec.to_builtins(effect)
        return await self.hear(
            Failed(portal=PORTAL, effect_id=1, kind=type(effect).__name__, effect=stored, error=error, **told)
        )

    async def hear(self, event: Event) -> list[Effect]:
        """Return every effect of one event, in order."""
        self.portal.answered.clear()  # the portal's answers are used for one event only
        ctx = Context(
            event=event, portal=self.portal, memory=self.memory, settings=self.settings, now=self.now, signer=SIGNER,
            waited=self.waited, language=self.language, bot_absent=self.bot_absent and isinstance(event, DialogEvent),
            names=self.router.names, listed=self.router.listed, event_tokens=self.event_tokens,
            carry_out=self.router.carry_out,
        )  # fmt: skip
        found = [effect for _, handler in self.router.handlers(event) for effect in await handler(ctx)]
        self.state_changes += ctx.state_changes
        for state_change in ctx.state_changes if self.keeps else ():
            self.memory.learn(state_change, self.now)
        return found

    def _where(self) -> dict[str, Any]:
        return {
            "portal": PORTAL, "bot": BOT, "dialog": self.dialog, "author": self.who, "language": self.language,
            "message": MessageId(500),
        }  # fmt: skip


def labels(said: effects.Say | effects.Edit | effects.ShowCard | effects.ShowDraft | effects.SayAs) -> list[str]:
    """Return the labels of the buttons."""
    return [str(button["TEXT"]) for button in said.content.keyboard if "TEXT" in button]


def puts(said: effects.Say) -> list[str]:
    """Return what the buttons put into the input field."""
    return [str(button["ACTION_VALUE"]) for button in said.content.keyboard if button.get("ACTION") == "PUT"]
