"""Runs the handlers of one event, and collects their state changes, effects and errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import structlog

from bot.errors import NoBotToken, TokenRefused, UserMistake
from bot.feed import error_messages
from bot.feed.acting import deciding
from bot.framework import messages, shared_language
from bot.framework.context import Context
from bot.framework.router import Router, Run
from bot.model import events
from bot.model.effects import Effect
from bot.model.queued import WaitingEvent
from bot.model.state_changes import StateChange

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Handled:
    """The results of an event's handlers; if one failed with `failure`, the results of the others.

    `answered`: a handler returned a state change or an effect, and did more than to write to the log.
    """

    state_changes: list[StateChange] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    failure: Exception | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerRunner:
    """Finds and runs the handlers of events; it writes nothing to the store."""

    router: Router
    contexts: Callable[[WaitingEvent], Awaitable[Context]]

    async def run(self, row: WaitingEvent) -> Handled:
        """Run every handler of an event, in order of registration, and return their results; it does not raise.

        A handler that fails does not stop the others. The handlers share the answers of the portal, so that each object
        is read once; no answer is older than this call. A UserMistake becomes a message to the user.
        """
        handled = Handled()
        try:
            shared, handlers = await self._prepared(row, handled)
        except Exception as exc:  # noqa: BLE001 - judged by the caller like a handler's error
            handled.failure = exc
            return handled
        if shared is None:
            return handled
        handled.state_changes += shared.state_changes
        if again := deciding.instead(shared, row.event):
            handled.effects, handlers = [again], []
        for name, handler in handlers:
            try:
                await self._one(handler, replace(shared, state_changes=[]), handled)
            except Exception as exc:  # noqa: BLE001 - an error of one handler must not stop other events
                log.debug("handler.failed", handler=name)
                handled.failure = exc
        handled.effects = [shared_language.mark(effect, self.router.editing) for effect in handled.effects]
        handled.answered = bool(handled.effects or handled.state_changes)
        return handled

    async def _prepared(self, row: WaitingEvent, handled: Handled) -> tuple[Context | None, list[tuple[str, Run]]]:
        """Return the context of an event and its handlers with their names; the context is None if no handler runs.

        For an unknown command without a handler, an answer is added to `handled`. Only an event in a dialog needs its
        context before its handlers are known: the context has the language of the author.
        """
        shared = await self.contexts(row) if isinstance(row.event, events.DialogEvent) else None
        try:
            handlers = list(self.router.handlers(shared.event if shared else row.event))
        except UserMistake as mistake:
            handled.effects += _answer(shared or await self.contexts(row), mistake)
            return None, []
        if not handlers:
            return None, []
        return shared or await self.contexts(row), handlers

    async def _one(self, handler: Run, ctx: Context, handled: Handled) -> None:
        try:
            handled.effects += await deciding.marked(ctx, await handler(ctx))
            handled.state_changes += ctx.state_changes
        except UserMistake as mistake:
            handled.effects += _answer(ctx, mistake)
        except NoBotToken:
            raise  # the token of this very event may help when it is tried again
        except TokenRefused as error:
            # A retry cannot help: only the person can renew the token, so they are told at once.
            log.warning("handler.token_refused", code=error.code, error=str(error))
            if not (told := _answer(ctx, UserMistake("error.token"))):
                raise
            handled.effects += told

    async def apology(self, row: WaitingEvent) -> list[Effect]:
        """Make a message that an event could not be handled, with the event's id, for a user who gets no other answer.

        The list is empty if the event is not from a dialog.
        """
        if not isinstance(row.event, events.DialogEvent):
            return []
        ctx = await self.contexts(row)
        return [ctx.reply(messages.of(ctx.say("apology.failed", event=row.id)))]


def _answer(ctx: Context, mistake: UserMistake) -> list[Effect]:
    return (
        [ctx.reply(error_messages.answer(ctx.language, mistake))] if isinstance(ctx.event, events.DialogEvent) else []
    )
