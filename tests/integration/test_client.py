"""The client with servers that answer badly, late, too much, or from another address."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

import portal.testing
from bot.bitrix import addresses
from bot.bitrix.outbound import client
from bot.bitrix.outbound.client import Client
from bot.errors import (
    FILE_UNREADABLE,
    ApplicationRefused,
    AuthorizationDown,
    BotError,
    Broken,
    PortalDown,
    PortalError,
    Refused,
    TokenExpired,
    TokenRefused,
    TooFast,
)
from tests.ports import deaf_port
from tests.serving import serving

Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]
PARAMS = {"fields": {"message": "Grüße & <b>", "keyboard": [{"TEXT": "a"}, {"TEXT": "b"}]}, "n": [1, 2]}


@dataclass(slots=True, kw_only=True)
class Server:
    """A server of the test, and the requests that it got: method, path with query, body."""

    endpoint: str
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)


@contextlib.asynccontextmanager
async def answering(answer: Answers) -> AsyncIterator[Server]:
    """Answer every request in this way, on a free loopback port."""
    server = Server(endpoint="")

    async def noted(request: web.Request) -> web.StreamResponse:
        server.seen.append((request.method, request.path_qs, await request.read()))
        return await answer(request)

    async with serving(web.route("*", "/{path:.*}", noted)) as server.endpoint:
        yield server


@contextlib.asynccontextmanager
async def calling(*, seconds: float = 60.0, insecure: bool = True) -> AsyncIterator[Client]:
    """Make a client with this timeout."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Client(session, timeout=seconds, reach=addresses.ANYWHERE if insecure else addresses.Reach())


def text(body: str, status: int = 200, *, kind: str = "application/json", **headers: str) -> Answers:
    """Make an answer that is always the same."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=body, status=status, content_type=kind, headers=headers)

    return answer


async def failing(answer: Answers, *, seconds: float = 60.0, insecure: bool = True) -> BotError:
    """Return the error that one call to such a server raises."""
    async with answering(answer) as server, calling(seconds=seconds, insecure=insecure) as caller:
        with pytest.raises(BotError) as caught:
            await caller.call(server.endpoint, "user.get", PARAMS, token="secret-token")
    return caught.value


async def test_a_call_is_a_post_with_everything_in_its_body() -> None:
    """The method is in the path, parameters and token are JSON in the body, nothing is in the URL."""
    async with answering(text('{"result": 5}')) as server, calling() as caller:
        answer = await caller.call(server.endpoint, "user.get", PARAMS, token="secret-token")
    assert answer == client.Answer(tree={"result": 5}, endpoint=server.endpoint)
    [(method, path, body)] = server.seen
    assert (method, path) == ("POST", "/rest/user.get")
    assert json.loads(body) == {**PARAMS, "auth": "secret-token"}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_renamed_portal_is_followed_with_the_post_intact(status: int) -> None:
    """The new host gets the same method, body and token as a POST; the answer names its endpoint."""
    async with answering(text('{"result": "here"}')) as new:
        moved = new.endpoint.removesuffix("rest/") + "rest/user.get"
        async with answering(text("", status, Location=moved)) as old, calling() as caller:
            answer = await caller.call(old.endpoint, "user.get", PARAMS, token="secret-token")
    assert answer == client.Answer(tree={"result": "here"}, endpoint=new.endpoint)
    assert new.seen == old.seen
    assert new.seen[0][0] == "POST"


async def test_the_emulator_renames_itself() -> None:
    """A portal that redirects to its new name gets the call there, once."""
    async with portal.testing.set_up() as setup, calling() as caller:
        setup.p.faults({"method": "app.info", "kind": "renamed", "times": 1})
        answer = await caller.call(setup.p.emulator.rest_url, "app.info", {}, token=setup.p.tokens(setup.app)[0])
        assert answer.endpoint == setup.p.emulator.rest_url.replace("127.0.0.1", "localhost")
        assert answer.tree["result"]["INSTALLED"] is True
        assert [call.status for call in setup.p.calls("app.info")] == [302, 200]


async def test_a_redirect_loop_ends_after_three_redirects() -> None:
    """After three redirects the client stops, and nothing was done."""

    async def around(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": str(request.url)})

    async with answering(around) as server, calling() as caller:
        with pytest.raises(PortalDown, match="from address to address") as caught:
            await caller.call(server.endpoint, "user.get", {}, token="t")
    assert not caught.value.outcome_unknown
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    "location",
    [
        pytest.param("http://127.0.0.1:9/rest/user.get", id="this machine"),
        pytest.param("https://10.0.0.5/rest/user.get", id="a private network"),
        pytest.param("https://169.254.169.254/rest/", id="a cloud's metadata"),
        pytest.param("https://localhost/rest/", id="localhost"),
        pytest.param("http://two.example.com/rest/user.get", id="without encryption"),
        pytest.param("https://anna:secret@two.example.com/rest/", id="with credentials"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("//", id="nothing"),
        pytest.param("", id="no address at all"),
        pytest.param("https://[::1/rest/", id="half an address"),
        pytest.param("https://two.example.com:99999999/", id="an impossible port"),
        pytest.param("https://" + "a" * 5000 + ".example.com/", id="an endless name"),
    ],
)
async def test_a_redirect_to_a_forbidden_address_is_refused(location: str) -> None:
    """A portal cannot make us call an internal address; the call is not done, and no server sees it."""
    error = await failing(text("", 302, Location=location), insecure=False)
    assert isinstance(error, PortalDown)
    assert not error.outcome_unknown


@pytest.mark.parametrize(
    ("answer", "outcome_unknown"),
    [
        pytest.param(text("<html>Sign in</html>", kind="text/html"), True, id="HTML"),
        pytest.param(text("<html>Bad gateway</html>", 502, kind="text/html"), True, id="HTML from a gateway"),
        pytest.param(text("busy", 503, kind="text/plain"), False, id="a front end that lets nobody in"),
        pytest.param(text('{"result":'), True, id="half a JSON"),
        pytest.param(text("[" * 100_000), True, id="brackets without end"),
        pytest.param(text('{"a":' * 100_000), True, id="braces without end"),
        pytest.param(text("9" * 10_000), True, id="an endless number"),
        pytest.param(text("null"), True, id="null"),
        pytest.param(text(""), True, id="nothing"),
    ],
)
async def test_an_answer_without_json_is_portal_down(answer: Answers, outcome_unknown: bool) -> None:  # noqa: FBT001
    """Any answer that is not JSON of a portal is PortalDown, and says whether the call may have worked."""
    error = await failing(answer)
    assert isinstance(error, PortalDown)
    assert error.outcome_unknown is outcome_unknown


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(text('{"error":"QUERY_LIMIT_EXCEEDED"}', 503), TooFast, id="too fast"),
        pytest.param(text('{"error":"expired_token"}', 401), TokenExpired, id="expired"),
        pytest.param(text('{"error":"invalid_token"}', 401), TokenRefused, id="not ours"),
        pytest.param(text('{"error":"INTERNAL_SERVER_ERROR"}', 500), Broken, id="broken"),
        pytest.param(text('{"error":"","error_description":"No."}', 400), Refused, id="an error without code"),
        pytest.param(text('{"error":"ERROR_CORE"}', 200), Refused, id="an error inside HTTP 200"),
        pytest.param(
            text('{"error":"OPERATION_TIME_LIMIT","time":{"operating_reset_at":' + "9" * 4000 + "}}", 429),
            PortalError, id="a time beyond all times",
        ),
    ],
)  # fmt: skip
async def test_errors_of_a_portal_become_our_error_types(answer: Answers, kind: type[BotError]) -> None:
    """A portal's errors become our error types."""
    assert isinstance(await failing(answer), kind)


