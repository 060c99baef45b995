"""Log lines: complete, readable, without secrets, and harmless to the work."""

from __future__ import annotations

import io
import json
import logging
import string
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.observability import log, metrics

TOKENS = st.text(string.ascii_letters + string.digits, min_size=12, max_size=70)
SECRET_NAMES = st.sampled_from(
    [
        "access_token", "refresh_token", "application_token", "client_secret", "auth", "AUTH_ID", "REFRESH_ID",
        "password", "key", "Authorization", "X-Api-Key", "accessToken", "auth[access_token]",
        "data[AUTH][application_token]",
    ]
)  # fmt: skip


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Return the stream of log lines; logging is restored afterwards."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = list(root.handlers), root.level
    log.setup(stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def without_pytest() -> None:
    """Remove pytest's own handlers, which raise errors that ours must not."""
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if isinstance(handler, log._Handler)]


def only(stream: io.StringIO) -> dict[str, Any]:
    """Return the only line, as JSON."""
    (line,) = stream.getvalue().splitlines()
    read: dict[str, Any] = json.loads(line)
    return read


def test_a_line_has_all_fields(lines: io.StringIO) -> None:
    """A line has time, level, logger, sentence and values, as one JSON object."""
    log.get("bot.webhook.server").info("event taken", kind="Said", count=3, word="Привет")
    line = only(lines)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "bot.webhook.server",
        "event": "event taken",
        "kind": "Said",
        "count": 3,
        "word": "Привет",
    }


def test_context_is_in_every_line(lines: io.StringIO) -> None:
    """Bound values are in our lines and in those of libraries, until the block ends."""
    with log.about(portal="p1", event_id=7):
        log.get("bot.pipeline.worker").info("ours")
        logging.getLogger("aiohttp.server").warning("theirs %s", "x")
    log.get("bot.pipeline.worker").info("after")
    ours, theirs, after = (json.loads(line) for line in lines.getvalue().splitlines())
    assert (ours["portal"], ours["event_id"]) == ("p1", 7)
    assert (theirs["event"], theirs["logger"], theirs["portal"]) == ("theirs x", "aiohttp.server", "p1")
    assert "portal" not in after


def test_lines_below_the_level_are_not_written(lines: io.StringIO) -> None:
    """A line below the level is not written, whether ours or a library's."""
    log.get("bot.webhook.server").debug("unheard")
    logging.getLogger("aiohttp.access").debug("unheard")
    assert lines.getvalue() == ""


def test_a_traceback_is_logged_without_tokens(lines: io.StringIO) -> None:
    """A traceback is part of the line; a token in its text is masked."""
    try:
        raise ValueError("https://p.example.org/rest/app.info?auth=abc123def456ghi789")  # noqa: TRY301  # planted
    except ValueError:
        log.get("bot.pipeline.sender").exception("call failed")
    line = only(lines)
    assert "ValueError" in line["exception"]
    assert "abc123def456ghi789" not in line["exception"]


def test_the_text_format_has_the_same_content(lines: io.StringIO) -> None:
    """The text format has the same content and masks the same."""
    log.setup(style="text", stream=lines)
    log.get("bot.webhook.server").info("event taken", kind="Said", access_token="abc123def456")
    assert "event taken" in lines.getvalue()
    assert "kind=Said" in lines.getvalue()
    assert "abc123def456" not in lines.getvalue()


def test_setting_up_twice_does_not_double_the_lines(lines: io.StringIO) -> None:
    """The second set-up replaces the first."""
    log.setup(stream=lines)
    log.get("bot.webhook.server").info("once")
    assert only(lines)["event"] == "once"


class Unspeakable:
    """A value whose repr fails."""

    def __repr__(self) -> str:
        raise RuntimeError("no words")


def test_a_value_without_a_repr_costs_only_its_line(lines: io.StringIO) -> None:
    """A value whose repr fails costs its line, not the caller."""
    without_pytest()
    log.get("bot.webhook.server").info("event taken", value=Unspeakable())
    line = only(lines)
    assert (line["event"], line["line"]) == ("a line could not be written", "event taken")


