"""The rules of a policy as data: who, to whom, when, and what is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum

DAY = 24 * 60
"""The minutes of a day."""
EVERYBODY, EMPLOYEES, EXTRANET, ADMINISTRATORS = "everybody", "employees", "extranet", "administrators"
"""Words for people in `who`; the others are codes of users (U5), departments (DR3) and workgroups (SG7)."""
EVERYONE, CRM = "UA", "CRM"
"""The codes of two recipients: all employees, and the cards of the CRM."""
USERS, DEPARTMENTS, GROUPS, ANYBODY = "users", "departments", "groups", "anybody"
"""Words for recipients in `to` that mean any recipient of a kind, or any at all."""


class Decision(StrEnum):
    """Says what a rule decides, the most permissive decision first."""

    ALLOW = "allow"
    APPROVE = "approve"
    DENY = "deny"

    @property
    def strictness(self) -> int:
        """Return a number that is greater for a stricter decision."""
        return list(Decision).index(self)


class Need(StrEnum):
    """Names something about a person or a portal that a rule asks for."""

    DEPARTMENTS = "the departments of the person"
    GROUPS = "the workgroups of the person"
    EXTRANET = "whether the person is an extranet user"
    ADMINISTRATOR = "whether the person is an administrator"
    TREE = "which department is above which"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Days (0: Monday) and hours in a time zone; `start` and `end` are minutes of the day.

    An end that is not later than the start is on the next day.
    """

    days: frozenset[int]
    start: int = 0
    end: int = DAY
    zone: tzinfo

    def includes(self, moment: float) -> bool:
        """Check whether a moment (unix seconds) is within these hours.

        Hours after midnight belong to the day before.
        """
        local = datetime.fromtimestamp(moment, self.zone)
        minute, today = local.hour * 60 + local.minute, local.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= minute < self.end
        return (today in self.days and minute >= self.start) or ((today - 1) % 7 in self.days and minute < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: `number` is its place in the file, from 1.

    `portals` are domains or member ids in lower case (none: every portal). `who` and `to` are codes and words as above.
    Outside of `when` the rule does not match (None: it always may). `approvers` are user ids. `reasons` has the
    sentence for a person by language ("": for all other languages).
    """

    number: int
    name: str
    portals: tuple[str, ...] = ()
    who: tuple[str, ...] = (EVERYBODY,)
    to: tuple[str, ...] = (ANYBODY,)
    when: Hours | None = None
    then: Decision
    approvers: tuple[int, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)

    def reason(self, language: str) -> str:
        """Return the sentence for a person who reads this language; "" if there is none."""
        return self.reasons.get(language) or self.reasons.get("") or next(iter(self.reasons.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules in their order: the first that matches a recipient decides about it, else `otherwise`."""

    rules: tuple[Rule, ...] = ()
    otherwise: Decision = Decision.ALLOW

    @property
    def is_open(self) -> bool:
        """Check whether everything is allowed, so that nothing needs to be asked."""
        return self.otherwise is Decision.ALLOW and all(rule.then is Decision.ALLOW for rule in self.rules)


OPEN = Policy()
"""The policy of a service that has none: everything is allowed."""
