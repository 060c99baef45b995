"""Describes settings in words, and suggests the most similar name for a wrong name."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from msgspec import inspect

from bot.suggestions import nearest

CUTOFF = 0.6
"""How similar (difflib) a key must be to count as a slip; low, because there are few keys."""

QUOTES = "\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
PLACEHOLDER = re.compile(
    r"<.*>|\[.*\]|\{.*\}|\$\{?\w+\}?|%\w+%|[.*x_\u2026-]+|(change|replace)[ _-]?me|todo"
    r"|\W*(put[ _-])?(your|my|the)[ _-].*|local\.0123456789abcd\.01234567",
    re.IGNORECASE,
)
"""Placeholders that documentation and templates contain in place of a secret."""


def key(section: str, written: str, names: Collection[str]) -> str:
    """Suggest names of settings for the unknown key `written` in a section.

    These are the most similar key of the section, else the same key in another section, else all keys of the section.
    """
    here = [name.removeprefix(f"{section}.") for name in names if name.startswith(f"{section}.")]
    near = nearest(written, here, cutoff=CUTOFF)
    found = f"{section}.{near}" if near else _namesake(written, names)
    return f"{f'did you mean {found}? ' if found else ''}[{section}] allows {', '.join(here)}"


def section(written: str, names: Collection[str], *, is_section: bool) -> str:
    """Suggest a section for the unknown name `written`.

    `is_section`: it was written as a section; otherwise it is a key above the first section.
    """
    known = list(dict.fromkeys(name.partition(".")[0] for name in names))
    if not is_section:
        found = _namesake(written, names)
        return f"{f'did you mean {found}? ' if found else ''}allowed are sections: {', '.join(known)}"
    near = nearest(written, known, cutoff=CUTOFF)
    return f"{f'did you mean [{near}]? ' if near else ''}allowed are {', '.join(known)}"


def variable(written: str, known: Collection[str], prefix: str) -> str:
    """Suggest a variable for an unknown environment variable; `written` and `known` are names without the prefix."""
    near = nearest(written, [one.lower() for one in known], cutoff=CUTOFF)
    return (
        f"did you mean {prefix}{near.upper()}?"
        if near
        else f"allowed is {prefix}SECTION__KEY, as in {prefix}LOG__LEVEL"
    )


def copied_wrong(secret: str) -> str:
    """Return how a secret shows that it was copied incompletely or with too much; empty if it looks right.

    The secret is not repeated in the text.
    """
    if not secret:
        return ""
    if secret != secret.strip() or any(not sign.isprintable() for sign in secret):
        return "has spaces or a line end around it, or characters that cannot be seen; copy it without them"
    if any(sign in QUOTES for sign in secret):
        return "has quotes in it; write it without them"
    if PLACEHOLDER.fullmatch(secret):
        return "is still the placeholder; put the value that the portal shows in its place"
    return ""


def allowed(kind: Any) -> str:
    """Describe the values of a type in words, for readers who do not know Python."""
    return _words(inspect.type_info(kind))


def _namesake(written: str, names: Collection[str]) -> str | None:
    return next((name for name in names if name.partition(".")[2] == written), None)


def _words(kind: inspect.Type) -> str:
    match kind:
        case inspect.Metadata(type=_, extra_json_schema={"description": str(words)}):
            return words
        case inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case inspect.FloatType(ge=low, le=high):
            return f"a number from {low:g} to {high:g}" if low is not None and high is not None else "a number"
        case inspect.LiteralType(values=values):
            return ", ".join(f'"{value}"' for value in values)
        case inspect.BoolType():
            return "true or false"
        case inspect.StrType(min_length=1):
            return "text that is not empty"
        case _:
            return "text"
