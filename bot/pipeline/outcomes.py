"""How an attempt to send ended: done, later or dead, and the event that tells it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from bot.bitrix.outbound import calls
from bot.bitrix.outbound.batching import ALONE_AFTER
from bot.bitrix.outbound.calls import Again
from bot.errors import (
    ApplicationRefused,
    BotError,
    Broken,
    MethodBlocked,
    PortalDown,
    PortalError,
    StoreError,
    TokenExpired,
    TokenRefused,
    TooFast,
)
from bot.model import effects
from bot.model.effects import DeleteCard, EditCard
from bot.model.events import Done, Event, Failed
from bot.model.queued import IncomingEvent, Outcome, WaitingEffect
from bot.model.records import INSTALL
from bot.retry import RetryPolicy

BLOCKED_FOR = 60.0
"""Seconds to leave a blocked method alone when the portal does not say for how long."""
BLOCKED_AT_MOST = 600.0
"""Seconds after which an operating time is free again, whatever the portal says (reference: limits, ten minutes)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Makes outcomes; time is an argument."""

    retry_policy: RetryPolicy

    def done(self, row: WaitingEffect, result: Any) -> Outcome:
        """It worked; `result` is the portal's."""
        value = calls.outcome(result)
        report = _report(row, Done(**_about(row), result=value), value) if row.report else None
        return Outcome(row=row, state="done", result=value, report=report)

    def dropped(self, row: WaitingEffect) -> Outcome:
        """It is not to be sent any more, and nobody waits for its result."""
        return self.done(replace(row, report=False), None)

    def unreached(self, row: WaitingEffect, now: float) -> Outcome:
        """The batch stopped before it: it was not tried."""
        return Outcome(row=row, state="later", due_at=now, outcome_unknown=row.outcome_unknown, counted=False)

    def failed(self, row: WaitingEffect, error: BotError, now: float) -> Outcome:
        """It did not work, this time or for good."""
        if isinstance(error, PortalError) and calls.fine(row.effect, error):
            return self.done(row, result=True)
        wait = self._wait(row, error, now)
        if wait is None:
            return self.dead(row, error, outcome_unknown=_undecided(error) and _doubt(row, error))
        return self._later(row, error, now, now + wait)

    def refused_together(self, row: WaitingEffect, error: PortalError, now: float) -> Outcome:
        """A request for several was refused as a whole: nothing is known of this one, and soon it travels alone."""
        if self.retry_policy.spent(row.attempts + 1):
            return self.dead(row, error, outcome_unknown=row.outcome_unknown)
        return Outcome(row=row, state="later", due_at=now, outcome_unknown=row.outcome_unknown, error=str(error))

    def dead(self, row: WaitingEffect, error: BotError, *, outcome_unknown: bool = False) -> Outcome:
        """It will not be tried again; the handlers are told."""
        code, text = (error.code, error.text) if isinstance(error, PortalError) else ("", str(error))
        event = Failed(**_about(row), error=type(error).__name__, code=code, text=text, outcome_unknown=outcome_unknown)
        return Outcome(row=row, state="dead", error=str(error), report=_report(row, event, None))

    def _wait(self, row: WaitingEffect, error: BotError, now: float) -> float | None:
        """Seconds until the next attempt; None: there is none."""
        if _is_patient(error) or (isinstance(error, Broken) and isinstance(row.effect, EditCard | DeleteCard)):
            return None if self._has_lasted(row, now) else self._until(row, error, now)
        again = isinstance(error, Broken | TokenExpired | ApplicationRefused)
        again |= isinstance(error, TokenRefused) and row.token_owner == INSTALL
        if not again or self.retry_policy.spent(row.attempts + 1):
            return None
        return self.retry_policy.delay(row.attempts)

    def _until(self, row: WaitingEffect, error: BotError, now: float) -> float:
        if isinstance(error, TooFast):
            return 0.0  # the bucket itself makes it wait
        if isinstance(error, MethodBlocked):
            return min(max(1.0, error.until - now), BLOCKED_AT_MOST) if error.until else BLOCKED_FOR
        look = isinstance(error, PortalDown) and error.outcome_unknown and calls.again(row.effect) is Again.LOOK
        wait = self.retry_policy.lasting(
            row.created_at, now
        )  # and in between others may ask whether the portal is back
        return max(wait, self.retry_policy.settle) if look else wait

    def _has_lasted(self, row: WaitingEffect, now: float) -> bool:
        """Whether it was waited for long enough: for a day, and then for the set number of attempts.

        A clock that jumps a day forward makes everything old at once.
        """
        return self.retry_policy.too_old(row.created_at, now) and self.retry_policy.spent(row.attempts + 1)

    def _later(self, row: WaitingEffect, error: BotError, now: float, due_at: float) -> Outcome:
        """Silence counts until the effect travels alone, and after a day: else it kills nothing."""
        silent = isinstance(error, PortalDown) and error.outcome_unknown and row.attempts < ALONE_AFTER
        counted = isinstance(error, Broken | TokenExpired | TokenRefused) or silent
        counted |= self.retry_policy.too_old(row.created_at, now)
        return Outcome(
            row=row, state="later", due_at=due_at, outcome_unknown=_doubt(row, error), counted=counted, error=str(error)
        )


def _is_patient(error: BotError) -> bool:
    """Errors that say nothing against the effect: somebody is away or busy."""
    return isinstance(error, TooFast | MethodBlocked | PortalDown | StoreError)


def _undecided(error: BotError) -> bool:
    """Whether the portal never said no to the effect itself."""
    return isinstance(error, Broken) or _is_patient(error)


def _doubtful(error: BotError) -> bool:
    return isinstance(error, Broken) or (isinstance(error, PortalDown) and error.outcome_unknown)


def _doubt(row: WaitingEffect, error: BotError) -> bool:
    """Whether this attempt, or one before it, may have worked."""
    return row.outcome_unknown or _doubtful(error)


def _about(row: WaitingEffect) -> dict[str, Any]:
    return {
        "portal": row.portal,
        "effect_id": row.id,
        "kind": row.kind,
        "effect": msgspec.to_builtins(row.effect),
    }


def _report(row: WaitingEffect, event: Event, value: Any) -> IncomingEvent:
    return IncomingEvent(event=event, key=f"end:{row.id}", ordering_key=_ordering_key(row.effect, value))


def _ordering_key(effect: effects.Effect, value: Any) -> str:
    """Where the result is handled: what concerns a post goes through that post's lane, so that nothing overtakes."""
    if isinstance(effect, effects.ShowCard | EditCard | DeleteCard):
        return f"post:{effect.post}"
    if isinstance(effect, effects.Publish) and isinstance(value, int):
        return f"post:{value}"
    return f"dialog:{effect.dialog}" if isinstance(effect, effects.DialogEvent) else effects.ordering_key(effect)
