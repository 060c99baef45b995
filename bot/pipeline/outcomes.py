"""How an attempt to send ended: done, later or dead, and the event that tells it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from bot.bitrix.outbound import calls
from bot.bitrix.outbound.batching import ALONE_AFTER
from bot.bitrix.outbound.calls import Again
from bot.errors import BotError, MethodBlocked, PortalError, Retry, TooFast, judge
from bot.model import ordering
from bot.model.events import Done, Event, Failed
from bot.model.queued import IncomingEvent, Outcome, WaitingEffect
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
        if calls.fine(row.effect, error):
            return self.done(row, result=True)
        judgement = judge(error)
        counts = self.retry_policy.counts(judgement, awaited=_is_awaited(row), since=row.created_at, now=now)
        again = judgement.retries(as_installer=row.token_owner == ordering.INSTALL)
        if not again or (counts and self.retry_policy.spent(row.attempts + 1)):
            undecided = judgement.retry is Retry.YES  # else the portal said no to the effect itself
            return self.dead(row, error, outcome_unknown=undecided and _may_have_worked(row, error))
        # What may have worked counts until the effect travels alone: it may break the requests of others.
        counts |= judgement.outcome_unknown and row.attempts < ALONE_AFTER
        return Outcome(
            row=row,
            state="later",
            due_at=now + self._wait(row, error, now),
            outcome_unknown=_may_have_worked(row, error),
            counted=counts,
            error=str(error),
        )

    def refused_together(self, row: WaitingEffect, error: PortalError, now: float) -> Outcome:
        """A request for several was refused as a whole: nothing is known of this one, and soon it travels alone."""
        if self.retry_policy.spent(row.attempts + 1):
            return self.dead(row, error, outcome_unknown=row.outcome_unknown)
        return Outcome(row=row, state="later", due_at=now, outcome_unknown=row.outcome_unknown, error=str(error))

    def dead(self, row: WaitingEffect, error: BotError, *, outcome_unknown: bool = False) -> Outcome:
        """It will not be tried again; the handlers are told."""
        event = Failed(
            **_about(row),
            error=type(error).__name__,
            code=error.code,
            text=error.text,
            outcome_unknown=outcome_unknown,
        )
        return Outcome(row=row, state="dead", error=str(error), report=_report(row, event, None))

    def _wait(self, row: WaitingEffect, error: BotError, now: float) -> float:
        """Seconds until the next attempt."""
        # Two errors say themselves how long: the rate limiter waits after TooFast, and a blocked method has a time.
        if isinstance(error, TooFast):
            return 0.0
        if isinstance(error, MethodBlocked):
            return min(max(1.0, error.until - now), BLOCKED_AT_MOST) if error.until else BLOCKED_FOR
        judgement = judge(error)
        if judgement.counts.applies(awaited=_is_awaited(row)):
            return self.retry_policy.delay(row.attempts)
        # In between others may ask whether the portal is back.
        wait = self.retry_policy.lasting(row.created_at, now)
        look = judgement.outcome_unknown and calls.again(row.effect) is Again.LOOK
        return max(wait, self.retry_policy.settle) if look else wait


def _is_awaited(row: WaitingEffect) -> bool:
    """Whether people wait for an effect or for what stands behind it; a card that stands has a queue of its own."""
    return not row.ordering_key.startswith(ordering.CARD)


def _may_have_worked(row: WaitingEffect, error: BotError) -> bool:
    """Whether this attempt, or one before it, may have worked."""
    return row.outcome_unknown or judge(error).outcome_unknown


def _about(row: WaitingEffect) -> dict[str, Any]:
    return {
        "portal": row.portal,
        "effect_id": row.id,
        "kind": row.kind,
        "effect": msgspec.to_builtins(row.effect),
    }


def _report(row: WaitingEffect, event: Event, value: Any) -> IncomingEvent:
    return IncomingEvent(
        event=event, key=ordering.key_of_end(row.id), ordering_key=ordering.of_result(row.effect, value)
    )
