"""An emulator with TLS, its HTTPS proxy for host names of the cloud, and the output of the program."""

import asyncio
import datetime as dt
import socket
import ssl
import struct
import sys
from pathlib import Path

import aiohttp
import pytest

from portal import certificate
from portal.__main__ import application_of, arguments
from portal.network import https_proxy
from portal.testing import RunningPortal, running

ROOT = Path(__file__).parents[2]
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


def trusting(authority: Path) -> ssl.SSLContext:
    """Return a client's context that trusts one authority."""
    return ssl.create_default_context(cafile=str(authority))


async def test_a_client_that_trusts_the_authority_is_served(
    secure: RunningPortal, tls: tuple[ssl.SSLContext, Path]
) -> None:
    """The certificate is valid for 127.0.0.1 and localhost, and all addresses are https."""
    hook = secure.webhook(scopes=["user"])
    assert hook.startswith("https://127.0.0.1:")
    for address in (hook, hook.replace("127.0.0.1", "localhost")):
        async with aiohttp.ClientSession() as http:
            answer = await http.post(f"{address}server.time", ssl=trusting(tls[1]))
            assert answer.status == 200
    assert secure.emulator.domain.startswith("127.0.0.1:")


async def test_a_client_that_does_not_trust_the_authority_refuses(secure: RunningPortal) -> None:
    """Other clients do not accept the certificate."""
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await http.get(f"{secure.url}rest/server.time", ssl=ssl.create_default_context())


@pytest.mark.parametrize("host", ["oauth.bitrix24.tech", "oauth.bitrix.info", "acme.bitrix24.com", "acme.bitrix24.de"])
async def test_names_of_the_cloud_lead_to_the_portal(
    secure: RunningPortal, tls: tuple[ssl.SSLContext, Path], host: str
) -> None:
    """Through the proxy, a built-in host name leads to this portal with a valid certificate."""
    app = await secure.add_app(name="Relay", handler="http://127.0.0.1:9/")
    await secure.install(app)
    _, refresh = secure.tokens(app)
    asked = {
        "grant_type": "refresh_token",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "refresh_token": refresh,
    }
    async with aiohttp.ClientSession() as http:
        url = f"https://{host}/oauth/token/"
        answer = await http.get(url, params=asked, proxy=secure.proxy, ssl=trusting(tls[1]))
        assert (await answer.json())["client_endpoint"] == f"{secure.url}rest/"


@pytest.mark.parametrize(
    "asked",
    [b"GET http://127.0.0.1/ HTTP/1.1\r\n\r\n", b"CONNECT a b HTTP/1.1\r\n\r\n", b"\x16\x03\x01\r\n\r\n"],
    ids=["not-connect", "no-host", "binary"],
)
async def test_the_proxy_accepts_only_connect(secure: RunningPortal, asked: bytes) -> None:
    """The proxy refuses all requests except CONNECT."""
    port = int(secure.proxy.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(asked)
    assert (await reader.read()).startswith(b"HTTP/1.1 405 ")
    writer.close()
    await writer.wait_closed()


async def test_open_connections_of_the_proxy_end_with_the_portal(tls: tuple[ssl.SSLContext, Path]) -> None:
    """A client that keeps its connection open does not prevent the shutdown."""
    async with running(tls=tls[0]) as p:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(p.proxy.rpartition(":")[2]))
        writer.write(b"CONNECT acme.bitrix24.com:443 HTTP/1.1\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    assert await reader.read() in (b"\r\n", b"")
    writer.close()


async def test_a_client_that_resets_its_connection_is_no_error() -> None:
    """When a client has reset its connection, the proxy can no longer tell it the end, and goes on."""
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    accepted, _ = server.accept()
    _, writer = await asyncio.open_connection(sock=accepted)
    ended = asyncio.StreamReader()
    ended.feed_eof()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() sends a reset
    client.close()
    await https_proxy.copy(ended, writer)
    writer.transport.abort()
    server.close()


async def test_the_program_listens_with_tls(tmp_path: Path) -> None:
    """`--tls` prints the addresses and the authority, and the printed webhook works at once."""
    command = ("-m", "portal", "--tls", str(tmp_path / "tls"))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT, stdout=pipe)
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode().strip().partition(": ") for _ in range(4)]
    said = {name: value for name, _, value in lines}
    assert list(said) == ["Portal ready", "Trust", "Proxy", "Webhook"]
    hook = said["Webhook"].replace(said["Portal ready"], "https://acme.bitrix24.com/")
    async with aiohttp.ClientSession() as http:
        trusted = trusting(Path(said["Trust"]))
        answer = await http.get(f"{hook}user.admin", proxy=said["Proxy"], ssl=trusted)
        assert (await answer.json())["result"] is True
    process.terminate()
    assert await process.wait() == 0


async def test_an_application_of_an_earlier_start_stays_installed() -> None:
    """A second start with the same keys keeps the application; another handler replaces it."""
    options = await asyncio.to_thread(
        arguments, ["--client-id", "local.a", "--client-secret", "s3", "--app-handler", "http://127.0.0.1:9/"]
    )
    async with running() as p:
        app = application_of(options, p.emulator)
        await p.install(app)
        again = application_of(options, p.emulator)
        assert (again.client_id, again.installed, again.generation) == ("local.a", True, app.generation)
        elsewhere = ["--client-id", "local.a", "--app-handler", "http://127.0.0.1:8/"]
        moved = application_of(await asyncio.to_thread(arguments, elsewhere), p.emulator)
        assert (moved.handler, moved.installed) == ("http://127.0.0.1:8/", False)


async def test_webhooks_work_over_tls_when_plain_http_is_refused(
    secure: RunningPortal, tls: tuple[ssl.SSLContext, Path]
) -> None:
    """A portal that refuses webhooks over plain HTTP accepts them over TLS."""
    secure.switch(https_webhooks=True)
    async with aiohttp.ClientSession() as http:
        answer = await http.get(f"{secure.webhook()}profile", ssl=trusting(tls[1]))
        assert answer.status == 200


def test_a_certificate_is_kept_until_it_expires(tmp_path: Path) -> None:
    """A folder keeps its authority, so clients trust it once; after a year, it is created again."""
    files = certificate.files_in(tmp_path)
    certificate.context(tmp_path, now=NOW)
    first = files.authority.read_bytes()
    certificate.context(tmp_path, now=NOW + dt.timedelta(days=300))
    assert files.authority.read_bytes() == first
    assert files.key.stat().st_mode & 0o077 == 0
    certificate.context(tmp_path, now=NOW + dt.timedelta(days=certificate.DAYS + 1))
    assert files.authority.read_bytes() != first


def test_your_own_certificate_is_used(tmp_path: Path) -> None:
    """Your own certificate without our authority is used, even an old one."""
    files = certificate.files_in(tmp_path)
    certificate.make(files, now=NOW)
    files.authority.unlink()
    own = files.certificate.read_bytes()
    certificate.context(tmp_path, now=NOW + dt.timedelta(days=5000))
    assert files.certificate.read_bytes() == own
    assert not files.authority.exists()


def test_a_half_written_certificate_is_replaced(tmp_path: Path) -> None:
    """Half-written files are replaced."""
    files = certificate.files_in(tmp_path)
    certificate.make(files, now=NOW)
    files.certificate.write_text("-----BEGIN CERT", encoding="utf-8")
    certificate.context(tmp_path, now=NOW)
    assert files.certificate.read_bytes().endswith(b"-----END CERTIFICATE-----\n")
