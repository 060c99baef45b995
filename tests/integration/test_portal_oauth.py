"""The OAuth server and the installation over HTTP."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from portal.testing import Setup

NOW = 1_790_000_000


async def refresh(setup: Setup, **changes: Any) -> tuple[int, dict[str, Any]]:
    """Ask for new tokens with a valid refresh_token, with optional changes."""
    given = {
        "grant_type": "refresh_token",
        "client_id": setup.app.client_id,
        "client_secret": setup.app.client_secret,
        "refresh_token": setup.p.tokens(setup.app, user=2)[1],
        **changes,
    }
    query = {name: value for name, value in given.items() if value is not None}
    async with aiohttp.ClientSession() as http, http.get(f"{setup.p.url}oauth/token/", params=query) as answer:
        return answer.status, await answer.json()


async def test_a_refresh_gives_new_tokens_of_the_same_user(setup: Setup) -> None:
    """The answer has a valid access token, a new refresh token, and the portal's endpoints."""
    status, body = await refresh(setup)
    assert status == 200
    assert (body["user_id"], body["expires_in"], body["expires"]) == (2, 3600, NOW + 3600)
    assert body["client_endpoint"] == body["server_endpoint"] == f"{setup.p.url}rest/"
    assert body["member_id"] == setup.p.member_id
    client = setup.p.client()
    client.token = body["access_token"]
    assert (await client.result("profile"))["ID"] == "2"
    assert (await refresh(setup, refresh_token=body["refresh_token"]))[0] == 200


async def test_a_refresh_token_works_once_by_default(setup: Setup) -> None:
    """A refresh token works once; a switch allows more."""
    token = setup.p.tokens(setup.app, user=2)[1]
    assert (await refresh(setup, refresh_token=token))[0] == 200
    assert (await refresh(setup, refresh_token=token)) == (400, {"error": "invalid_grant"})
    setup.p.switch(old_refresh="lives")
    token = setup.p.tokens(setup.app, user=2)[1]
    assert [(await refresh(setup, refresh_token=token))[0] for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "local.unknown"}, 200, "wrong_client"),
        ({"client_secret": "guess"}, 400, "invalid_client"),
        ({"refresh_token": "guess"}, 400, "invalid_grant"),
        ({"refresh_token": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "invalid_request"),
    ],
    ids=str,
)
async def test_each_refused_request_has_its_error(
    setup: Setup, changes: dict[str, Any], status: int, error: str
) -> None:
    """Each error has its code, and an unknown client comes with HTTP 200."""
    answer = await refresh(setup, **changes)
    assert (answer[0], answer[1]["error"]) == (status, error)


async def test_expired_and_other_tokens_cannot_refresh(setup: Setup) -> None:
    """A refresh token expires after 180 days; tokens of other kinds are refused."""
    access, token = setup.p.tokens(setup.app, user=2)
    assert (await refresh(setup, refresh_token=access))[1] == {"error": "invalid_grant"}
    setup.p.clock.advance(180 * 24 * 3600)
    assert (await refresh(setup, refresh_token=token))[1] == {"error": "invalid_grant"}


async def test_an_access_token_expires_after_an_hour(setup: Setup) -> None:
    """A token works until its last second, then gives expired_token, even without the scope."""
    client = setup.client()
    setup.p.clock.advance(3599)
    await client.result("profile")
    setup.p.clock.advance(1)
    assert await client.refusal("profile") == (401, "expired_token")
    assert await client.refusal("crm.deal.list") == (401, "expired_token")


