"""Injected faults, seen by an HTTP client."""

import asyncio
import time
from collections import Counter
from typing import Any

import aiohttp
import pytest

from portal.errors import ControlError
from portal.testing import Setup
from tests.holding import barrier


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("503", 503, "QUERY_LIMIT_EXCEEDED"),
        ("429", 429, "OPERATION_TIME_LIMIT"),
        ("500", 500, "INTERNAL_SERVER_ERROR"),
        ("expired", 401, "expired_token"),
        ("empty_error", 400, ""),
        ("error_in_200", 200, "ERROR_CORE"),
    ],
)
async def test_a_rule_causes_an_error_once(setup: Setup, kind: str, status: int, error: str) -> None:
    """A rule makes a call of its method fail once, before the method runs, and no other method."""
    setup.p.faults({"method": "log.blogpost.add", "kind": kind})
    client = setup.client()
    await client.result("profile")
    assert await client.refusal("log.blogpost.add", POST_MESSAGE="x") == (status, error)
    assert len(setup.p.posts()) == 3
    await client.result("log.blogpost.add", POST_MESSAGE="x")


async def test_a_rule_for_a_method_applies_to_its_batch(setup: Setup) -> None:
    """A rule for a method applies to a batch that contains it."""
    setup.p.faults({"method": "log.blogpost.add", "kind": "503"})
    client = setup.client()
    await client.result("batch", cmd=["profile"])
    cmd = {"a": "log.blogpost.add?POST_MESSAGE=x"}
    assert await client.refusal("batch", cmd=cmd) == (503, "QUERY_LIMIT_EXCEEDED")


@pytest.mark.parametrize(("kind", "posts"), [("cut", 3), ("cut_after", 4)])
async def test_a_cut_connection(setup: Setup, kind: str, posts: int) -> None:
    """The caller cannot tell whether the connection was cut before or after the method ran."""
    setup.p.faults({"method": "log.blogpost.add", "kind": kind})
    with pytest.raises(aiohttp.ClientError):
        await setup.client().call("log.blogpost.add", POST_MESSAGE="x")
    assert len(setup.p.posts()) == posts


async def test_a_gateway_page_and_a_redirect(setup: Setup) -> None:
    """A gateway page has status 502; a renamed portal answers 302 with its new address."""
    setup.p.faults({"kind": "html"}, {"kind": "renamed"})
    url = f"{setup.p.url}rest/profile"
    async with aiohttp.ClientSession() as http:
        async with http.post(url) as answer:
            assert (answer.status, answer.content_type) == (502, "text/html")
        async with http.post(url, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, url.replace("127.0.0.1", "localhost"))


async def test_a_slow_call_runs_and_delays_no_other_call(setup: Setup) -> None:
    """A slow call runs after its pause; others do not wait for it."""
    held, client = barrier(setup.p, "profile"), setup.client()
    slow = asyncio.create_task(client.result("profile"))
    await held.holds()
    await client.result("server.time")
    assert not slow.done()
    await held.open()
    assert (await slow)["ID"] == "1"


async def test_a_slow_call_takes_the_seconds_of_its_rule(setup: Setup) -> None:
    """The pause is at least as long as the rule says."""
    setup.p.faults({"method": "profile", "kind": "slow", "seconds": 0.05})
    began = time.monotonic()
    await setup.client().result("profile")
    assert time.monotonic() - began >= 0.05


async def test_a_refused_refresh(setup: Setup) -> None:
    """The next refresh is refused as for an invalid token; REST calls are not affected."""
    setup.p.faults({"kind": "refuse_refresh"})
    await setup.client().result("profile")
    form = {
        "grant_type": "refresh_token",
        "client_id": setup.app.client_id,
        "client_secret": setup.app.client_secret,
        "refresh_token": setup.p.tokens(setup.app)[1],
    }
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{setup.p.url}oauth/token/", data=form) as answer:
            assert (answer.status, await answer.json()) == (400, {"error": "invalid_grant"})
        async with http.post(f"{setup.p.url}oauth/token/", data=form) as answer:
            assert answer.status == 200


async def test_a_portal_that_is_down_cuts_all_connections(setup: Setup) -> None:
    """The connections of all calls are cut until the time is over."""
    client = setup.client()
    setup.p.down(60)
    with pytest.raises(aiohttp.ClientError):
        await client.call("profile")
    setup.p.clock.advance(60)
    await client.result("profile")
    setup.p.down()
    setup.p.clock.advance(10**6)
    client = setup.client()
    with pytest.raises(aiohttp.ClientError):
        await client.call("profile")
    setup.p.down(0)
    await client.result("profile")
    assert [row.fault for row in setup.p.calls("profile")] == ["down", None, "down", None]


async def outcome(setup: Setup) -> str:
    """Call a method and return the result as a word."""
    try:
        status, answer = await setup.client().call("profile")
    except aiohttp.ClientError:
        return "cut"
    return str(answer.get("error", status)) if isinstance(answer, dict) else str(status)


async def outcomes(setup: Setup, many: int) -> list[str]:
    """Call a method many times and return all results."""
    return [await outcome(setup) for _ in range(many)]


