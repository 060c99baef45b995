"""Settings: what is read, from where, and the error sentences."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import config
from bot.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
KEY = "bm90LWEtcmVhbC1rZXktanVzdC0zMi1ieXRlcy1sbyE="


def read(tmp_path: Path, text: str, **environ: str) -> config.Config:
    """Load a text as if it were the file feedbridge.toml."""
    path = tmp_path / "feedbridge.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path, environ)


def refusal(tmp_path: Path, text: str, **environ: str) -> str:
    """Return the error sentence for a text, without the folder of the test."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text, **environ)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_nothing_set_means_defaults() -> None:
    """Without a file and variables, the defaults apply."""
    assert config.load(None, {"HOME": "/root"}) == config.defaults()


def test_the_example_is_the_defaults() -> None:
    """config.example.toml loads, and equals the defaults."""
    assert config.load(EXAMPLE, {}) == config.defaults()


def test_the_example_names_every_setting_with_a_sentence() -> None:
    """Every key is in config.example.toml, below a comment that is a sentence."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    section, seen = "", []
    for before, line in itertools.pairwise(lines):
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
        elif key := re.match(r"(\w+) = ", line):
            seen.append(f"{section}.{key[1]}")
            assert re.fullmatch(r"# [A-Z].*\.", before), f"{line} has no sentence above it"
    assert seen == list(config.settings())


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    """A variable wins over the file, and its text becomes the key's type."""
    loaded = read(
        tmp_path,
        "[server]\nport = 9000\nhost = 'localhost'\n[rate_limit]\nrate = 4\n",
        FEEDBRIDGE_SERVER__PORT="9001",
        FEEDBRIDGE_SECURITY__INSECURE_PORTALS="true",
        FEEDBRIDGE_RETRY__FIRST="0.25",
        FEEDBRIDGE_LOG__FORMAT="text",
        PATH="/bin",
    )
    assert (loaded.server.host, loaded.server.port) == ("localhost", 9001)
    assert loaded.security.insecure_portals is True
    assert (loaded.retry.first, loaded.rate_limit.rate, loaded.log.format) == (0.25, 4.0, "text")


def test_the_public_address_keeps_no_trailing_slash(tmp_path: Path) -> None:
    """The public address can be joined with a path by hand."""
    loaded = read(tmp_path, "[server]\npublic_url = 'https://bot.example.org/feed//'\n")
    assert loaded.server.public_url == "https://bot.example.org/feed"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        pytest.param("sqlite:///feedbridge.db", Path("feedbridge.db"), id="relative"),
        pytest.param("sqlite:////var/lib/feed/b.db", Path("/var/lib/feed/b.db"), id="absolute"),
    ],
)
def test_the_path_of_the_database(tmp_path: Path, url: str, path: Path) -> None:
    """Three slashes are relative to the working directory, four are absolute."""
    assert read(tmp_path, f"[store]\nurl = '{url}'\n").store.path == path


@pytest.mark.parametrize("variable", ["APP__CLIENT_SECRET", "APP__CLIENT_ID", "SECURITY__KEY"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param('"abc1"', "quotes", id="in quotes"),
        pytest.param("'abc1'", "quotes", id="in single quotes"),
        pytest.param("abc1\u201d", "quotes", id="a quote of a word processor"),
        pytest.param("abc1\n", "line end", id="a line end"),
        pytest.param("abc1\r\n", "line end", id="a line end of Windows"),
        pytest.param(" abc1", "spaces", id="a space before it"),
        pytest.param("abc\u200b1", "cannot be seen", id="a zero-width space"),
        pytest.param("ab\nc1", "line end", id="two lines"),
        pytest.param("...", "placeholder", id="dots"),
        pytest.param("\u2026", "placeholder", id="an ellipsis"),
        pytest.param("<client_secret>", "placeholder", id="angle brackets"),
        pytest.param("${SECRET}", "placeholder", id="a variable that nobody replaced"),
        pytest.param("{{ secret }}", "placeholder", id="a template that nobody filled"),
        pytest.param("changeme", "placeholder", id="changeme"),
        pytest.param("put_your_client_id_here", "placeholder", id="the documentation of Bitrix24"),
        pytest.param("**put_your_client_id_here**", "placeholder", id="the same in bold"),
        pytest.param("your client secret", "placeholder", id="your"),
        pytest.param("xxxxxxxx", "placeholder", id="x"),
        pytest.param("local.0123456789abcd.01234567", "placeholder", id="the example of our documentation"),
    ],
)
def test_a_secret_that_was_copied_wrong_is_refused(tmp_path: Path, variable: str, value: str, words: str) -> None:
    """Quotes, line ends, what cannot be seen, and placeholders are refused, and the secret is not repeated."""
    told = refusal(tmp_path, "", **{f"FEEDBRIDGE_{variable}": value})
    lines = [line for line in told.split("\n") if words in line]
    assert len(lines) == 1
    assert f"FEEDBRIDGE_{variable}: " in lines[0]
    assert value not in told


