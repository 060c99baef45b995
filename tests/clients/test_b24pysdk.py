"""b24pysdk, Bitrix24's own client for Python, unmodified, with the emulator."""

from urllib.parse import parse_qsl

import aiohttp
import pytest

from portal.testing import RunningPortal, receiving
from tests.clients.conftest import ACME, DEALS, POSTS, USERS, Client, installed

pytestmark = pytest.mark.clients


async def test_wrappers_read_the_answers(b24pysdk: Client, secure: RunningPortal) -> None:
    """Its typed wrappers parse the portal's answers, and what they write is stored."""
    seen = await b24pysdk.does("calls", secure, webhook=secure.webhook())
    assert (seen["profile"], seen["user"], seen["people"]) == (1, "Sommer", [2])
    assert (seen["departments"], seen["groups"]) == (["Sales"], ["Office Berlin"])
    assert (seen["deal"], seen["time"]) == ("Coffee machines for Nordwind", True)
    assert secure.emulator.world.messenger.messages[seen["message"]].text == "Good morning"
    assert secure.emulator.world.feed.posts[int(seen["post"])].title == "Lunch"
    assert seen["posts"] == [int(seen["post"])]
    assert secure.emulator.world.crm.entries[seen["comment"]].text == "They called."


async def test_batches(b24pysdk: Client, secure: RunningPortal) -> None:
    """More than fifty commands go in several batches; halt stops at the first failure; references work."""
    deals = list(range(1000, 1070))
    seen = await b24pysdk.does("batches", secure, webhook=secure.webhook(), deals=deals)
    assert seen["many"] == deals
    assert seen["halted"] == [["a"], ["b"]]
    assert seen["whole"] == [["a", "c"], ["b"]]
    assert seen["chained"] is True
    assert seen["listed"] == ["list", "list"]
    assert len(secure.calls("crm.deal.get")) == len(deals) + 2


async def test_pages(b24pysdk: Client, secure: RunningPortal) -> None:
    """Long lists are complete and without duplicates, counted and uncounted, ascending and descending."""
    seen = await b24pysdk.does("pages", secure, webhook=secure.webhook())
    assert seen["page"] == [50, 50, USERS]
    assert seen["users"] == seen["users_fast"] == sorted(set(seen["users"]))
    assert len(seen["users"]) == USERS
    assert sorted(seen["deals"]) == seen["deals_fast"] == sorted(set(seen["deals"]))
    assert len(seen["deals"]) == DEALS
    assert seen["deals_down"] == sorted(seen["deals"], reverse=True)[:60]
    assert sorted(n for n in seen["posts"] if n in POSTS) == list(POSTS)
    assert {"total", "next"}.isdisjoint(seen["no_count"])


async def test_an_expired_token_is_refreshed(b24pysdk: Client, secure: RunningPortal) -> None:
    """An expired token causes one refresh at the built-in address; a used refresh token is an error."""
    given = await installed(secure, user=2)
    secure.clock.advance(3601)
    seen = await b24pysdk.does("refresh", secure, cloud=True, domain=ACME, **given)
    assert (seen["profile"], seen["renewed"], seen["users"]) == (2, [True, True], USERS)
    assert seen["spent"] == ["BitrixOAuthInvalidGrant", "invalid_grant"]
    assert [call.error for call in secure.calls("oauth.token")] == [None, "invalid_grant"]
    assert [call.error for call in secure.calls("profile")] == ["expired_token", None, "expired_token"]


async def test_a_code_is_exchanged_for_tokens(b24pysdk: Client, secure: RunningPortal) -> None:
    """A code from the authorize page can be exchanged for tokens, once."""
    given = await installed(secure)
    async with aiohttp.ClientSession() as http:
        asked = {"client_id": given["client_id"], "as": "3", "state": "s"}
        answer = await http.get(f"{secure.url}oauth/authorize/", params=asked, ssl=False, allow_redirects=False)
    code = answer.headers["Location"].partition("code=")[2].partition("&")[0]
    seen = await b24pysdk.does("install", secure, cloud=True, code=code, domain=ACME, **given)
    assert (seen["member"], seen["user"], seen["profile"]) == (secure.member_id, 3, 3)
    assert seen["domain"] == "127.0.0.1"
    assert seen["again"] == ["BitrixOAuthInvalidGrant", "invalid_grant"]
    assert seen["unknown_client"] == ["BitrixOauthWrongClient", "wrong_client"]


