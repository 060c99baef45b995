"""Tokens: refreshed when expired, one at a time, stored before use, sent to no other server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.bitrix.outbound import tokens
from bot.bitrix.outbound.tokens import KNOWN_SERVERS, Credentials, Tokens
from bot.clock import Clock
from bot.errors import PortalDown, StoreError, TokenRefused
from bot.model import events
from bot.model.events import EventTokens
from bot.model.ordering import INSTALL
from bot.model.records import TokenPair
from tests.outgoing import ANNA, OLGA, QUICK, Out, Terms, give, opened, publish, say

HOUR = 3601
ANNAS = "user:2"


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    """Start an installed bot whose sender does not send."""
    async with opened(tmp_path, sends=False) as out:
        yield out


async def ask(out: Out, token_owner: str = INSTALL) -> object:
    """Make one call with a token owner's token."""
    return (await out.caller.call(await out.known(), "user.get", {}, token_owner=token_owner, urgency=0))["result"]


def refreshes(out: Out) -> int:
    """Return how often the authorization server was asked."""
    return len(out.p.calls("oauth.token"))


async def test_a_token_that_works_is_not_refreshed(out: Out) -> None:
    """A call with a valid token does not ask the authorization server, and is sent once."""
    await ask(out)
    assert refreshes(out) == 0
    assert len(out.p.calls("user.get")) == 1


async def test_twenty_calls_share_one_refresh(out: Out) -> None:
    """Twenty calls at once with an expired token cause one refresh, and each is answered."""
    out.p.clock.advance(HOUR)
    assert all(await asyncio.gather(*(ask(out) for _ in range(20))))
    assert refreshes(out) == 1
    assert len(out.p.calls("user.get", ok=True)) == 20


async def test_without_credentials_the_settings_are_named(out: Out) -> None:
    """Without client id and secret the error names the settings; the authorization server is not asked."""
    nobody = Credentials(client_id="", client_secret="", oauth_url=f"{out.p.url}oauth/token/")
    without = Tokens(
        store=out.store, client=out.client, credentials=nobody, metrics=out.metrics, clock=Clock(wall=lambda: 0.0)
    )
    stale = await without.access(out.id, INSTALL)
    with pytest.raises(TokenRefused, match=r"app\.client_id and app\.client_secret"):
        await without.refreshed(out.id, INSTALL, stale=stale)
    assert refreshes(out) == 0


async def test_the_new_pair_is_stored_before_it_is_used(out: Out) -> None:
    """When the call is repeated, both new tokens are on disk already."""
    before = await out.store.token_pair(out.id, INSTALL)
    assert before
    stored: list[TokenPair | None] = []
    put = out.store.put_token_pair

    class TokenStore:
        """A store that records when it has stored something."""

        async def put_token_pair(self, *args: object) -> None:
            assert len(out.p.calls("user.get")) == 1
            await put(*args)  # type: ignore[arg-type]  # passed on as they came
            stored.append(await out.store.token_pair(out.id, INSTALL))

        def __getattr__(self, name: str) -> object:
            return getattr(out.store, name)

    out.tokens._store = TokenStore()  # type: ignore[assignment]  # it does all that is asked of a vault
    out.p.clock.advance(HOUR)
    await ask(out)
    assert [after for after in stored if after and after.access_token != before.access_token] == stored
    assert [after for after in stored if after and after.refresh_token != before.refresh_token] == stored
    assert len(stored) == 1


class FullDisk:
    """A store whose disk is full for the first new tokens."""

    def __init__(self, out: Out) -> None:
        self._out, self.refused = out, 0

    async def put_token_pair(self, *args: Any) -> None:
        self.refused += 1
        if self.refused == 1:
            raise StoreError("database or disk is full", passing=True)
        await self._out.store.put_token_pair(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out.store, name)