async def test_one_rule_causes_random_faults(setup: Setup) -> None:
    """With `chance` and several kinds, a rule makes this share of the calls fail, each with one of the kinds."""
    setup.p.switch(bucket_capacity=0)
    setup.p.faults({"kinds": ["503", "500", "cut"], "chance": 0.3, "times": None, "seed": 7})
    seen = Counter(await outcomes(setup, 200))
    assert set(seen) == {"200", "QUERY_LIMIT_EXCEEDED", "INTERNAL_SERVER_ERROR", "cut"}
    assert 30 < 200 - seen["200"] < 90
    assert min(seen.values()) >= 8


async def test_the_same_seed_gives_the_same_faults(setup: Setup) -> None:
    """With the same seed, the same calls fail in the same way; another seed gives other faults."""
    setup.p.switch(bucket_capacity=0)
    storms = []
    for seed in (1, 1, 2):
        setup.p.faults({"kinds": ["503", "500"], "chance": 0.5, "times": None, "seed": seed})
        storms.append(await outcomes(setup, 30))
    assert storms[0] == storms[1] != storms[2]


async def test_a_rule_with_a_chance_counts_only_failed_calls(setup: Setup) -> None:
    """Only a failed call reduces `times`; the next rule applies to the other calls."""
    setup.p.switch(bucket_capacity=0)
    setup.p.faults({"kind": "503", "chance": 0.2, "times": 2, "seed": 3}, {"kind": "500", "times": None})
    assert Counter(await outcomes(setup, 60)) == {"QUERY_LIMIT_EXCEEDED": 2, "INTERNAL_SERVER_ERROR": 58}


async def test_random_faults_for_all_methods_leave_refreshes_alone(setup: Setup) -> None:
    """The kind `refuse_refresh` applies only to refreshes of tokens, and no other kind applies to them."""
    setup.p.faults({"kinds": ["503", "refuse_refresh"], "times": None})
    faults = setup.p.emulator.faults
    for refresh, kind in ((True, "refuse_refresh"), (False, "503")):
        taken = [faults.take(["oauth.token"], refresh=refresh) for _ in range(20)]
        assert {one.kind for one in taken if one} == {kind}


@pytest.mark.parametrize(
    "rule",
    [
        {"kinds": []},
        {"kinds": "503"},
        {"kinds": ["503", "nothing"]},
        {"kind": "503", "chance": 0},
        {"kind": "503", "chance": 1.5},
        {"kind": "503", "chance": "half"},
        {"kind": "503", "chance": True},
        {"kind": "503", "seed": "x"},
        {"kind": "503", "times": True},
        {"kind": "503", "seconds": float("inf")},
        {},
        "503",
    ],
)
def test_an_invalid_rule_is_refused(setup: Setup, rule: Any) -> None:
    """An invalid rule is refused with a sentence, and the earlier rules stay."""
    setup.p.faults({"kind": "500"})
    with pytest.raises(ControlError):
        setup.p.faults(rule)
    assert [one.kinds for one in setup.p.emulator.faults.rules] == [("500",)]


REFUSALS = [
    (
        {"code": "MESSAGE_ACCESS_DENIED", "text": "No access", "status": 400},
        (400, "MESSAGE_ACCESS_DENIED", "No access"),
    ),
    ({"code": "ACCESS_DENIED", "status": 403}, (403, "ACCESS_DENIED", "")),
    ({}, (400, "", "")),
]


@pytest.mark.parametrize(("given", "answer"), REFUSALS, ids=["all", "status", "nothing"])
async def test_a_rule_refuses_with_any_code(setup: Setup, given: dict[str, Any], answer: tuple[int, str, str]) -> None:
    """The kind "error" refuses a method with the code, text and status of the rule; the method does not run."""
    setup.p.faults({"method": "log.blogpost.add", "kind": "error", **given})
    client = setup.client()
    status, body = await client.call("log.blogpost.add", POST_MESSAGE="x")
    assert (status, body["error"], body["error_description"]) == answer
    assert [call.fault for call in setup.p.calls("log.blogpost.add")] == ["error"]
    assert len(setup.p.posts()) == 3
    await client.result("log.blogpost.add", POST_MESSAGE="x")


async def test_a_rule_refuses_one_command_of_a_batch(setup: Setup) -> None:
    """In a batch, the kind "error" is the answer of its method only; the other commands run."""
    setup.p.faults({"method": "log.blogpost.add", "kind": "error", "code": "NO", "times": None})
    result = await setup.client().result("batch", cmd={"a": "log.blogpost.add?POST_MESSAGE=x", "b": "user.admin"})
    assert result["result"] == {"b": True}
    assert result["result_error"] == {"a": {"error": "NO", "error_description": ""}}


async def test_a_rule_refuses_a_whole_batch_or_a_token(setup: Setup) -> None:
    """The methods batch and oauth.token are refused by their names."""
    setup.p.faults(*({"method": name, "kind": "error", "code": "NO"} for name in ("batch", "oauth.token")))
    assert await setup.client().refusal("batch", cmd={"a": "profile"}) == (400, "NO")
    async with aiohttp.ClientSession() as http, http.get(f"{setup.p.url}oauth/token/") as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "NO")


@pytest.mark.parametrize("status", ["400", 99, 600, True])
async def test_an_impossible_status_is_refused(setup: Setup, status: object) -> None:
    """A rule with something that is no HTTP status is an error of the control API."""
    with pytest.raises(ControlError, match="HTTP status"):
        setup.p.faults({"kind": "error", "status": status})
