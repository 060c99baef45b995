"""Authentication of events, and the addresses in an event that may be called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix import addresses
from bot.bitrix.inbound import decode
from bot.errors import BadEvent
from tests import payloads


@pytest.mark.parametrize(
    ("given_token", "expected", "is_genuine"),
    [
        pytest.param("apptoken-1", "apptoken-1", True, id="same"),
        pytest.param("apptoken-1", "apptoken-2", False, id="other"),
        pytest.param("apptoken-1", "apptoken-11", False, id="longer"),
        pytest.param("", "apptoken-1", False, id="none-sent"),
        pytest.param("apptoken-1", "", False, id="none-known"),
        pytest.param("", "", False, id="neither"),
        pytest.param("ключ", "ключ", True, id="not-ascii"),
        pytest.param("ключ", "key", False, id="not-ascii-other"),
    ],
)
def test_only_the_stored_token_is_genuine(given_token: str, expected: str, *, is_genuine: bool) -> None:
    """The top-level token must equal the stored one; an empty one is never genuine."""
    envelope = decode.envelope(payloads.post(application_token=given_token))
    assert addresses.genuine(envelope, expected) is is_genuine


def test_the_token_inside_a_v2_event_proves_nothing() -> None:
    """The token in data[bot][auth] is not compared."""
    tree = payloads.v2_said(bot=payloads.v2_bot(application_token="stored")) | {"auth": {"application_token": "forged"}}
    assert not addresses.genuine(decode.envelope(tree), "stored")
    assert not addresses.genuine(decode.envelope(tree | {"auth": {}}), "stored")


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        pytest.param("https://kite.bitrix24.example/rest/", "https://kite.bitrix24.example/rest/", id="as-it-is"),
        pytest.param("https://kite.example/rest", "https://kite.example/rest/", id="slash-added"),
        pytest.param("https://kite.example", "https://kite.example/", id="no-path"),
        pytest.param("HTTPS://Kite.Example:443/rest//", "https://kite.example/rest/", id="case-port-slashes"),
        pytest.param("https://kite.example:8443/a/b/rest/", "https://kite.example:8443/a/b/rest/", id="port-and-path"),
        pytest.param("https://kite.example./rest/", "https://kite.example/rest/", id="final-dot"),
        pytest.param("https://змей.рф/rest/", "https://xn--e1adhk.xn--p1ai/rest/", id="russian-name"),
        pytest.param("https://8.8.4.4/rest/", "https://8.8.4.4/rest/", id="public-ipv4"),
        pytest.param("https://[2606:4700::11]/rest/", "https://[2606:4700::11]/rest/", id="public-ipv6"),
    ],
)
def test_a_public_https_address_passes(url: str, normal: str) -> None:
    """It is returned in normal form with a slash at the end, which stays as it is."""
    assert addresses.endpoint(url, addresses.Reach()) == normal
    assert addresses.endpoint(normal, addresses.Reach()) == normal


BAD_ANYWAY = [
    pytest.param("", "https", id="empty"),
    pytest.param("kite.example/rest/", "https", id="no-scheme"),
    pytest.param("ftp://kite.example/", "https", id="ftp"),
    pytest.param("file:///etc/passwd", "https", id="file"),
    pytest.param("https:///rest/", "host", id="no-host"),
    pytest.param("https://:443/rest/", "host", id="only-a-port"),
    pytest.param("https://user:pass@kite.example/rest/", "credentials", id="credentials"),
    pytest.param("https://@kite.example/rest/", "credentials", id="empty-credentials"),
    pytest.param("https://kite.example/rest/?a=1", "query", id="query"),
    pytest.param("https://kite.example/rest/?", "query", id="empty-query"),
    pytest.param("https://kite.example/rest/#x", "query", id="fragment"),
    pytest.param("https://kite.example:99999/", "host", id="port-too-large"),
    pytest.param("https://kite.example:x/", "host", id="port-is-text"),
    pytest.param("https://[::1/", "host", id="half-ipv6"),
    pytest.param("https://kite.example\\@other.example/", "host", id="backslash"),
    pytest.param("https://kite.exa\nmple/", "host", id="newline"),
    pytest.param("https://kite .example/", "host", id="space"),
    pytest.param("https://kite%2eexample/", "host", id="percent-in-host"),
    pytest.param("https://kite..example/", "host", id="empty-label"),
    pytest.param("https://-/", "host", id="no-letters"),
    pytest.param("https://2130706433/", "host", id="address-as-one-number"),
    pytest.param("https://127.1/", "host", id="short-address"),
    pytest.param("https://0x7f.1/", "host", id="hex-address"),
    pytest.param("https://0177.0.0.1/", "host", id="octal-address"),
    pytest.param("https://kite.0x7f/", "host", id="hex-at-the-end"),
    pytest.param("https://" + "a" * 600 + ".example/", "host", id="too-long"),
]
NEAR = [
    pytest.param("http://kite.example/rest/", id="plain-http"),
    pytest.param("https://localhost/rest/", id="localhost"),
    pytest.param("https://LOCALHOST./rest/", id="localhost-dot"),
    pytest.param("https://portal.localhost/rest/", id="below-localhost"),
    pytest.param("https://127.0.0.1:8080/rest/", id="loopback"),
    pytest.param("https://127.9.9.9/", id="loopback-further"),
    pytest.param("https://0.0.0.0/", id="unspecified"),
    pytest.param("https://10.1.2.3/", id="private-10"),
    pytest.param("https://172.20.0.2/", id="private-172"),
    pytest.param("https://192.168.1.5/", id="private-192"),
    pytest.param("https://169.254.169.254/latest/", id="link-local-metadata"),
    pytest.param("https://100.64.0.9/", id="carrier"),
    pytest.param("https://224.0.0.1/", id="multicast"),
    pytest.param("https://[::1]/", id="ipv6-loopback"),
    pytest.param("https://[fe80::1]/", id="ipv6-link-local"),
    pytest.param("https://[fd00::1]/", id="ipv6-private"),
    pytest.param("https://[::ffff:10.0.0.1]/", id="ipv4-in-ipv6"),
    pytest.param("https://[2002:7f00:1::]/", id="ipv4-in-6to4"),
    pytest.param("https://[64:ff9b::7f00:1]/", id="ipv4-in-nat64"),
]


HTTPS_INSIDE = [
    "https://10.1.2.3/rest/",
    "https://localhost/rest/",
    "https://[fd00::1]/rest/",
    "https://192.168.0.9:8443/",
]
HTTP_OUTSIDE = ["http://kite.example/rest/", "http://8.8.8.8/rest/"]


@pytest.mark.parametrize("url", [*HTTPS_INSIDE, *HTTP_OUTSIDE, "http://10.1.2.3/rest/"])
def test_http_and_private_addresses_are_allowed_one_by_one(url: str) -> None:
    """A private address over https needs one setting, plain http the other, and each error names its own."""
    http, private = url.startswith("http:"), url not in HTTP_OUTSIDE
    for reach in (addresses.Reach(http=one, private=two) for one in (False, True) for two in (False, True)):
        if (reach.http or not http) and (reach.private or not private):
            assert addresses.endpoint(url, reach)
        else:
            named = "http_portals" if http and not reach.http else "private_portals"
            with pytest.raises(BadEvent, match=named):
                addresses.endpoint(url, reach)


@pytest.mark.parametrize("insecure", [pytest.param(False, id="secure"), pytest.param(True, id="insecure")])
@pytest.mark.parametrize(("url", "sentence"), BAD_ANYWAY)
def test_an_invalid_address_never_passes(url: str, sentence: str, *, insecure: bool) -> None:
    """Credentials, queries, host tricks and other schemes are refused with any setting."""
    with pytest.raises(BadEvent, match=sentence):
        addresses.endpoint(url, addresses.ANYWHERE if insecure else addresses.Reach())


@pytest.mark.parametrize("url", NEAR)
def test_internal_addresses_need_the_insecure_setting(url: str) -> None:
    """Plain http and addresses of this machine or network need the insecure setting."""
    with pytest.raises(BadEvent):
        addresses.endpoint(url, addresses.Reach())
    assert addresses.endpoint(url, addresses.ANYWHERE).endswith("/")


@pytest.mark.parametrize(
    "url", ["https://127。0。0。1/", "https://１２７.0.0.1/", "https://127.0.0.1./", "https://ⓛocalhost/"]
)
def test_other_scripts_do_not_hide_an_internal_address(url: str) -> None:
    """Digits, dots and letters of other scripts are resolved like ASCII ones."""
    with pytest.raises(BadEvent):
        addresses.endpoint(url, addresses.Reach())


@given(st.one_of(st.text(max_size=40), st.text("htps:/[]@.%0127x?#", max_size=30).map("https://".__add__)))
def test_any_text_is_an_address_or_a_refusal(url: str) -> None:
    """Nothing but BadEvent is raised, and an accepted address is accepted again unchanged."""
    try:
        normal = addresses.endpoint(url, addresses.ANYWHERE)
    except BadEvent:
        return
    assert addresses.endpoint(normal, addresses.ANYWHERE) == normal
