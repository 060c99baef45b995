"""Compares names across spellings: Анна and Anna, Юлия and Yulia or Julia, Müller and Mueller.

People write a name as they hear it, and no standard holds for what is in a portal: so this is a coarse comparison for
a search that found nothing, and not a way to spell names.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from bot.texts import comparing

MOST = 8
"""How many beginnings of a name are searched for at most; a search for all of them is one request."""
LONGEST_START = 4
"""Of how many letters a beginning is at most; endings are spelt in more ways than beginnings."""

_TO_LATIN = {
    "а": ("a",), "б": ("b",), "в": ("v", "w"), "г": ("g",), "ґ": ("g",), "д": ("d",), "е": ("e", "ye", "je", "yo"),
    "є": ("ye", "e"), "ж": ("zh", "j"), "з": ("z",), "и": ("i",), "і": ("i",), "ї": ("yi", "i"), "й": ("y", "i", "j"),
    "к": ("k", "c"), "л": ("l",), "м": ("m",), "н": ("n",), "о": ("o",), "п": ("p",), "р": ("r",), "с": ("s",),
    "т": ("t",), "у": ("u",), "ф": ("f",), "х": ("kh", "h"), "ц": ("ts", "c", "z"), "ч": ("ch", "tsch"),
    "ш": ("sh", "sch"), "щ": ("shch", "sch"), "ъ": ("",), "ы": ("y",), "ь": ("",), "э": ("e",),
    "ю": ("yu", "ju", "iu", "ü", "jü", "u"), "я": ("ya", "ja", "ia"),
}  # fmt: skip
_TO_CYRILLIC = {
    "shch": ("щ",), "tsch": ("ч",), "sch": ("ш", "щ"), "zh": ("ж",), "kh": ("х",), "ts": ("ц",), "tz": ("ц",),
    "ch": ("ч", "х"), "cz": ("ч",), "sh": ("ш",), "ph": ("ф",), "yu": ("ю",), "ju": ("ю",), "iu": ("ю",),
    "ya": ("я",), "ja": ("я",), "ia": ("ия", "я"), "yo": ("ё", "йо"), "jo": ("йо", "ё"), "ye": ("е",), "je": ("е",),
    "ae": ("э",), "oe": ("ё",), "ue": ("ю",), "ä": ("э",), "ö": ("ё",), "ü": ("ю",), "ß": ("с",), "a": ("а",),
    "b": ("б",), "c": ("к", "ц"), "d": ("д",), "e": ("е", "э"), "f": ("ф",), "g": ("г",), "h": ("х", "г"),
    "i": ("и",), "j": ("й",), "k": ("к",), "l": ("л", "ль"), "m": ("м",), "n": ("н",), "o": ("о",), "p": ("п",),
    "q": ("к",), "r": ("р",), "s": ("с",), "t": ("т",), "u": ("у",), "v": ("в",), "w": ("в",), "x": ("кс",),
    "y": ("й", "и"), "z": ("з", "ц"),
}  # fmt: skip
_UMLAUTS = {"ä": ("ae", "a"), "ö": ("oe", "o"), "ü": ("ue", "u"), "ß": ("ss",)}
_SPELT_OUT = {"ae": ("ä",), "oe": ("ö",), "ue": ("ü",), "ss": ("ß",)}
_SAME_SOUND = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("tsch|cz", "ch"), ("shch|sch", "sh"), ("kh", "h"), ("tz", "ts"), ("ph", "f"), ("th", "t"), ("ck", "k"),
        ("c(?!h)", "k"), ("q", "k"), ("w", "v"), ("x", "ks"), ("[yj]", "i"), ("ae", "a"), ("oe", "o"), ("ue", "u"),
        (r"(.)\1+", r"\1"), ("i[eo]", "e"), ("iu", "u"), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
"""What is written for one sound, and the sign that stands for it; in this order, and the last signs are coarse."""
_PARTS = re.compile(r"[\s,.()-]+")


def key(text: str) -> str:
    """Return a form of a text that is equal for the usual spellings of a name in Latin and Cyrillic letters."""
    return _key(comparing.fold(text))


@functools.lru_cache(maxsize=2048)
def _key(folded: str) -> str:
    latin = "".join(_TO_LATIN.get(sign, _UMLAUTS.get(sign, (sign,)))[0] for sign in folded)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", latin) if unicodedata.category(sign) != "Mn")
    for pattern, sound in _SAME_SOUND:
        bare = pattern.sub(sound, bare)
    return bare


def is_like(words: str, name: str) -> bool:
    """Check whether each of the words sounds like a word of a name."""
    known = set(_PARTS.split(key(name)))
    return all(word in known for word in key(words).split())


def starts(word: str) -> tuple[str, ...]:
    """Return how a name may begin that sounds like a word, in other spellings and in the other alphabet."""
    folded = comparing.fold(word)
    latin = any("a" <= sign <= "z" or sign in _UMLAUTS for sign in folded)
    found = [*_spellings(folded, _UMLAUTS), *_spellings(folded, _SPELT_OUT)] if latin else []
    found += _spellings(folded, _TO_CYRILLIC if latin else _TO_LATIN)
    return tuple(dict.fromkeys(one for one in found if one and not folded.startswith(one)))[:MOST]


def _spellings(word: str, table: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the beginnings of a word with the other letters of a table; the longest that have few spellings."""
    ways = list(_ways(word, table))
    for length in range(LONGEST_START, 1, -1):
        spelt = list(map("".join, itertools.product(*ways[:length])))
        if len(spelt) <= MOST // 2 or length == 2:  # noqa: PLR2004 - the portal searches for no single letter
            yield from spelt
            return


def _ways(word: str, table: Mapping[str, tuple[str, ...]]) -> Iterator[Iterable[str]]:
    """Yield for each letter of a word, or group of letters, how it may be written."""
    at = 0
    while at < len(word):
        size = next((size for size in (4, 3, 2, 1) if word[at : at + size] in table), 1)
        part = word[at : at + size]
        yield table.get(part, (part,))
        at += size
