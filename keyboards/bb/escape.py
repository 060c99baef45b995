"""Escape text of users and posts, so that nothing in it works as markup.

A zero-width space (U+200B) is added where markup would begin; `unescape` removes exactly these. Other solutions are
worse: full-width brackets change the look and what is copied, removing tags loses text, and older fonts show a box for
U+2060.

Markup of a portal (reference: documentation E5, behaviour 4.5): `[tag]` in any case, `#BR#`, lines that begin with
`>>`, blocks between lines of dashes. The portal looks for mentions in the raw text, even inside `[code]`, so code must
be escaped too.
"""

from __future__ import annotations

import re
from typing import Final

BREAK: Final = "\u200b"
"""The character that is added where markup would begin."""

_MARKUP = re.compile(rf"\[|>(?=[>{BREAK}]|\Z)|#(?=[bB{BREAK}]|\Z)|-{{3}}(?=-)|-(?={BREAK}|\Z)")
_BROKEN = re.compile(rf"([\[>#-]){BREAK}")


def escape(text: str) -> str:
    """Return a text in which a portal finds no markup.

    This holds for any text after it, and for text that is escaped already. Only markup that the caller has begun can
    continue in the text: write `[{escape(name)}]` as `escape(f"[{name}]")`.
    """
    return _MARKUP.sub(lambda found: found[0] + BREAK, text)


def unescape(text: str) -> str:
    """Return the original of a text that `escape` has returned."""
    return _BROKEN.sub(r"\1", text)