async def test_new_tokens_survive_a_full_disk(out: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old refresh token is used up: the new pair is kept until the disk has space, and then used."""
    monkeypatch.setattr(tokens, "STORE_AGAIN", 0.01)
    out.p.switch(old_refresh="dies")
    out.tokens._store = full = FullDisk(out)
    out.p.clock.advance(HOUR)
    assert await ask(out)
    assert (full.refused, refreshes(out)) == (2, 1)
    out.p.clock.advance(HOUR)
    assert await ask(out)


async def test_a_refresh_is_finished_after_its_caller_was_cancelled(out: Out) -> None:
    """If the caller is cancelled, as at the end of the process, the new tokens are still stored."""
    out.p.switch(old_refresh="dies")
    before = await out.store.token_pair(out.id, INSTALL)
    asked, let_go = asyncio.Event(), asyncio.Event()

    class Server:
        """An authorization server that takes its time."""

        async def refresh(self, url: str, **more: str) -> dict[str, object]:
            answer = await out.client.refresh(url, **more)
            asked.set()
            await let_go.wait()
            return answer

        call = out.client.call

    out.tokens._client = Server()  # type: ignore[assignment]  # an authorization server of the test's own
    out.p.clock.advance(HOUR)
    gone = asyncio.create_task(ask(out))
    await asked.wait()
    gone.cancel()
    await asyncio.wait([gone])
    assert gone.cancelled()
    let_go.set()
    await out.tokens.idle()
    assert await out.store.token_pair(out.id, INSTALL) != before
    assert await ask(out)
    assert refreshes(out) == 1


async def test_refreshes_of_different_owners_do_not_wait(out: Out) -> None:
    """While one token owner's refresh hangs, another one's is done."""
    installers = await out.store.token_pair(out.id, INSTALL)
    assert installers
    slow_one = installers.refresh_token
    asked, let_go = asyncio.Event(), asyncio.Event()

    class Server:
        """An authorization server that is slow for one token."""

        async def refresh(self, url: str, *, refresh_token: str, **more: str) -> dict[str, object]:
            if refresh_token == slow_one:
                asked.set()
                await let_go.wait()
            return await out.client.refresh(url, refresh_token=refresh_token, **more)

        call = out.client.call

    out.tokens._client = Server()  # type: ignore[assignment]  # an authorization server of the test's own
    out.p.clock.advance(HOUR)
    slow = asyncio.create_task(ask(out))
    await asked.wait()
    await ask(out, ANNAS)
    assert not slow.done()
    let_go.set()
    await slow
    assert refreshes(out) == 2


@pytest.mark.parametrize("kind", ["500", "html", "cut", "503"])
async def test_a_failed_refresh_ends_all_waiting_calls(out: Out, kind: str) -> None:
    """All waiting callers get the error, with a known outcome; the next call asks the server again and works."""
    out.p.clock.advance(HOUR)
    out.p.faults({"method": "oauth.token", "kind": kind, "times": 1})
    stale = await out.tokens.access(out.id, INSTALL)
    all_at_once = (out.tokens.refreshed(out.id, INSTALL, stale=stale) for _ in range(20))
    ends = await asyncio.gather(*all_at_once, return_exceptions=True)
    assert all(isinstance(end, PortalDown) and not end.outcome_unknown for end in ends)
    assert refreshes(out) == 1
    assert await ask(out)
    assert refreshes(out) == 2


async def test_a_refused_refresh_keeps_the_stored_tokens(out: Out) -> None:
    """A refresh token that no longer works is TokenRefused, and the stored tokens stay."""
    before = await out.store.token_pair(out.id, INSTALL)
    out.p.clock.advance(HOUR)
    out.p.faults({"method": "*", "kind": "refuse_refresh", "times": None})
    with pytest.raises(TokenRefused):
        await ask(out)
    assert await out.store.token_pair(out.id, INSTALL) == before


async def test_a_token_that_was_renewed_elsewhere_is_used(out: Out) -> None:
    """If another process, or an event, has stored a new token, there is no refresh."""
    stale = await out.tokens.access(out.id, INSTALL)
    access, refresh = out.p.tokens(out.app, user=OLGA)
    await out.store.put_token_pair(out.id, INSTALL, TokenPair(access_token=access, refresh_token=refresh, expires=0))
    assert await out.tokens.refreshed(out.id, INSTALL, stale=stale) == access
    assert refreshes(out) == 0


async def test_a_token_without_a_refresh_token_is_used(out: Out) -> None:
    """An event's token without a refresh token is used while it works."""
    stale = await out.tokens.access(out.id, ANNAS)
    await out.store.put_token_pair(out.id, ANNAS, TokenPair(access_token="fresh", refresh_token="", expires=0))
    assert await out.tokens.refreshed(out.id, ANNAS, stale=stale) == "fresh"
    with pytest.raises(TokenRefused, match="ran out"):
        await out.tokens.refreshed(out.id, ANNAS, stale="fresh")


async def test_a_missing_user_token_ends_the_call(out: Out) -> None:
    """Without a token of a user, the portal is not asked in their name."""
    with pytest.raises(TokenRefused, match="no token of user:4"):
        await ask(out, "user:4")
    assert out.p.calls("user.get") == []


async def test_a_token_that_expires_again_at_once_ends_the_call(out: Out) -> None:
    """There is one refresh per call, even if a portal calls every token expired."""
    out.p.faults({"method": "user.get", "kind": "expired", "times": None})
    with pytest.raises(Exception, match="expired"):
        await ask(out)
    assert refreshes(out) == 1
    assert len(out.p.calls("user.get")) == 2


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        *(
            pytest.param(f"https://{host}/rest/", f"https://{host}/oauth/token/", id=host)
            for host in sorted(KNOWN_SERVERS)
        ),
        pytest.param("https://evil.example/rest/", None, id="a stranger"),
        pytest.param("https://oauth.bitrix.info.evil.example/rest/", None, id="a stranger with a known beginning"),
        pytest.param("https://evil.example/oauth.bitrix.info/rest/", None, id="a known name in the path"),
        pytest.param("https://oauth.bitrix.info@evil.example/rest/", None, id="a known name as the user"),
        pytest.param("http://oauth.bitrix.info:81/rest/", "https://oauth.bitrix.info/oauth/token/", id="no encryption"),
        pytest.param("https://[::1", None, id="half an address"),
        pytest.param("", None, id="nothing"),
    ],
)
async def test_the_client_secret_goes_to_authorization_servers_only(out: Out, named: str, asked: str | None) -> None:
    """Whatever address a portal names, only Bitrix24's own servers and the configured one are asked."""

    class TokenStore:
        """A store in which the portal names this server."""

        async def auth_endpoint(self, _portal: object) -> str:
            return named

    out.tokens._store = TokenStore()  # type: ignore[assignment]  # all that is asked of it here
    assert await out.tokens._server(out.id) == (asked or f"{out.p.url}oauth/token/")


