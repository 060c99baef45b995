"""user.*, department.*, sonet_group.*: visibility and shapes; new people and groups send events."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from portal.engine.core import Actor
from portal.rules import people
from portal.testing import Clock, Setup, set_up

GET, GROUPS, LIST = "user.get", "sonet_group.get", "socialnetwork.api.workgroup.list"


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    """Run a portal with a stopped clock, and a secret group 22 of Clara and Boris."""
    async with set_up(clock=Clock(1_790_000_000)) as made:
        world = made.p.emulator.world
        world.counters["group"] = 22
        people.add_group(made.p.emulator, Actor(user=4), name="Quiet", visible=False, members=(3,), moderators=(3,))
        yield made


async def ids(setup: Setup, user: int = 3, **params: Any) -> list[int]:
    """Return the ids that user.get returns."""
    return [int(row["ID"]) for row in await setup.client(user).result(GET, params)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"NAME": "Anna"}, [2, 5]),
        ({"NAME": "An%"}, [2, 5]),
        ({"%LAST_NAME": "CH"}, [5]),
        ({"!%LAST_NAME": "e"}, [4, 5]),
        ({"@WORK_POSITION": ["Director", "People partner"]}, [1, 4]),
        ({"!@ID": [1, 2, 3, 4]}, [5, 6]),
        ({">ID": 4}, [5, 6]),
        ({">=ID": 2, "<ID": 4}, [2, 3]),
        ({"!NAME": "Anna", "UF_DEPARTMENT": 3}, [3]),
        ({"UF_DEPARTMENT": [2, 4]}, [2, 4]),
        ({"ACTIVE": True, "ID": [1, 6]}, [1, 6]),
        ({"ACTIVE": "N"}, []),
        ({"USER_TYPE": "employee", ">ID": 4}, [5]),
        ({"USER_TYPE": "email"}, []),
        ({"IS_ONLINE": "Y"}, []),
        ({"NAME_SEARCH": "anna sch"}, [5]),
        ({"EMAIL": "boris@nordlicht.example"}, [3]),
        ({"NO_SUCH_FIELD": 1, "ID": 3}, [3]),
    ],
    ids=str,
)
async def test_filters_of_user_get(setup: Setup, wanted: dict[str, Any], found: list[int]) -> None:
    """Prefixes and arrays work as documented, and unknown fields have no effect."""
    assert await ids(setup, FILTER=wanted) == found


async def test_user_get_sorts_selects_and_pages(setup: Setup) -> None:
    """The default order is by id; fields beside FILTER count; pages have fifty rows."""
    assert await ids(setup, sort="LAST_NAME", order="desc") == [4, 1, 5, 2, 3, 6]
    assert await ids(setup, order="DESC", UF_DEPARTMENT=3) == [5, 3]
    (row,) = await setup.client(3).result(GET, ID=3, select=["NAME", "UF_*"])
    assert row == {"ID": "3", "NAME": "Boris", "UF_EMPLOYMENT_DATE": "", "UF_DEPARTMENT": [3]}
    for place in range(60):
        people.add_user(setup.p.emulator, first_name=f"N{place}", departments=(2,))
    status, body = await setup.client(3).call(GET, start=50)
    assert (status, len(body["result"]), body["total"], "next" in body) == (200, 16, 66, False)
    assert set(await setup.client(3).result("user.fields")) > set(await setup.client(3).result("user.current"))


async def test_an_extranet_user_finds_only_people_of_their_groups(setup: Setup) -> None:
    """Employees see everybody, extranet users the members of their own groups."""
    assert await ids(setup, 6) == [2, 3, 6]
    assert await ids(setup, 3) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"FIND": "market"}, ["2"]),
        ({"FIND": "sales klein"}, ["3"]),
        ({"FILTER": {"FIND": "partner"}}, ["4", "6"]),
        ({"FILTER": {"LAST_NAME": "chmi"}}, ["5"]),
        ({"FILTER": {"UF_DEPARTMENT_NAME": "sal"}}, ["3", "5"]),
        ({"FILTER": {"USER_TYPE": "extranet"}}, ["6"]),
        ({"FILTER": {"WORK_POSITION": "manager"}, "order": "DESC"}, ["5", "3"]),
    ],
    ids=str,
)
async def test_user_search(setup: Setup, params: dict[str, Any], found: list[str]) -> None:
    """FIND searches names, positions and departments; a filter finds parts."""
    assert [row["ID"] for row in await setup.client(3).result("user.search", params)] == found


async def test_departments(setup: Setup) -> None:
    """Departments are filtered by any field and sorted; a switch hides the head."""
    client = setup.client(3)
    rows = await client.result("department.get", sort="NAME", order="DESC", PARENT=1)
    assert [row["NAME"] for row in rows] == ["Sales", "Marketing", "HR team"]
    assert await client.result("department.get", NAME="Sales") == [
        {"ID": "3", "NAME": "Sales", "SORT": 500, "PARENT": "1", "UF_HEAD": "3"}
    ]
    assert [row["ID"] for row in await client.result("department.get", UF_HEAD=2)] == ["2"]
    setup.p.switch(department_head=False)
    assert all("UF_HEAD" not in row for row in await client.result("department.get"))
    assert set(await client.result("department.fields")) == {"ID", "NAME", "SORT", "PARENT", "UF_HEAD"}


async def test_groups_are_visible_by_kind_and_membership(setup: Setup) -> None:
    """Employees see visible groups, extranet users their own; secret ones only members and asking administrators."""
    expected = {1: ["7", "8"], 3: ["7", "8", "22"], 5: ["7", "8"], 6: ["7"]}
    for user, numbers in expected.items():
        assert [row["ID"] for row in await setup.client(user).result(GROUPS)] == numbers
    assert len(await setup.client(1).result(GROUPS, IS_ADMIN="Y")) == 3
    assert len(await setup.client(5).result(GROUPS, IS_ADMIN="Y")) == 2


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"FILTER": {"%NAME": "office"}}, ["8"]),
        ({"FILTER": {"OWNER_ID": 2}}, ["7"]),
        ({"FILTER": {"!ID": 7}, "ORDER": {"ID": "DESC"}}, ["22", "8"]),
        ({"FILTER": {"VISIBLE": "N"}}, ["22"]),
        ({"FILTER": {">=DATE_CREATE": "2026-09-01"}}, ["22"]),
        ({"FILTER": {"PROJECT": "Y"}}, ["7"]),
        ({"GROUP_ID": 8}, ["8"]),
        ({"ORDER": {"NAME": "ASC"}}, ["8", "7", "22"]),
    ],
    ids=str,
)
async def test_groups_are_filtered(setup: Setup, params: dict[str, Any], found: list[str]) -> None:
    """Groups are filtered by any field with operators, and sorted."""
    assert [row["ID"] for row in await setup.client(3).result(GROUPS, params)] == found


async def test_members_of_groups(setup: Setup) -> None:
    """Roles are A, E and K; a hidden group counts as not found."""
    members = "sonet_group.user.get"
    assert await setup.client(3).result(members, ID=22) == [
        {"USER_ID": "4", "ROLE": "A"},
        {"USER_ID": "3", "ROLE": "E"},
    ]
    mine = await setup.client(3).result("sonet_group.user.groups")
    assert [(row["GROUP_ID"], row["ROLE"]) for row in mine] == [("7", "K"), ("22", "E")]
    for user, number, text in (
        (3, 0, "Wrong socialnetwork group ID"),
        (3, 99, "Socialnetwork group not found"),
        (5, 22, "Socialnetwork group not found"),
        (6, 8, "Socialnetwork group not found"),
    ):
        status, body = await setup.client(user).call(members, ID=number)
        assert (status, body) == (400, {"error": "", "error_description": text})


async def test_the_chat_of_a_group(setup: Setup) -> None:
    """The list returns the selected fields in camel case, with the chat for members."""
    messenger = setup.p.emulator.world.messenger
    number = int(setup.p.make_chat(3, 4, title="Quiet", by=4).removeprefix("chat"))
    chat = messenger.chats[number]
    values = {name: getattr(chat, name) for name in ("id", "kind", "members", "created", "title", "owner")}
    messenger.put(type(chat)(**values, entity_type="SONET_GROUP", entity_id="22"))
    asked: dict[str, Any] = {"filter": {"ID": [7, 22]}, "select": ["ID", "NAME", "TYPE"], "order": {"ID": "DESC"}}
    asked["params"] = {"shouldSelectDialogId": "Y"}
    status, body = await setup.client(3).call(LIST, asked)
    assert (status, body["total"]) == (200, 2)
    assert body["result"]["workgroups"] == [
        {"id": "22", "name": "Quiet", "type": "group", "dialogId": f"chat{number}"},
        {"id": "7", "name": "Product launch", "type": "project", "dialogId": ""},
    ]
    _, plain = await setup.client(5).call(LIST, start=-1)
    assert (plain["result"], "total" in plain) == ({"workgroups": [{"id": "7"}, {"id": "8"}]}, False)


GET_GROUP = "socialnetwork.api.workgroup.get"


async def test_one_group_is_described(setup: Setup) -> None:
    """A group has its fields in capitals, and on request its owner and the caller's role."""
    fields = {"ID", "NAME", "VISIBLE", "OPENED", "CLOSED", "OWNER_ID", "NUMBER_OF_MEMBERS", "PROJECT", "DATE_CREATE"}
    plain = await setup.client(3).result(GET_GROUP, {"params": {"groupId": 7}})
    assert fields <= plain.keys()
    assert (plain["ID"], plain["NAME"], plain["PROJECT"]) == ("7", "Product launch", "Y")
    assert not {"OWNER_DATA", "USER_DATA"} & plain.keys()
    asked = {"groupId": "7", "select": ["OWNER_DATA", "USER_DATA", "TAGS"]}
    more = await setup.client(3).result(GET_GROUP, {"params": asked})
    assert str(more["OWNER_DATA"]["ID"]) == more["OWNER_ID"]
    assert more["OWNER_DATA"]["FORMATTED_NAME"] == setup.p.emulator.world.people.users[int(more["OWNER_ID"])].name
    assert (more["TAGS"], "ROLE" in more["USER_DATA"]) == ([], True)


