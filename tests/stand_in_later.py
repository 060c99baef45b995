"""What people keep for later, in tests: scheduled posts and templates, in memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from bot.model import state_changes
from bot.model.approvals import Approval, ApprovalState
from bot.model.events import Dialog, UserId
from bot.model.records import ScheduledPost, Template
from bot.model.state_changes import StateChange
from tests.stand_in_crm import StandInCrmMemory


@dataclass(slots=True, kw_only=True)
class StandInLater(StandInCrmMemory):
    """What a store would answer about scheduled posts (`waiting`) and templates (`kept`)."""

    waiting: dict[tuple[UserId, int], ScheduledPost] = field(default_factory=dict)
    kept: dict[tuple[object, str], Template] = field(default_factory=dict)

    requests: dict[int, Approval] = field(default_factory=dict)
    """Requests for an approval by their number."""
    lasting: dict[UserId, float] = field(default_factory=dict)
    """Until when the bot can act in the name of a person; without end if it is not here."""

    async def scheduled(self, user: UserId) -> list[ScheduledPost]:
        return sorted((one for one in self.waiting.values() if one.user == user), key=lambda one: (one.at, one.number))

    async def scheduled_post(self, user: UserId, number: int) -> ScheduledPost | None:
        return self.waiting.get((user, number))

    async def approval(self, number: int) -> Approval | None:
        return self.requests.get(number)

    async def approvals(self, now: float) -> list[Approval]:
        return [one for one in self.requests.values() if one.state is ApprovalState.WAITING and one.expires_at > now]

    async def last_approval(self) -> int:
        return max(self.requests, default=0)

    async def acts_until(self, user: UserId) -> float:
        return self.lasting.get(user, math.inf)

    async def templates(self, *, user: UserId, dialog: Dialog) -> list[Template]:
        found = sorted(self.kept.items(), key=lambda one: (one[0][0] != user, one[0][1]))
        return [one for (owner, _), one in found if owner in (user, dialog)]

    def learn_later(self, state_change: StateChange) -> None:
        """Keep a state change about scheduled posts or templates."""
        match state_change:
            case state_changes.PostScheduled(post=post):
                self.waiting[post.user, post.number] = post
            case state_changes.PostUnscheduled():
                self.waiting.pop((state_change.user, state_change.number), None)
            case state_changes.ApprovalKept(approval=approval):
                self.requests[approval.number] = approval
            case state_changes.TemplateSaved():
                made = Template(name=state_change.name, text=state_change.text, chat=state_change.dialog is not None)
                self.kept[state_change.user or state_change.dialog, state_change.key] = made
            case state_changes.TemplateDropped():
                self.kept.pop((state_change.user or state_change.dialog, state_change.key), None)
