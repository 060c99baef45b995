"""Decides by the rules of a policy whether a person may publish to some recipients at a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from bot.policy.rules import (
    ADMINISTRATORS,
    ANYBODY,
    CRM,
    DEPARTMENTS,
    EMPLOYEES,
    EVERYBODY,
    EXTRANET,
    GROUPS,
    USERS,
    Decision,
    Need,
    Policy,
    Rule,
)

T = TypeVar("T")

_KINDS = {USERS: "U", DEPARTMENTS: "DR", GROUPS: "SG"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """The person who publishes, and what is known about them; None: unknown.

    `departments` are those that the person works in, without those above.
    """

    id: int
    departments: frozenset[int] | None = None
    groups: frozenset[int] | None = None
    extranet: bool | None = None
    administrator: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is to be decided: may `author` publish to the recipients `to` (UA, U5, DR3, SG7, CRM) `at` this moment.

    `portal` are the domain and the member id in lower case. `tree` has the department above each department (0: none);
    None: unknown.
    """

    portal: tuple[str, ...]
    author: Author
    to: tuple[str, ...]
    at: float
    tree: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What holds for one recipient: the decision of a rule, or of the last default (`rule` is None).

    Where it is unknown whether a rule matches, it is the strictest decision that may hold, and `unknown` says what
    could not be found out, if that may change it. `approvers` are those whom each rule names that may hold and asks for
    an approval.
    """

    to: str
    decision: Decision
    rule: Rule | None = None
    unknown: frozenset[Need] = frozenset()
    approvers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVerdict:
    """What holds for all recipients together: the strictest ruling, and the rulings of all recipients.

    `approvers` are the user ids of those who may approve. `lonely`: an approval is asked for, but nobody except the
    author may give it for all recipients, so it is denied.
    """

    decision: Decision
    by: Ruling | None = None
    rulings: tuple[Ruling, ...] = ()
    approvers: tuple[int, ...] = ()
    lonely: bool = False

    @property
    def allows(self) -> bool:
        """Check whether the person may publish without an approval."""
        return self.decision is Decision.ALLOW

    @property
    def unknown(self) -> bool:
        """Check whether it might be decided in another way, if more could be found out."""
        return self.by is not None and bool(self.by.unknown)


def needed(policy: Policy, case: Case) -> frozenset[Need]:
    """Return what is unknown yet and may matter; a rule that cannot match asks for nothing."""
    found: set[Need] = set()
    for code in case.to:
        for rule in policy.rules:
            match = _matches(rule, case, code)
            if match is True:
                break
            found |= match or frozenset()
    return frozenset(found)


def decide(policy: Policy, case: Case) -> PolicyVerdict:
    """Decide about each recipient by the first rule that matches, and return the strictest result."""
    rulings = tuple(_ruling(policy, case, code) for code in case.to)
    by = max(rulings, key=lambda one: one.decision.strictness, default=None)
    if by is None or by.decision is not Decision.APPROVE:
        return PolicyVerdict(decision=by.decision if by else policy.otherwise, by=by, rulings=rulings)
    asking = [one.approvers for one in rulings if one.decision is Decision.APPROVE]
    able = [one for one in _in_all(asking) if one != case.author.id]
    decision = Decision.APPROVE if able else Decision.DENY
    return PolicyVerdict(decision=decision, by=by, rulings=rulings, approvers=tuple(able), lonely=not able)


def _ruling(policy: Policy, case: Case, code: str) -> Ruling:
    """Return what holds for a recipient: the first rule that matches, or a stricter one before it that may match."""
    possible: list[tuple[Rule, frozenset[Need]]] = []
    certain: Rule | None = None
    for rule in policy.rules:
        match = _matches(rule, case, code)
        if match is True:
            certain = rule
            break
        possible += [(rule, match)] if match else []
    decision = certain.then if certain else policy.otherwise
    strictest = max([decision, *(rule.then for rule, _ in possible)], key=lambda one: one.strictness)
    rules = [rule for rule in (certain, *(rule for rule, _ in possible)) if rule and rule.then is strictest]
    outcomes = {(rule.then, rule.approvers) for rule, _ in possible}
    outcomes.add((decision, certain.approvers if certain else ()))
    return Ruling(
        to=code,
        decision=strictest,
        rule=None if decision is strictest and certain is None else rules[0],
        unknown=frozenset[Need]().union(*(need for _, need in possible)) if len(outcomes) > 1 else frozenset(),
        approvers=_in_all([rule.approvers for rule in rules]),
    )


def _in_all(lists: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Return what is in each of some lists, in the order of the first."""
    return tuple(one for one in lists[0] if all(one in other for other in lists)) if lists else ()


_Match: TypeAlias = bool | frozenset[Need]
"""Whether a rule matches; or what is unknown, if that decides it."""


def _matches(rule: Rule, case: Case, code: str) -> _Match:
    """Check whether a rule matches a recipient; parts that need no knowledge are checked first."""
    if rule.portals and not set(rule.portals) & set(case.portal):
        return False
    if rule.when and not rule.when.includes(case.at):
        return False
    to = _any(_recipient(one, code, case) for one in rule.to)
    if to is False:
        return False
    who = _any(_person(one, case) for one in rule.who)
    if who is False:
        return False
    unknown = [one for one in (to, who) if one is not True]
    return frozenset[Need]().union(*unknown) if unknown else True


def _any(parts: Iterator[_Match]) -> _Match:
    """Return True if one of the parts is true, else what is unknown; False if all of them are false."""
    unknown: set[Need] = set()
    for part in parts:
        if part is True:
            return True
        unknown |= part or frozenset()
    return frozenset(unknown) or False


def _recipient(wanted: str, code: str, case: Case) -> _Match:
    if wanted in (ANYBODY, code):
        return True
    if kind := _KINDS.get(wanted):
        return code.rstrip("0123456789") == kind
    if CRM in (wanted, code) or not (wanted.startswith("DR") and code.startswith("DR")):
        return False
    return _is_below(_number(code), _number(wanted), case.tree)


def _person(wanted: str, case: Case) -> _Match:
    author = case.author
    if wanted in (EVERYBODY, f"U{author.id}"):
        return True
    if wanted in (EMPLOYEES, EXTRANET):
        return _known(author.extranet, Need.EXTRANET, lambda outside: outside is (wanted == EXTRANET))
    if wanted == ADMINISTRATORS:
        return _known(author.administrator, Need.ADMINISTRATOR, lambda manages: manages)
    if wanted.startswith("SG"):
        return _known(author.groups, Need.GROUPS, lambda groups: _number(wanted) in groups)
    if wanted.startswith("DR"):
        return _works_in(_number(wanted), case)
    return False


def _works_in(department: int, case: Case) -> _Match:
    """Check whether the author works in a department or below it."""
    own, tree = case.author.departments, case.tree
    if own is None:
        return frozenset({Need.DEPARTMENTS, *((Need.TREE,) if tree is None else ())})
    return _any(_is_below(one, department, tree) for one in sorted(own))


def _known(value: T | None, need: Need, check: Callable[[T], bool]) -> _Match:
    return frozenset({need}) if value is None else check(value)


def _is_below(department: int, above: int, tree: Mapping[int, int] | None) -> _Match:
    """Check whether a department is another one or below it; a department that is missing in the tree is unknown."""
    seen: set[int] = set()
    while department and department != above and department not in seen:
        if tree is None or department not in tree:
            return frozenset({Need.TREE})
        seen.add(department)
        department = tree[department]
    return department == above


def _number(code: str) -> int:
    return int(code.lstrip("DRSGU"))
