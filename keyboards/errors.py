"""What can be wrong with what we want to say.

KeyboardsError            everything below; a ValueError
  BadButton               a button or menu item the portal would drop without a word
  BadBlock                an attach or a block of it the portal would drop, or change
  BadText                 text that cannot be sent as it is: empty, or not Unicode
  TooBig                  what must be said does not fit; .part .over .unit .limit
  BadPayload              parameters of a press that hold no payload of the expected kind
  BadSignature            a signed button that may not act; .reason
"""

from __future__ import annotations

from enum import StrEnum


class KeyboardsError(ValueError):
    """Something cannot be said to a portal in this form."""


class BadButton(KeyboardsError):
    """A button or menu item that the portal would drop without a word; the text says why."""


class BadBlock(KeyboardsError):
    """An attach, or a block of it, that the portal would drop or change; the text says why."""


class BadText(KeyboardsError):
    """Text that cannot be sent as it is: empty, or no valid Unicode."""


class BadPayload(KeyboardsError):
    """Parameters of a press that do not hold the expected payload: anybody can send such."""


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
        super().__init__(f"this button may not act: {reason.value}")
        self.reason = reason


class TooBig(KeyboardsError):
    """What must be said does not fit; `over` is by how many of `unit` ("chars" or "bytes")."""

    def __init__(self, part: str, over: int, unit: str, limit: int) -> None:
        super().__init__(f"the {part} is {over} {unit} too big: at most {limit}, and nothing more may be given up")
        self.part = part
        self.over = over
        self.unit = unit
        self.limit = limit
