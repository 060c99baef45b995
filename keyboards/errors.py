"""Errors of this package.

KeyboardsError            all errors below; a ValueError
  BadButton               a button or menu item that the portal would drop without an error
  BadBlock                an attach or block that the portal would drop or change
  BadText                 text that cannot be sent: empty, or not Unicode
  TooBig                  the required parts do not fit; .part .over .unit .limit
  BadPayload              parameters of a press without a payload of the expected kind
  BadSignature            a signed button that may not act; .reason
"""

from __future__ import annotations

from enum import StrEnum


class KeyboardsError(ValueError):
    """The base class of all errors: a value cannot be sent to a portal in this form."""


class BadButton(KeyboardsError):
    """A button or menu item that the portal would drop; the text says why."""


class BadBlock(KeyboardsError):
    """An attach or block that the portal would drop or change; the text says why."""


class BadText(KeyboardsError):
    """Text that cannot be sent: empty, or not valid Unicode."""


class BadPayload(KeyboardsError):
    """Parameters of a press without a payload of the expected kind.

    Any user can send such parameters.
    """


class Reason(StrEnum):
    """Why a signed button may not act."""

    BROKEN = "broken"
    FORGED = "forged"
    USER = "another user"
    DIALOG = "another dialog"
    VERSION = "another version"
    EXPIRED = "expired"


class BadSignature(KeyboardsError):
    """A signed button that may not act; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the press is refused: {reason.value}")
        self.reason = reason


class TooBig(KeyboardsError):
    """The required pieces of a part of a message do not fit its limit.

    `over` is the excess in `unit` ("chars" or "bytes").
    """

    def __init__(self, part: str, over: int, unit: str, limit: int) -> None:
        super().__init__(f"the {part} is {over} {unit} too big: the limit is {limit}, and no other part may be dropped")
        self.part = part
        self.over = over
        self.unit = unit
        self.limit = limit
