"""Methods of all applications, errors of limits and plans, and details of batches."""

from typing import Any

import aiohttp
import pytest

from portal.testing import Setup

NOW = 1_790_000_000


async def test_options_of_applications_and_people_are_saved(setup: Setup) -> None:
    """Administrators save options for all, people their own; saves add up; one is read by name."""
    olga, anna = setup.client(1), setup.client(2)
    assert await olga.result("app.option.get") == []
    assert await olga.result("app.option.set", options={"mode": "dark", "n": 1}) is True
    await olga.result("app.option.set", options={"n": 2})
    assert await anna.result("app.option.get") == {"mode": "dark", "n": 2}
    assert await anna.result("app.option.get", option="mode") == "dark"
    assert await anna.result("app.option.get", option="none") is None
    assert await anna.refusal("app.option.set", options={"n": 3}) == (403, "ACCESS_DENIED")
    await anna.result("user.option.set", options={"seen": "1"})
    assert (await anna.result("user.option.get"), await olga.result("user.option.get")) == ({"seen": "1"}, [])
    status, body = await anna.call("user.option.set", options="x")
    assert (status, body["error"], body["argument"]) == (400, "ERROR_ARGUMENT", "options")
    await setup.p.uninstall(setup.app)
    await setup.p.install(setup.app)
    assert await setup.client().result("app.option.get") == []


@pytest.mark.parametrize(
    ("user", "codes", "has"),
    [
        (1, ["U2"], True),
        (2, ["U2"], True),
        (2, ["U3"], False),
        (2, ["U3", "AU"], True),
        (6, ["G2"], True),
        (2, ["G1"], False),
        (2, ["DR1"], True),
        (2, ["DR3"], False),
        (6, ["SG7"], True),
        (6, ["SG8"], False),
        (2, [], False),
    ],
    ids=str,
)
async def test_a_person_has_their_access_codes(setup: Setup, user: int, codes: list[str], has: bool) -> None:  # noqa: FBT001 - a table's column
    """A person has each code that includes them; an administrator has all."""
    assert await setup.client(user).result("user.access", ACCESS=codes) is has


async def test_access_codes_have_names(setup: Setup) -> None:
    """Each known code has a name and a provider; unknown ones are left out; without any the result is false."""
    codes = ["U3", "SG7", "DR2", "AU", "U999", "XX"]
    names = await setup.client(4).result("access.name", ACCESS=codes)
    assert {code: (row["name"], row["provider_id"]) for code, row in names.items()} == {
        "U3": ("Boris Klein", "user"),
        "SG7": ("Product launch", "socnetgroup"),
        "DR2": ("Marketing", "intranet"),
        "AU": ("All authorized users", "other"),
    }
    assert set(await setup.client(6).result("access.name", ACCESS=codes)) == {"U3", "SG7", "AU"}
    assert await setup.client(6).result("access.name", ACCESS=["SG8", "U1"]) is False


async def test_scopes_and_methods_of_a_token_are_listed(setup: Setup) -> None:
    """scope, methods and method.get use the token's scopes; `full` shows everything."""
    small = setup.p.client(webhook=setup.p.webhook(user=3, scopes=["log", "user_brief"]))
    assert await small.result("scope") == ["log", "user_brief"]
    assert {"crm", "im", "log", "placement"} <= set(await small.result("scope", full=True))
    names = await small.result("methods")
    assert ("log.blogpost.add" in names, "user.get" in names, "crm.deal.list" in names) == (True, True, False)
    assert "crm.deal.list" in await small.result("methods", full="true")
    assert all(name.startswith("crm.") for name in await small.result("methods", scope="crm"))
    assert await small.result("method.get", name="user.get") == {"isExisting": True, "isAvailable": True}
    assert await small.result("method.get", name="crm.deal.list") == {"isExisting": True, "isAvailable": False}
    for name in ("no.such", "User.Get"):
        assert await small.result("method.get", name=name) == {"isExisting": False, "isAvailable": False}


@pytest.mark.parametrize(
    "method",
    [
        *("event.bind", "event.unbind", "event.get", "events", "event.test"),
        *(f"event.offline.{name}" for name in ("get", "list", "clear", "error")),
        *(f"placement.{name}" for name in ("bind", "unbind", "get", "list")),
    ],
)
async def test_webhooks_have_no_application(setup: Setup, method: str) -> None:
    """Methods about an application are refused for webhooks."""
    status, body = await setup.p.client(webhook=setup.p.webhook()).call(method)
    words = "Current authorization type is denied for this method Application context required"
    assert (status, body) == (403, {"error": "WRONG_AUTH_TYPE", "error_description": words})


async def test_app_info_describes_the_application(setup: Setup) -> None:
    """app.info describes the application."""
    info = await setup.client().result("app.info")
    assert (info["CODE"], info["INSTALLED"], info["STATUS"]) == (setup.app.client_id, True, "L")


async def test_a_plan_without_rest(setup: Setup) -> None:
    """All calls are refused before expiry and scope are checked, but after an unknown token."""
    setup.p.switch(rest_plan="free")
    words = "REST API is available only on commercial plans"
    refused = (403, {"error": "ACCESS_DENIED", "error_description": words})
    client, hook = setup.client(), setup.p.client(webhook=setup.p.webhook())
    assert await client.call("profile") == refused
    assert await hook.call("crm.deal.list") == refused
    setup.p.clock.advance(3600)
    assert await client.call("profile") == refused
    client.token = "unknown"
    assert (await client.refusal("profile"))[1] == "invalid_token"


