"""Which handler answers: events by their type, commands by their name, results by the effect they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from bot.errors import UserMistake
from bot.framework import arguments
from bot.framework.context import Context, Effects
from bot.model import effects
from bot.model.effects import Effect
from bot.model.events import Commanded, Dialog, Done, Event, Failed, From, Person, Said

E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=Effect)
A = TypeVar("A")
Handler: TypeAlias = Callable[[Context, Any], Effects]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Generic[A]):
    """A command with its arguments understood, however it was given: typed, pressed or after a mention."""

    event: Commanded | Said
    name: str
    args: A
    source: From

    @property
    def dialog(self) -> Dialog:
        """Where it was given."""
        return self.event.dialog

    @property
    def author(self) -> Person:
        """Who gave it."""
        return self.event.author

    @property
    def language(self) -> str:
        """The language the portal says this person reads."""
        return self.event.language


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Generic[F]):
    """How an effect ended: `done` is the event that came back, `effect` what was asked for."""

    effect: F
    event: Done | Failed

    @property
    def value(self) -> Any:
        """The portal's `result` (None for a failure)."""
        return self.event.result if isinstance(self.event, Done) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A command as it is registered: `common` ones can be used in chats where the bot is not a member.

    `also` are names that are understood when typed or said, but not registered with the portal.
    """

    name: str
    args: type[Any]
    handler: Handler
    common: bool
    also: tuple[str, ...] = ()


class Router:
    """Tables of handlers, in order of registration; nothing is discovered, everything is said."""

    def __init__(self) -> None:
        self.commands: dict[str, Spec] = {}
        self.synonyms: dict[str, str] = {}
        self.listeners: list[tuple[type[Event], Handler]] = []
        self.when_done: list[tuple[type[Effect], Handler]] = []
        self.when_failed: list[tuple[type[Effect], Handler]] = []
        self.otherwise: Handler | None = None

    def command(
        self, name: str, args: type[A], *, common: bool = False, also: tuple[str, ...] = ()
    ) -> Callable[[Callable[[Context, Command[A]], Effects]], Callable[[Context, Command[A]], Effects]]:
        """Register the handler of one slash command."""

        def add(handler: Callable[[Context, Command[A]], Effects]) -> Callable[[Context, Command[A]], Effects]:
            self.commands[name] = Spec(name=name, args=args, handler=handler, common=common, also=also)
            self.synonyms |= dict.fromkeys(also, name)
            return handler

        return add

    def on(self, kind: type[E]) -> Callable[[Callable[[Context, E], Effects]], Callable[[Context, E], Effects]]:
        """Register a handler of one event type."""

        def add(handler: Callable[[Context, E], Effects]) -> Callable[[Context, E], Effects]:
            self.listeners.append((kind, handler))
            return handler

        return add

    def done(
        self, kind: type[F]
    ) -> Callable[[Callable[[Context, Result[F]], Effects]], Callable[[Context, Result[F]], Effects]]:
        """Register a handler for the good end of one kind of effect (which must have been sent with `report`)."""

        def add(handler: Callable[[Context, Result[F]], Effects]) -> Callable[[Context, Result[F]], Effects]:
            self.when_done.append((kind, handler))
            return handler

        return add

    def failed(
        self, kind: type[F]
    ) -> Callable[[Callable[[Context, Result[F]], Effects]], Callable[[Context, Result[F]], Effects]]:
        """Register a handler for the bad end of one kind of effect."""

        def add(handler: Callable[[Context, Result[F]], Effects]) -> Callable[[Context, Result[F]], Effects]:
            self.when_failed.append((kind, handler))
            return handler

        return add

    def unknown(self, handler: Callable[[Context, Said | Commanded], Effects]) -> None:
        """Register what answers words that are no command."""
        self.otherwise = handler

    def include(self, *others: Router) -> Router:
        """Take over everything others have registered; a command registered twice is a mistake of ours."""
        for other in others:
            if twice := self.commands.keys() & other.commands.keys():
                raise ValueError(f"registered twice: {', '.join(sorted(twice))}")
            self.commands |= other.commands
            self.synonyms |= other.synonyms
            self.listeners += other.listeners
            self.when_done += other.when_done
            self.when_failed += other.when_failed
            self.otherwise = other.otherwise or self.otherwise
        return self

    def handlers(self, event: Event) -> Iterator[tuple[str, Callable[[Context], Effects]]]:
        """Every handler that answers this event, with a name for logs; each is called with its context only."""
        if isinstance(event, Commanded | Said):
            yield self._answer(event)
        elif isinstance(event, Done | Failed):
            yield from self._results(event)
        for kind, handler in self.listeners:
            if type(event) is kind:
                yield handler.__qualname__, _bound(handler, event)

    def _answer(self, event: Commanded | Said) -> tuple[str, Callable[[Context], Effects]]:
        names = {name: name for name in self.commands} | self.synonyms
        name, rest = arguments.command_of(event, names.keys())
        spec = self.commands.get(self.synonyms.get(name, name))
        if spec is None:
            if self.otherwise is None:
                raise UserMistake("unknown.command", name=name)
            return "unknown", _bound(self.otherwise, event, names)
        source = event.source if isinstance(event, Commanded) else From.TYPED

        def run(ctx: Context) -> Effects:
            args = arguments.parse(spec.args, rest, command=spec.name)
            ctx.names = names
            return spec.handler(ctx, Command(event=event, name=spec.name, args=args, source=source))

        return f"/{spec.name}", run

    def _results(self, event: Done | Failed) -> Iterator[tuple[str, Callable[[Context], Effects]]]:
        kind = effects.KINDS[event.kind]
        effect = msgspec.convert(event.effect, kind)
        for wanted, handler in self.when_done if isinstance(event, Done) else self.when_failed:
            if wanted is kind:
                yield handler.__qualname__, _bound(handler, Result(effect=effect, event=event))


def _bound(handler: Handler, argument: object, names: Mapping[str, str] | None = None) -> Callable[[Context], Effects]:
    def run(ctx: Context) -> Effects:
        ctx.names = names or {}
        return handler(ctx, argument)

    return run
