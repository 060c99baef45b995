"""`python -m bot`: the same as the `feedbridge` command."""

from __future__ import annotations

import sys

from bot import cli

sys.exit(cli.main())
