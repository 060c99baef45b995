"""The backgrounds of a post, by their names in every language."""

from __future__ import annotations

from bot.feed.publishing.named_codes import NamedCodes

BACKGROUNDS = NamedCodes(
    section="background",
    codes=(
        "01_summer_field", "02_sunset_tree", "03_night_mountains", "04_yellow_foothills", "05_smoky_mountains",
        "06_sunny_river", "07_flaring_lava", "08_icy_peak", "09_violet_led", "10_arctic_village", "11_steel_curves",
        "12_desert_rocks", "13_colourful_fibers", "14_green_foothills",
    ),
    near="draft.near_background",
    unknown="draft.no_background",
)  # fmt: skip
"""The codes that every portal has; a post with another code would be published without a background."""


def label(language: str, code: str) -> str:
    """Return the name of a background in a language."""
    return BACKGROUNDS.label(language, code) if code in BACKGROUNDS.codes else code
