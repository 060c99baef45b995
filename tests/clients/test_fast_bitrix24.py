"""fast_bitrix24, the fast client for Python, unmodified, with the emulator."""

import pytest

from portal.testing import RunningPortal
from tests.clients.conftest import DEALS, POSTS, USERS, Client, installed

pytestmark = pytest.mark.clients


async def test_calls(fast_bitrix24: Client, plain: RunningPortal) -> None:
    """Batched and raw calls reach the portal with the intended values."""
    seen = await fast_bitrix24.does("calls", plain, webhook=plain.webhook())
    assert plain.emulator.world.messenger.messages[seen["message"]].text == "Good morning & welcome"
    assert plain.emulator.world.feed.posts[seen["post"]].title == "Lunch"
    assert (seen["raw"], seen["deal"]) == ("1", "Coffee machines for Nordwind")


async def test_the_client_without_async(fast_bitrix24: Client, plain: RunningPortal) -> None:
    """Its synchronous interface works as well."""
    seen = await fast_bitrix24.does("plain_calls", plain, webhook=plain.webhook())
    assert seen == {"users": USERS, "deal": "Coffee machines for Nordwind"}


async def test_it_trusts_a_certificate(fast_bitrix24: Client, secure: RunningPortal) -> None:
    """Over TLS it needs only SSL_CERT_FILE."""
    seen = await fast_bitrix24.does("plain_calls", secure, webhook=secure.webhook())
    assert seen["users"] == USERS


async def test_batches(fast_bitrix24: Client, plain: RunningPortal) -> None:
    """120 calls become three parallel batches; keys, halt and references work."""
    deals = list(range(1000, 1060))
    seen = await fast_bitrix24.does("batches", plain, webhook=plain.webhook(), deals=deals)
    said = [plain.emulator.world.messenger.messages[number].text for number in seen["sent"]]
    assert sorted(said) == sorted(f"Message {n}" for n in range(120))
    assert seen["deals"] == {str(n): str(n) for n in deals}
    assert seen["mine"][0]["ID"] == seen["mine"][1][0]["ID"] == "1"
    assert seen["halted"] == [["a"], ["b"]]
    assert seen["failed"] == ["ErrorInServerResponseException", [""]]


async def test_pages(fast_bitrix24: Client, plain: RunningPortal) -> None:
    """Several lists at once are complete and without duplicates."""
    seen = await fast_bitrix24.does("pages", plain, webhook=plain.webhook())
    assert [len(seen["users"]), len(seen["deals"])] == [USERS, DEALS]
    assert [n for n in seen["posts"] if n in POSTS] == list(POSTS)
    assert seen["some"] == list(range(1000, 1060))


async def test_an_expired_token_is_refreshed(fast_bitrix24: Client, plain: RunningPortal) -> None:
    """On 401 it fetches a token once and continues."""
    given = await installed(plain, user=3)
    plain.clock.advance(3601)
    addresses = {"endpoint": plain.emulator.rest_url, "oauth": f"{plain.url}oauth/token/"}
    seen = await fast_bitrix24.does("refresh", plain, **{**addresses, **given})
    assert seen == {"profile": "3", "users": USERS}
    assert [call.error for call in plain.calls("oauth.token")] == [None]
    assert [call.error for call in plain.calls("profile")] == ["expired_token", None]


async def test_it_waits_when_the_bucket_is_full(fast_bitrix24: Client, plain: RunningPortal) -> None:
    """On 503 it slows down and repeats; no call is lost."""
    plain.faults({"method": "server.time", "kind": "503", "times": 2})
    seen = await fast_bitrix24.does("throttle", plain, webhook=plain.webhook(), times=12)
    assert seen["times"] == [True] * 12
    refused = [call.error for call in plain.calls("server.time") if call.error]
    assert refused == ["QUERY_LIMIT_EXCEEDED"] * 2


async def test_refusals_are_its_own_exceptions(fast_bitrix24: Client, plain: RunningPortal) -> None:
    """Errors of single calls have the status, those of batches the portal's codes; 5xx is retried."""
    plain.faults(
        {"method": "server.time", "kind": "429", "times": 1},
        {"method": "server.time", "kind": "html", "times": 1},
    )
    seen = await fast_bitrix24.does("errors", plain, webhook=plain.webhook(scopes=["im"]))
    assert seen == {
        "unknown": ["ClientResponseError", 404],
        "scope": ["ClientResponseError", 401],
        "in_batch": ["ErrorInServerResponseException", ["CANCELED"]],
        "limit": ["ClientResponseError", 429],
        "server": [],
    }
