"""Writes log lines as JSON or as text, with every secret masked."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import JSONRenderer, StackInfoRenderer, format_exc_info
from structlog.stdlib import BoundLogger, PositionalArgumentsFormatter, ProcessorFormatter, filter_by_level

from bot.texts import cutting

MASK = "***"
DEEPEST = 8
"""The deepest level of nesting that is shown, because a value may contain itself."""
LONGEST = 16_000
"""The longest text that is shown, in characters, so that masking stays cheap."""

NAMED = r"token|secret|passw|credential|cookie|signature|refresh_id|auth(?!or(?!iz|is))|key(?!board|word)"
"""Parts of names whose values are secrets: `AUTH_ID` and `Authorization`, but not `author` or `keyboard`."""

_SECRET_NAME = re.compile(NAMED, re.IGNORECASE)
_VALUE = (
    r"""([\s\\\[({]{0,40}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""  # quoted, maybe inside a printed list
    r"""|[\s\\"'\[({]{0,40}[^\s\\"'&,;(){}\[\]<>#]+)"""  # bare, or in quotes that were escaped once more
)
_NAME = rf"((?:{NAMED})(?:[\w.-]|\[|\]|%5[BD]){{0,60}}"
_IN_TEXT = (
    # Authorization: Bearer abc
    (re.compile(r"\b(Bearer|Basic)\s+[^\s\"',;]+", re.IGNORECASE), rf"\1 {MASK}"),
    # https://user:password@host
    (re.compile(r"(://[^/\s:@]{0,200}:)[^/\s@]+@"), rf"\1{MASK}@"),
    # An incoming webhook has its secret in the path: /rest/1/abc/user.get
    (re.compile(r"(/rest/\d+/)[^\s/?#\"']+"), rf"\1{MASK}"),
    # A query, a form, or a printed call: token=abc, auth[access_token]=abc
    (re.compile(rf"{_NAME}=){_VALUE}", re.IGNORECASE), rf"\1{MASK}"),
    # "token": "abc", as in JSON and in a printed dict, or ("token", "abc") as in printed headers
    (re.compile(rf"{_NAME}\\{{0,20}}[\"']\s{{0,3}}[:,]){_VALUE}", re.IGNORECASE), rf"\1 {MASK}"),
    # X-Token: 1a2b3c4d5e6f; but not "expired_token: The access token has expired"
    (re.compile(rf"{_NAME}:\s{{0,3}})(?=\S{{0,60}}\d)[^\s\"',;]{{8,}}", re.IGNORECASE), rf"\1{MASK}"),
    # Any name: access tokens, refresh tokens and Fernet tokens are longer than every id
    (re.compile(r"(?<![\w-])(?=[\w-]{0,100}\d)[A-Za-z0-9_-]{48,}={0,2}"), MASK),
)


def setup(*, level: str = "info", style: Literal["json", "text"] = "json", stream: TextIO | None = None) -> None:
    """Write every log line, also those of libraries, to `stream` (None: stderr); a second call replaces the first."""
    handler = _Handler(stream)
    handler.setFormatter(ProcessorFormatter(processors=_processors(style, colors=handler.stream.isatty())))
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # At debug, aiosqlite logs every statement with its values: the text of posts must not be logged.
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)
    structlog.configure(
        # Rendering happens in the handler, so that an error in it does not reach the caller.
        processors=[filter_by_level, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=False,
    )


def catch_everything() -> None:
    """Log what Python itself would write to stderr: warnings, and errors that were not caught, in any thread."""
    logger = get(__name__)
    logging.captureWarnings(capture=True)

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logger.critical("an error that nobody caught", exc_info=(kind, error, trace))

    def in_thread(args: threading.ExceptHookArgs) -> None:
        error = args.exc_value or args.exc_type()
        logger.error("an error in a thread", exc_info=(args.exc_type, error, args.exc_traceback))

    def unraisable(args: sys.UnraisableHookArgs) -> None:
        what = args.err_msg or "an error that could not be raised"
        logger.error(what, object=repr(args.object), exc_info=args.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, in_thread, unraisable


def get(name: str) -> BoundLogger:
    """Return the logger of a module: `log.get(__name__).info("what happened", portal=..., count=3)`."""
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def about(**names: object) -> AbstractContextManager[None]:
    """Add these names (`portal=`, `count=`, ...) to every line inside the `with`, also to lines of libraries.

    structlog uses `event` for the sentence itself, so the id of an event must be called `event_id`.
    """
    return bound_contextvars(**names)


def masked(value: object, depth: int = 0) -> Any:
    """Return a value as JSON types, with secrets replaced by `***`; `depth` is how deep it is nested."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return masked_text(value)
    if depth >= DEEPEST:
        return "..."
    if isinstance(value, Mapping):
        return {_name(key): _mask_by_name(key, item, depth) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return _pairs(value, depth)
    return masked_text(repr(value))


def masked_text(text: str) -> str:
    """Return a text with every secret replaced by `***`, cut if it is very long.

    Secrets are found in a query, a form, JSON or a header, or alone.
    """
    if len(text) > LONGEST:
        text = f"{cutting.start(text, LONGEST)}... ({len(text)} characters)"
    for pattern, instead in _IN_TEXT:
        text = pattern.sub(instead, text)
    return text


def _name(key: object) -> str:
    return masked_text(key if isinstance(key, str) else repr(key))


def _mask_by_name(name: object, value: object, depth: int) -> Any:
    """Mask a value if its name marks it as a secret, else only the secrets inside of it.

    Empty values and booleans are never masked.
    """
    if value in (None, "") or isinstance(value, bool) or not _SECRET_NAME.search(str(name)):
        return masked(value, depth + 1)
    return MASK


def _pairs(values: Iterable[object], depth: int) -> list[Any]:
    """Mask the values of a list; in (name, value) pairs, as headers and forms have them, also by the names."""
    return [
        [_name(item[0]), _mask_by_name(item[0], item[1], depth)]
        if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)  # noqa: PLR2004  # a pair
        else masked(item, depth + 1)
        for item in values
    ]


def _processors(style: str, *, colors: bool) -> list[structlog.typing.Processor]:
    """Return the processors of structlog that make a line from a log record."""
    render: structlog.typing.Processor
    if style == "json":
        render = JSONRenderer(serializer=json.dumps, ensure_ascii=False)
    else:
        render = ConsoleRenderer(colors=colors, exception_formatter=plain_traceback, timestamp_key="time")
    return [
        merge_contextvars,
        PositionalArgumentsFormatter(),
        _order_fields,
        StackInfoRenderer(),
        format_exc_info,
        _mask_all,
        render,
    ]


def _order_fields(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return a line with its time, level, logger and event first."""
    record: logging.LogRecord = line.pop("_record")
    line.pop("_from_structlog", None)
    heading = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": line.pop("event", ""),
    }
    return {**heading, **{name: value for name, value in line.items() if name not in heading}}


def _mask_all(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {str(name): _mask_by_name(name, value, 0) for name, value in line.items()}


class _Handler(logging.StreamHandler[TextIO]):
    """Writes the lines to the stream.

    If a line cannot be written, a line that says so is written in its place.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        what = record.msg.get("event") if isinstance(record.msg, dict) else record.msg
        line = {"level": "error", "logger": record.name, "event": "a line could not be written", "line": str(what)}
        # The stream itself is broken or closed, so there is nowhere to report it.
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(json.dumps(masked(line)) + self.terminator)
            self.flush()
