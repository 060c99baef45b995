"""What a normal form weighs and whether it may be stored, under either of the two published rules."""

import json
from typing import Any, Literal

SizeRule = Literal["60000", "30kb"]
"""Where documentation and releases differ: fewer than 60,000 characters, or at most 30,000 bytes."""

CHARS = 60_000
"""Stored only when the JSON is shorter than this many code points (behaviour 1.1: strictly less)."""
BYTES = 30_000
"""The older pages' "30 KB", read strictly: stored only when the JSON has at most this many UTF-8 bytes."""


def json_of(value: Any) -> str:
    """Write JSON as the portal measures it: raw non-ASCII, escaped slashes, no spaces (behaviour 1.1)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def weight(value: Any, rule: SizeRule) -> int:
    """Return the compared number: code points under the 60000 rule, UTF-8 bytes under the 30kb rule."""
    text = json_of(value)
    return len(text) if rule == "60000" else len(text.encode("utf-8", "replace"))


def most(rule: SizeRule) -> int:
    """Return the largest weight that is still stored: 59,999 or 30,000."""
    return CHARS - 1 if rule == "60000" else BYTES


def fits(value: Any, rule: SizeRule) -> bool:
    """Tell whether the portal stores this normal form."""
    return weight(value, rule) <= most(rule)
