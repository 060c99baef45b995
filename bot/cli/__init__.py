"""The command line: `feedbridge run`, `check`, `status`, `audit`, `health`, `portal` and `demo`, a file for each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from bot.cli import audit, check, config_file, demo, health, portal, run, status, version
from bot.cli.exit_codes import FAILED, MISCONFIGURED, OK
from bot.errors import BotError, ConfigError

__all__ = ["FAILED", "MISCONFIGURED", "OK", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name (None: those of the process), and return the exit code."""
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
        return _carry_out(arguments)
    except ConfigError as exc:
        print(exc, file=sys.stderr)
        return MISCONFIGURED
    except BotError as exc:
        print(exc, file=sys.stderr)
        return FAILED


def _carry_out(arguments: argparse.Namespace) -> int:
    if arguments.command == "demo":
        return demo.main(arguments.port)
    if arguments.command == "check":
        return check.main(arguments.config, check.trial(arguments))
    if arguments.command == "status":
        return status.main(arguments.config, as_json=arguments.json)
    if arguments.command == "audit":
        return audit.main(arguments.config, as_format=arguments.format, domain=arguments.portal, since=arguments.since)
    return health.main(arguments.config) if arguments.command == "health" else run.main(arguments.config)


def _parser() -> argparse.ArgumentParser:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="feedbridge", description="A Bitrix24 chatbot that bridges chat and News Feed."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version.installed()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, says, about in (
        ("run", "serve until stopped", run.DESCRIPTION),
        ("health", "ask whether the service runs", health.DESCRIPTION),
    ):
        config_file.add_option(commands.add_parser(name, help=says, description=about, formatter_class=shape))
    says = "read the settings and the policy, and say what holds"
    check.add_arguments(commands.add_parser("check", help=says, description=check.DESCRIPTION, formatter_class=shape))
    state = commands.add_parser(
        "status", help="what waits and what failed", description=status.DESCRIPTION, formatter_class=shape
    )
    config_file.add_option(state)
    state.add_argument("--json", action="store_true", help="print JSON, for programs")
    _add_audit(commands.add_parser("audit", help="who did what", description=audit.DESCRIPTION, formatter_class=shape))
    commands.add_parser("portal", help="start the emulator alone", description=portal.DESCRIPTION, add_help=False)
    demo.add_arguments(
        commands.add_parser(
            "demo", help="try it all on this machine", description=demo.DESCRIPTION, formatter_class=shape
        )
    )
    return parser


def _add_audit(parser: argparse.ArgumentParser) -> None:
    config_file.add_option(parser)
    parser.add_argument(
        "--format", type=audit.Format, choices=list(audit.Format), default=audit.Format.JSON,
        help="JSON, one object a line (default), or CSV with a header",
    )  # fmt: skip
    parser.add_argument(
        "--portal", default="", metavar="DOMAIN", help="only this portal, as `feedbridge status` names it"
    )
    parser.add_argument("--since", type=audit.moment, metavar="DAY", help="only entries since then, such as 2026-11-30")
