"""The colours of chats and bots, with their names in both generations (reference: E2, F1)."""

COLORS = {
    "RED": "#df532d",
    "GREEN": "#64a513",
    "MINT": "#4ba984",
    "LIGHT_BLUE": "#4ba5c3",
    "DARK_BLUE": "#3e99ce",
    "PURPLE": "#8474c8",
    "AQUA": "#1eb4aa",
    "PINK": "#f76187",
    "LIME": "#58cc47",
    "BROWN": "#ab7761",
    "AZURE": "#29619b",
    "KHAKI": "#728f7a",
    "SAND": "#ba9c7b",
    "MARENGO": "#556574",
    "GRAY": "#909090",
    "GRAPHITE": "#5e5f5e",
}
"""Names of colours in v1, and the hexadecimal values that answers contain."""
_V2 = {
    first.lower() + "".join(part.capitalize() for part in rest): value
    for (first, *rest), value in ((name.split("_"), value) for name, value in COLORS.items())
}
BACKGROUNDS = frozenset(
    ("azure", "mint", "steel", "slate", "teal", "cornflower", "sky", "peach", "frost"),
)
"""Allowed values of backgroundId; any other value becomes null."""


def v1(name: str) -> str | None:
    """Return the hexadecimal colour of a v1 name in any case, or None for an unknown name."""
    return COLORS.get(name.upper())


def v2(name: str) -> str | None:
    """Return the hexadecimal colour of a v2 name in lower camel case, or None for an unknown name."""
    return _V2.get(name)