async def test_it_verifies_events_with_the_authorization_server(b24pysdk: Client, secure: RunningPortal) -> None:
    """The authorization server says whose a token is; a real event passes, a forged one does not."""
    secure.switch(user_in_events=True)
    async with receiving() as inbox:
        given = await installed(secure, user=2)
        app = secure.emulator.world.apps.apps[given["client_id"]]
        await secure.client(app).result("event.bind", EVENT="ONLIVEFEEDPOSTADD", HANDLER=inbox.url)
        await secure.publish("Lunch is at one.", by=2)
        await inbox.wait_for("ONLIVEFEEDPOSTADD")
        form = dict(parse_qsl(inbox.bodies[-1]))
    seen = await b24pysdk.does("trust", secure, cloud=True, domain=ACME, form=form, **given)
    assert seen["installed"] == [given["client_id"], secure.member_id, True, 2]
    assert (seen["event"], seen["true"], seen["forged"]) == ("ONLIVEFEEDPOSTADD", True, ["ValidationError"])


async def test_a_bot_of_the_second_generation(b24pysdk: Client, secure: RunningPortal) -> None:
    """Its wrappers register a bot with a command and bind an event, and the bot writes to a person."""
    seen = await b24pysdk.does("bot", secure, domain=secure.emulator.domain, **await installed(secure))
    assert (seen["command"], seen["events"], seen["bound"]) == ("/echo", True, ["ONAPPUNINSTALL"])
    assert (await secure.person(2).sees("Hello, Anna", dialog=str(seen["bot"]))).id == seen["message"]


async def test_it_waits_when_the_bucket_is_full(b24pysdk: Client, secure: RunningPortal) -> None:
    """On 503 it waits and repeats; no call is lost."""
    secure.faults({"method": "server.time", "kind": "503", "times": 2})
    seen = await b24pysdk.does("throttle", secure, webhook=secure.webhook(), times=15)
    assert seen["times"] == [True] * 15
    refused = [call for call in secure.calls("server.time") if call.status == 503]
    assert {call.error for call in refused} == {"QUERY_LIMIT_EXCEEDED"}


async def test_refusals_are_its_own_exceptions(b24pysdk: Client, secure: RunningPortal) -> None:
    """Each error raises the client's exception for it, with the portal's code."""
    secure.faults(
        {"method": "server.time", "kind": "429", "times": 1},
        {"method": "server.time", "kind": "html", "times": 1},
        {"method": "server.time", "kind": "cut", "times": 1},
    )
    seen = await b24pysdk.does("errors", secure, webhook=secure.webhook(scopes=["im", "crm"]))
    assert seen == {
        "unknown": ["BitrixAPINotFound", "ERROR_METHOD_NOT_FOUND"],
        "scope": ["BitrixAPIInsufficientScope", "insufficient_scope"],
        "unknown_client": ["BitrixAPIInvalidCredentials", "INVALID_CREDENTIALS"],
        "webhook": ["BitrixAPIWrongAuthType", "WRONG_AUTH_TYPE"],
        "argument": ["BitrixAPIBadRequest", "MESSAGE_EMPTY"],
        "hidden": ["BitrixAPIBadRequest", "CANCELED"],
        "missing": ["BitrixAPIBadRequest", ""],
        "limit": ["BitrixAPIOperationTimeLimit", "OPERATION_TIME_LIMIT"],
        "html": ["BitrixResponseJSONDecodeError"],
        "cut": ["BitrixRequestError"],
    }


async def test_it_follows_a_renamed_portal(b24pysdk: Client, secure: RunningPortal) -> None:
    """After one redirect, it uses the portal's new name."""
    secure.faults({"method": "profile", "kind": "renamed", "times": 1})
    hook = secure.webhook().replace(secure.emulator.domain, ACME)
    seen = await b24pysdk.does("renamed", secure, cloud=True, webhook=hook)
    assert (seen["profile"], seen["domain"]) == (1, "localhost")
