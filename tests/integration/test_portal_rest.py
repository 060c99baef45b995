"""The REST layer: ways in, authorization, errors, batch, limits."""

import json
from typing import Any

import aiohttp
import pytest

from portal.testing import Stage


async def raw(stage: Stage, path: str, **request: Any) -> tuple[int, Any]:
    """Send a request as it is, as user 2; return status and JSON."""
    token = stage.p.tokens(stage.app, user=2)[0]
    request = {"method": "POST", **request}
    headers = {"Authorization": f"Bearer {token}", **request.pop("headers", {})}
    async with (
        aiohttp.ClientSession() as http,
        http.request(url=f"{stage.p.url}{path}", headers=headers, **request) as answer,
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
async def test_forms_json_and_queries_are_the_same(stage: Stage, request_: dict[str, Any]) -> None:
    """Names of methods and parameters are read in any case, data in any of the ways."""
    status, body = await raw(stage, **request_)
    assert (status, [row["ID"] for row in body["result"]]) == (200, ["3", "4"])
    assert body["total"] == 2


async def test_multipart_is_a_form_too(stage: Stage) -> None:
    """Multipart fields are read like form fields."""
    with aiohttp.MultipartWriter("form-data") as form:
        part = form.append("3")
        part.set_content_disposition("form-data", name="FILTER[ID]")
        status, body = await raw(stage, "rest/user.get", data=form)
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
async def test_broken_json_is_no_parameters(stage: Stage, body: str) -> None:
    """What cannot be decoded is silently nothing, as in PHP."""
    status, answer = await raw(stage, "rest/user.get", headers=JSON, data=body)
    assert (status, answer["total"]) == (200, 6)


async def test_an_answer_has_the_time_and_is_plain_ascii(stage: Stage) -> None:
    """Non-ASCII and HTML characters are escaped; the time block is there."""
    chat = await stage.caller(2).result("im.chat.add", TITLE="Grüße <&'/>", USERS=[3])
    url = f"{stage.p.url}rest/im.dialog.get?DIALOG_ID=chat{chat}&auth={stage.p.tokens(stage.app, user=2)[0]}"
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
async def test_who_may_not_call(stage: Stage, path: str, headers: dict[str, str], status: int, error: str) -> None:
    """An unknown method is 404 even without a token; then the caller is checked."""
    answer = await raw(stage, path, headers=headers)
    assert (answer[0], answer[1]["error"]) == (status, error)


async def test_scopes_and_webhooks(stage: Stage) -> None:
    """A webhook acts as its user within its scopes, has no application, and may be refused over plain HTTP."""
    hook = stage.p.caller(webhook=stage.p.webhook(user=3, scopes=["im"]))
    assert (await hook.result("profile"))["ID"] == "3"
    assert await hook.refusal("log.blogpost.get") == (401, "insufficient_scope")
    stage.p.switch(scope_status="403")
    assert await hook.refusal("log.blogpost.get") == (403, "insufficient_scope")
    assert await hook.refusal("event.get") == (403, "WRONG_AUTH_TYPE")
    assert await hook.refusal("app.info") == (400, "ACCESS_DENIED")
    assert await hook.result("method.get", name="log.blogpost.get") == {"isExisting": True, "isAvailable": False}
    stage.p.switch(https_webhooks=True)
    assert await hook.refusal("profile") == (400, "INVALID_REQUEST")


async def test_narrow_user_scopes_show_less(stage: Stage) -> None:
    """user_brief opens user.get too, without addresses."""
    brief = stage.p.caller(webhook=stage.p.webhook(user=3, scopes=["user_brief"]))
    full = stage.p.caller(webhook=stage.p.webhook(user=3, scopes=["user"]))
    assert "EMAIL" not in (await brief.result("user.get"))[0]
    assert (await full.result("user.get"))[0]["EMAIL"]


async def test_an_old_portal_has_no_second_generation(stage: Stage) -> None:
    """With bot_api v1 the methods of imbot.v2 do not exist."""
    client = stage.caller()
    await client.result("imbot.v2.Revision.get")
    stage.p.switch(bot_api="v1")
    assert await client.refusal("imbot.v2.Revision.get") == (404, "ERROR_METHOD_NOT_FOUND")
    assert (await client.result("method.get", name="imbot.v2.revision.get"))["isExisting"] is False


async def test_a_batch_runs_in_order_and_uses_results(stage: Stage) -> None:
    """Results are put where they are named: as a whole they keep their type, in text they are written."""
    cmd = {
        "who": "user.get?FILTER[ID]=3",
        "post": "log.blogpost.add?POST_MESSAGE=By%20$result[who][0][NAME]&DEST[]=U$result[who][0][ID]",
        "read": "log.blogpost.get?POST_ID=$result[post]",
    }
    answer = await stage.caller().result("batch", cmd=cmd)
    assert answer["result"]["read"][0]["DETAIL_TEXT"] == "By Boris"
    assert answer["result_total"] == {"who": 1, "read": 1}
    assert (answer["result_error"], answer["result_next"]) == ([], [])
    assert set(answer["result_time"]) == set(cmd)
    assert [row.method for row in stage.p.calls() if row.in_batch] == [
        "user.get",
        "log.blogpost.add",
        "log.blogpost.get",
    ]


async def test_a_batch_keeps_its_failures_apart(stage: Stage) -> None:
    """A failed command stands in result_error only; halt stops there; empty maps are []; the answer is 200."""
    cmd = ["no.such", "profile", "batch?cmd[]=profile"]
    answer = await stage.caller().result("batch", cmd=cmd)
    assert list(answer["result"]) == ["1"]
    assert {key: row["error"] for key, row in answer["result_error"].items()} == {
        "0": "ERROR_METHOD_NOT_FOUND",
        "2": "ERROR_BATCH_METHOD_NOT_ALLOWED",
    }
    halted = await stage.caller().result("batch", cmd=cmd, halt=1)
    assert (halted["result"], len(halted["result_error"])) == ([], 1)
    assert (await stage.caller().result("batch"))["result"] == []


async def test_a_batch_of_a_list_answers_with_a_list(stage: Stage) -> None:
    """While nothing fails, the results of a list are a list."""
    answer = await stage.caller().result("batch", cmd=["profile", {"method": "server.time", "params": {}}])
    assert isinstance(answer["result"], list)
    assert len(answer["result"]) == 2


async def test_a_batch_runs_fifty(stage: Stage) -> None:
    """Commands beyond the fiftieth fail one by one."""
    answer = await stage.caller().result("batch", cmd={f"c{n}": "server.time" for n in range(53)})
    assert len(answer["result"]) == 50
    assert {row["error"] for row in answer["result_error"].values()} == {"ERROR_BATCH_LENGTH_EXCEEDED"}
    assert len(answer["result_error"]) == 3


async def test_the_bucket_refuses_the_fifty_first(stage: Stage) -> None:
    """Requests beyond the bucket get 503 until time has emptied it; a batch counts as one."""
    stage.p.switch(bucket_capacity=50)
    client = stage.caller()
    for _ in range(49):
        await client.result("server.time")
    await client.result("batch", cmd=["profile"] * 20)
    assert await client.refusal("server.time") == (503, "QUERY_LIMIT_EXCEEDED")
    stage.p.clock.advance(0.5)
    await client.result("server.time")
    assert await client.refusal("server.time") == (503, "QUERY_LIMIT_EXCEEDED")


async def test_pages_of_fifty(stage: Stage) -> None:
    """A long list comes in pages: total always, next while there is more; a negative start counts nothing."""
    for number in range(120):
        await stage.p.publish(f"post {number}")
    client = stage.caller()
    status, first = await client.call("log.blogpost.get")
    assert (status, len(first["result"]), first["next"], first["total"]) == (200, 50, 50, 121)
    _, last = await client.call("log.blogpost.get", start=100)
    assert (len(last["result"]), "next" in last) == (21, False)
    _, quiet = await client.call("log.blogpost.get", start=-1)
    assert "total" not in quiet
