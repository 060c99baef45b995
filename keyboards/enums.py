"""Enumerations of a portal: colour tokens, devices, displays.

Each member is a text, so it can be sent unchanged.
"""

from __future__ import annotations

from enum import StrEnum


class Token(StrEnum):
    """Colours by their meaning (reference: BG_COLOR_TOKEN, COLOR_TOKEN).

    Known since im 24.1400; older portals ignore it.
    """

    PRIMARY = "primary"
    SECONDARY = "secondary"
    ALERT = "alert"
    BASE = "base"


class Context(StrEnum):
    """The devices on which a button or menu item is shown (reference: CONTEXT)."""

    ALL = "ALL"
    MOBILE = "MOBILE"
    DESKTOP = "DESKTOP"


class Display(StrEnum):
    """Whether a button has its own line or shares one (reference: DISPLAY of a button)."""

    BLOCK = "BLOCK"
    LINE = "LINE"


class GridDisplay(StrEnum):
    """The layout of the rows of a GRID (reference: DISPLAY of a GRID row).

    CARD and COLUMN are old names.
    """

    BLOCK = "BLOCK"
    LINE = "LINE"
    ROW = "ROW"
    TABLE = "TABLE"


class Avatar(StrEnum):
    """The shape of the picture beside a USER block (reference: AVATAR_TYPE)."""

    USER = "USER"
    CHAT = "CHAT"
    BOT = "BOT"


class Rank(StrEnum):
    """The priority of a block, row, button or menu item when a message is too big.

    MUST is never dropped, MAY is dropped first.
    """

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
