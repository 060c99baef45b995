"""The option for the file with the settings, which is the same for every command."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bot import config


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the option `--config` to a parser; without this option, an environment variable may name the file."""
    named = os.environ.get(config.FILE_VARIABLE)
    parser.add_argument(
        "--config", type=Path, metavar="FILE", default=Path(named) if named else None,
        help=f"a TOML file (default: the one that {config.FILE_VARIABLE} names, if any); the environment wins",
    )  # fmt: skip
