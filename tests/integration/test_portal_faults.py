"""Injected faults, seen by an HTTP client."""

import asyncio
import time

import aiohttp
import pytest

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
async def test_an_error_on_demand(setup: Setup, kind: str, status: int, error: str) -> None:
    """A rule spoils its method once, before it runs, and no other method."""
    setup.p.faults({"method": "log.blogpost.add", "kind": kind})
    client = setup.client()
    await client.result("profile")
    assert await client.refusal("log.blogpost.add", POST_MESSAGE="x") == (status, error)
    assert len(setup.p.posts()) == 3
    await client.result("log.blogpost.add", POST_MESSAGE="x")


async def test_a_batch_is_spoiled_by_what_is_in_it(setup: Setup) -> None:
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


async def test_a_page_instead_of_json_and_a_new_address(setup: Setup) -> None:
    """A gateway page has status 502; a renamed portal answers 302 with its new address."""
    setup.p.faults({"kind": "html"}, {"kind": "renamed"})
    url = f"{setup.p.url}rest/profile"
    async with aiohttp.ClientSession() as http:
        async with http.post(url) as answer:
            assert (answer.status, answer.content_type) == (502, "text/html")
        async with http.post(url, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, url.replace("127.0.0.1", "localhost"))


async def test_a_slow_answer_comes_all_the_same(setup: Setup) -> None:
    """A slow call runs after its pause; others do not wait for it."""
    held, client = barrier(setup.p, "profile"), setup.client()
    slow = asyncio.create_task(client.result("profile"))
    await held.holds()
    await client.result("server.time")
    assert not slow.done()
    await held.open()
    assert (await slow)["ID"] == "1"


async def test_a_slow_answer_takes_its_seconds(setup: Setup) -> None:
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


async def test_a_portal_that_is_down(setup: Setup) -> None:
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
