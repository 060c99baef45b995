"""Reads and checks the settings: first those of a TOML file, then those of the environment."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from bot import setting_hints
from bot.errors import ConfigError

PREFIX = "FEEDBRIDGE_"
FILE_VARIABLE = f"{PREFIX}CONFIG"
"""The environment variable that names the file with the settings, where no option does; it is no setting itself."""
SQLITE = "sqlite:///"

Text = Annotated[str, Meta(min_length=1)]
Http = Annotated[
    str, Meta(pattern=r"^https?://[^\s/?#]+[^\s?#]*$", description="an address that begins with http:// or https://")
]
LogFormat: TypeAlias = Literal["json", "text"]
Seconds = Annotated[float, Meta(ge=0.001, le=86_400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The settings of the webhook: its address, its public URL, and the limits for one request."""

    host: Text = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 8080
    public_url: Http = "http://127.0.0.1:8080"
    max_body: Annotated[int, Meta(ge=1024, le=67_108_864)] = 1_048_576
    max_fields: Annotated[int, Meta(ge=10, le=100_000)] = 2000
    max_seconds: Annotated[float, Meta(ge=0.1, le=600)] = 10.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The settings of the database."""

    url: Text = "sqlite:///feedbridge.db"

    @property
    def path(self) -> Path:
        """Return the path of the SQLite file; a relative path starts at the working directory."""
        return Path(self.url.removeprefix(SQLITE))


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The settings of the application as the portal knows it, and of the bot that it registers."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    oauth_url: Http = "https://oauth.bitrix.info/oauth/token/"
    bot_code: Text = "feedbridge"
    bot_name: Text = "Feedbridge"
    bot_api: Literal["auto", "v1", "v2"] = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """The settings for the protection of tokens, and for the portals that are accepted."""

    key_file: Text = "feedbridge.key"
    private_portals: bool = False
    http_portals: bool = False
    insecure_portals: bool = False
    pending_installations: Annotated[int, Meta(ge=1, le=10_000)] = 1000
    key: str = field(default="", repr=False)

    @property
    def accepts_private(self) -> bool:
        """Check whether portals on this machine or in the local network are accepted."""
        return self.private_portals or self.insecure_portals

    @property
    def accepts_http(self) -> bool:
        """Check whether portals that use plain http are accepted."""
        return self.http_portals or self.insecure_portals

    @property
    def key_path(self) -> Path:
        """Return the path of the file with the key; a relative path starts at the working directory."""
        return Path(self.key_file)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """The limits for requests to one portal; rates are in requests per second (reference: limits, the leaky bucket)."""

    capacity: Annotated[int, Meta(ge=1, le=10_000)] = 50
    rate: Annotated[float, Meta(ge=0.01, le=1000)] = 2.0
    enterprise_capacity: Annotated[int, Meta(ge=1, le=10_000)] = 250
    enterprise_rate: Annotated[float, Meta(ge=0.01, le=1000)] = 5.0
    timeout: Annotated[float, Meta(ge=0.1, le=600)] = 65.0
    in_flight: Annotated[int, Meta(ge=1, le=100)] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """The settings for retries: the number of attempts and the pauses between them."""

    attempts: Annotated[int, Meta(ge=1, le=100)] = 8
    first: Seconds = 1.0
    most: Seconds = 300.0
    settle: Seconds = 60.0
    late: Seconds = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """The settings of the worker: how many ordering keys of a portal it handles at once."""

    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """The settings for publishing that hold where neither the person nor the chat has chosen otherwise."""

    at_once: bool = False
    for_people: bool = False
    site: str = ""
    time_zone: Text = "UTC"
    policy: str = ""

    @property
    def policy_path(self) -> Path | None:
        """Return the path of the file with the policy; None if there is none."""
        return Path(self.policy) if self.policy else None

    @property
    def zone(self) -> tzinfo:
        """Return the time zone, which must exist; this reads a file, except for UTC."""
        return UTC if self.time_zone == "UTC" else ZoneInfo(self.time_zone)

    @property
    def has_zone(self) -> bool:
        """Check whether there is a time zone of this name."""
        try:
            return self.zone is not None
        except (OSError, ValueError, ZoneInfoNotFoundError):
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The settings of the log, which goes to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: LogFormat = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings; each field is a section of the TOML file."""

    server: Server = field(default_factory=Server)
    store: Store = field(default_factory=Store)
    app: App = field(default_factory=App)
    security: Security = field(default_factory=Security)
    rate_limit: RateLimit = field(default_factory=RateLimit)
    retry: Retry = field(default_factory=Retry)
    worker: Worker = field(default_factory=Worker)
    publish: Publish = field(default_factory=Publish)
    log: Log = field(default_factory=Log)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The description of one setting: its section, its key, and its type.

    `event_tokens`: the value is a secret, which must not be shown.
    """

    section: str
    key: str
    type: Any
    event_tokens: bool

    @property
    def name(self) -> str:
        """Return the name of the setting with its section, such as `server.port`."""
        return f"{self.section}.{self.key}"

    @property
    def variable(self) -> str:
        """Return the environment variable of the setting, such as `FEEDBRIDGE_SERVER__PORT`."""
        return f"{PREFIX}{self.section}__{self.key}".upper()

    @property
    def allowed(self) -> str:
        """Describe the allowed values in words."""
        return setting_hints.allowed(self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class _GivenValue:
    """A value that was given for a setting, and the place where it was given."""

    setting: Setting
    value: Any
    place: str
    from_text: bool


@cache
def settings() -> Mapping[str, Setting]:
    """Return every setting by its name `section.key`."""
    found = {}
    for section, kind in get_type_hints(Config).items():
        hints = get_type_hints(kind, include_extras=True)
        for item in fields(kind):
            setting = Setting(section=section, key=item.name, type=hints[item.name], event_tokens=not item.repr)
            found[setting.name] = setting
    return found


def defaults() -> Config:
    """Return the settings if nothing is configured."""
    return Config()


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the settings from the file at `path` (if it is not None) and from the environment, which overrides the file.

    Raises:
        ConfigError: settings are wrong; its text has a line for each one with the place, the name, and what is allowed.
    """
    problems: list[str] = []
    given = [*(_from_file(path, problems) if path else ()), *_from_environment(environ, problems)]
    values: dict[str, dict[str, Any]] = {section: {} for section in get_type_hints(Config)}
    places: dict[str, str] = {}
    for item in given:
        try:
            value = msgspec.convert(item.value, item.setting.type, strict=not item.from_text)
        except msgspec.ValidationError:
            problems.append(_refusal(item))
            continue
        if item.setting.name == "publish.policy" and value and path:
            value = str(path.parent / value)
        values[item.setting.section][item.setting.key] = value
        places[item.setting.name] = item.place
    config = Config(**{section: kind(**values[section]) for section, kind in get_type_hints(Config).items()})
    for names, text in _contradictions(config):
        place = next((places[name] for name in names if name in places), "the defaults")
        problems.append(f"{place}: {names[0]} {text}")
    if problems:
        raise ConfigError("\n".join(problems))
    return config


