"""What the webhook refuses: unauthenticated, invalid and too large requests; and what they cost us."""

from __future__ import annotations

import asyncio
import gzip
import logging
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import payloads, webhooks
from tests.payloads import FORM, JSON, Tree
from tests.programs import Program
from tests.service import Service
from tests.webhooks import RunningWebhook

ANY_ANSWER = {200, 400, 403, 413, 415}
"""The possible answers to random bytes; never a server error."""


def with_auth(**changes: str | None) -> Tree:
    """Make a message whose top-level `auth` is changed; None removes a field."""
    return payloads.v1_said() | {"auth": payloads.auth(**changes)}


# --- Not ours -----------------------------------------------------------------------------------------------

STRANGERS = {
    "forged token": with_auth(application_token="forged"),
    "part of the token": with_auth(application_token=payloads.APPLICATION_TOKEN[:-1]),
    "no token": with_auth(application_token=None),
    "unknown member_id": with_auth(member_id="0123456789abcdef0123456789abcdef"),
    "no member_id, unknown domain": with_auth(member_id=None, domain="other.example"),
    "nothing at the top": payloads.v1_said() | {"auth": {}},
    "the token only inside, where it proves nothing": payloads.v2_said(
        bot=payloads.v2_bot(application_token=payloads.APPLICATION_TOKEN)
    )
    | {"auth": {"domain": payloads.DOMAIN}},
    "an unknown kind from a stranger": payloads.event("ONTASKADD", {}, top=payloads.auth(application_token="forged")),
    "an update of an unknown portal": payloads.updated(member_id="0123456789abcdef0123456789abcdef"),
    "a removal by a stranger": payloads.uninstalled() | {"auth": payloads.auth(application_token="forged")},
}


@pytest.mark.parametrize("as_json", [False, True], ids=["form", "json"])
@pytest.mark.parametrize("name", STRANGERS)
async def test_unauthenticated_requests_are_refused_without_details(
    webhook: RunningWebhook, name: str, *, as_json: bool
) -> None:
    """Every unauthenticated request gets the same empty 403; nothing is stored and no token is logged."""
    encode, media = (payloads.as_json, JSON) if as_json else (payloads.form, FORM)
    assert await webhook.knock(encode(STRANGERS[name]), media) == (403, "")
    assert await webhook.inbox() == []
    assert "forged" not in str(webhook.lines)


async def test_a_domain_and_a_token_are_enough(webhook: RunningWebhook) -> None:
    """A v2 event may have only these at the top: its portal is the one in `data[bot][auth]`."""
    tree = payloads.v2_said()
    assert set(tree["auth"]) == {"domain", "application_token"}
    assert await webhook.send(tree) == 200
    [event] = await webhook.events()
    assert event.portal == payloads.MEMBER


async def test_a_domain_alone_names_the_portal(webhook: RunningWebhook) -> None:
    """Without a member_id, the event belongs to the portal installed under its domain."""
    tree = payloads.v2_said(bot={"id": payloads.BOT, "code": "feedbridge"})
    assert await webhook.send(tree) == 200
    [event] = await webhook.events()
    assert event.portal == payloads.MEMBER


async def test_a_portal_cannot_take_events_of_another_domain(tmp_path: Path) -> None:
    """Two portals may claim one domain; if only the domain is given, the token decides."""
    async with webhooks.opened(tmp_path) as webhook:
        await webhooks.install(webhook.store, portal="claims-it", token="the-claimants")
        await webhooks.install(webhook.store)
        assert await webhook.send(payloads.v2_said(bot={"id": payloads.BOT, "code": "feedbridge"})) == 200
        [event] = await webhook.events()
        assert event.portal == payloads.MEMBER


async def test_a_token_is_valid_for_its_portal_only(webhook: RunningWebhook) -> None:
    """A token of one portal is refused for another."""
    await webhooks.install(webhook.store, portal="neighbour", token="the-neighbours")
    assert await webhook.send(with_auth(member_id="neighbour")) == 403
    assert await webhook.send(with_auth(member_id="neighbour", application_token="the-neighbours")) == 200


