"""Writes into the audit who published, changed, shared, deleted or undid what, and from which chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from bot.framework.context import Context
from bot.framework.router import Result, Router
from bot.model import effects
from bot.model.effects import ByUser, CrmEntity
from bot.model.events import Failed, PostId, UserId
from bot.model.records import Action
from bot.model.state_changes import Audited
from bot.texts import cutting

LONGEST = 4000
"""The most characters of the details of an entry."""

router = Router()
_Entry: TypeAlias = Callable[[Any, Any], dict[str, Any]]


def _published(effect: effects.Publish, result: Any) -> dict[str, Any]:
    return {
        "action": Action.PUBLISHED, "post": PostId(int(result)) if result else None,
        "subject": effect.audience or ", ".join(effect.dest), "details": effect.title,
    }  # fmt: skip


def _shared(effect: effects.Share, _result: Any) -> dict[str, Any]:
    return {"action": Action.SHARED, "post": effect.post, "subject": effect.audience or ", ".join(effect.dest)}


def _changed(effect: effects.ChangePost, _result: Any) -> dict[str, Any]:
    return {"action": Action.CHANGED, "post": effect.post, "details": effect.difference}


def _deleted(effect: effects.DeletePost, _result: Any) -> dict[str, Any]:
    return {"action": Action.UNDONE if effect.undo else Action.DELETED, "post": effect.post}


def _commented(effect: effects.CommentOnPost, _result: Any) -> dict[str, Any]:
    return {"action": Action.COMMENTED, "post": effect.post, "details": effect.text}


def _to_crm(effect: effects.CrmPost | effects.CrmComment, _result: Any) -> dict[str, Any]:
    return {"action": Action.CRM, "subject": _entity(effect.entity), "details": effect.text}


def _undone_in_crm(effect: effects.DeleteCrmComment, _result: Any) -> dict[str, Any]:
    return {"action": Action.CRM_UNDONE, "subject": _entity(effect.entity)}


def _sent(effect: effects.SayAs, _result: Any) -> dict[str, Any]:
    return {"action": Action.SENT, "subject": effect.dialog, "dialog": effect.asked_in, "details": effect.content.text}


ENTRIES: dict[type[ByUser], _Entry] = {
    effects.Publish: _published,
    effects.Share: _shared,
    effects.ChangePost: _changed,
    effects.DeletePost: _deleted,
    effects.CommentOnPost: _commented,
    effects.CrmPost: _to_crm,
    effects.CrmComment: _to_crm,
    effects.DeleteCrmComment: _undone_in_crm,
    effects.SayAs: _sent,
}
"""For each user action, what its entry says."""


def _noting(of: _Entry) -> Callable[[Context, Result[Any]], Awaitable[None]]:
    """Return a handler of results that writes an entry: of a success, and of a failure whose outcome is unknown."""

    async def note(ctx: Context, result: Result[Any]) -> None:
        event, effect = result.event, result.effect
        if isinstance(event, Failed) and not event.outcome_unknown:
            return
        entry = {"dialog": effect.dialog} | of(effect, result.value)
        entry["details"] = cutting.start(entry.get("details", ""), LONGEST)
        certain = not isinstance(event, Failed)
        by = await _administrator(ctx) if effect.acting else None
        approved = effect.approved
        approver = f"{approved.name} ({approved.user})".strip() if approved else ""
        ctx.store(
            Audited(
                user=effect.user, name=effect.author_name, certain=certain, by_user=by, approver=approver, **entry
            )
        )  # fmt: skip

    return note


async def _administrator(ctx: Context) -> UserId:
    """Return the user with whose token the application acts for people now; 0: the unknown user who installed it."""
    known = await ctx.memory.portal()
    return (known.installer if known else None) or UserId(0)


def _entity(entity: CrmEntity) -> str:
    return f"{entity.type} {entity.id}"


for _kind, _of in ENTRIES.items():
    router.done(_kind)(_noting(_of))
    router.failed(_kind)(_noting(_of))
