"""Defines what handlers may use. They only read; every write is an effect or a state change."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Self, TypeAlias, TypeVar

from bot.config import Config
from bot.framework.reads.memory import Memory
from bot.framework.reads.portal import Portal
from bot.i18n import catalog
from bot.model import effects, events, ordering
from bot.model.effects import Content, Effect
from bot.model.events import Commanded, Dialog, EventTokens, UserId
from bot.model.records import Named
from bot.model.state_changes import StateChange, TimerCancelled, TimerSet
from bot.policy import OPEN, Policy
from keyboards.signed import Binding, Signer

T = TypeVar("T")

Effects: TypeAlias = AsyncIterator[Effect]
"""The return type of a handler that yields effects; they are carried out in this order."""
HandlerResult: TypeAlias = Effects | Awaitable[Sequence[Effect] | None]
"""What calling a handler returns: a generator of effects, or a coroutine that returns a list or None."""

CarryOut: TypeAlias = Callable[["Context", Commanded], Awaitable[list[Effect]]]
"""Runs a command in the context of another event, and returns its effects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that handlers need."""

    handler_url: str
    bot_code: str
    bot_name: str
    bot_api: str
    client_id: str
    renews_tokens: bool = True
    publish_at_once: bool = False
    for_people: bool = False
    site: str = ""
    time_zone: tzinfo = UTC
    policy: Policy = OPEN

    @classmethod
    def from_config(cls, config: Config, policy: Policy) -> Self:
        """Take the settings that handlers need from the whole configuration, and the policy that it names."""
        return cls(
            handler_url=f"{config.server.public_url}/events",
            bot_code=config.app.bot_code,
            bot_name=config.app.bot_name,
            bot_api=config.app.bot_api,
            client_id=config.app.client_id,
            renews_tokens=bool(config.app.client_id and config.app.client_secret),
            publish_at_once=config.publish.at_once,
            for_people=config.publish.for_people,
            site=config.publish.site,
            time_zone=config.publish.zone,
            policy=policy,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything that a handler needs besides its event.

    `language` is that of the texts for this event, `portal_language` that of the portal. `now` is the current time
    (unix seconds), `waited` how many seconds ago the event was received. `names` has the command for every name of a
    command. `listed` are the commands that help shows, in this order. `bot_absent`: the bot is not a member of the
    event's dialog, and can only answer its command. `signer` signs the parameters of buttons. `written` are the
    arguments of the command as its user wrote them. `chosen` are the recipients that the user has chosen for names that
    could be several, by the name as `comparing.fold` makes it. `carry_out` runs a command as if this
    event was that one.
    """

    event: events.Event
    portal: Portal
    memory: Memory
    settings: Settings
    signer: Signer = field(repr=False)
    now: float
    waited: float = 0.0
    language: str = "en"
    portal_language: str = "en"
    bot_absent: bool = False
    names: Mapping[str, str]
    listed: tuple[str, ...]
    event_tokens: EventTokens = field(default_factory=EventTokens, repr=False)
    carry_out: CarryOut
    written: str = ""
    chosen: Mapping[str, Named] = field(default_factory=dict)
    state_changes: list[StateChange] = field(default_factory=list)

    def store(self, state_change: StateChange) -> None:
        """Ask for a state change, which is committed together with the effects of this event."""
        self.state_changes.append(state_change)

    def schedule(
        self, at: float, event: events.Event, *, key: str, ordering_key: str = "", keep_earlier: bool = False
    ) -> None:
        """Set a timer that puts `event` into the inbox at a time (unix seconds).

        It replaces a timer with the same key on this portal. With `keep_earlier` the earlier of the two times is kept,
        so that repeated calls do not delay the event. The event has no tokens. It waits for earlier events with its
        `ordering_key` ("": only for earlier events of this timer).

        Raises:
            ValueError: the event is of another portal or cannot be stored, or the time is infinite.
        """
        if event.portal != self.event.portal:
            raise ValueError(f"A timer belongs to the portal of its event: {self.event.portal}, not {event.portal}.")
        if type(event) not in events.KINDS.values():
            raise ValueError(f"{type(event).__name__} is in no list of events that can be stored.")
        if not math.isfinite(at):
            raise ValueError(f"A timer is due at a time, not at {at}.")
        ordering_key = ordering_key or ordering.of_timer(key)
        self.store(TimerSet(key=key, at=at, event=event, ordering_key=ordering_key, keep_earlier=keep_earlier))

    def cancel(self, key: str) -> None:
        """Remove the timer with this key, unless its event is in the inbox already."""
        self.store(TimerCancelled(key=key))

    def say(self, key: str, **values: object) -> str:
        """Return a sentence in the language of this event; `key` and `values` are as in `catalog.sentence`."""
        return catalog.sentence(self.language, key, **values)

    def sign(self, payload: object, *, dialog: Dialog, user: UserId, expires: float) -> str:
        """Return the parameters of a button that only this user can press, in this dialog, until `expires`."""
        return self.signer.pack(payload, Binding(user=str(user), dialog=dialog), expires=expires)

    def signed(self, kind: type[T], params: str, *, dialog: Dialog, user: UserId) -> T:
        """Return what the parameters of a pressed button say, as `sign` was given it.

        Raises:
            keyboards.BadSignature: they were not made for this user and dialog, or have expired, or were forged.
        """
        return self.signer.unpack(kind, params.strip(), Binding(user=str(user), dialog=dialog), now=self.now)

    def reply(self, content: Content, *, report: bool = False) -> effects.Say:
        """Make an answer to the user; if the bot is not in the dialog, it is sent as the answer to the command.

        Raises:
            TypeError: the event is not from a dialog.
        """
        event = self.event
        if not isinstance(event, events.DialogEvent):
            raise TypeError(f"{type(event).__name__} has no dialog to reply to")
        return effects.Say(
            dialog=event.answer_dialog, language=event.language, content=content, answers=self.answers(), report=report
        )

    def reply_privately(self, content: Content) -> effects.Say:
        """Make an answer in the user's private dialog with the bot.

        Raises:
            TypeError: the event is not from a dialog.
        """
        event = self.event
        if not isinstance(event, events.DialogEvent):
            raise TypeError(f"{type(event).__name__} has no author to reply to")
        return effects.Say(dialog=Dialog(str(event.author.id)), language=event.language, content=content)

    def answers(self) -> effects.Answers | None:
        """Return the command that an effect must answer, if the bot is not in the dialog; None if it is."""
        if self.bot_absent and isinstance(self.event, events.Commanded):
            return effects.Answers(
                command=self.event.command,
                message=self.event.message,
                asker=self.event.author.id,
                dialog=self.event.dialog,
                ts=self.event.ts,
                received_at=self.now - self.waited,
            )
        return None
