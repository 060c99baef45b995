"""The words a portal knows: colour tokens, devices, displays. Each is a text, so it goes to the wire as it is."""

from __future__ import annotations

from enum import StrEnum


class Token(StrEnum):
    """Colour by meaning; known since im 24.1400, older portals ignore it (reference: BG_COLOR_TOKEN, COLOR_TOKEN)."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    ALERT = "alert"
    BASE = "base"


class Context(StrEnum):
    """Where a button or menu item is shown (reference: CONTEXT)."""

    ALL = "ALL"
    MOBILE = "MOBILE"
    DESKTOP = "DESKTOP"


class Display(StrEnum):
    """Whether a button takes its own line or stands beside others (reference: DISPLAY of a button)."""

    BLOCK = "BLOCK"
    LINE = "LINE"


class GridDisplay(StrEnum):
    """How the rows of a GRID are laid out (reference: DISPLAY of a GRID row; CARD and COLUMN are old names)."""

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
    """How much a piece matters when a message is too big: MUST is never lost, MAY goes first."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