@pytest.mark.parametrize("expires", ['"soon"', "[]", "1e400", "null", '"1790000000"', "-5"])
async def test_an_odd_time_of_expiry_stops_nothing(out: Out, expires: str) -> None:
    """The time is only for cleaning up: with any value, the new token is stored and used."""

    class Server:
        """An authorization server that answers in this way."""

        async def refresh(self, *_args: object, **_more: object) -> dict[str, object]:
            access, refresh = out.p.tokens(out.app, user=OLGA)
            return {"access_token": access, "refresh_token": refresh, "expires": json.loads(expires)}

        call = out.client.call

    out.tokens._client = Server()  # type: ignore[assignment]  # an authorization server of the test's own
    out.p.clock.advance(HOUR)
    assert await ask(out)


async def test_a_failed_refresh_leaves_no_unknown_outcome(tmp_path: Path) -> None:
    """If the authorization server fails, the message's outcome is known, and it is sent later."""
    async with opened(tmp_path) as out:
        out.p.clock.advance(HOUR)
        out.p.faults({"method": "oauth.token", "kind": "cut", "times": 2})
        chat = out.group()
        await out.want(say(chat, "hello"))
        await out.sent()
        assert out.texts(chat) == ["hello"]
        assert await out.rows("SELECT outcome_unknown, attempts FROM outbox") == [(0, 0)]