async def test_a_new_installation_ends_the_old_token(webhook: RunningWebhook) -> None:
    """After a new installation only the new token is accepted, at once and without a restart."""
    assert await webhook.send(payloads.v1_said(MESSAGE_ID="1")) == 200
    await webhooks.install(webhook.store, token="the-new-one")
    assert await webhook.send(payloads.v1_said(MESSAGE_ID="2")) == 403
    new = payloads.v1_said(MESSAGE_ID="3") | {"auth": payloads.auth(application_token="the-new-one")}
    assert await webhook.send(new) == 200
    assert await webhook.send(payloads.v1_said(MESSAGE_ID="4")) == 403


async def test_an_update_may_bring_a_new_token(webhook: RunningWebhook) -> None:
    """ONAPPUPDATE of a known portal is accepted with a new application_token, which counts once confirmed."""
    assert await webhook.send(payloads.updated(application_token="the-new-one", client_endpoint=webhooks.CLOSED)) == 200
    new = payloads.v1_said() | {"auth": payloads.auth(application_token="the-new-one")}
    assert await webhook.send(new) == 403
    assert await webhook.send(payloads.v1_said()) == 200


# --- Addresses of installations -----------------------------------------------------------------------------

UNSAFE = ["http://kite.example/rest/", "https://127.0.0.1/rest/", "https://localhost/rest/", "https://10.1.2.3/rest/"]


@pytest.mark.parametrize("endpoint", UNSAFE)
async def test_an_unsafe_portal_is_refused_by_the_name_of_the_setting(tmp_path: Path, endpoint: str) -> None:
    """Plain http and internal addresses are refused with the setting that allows them."""
    async with webhooks.opened(tmp_path, insecure_portals=False) as running_webhook:
        status, text = await running_webhook.knock(payloads.form(payloads.installed(client_endpoint=endpoint)))
        assert status == 400
        assert ("http_portals" if endpoint.startswith("http:") else "private_portals") in text
        assert await running_webhook.inbox() == []


SHORT = {"client_endpoint": "https://kite.example/rest/"}
REFUSED_INSTALLATIONS: dict[str, payloads.Tree] = {
    "plain http": payloads.installed(client_endpoint="http://kite.example/rest/"),
    "this machine": payloads.installed(client_endpoint="https://127.0.0.1/rest/"),
    "a private network": payloads.installed(client_endpoint="https://10.1.2.3/rest/"),
    "no address": payloads.installed(client_endpoint="kite.example"),
    "a private authorization server": payloads.installed(**SHORT, server_endpoint="http://169.254.169.254/"),
    "too long": payloads.installed(**SHORT, more="x" * 20_000),
    "an update": payloads.updated(client_endpoint="http://kite.example/rest/"),
}


@pytest.mark.parametrize("name", REFUSED_INSTALLATIONS)
async def test_a_refused_installation_is_a_warning_with_portal_and_reason(tmp_path: Path, name: str) -> None:
    """An administrator who waits for an installation finds who was refused and why, at the default level."""
    async with webhooks.stored(tmp_path) as store:
        await webhooks.install(store)
    async with webhooks.opened(tmp_path, insecure_portals=False) as running_webhook:
        assert await running_webhook.send(REFUSED_INSTALLATIONS[name]) in (400, 413)
        [line] = [line for line in running_webhook.lines if line["event"] == "installation refused"]
        assert (line["log_level"], line["portal"]) == ("warning", payloads.MEMBER)
        assert line["error"]
        assert payloads.APPLICATION_TOKEN not in repr(line)


@pytest.mark.parametrize("hidden", [True, False])
async def test_an_installation_hears_that_its_portal_cannot_reach_us(tmp_path: Path, *, hidden: bool) -> None:
    """If public_url is an address of this machine, and such portals are not expected, the answer says so."""
    given = webhooks.settings(tmp_path, insecure_portals=not hidden, http_portals=True)
    async with webhooks.serving(given) as running_webhook:
        status, text = await running_webhook.knock(payloads.form(payloads.installed(**SHORT)))
    assert (status, "server.public_url is http://127.0.0.1:8080" in text) == (200, hidden)


async def test_an_unsafe_authorization_server_is_refused_too(tmp_path: Path) -> None:
    """Tokens are sent there, so it must be as safe as the portal."""
    async with webhooks.opened(tmp_path, insecure_portals=False) as running_webhook:
        tree = payloads.installed(client_endpoint=payloads.ENDPOINT, server_endpoint="http://169.254.169.254/")
        assert await running_webhook.send(tree) == 400
        assert await running_webhook.inbox() == []


