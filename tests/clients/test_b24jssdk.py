"""@bitrix24/b24jssdk, Bitrix24's own client for JavaScript, unmodified, in Node, with the emulator."""

from typing import Any

import pytest

from portal.testing import RunningPortal
from tests.clients.conftest import ACME, DEALS, USERS, Client, installed

pytestmark = pytest.mark.clients


async def oauth(p: RunningPortal, *, domain: str, **more: Any) -> dict[str, Any]:
    """Install an application and return what the client stores of a token."""
    given = await installed(p, **more)
    expires = int(p.clock.now()) + 3600
    return {**given, "domain": domain, "expires": expires, "member": p.member_id, "server": f"https://{domain}/rest/"}


async def test_calls(b24jssdk: Client, secure: RunningPortal) -> None:
    """The portal gets the intended values, and the health check succeeds."""
    seen = await b24jssdk.does("calls", secure, webhook=secure.webhook())
    assert (seen["healthy"], seen["ping"], seen["profile"]) == (True, True, "1")
    assert secure.emulator.world.messenger.messages[seen["message"]].text == "Good morning"
    assert secure.emulator.world.feed.posts[seen["post"]].title == "Lunch"
    assert seen["deal"] == "Coffee machines for Nordwind"


async def test_batches(b24jssdk: Client, secure: RunningPortal) -> None:
    """More than fifty commands go in chunks; halt, names, indexes and references work."""
    deals = list(range(1000, 1070))
    seen = await b24jssdk.does("batches", secure, webhook=secure.webhook(), deals=deals)
    assert seen["many"] == deals
    assert seen["halted"] == [False, [["a", True], ["b", False]]]
    assert seen["whole"] == [False, [["a", True], ["b", False], ["c", True]]]
    assert seen["chained"] is True
    assert seen["listed"] == [False, 2, "1"]
    assert seen["tooMany"] == ["AjaxError", "JSSDK_BATCH_TOO_LARGE", 400]


async def test_pages(b24jssdk: Client, secure: RunningPortal) -> None:
    """Long lists are complete and without duplicates, by the last id and by counted pages."""
    seen = await b24jssdk.does("pages", secure, webhook=secure.webhook())
    assert seen["users"] == sorted(set(seen["users"]))
    assert seen["deals"] == sorted(set(seen["deals"]))
    assert (len(seen["users"]), len(seen["deals"]), seen["parts"]) == (USERS, DEALS, [50, 50, DEALS - 100])
    assert seen["some"] == list(range(1000, 1060))
    assert seen["page"] == [USERS, True, USERS - 100]


async def test_an_expired_token_is_refreshed(b24jssdk: Client, secure: RunningPortal) -> None:
    """Calls that expire together cause one refresh, which the application sees; a used token is an error."""
    given = await oauth(secure, domain=ACME)
    secure.clock.advance(3601)
    seen = await b24jssdk.does("refresh", secure, cloud=True, **given)
    assert seen == {
        "profile": "1",
        "admin": True,
        "refreshed": [True],
        "spent": ["AjaxError", "JSSDK_UNKNOWN_ERROR", 0],
    }
    assert [call.error for call in secure.calls("oauth.token")] == [None, "invalid_grant"]
    assert secure.calls("profile")[0].error == "expired_token"


async def test_a_bot_of_the_second_generation(b24jssdk: Client, secure: RunningPortal) -> None:
    """It registers a bot that writes to a person, and its helper reads application and profile."""
    given = await oauth(secure, domain=secure.emulator.domain)
    seen = await b24jssdk.does("bot", secure, **given)
    assert (await secure.person(2).sees("Hello, Anna", dialog=str(seen["bot"]))).id == seen["message"]
    assert (seen["app"], seen["name"]) == (given["client_id"], "Sommer")


async def test_it_waits_when_the_bucket_is_full(b24jssdk: Client, secure: RunningPortal) -> None:
    """On 503 it slows down and repeats; no call is lost."""
    secure.faults({"method": "server.time", "kind": "503", "times": 2})
    seen = await b24jssdk.does("throttle", secure, webhook=secure.webhook(), times=12)
    assert seen["times"] == [True] * 12
    refused = [call.error for call in secure.calls("server.time") if call.error]
    assert refused == ["QUERY_LIMIT_EXCEEDED"] * 2


async def test_refusals_are_its_own_errors(b24jssdk: Client, secure: RunningPortal) -> None:
    """Each error has the portal's code and status; the client itself refuses plain HTTP."""
    kinds = ("429", "html", "cut")
    secure.faults(*({"method": "server.time", "kind": kind, "times": 1} for kind in kinds))
    seen = await b24jssdk.does("errors", secure, webhook=secure.webhook(scopes=["im", "crm"]))
    assert seen == {
        "unknown": ["AjaxError", "ERROR_METHOD_NOT_FOUND", 404],
        "scope": ["AjaxError", "insufficient_scope", 401],
        "empty": ["AjaxError", "MESSAGE_EMPTY", 400],
        "missing": ["AjaxError", "ERR_BAD_REQUEST", 400],
        "webhook": ["AjaxError", "WRONG_AUTH_TYPE", 403],
        "limit": ["AjaxError", "OPERATION_TIME_LIMIT", 429],
        "html": ["AjaxError", "ERR_BAD_RESPONSE", 502],
        "cut": ["AjaxError", "ECONNRESET", 0],
        "http": ["SdkError", "JSSDK_HOOK_URL_NOT_HTTPS", 0],
    }
