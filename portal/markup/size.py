"""Measure a normal form and compare it with the size limit.

Documentation and releases publish two different limits.
"""

import json
from typing import Any, Literal

SizeRule = Literal["60000", "30kb"]
"""The two published limits: fewer than 60,000 characters, or at most 30,000 bytes."""

CHARS = 60_000
"""The JSON must be shorter than this number of code points (behaviour 1.1: strictly less)."""
BYTES = 30_000
"""Largest number of UTF-8 bytes of the JSON; the strict meaning of "30 KB" on the older pages."""


def json_of(value: Any) -> str:
    """Encode a value as the JSON whose size Bitrix24 measures (behaviour 1.1).

    Non-ASCII characters stay, slashes are escaped, there are no spaces.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def measure(value: Any, rule: SizeRule) -> int:
    """Return the size that the rule limits: code points, or UTF-8 bytes."""
    text = json_of(value)
    return len(text) if rule == "60000" else len(text.encode("utf-8", "replace"))


def max_size(rule: SizeRule) -> int:
    """Return the largest size that the rule allows: 59,999 code points or 30,000 bytes."""
    return CHARS - 1 if rule == "60000" else BYTES


def fits(value: Any, rule: SizeRule) -> bool:
    """Tell whether a value in normal form is small enough for the portal to store."""
    return measure(value, rule) <= max_size(rule)
