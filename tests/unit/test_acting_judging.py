"""What counts as proof that a person may write somewhere by hand: everything that is missing counts against them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.bitrix.outbound.acting import evidence, judging
from bot.bitrix.outbound.acting.evidence import Account, Evidence
from bot.model import effects
from bot.model.acting import Hindrance
from bot.model.effects import Content
from bot.model.events import Dialog, PostId, UserId
from bot.model.records import Post

ANNA, BORIS, GUSTAV = UserId(2), UserId(3), UserId(6)
ROW: dict[str, Any] = {
    "id": 2, "active": True, "bot": False, "connector": False, "network": False, "extranet": False,
    "external_auth_id": "default", "departments": [2],
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "person", "employee"),
    [
        ({}, True, True),
        ({"external_auth_id": "socservices"}, True, True),
        ({"external_auth_id": "LDAP#1"}, True, True),
        ({"external_auth_id": ""}, True, True),
        ({"external_auth_id": "email"}, False, False),
        ({"external_auth_id": "imconnector"}, False, False),
        ({"external_auth_id": "something new"}, False, False),
        ({"active": False}, False, False),
        ({"active": "Y"}, False, False),
        ({"active": None}, False, False),
        ({"bot": True}, False, False),
        ({"bot": None}, False, False),
        ({"connector": True}, False, False),
        ({"network": True}, False, False),
        ({"extranet": True}, True, False),
        ({"extranet": None}, True, False),
        ({"departments": []}, True, False),
        ({"departments": None}, True, False),
        ({"departments": "2"}, True, False),
    ],
)
def test_an_account(change: dict[str, Any], person: bool, employee: bool) -> None:  # noqa: FBT001 - a table
    """Active people who sign in by themselves may write, and those of them with a department are employees."""
    found = evidence.account_of(ROW | change)
    assert (found.id, found.is_person, found.is_employee) == (ANNA, person, employee)


@pytest.mark.parametrize("name", [name for name in ROW if name not in ("id", "external_auth_id")])
def test_a_missing_field_counts_against_a_person(name: str) -> None:
    """If the portal leaves out a field, the person is no employee."""
    assert not evidence.account_of({key: value for key, value in ROW.items() if key != name}).is_employee


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("UA", ("UA", 0)), ("U5", ("U", 5)), ("DR3", ("DR", 3)), ("SG7", ("SG", 7)), ("UE5", ("", 0)), ("sg7", ("", 0)),
        ("", ("", 0)), ("SG7 ", ("", 0)), ("U٥", ("", 0)), ("UA5", ("UA", 5)),
    ],
)  # fmt: skip
def test_the_forms_of_a_code(code: str, found: tuple[str, int]) -> None:
    """Only the documented codes of recipients are understood."""
    assert evidence.parsed(code) == found


def known(**more: Any) -> Evidence:
    """Return what the portal says about an employee, an extranet user and nobody else."""
    accounts = {
        ANNA: Account(id=ANNA, is_person=True, is_employee=True),
        GUSTAV: Account(id=GUSTAV, is_person=True, is_employee=False),
        BORIS: Account(id=BORIS, is_person=False, is_employee=False),
    }
    given: dict[str, Any] = {"administrator": UserId(1), "accounts": accounts}
    return Evidence(**(given | more))


@pytest.mark.parametrize("code", ["UA5", "UB", "DR", "SG", "U", "U0", "SG0", "DR0", "UA ", "X"])
def test_a_code_that_is_none_is_closed(code: str) -> None:
    """A malformed code is closed to everybody."""
    assert judging.judge(known(), ANNA, [code]).codes == (code,)


@pytest.mark.parametrize(
    ("user", "codes", "closed"),
    [
        (ANNA, ("UA", "DR3", "SG7", "U6", "U2"), ()),
        (ANNA, ("U3", "U9", "DR4", "SG8"), ("U3", "U9", "DR4", "SG8")),
        (GUSTAV, ("SG7", "U2", "U6"), ()),
        (GUSTAV, ("UA", "DR3", "SG8"), ("UA", "DR3", "SG8")),
    ],
)
def test_who_may_write_where(user: UserId, codes: tuple[str, ...], closed: tuple[str, ...]) -> None:
    """The judgement names exactly the recipients that are closed."""
    members = {7: frozenset({ANNA, GUSTAV})}
    says = known(departments=frozenset({3}), members=members, shared=frozenset({ANNA, GUSTAV, BORIS}))
    verdict = judging.judge(says, user, codes)
    assert (verdict.codes, verdict.allowed) == (closed, not closed)


def test_an_extranet_user_without_known_groups_writes_to_nobody_else() -> None:
    """If the portal tells of no common workgroup, only they themselves are left."""
    assert judging.judge(known(), GUSTAV, ["U2", "U6"]).codes == ("U2",)


def test_who_is_no_person_or_has_no_administrator() -> None:
    """The hindrance says what is missing, before any recipient is judged."""
    assert judging.judge(known(), BORIS, ["UA"]).hindrance is Hindrance.NO_PERSON
    assert judging.judge(known(), UserId(99), ["UA"]).hindrance is Hindrance.NO_PERSON
    assert judging.judge(known(administrator=None), ANNA, ["UA"]).hindrance is Hindrance.NO_ADMINISTRATOR


@pytest.mark.parametrize(
    ("user", "author", "for_all", "may"),
    [(ANNA, ANNA, False, True), (ANNA, BORIS, True, True), (ANNA, BORIS, False, False), (GUSTAV, ANNA, True, False),
     (GUSTAV, GUSTAV, False, True), (BORIS, BORIS, True, False)],
)  # fmt: skip
def test_who_may_read(user: UserId, author: UserId, *, for_all: bool, may: bool) -> None:
    """A post of one's own, or one for everybody as an employee; a bot or somebody who left reads nothing."""
    post = Post(id=PostId(1), author=author, title="", text="x", for_all=for_all)
    assert judging.may_read(known(), user, post) is may


async def test_an_action_that_nobody_can_judge_is_not_done() -> None:
    """A message in a person's name is refused, though no handler asks for it with an administrator's token."""

    async def ask(_asked: object) -> list[Any]:
        raise AssertionError("nothing is asked")

    message = effects.SayAs(
        dialog=Dialog("chat1"), user=ANNA, content=Content(text="x"), asked_in=Dialog("2"), acting=True
    )
    assert (await judging.of_effect(ask, message)).hindrance is Hindrance.NO_PERSON
