"""`feedbridge demo`: start the emulator and the service together."""

from __future__ import annotations

import argparse
import os
import signal

from bot import demo
from bot.cli.exit_codes import OK
from bot.cli.signals import until_signal

DESCRIPTION = """\
Start an emulator of Bitrix24 and the service together, install the application and print one address to open.

Everything lives on this machine only and in a temporary folder, which is removed at the end (Ctrl+C).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `feedbridge demo`."""
    parser.add_argument("--port", type=port, default=0, metavar="N", help="the port of the page (default: a free one)")


def main(page_port: int) -> int:
    """Run the demo until it is stopped, and return the exit code; `page_port` is the port of the emulator's page."""
    until_signal(demo.run(page_port, environ=os.environ, say=lambda line: print(line, flush=True)), signal.SIGHUP)
    return OK


def port(text: str) -> int:
    """Return the port number that a text of the command line names; 0 means any free port.

    Raises:
        ArgumentTypeError: it is no port.
    """
    if text.isascii() and text.isdigit() and int(text) <= 65_535:  # noqa: PLR2004  # the highest port there is
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port; allowed: 0 to 65535")