async def test_an_unsafe_portal_is_accepted_if_the_setting_allows_it(webhook: RunningWebhook) -> None:
    """With insecure_portals, an emulator on loopback over plain http is accepted."""
    assert (
        await webhook.send(payloads.installed(client_endpoint=webhooks.CLOSED, server_endpoint=webhooks.CLOSED)) == 200
    )
    assert len(await webhook.inbox()) == 1


# --- Bad and too much ---------------------------------------------------------------------------------------

MIB = 2**20
REFUSED: dict[str, tuple[bytes, str, int]] = {
    "5 MiB": (b"a=" + b"x" * 5 * MIB, FORM, 413),
    "one byte over 1 MiB": (b"a=" + b"x" * (MIB - 1), FORM, 413),
    "100,000 fields": (b"&".join(b"a%d=1" % number for number in range(100_000)), FORM, 400),
    "100,000 fields in JSON": (b"{" + b",".join(b'"a%d":1' % number for number in range(100_000)) + b"}", JSON, 413),
    "80,000 fields in JSON": (b"{" + b",".join(b'"%d":1' % number for number in range(80_000)) + b"}", JSON, 400),
    "1,000-deep brackets": (b"a" + b"[b]" * 1000 + b"=1", FORM, 400),
    "1,000-deep JSON": (b'{"a":' * 1000 + b"1" + b"}" * 1000, JSON, 400),
    "100,000-deep JSON": (b"[" * 100_000 + b"]" * 100_000, JSON, 400),
    "a million open brackets": (b'{"a":' + b"[" * (MIB - 10), JSON, 400),
    "a name of 100 KB": (b"a" * 100_000 + b"=1", FORM, 400),
    "invalid UTF-8 in a form": (b"event=%FF%FE", FORM, 400),
    "invalid UTF-8 in a name": (b"event=A&data[%C3]=1", FORM, 400),
    "invalid UTF-8 in JSON": (b'{"event": "\xff"}', JSON, 400),
    "half a surrogate pair in JSON": (b'{"event": "\\ud83d"}', JSON, 400),
    "broken JSON": (b'{"event": "ONIMBOTMESSAGEADD", ', JSON, 400),
    "JSON that is a list": (b'["event"]', JSON, 400),
    "JSON with a text where a group belongs": (b'{"event": "ONIMBOTMESSAGEADD", "auth": "x"}', JSON, 400),
    "empty": (b"", FORM, 400),
    "empty JSON": (b"", JSON, 400),
    "a form without event": (b"data[FIELDS][POST_ID]=1", FORM, 400),
    "value and group of one name": (b"event=A&auth=1&auth[domain]=2", FORM, 400),
    "a kind with rubbish in it": (b"event=ON%0AIMBOT", FORM, 400),
    "a message without its id": (payloads.form(payloads.v1_said(MESSAGE_ID=None)), FORM, 400),
    "an id that is no number": (payloads.form(payloads.v1_said(MESSAGE_ID="7; DROP TABLE inbox")), FORM, 400),
    "an id that no database holds": (payloads.as_json(payloads.post(id_=2**64)), JSON, 400),
    "a moment that no database holds": (payloads.as_json(payloads.post() | {"ts": 2**63}), JSON, 400),
    "a member_id of 10 KB": (
        payloads.form(payloads.v1_said() | {"auth": payloads.auth(member_id="a" * 10_000)}),
        FORM,
        400,
    ),
    "a domain of 10 KB": (payloads.form(payloads.v1_said() | {"auth": payloads.auth(domain="a" * 10_000)}), FORM, 400),
    "an installation of 100 KB": (payloads.form(payloads.installed(scope="a" * 100_000)), FORM, 413),
    "an update of 100 KB": (payloads.as_json(payloads.updated(scope="a" * 100_000)), JSON, 413),
    "an installation without tokens": (payloads.form(payloads.installed(access_token=None)), FORM, 400),
    "an installation without member_id": (payloads.form(payloads.installed(member_id=None)), FORM, 400),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_invalid_requests_are_refused(webhook: RunningWebhook, name: str) -> None:
    """Each is refused with its status and a short sentence; nothing is stored, and the next event is accepted."""
    body, media, expected = REFUSED[name]
    status, text = await webhook.knock(body, media)
    assert status == expected, text
    assert len(text) < 200
    assert await webhook.inbox() == []
    assert await webhook.send(payloads.v1_said()) == 200


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_body_that_unpacks_to_too_much_is_refused(webhook: RunningWebhook, coding: str) -> None:
    """64 MiB of zeros in 64 KB are too big as well: decompressed bytes count."""
    bomb = gzip.compress(bytes(64 * MIB)) if coding == "gzip" else zlib.compress(bytes(64 * MIB))
    status, _ = await webhook.knock(bomb, FORM, {"Content-Encoding": coding})
    assert status == 413


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "rot13"])
async def test_a_body_that_does_not_unpack_is_refused(webhook: RunningWebhook, coding: str) -> None:
    """A wrong content coding is a bad request, not our error."""
    status, _ = await webhook.knock(payloads.form(payloads.v1_said()), FORM, {"Content-Encoding": coding})
    assert status in {200, 400, 415} if coding == "rot13" else {400, 415}