async def test_a_portal_that_is_too_slow() -> None:
    """After a timeout, the call may have worked."""
    forever = asyncio.Event()

    async def wait(_request: web.Request) -> web.Response:
        await forever.wait()
        return web.Response()

    error = await failing(wait, seconds=0.1)
    assert isinstance(error, PortalDown)
    assert error.outcome_unknown
    assert "in time" in str(error)


async def test_a_slow_answer_is_ended_by_the_timeout() -> None:
    """The timeout also ends an answer that comes byte by byte."""

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.005)

    error = await failing(drip, seconds=0.2)
    assert isinstance(error, PortalDown)
    assert error.outcome_unknown


@pytest.mark.parametrize("after", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", b"\x00\x01rubbish\r\n\r\n"])
async def test_a_connection_that_breaks(after: bytes) -> None:
    """If the connection breaks before, during or instead of an answer, the call may have worked."""

    async def cut(request: web.Request) -> web.Response:
        assert request.transport
        request.transport.write(after)
        request.transport.close()
        return web.Response()

    error = await failing(cut)
    assert isinstance(error, PortalDown)
    assert error.outcome_unknown


async def test_a_refused_connection_means_that_nothing_was_done() -> None:
    """If nobody listens, nothing was done."""
    with deaf_port() as port:
        async with calling() as caller:
            with pytest.raises(PortalDown, match="cannot be reached") as caught:
                await caller.call(f"http://127.0.0.1:{port}/rest/", "user.get", {}, token="t")
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
async def test_an_answer_without_end_is_not_read_to_its_end(packed: bool) -> None:  # noqa: FBT001
    """An answer is read up to a limit, also if it was small when compressed; the call may have worked."""
    piece = b" " * 2**20
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"} if packed else {})
        await response.prepare(request)
        for _ in range(4 * client.MOST_BYTES // len(piece)):
            await response.write(gzip.compress(piece) if packed else piece)
            sent += len(piece)
        return response

    error = await failing(flood)
    assert isinstance(error, PortalDown)
    assert error.outcome_unknown
    assert "bytes" in str(error)
    assert packed or sent < 3 * client.MOST_BYTES


async def test_a_large_answer_is_read() -> None:
    """The longest real answer to fifty commands is below the limit."""
    rows = [{"ID": str(number), "DETAIL_TEXT": "x" * 20_000} for number in range(50)]
    async with answering(text(json.dumps({"result": rows}))) as server, calling() as caller:
        assert (await caller.call(server.endpoint, "batch", {}, token="t")).tree["result"] == rows


async def test_the_client_secret_is_never_in_a_url() -> None:
    """A refresh is a form in the body of a POST; the URL contains no secret."""
    answer = text('{"access_token": "a2", "refresh_token": "r2", "expires": 5}')
    async with answering(answer) as server, calling() as caller:
        await caller.refresh(server.endpoint, client_id="app.1", client_secret="s3cret", refresh_token="r1")
    [(method, path, body)] = server.seen
    assert (method, path) == ("POST", "/rest/")
    assert body == b"grant_type=refresh_token&client_id=app.1&client_secret=s3cret&refresh_token=r1"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(text('{"error":"invalid_grant"}', 400), TokenRefused, id="a spent refresh token"),
        pytest.param(text('{"error":"wrong_client"}', 200), ApplicationRefused, id="wrong client inside HTTP 200"),
        pytest.param(text('{"error":"invalid_client"}', 400), ApplicationRefused, id="a wrong secret"),
        pytest.param(text('{"error":"PAYMENT_REQUIRED"}', 401), ApplicationRefused, id="a plan that ended"),
        pytest.param(text('{"error":"expired_token"}', 401), AuthorizationDown, id="an error of somebody else's"),
        pytest.param(text('{"error":"ERROR_CORE"}', 200), AuthorizationDown, id="an error that is not documented"),
        pytest.param(text('{"error":"","error_description":"?"}', 400), AuthorizationDown, id="an error without code"),
        pytest.param(text('{"result":1}'), AuthorizationDown, id="an answer without a token"),
        pytest.param(text('{"access_token": ["a"]}'), AuthorizationDown, id="a token that is none"),
        pytest.param(text('{"error":"INTERNAL_SERVER_ERROR"}', 500), AuthorizationDown, id="broken"),
        pytest.param(text('{"error":"QUERY_LIMIT_EXCEEDED"}', 503), AuthorizationDown, id="busy"),
        pytest.param(text('{"error":"OPERATION_TIME_LIMIT"}', 429), AuthorizationDown, id="blocked"),
        pytest.param(text("<html>", 502, kind="text/html"), AuthorizationDown, id="HTML"),
        pytest.param(text("", 302, Location="https://elsewhere.example/"), AuthorizationDown, id="sent elsewhere"),
    ],
)
async def test_a_refresh_that_fails(answer: Answers, kind: type[BotError]) -> None:
    """The token is refused, or the application is, or nothing was decided; the call's outcome is known in all cases."""
    async with answering(answer) as server, calling() as caller:
        with pytest.raises(BotError) as caught:
            await caller.refresh(server.endpoint, client_id="app.1", client_secret="s3cret", refresh_token="r1")
    assert type(caught.value) is kind
    assert not (isinstance(caught.value, PortalDown) and caught.value.outcome_unknown)
    assert len(server.seen) == 1, "the secret goes nowhere else"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_file_in_a_storage_at_another_address_is_read(status: int) -> None:
    """A portal that redirects a download to its storage gets the request there, without a token of ours."""
    async with answering(text("The plan", kind="text/plain")) as storage:
        async with (
            answering(text("", status, Location=f"{storage.endpoint}plan.txt?sign=1")) as old,
            calling() as caller,
        ):
            assert await caller.download(f"{old.endpoint}download.json?token=1", most=8) == b"The plan"
            assert await caller.download(f"{old.endpoint}download.json?token=1", most=7) is None
        assert {(method, path) for method, path, _ in storage.seen} == {("GET", "/rest/plan.txt?sign=1")}