def log_format(path: Path | None, environ: Mapping[str, str]) -> LogFormat:
    """Return the format of the log, also if other settings are wrong; the default if the format itself is wrong."""
    with contextlib.suppress(ConfigError, AttributeError, msgspec.ValidationError):
        given = _read(path)[0].get("log", {}).get("format") if path else None
        given = environ.get(settings()["log.format"].variable, given)
        style: LogFormat = msgspec.convert(defaults().log.format if given is None else given, LogFormat)
        return style
    return defaults().log.format


def _read(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the content of a TOML file, and the line number of each section and of each `section.key`.

    Raises:
        ConfigError: the file cannot be read, or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), dict(_lines(text))
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror or exc}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path} is not UTF-8 text (byte {exc.start} is wrong)") from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path} is not TOML: {exc}") from exc


def _from_file(path: Path, problems: list[str]) -> Iterator[_GivenValue]:
    """Yield the values of known settings in a file; add a sentence about each unknown setting to `problems`."""
    document, lines = _read(path)
    for section, content in document.items():
        place = f"{path}, line {lines.get(section, 1)}"
        if section not in get_type_hints(Config):
            hint = setting_hints.section(section, settings(), is_section=isinstance(content, dict))
            problems.append(f"{place}: {section} is unknown; {hint}")
            continue
        if not isinstance(content, dict):
            problems.append(f"{place}: {section} must be a section, written [{section}]")
            continue
        for key, value in content.items():
            name = f"{section}.{key}"
            place = f"{path}, line {lines.get(name, lines.get(section, 1))}"
            if name in settings():
                yield _GivenValue(setting=settings()[name], value=value, place=place, from_text=False)
            else:
                problems.append(f"{place}: {name} is unknown; {setting_hints.key(section, key, settings())}")


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> Iterator[_GivenValue]:
    known = {setting.variable.removeprefix(PREFIX): setting for setting in settings().values()}
    for variable, value in sorted(environ.items()):
        if not variable.startswith(PREFIX) or variable == FILE_VARIABLE:
            continue
        rest = variable.removeprefix(PREFIX)
        if rest in known:
            yield _GivenValue(setting=known[rest], value=value, place=f"environment, {variable}", from_text=True)
        else:
            problems.append(f"environment: {variable} is unknown; {setting_hints.variable(rest, known, PREFIX)}")


