"""The limits of a portal for each API, with their units and sources.

The documentation says 30 KB (v1) and 60,000 characters (v2). Releases enforce fewer than 60,000 characters of the
normal form in all APIs, and the database column has 65,535 bytes. The default is STRICT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from keyboards.sizing.json_size import Size, Unit

__all__ = ["APIS", "IM", "STRICT", "V1", "V2", "Limit", "Limits", "Unit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A largest size in a unit, and the source of this limit."""

    value: int
    unit: Unit
    source: str

    def over(self, size: Size) -> int:
        """Return by how much a size exceeds the limit, in the unit of the limit; negative when the size fits."""
        return size.of(self.unit) - self.value


Rules: TypeAlias = tuple[Limit, ...]
"""Several limits of one part; all of them apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one API for a message.

    `menu` None means that the API has no menus. Measured are the list of buttons of KEYBOARD, the list of items of MENU
    and the whole object of ATTACH, all in normal form, and the text as the portal stores it.
    """

    api: str
    text: Limit
    keyboard: Rules
    menu: Rules | None
    attach: Rules


TEXT: Final = Limit(
    value=20_000,
    unit=Unit.CHARS,
    source="documentation E1, behaviour 4.5: longer text is cut without an error",
)
DOCUMENTED_V1: Final = Limit(
    value=30_000,
    unit=Unit.BYTES,
    source='documentation of imbot.message.add, *_OVERSIZE: "30 KB", in its strictest meaning',
)
DOCUMENTED_V2: Final = Limit(
    value=60_000,
    unit=Unit.CHARS,
    source="documentation E7: 60,000 characters serialized",
)
ENFORCED: Final = Limit(
    value=59_999,
    unit=Unit.CHARS,
    source="behaviour 1.1: fewer than 60,000 characters of the normal form",
)
COLUMN: Final = Limit(
    value=65_535,
    unit=Unit.BYTES,
    source="behaviour 1.3: b_im_message_param.PARAM_JSON is a MySQL text column",
)

_BIG: Final = (ENFORCED, COLUMN)

V1: Final = Limits(api="imbot", text=TEXT, keyboard=(DOCUMENTED_V1,), menu=(DOCUMENTED_V1,), attach=(DOCUMENTED_V1,))
V2: Final = Limits(api="imbot.v2", text=TEXT, keyboard=_BIG, menu=None, attach=(DOCUMENTED_V2, *_BIG))
IM: Final = Limits(api="im.message.add", text=TEXT, keyboard=_BIG, menu=_BIG, attach=_BIG)
STRICT: Final = Limits(
    api="any",
    text=TEXT,
    keyboard=(DOCUMENTED_V1, ENFORCED),
    menu=(DOCUMENTED_V1, ENFORCED),
    attach=(DOCUMENTED_V1, ENFORCED),
)

APIS: Final = {limits.api: limits for limits in (STRICT, V1, V2, IM)}
"""All limits by the name of the API."""
