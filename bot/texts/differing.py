"""Shows how two texts differ, line by line."""

from __future__ import annotations

import difflib
import re

from bot.texts import cutting

LONGEST = 4000
"""The most characters of a difference."""
_AROUND = 1
_NAMES = 2
"""How many lines at the start of a difference name the files."""
_HEAD = re.compile(r"@@ -\d")
_TOP = re.compile(r"@@ -[01](?:,\d+)? ")
"""The head of a part that begins with the first line of the text."""
_MORE = "…"


def lines(before: str, after: str) -> str:
    """Return the lines that differ, `-` in front of an old line and `+` of a new one, with a line around them.

    At most LONGEST characters, and then an ellipsis.
    """
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=_AROUND, lineterm="")
    shown = [_MORE if _HEAD.match(line) else line for line in list(found)[_NAMES:] if not _TOP.match(line)]
    return cutting.start("\n".join(shown), LONGEST)
