"""Judges an action for a person once more right before it is sent: it may have waited, and rights change."""

from __future__ import annotations

from collections.abc import Sequence

from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.acting import judging
from bot.bitrix.outbound.caller import Caller, Identity
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.speaking import refuses_user
from bot.errors import PortalDown, Refused, TokenRefused
from bot.model import ordering
from bot.model.acting import Hindrance
from bot.model.effects import ByUser
from bot.model.queued import WaitingEffect
from bot.model.records import KnownPortal


async def refusal(caller: Caller, portal: KnownPortal, row: WaitingEffect) -> Refused | None:
    """Return why an effect must not be sent for its user; None if it may be sent.

    Raises:
        PortalError, PortalDown: the portal did not answer, but may later; nothing was sent.
    """
    identity = Identity(portal=portal, token_owner=ordering.ACTING)

    async def ask(asked: Sequence[Call]) -> list[answers.Item]:
        params, keys = calls.batch(asked, halt=False)
        answer = await caller.read(identity, "batch", params, urgency=row.urgency)
        return answers.items(answer, keys, [one.method for one in asked])

    assert isinstance(row.effect, ByUser)  # noqa: S101 - only a user action can act for somebody
    try:
        verdict = await judging.of_effect(ask, row.effect)
    except TokenRefused as exc:
        if not refuses_user(exc):
            raise
        return Refused(Hindrance.NO_ADMINISTRATOR, "the token of the administrator was refused")
    except PortalDown as exc:
        if not exc.outcome_unknown:
            raise
        raise PortalDown(exc.text, outcome_unknown=False) from exc  # only a read failed
    if verdict.hindrance is None:
        return None
    return Refused(verdict.hindrance, f"we do not act for user {row.effect.user}: {', '.join(verdict.codes)}")
