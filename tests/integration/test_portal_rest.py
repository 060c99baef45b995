"""The REST layer: encodings, authorization, errors, batch, limits."""

import json
from typing import Any

import aiohttp
import pytest

from portal.testing import Setup


async def raw(setup: Setup, path: str, **request: Any) -> tuple[int, Any]:
    """Send a raw request as user 2; return status and JSON."""
    token = setup.p.tokens(setup.app, user=2)[0]
    request = {"method": "POST", **request}
    headers = {"Authorization": f"Bearer {token}", **request.pop("headers", {})}
    async with (
        aiohttp.ClientSession() as http,
        http.request(url=f"{setup.p.url}{path}", headers=headers, **request) as answer,
    ):
        return answer.status, await answer.json()


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "GET", "path": "rest/user.get?FILTER[ID][]=3&FILTER[ID][]=4"},
        {"path": "rest/user.get.json", "headers": FORM, "data": "FILTER[ID][0]=3&FILTER[ID][1]=4"},
        {"path": "rest/USER.Get", "headers": JSON, "data": json.dumps({"filter": {"ID": [3, "4"]}})},
        {"path": "rest/user.get/", "headers": {"Content-Type": "text/plain"}, "data": "FILTER[ID][]=3&FILTER[ID][]=4"},
        {"path": "rest/user.get?FILTER[ID]=1", "headers": JSON, "data": json.dumps({"FILTER": {"ID": [3, 4]}})},
    ],
    ids=["query", "form", "json", "no type", "body wins"],
)
async def test_forms_json_and_queries_are_the_same(setup: Setup, request_: dict[str, Any]) -> None:
    """Names of methods and parameters work in any case and any encoding."""
    status, body = await raw(setup, **request_)
    assert (status, [row["ID"] for row in body["result"]]) == (200, ["3", "4"])
    assert body["total"] == 2


async def test_multipart_is_read_like_a_form(setup: Setup) -> None:
    """Multipart fields are read like form fields."""
    with aiohttp.MultipartWriter("form-data") as form:
        part = form.append("3")
        part.set_content_disposition("form-data", name="FILTER[ID]")
        status, body = await raw(setup, "rest/user.get", data=form)
    assert (status, [row["ID"] for row in body["result"]]) == (200, ["3"])


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '"x"',
        "[1,2]",
        '{"FILTER": NaN}',
        '{"a":"\\ud800"}',
        "null",
        "[" * 9000,
        '{"a":' * 200 + "1" + "}" * 200,
    ],
    ids=lambda text: text[:14],
)
async def test_invalid_json_counts_as_no_parameters(setup: Setup, body: str) -> None:
    """Invalid JSON counts as no parameters, as in PHP."""
    status, answer = await raw(setup, "rest/user.get", headers=JSON, data=body)
    assert (status, answer["total"]) == (200, 6)


async def test_an_answer_is_ascii_with_a_time_block(setup: Setup) -> None:
    """Non-ASCII and HTML characters are escaped; the time block is present."""
    chat = await setup.client(2).result("im.chat.add", TITLE="Grüße <&'/>", USERS=[3])
    url = f"{setup.p.url}rest/im.dialog.get?DIALOG_ID=chat{chat}&auth={setup.p.tokens(setup.app, user=2)[0]}"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        text = await answer.text()
    assert "Gr\\u00fc\\u00dfe \\u003C\\u0026\\u0027\\/\\u003E" in text
    assert set(json.loads(text)["time"]) >= {"start", "finish", "duration", "processing", "date_start", "date_finish"}


@pytest.mark.parametrize(
    ("path", "headers", "status", "error"),
    [
        ("rest/no.such.method", {"Authorization": ""}, 404, "ERROR_METHOD_NOT_FOUND"),
        ("rest/", {}, 404, "ERROR_METHOD_NOT_FOUND"),
        ("rest/profile", {"Authorization": ""}, 401, "NO_AUTH_FOUND"),
        ("rest/profile", {"Authorization": "Bearer guess"}, 401, "invalid_token"),
        ("rest/1/guess/profile", {}, 401, "INVALID_CREDENTIALS"),
    ],
    ids=["unknown before auth", "nothing", "no token", "bad token", "bad webhook"],
)
async def test_callers_without_rights_are_refused(
    setup: Setup, path: str, headers: dict[str, str], status: int, error: str
) -> None:
    """An unknown method is 404 even without a token; then the caller is checked."""
    answer = await raw(setup, path, headers=headers)
    assert (answer[0], answer[1]["error"]) == (status, error)


async def test_scopes_and_webhooks(setup: Setup) -> None:
    """A webhook acts as its user within its scopes, has no application, and may be refused over plain HTTP."""
    hook = setup.p.client(webhook=setup.p.webhook(user=3, scopes=["im"]))
    assert (await hook.result("profile"))["ID"] == "3"
    assert await hook.refusal("log.blogpost.get") == (401, "insufficient_scope")
    setup.p.switch(scope_status="403")
    assert await hook.refusal("log.blogpost.get") == (403, "insufficient_scope")
    assert await hook.refusal("event.get") == (403, "WRONG_AUTH_TYPE")
    assert await hook.result("method.get", name="log.blogpost.get") == {"isExisting": True, "isAvailable": False}
    setup.p.switch(https_webhooks=True)
    assert await hook.refusal("profile") == (400, "INVALID_REQUEST")