async def test_a_hidden_group_is_not_found(setup: Setup) -> None:
    """A hidden group is found by its members and administrators only; a missing number has its own code."""
    groups = setup.p.emulator.world.people.groups
    groups[80] = replace(groups[8], id=80, name="Secret", visible=False, owner=4, members=(4,))
    for who, status in ((4, 200), (1, 200), (3, 400), (6, 400)):
        answer = await setup.client(who).call(GET_GROUP, {"params": {"groupId": 80}})
        assert answer[0] == status, who
        assert status == 200 or answer[1]["error"] == "SONET_CONTROLLER_WORKGROUP_NOT_FOUND"
    for number in (0, "x", -7, None):
        asked = {"params": {"groupId": number}}
        assert (await setup.client(3).refusal(GET_GROUP, asked))[1] == "SONET_CONTROLLER_WORKGROUP_EMPTY"
    assert (await setup.client(3).refusal(GET_GROUP))[1] == "SONET_CONTROLLER_WORKGROUP_EMPTY"
    assert (await setup.client(3).refusal(GET_GROUP, {"params": {"groupId": 999}}))[1].endswith("NOT_FOUND")


async def test_people_have_an_external_code(setup: Setup) -> None:
    """XML_ID is described, and every scope shows it in the profile."""
    assert "XML_ID" in await setup.client(3).result("user.fields")
    for scope in ("user", "user_basic", "user_brief"):
        hook = setup.p.client(webhook=setup.p.webhook(user=3, scopes=[scope]))
        assert (await hook.result("user.current"))["XML_ID"] == ""
        assert all("XML_ID" in row for row in await hook.result("user.get"))


