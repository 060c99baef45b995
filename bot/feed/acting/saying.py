"""Makes the sentences that say that the application acts for a person, and how they give it their permission."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from bot.errors import PortalDown, PortalError
from bot.feed.acting import deciding
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.acting import Hindrance, Verdict
from bot.model.effects import ByUser
from bot.model.events import UserId
from bot.model.records import Named
from bot.texts import cutting
from keyboards import bb

LONGEST_NAMES = 300
"""How much of the names of recipients a sentence shows, in characters."""
_CLOSED = {
    Hindrance.NO_ADMINISTRATOR: "error.acting_no_administrator",
    Hindrance.NO_PERSON: "error.acting_no_person",
}


async def note(ctx: Context, language: str, named: Sequence[Named], codes: Sequence[str], *, user: UserId) -> str:
    """Return a sentence for the preview of a post that would be published for its author; "" if it is their own.

    `codes` are those whom the post reaches, and `named` has the names of some. If the author may not publish it, the
    sentence says so.
    """
    if not await deciding.is_needed(ctx, user):
        return ""
    verdict = Verdict()
    with contextlib.suppress(PortalError, PortalDown):  # it is judged again before the post is sent
        verdict = await ctx.portal.may_act(user, codes)
    if verdict.hindrance is None:
        return catalog.sentence(language, "acting.note")
    if key := _CLOSED.get(verdict.hindrance):
        return catalog.sentence(language, key)
    known = {one.code: one.name for one in named}
    names = ", ".join(known.get(code) or _unnamed(language, code) for code in verdict.codes)
    return catalog.sentence(language, "acting.closed", names=bb.escape(cutting.shorten(names, LONGEST_NAMES)))


def _unnamed(language: str, code: str) -> str:
    return catalog.sentence(language, "recipients.everyone") if code == "UA" else code


def done(effect: ByUser) -> str:
    """Return a sentence for the confirmation of what the application did for a person; "" for their own actions."""
    if not effect.acting:
        return ""
    name = bb.escape(effect.author_name) or f"U{effect.user}"
    return catalog.sentence(effect.language, "acting.published", name=name)
