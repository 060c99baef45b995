"""Signed buttons: command parameters that hold a typed payload and cannot be forged.

A payload is a dataclass of numbers, texts, flags and enumerations. It is signed with a key and bound to a user, a
dialog, a version of the object that the button changes, and a time. On failure, unpacking says which of these differs.
The signature takes thirteen characters, so that 300 buttons stay within the limit.

Layout, in URL-safe Base64: expiry (4 letters: minutes since 2024), one hint each for user, dialog and version (3),
signature (6 by default), then the fields with dots between them. A hint has 6 bits and is only for the error message:
for one foreign user in 64 it matches by chance, and the message then says "forged". The signature alone decides.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from keyboards import fields
from keyboards.errors import BadPayload, BadSignature, BadText, KeyboardsError, Reason
from keyboards.validation import checks

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
EPOCH: Final = 1_704_067_200
"""2024-01-01 UTC; the expiry counts minutes from here, and four letters last until 2055."""
MINUTE: Final = 60
FOREVER: Final = 64**4 - 1
SHORTEST_KEY: Final = 16
_HINTS: Final = slice(4, 7)
_HEAD: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The user, dialog and version that a button is bound to; an empty text means any."""

    user: str = ""
    dialog: str = ""
    version: str = ""

    def __post_init__(self) -> None:
        """Check that all values are texts, because ids of a portal are texts here; raise BadText."""
        for name, value in (("user", self.user), ("dialog", self.dialog), ("version", self.version)):
            checks.unicode(value, name)


class Signer:
    """Signs and checks payloads with a key of at least 16 bytes.

    Older keys still check buttons that they have signed. `strength` is the length of the signature: 6 letters are 36
    bits, and guessing them with two presses per second takes five hundred years. Choose more when presses are not
    limited.
    """

    __slots__ = ("_keys", "_strength")

    def __init__(self, key: bytes, *older: bytes, strength: int = 6) -> None:
        for one in (key, *older):
            if not isinstance(one, bytes):
                raise KeyboardsError(f"a key consists of bytes, not {type(one).__name__}")
        if min(map(len, (key, *older))) < SHORTEST_KEY:
            raise KeyboardsError(f"a key has at least {SHORTEST_KEY} bytes")
        if not 6 <= strength <= 32:  # noqa: PLR2004 - 36 to 192 bits
            raise KeyboardsError("strength is the length of a signature, from 6 to 32")
        self._keys = (key, *older)
        self._strength = strength

    def pack(self, payload: object, binding: Binding, *, expires: float | None = None) -> str:
        """Return the payload, signed, as parameters of a command.

        `expires` is in Unix seconds and is rounded up to a minute; None means never.
        """
        head = number(_minutes(expires), 4) + self._hints(self._keys[0], binding)
        packed = fields.pack(payload)
        return head + self._signature(self._keys[0], head, packed, type(payload), binding) + packed

    def unpack(self, kind: type[T], text: str, binding: Binding, *, now: float) -> T:
        """Return the payload of signed parameters, as the dataclass `kind`.

        `binding` names the user, dialog and version of the press, `now` is in Unix seconds. Raise BadSignature, with
        the reason, when this press may not use the payload.
        """
        try:
            checks.unicode(text, "the parameters of the press")
        except BadText as error:
            raise BadSignature(Reason.BROKEN) from error
        end = _HEAD + self._strength
        head, signature, packed = text[:_HEAD], text[_HEAD:end], text[end:]
        if len(signature) < self._strength or not set(head + signature) <= set(ALPHABET):
            raise BadSignature(Reason.BROKEN)
        given = [hmac.compare_digest(signature, one) for one in self._signatures(head, packed, kind, binding)]
        if not any(given):
            raise BadSignature(self._reason(head, binding))
        minutes = sum(ALPHABET.index(letter) * 64**place for place, letter in enumerate(reversed(head[:4])))
        if minutes != FOREVER and now > EPOCH + minutes * MINUTE:
            raise BadSignature(Reason.EXPIRED)
        try:
            return fields.unpack(kind, packed)
        except BadPayload as error:
            raise BadSignature(Reason.BROKEN) from error

    def _signatures(self, head: str, packed: str, kind: type, binding: Binding) -> Iterator[str]:
        return (self._signature(key, head, packed, kind, binding) for key in self._keys)

    def _signature(self, key: bytes, head: str, packed: str, kind: type, binding: Binding) -> str:
        words = (
            "press",
            kind.__qualname__,
            fields.names(kind),
            head,
            packed,
            binding.user,
            binding.dialog,
            binding.version,
        )
        return _letters(key, *words)[: self._strength]

    def _hints(self, key: bytes, binding: Binding) -> str:
        bindings = (("user", binding.user), ("dialog", binding.dialog), ("version", binding.version))
        return "".join(_letters(key, *one)[0] for one in bindings)

    def _reason(self, head: str, binding: Binding) -> Reason:
        """Return the first of user, dialog and version whose hint no key confirms, or FORGED when all hints fit."""
        hints = [self._hints(key, binding) for key in self._keys]
        for at, reason in enumerate((Reason.USER, Reason.DIALOG, Reason.VERSION)):
            if all(head[_HINTS][at] != hint[at] for hint in hints):
                return reason
        return Reason.FORGED


def _minutes(expires: float | None) -> int:
    """Return a time in Unix seconds as minutes since EPOCH, rounded up; the largest number for None.

    Raise KeyboardsError for a time after 2055.
    """
    if expires is None:
        return FOREVER
    if not expires < EPOCH + (FOREVER - 1) * MINUTE:
        raise KeyboardsError(f"expires is {expires!r}: write Unix seconds before 2055, or None for never")
    return max(0, -int(-(expires - EPOCH) // MINUTE))


def number(value: int, length: int) -> str:
    """Return a number in base 64 with `length` letters, the highest digit first."""
    return "".join(ALPHABET[value // 64**place % 64] for place in reversed(range(length)))


def _letters(key: bytes, *words: str) -> str:
    """Return a keyed digest of texts as 43 letters of Base64.

    Each text is preceded by its length, so that different splits of the same letters give different digests.
    """
    packed = b"".join(b"%d:%b" % (len(word), word) for word in (one.encode() for one in words))
    return urlsafe_b64encode(hmac.digest(key, packed, hashlib.sha256)).decode()