async def test_the_scope_of_groups_has_two_names(setup: Setup) -> None:
    """With the other name, the usual scope no longer allows the methods and events."""
    await setup.client().result("event.bind", event="ONSONETGROUPADD", handler=setup.receiver.url)
    setup.p.switch(group_scope="sonet")
    assert (await setup.client(3).refusal(GROUPS))[1] == "insufficient_scope"
    hook = setup.p.client(webhook=setup.p.webhook(user=3, scopes=["sonet"]))
    assert len(await hook.result(GROUPS)) == 3
    assert (await setup.client().refusal("event.bind", event="ONSONETGROUPUPDATE", handler=setup.receiver.url))[1] == (
        "ERROR_EVENT_NOT_FOUND"
    )


async def test_new_people_and_groups_send_events(setup: Setup) -> None:
    """ONUSERADD has the new person's token, which cannot be refreshed; group events have the id."""
    names = ("ONUSERADD", "ONSONETGROUPADD", "ONSONETGROUPUPDATE", "ONSONETGROUPDELETE")
    for name in names:
        await setup.client().result("event.bind", event=name, handler=setup.receiver.url)
    emulator = setup.p.emulator
    new = people.add_user(
        emulator, first_name="Nils", last_name="Lund", email="nils@nordlicht.example", departments=(2, 3)
    )
    event = await setup.receiver.wait_for("ONUSERADD")
    assert event["data"] | {"ID": str(new.id), "NAME": "Nils", "UF_DEPARTMENT": ["2", "3"]} == event["data"]
    assert ("access_token" in event["auth"], "refresh_token" in event["auth"]) == (True, False)
    client = setup.p.client()
    client.token = event["auth"]["access_token"]
    assert (await client.result("profile"))["ID"] == str(new.id)
    group = people.add_group(emulator, Actor(user=2), name="New", members=(new.id,))
    group = people.change_group(emulator, group, Actor(user=2), name="Newer", members=())
    assert group.members == (2,)
    people.delete_group(emulator, group, Actor(user=2))
    for name in names[1:]:
        assert (await setup.receiver.wait_for(name))["data"] == {"FIELDS": {"ID": str(group.id)}}
