"""Registers the handlers of events, commands and results, and finds those of an event."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from bot.errors import UserMistake
from bot.framework import arguments, command_text, courtesy, messages, shared_language
from bot.framework.context import Context, Effects, HandlerResult
from bot.model import effects, events
from bot.model.effects import Effect
from bot.model.events import Commanded, Dialog, Done, Event, Failed, From, Person, Said
from bot.texts import comparing

E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=Effect)
A = TypeVar("A")
T = TypeVar("T")
HandlerOf: TypeAlias = Callable[[Context, T], HandlerResult]
"""A handler of one kind of argument: an event, a command or a result."""
Handler: TypeAlias = HandlerOf[Any]
Run: TypeAlias = Callable[[Context], Awaitable[list[Effect]]]
"""A handler with its event bound; it needs only the context."""
DELIVERED = re.compile("[a-z0-9]+")
"""Names of commands that a portal delivers in groups (reference: imbot.command.register, COMMAND)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Generic[A]):
    """A command with parsed arguments: it was typed, sent by a button, or written after a mention of the bot."""

    event: Commanded | Said
    name: str
    args: A
    source: From

    @property
    def dialog(self) -> Dialog:
        """Return the dialog for the answer (see `events.answer_dialog`); the command was sent in `event.dialog`."""
        return self.event.answer_dialog

    @property
    def author(self) -> Person:
        """Return the user who sent the command."""
        return self.event.author

    @property
    def language(self) -> str:
        """Return the language of the user, as the portal names it."""
        return self.event.language


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Generic[F]):
    """The result of an effect: the effect, and the Done or Failed event that reports it."""

    effect: F
    event: Done | Failed

    @property
    def value(self) -> Any:
        """Return the useful part of the portal's answer (`Done.result`); None after a failure."""
        return self.event.result if isinstance(self.event, Done) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A registered command, with its other names in `also`.

    `order` is the place in help, lowest first; None: help does not show it. `edits`: its buttons edit the message they
    stand under; in a group that message keeps its language. `writes`: it publishes in the user's name, so the user is
    asked first if it may be only a part of a sentence. `for_buttons`: only buttons send it, so the portal does not
    offer it to people who type.
    """

    name: str
    args: type[Any]
    handler: Handler
    order: int | None
    also: tuple[str, ...] = ()
    edits: bool = False
    writes: bool = False
    for_buttons: bool = False

    @property
    def delivered(self) -> tuple[str, ...]:
        """Return the names to register with the portal; other names work only in private and after a mention."""
        return (self.name, *(word for word in self.also if DELIVERED.fullmatch(word)))


Corrected: TypeAlias = Callable[[Context, Said, Spec, str], Awaitable[list[Effect]]]
"""A handler of edited messages: what it gets are the message, the command that it is now, and its arguments."""


class Router:
    """Holds handlers in the order of their registration; a contradiction between two of them is a ValueError."""

    def __init__(self) -> None:
        self.commands: dict[str, Spec] = {}
        self.names: dict[str, str] = {}
        self._by_reading: dict[str, str] = {}
        self.listeners: list[tuple[type[Event], Handler]] = []
        self.when_done: list[tuple[type[Effect], Handler]] = []
        self.when_failed: list[tuple[type[Effect], Handler]] = []
        self.otherwise: Handler | None = None
        self.when_edited: Corrected | None = None

    @property
    def listed(self) -> tuple[str, ...]:
        """Return the names of the commands that help shows, in the order in which it shows them."""
        places = sorted((spec.order, name) for name, spec in self.commands.items() if spec.order is not None)
        return tuple(name for _, name in places)

    @property
    def typed(self) -> frozenset[str]:
        """Return the names of the commands that people type, and not only buttons send."""
        return frozenset(name for name, spec in self.commands.items() if not spec.for_buttons)

    @property
    def editing(self) -> frozenset[str]:
        """Return the names of the commands whose buttons edit the message they stand under."""
        return frozenset(name for name, spec in self.commands.items() if spec.edits)

    def command(
        self,
        name: str,
        args: type[A],
        *,
        order: int | None = None,
        also: tuple[str, ...] = (),
        edits: bool = False,
        writes: bool = False,
        for_buttons: bool = False,
    ) -> Callable[[HandlerOf[Command[A]]], HandlerOf[Command[A]]]:
        """Register the handler of one slash command, as a decorator; the parameters are as in Spec."""

        def add(handler: HandlerOf[Command[A]]) -> HandlerOf[Command[A]]:
            self._add(
                Spec(
                    name=name, args=args, handler=handler, order=order, also=also, edits=edits, writes=writes,
                    for_buttons=for_buttons,
                )
            )  # fmt: skip
            return handler

        return add

    def on(self, kind: type[E]) -> Callable[[HandlerOf[E]], HandlerOf[E]]:
        """Register a handler of one type of event, as a decorator."""
        _require_concrete(kind, events.KINDS)

        def add(handler: HandlerOf[E]) -> HandlerOf[E]:
            self.listeners.append((kind, handler))
            return handler

        return add

    def done(self, kind: type[F]) -> Callable[[HandlerOf[Result[F]]], HandlerOf[Result[F]]]:
        """Register a handler for the success of one type of effect, as a decorator.

        The effect must be sent with `report`.
        """
        _require_concrete(kind, effects.KINDS)

        def add(handler: HandlerOf[Result[F]]) -> HandlerOf[Result[F]]:
            self.when_done.append((kind, handler))
            return handler

        return add

    def failed(self, kind: type[F]) -> Callable[[HandlerOf[Result[F]]], HandlerOf[Result[F]]]:
        """Register a handler for the failure of one type of effect, as a decorator."""
        _require_concrete(kind, effects.KINDS)

        def add(handler: HandlerOf[Result[F]]) -> HandlerOf[Result[F]]:
            self.when_failed.append((kind, handler))
            return handler

        return add

    def unknown(self, handler: HandlerOf[Said | Commanded]) -> HandlerOf[Said | Commanded]:
        """Register the only handler of messages and commands that no registered command matches, as a decorator.

        Edited messages that do not begin with / are ignored instead.
        """
        if self.otherwise is not None:
            both = f"{self.otherwise.__qualname__} and {handler.__qualname__}"
            raise ValueError(f"Only one handler can answer unknown words, and there are two: {both}.")
        self.otherwise = handler
        return handler

    def corrected(self, handler: Corrected) -> Corrected:
        """Register the only handler of edited messages that are commands now, as a decorator.

        If it returns effects, the command is not carried out.
        """
        if self.when_edited is not None:
            raise ValueError("Only one handler can answer edited commands, and there are two.")
        self.when_edited = handler
        return handler

    def include(self, *others: Router) -> Router:
        """Add everything that other routers have registered, and return this router."""
        for other in others:
            for spec in other.commands.values():
                self._add(spec)
            self.listeners += other.listeners
            self.when_done += other.when_done
            self.when_failed += other.when_failed
            if other.otherwise is not None:
                self.unknown(other.otherwise)
            if other.when_edited is not None:
                self.corrected(other.when_edited)
        return self

    def handlers(self, event: Event) -> Iterator[tuple[str, Run]]:
        """Yield every handler of an event, with its name for the log; to run it, only the context is needed.

        Raises:
            UserMistake: the event is no known command, and no handler is registered for such messages.
        """
        if isinstance(event, Commanded | Said):
            yield self._answer(event)
        elif isinstance(event, Done | Failed):
            yield from self._results(event)
        for kind, handler in self.listeners:
            if type(event) is kind:
                yield handler.__qualname__, _bound(handler, event)

    async def carry_out(self, ctx: Context, event: Commanded) -> list[Effect]:
        """Run the handler of a command in the context of another event, and return its effects; raises as it does."""
        _, run = self._answer(event)
        return await run(replace(ctx, event=event))

    def _add(self, spec: Spec) -> None:
        if spec.name in self.commands:
            raise ValueError(f"The command /{spec.name} is registered twice.")
        if spec.name in self.names:
            raise ValueError(f"The command /{spec.name} is also a synonym of /{self.names[spec.name]}.")
        for number, word in enumerate(spec.also):
            if word in self.commands or word == spec.name:
                raise ValueError(f"The synonym {word!r} of /{spec.name} hides the command /{word}.")
            if word in self.names or word in spec.also[:number]:
                other = self.names.get(word, spec.name)
                raise ValueError(f"The synonym {word!r} of /{spec.name} is already a synonym of /{other}.")
        self.commands[spec.name] = spec
        self.names |= dict.fromkeys((spec.name, *spec.also), spec.name)
        self._by_reading |= {comparing.fold(word): spec.name for word in (spec.name, *spec.also)}

    def _answer(self, event: Commanded | Said) -> tuple[str, Run]:
        if event.forwarded and self.otherwise:  # somebody else wrote it, so it orders nothing
            return "forwarded", _bound(self.otherwise, event)
        if command_text.is_shown(event):
            return "shown", _bound(_shown, event)
        event = shared_language.of_message(event) if isinstance(event, Commanded) else event
        name, rest, spec, doubt = self._meant(event)
        if spec is None and isinstance(event, Said) and event.edited and not event.text.startswith("/"):
            return "edited", _bound(_nothing, event)
        if spec is None:
            if self.otherwise is None:
                raise UserMistake("unknown.command", name=name)
            return "unknown", _bound(self.otherwise, event)

        async def run(ctx: Context) -> list[Effect]:
            ctx = replace(ctx, event=event, language=event.language, written=rest)
            return await self._run(ctx, event, spec, rest, doubt)

        return f"/{spec.name}", run

    async def _run(self, ctx: Context, event: Commanded | Said, spec: Spec, rest: str, doubt: str) -> list[Effect]:
        """Return the effects of a command; an edited message may change what it did before instead."""
        if event.cut and rest.rstrip().endswith(events.CUT_END):
            raise UserMistake("words.cut", most=f"{events.LONGEST_TEXT:,}")
        if self.when_edited and isinstance(event, Said) and event.edited:
            changed = await self.when_edited(ctx, event, spec, rest)
            if changed:
                return changed
        if doubt and spec.writes:
            raise UserMistake(doubt, part=f"/{spec.name}", moved=f"/{spec.name} {rest}")
        return await _carry_out(ctx, spec, event, rest)

    def _meant(self, event: Commanded | Said) -> tuple[str, str, Spec | None, str]:
        """Return the name, the text and the spec of the command that an event means.

        The last value is the key of a question to ask before the command publishes anything ("": none). A mention of
        the bot in the middle of a sentence counts if the sentence does not begin with a command.
        """
        name, rest = command_text.command_of(event, self.names.keys())
        spec = self.commands.get(self._by_reading.get(name, name))
        if isinstance(event, Commanded):
            return name, rest, spec, ""
        if spec and not event.text.startswith("/") and courtesy.is_no_command(rest, spec.name, typed=name):
            spec = None
        doubt = "words.edited" if event.edited else ""
        if spec is None and event.addressed:
            word, text = command_text.command_of(replace(event, text=event.addressed), self.names.keys())
            if addressed := self.commands.get(self._by_reading.get(word, word)):
                asked = doubt or ("" if event.addressed.startswith("/") else "words.addressed")
                return word, text, addressed, asked
        return name, rest, spec, doubt

    def _results(self, event: Done | Failed) -> Iterator[tuple[str, Run]]:
        kind = effects.KINDS[event.kind]
        effect = msgspec.convert(event.effect, kind)
        for wanted, handler in self.when_done if isinstance(event, Done) else self.when_failed:
            if wanted is kind:
                yield handler.__qualname__, _bound(handler, Result(effect=effect, event=event))


async def _carry_out(ctx: Context, spec: Spec, event: Commanded | Said, text: str) -> list[Effect]:
    """Run the handler of a command, and return its effects.

    If it writes in the user's name, tell the user that the files of their message are not included.
    """
    args = arguments.parse(spec.args, text, command=spec.name, language=event.language)
    source = event.source if isinstance(event, Commanded) else From.TYPED
    made = await _effects(spec.handler(ctx, Command(event=event, name=spec.name, args=args, source=source)))
    made = [_named(effect, event.author) for effect in made]
    if event.files and any(isinstance(effect, effects.ByUser) and not _has_files(effect) for effect in made):
        made.append(ctx.reply(messages.of(ctx.say("words.files"))))
    return made


def _named(effect: Effect, author: Person) -> Effect:
    """Return an effect with the name of its user, if it is a user action of the author; the audit shows it."""
    if isinstance(effect, effects.ByUser) and effect.user == author.id and not effect.author_name:
        return replace(effect, author_name=author.name)
    return effect


def _has_files(effect: Effect) -> bool:
    return isinstance(effect, effects.Publish | effects.CrmText) and effect.files != ()


async def _shown(ctx: Context, event: Commanded | Said) -> Effects:
    """Tell the user in private that a command inside code or a quotation is not carried out; in a group say nothing."""
    if not event.is_group:
        yield ctx.reply(messages.of(ctx.say("unknown.shown")))


async def _nothing(_ctx: Context, _event: Said) -> None:
    """Ignore an edited message that is no command."""


def _require_concrete(kind: type[T], kinds: Mapping[str, type[Any]]) -> None:
    """Check that handlers can be registered for a type: events and effects are compared by their exact type.

    Raises:
        ValueError: it is a base class.
    """
    if kind in kinds.values():
        return
    below = ", ".join(name for name, found in kinds.items() if issubclass(found, kind))
    raise ValueError(f"Nothing is ever exactly {kind.__name__}; listen for one of: {below or ', '.join(kinds)}.")


def _bound(handler: Handler, argument: object) -> Run:
    async def run(ctx: Context) -> list[Effect]:
        return await _effects(handler(ctx, argument))

    return run


async def _effects(result: HandlerResult) -> list[Effect]:
    """Return the effects of a handler as a list; a handler yields them, or returns a list of them or None."""
    if isinstance(result, AsyncIterator):
        return [effect async for effect in result]
    return list(await result or ())