async def test_a_narrow_scope_hides_contact_fields(setup: Setup) -> None:
    """user_brief allows user.get too, without contact fields."""
    brief = setup.p.client(webhook=setup.p.webhook(user=3, scopes=["user_brief"]))
    full = setup.p.client(webhook=setup.p.webhook(user=3, scopes=["user"]))
    assert "EMAIL" not in (await brief.result("user.get"))[0]
    assert (await full.result("user.get"))[0]["EMAIL"]


async def test_an_old_portal_has_no_imbot_v2(setup: Setup) -> None:
    """With bot_api v1, the methods of imbot.v2 do not exist."""
    client = setup.client()
    await client.result("imbot.v2.Revision.get")
    setup.p.switch(bot_api="v1")
    assert await client.refusal("imbot.v2.Revision.get") == (404, "ERROR_METHOD_NOT_FOUND")
    assert (await client.result("method.get", name="imbot.v2.revision.get"))["isExisting"] is False


async def test_a_batch_runs_in_order_and_uses_results(setup: Setup) -> None:
    """References are replaced by results; a whole value keeps its type."""
    cmd = {
        "who": "user.get?FILTER[ID]=3",
        "post": "log.blogpost.add?POST_MESSAGE=By%20$result[who][0][NAME]&DEST[]=U$result[who][0][ID]",
        "read": "log.blogpost.get?POST_ID=$result[post]",
    }
    answer = await setup.client().result("batch", cmd=cmd)
    assert answer["result"]["read"][0]["DETAIL_TEXT"] == "By Boris"
    assert answer["result_total"] == {"who": 1, "read": 1}
    assert (answer["result_error"], answer["result_next"]) == ([], [])
    assert set(answer["result_time"]) == set(cmd)
    assert [row.method for row in setup.p.calls() if row.in_batch] == [
        "user.get",
        "log.blogpost.add",
        "log.blogpost.get",
    ]


async def test_a_failed_command_of_a_batch_is_reported_alone(setup: Setup) -> None:
    """A failed command is only in result_error; halt stops there; empty maps are []; the status is 200."""
    cmd = ["no.such", "profile", "batch?cmd[]=profile"]
    answer = await setup.client().result("batch", cmd=cmd)
    assert list(answer["result"]) == ["1"]
    assert {key: row["error"] for key, row in answer["result_error"].items()} == {
        "0": "ERROR_METHOD_NOT_FOUND",
        "2": "ERROR_BATCH_METHOD_NOT_ALLOWED",
    }
    halted = await setup.client().result("batch", cmd=cmd, halt=1)
    assert (halted["result"], len(halted["result_error"])) == ([], 1)
    assert (await setup.client().result("batch"))["result"] == []


async def test_a_batch_with_a_list_returns_a_list(setup: Setup) -> None:
    """Without failures, the results of a list are a list."""
    answer = await setup.client().result("batch", cmd=["profile", {"method": "server.time", "params": {}}])
    assert isinstance(answer["result"], list)
    assert len(answer["result"]) == 2


async def test_a_batch_runs_at_most_fifty_commands(setup: Setup) -> None:
    """Each command after the fiftieth fails."""
    answer = await setup.client().result("batch", cmd={f"c{n}": "server.time" for n in range(53)})
    assert len(answer["result"]) == 50
    assert {row["error"] for row in answer["result_error"].values()} == {"ERROR_BATCH_LENGTH_EXCEEDED"}
    assert len(answer["result_error"]) == 3


async def test_the_bucket_refuses_the_fifty_first(setup: Setup) -> None:
    """Requests beyond the capacity get 503 until the bucket leaks; a batch counts as one."""
    setup.p.switch(bucket_capacity=50)
    client = setup.client()
    for _ in range(49):
        await client.result("server.time")
    await client.result("batch", cmd=["profile"] * 20)
    assert await client.refusal("server.time") == (503, "QUERY_LIMIT_EXCEEDED")
    setup.p.clock.advance(0.5)
    await client.result("server.time")
    assert await client.refusal("server.time") == (503, "QUERY_LIMIT_EXCEEDED")


async def test_pages_of_fifty(setup: Setup) -> None:
    """A long list has pages with total, and with next while more follow; a negative start counts nothing."""
    for number in range(120):
        await setup.p.publish(f"post {number}")
    client = setup.client()
    status, first = await client.call("log.blogpost.get")
    assert (status, len(first["result"]), first["next"], first["total"]) == (200, 50, 50, 121)
    _, last = await client.call("log.blogpost.get", start=100)
    assert (len(last["result"]), "next" in last) == (21, False)
    _, quiet = await client.call("log.blogpost.get", start=-1)
    assert "total" not in quiet