async def test_switches_select_contradictory_statuses(setup: Setup) -> None:
    """A wrong webhook, a full bucket and invalid_client have two possible statuses each."""
    wrong = setup.p.client(webhook=f"{setup.p.url}rest/1/nosuchsecret/")
    assert await wrong.refusal("profile") == (401, "INVALID_CREDENTIALS")
    setup.p.switch(credentials_status="403", rate_status="429", invalid_client_status="401", bucket_capacity=1)
    assert await wrong.refusal("profile") == (403, "INVALID_CREDENTIALS")
    assert await setup.client().refusal("profile") == (429, "QUERY_LIMIT_EXCEEDED")
    form = {"grant_type": "refresh_token", "client_id": setup.app.client_id, "client_secret": "x", "refresh_token": "x"}
    async with aiohttp.ClientSession() as http, http.post(f"{setup.p.url}oauth/token/", data=form) as answer:
        assert (answer.status, await answer.json()) == (401, {"error": "invalid_client"})


async def test_xml_is_refused_with_a_sentence(setup: Setup) -> None:
    """Bitrix24 answers .xml; the emulator refuses it with a sentence."""
    status, body = await setup.client().call("profile.xml")
    assert (status, body["error"]) == (501, "XML_NOT_EMULATED")
    assert await setup.client().result("profile.json")


async def test_run_time_adds_up_for_each_method_and_application(setup: Setup) -> None:
    """Over the limit, a method is blocked for its application until the oldest slot expires."""
    setup.p.switch(operating_limit=3, operating_cost=1)
    client, other = setup.client(), setup.p.client(webhook=setup.p.webhook())
    for count in (1, 2, 3):
        _, body = await client.call("server.time")
        assert (int(body["time"]["operating"]), body["time"]["operating_reset_at"]) == (count, NOW + 600)
    status, body = await client.call("server.time")
    words = "Method is blocked due to operation time limit."
    assert (status, body["error"], body["error_description"]) == (429, "OPERATION_TIME_LIMIT", words)
    assert body["time"]["operating_reset_at"] == NOW + 600
    await client.result("profile")
    await other.result("server.time")
    setup.p.clock.advance(599)
    assert (await client.refusal("server.time"))[0] == 429
    setup.p.clock.advance(1)
    await client.result("server.time")


async def test_the_commands_of_a_batch_are_charged_one_by_one(setup: Setup) -> None:
    """Each command of a batch is charged, and a blocked command fails alone."""
    setup.p.switch(operating_limit=2, operating_cost=1)
    answer = await setup.client().result("batch", cmd={f"c{n}": "server.time" for n in range(3)} | {"p": "profile"})
    assert set(answer["result"]) == {"c0", "c1", "p"}
    assert set(answer["result_error"]["c2"]) == {"error", "error_description"}
    assert answer["result_error"]["c2"]["error"] == "OPERATION_TIME_LIMIT"
    assert int(answer["result_time"]["c1"]["operating"]) == 2


async def test_without_a_limit_the_time_block_has_no_operating_fields(setup: Setup) -> None:
    """Without a limit, the time block has no operating fields."""
    setup.p.switch(operating_limit=0)
    _, body = await setup.client().call("server.time")
    assert set(body["time"]) == {"start", "finish", "duration", "processing", "date_start", "date_finish"}


async def test_a_command_uses_results_of_earlier_commands(setup: Setup) -> None:
    """Results, errors, totals, next and times can be referenced; an invalid path ends early."""
    cmd: dict[str, Any] = {
        "me": "user.current",
        "no": "log.blogpost.delete?POST_ID=999",
        "list": "log.blogpost.get",
        "opt": {"method": "user.option.set", "params": {"options": {
            "departments": "$result[me][UF_DEPARTMENT]",
            "code": "$error[no][error]",
            "total": "$total[list]",
            "start": "$time[me][start]",
            "text": "Hi $result[me][NAME], $total[list] posts",
            "gone": "$result[me][NAME][first]",
            "never": "$result[other]",
            "next": "$next[list]",
        }}},
        "kept": "user.option.get",
    }  # fmt: skip
    answer = await setup.client(2).result("batch", cmd=cmd)
    kept = answer["result"]["kept"]
    assert kept["departments"] == [2]
    assert (kept["code"], kept["total"], kept["gone"]) == ("100", 3, "Anna")
    assert (kept["text"], kept["never"], kept["next"]) == ("Hi Anna, 3 posts", "", "")
    assert kept["start"] == NOW
    assert answer["result_error"]["no"] == {"error": "100", "error_description": "Wrong post ID"}


async def test_a_refused_argument_is_named_in_a_batch_too(setup: Setup) -> None:
    """An item's error has the argument; scope errors are items too; empty maps may be objects."""
    app = await setup.p.install(await setup.p.add_app(name="Small", handler="", scopes=["log"]))
    client = setup.p.client(app)
    setup.p.switch(empty_maps="object")
    answer = await client.result("batch", cmd={"a": "event.bind?handler=x", "b": "crm.deal.list", "c": "batch"})
    assert {key: row["error"] for key, row in answer["result_error"].items()} == {
        "a": "ERROR_ARGUMENT",
        "b": "insufficient_scope",
        "c": "ERROR_BATCH_METHOD_NOT_ALLOWED",
    }
    assert answer["result_error"]["a"]["argument"] == "EVENT"
    assert (answer["result"], answer["result_total"]) == ({}, {})
