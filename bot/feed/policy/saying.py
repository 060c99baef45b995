"""Puts what the policy decides into sentences, in the language of the reader."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from bot.errors import PortalDown, PortalError, UserMistake
from bot.feed.publishing import names, recipients
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.events import Dialog, UserId
from bot.model.records import Named
from bot.policy import PolicyVerdict
from bot.policy.rules import CRM
from keyboards import bb


async def note(ctx: Context, verdict: PolicyVerdict, to: Sequence[Named], *, dialog: Dialog, language: str) -> str:
    """Return the sentence of a preview about a verdict; "" if the post is allowed."""
    if verdict.allows:
        return ""
    if not verdict.approvers:
        return bb.escape(denial(verdict, to, language=language))
    rule = verdict.by.rule if verdict.by else None
    reason = bb.escape(rule.reason(language)) if rule else ""
    found = await approvers(ctx, verdict.approvers, dialog=dialog, language=language)
    key = "policy.needs" if found else "policy.needs_somebody"
    return f"{catalog.sentence(language, key, names=found)} {reason}".rstrip()


async def approvers(ctx: Context, people: Sequence[int], *, dialog: Dialog, language: str) -> str:
    """Return the names of those who may approve, escaped; "" where not everybody who reads may know them."""
    found = await named(ctx, people, language=language)
    if not (dialog.isdigit() or await names.may_be_shown(ctx, found)):
        return ""
    *most, last = [bb.escape(one.name) for one in found]
    return catalog.sentence(language, "policy.or", names=", ".join(most), last=last) if most else last


async def named(ctx: Context, people: Sequence[int], *, language: str) -> list[Named]:
    """Return people with their names; a person whom the portal does not name has a number."""
    found: dict[UserId, str] = {}
    with contextlib.suppress(PortalError, PortalDown):
        found = await ctx.portal.names_of([UserId(one) for one in people])
    return [
        Named(code=f"U{one}", name=found.get(UserId(one)) or catalog.sentence(language, "policy.user", user=one))
        for one in people
    ]


def denial(verdict: PolicyVerdict, to: Sequence[Named], *, language: str) -> str:
    """Return the sentence why a person may not publish; not escaped. `to` has the names of the recipients."""
    if verdict.unknown:
        return catalog.sentence(language, "policy.unknown")
    if verdict.lonely:
        return catalog.sentence(language, "policy.lonely")
    rule, code = (verdict.by.rule, verdict.by.to) if verdict.by else (None, "")
    reason = rule.reason(language) if rule else ""
    whom = _label(code, to, language=language)
    reason = reason or catalog.sentence(language, "policy.no_reason")
    return catalog.sentence(language, "policy.denied", whom=whom, reason=reason)


def mistake(verdict: PolicyVerdict, to: Sequence[Named], *, language: str, kept: str) -> UserMistake:
    """Make the mistake that tells a person why they may not publish; `kept` is the key of what was kept."""
    why = denial(verdict, to, language=language)
    return UserMistake("policy.refused", why=why, kept=catalog.sentence(language, kept))


def _label(code: str, to: Sequence[Named], *, language: str) -> str:
    """Return the name of a recipient, not escaped."""
    if code == CRM:
        return catalog.sentence(language, "policy.crm")
    found = next((one for one in to if one.code == code), Named(code=code, name=code))
    return recipients.label(language, [recipients.EVERYONE if code == recipients.EVERYONE.code else found])
