"""Makes fingerprints of texts, from which it is seen whether a text has changed without storing it."""

from __future__ import annotations

import hashlib


def of(*texts: str) -> str:
    """Return a fingerprint of texts in this order; kinds of line breaks and spaces at line ends do not matter."""
    read = [[line.rstrip() for line in text.strip().splitlines()] for text in texts]
    return hashlib.blake2b(repr(read).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
