"""How much a portal takes: one table per generation of the API, each number with its unit and its source.

The documentation says 30 KB (v1) and 60,000 characters (v2); what releases enforce is fewer than 60,000 characters of
normal form, in every API; and the column that holds it is 65,535 bytes long. The default everywhere is STRICT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from keyboards.sizing.json_size import Size, Unit

__all__ = ["APIS", "IM", "STRICT", "V1", "V2", "Limit", "Limits", "Unit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most that is taken, in a unit, and where that is said."""

    value: int
    unit: Unit
    source: str

    def over(self, size: Size) -> int:
        """By how much the size is too big; 0 or less if it fits."""
        return size.of(self.unit) - self.value


Rules: TypeAlias = tuple[Limit, ...]
"""All must hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one API takes in a message; `menu` None: it has no menus.

    KEYBOARD is measured as its list of buttons, MENU as its list of items, ATTACH as the whole object,
    all in normal form; text as the portal would store it.
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
    source='documentation of imbot.message.add, *_OVERSIZE: "30 KB", read the strictest way',
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
"""The whole table by name of the API."""
