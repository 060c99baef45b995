"""Compares texts as people read them, not code point by code point."""

from __future__ import annotations

import functools
import unicodedata

LONGEST_KEPT = 200
"""The longest text whose folded form is kept for the next comparison, in characters."""

_IGNORED = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Invisible characters outside of category Cf, and the soft hyphen (Unicode, Default_Ignorable_Code_Point)."""
_SELECTORS = frozenset(map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
_SAME = str.maketrans({"ё": "е"})
_LOOK_ALIKES = str.maketrans(
    {
        # Cyrillic
        "а": "a", "в": "b", "ь": "b", "с": "c", "ԁ": "d", "е": "e", "ғ": "f", "һ": "h", "н": "h", "і": "i", "ї": "i",
        "ј": "j", "к": "k", "ӏ": "l", "м": "m", "п": "n", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t",
        "ц": "u", "ѵ": "v", "ԝ": "w", "х": "x", "у": "y", "ү": "y",
        # Greek
        "α": "a", "β": "b", "ϲ": "c", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "m", "ν": "v", "ο": "o", "ρ": "p",
        "σ": "o", "τ": "t", "υ": "u", "χ": "x", "ω": "w",
        # Latin letters and digits that stand for others
        "ı": "i", "ɩ": "i", "ǀ": "l", "ƚ": "l", "ł": "l", "ø": "o", "đ": "d", "0": "o", "1": "l",
        # Armenian, Hebrew, Georgian and others
        "օ": "o", "ո": "n", "ս": "u", "ց": "g", "հ": "h", "ס": "o", "ه": "o", "๐": "o", "ჿ": "o",
        # Signs between an option and its value
        "∶": ":", "꞉": ":", "ː": ":", "։": ":", "׃": ":", "⁚": ":", "ˑ": ":", "︓": ":", "︰": ":", "꞊": "=", "᐀": "=",
        "゠": "=", "⹀": "=", "→": ">", "➔": ">", "›": ">",
    }
)  # fmt: skip
"""Letters that look like a Latin one (Unicode, confusables.txt), as far as an option may be written with them."""


def fold(text: str) -> str:
    """Return a form of a text that is equal for all texts that people read alike.

    It has no invisible characters and no soft hyphens, no capitals, one form (NFKC), single spaces, and е for ё.
    """
    return _fold(text) if len(text) > LONGEST_KEPT else _fold_short(text)


@functools.lru_cache(maxsize=2048)
def _fold_short(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.casefold().split())
    seen = "".join(sign for sign in text if not _is_ignored(sign))
    # Folding the case may undo the normal form, and the normal form may bring back capitals.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold()).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).translate(_SAME).split())


@functools.lru_cache(maxsize=4096)
def skeleton(text: str) -> str:
    """Return a form of a text that is equal for all texts that look alike, in whatever alphabet they are written."""
    bare = unicodedata.normalize("NFKD", fold(text))
    return "".join(sign for sign in bare if unicodedata.category(sign) != "Mn").translate(_LOOK_ALIKES)


def skeleton_with_places(text: str) -> tuple[str, list[int]]:
    """Return the skeleton of a text, character by character, and the place in the text of each character in it.

    The last place is the length of the text.
    """
    looks, places = [], []
    for place, sign in enumerate(text):
        look = " " if sign.isspace() else skeleton(sign)
        looks.append(look)
        places += [place] * len(look)
    return "".join(looks), [*places, len(text)]


def clean(text: str) -> str:
    """Return a text as people read it: without invisible characters, with single spaces; capitals stay."""
    return " ".join(unicodedata.normalize("NFC", "".join(sign for sign in text if not _is_ignored(sign))).split())


def with_plain_digits(text: str) -> str:
    """Return a text with the digits 0 to 9 in place of the digits of other alphabets."""
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def same_start(text: str) -> str:
    """Return the start of a text up to the first letter that can be written in several ways, such as е and ё."""
    bare = clean(text)
    spelt = (place for place, sign in enumerate(bare) if sign in "еЕ" or unicodedata.normalize("NFKD", sign) != sign)
    return bare[: next(spelt, len(bare))]


def lstrip(text: str) -> str:
    """Return a text without the spaces and invisible characters at its start."""
    start = next((place for place, sign in enumerate(text) if not (sign.isspace() or _is_ignored(sign))), len(text))
    return text[start:]


def starts_visibly(text: str) -> bool:
    """Check whether a text begins with a character that is neither a space nor invisible."""
    return bool(text) and not (text[0].isspace() or _is_ignored(text[0]))


def _is_ignored(sign: str) -> bool:
    invisible = sign in _IGNORED or sign in _SELECTORS or unicodedata.category(sign) == "Cf"
    return invisible or (unicodedata.category(sign) == "Cc" and not sign.isspace())
