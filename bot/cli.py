"""The command line: `feedbridge run`, `feedbridge portal`, `feedbridge demo`."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from bot import app, config, demo
from bot.errors import BotError, ConfigError, StoreError
from bot.observability import log

OK, FAILED, MISCONFIGURED = 0, 1, 2
"""What the process ends with; 2 is also argparse's own for a wrong command line."""

RUN = """\
Take events from Bitrix24 portals, answer in chats, publish to the News Feed and relay it back.

Serves until SIGTERM or Ctrl+C and then ends with 0, with everything it took safely stored. A wrong setting ends
the start with 2 and says which one, where it stands and what is allowed. Any setting may also come from the
environment: FEEDBRIDGE_SERVER__PORT=8080. config.example.toml lists them all.
"""
PORTAL = "Start the pretend Bitrix24 portal alone. Everything after `portal` goes to `python -m portal`; --help tells."
NO_PORTAL = "The pretend portal is not installed; install it with: pip install 'feedbridge[demo]'"
DEMO = """\
Start a pretend portal and the service together, install the application and print one address to open.

Everything lives on this machine only and in a temporary folder, which is removed at the end (Ctrl+C).
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    parser = _parser()
    arguments, rest = parser.parse_known_args(argv)
    if arguments.command in ("portal", "demo") and find_spec("portal") is None:
        print(NO_PORTAL, file=sys.stderr)
        return FAILED
    if arguments.command == "portal":
        return _become_portal(rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return _run(arguments.config) if arguments.command == "run" else _demo(arguments.port)
    except ConfigError as exc:
        print(exc, file=sys.stderr)
        return MISCONFIGURED
    except BotError as exc:
        print(exc, file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="feedbridge", description="A Bitrix24 chatbot that bridges chat and News Feed."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="serve until told to stop", description=RUN, formatter_class=shape)
    run.add_argument(
        "--config", type=Path, metavar="FILE", help="a TOML file; without it defaults and environment hold"
    )
    commands.add_parser("portal", help="start the pretend portal alone", description=PORTAL, add_help=False)
    show = commands.add_parser("demo", help="try it all on this machine", description=DEMO, formatter_class=shape)
    show.add_argument("--port", type=_port, default=0, metavar="N", help="the port of the page (default: any free one)")
    return parser


def _port(text: str) -> int:
    """A port number, 0 for any free one."""
    if text.isascii() and text.isdigit() and int(text) <= 65_535:  # noqa: PLR2004  # the highest port there is
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port; allowed: 0 to 65535")


def _version() -> str:
    try:
        return version("feedbridge")
    except PackageNotFoundError:
        return "not installed"


def _run(path: Path | None) -> int:
    """Serve; what ends the service unasked is logged and gives 1."""
    settings = config.load(path, os.environ)
    log.setup(level=settings.log.level, style=settings.log.format)
    if not (settings.app.client_id and settings.app.client_secret):
        log.get(__name__).warning(
            "app.client_id and app.client_secret are not set: the bot falls silent an hour after the installation"
        )
    try:
        _until_signal(app.run(settings, on_ready=lambda address: print(f"Feedbridge ready: {address}", flush=True)))
    except Exception as exc:  # noqa: BLE001  # the last place where anybody can tell why the service ended
        return _ending(exc)
    return OK


def _ending(exc: Exception) -> int:
    """Say in the log why the service ended: in a sentence where that is enough, else with everything known."""
    reasons = list(_reasons(exc))
    if all(isinstance(reason, ConfigError) for reason in reasons):
        raise reasons[0]
    if all(isinstance(reason, OSError | StoreError) for reason in reasons):
        log.get(__name__).critical("the service could not go on", why="; ".join(map(str, reasons)))
    else:
        log.get(__name__).critical("the service broke down", exc_info=exc)
    return FAILED


def _reasons(exc: BaseException) -> Iterator[BaseException]:
    """The single exceptions in a group, as a task group raises them."""
    if isinstance(exc, BaseExceptionGroup):
        for inner in exc.exceptions:
            yield from _reasons(inner)
    else:
        yield exc


def _demo(port: int) -> int:
    _until_signal(demo.run(port, environ=os.environ, tell=lambda line: print(line, flush=True)), signal.SIGHUP)
    return OK


def _become_portal(arguments: Sequence[str]) -> int:
    """Let the pretend portal take over this process: its signals and its exit code are then ours.

    The portal is never imported: bot and portal know each other only by the wire.
    """
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "portal", *arguments])  # noqa: S606  # no shell wanted


def _until_signal(work: Coroutine[object, object, None], *more: signal.Signals) -> None:
    """Run until the work ends, or a signal (SIGTERM, SIGINT and `more`) asks for a clean end."""
    asyncio.run(_until_cancelled(work, (signal.SIGTERM, signal.SIGINT, *more)))


async def _until_cancelled(work: Coroutine[object, object, None], signals: Sequence[signal.Signals]) -> None:
    told = False
    task = asyncio.ensure_future(work)

    def stop() -> None:
        nonlocal told
        told = True
        task.cancel()

    for number in signals:
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not told:
            raise
