"""`feedbridge portal`: start the Bitrix24 emulator alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

DESCRIPTION = (
    "Start the emulator of Bitrix24 alone. Everything after `portal` goes to `python -m portal`; see its --help."
)
NOT_INSTALLED = "The emulator is not installed; install it with: pip install 'feedbridge[demo]'"


def main(arguments: Sequence[str]) -> int:
    """Replace this process by the emulator, which then gets our signals and sets our exit code.

    `arguments` are those of the emulator. The emulator is never imported: bot/ and portal/ know each other only through
    HTTP.
    """
    sys.stdout.flush()
    # -P: a portal.py in the user's folder must not be started in place of ours.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "portal", *arguments])  # noqa: S606  # no shell wanted
