"""Text of a user or a post made harmless: it reads the same and nothing in it is markup.

A zero-width space (U+200B) is put where markup would begin. It was preferred to full-width brackets because the
text keeps its look and can be copied; to leaving tags out because nothing is lost; and to U+2060 because older fonts
draw a box for that. `unescape` takes it away again, exactly.

Markup of a portal (reference: documentation E5, behaviour 4.5): `[tag]` in any case, `#BR#`, lines that begin with
`>>`, blocks between lines of dashes. Mentions are looked for in the raw text, even inside `[code]`: so code is escaped
too.
"""

from __future__ import annotations

import re
from typing import Final

BREAK: Final = "\u200b"
"""What stands where markup would begin."""

_MARKUP = re.compile(rf"\[|>(?=[>{BREAK}]|\Z)|#(?=[bB{BREAK}]|\Z)|-{{3}}(?=-)|-(?={BREAK}|\Z)")
_BROKEN = re.compile(rf"([\[>#-]){BREAK}")


def escape(text: str) -> str:
    """The text with nothing in it that a portal takes for markup, whatever follows it and whatever was escaped before.

    Only a mark that the author has begun can go on in it: write `[{escape(name)}]` as `escape(f"[{name}]")`.
    """
    return _MARKUP.sub(lambda found: found[0] + BREAK, text)


def unescape(text: str) -> str:
    """The text that was given to `escape`."""
    return _BROKEN.sub(r"\1", text)
