"""Asks the rules of the policy about a post, and reads from the portal only what they need."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import structlog

from bot import policy
from bot.errors import PortalDown, PortalError
from bot.feed.composer.drafts import Draft
from bot.feed.policy import saying
from bot.feed.relay import cards
from bot.framework.context import Context
from bot.model import effects
from bot.model.effects import ByUser
from bot.model.events import UserId
from bot.model.records import Named
from bot.policy import Author, Case, Need, PolicyVerdict
from bot.policy.rules import CRM

log = structlog.get_logger(__name__)

_ALLOWED = PolicyVerdict(decision=policy.Decision.ALLOW)


async def judge(ctx: Context, user: UserId, to: Iterable[str], *, at: float | None = None) -> PolicyVerdict:
    """Decide whether a user may publish to these recipients (UA, U5, DR3, SG7, CRM) at a moment (None: now).

    If the portal does not say what a rule asks for, it is denied.
    """
    rules = ctx.settings.policy
    if rules.is_open:
        return _ALLOWED
    portal = await cards.known_portal(ctx)
    case = Case(
        portal=(portal.domain.casefold(), portal.id.casefold()),
        author=Author(id=user),
        to=tuple(dict.fromkeys(to)),
        at=ctx.now if at is None else at,
    )
    if needs := policy.needed(rules, case):
        author, tree = await _read(ctx, user, needs)
        case = replace(case, author=author, tree=tree)
    return policy.decide(rules, case)


async def required(
    ctx: Context, user: UserId, to: Iterable[str], named: Sequence[Named], *, kept: str, at: float | None = None
) -> PolicyVerdict:
    """Decide as `judge` does, and return what is allowed or needs an approval.

    `named` are the recipients with their names, `kept` is the key of the sentence what was kept.

    Raises:
        UserMistake: it is denied.
    """
    verdict = await judge(ctx, user, to, at=at)
    if verdict.allows or verdict.approvers:
        return verdict
    raise saying.mistake(verdict, named, language=ctx.language, kept=kept)


async def of_draft(ctx: Context, draft: Draft, user: UserId, *, at: float | None = None) -> PolicyVerdict:
    """Decide whether a user may publish a draft, once it has a text; `at` is as in `judge`."""
    if not draft.body:
        return _ALLOWED
    return await judge(ctx, user, codes(draft), at=at)


def codes(draft: Draft) -> list[str]:
    """Return the codes of everybody for whom a draft is; a timeline has no recipients besides the card."""
    if not draft.for_crm:
        return draft.dest
    return crm_codes(one.code for one in draft.to) if draft.crm_feed else [CRM]


def recipients_of(action: ByUser) -> list[str]:
    """Return the codes of everybody whom an action adds as readers."""
    if isinstance(action, effects.Publish | effects.Share):
        return action.dest
    return crm_codes(action.sperm) if isinstance(action, effects.CrmPost) else [CRM]


def crm_codes(to: Iterable[str]) -> list[str]:
    """Return the codes for the rules of a text for the CRM with these further recipients."""
    return [CRM, *(code for code in to if not code.startswith(CRM))]


async def _read(ctx: Context, user: UserId, needs: frozenset[Need]) -> tuple[Author, Mapping[int, int] | None]:
    """Return what the portal says about a person, and its departments; nothing if it does not answer."""
    try:
        author, tree = await asyncio.gather(
            _author(ctx, user, needs - {Need.TREE}), _tree(ctx, wanted=Need.TREE in needs)
        )
    except (PortalError, PortalDown) as error:
        log.warning("policy.unread", user=user, needs=sorted(needs), error=str(error))
        return Author(id=user), None
    return author, tree


async def _author(ctx: Context, user: UserId, needs: frozenset[Need]) -> Author:
    return await ctx.portal.author(user, needs) if needs else Author(id=user)


async def _tree(ctx: Context, *, wanted: bool) -> Mapping[int, int] | None:
    return await ctx.portal.department_tree() if wanted else None