@pytest.mark.parametrize("kind", ["expired", "503", "500", "429", "html", "cut", "empty_error", "error_in_200"])
async def test_a_post_survives_errors_of_the_authorization_server(tmp_path: Path, kind: str) -> None:
    """Whatever error the authorization server returns, except that the token is invalid, the post is published once."""
    async with opened(tmp_path) as out:
        out.p.faults({"method": "oauth.token", "kind": kind, "times": 2})
        out.p.clock.advance(HOUR)
        await out.want(publish("News"))
        await out.sent()
        assert len(out.posts("News")) == 1
        assert await out.store.dead_letters() == (0, 0)


async def test_an_event_replaces_tokens_lost_in_a_refresh(tmp_path: Path) -> None:
    """After the answer to a refresh was lost, the post waits for the tokens of the user's next event."""
    patient = replace(QUICK, attempts=1000)
    async with opened(tmp_path, Terms(retry_policy=patient)) as out:
        out.p.faults({"method": "oauth.token", "kind": "cut_after", "times": 1})
        out.p.clock.advance(HOUR)
        await out.want(publish("News"))
        await out.until(lambda: refreshes(out) > 2)
        assert out.p.calls("oauth.token")[-1].error == "invalid_grant"
        await give(out, ANNA)
        await out.sent()
        assert len(out.posts("News")) == 1


async def test_lost_tokens_are_waited_for_half_a_minute(tmp_path: Path) -> None:
    """If no event brings other tokens within half a minute, the refusal is final and the user is told."""
    ahead = 0.0
    patient, clock = replace(QUICK, attempts=1000), Clock(monotonic=lambda: time.monotonic() + ahead)
    async with opened(tmp_path, Terms(retry_policy=patient, clock=clock)) as out:
        out.p.faults({"method": "oauth.token", "kind": "cut_after", "times": 1})
        out.p.clock.advance(HOUR)
        await out.want(publish("News"))
        await out.until(lambda: refreshes(out) > 2)
        ahead = tokens.LOST_FOR
        await out.sent()
        [failed] = await out.results()
        assert isinstance(failed, events.Failed)
        assert (failed.error, out.posts("News")) == ("TokenRefused", [])


async def test_tokens_that_an_event_brings_during_a_refused_refresh_are_used(out: Out) -> None:
    """If an event brings a new token while the old one is refused, the call uses the new one."""

    class Server:
        """An authorization server that refuses, after an event has come in."""

        async def refresh(self, *_args: object, **_more: object) -> dict[str, object]:
            await give(out, ANNA)
            raise TokenRefused("invalid_grant", method="oauth/token")

        call = out.client.call

    out.tokens._client = Server()  # type: ignore[assignment]  # an authorization server of the test's own
    out.p.clock.advance(HOUR)
    assert await ask(out, ANNAS)


async def test_a_wrong_client_secret_that_is_corrected_loses_no_post(tmp_path: Path) -> None:
    """While the authorization server refuses our client secret, posts wait; afterwards they are published."""
    async with opened(tmp_path, Terms(retry_policy=replace(QUICK, attempts=1000))) as out:
        right = out.tokens._credentials
        out.tokens._credentials = replace(right, client_secret="wrong")
        out.p.clock.advance(HOUR)
        await out.want(publish("News"))
        await out.until(lambda: refreshes(out) > 1)
        out.tokens._credentials = right
        await out.sent()
        assert len(out.posts("News")) == 1


async def test_an_older_token_does_not_replace_a_newer_one(tmp_path: Path) -> None:
    """The old tokens of an event that waited long do not replace newer ones."""
    async with opened(tmp_path, Terms(), sends=False) as out:
        newer = TokenPair(access_token="new", refresh_token="newer", expires=2_000_000_000)
        await out.store.put_token_pair(out.id, ANNAS, newer)
        event = out.said()
        old = EventTokens(access_token="old", refresh_token="older", expires=1_900_000_000, user=ANNA)
        await out.store.receive([replace(event, event_tokens=old)], 1.0)
        [row] = await out.store.waiting_events(after=0, many=5)
        await out.store.commit_event(row, [], [], 2.0)
        assert await out.store.token_pair(out.id, ANNAS) == newer
