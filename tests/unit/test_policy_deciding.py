"""What a policy decides: the first rule for each recipient, the strictest result for all, and never open if unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import policy
from bot.policy import Author, Case, Decision, Need, Policy, Rule
from bot.policy.rules import Hours

MONDAY = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()
TREE = {1: 0, 2: 1, 3: 1, 8: 3}
ANNA = Author(id=7, departments=frozenset({8}), groups=frozenset({4}), extranet=False, administrator=False)
CASE = Case(portal=("north.example.com", "a1b2"), author=ANNA, to=("UA",), at=MONDAY, tree=TREE)


def rule(number: int = 1, **fields: Any) -> Rule:
    """Make a rule that denies, unless the test says otherwise."""
    return Rule(**{"number": number, "name": f"R{number}", "then": Decision.DENY, **fields})


def decided(case: Case, *rules: Rule, otherwise: Decision = Decision.ALLOW) -> Decision:
    """Return what these rules decide."""
    return policy.decide(Policy(rules=rules, otherwise=otherwise), case).decision


@pytest.mark.parametrize(
    ("who", "matches"),
    [
        ("everybody", True), ("employees", True), ("extranet", False), ("administrators", False), ("U7", True),
        ("U8", False), ("DR8", True), ("DR3", True), ("DR1", True), ("DR2", False), ("SG4", True), ("SG5", False),
    ],
)  # fmt: skip
def test_who_a_rule_means(who: str, *, matches: bool) -> None:
    """A department means those who work below it too; an employee is nobody from the extranet."""
    assert decided(CASE, rule(who=(who,))) is (Decision.DENY if matches else Decision.ALLOW)


@pytest.mark.parametrize(
    ("who", "author"),
    [
        ("extranet", replace(ANNA, extranet=True)), ("administrators", replace(ANNA, administrator=True)),
        ("DR3", replace(ANNA, departments=frozenset({2, 3}))),
    ],
)  # fmt: skip
def test_who_else_a_rule_means(who: str, author: Author) -> None:
    """An extranet user, an administrator, and a person of several departments are matched."""
    assert decided(replace(CASE, author=author), rule(who=(who,))) is Decision.DENY


@pytest.mark.parametrize(
    ("to", "code", "matches"),
    [
        ("anybody", "UA", True), ("anybody", "CRM", True), ("UA", "UA", True), ("UA", "DR1", False),
        ("CRM", "CRM", True),
        ("CRM", "UA", False), ("U5", "U5", True), ("U5", "U55", False), ("users", "U5", True), ("users", "UA", False),
        ("DR3", "DR3", True), ("DR3", "DR8", True), ("DR8", "DR3", False), ("DR3", "DR2", False),
        ("departments", "DR8", True), ("departments", "SG8", False), ("SG4", "SG4", True), ("groups", "SG9", True),
        ("groups", "CRM", False),
    ],
)  # fmt: skip
def test_to_whom_a_rule_means(to: str, code: str, *, matches: bool) -> None:
    """A recipient is matched by its code, its kind, or a department above it, and by nothing else."""
    assert decided(replace(CASE, to=(code,)), rule(to=(to,))) is (Decision.DENY if matches else Decision.ALLOW)


def test_the_first_rule_decides() -> None:
    """A later rule does not change what an earlier one decided; without any match the last default holds."""
    assert decided(CASE, rule(1, then=Decision.ALLOW), rule(2)) is Decision.ALLOW
    assert decided(CASE, rule(1), rule(2, then=Decision.ALLOW)) is Decision.DENY
    assert decided(CASE, rule(1, who=("U8",)), otherwise=Decision.DENY) is Decision.DENY


def test_the_strictest_recipient_decides() -> None:
    """A post for several recipients gets the strictest of their decisions, and names the recipient that decided."""
    rules = (
        rule(1, to=("SG4",), then=Decision.ALLOW),
        rule(2, to=("UA",)),
        rule(3, then=Decision.APPROVE, approvers=(1,)),
    )
    verdict = policy.decide(Policy(rules=rules), replace(CASE, to=("SG4", "U5", "UA")))
    assert (verdict.decision, verdict.by and verdict.by.to) == (Decision.DENY, "UA")
    assert [one.decision for one in verdict.rulings] == [Decision.ALLOW, Decision.APPROVE, Decision.DENY]
    asks = policy.decide(Policy(rules=rules), replace(CASE, to=("SG4", "U5")))
    assert (asks.decision, asks.approvers) == (Decision.APPROVE, (1,))


def test_a_rule_of_another_portal_or_time_does_not_match() -> None:
    """Domain and member id name a portal; outside of its hours a rule is not there."""
    assert decided(CASE, rule(portals=("south.example.com",))) is Decision.ALLOW
    for name in CASE.portal:
        assert decided(CASE, rule(portals=("south.example.com", name))) is Decision.DENY
    noon = Hours(days=frozenset({0}), start=720, end=780, zone=UTC)
    assert decided(CASE, rule(when=noon)) is Decision.DENY
    assert decided(replace(CASE, at=MONDAY + 3600), rule(when=noon)) is Decision.ALLOW


@pytest.mark.parametrize(
    ("approvers", "to", "expected"),
    [
        (((7, 1),), ("UA",), (1,)), (((7,),), ("UA",), ()), (((1, 2), (2, 3)), ("UA", "CRM"), (2,)),
        (((1,), (2,)), ("UA", "CRM"), ()),
    ],
)  # fmt: skip
def test_who_may_approve(
    approvers: tuple[tuple[int, ...], ...], to: tuple[str, ...], expected: tuple[int, ...]
) -> None:
    """Nobody approves their own post; one person approves for all recipients, else it is denied."""
    rules = tuple(
        rule(number, to=(code,), then=Decision.APPROVE, approvers=people)
        for number, (code, people) in enumerate(zip(to, approvers, strict=True), 1)
    )
    verdict = policy.decide(Policy(rules=rules), replace(CASE, to=to))
    assert verdict.approvers == expected
    assert (verdict.decision, verdict.lonely) == ((Decision.APPROVE, False) if expected else (Decision.DENY, True))


@pytest.mark.parametrize(
    ("who", "to", "need"),
    [
        ("DR3", "UA", Need.DEPARTMENTS), ("SG4", "UA", Need.GROUPS), ("employees", "UA", Need.EXTRANET),
        ("extranet", "UA", Need.EXTRANET), ("administrators", "UA", Need.ADMINISTRATOR),
        ("everybody", "DR3", Need.TREE),
    ],
)  # fmt: skip
def test_what_is_unknown_is_denied(who: str, to: str, need: Need) -> None:
    """If a rule asks for something that nobody knows, the strictest decision holds that it may lead to."""
    unknown = replace(CASE, author=Author(id=7), tree=None, to=("DR8",) if to == "DR3" else ("UA",))
    allows = Policy(rules=(rule(who=(who,), to=(to,), then=Decision.ALLOW),), otherwise=Decision.DENY)
    denies = Policy(rules=(rule(who=(who,), to=(to,)),))
    for rules in (allows, denies):
        assert need in policy.needed(rules, unknown)
        verdict = policy.decide(rules, unknown)
        assert (verdict.decision, verdict.unknown) == (Decision.DENY, True)
    same = policy.decide(Policy(rules=allows.rules), unknown)
    assert (same.decision, same.unknown) == (Decision.ALLOW, False)


def test_an_unknown_rule_asks_its_approvers_too() -> None:
    """If either of two rules may hold, only who may approve by both can approve; nobody is asked if there is no one."""
    unknown = replace(CASE, author=Author(id=7))
    maybe = rule(1, who=("administrators",), then=Decision.APPROVE, approvers=(1, 2))
    for others, expected in (((2, 3), (2,)), ((3,), ())):
        rules = Policy(rules=(maybe, rule(2, then=Decision.APPROVE, approvers=others)))
        verdict = policy.decide(rules, unknown)
        assert (verdict.approvers, verdict.unknown) == (expected, True)
        assert verdict.decision is (Decision.APPROVE if expected else Decision.DENY)
    free = policy.decide(Policy(rules=(maybe,)), unknown)
    assert (free.decision, free.approvers) == (Decision.APPROVE, (1, 2))


def test_a_department_that_the_portal_does_not_list_is_unknown() -> None:
    """The department above an unlisted one may be the one that a rule means, so nothing is allowed."""
    verdict = policy.decide(Policy(rules=(rule(who=("DR3",)),)), replace(CASE, tree={1: 0}))
    assert verdict.unknown


def test_nothing_is_asked_that_does_not_matter() -> None:
    """A rule for other recipients, another time or behind a certain match asks for nothing."""
    asks = {"who": ("DR3", "SG4", "administrators", "employees")}
    unknown = replace(CASE, author=Author(id=7), tree=None)
    never = Hours(days=frozenset({3}), zone=UTC)
    quiet = (rule(1, to=("SG4",), **asks), rule(2, when=never, **asks), rule(3, portals=("south",), **asks))
    assert policy.needed(Policy(rules=quiet), unknown) == frozenset()
    assert policy.needed(Policy(rules=(rule(1), rule(2, **asks))), unknown) == frozenset()
    assert policy.needed(Policy(rules=(rule(1, who=("U7", "DR3")),)), unknown) == frozenset()
    assert policy.needed(Policy(rules=(rule(1, **asks),)), unknown) == frozenset(Need)


CODES = st.sampled_from(["U5", "U7", "DR1", "DR2", "DR3", "DR8", "SG4", "SG9"])
RULES = st.builds(
    rule,
    who=st.lists(
        CODES | st.sampled_from(["everybody", "employees", "extranet", "administrators"]), min_size=1, max_size=3
    ),
    to=st.lists(
        CODES | st.sampled_from(["UA", "CRM", "users", "departments", "groups", "anybody"]), min_size=1, max_size=3
    ),
    then=st.sampled_from(Decision),
    approvers=st.sampled_from([(1, 2), (2, 3), (1,)]),
)
AUTHORS = st.builds(
    Author,
    id=st.sampled_from([5, 7]),
    departments=st.frozensets(st.sampled_from(list(TREE))),
    groups=st.frozensets(st.sampled_from([4, 9])),
    extranet=st.booleans(),
    administrator=st.booleans(),
)


@given(
    st.lists(RULES, max_size=5), AUTHORS, st.lists(CODES | st.sampled_from(["UA", "CRM"]), min_size=1, max_size=4),
    st.sampled_from([Decision.ALLOW, Decision.DENY]),
)  # fmt: skip
def test_reading_only_what_is_needed_decides_the_same(
    rules: list[Rule], author: Author, to: list[str], otherwise: Decision
) -> None:
    """Whatever the rules are, what is not read changes no decision; and what is unknown never allows more."""
    rules_ = Policy(rules=tuple(rules), otherwise=otherwise)
    whole = replace(CASE, author=author, to=tuple(to))
    bare = replace(whole, author=Author(id=author.id), tree=None)
    needs = policy.needed(rules_, bare)
    known = Author(
        id=author.id,
        departments=author.departments if Need.DEPARTMENTS in needs else None,
        groups=author.groups if Need.GROUPS in needs else None,
        extranet=author.extranet if Need.EXTRANET in needs else None,
        administrator=author.administrator if Need.ADMINISTRATOR in needs else None,
    )
    expected = policy.decide(rules_, whole)
    assert policy.decide(rules_, replace(whole, author=known, tree=TREE if Need.TREE in needs else None)) == expected
    blind = policy.decide(rules_, bare)
    assert blind.decision.strictness >= expected.decision.strictness
    assert expected.allows or set(blind.approvers) <= set(expected.approvers)


def test_decisions_are_ordered_by_strictness() -> None:
    """To deny is stricter than to ask for an approval, which is stricter than to allow."""
    assert sorted(Decision, key=lambda one: one.strictness) == [Decision.ALLOW, Decision.APPROVE, Decision.DENY]
