"""crm.*: who may read cards, and the names of stages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.testing import RestClient, Setup


async def refusal_of(client: RestClient, method: str, **params: Any) -> tuple[int, str, str]:
    """Make a refused call and return status, code and text."""
    status, body = await client.call(method, params)
    return status, body["error"], body["error_description"]


async def test_extranet_users_and_people_without_rights_have_no_crm(setup: Setup) -> None:
    """Extranet users and people without rights are refused by every method; a hidden card counts as not found."""
    people = setup.p.emulator.world.people.users
    people[4] = replace(people[4], crm=False)
    extranet_user, without_rights, boris = setup.client(6), setup.client(4), setup.client(3)
    for client in (extranet_user, without_rights):
        for asked in ({"name": "crm.deal.list"}, {"name": "crm.status.list"}, {"name": "crm.deal.get", "id": 42}):
            name = str(asked.pop("name"))
            assert await refusal_of(client, name, **asked) == (400, "", "Access denied.")
    assert await refusal_of(extranet_user, "crm.deal.add", fields={"TITLE": "x"}) == (400, "", "Access denied.")
    for verb in ("get", "update", "delete"):
        assert await refusal_of(boris, f"crm.deal.{verb}", id=46, fields={"TITLE": "x"}) == (400, "", "Not found")
    assert (await setup.client(1).result("crm.deal.get", id=46))["ID"] == "46"


async def test_stages_have_names(setup: Setup) -> None:
    """A stage is found by its code; equal codes of leads and deals differ by their reference book."""
    found = await setup.client(3).result("crm.status.list", filter={"STATUS_ID": "C1:EXECUTING"})
    assert [(row["ENTITY_ID"], row["NAME"], row["CATEGORY_ID"]) for row in found] == [
        ("DEAL_STAGE_1", "Yearly order runs", "1")
    ]
    new = await setup.client(3).result("crm.status.list", filter={"STATUS_ID": "NEW"})
    assert {row["ENTITY_ID"]: row["NAME"] for row in new} == {"STATUS": "Unassigned", "DEAL_STAGE": "New"}
    lost = await setup.client(3).result("crm.status.list", filter={"ENTITY_ID": "DEAL_STAGE", "SEMANTICS": "F"})
    assert [row["STATUS_ID"] for row in lost] == ["LOSE"]
