"""The command line: `feedbridge run`, `feedbridge portal`, `feedbridge demo`; one file for each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from bot.cli import demo, portal, run, version
from bot.cli.exit_codes import FAILED, MISCONFIGURED
from bot.errors import BotError, ConfigError

__all__ = ["FAILED", "MISCONFIGURED", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the command line names, and return the exit code."""
    parser = _parser()
    arguments, rest = parser.parse_known_args(argv)
    if arguments.command in ("portal", "demo") and find_spec("portal") is None:
        print(portal.NOT_INSTALLED, file=sys.stderr)
        return FAILED
    if arguments.command == "portal":
        return portal.main(rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return run.main(arguments.config) if arguments.command == "run" else demo.main(arguments.port)
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
    parser.add_argument("--version", action="version", version=f"%(prog)s {version.installed()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run.add_arguments(
        commands.add_parser("run", help="serve until stopped", description=run.DESCRIPTION, formatter_class=shape)
    )
    commands.add_parser("portal", help="start the pretend portal alone", description=portal.DESCRIPTION, add_help=False)
    demo.add_arguments(
        commands.add_parser(
            "demo", help="try it all on this machine", description=demo.DESCRIPTION, formatter_class=shape
        )
    )
    return parser