@pytest.mark.parametrize("broken", [OSError("disk full"), ValueError("closed file")], ids=["full", "closed"])
def test_a_broken_stream_does_not_affect_the_caller(
    lines: io.StringIO, broken: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If nothing can be written at all, the caller still continues."""

    def fail(_text: str) -> int:
        raise broken

    without_pytest()
    monkeypatch.setattr(lines, "write", fail)
    log.get("bot.webhook.server").info("event taken")
    logging.getLogger("aiohttp.server").error("theirs %d", "not a number")


SHOWN_DIFFERENTLY = [
    ("dict", {"client_id": "local.1", "client_secret": "s"}, {"client_id": "local.1", "client_secret": "***"}),
    ("whole auth", {"auth": {"domain": "d", "access_token": "t"}}, {"auth": "***"}),
    ("nested", [{"data": ({"AUTH_ID": "1"},)}], [{"data": [{"AUTH_ID": "***"}]}]),
    ("pairs", [("X-Token", "1"), ("Host", "h")], [["X-Token", "***"], ["Host", "h"]]),
    ("webhook", "https://p.example.org/rest/1/s3cr3t/user.get?id=2", "https://p.example.org/rest/1/***/user.get?id=2"),
    ("query", "https://p.example.org/a?id=2&auth=s3cr3t#top", "https://p.example.org/a?id=2&auth=***#top"),
    ("encoded form", "auth%5Baccess_token%5D=s3cr3t&ts=1", "auth%5Baccess_token%5D=***&ts=1"),
    ("password in an address", "redis://bot:s3cr3t@host/0", "redis://bot:***@host/0"),
    ("printed dict", "{'access_token': 's3 cr3t', 'a': 1}", "{'access_token': ***, 'a': 1}"),
    ("printed list", "{'access_token': ['s3cr3t'], 'a': 1}", "{'access_token': ***], 'a': 1}"),
    ("bearer", "Authorization: Bearer s3cr3t.x", "Authorization: Bearer ***"),
    ("nameless", "refused 3f9a6b1c2d4e5f60718293a4b5c6d7e83f9a6b1c2d4e5f60718293a4b5c6d7e8aa", "refused ***"),
    ("bytes", b"token=s3cr3t", "b'token=***'"),
]
SHOWN_AS_IT_IS = [
    ("nothing to hide", {"has_token": True, "token": None, "key": ""}),
    ("lookalikes", {"author": "Anna", "keyboard": [1], "keywords": "a"}),
    ("error text", "expired_token: The access token has expired"),
    ("member_id", "chat42 in 3f9a6b1c2d4e5f60718293a4b5c6d7e8"),
]


@pytest.mark.parametrize(
    ("value", "shown"),
    [pytest.param(value, shown, id=name) for name, value, shown in SHOWN_DIFFERENTLY]
    + [pytest.param(value, value, id=name) for name, value in SHOWN_AS_IT_IS],
)
def test_secrets_are_masked_and_nothing_else(value: object, shown: object) -> None:
    """Secrets are masked; everything needed to find a fault stays."""
    assert log.masked(value) == shown


@given(event_tokens=TOKENS, name=SECRET_NAMES, depth=st.integers(0, 4), data=st.data())
def test_no_secret_survives(event_tokens: str, name: str, depth: int, data: st.DataObject) -> None:
    """A secret inside a dict, list, query, form, JSON or header is not shown."""
    shape: Any = data.draw(
        st.sampled_from(
            [
                {name: event_tokens},
                {name: [event_tokens]},
                {"headers": [(name, event_tokens)]},
                f"https://portal.example.org/rest/x.json?a=1&{name}={event_tokens}",
                f"{quote(name)}={event_tokens}&ts=1",
                json.dumps({"a": "b", name: event_tokens}),
                repr({name: event_tokens, "a": "b"}),
                f"call(id=1, {name}={event_tokens!r})",
                f"Authorization: Bearer {event_tokens}",
                f"https://portal.example.org/rest/1/{event_tokens}/user.get.json",
            ]
        )
    )
    for _ in range(depth):
        shape = data.draw(st.sampled_from([{"inner": shape}, [shape], (1, shape), {"text": str(shape)}]))
    assert event_tokens not in json.dumps(log.masked(shape))


@given(value=st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    max_leaves=20,
))  # fmt: skip
def test_anything_can_be_shown(value: object) -> None:
    """Any logged value becomes JSON."""
    json.dumps(log.masked(value))


def test_an_endless_value_is_cut() -> None:
    """A value that contains itself, or an endless text, is shown up to a limit."""
    loop: list[object] = []
    loop.append(loop)
    assert "..." in json.dumps(log.masked(loop))
    assert len(log.masked_text("token " * 100_000)) < 2 * log.LONGEST


def test_metrics_have_their_documented_names() -> None:
    """Every metric has our prefix, counters end in _total, and services share no counts."""
    one, other = metrics.Metrics(), metrics.Metrics()
    one.events_received_total.labels(kind="Said", outcome="taken").inc()
    assert b'feedbridge_events_received_total{kind="Said",outcome="taken"} 1.0' in one.render()
    assert b'kind="Said"' not in other.render()
    assert b"_created" not in one.render()
    assert all(
        name.startswith("feedbridge_") and hasattr(one, name.removeprefix("feedbridge_")) for name in metrics.NAMES
    )
    measured = set(metrics.Metrics.__slots__) - {"registry", "descriptions"}
    assert {name.removeprefix("feedbridge_") for name in metrics.NAMES} == measured
