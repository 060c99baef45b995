"""Makes the outcome of an attempt to send an effect (done, later or dead), and the event that reports it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from bot.bitrix.outbound import calls
from bot.bitrix.outbound.batching import ALONE_AFTER
from bot.errors import BotError, MethodBlocked, PortalError, Retry, TooFast, judge
from bot.model import ordering
from bot.model.effects import ShowCard
from bot.model.events import Done, Event, Failed
from bot.model.queued import IncomingEvent, Outcome, WaitingEffect
from bot.retry import RetryPolicy

BLOCKED_FOR = 60.0
"""Seconds to wait for a blocked method if the portal does not say how long it is blocked."""
BLOCKED_AT_MOST = 600.0
"""The most seconds to wait for a blocked method, whatever time the portal gives (reference: limits, ten minutes)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Makes outcomes from the judgement of errors and the retry policy; `now` is the current time in unix seconds."""

    retry_policy: RetryPolicy

    def done(self, row: WaitingEffect, result: Any) -> Outcome:
        """Return the outcome of an effect that worked; `result` is the result in the portal's answer."""
        value, row = calls.outcome(result), _as_shown(row)
        report = _report(row, Done(**_about(row), result=value), value) if row.report else None
        return Outcome(row=row, state="done", result=value, report=report)

    def dropped(self, row: WaitingEffect) -> Outcome:
        """Return the outcome "done" for an effect that must not be sent any more; no event reports it."""
        return self.done(replace(row, report=False), None)

    def unreached(self, row: WaitingEffect, now: float) -> Outcome:
        """Return the outcome "later" for an effect that was not tried, because its batch stopped before it."""
        return Outcome(row=row, state="later", due_at=now, outcome_unknown=row.outcome_unknown, counted=False)

    def failed(self, row: WaitingEffect, error: BotError, now: float) -> Outcome:
        """Return the outcome of an effect that failed with an error.

        It is done if the error says that the wanted state exists already, later if a retry may help, and otherwise
        dead.
        """
        if calls.fine(row.effect, error):
            return self.done(row, result=True)
        judgement = judge(error)
        counts = self.retry_policy.counts(judgement, awaited=_is_awaited(row), since=row.created_at, now=now)
        again = judgement.retries(as_installer=row.token_owner == ordering.INSTALL)
        if not again or (counts and self.retry_policy.spent(row.attempts + 1)):
            undecided = judgement.retry is Retry.YES  # otherwise the portal refused the effect itself
            return self.dead(row, error, outcome_unknown=undecided and _may_have_worked(row, error))
        # An attempt that may have worked counts until the effect is sent alone, because it may break shared requests.
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
        """Return the outcome of an effect whose whole batch was refused.

        It is retried at once, after some attempts in a request of its own, and is dead after all attempts.
        """
        if self.retry_policy.spent(row.attempts + 1):
            return self.dead(row, error, outcome_unknown=row.outcome_unknown)
        return Outcome(row=row, state="later", due_at=now, outcome_unknown=row.outcome_unknown, error=str(error))

    def dead(self, row: WaitingEffect, error: BotError, *, outcome_unknown: bool = False) -> Outcome:
        """Return the outcome "dead" for an effect that is given up; a Failed event reports it to the handlers."""
        event = Failed(
            **_about(row),
            error=type(error).__name__,
            code=error.code,
            text=error.text,
            outcome_unknown=outcome_unknown,
        )
        return Outcome(row=row, state="dead", error=str(error), report=_report(row, event, None))

    def _wait(self, row: WaitingEffect, error: BotError, now: float) -> float:
        """Return the seconds until the next attempt to send an effect that failed with this error."""
        # Two errors have their own time: the rate limiter waits after TooFast, and a blocked method has an end.
        if isinstance(error, TooFast):
            return 0.0
        if isinstance(error, MethodBlocked):
            return min(max(1.0, error.until - now), BLOCKED_AT_MOST) if error.until else BLOCKED_FOR
        judgement = judge(error)
        if judgement.counts.applies(awaited=_is_awaited(row)):
            return self.retry_policy.delay(row.attempts)
        # Meanwhile the effects of other queues show whether the portal works again.
        wait = self.retry_policy.lasting(row.created_at, now)
        # A search before the portal has finished the earlier request would not find its result.
        needs_search = judgement.outcome_unknown and isinstance(row.effect, ordering.LOOKED_FOR)
        return max(wait, self.retry_policy.settle) if needs_search else wait


def _as_shown(row: WaitingEffect) -> WaitingEffect:
    """Return an effect as it was sent: a card may have got other content since an attempt that may have worked.

    Its handlers then edit the message.
    """
    card = row.effect
    if not isinstance(card, ShowCard) or card.sent is None:
        return row
    return replace(row, effect=replace(card, version=card.sent.version, sent=None))


def _is_awaited(row: WaitingEffect) -> bool:
    """Check whether people wait for an effect, or for the effects behind it in its queue.

    Nobody waits for the edits of a card, which have a queue of their own.
    """
    return not row.ordering_key.startswith(ordering.CARD)


def _may_have_worked(row: WaitingEffect, error: BotError) -> bool:
    """Check whether the attempt that failed with this error, or an earlier one, may have worked."""
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
