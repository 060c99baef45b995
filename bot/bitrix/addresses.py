"""Checks who sent an event, and whether an address in it may be called."""

from __future__ import annotations

import hmac
import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bot.bitrix.inbound.incoming import Envelope
from bot.errors import BadEvent

LONGEST: Final = 512
"""The longest endpoint in characters; real ones have about 50."""

HTTP_HINT: Final = ", unless [security] http_portals = true"
PRIVATE_HINT: Final = ", unless [security] private_portals = true"
"""Name the settings by which an administrator can allow such portals."""

_HTTPS: Final = 443
_LOCAL_NAME = re.compile(r"(?:.*\.)?localhost")
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?")
# Resolvers also accept `127.1`, `2130706433` and `0x7f.1` as addresses, so such a last label is no name.
_NUMERIC_END = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")


def genuine(envelope: Envelope, expected: str) -> bool:
    """Check whether an event contains the application_token that is stored for its portal.

    The tokens are compared in constant time; an empty token is never genuine.
    """
    given, known = envelope.token.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass")
    return hmac.compare_digest(given, known) and bool(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Says which addresses may be called besides https on public addresses.

    These are plain http, and addresses of this machine and the local network.
    """

    http: bool = False
    private: bool = False


ANYWHERE: Final = Reach(http=True, private=True)


def endpoint(url: str, reach: Reach) -> str:
    """Check an endpoint from an event, and return it in normal form.

    It must be https to a name or a public address, because an event could make us call an address inside our network.
    `reach` says what else is allowed. The address behind a name is checked when it is called (public_resolver.py).

    Raises:
        BadEvent: the endpoint is not allowed; the text may be returned to the client.
    """
    parts, port = _split(url)
    if parts.scheme != "https" and not (reach.http and parts.scheme == "http"):
        raise BadEvent(f"A portal's endpoint has to start with https://{HTTP_HINT}.")
    if "@" in parts.netloc:
        raise BadEvent("A portal's endpoint must not contain credentials.")
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        raise BadEvent("A portal's endpoint must not have a query.")
    host = _host(parts.hostname or "", private=reach.private)
    suffix = "" if port is None or (parts.scheme, port) == ("https", _HTTPS) else f":{port}"
    return f"{parts.scheme}://{host}{suffix}{parts.path.rstrip('/')}/"


def _split(url: str) -> tuple[SplitResult, int | None]:
    if len(url) > LONGEST or _UNSAFE.search(url):
        raise _no_address()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _no_address() from None
    return parts, port


def _no_address() -> BadEvent:
    return BadEvent("A portal's endpoint has to be a web address with a host.")


def is_hidden(url: str) -> bool:
    """Check whether a URL names this machine or an address of the local network, as far as its text shows."""
    try:
        endpoint(url, Reach(http=True))
    except BadEvent:
        return True
    return False


def _host(host: str, *, private: bool) -> str:
    """Return a host in the form in which it is sent.

    It is converted by IDNA first, because that turns digits of other scripts into ASCII.

    Raises:
        BadEvent: this is no host, or a host that may not be called.
    """
    address = _address(host)
    if address:
        if not (private or is_public(host)):
            raise BadEvent(f"A portal's endpoint must not be a loopback, private or link-local address{PRIVATE_HINT}.")
        return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - IPv6
    try:
        name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise _no_address() from None
    if not private and (_LOCAL_NAME.fullmatch(name) or (name != host and _address(name))):
        raise BadEvent(f"A portal's endpoint must not be this machine{PRIVATE_HINT}.")
    if not _NAME.fullmatch(name) or _NUMERIC_END.fullmatch(name):
        raise _no_address()
    return name


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_public(host: str) -> bool:
    """Check whether a text is a public IP address; IPv6 addresses that wrap IPv4 are not public."""
    address = _address(host)
    if address is None:
        return False
    if isinstance(address, ipaddress.IPv6Address) and (address not in _GLOBAL_V6 or address.sixtofour):
        return False
    return address.is_global and not address.is_multicast
