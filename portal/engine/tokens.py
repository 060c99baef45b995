"""Signed tokens that contain their own data.

Nothing is stored for a token, so many events with tokens use no memory.
"""

import hmac
import struct
from dataclasses import dataclass
from typing import Literal

Kind = Literal["access", "refresh", "code"]
KINDS: tuple[Kind, ...] = ("access", "refresh", "code")
LIFETIMES: dict[Kind, int] = {"access": 3600, "refresh": 180 * 24 * 3600, "code": 30}
"""Lifetime of each kind of token in seconds (reference: OAuth, 1 h, 180 days, 30 s)."""
MAX_HOPS = 7
"""Number of links in a chain of events after which events have no tokens (behaviour 9.8, protection from loops)."""

_FIELDS = struct.Struct(">BBHIIQQ")
_MAC = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token permits: its user, application and kind, until its expiry in Unix seconds.

    `hops` is the depth in a chain of events at which the token was issued, 0 outside of any chain.
    """

    kind: Kind
    app: int
    user: int
    expires: int
    generation: int = 0
    hops: int = 0


class TokenIssuer:
    """Issues and reads tokens with one key."""

    __slots__ = ("issued", "key")

    def __init__(self, key: bytes, *, issued: int = 0) -> None:
        self.key = key
        self.issued = issued

    def issue(self, grant: Grant) -> str:
        """Return a new token for a grant; all tokens differ."""
        self.issued += 1
        kind = KINDS.index(grant.kind)
        packed = _FIELDS.pack(
            kind, grant.hops, grant.generation, grant.app, grant.user, max(0, grant.expires), self.issued
        )
        return packed.hex() + self._sign(packed)

    def read(self, token: str) -> Grant | None:
        """Return the grant of a token, also of an expired one; None for a text that this issuer has not signed."""
        try:
            packed = bytes.fromhex(token[: _FIELDS.size * 2])
            kind, hops, generation, app, user, expires, _ = _FIELDS.unpack(packed)
        except (ValueError, struct.error):
            return None
        # A comparison in constant time does not reveal how much of a guess is right.
        if not hmac.compare_digest(token[_FIELDS.size * 2 :].encode("utf-8", "replace"), self._sign(packed).encode()):
            return None
        return Grant(kind=KINDS[kind], app=app, user=user, expires=expires, generation=generation, hops=hops)

    def _sign(self, packed: bytes) -> str:
        return hmac.digest(self.key, packed, "sha256")[:_MAC].hex()