async def test_a_code_works_once_for_thirty_seconds(setup: Setup) -> None:
    """The browser returns to the application with a code that works once, for thirty seconds."""

    async def code() -> str:
        query = {"client_id": setup.app.client_id, "state": "s t", "as": "3"}
        url = f"{setup.p.url}oauth/authorize/"
        async with aiohttp.ClientSession() as http, http.get(url, params=query, allow_redirects=False) as answer:
            back = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert (answer.status, back["state"]) == (302, ["s t"])
        return back["code"][0]

    exchange = {"grant_type": "authorization_code", "refresh_token": None}
    first = await code()
    assert (await refresh(setup, **exchange, code=first))[1]["user_id"] == 3
    assert (await refresh(setup, **exchange, code=first))[1] == {"error": "invalid_grant"}
    late = await code()
    setup.p.clock.advance(30)
    assert (await refresh(setup, **exchange, code=late))[1] == {"error": "invalid_grant"}


@pytest.mark.parametrize("case", ["unknown", "not installed", "no address", "a bot agrees"])
async def test_the_authorize_page_refuses_without_a_redirect(setup: Setup, case: str) -> None:
    """The authorize page shows an error for unknown clients, before installation, without address, for bots."""
    client, user = setup.app.client_id, 1
    if case == "unknown":
        client = "local.unknown"
    elif case == "not installed":
        await setup.p.uninstall(setup.app)
    elif case == "no address":
        client = (await setup.p.install(await setup.p.add_app(name="Mute", handler=""))).client_id
    else:
        user = await setup.v2_bot()
    url, query = f"{setup.p.url}oauth/authorize/", {"client_id": client, "as": str(user)}
    async with aiohttp.ClientSession() as http, http.get(url, params=query, allow_redirects=False) as answer:
        assert (answer.status, answer.headers.get("Location")) == (400, None)


async def test_a_code_is_invalid_after_a_removal(setup: Setup) -> None:
    """After a removal, the application cannot exchange its code."""
    url, query = f"{setup.p.url}oauth/authorize/", {"client_id": setup.app.client_id}
    async with aiohttp.ClientSession() as http, http.get(url, params=query, allow_redirects=False) as answer:
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    exchange = {"grant_type": "authorization_code", "refresh_token": None, "code": code}
    await setup.p.uninstall(setup.app)
    assert (await refresh(setup, **exchange))[1] == {"error": "invalid_client"}
    await setup.p.install(setup.app)
    assert (await refresh(setup, **exchange))[1] == {"error": "invalid_grant"}


async def test_the_install_event_has_working_tokens(setup: Setup) -> None:
    """ONAPPINSTALL is a form of texts with the installer's tokens and application_token."""
    event = await setup.receiver.wait_for("ONAPPINSTALL")
    assert event["data"] == {"VERSION": "1", "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": "en"}
    auth = event["auth"]
    assert (auth["application_token"], auth["member_id"]) == (setup.app.application_token, setup.p.member_id)
    assert (auth["expires_in"], event["ts"]) == ("3600", str(NOW))
    client = setup.p.client()
    client.token = auth["access_token"]
    assert (await client.result("app.info"))["INSTALLED"] is True
    assert (await refresh(setup, refresh_token=auth["refresh_token"]))[1]["user_id"] == 1


async def test_uninstalling_removes_tokens_bots_and_handlers(setup: Setup) -> None:
    """ONAPPUNINSTALL has no tokens; old tokens, bots and handlers are removed, also after a new installation."""
    await setup.v1_bot()
    client = setup.client()
    token = setup.p.tokens(setup.app)[1]
    await client.result("event.bind", event="onLiveFeedPostAdd", handler=setup.receiver.url)
    await setup.p.uninstall(setup.app, clean=True)
    event = await setup.receiver.wait_for("ONAPPUNINSTALL")
    assert event["data"] == {"LANGUAGE_ID": "en", "CLEAN": "1"}
    assert set(event["auth"]) == {"domain", "client_endpoint", "server_endpoint", "member_id", "application_token"}
    assert await client.refusal("profile") == (401, "APPLICATION_NOT_FOUND")
    assert (await refresh(setup, refresh_token=token))[1] == {"error": "invalid_client"}
    assert setup.p.bots(setup.app) == []
    await setup.p.install(setup.app)
    assert await client.refusal("profile") == (401, "APPLICATION_NOT_FOUND")
    assert await setup.client().result("event.get") == []