def _refusal(item: _GivenValue) -> str:
    """Describe what is wrong with a value; the value of a secret is not repeated."""
    got = "what is there" if item.setting.event_tokens else f"{item.value!r}"
    return f"{item.place}: {item.setting.name} cannot be {got:.100}; allowed: {item.setting.allowed}"


def _store_problem(url: str) -> str:
    """Return what is wrong with the address of the database; "" if nothing is."""
    if url.startswith(("postgresql:", "postgres:")):
        return f"names PostgreSQL, which is not supported yet; allowed: {SQLITE}FILE"
    if not re.fullmatch(rf"{SQLITE}[^?#\x00]+", url) or url.endswith((":memory:", "/")):
        return f"must name a file that outlives a restart; allowed: {SQLITE}FILE or {SQLITE}/absolute/FILE"
    return ""


def _contradictions(config: Config) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield values and contradictions of settings that their types cannot exclude.

    Each item has the names of settings, first the wrong one and then those that it depends on, and a description.
    """
    if problem := _store_problem(config.store.url):
        yield ("store.url",), problem
    if config.security.key and not _is_key(config.security.key):
        yield (
            ("security.key",),
            "is no Fernet key; allowed: 32 random bytes in URL-safe base64 (44 characters), or nothing",
        )
    if config.app.oauth_url.startswith("http:") and not config.security.accepts_http:
        yield (
            ("app.oauth_url", "security.http_portals", "security.insecure_portals"),
            "would send the application's secret over plain http; allowed: https://",
        )
    for name in ("app.client_id", "app.client_secret", "security.key"):
        section, _, key = name.partition(".")
        if problem := setting_hints.copied_wrong(getattr(getattr(config, section), key)):
            yield (name,), problem
    if not config.publish.has_zone:
        yield ("publish.time_zone",), "is not the name of a time zone; allowed: names such as Europe/Berlin, or UTC"
    if config.retry.first > config.retry.most:
        yield ("retry.first", "retry.most"), f"is more than retry.most; allowed: up to {config.retry.most:g}"


def _is_key(key: str) -> bool:
    """Check whether a text is a Fernet key (32 bytes in URL-safe base64)."""
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == 32  # noqa: PLR2004  # Fernet's own length
    except (binascii.Error, ValueError):
        return False


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield the line number (from 1) of each section and each `section.key` in a TOML text."""
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.translate({ord(sign): None for sign in "\"' \t"})
        if header := re.match(r"\[+([^\[\]]+)\]", bare):
            section = header[1]
            yield section, number
        elif key := re.match(r"([^#=\[\]{}]+)=", bare):
            name = f"{section}.{key[1]}" if section else key[1]
            yield name, number
            yield from ((f"{name}.{inner}", number) for inner in re.findall(r"[{,]([\w-]+)=", bare))
            if "." in key[1] and not section:
                yield key[1].partition(".")[0], number