@pytest.mark.parametrize("value", ["aB3" * 16, "x9" * 20, "local.5c8bb1b0c2f4b6.12345678", "with a space", "a=b&c"])
def test_a_real_secret_is_taken(tmp_path: Path, value: str) -> None:
    """Nothing that a portal gives is refused."""
    assert read(tmp_path, "", FEEDBRIDGE_APP__CLIENT_SECRET=value).app.client_secret == value


@pytest.mark.parametrize(
    ("given", "http", "private"),
    [
        ({}, False, False),
        ({"HTTP_PORTALS": "true"}, True, False),
        ({"PRIVATE_PORTALS": "true"}, False, True),
        ({"INSECURE_PORTALS": "true"}, True, True),
        ({"INSECURE_PORTALS": "false", "PRIVATE_PORTALS": "true"}, False, True),
    ],
)
def test_http_and_private_networks_are_two_settings(
    tmp_path: Path, given: dict[str, str], *, http: bool, private: bool
) -> None:
    """A portal inside the company has https and a private address; insecure_portals still means both."""
    loaded = read(tmp_path, "", **{f"FEEDBRIDGE_SECURITY__{name}": value for name, value in given.items()})
    assert (loaded.security.accepts_http, loaded.security.accepts_private) == (http, private)


def test_secrets_are_not_in_the_text_form() -> None:
    """The text form of the settings contains no secret."""
    loaded = config.load(None, {"FEEDBRIDGE_APP__CLIENT_SECRET": "hush-1", "FEEDBRIDGE_SECURITY__KEY": KEY})
    assert loaded.app.client_secret == "hush-1"
    assert "hush-1" not in repr(loaded)
    assert KEY not in repr(loaded)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(
            "[server]\n\nport = 70000",
            "feedbridge.toml, line 3: server.port cannot be 70000; allowed: a whole number from 1 to 65535",
            id="out of bounds",
        ),
        pytest.param(
            "[server]\nport = '80'",
            "feedbridge.toml, line 2: server.port cannot be '80'; allowed: a whole number from 1 to 65535",
            id="text for a number",
        ),
        pytest.param(
            "[worker]\nconcurrency = true",
            "feedbridge.toml, line 2: worker.concurrency cannot be True; allowed: a whole number from 1 to 1000",
            id="truth for a number",
        ),
        pytest.param(
            "[server]\nhost = ''",
            "feedbridge.toml, line 2: server.host cannot be ''; allowed: text that is not empty",
            id="empty host",
        ),
        pytest.param(
            "[rate_limit]\nrate = nan",
            "feedbridge.toml, line 2: rate_limit.rate cannot be nan; allowed: a number from 0.01 to 1000",
            id="not a number",
        ),
        pytest.param(
            "[server]\npublic_url = 'bot.example.org'",
            "feedbridge.toml, line 2: server.public_url cannot be 'bot.example.org'; "
            "allowed: an address that begins with http:// or https://",
            id="no scheme",
        ),
        pytest.param(
            "# a comment\n[app]\nbot_api = 'v3'",
            'feedbridge.toml, line 3: app.bot_api cannot be \'v3\'; allowed: "auto", "v1", "v2"',
            id="not one of",
        ),
        pytest.param(
            "[log]\nlevel = 'info'\n[server]\nprot = 8081",
            "feedbridge.toml, line 4: server.prot is unknown; did you mean server.port? "
            "[server] allows host, port, public_url, max_body, max_fields, max_seconds",
            id="unknown key",
        ),
        pytest.param(
            "[server]\ninsecure_portals = true",
            "feedbridge.toml, line 2: server.insecure_portals is unknown; did you mean security.insecure_portals? "
            "[server] allows host, port, public_url, max_body, max_fields, max_seconds",
            id="key in the wrong section",
        ),
        pytest.param(
            "[worker]\nconcurrency = 4\n[sevrer]\nport = 8081",
            "feedbridge.toml, line 3: sevrer is unknown; did you mean [server]? "
            "allowed are server, store, app, security, rate_limit, retry, worker, publish, log",
            id="unknown section",
        ),
        pytest.param(
            "port = 8081",
            "feedbridge.toml, line 1: port is unknown; did you mean server.port? "
            "allowed are sections: server, store, app, security, rate_limit, retry, worker, publish, log",
            id="key above every section",
        ),
        pytest.param(
            "\nserver = 5", "feedbridge.toml, line 2: server must be a section, written [server]", id="no section"
        ),
        pytest.param(
            "[publish]\ntime_zone = 'Berlin'",
            "feedbridge.toml, line 2: publish.time_zone is not the name of a time zone; "
            "allowed: names such as Europe/Berlin, or UTC",
            id="time zone",
        ),
        pytest.param(
            "server.port = 0",
            "feedbridge.toml, line 1: server.port cannot be 0; allowed: a whole number from 1 to 65535",
            id="dotted key",
        ),
        pytest.param(
            "server = { host = 'a', port = 0 }",
            "feedbridge.toml, line 1: server.port cannot be 0; allowed: a whole number from 1 to 65535",
            id="inline section",
        ),
        pytest.param(
            "\n[store]\nurl = 'postgresql://localhost/feed'",
            "feedbridge.toml, line 3: store.url names PostgreSQL, which is not supported yet; allowed: sqlite:///FILE",
            id="postgresql",
        ),
        pytest.param(
            "[store]\nurl = 'sqlite:///:memory:'",
            "feedbridge.toml, line 2: store.url must name a file that outlives a restart; "
            "allowed: sqlite:///FILE or sqlite:////absolute/FILE",
            id="database in memory",
        ),
        pytest.param(
            "[security]\nkey = 'too-short-but-secret'",
            "feedbridge.toml, line 2: security.key is no Fernet key; "
            "allowed: 32 random bytes in URL-safe base64 (44 characters), or nothing",
            id="bad key, not repeated",
        ),
        pytest.param(
            "[app]\nclient_secret = 12345",
            "feedbridge.toml, line 2: app.client_secret cannot be what is there; allowed: text",
            id="bad secret, not repeated",
        ),
        pytest.param(
            "[app]\noauth_url = 'http://oauth.example.org/token/'",
            "feedbridge.toml, line 2: app.oauth_url would send the application's secret over plain http; "
            "allowed: https://",
            id="secret over plain http",
        ),
        pytest.param(
            "[retry]\nmost = 0.5",
            "feedbridge.toml, line 2: retry.first is more than retry.most; allowed: up to 0.5",
            id="first pause longer than the longest",
        ),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """The sentence names the file, the line, the key, what is wrong and what is allowed."""
    assert refusal(tmp_path, text) == sentence


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        pytest.param(
            "FEEDBRIDGE_SERVER__PORT",
            "eighty",
            "environment, FEEDBRIDGE_SERVER__PORT: server.port cannot be 'eighty'; "
            "allowed: a whole number from 1 to 65535",
            id="no number",
        ),
        pytest.param(
            "FEEDBRIDGE_SECURITY__INSECURE_PORTALS",
            "yes",
            "environment, FEEDBRIDGE_SECURITY__INSECURE_PORTALS: security.insecure_portals cannot be 'yes'; "
            "allowed: true or false",
            id="no truth value",
        ),
        pytest.param(
            "FEEDBRIDGE_SERVER__PROT",
            "80",
            "environment: FEEDBRIDGE_SERVER__PROT is unknown; did you mean FEEDBRIDGE_SERVER__PORT?",
            id="unknown",
        ),
        pytest.param(
            "FEEDBRIDGE_X",
            "80",
            "environment: FEEDBRIDGE_X is unknown; allowed is FEEDBRIDGE_SECTION__KEY, as in FEEDBRIDGE_LOG__LEVEL",
            id="far from everything",
        ),
    ],
)
def test_a_wrong_variable_is_refused(tmp_path: Path, variable: str, value: str, sentence: str) -> None:
    """A variable with our prefix that is wrong or unknown ends the start like a wrong key."""
    assert refusal(tmp_path, "", **{variable: value}) == sentence