@pytest.mark.parametrize("location", ["http://127.0.0.1/plan", "https://192.168.1.5/plan", "file:///etc/passwd", "//["])
async def test_a_file_at_a_forbidden_address_is_refused(location: str) -> None:
    """A redirect of a download into our own network is not followed."""
    async with answering(text("", 302, Location=location)) as server, calling(insecure=False) as caller:
        with pytest.raises(Refused) as caught:
            await caller.download(f"{server.endpoint}plan", most=8)
        assert caught.value.code == FILE_UNREADABLE
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, Refused),
        (403, Refused),
        (404, Refused),
        (410, Refused),
        (302, Refused),
        (500, PortalDown),
        (503, PortalDown),
    ],
)
async def test_a_file_that_is_not_there_is_refused(status: int, error: type[BotError]) -> None:
    """A missing file and an endless redirect are refused; a portal that is down is asked again later."""
    async with answering(text("", status, Location="plan")) as server, calling() as caller:
        with pytest.raises(error) as caught:
            await caller.download(f"{server.endpoint}plan", most=8)
        if isinstance(caught.value, PortalDown):
            assert not caught.value.outcome_unknown


async def test_a_file_of_a_portal_that_does_not_answer_is_asked_for_later() -> None:
    """Without a connection nothing was done, and another attempt may help."""
    with deaf_port() as port:
        async with calling() as caller:
            with pytest.raises(PortalDown) as caught:
                await caller.download(f"http://127.0.0.1:{port}/plan", most=8)
    assert not caught.value.outcome_unknown
