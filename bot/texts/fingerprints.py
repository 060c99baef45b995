"""Makes fingerprints of texts, from which it is seen whether a text has changed without storing it."""

from __future__ import annotations

import hashlib


def of(*texts: str) -> str:
    """Return a fingerprint of texts in this order; whitespace does not matter, because portals change line breaks."""
    words = [" ".join(text.split()) for text in texts]
    return hashlib.blake2b(repr(words).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