def test_all_mistakes_are_reported_together(tmp_path: Path) -> None:
    """Three mistakes are reported together, not in three starts."""
    told = refusal(tmp_path, "[server]\nport = 0\nhots = 'a'\n", FEEDBRIDGE_LOG__LEVEL="loud").splitlines()
    assert [line.partition(":")[0] for line in told] == [
        "feedbridge.toml, line 3",
        "feedbridge.toml, line 2",
        "environment, FEEDBRIDGE_LOG__LEVEL",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"[server\n", "is not TOML: Expected ']'", id="not TOML"),
        pytest.param(b"[server]\nhost = '\xff'\n", "is not UTF-8 text (byte 17 is wrong)", id="not UTF-8"),
        pytest.param(None, "cannot be read: No such file or directory", id="missing"),
    ],
)
def test_an_unreadable_file_is_refused(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    """The error for an unreadable file names it and the reason."""
    path = tmp_path / "feedbridge.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=re.escape(f"{path} {sentence}")):
        config.load(path, {})


@given(
    name=st.sampled_from(sorted(config.settings())),
    value=st.one_of(st.text(), st.integers().map(str), st.floats().map(str), st.booleans().map(str)),
)
def test_any_text_is_taken_or_refused_with_its_name(name: str, value: str) -> None:
    """For any value of a variable, the result is settings or a sentence with the key."""
    setting = config.settings()[name]
    try:
        loaded = config.load(None, {setting.variable: value})
    except ConfigError as exc:
        assert name in str(exc) or setting.variable in str(exc)  # noqa: PT017  # most values are refused, some are not
    else:
        assert loaded == config.load(None, {setting.variable: value})


@given(text=st.text(max_size=80))
def test_any_file_is_taken_or_refused(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any file, the result is settings or a sentence."""
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        config.load(path, {})
    except ConfigError as exc:
        assert str(path) in str(exc)  # noqa: PT017  # nearly every text is refused, the empty one is not
