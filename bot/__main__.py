"""Runs `python -m bot`, which is the same as the command `feedbridge`."""

from __future__ import annotations

import sys

from bot import cli

sys.exit(cli.main())
