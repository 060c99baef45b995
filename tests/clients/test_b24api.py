"""b24api, a small client for Python on httpx, unmodified, with the emulator."""

import pytest

from portal.testing import RunningPortal
from tests.clients.conftest import ACME, DEALS, POSTS, USERS, Client

pytestmark = pytest.mark.clients


async def test_calls(b24api: Client, plain: RunningPortal) -> None:
    """The portal gets the intended values, and the client accepts the portal's answers."""
    seen = await b24api.does("calls", plain, webhook=plain.webhook())
    assert plain.emulator.world.messenger.messages[seen["message"]].text == "Good morning"
    assert plain.emulator.world.feed.posts[seen["post"]].title == "Lunch"
    assert (seen["profile"], seen["deal"]) == ("1", "Coffee machines for Nordwind")


async def test_a_portal_in_the_cloud(b24api: Client, secure: RunningPortal) -> None:
    """Over TLS and with a host name of the cloud, it needs only environment variables."""
    hook = secure.webhook().replace(secure.emulator.domain, ACME)
    seen = await b24api.does("calls", secure, cloud=True, webhook=hook)
    assert seen["profile"] == "1"


async def test_batches(b24api: Client, plain: RunningPortal) -> None:
    """Commands go in batches of fifty with results in order; a failure stops and has its code."""
    seen = await b24api.does("batches", plain, webhook=plain.webhook(), deals=list(range(1000, 1060)))
    said = [plain.emulator.world.messenger.messages[number].text for number in seen["sent"]]
    assert said == [f"Message {n}" for n in range(120)]
    assert seen["paired"] == 60
    assert seen["failed"] == ["ApiResponseError", "API error [canceled]"]
    assert not plain.calls("profile")


async def test_pages(b24api: Client, plain: RunningPortal) -> None:
    """Each of its five ways to read a list returns every row once."""
    for number in range(1000, 1003):
        for n in range(55):
            fields = {"ENTITY_TYPE": "deal", "ENTITY_ID": number, "COMMENT": f"Comment {n}"}
            await plain.client(webhook=plain.webhook()).result("crm.timeline.comment.add", fields=fields)
    seen = await b24api.does("pages", plain, webhook=plain.webhook(), deals=[1000, 1001, 1002])
    assert seen["users"] == seen["users_batched"] == sorted(set(seen["users"]))
    assert sorted(seen["deals"]) == seen["deals_fast"] == sorted(set(seen["deals"]))
    assert (len(seen["users"]), len(seen["deals"])) == (USERS, DEALS)
    assert sorted(n for n in seen["posts"] if n in POSTS) == list(POSTS)
    assert len(set(seen["comments"])) == 3 * 55


async def test_it_waits_when_the_bucket_is_full(b24api: Client, plain: RunningPortal) -> None:
    """On 503 it waits and repeats; no call is lost."""
    plain.faults({"method": "server.time", "kind": "503", "times": 2})
    seen = await b24api.does("throttle", plain, webhook=plain.webhook(), times=15)
    assert seen["times"] == [True] * 15
    refused = [call.error for call in plain.calls("server.time") if call.error]
    assert refused == ["QUERY_LIMIT_EXCEEDED"] * 2


async def test_refusals_are_its_own_exceptions(b24api: Client, plain: RunningPortal) -> None:
    """Each error has the portal's code; temporary errors are retried."""
    kinds = ("429", "html", "cut")
    plain.faults(*({"method": "server.time", "kind": kind, "times": 1} for kind in kinds))
    seen = await b24api.does("errors", plain, webhook=plain.webhook(scopes=["im", "crm"]))
    assert seen == {
        "unknown": ["ApiResponseError", "API error [error_method_not_found]"],
        "scope": ["ApiResponseError", "API error [insufficient_scope]"],
        "empty": ["ApiResponseError", "API error [message_empty]"],
        "missing": ["ApiResponseError", "API error"],
        "limit": [],
        "html": [],
        "cut": [],
    }
    assert len(plain.calls("server.time")) == 3 + len(kinds)