RUBBISH = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
    b"POST /events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n0\r\n\r\n",
    b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: \xff\xfe;=\r\nContent-Length: 0\r\n\r\n",
    b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf of it",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    b"POST /events HTTP/1.1\r\n" + b"X-Header: " + b"a" * 100_000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("request_", RUBBISH, ids=range(len(RUBBISH)))
async def test_invalid_http_does_no_harm(
    webhook: RunningWebhook, request_: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A TLS greeting, wrong lengths, and requests cut in the middle are refused or closed, without an error of ours."""
    answer = await webhooks.raw(webhook, request_)
    assert not answer.startswith(b"HTTP/1.1 5")
    assert not answer.startswith(b"HTTP/1.0 5")
    assert [record for record in caplog.records if record.levelno > logging.INFO or record.exc_info] == []
    assert await webhook.send(payloads.v1_said()) == 200


HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40).map(str.strip)
MEDIA = st.one_of(
    st.sampled_from([FORM, JSON, "text/plain", "multipart/form-data; boundary=x", "", ";", "a/b/c"]), HEADER
)
GOOD = [payloads.form(payloads.v1_said()), payloads.as_json(payloads.v2_said()), payloads.form(payloads.v1_commanded())]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Make a valid body with a part replaced by other bytes."""
    body = draw(st.sampled_from(GOOD))
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 60)))
    return body[:start] + draw(st.binary(max_size=20)) + body[end:]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(st.binary(max_size=300), damaged()), media=MEDIA, coding=st.sampled_from(["", "", "gzip", "br"]))
async def test_random_bytes_never_break_the_webhook(
    webhook: RunningWebhook, body: bytes, media: str, coding: str
) -> None:
    """Any bytes with any content type are refused, or answered 200 if only an unused field was damaged."""
    status, _ = await webhook.knock(body, media, {"Content-Encoding": coding} if coding else None)
    assert status in ANY_ANSWER


# --- What it costs ------------------------------------------------------------------------------------------


def resident(process: Program | None) -> int:
    """Return the bytes of memory that a process uses."""
    assert process is not None
    status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


def new_names(number: int) -> bytes:
    """Make a form with new field names, below the limit of fields."""
    return b"&".join(b"name-%d-%d[%d]=1" % (number, field, field) for field in range(1900))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc, which only Linux has")
async def test_hostile_requests_leave_no_memory_behind(tmp_path: Path) -> None:
    """After hundreds of megabytes of hostile requests the process is as large as after the first."""
    service = Service(folder=tmp_path, portal_url="http://127.0.0.1:9/")
    await service.start()
    bodies = [(body, media) for body, media, _ in REFUSED.values()]
    try:
        async with webhooks.knocker() as session:

            async def attack(turn: int) -> None:
                for body, media in [*bodies, (new_names(turn), FORM)]:
                    status, _ = await webhooks.knock(session, service.url, body, {"Content-Type": media})
                    assert status in ANY_ANSWER

            for turn in range(12):  # by then the cache of names has been full once
                await attack(turn)
            before = await asyncio.to_thread(resident, service.process)
            for turn in range(12, 32):
                await attack(turn)
            after = await asyncio.to_thread(resident, service.process)
        assert after - before < 8 * MIB
    finally:
        assert await service.stop() == 0
