"""`feedbridge run`: serve until a signal stops the process."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from bot import app, config
from bot.cli import version
from bot.cli.exit_codes import FAILED, OK
from bot.cli.signals import until_signal
from bot.errors import ConfigError, StoreError
from bot.observability import log

DESCRIPTION = """\
Take events from Bitrix24 portals, answer in chats, publish to the News Feed and relay it back.

Serves until SIGTERM or Ctrl+C and then ends with 0, with everything it took safely stored. A wrong setting ends
the start with 2 and says which one, where it stands and what is allowed. Any setting may also come from the
environment: FEEDBRIDGE_SERVER__PORT=8080. config.example.toml lists them all.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `feedbridge run`."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="a TOML file; without it, defaults and environment apply"
    )


def main(path: Path | None) -> int:
    """Serve until stopped, and return the exit code; log the error that ended the service."""
    settings = config.load(path, os.environ)
    log.setup(level=settings.log.level, style=settings.log.format)
    if not (settings.app.client_id and settings.app.client_secret):
        log.get(__name__).warning(
            "app.client_id and app.client_secret are not set: the bot falls silent an hour after the installation"
        )
    try:
        until_signal(app.run(settings, on_ready=lambda address: _ready(address, settings)))
    except Exception as exc:  # noqa: BLE001  # the last place that can log why the service ended
        return log_failure(exc)
    return OK


def _ready(address: str, settings: config.Config) -> None:
    """Say that the service is ready: to programs on stdout, to people in the log."""
    print(f"Feedbridge ready: {address}", flush=True)
    log.get(__name__).info(
        "service started", version=version.installed(), address=address,
        events_at=f"{settings.server.public_url}/events", store=settings.store.url,
    )  # fmt: skip


def log_failure(exc: Exception) -> int:
    """Log why the service ended: one sentence for a known cause, else the traceback."""
    reasons = list(_reasons(exc))
    if all(isinstance(reason, ConfigError) for reason in reasons):
        raise reasons[0]
    if all(isinstance(reason, OSError | StoreError) for reason in reasons):
        log.get(__name__).critical("the service could not go on", why="; ".join(map(str, reasons)))
    else:
        log.get(__name__).critical("the service broke down", exc_info=exc)
    return FAILED


def _reasons(exc: BaseException) -> Iterator[BaseException]:
    """Flatten an exception group, as a task group raises it, into its single exceptions."""
    if isinstance(exc, BaseExceptionGroup):
        for inner in exc.exceptions:
            yield from _reasons(inner)
    else:
        yield exc
