"""`feedbridge run`: serve until a signal stops the process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from bot import app, config
from bot.cli import version
from bot.cli.exit_codes import FAILED, MISCONFIGURED, OK
from bot.cli.signals import until_signal
from bot.errors import ConfigError, StoreError
from bot.observability import log

DESCRIPTION = """\
Take events from Bitrix24 portals, answer in chats, publish to the News Feed and relay it back.

Serves until SIGTERM or Ctrl+C and then ends with 0, with everything it took safely stored. A wrong setting ends
the start with 2 and says which one, where it is and what is allowed. Any setting may also come from the
environment: FEEDBRIDGE_SERVER__PORT=8080. config.example.toml lists them all.
"""


def main(path: Path | None) -> int:
    """Run the service until it is stopped, and return the exit code; an error that ends the service is logged."""
    style = config.log_format(path, os.environ)
    log.setup(style=style)
    log.catch_everything()
    try:
        return _serve(config.load(path, os.environ))
    except ConfigError as exc:
        _tell(exc, style)
        return MISCONFIGURED


def _serve(settings: config.Config) -> int:
    log.setup(level=settings.log.level, style=settings.log.format)
    for warning in app.warnings(settings):
        log.get(__name__).warning(warning)
    try:
        until_signal(app.run(settings, on_ready=lambda address: _ready(address, settings)))
    except Exception as exc:  # noqa: BLE001  # the last place that can log why the service ended
        return log_failure(exc)
    return OK


def _tell(exc: ConfigError, style: config.LogFormat) -> None:
    """Write a line to stderr for each wrong setting: a sentence, or a line of the JSON log."""
    for line in str(exc).splitlines():
        if style == "text":
            print(line, file=sys.stderr)
        else:
            log.get(__name__).critical("wrong setting", why=line)


def _ready(address: str, settings: config.Config) -> None:
    """Say that the service is ready, on stdout for programs and in the log for people."""
    print(f"Feedbridge ready: {address}", flush=True)
    log.get(__name__).info(
        "service started", version=version.installed(), address=address,
        events_at=f"{settings.server.public_url}/events", store=settings.store.url,
    )  # fmt: skip


def log_failure(exc: Exception) -> int:
    """Log why the service ended, and return the exit code: one sentence for a known cause, else the traceback.

    Raises:
        ConfigError: only wrong settings ended the service; the caller reports them.
    """
    reasons = list(_reasons(exc))
    if all(isinstance(reason, ConfigError) for reason in reasons):
        raise reasons[0]
    if all(isinstance(reason, OSError | StoreError) for reason in reasons):
        log.get(__name__).critical("the service could not go on", why="; ".join(map(str, reasons)))
    else:
        log.get(__name__).critical("the service broke down", exc_info=exc)
    return FAILED


def _reasons(exc: BaseException) -> Iterator[BaseException]:
    """Yield the single errors in an exception group (as a task group raises it), or the error itself."""
    if isinstance(exc, BaseExceptionGroup):
        for inner in exc.exceptions:
            yield from _reasons(inner)
    else:
        yield exc
