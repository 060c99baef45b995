"""Compares what a user wrote for a recipient with the names that the portal found."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.model.records import Named
from bot.texts import comparing

NEAR = 0.7
"""How similar (difflib) a word must be to a word of a name to count as a misspelling of it."""

Fold: TypeAlias = Callable[[str], str]
"""Returns a form of a text that is equal for all texts that are the same name."""

_WORD = re.compile(r"[^\s,;]+|[,;]")
_PARTS = re.compile(r"[\s,.()-]+")
_KIND = re.compile(r"[A-Z]+")
_ENDS = ".,:;!?"
_AND = frozenset({"and", "und", "sowie", "и", "&", "+", "or", "oder", "или"})
_KINDS = {"@": "U", "#": "SG"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The names that a user may mean by `written`, and the rest of the line, `left`.

    `certain`: exactly one name is meant, without doubt. `kept` are the words of `written` that belong to the text if a
    shorter name is meant, by the code of that name.
    """

    names: tuple[Named, ...]
    written: str
    left: str = ""
    certain: bool = False
    kept: dict[str, str] = field(default_factory=dict)


def kind(named: Named) -> str:
    """Return the kind of a recipient: U (person), DR (department) or SG (workgroup)."""
    found = _KIND.match(named.code)
    return found[0] if found else ""


def match(word: str, candidates: Sequence[Named], fold: Fold = comparing.fold) -> Match:
    """Return the one candidate that a word certainly names, else all candidates that it may name.

    Texts are the same if `fold` makes them equal.

    A candidate is certain if it is the only one whose whole name, or else one word of whose name, is that word.
    """
    left, wanted = _of_kind(word, candidates, fold)
    for certain in (_is_name, _has_word):
        if matches := [one for one in left if certain(fold(one.name), wanted)]:
            return Match(names=tuple(matches), written=word, certain=len(matches) == 1)
    return Match(names=tuple(left), written=word)


def match_line(line: str, candidates: Sequence[Named], fold: Fold = comparing.fold) -> Match:
    """Find the longest name with which a line begins; the rest of the line is text. `fold` is as in `match`.

    If the line may go on with a name that is misspelt or does not exist, the name is not certain. Otherwise one word
    would decide who reads the post, and the rest of the name would be published.
    """
    places = list(_WORD.finditer(line))
    among, first = _of_kind(places[0][0], candidates, fold)
    words = [first, *(fold(place[0]).rstrip(_ENDS) or place[0] for place in places[1:])]
    exact = {one: count for one in among if (count := _words_of_name(one, words, fold))}
    most = max(exact.values(), default=0)
    near = {
        one: count for one in among if one not in exact and (count := _words_nearly_of_name(one, words, fold)) > most
    }
    longest = tuple(one for one, count in exact.items() if count == most)
    used = max(near.values(), default=most or 1)
    if not (longest or near):
        partly = match(places[0][0], candidates, fold)
        longest = partly.names
        certain = partly.certain and not _may_go_on(partly.names[0], places, words)
    else:
        certain = len(longest) == 1 and not near
    if certain and words[used : used + 1] and words[used] in _AND and len(words) > used + 1:
        certain = False
    kept = line[places[most - 1].end() : places[used - 1].end()].lstrip() if near and most else ""
    return Match(
        names=tuple(dict.fromkeys((*near, *longest))),
        written=line[: places[used - 1].end()].rstrip(_ENDS),
        left=line[places[used - 1].end() :],
        certain=certain,
        kept={one.code: kept for one in longest},
    )


def _of_kind(word: str, candidates: Sequence[Named], fold: Fold) -> tuple[list[Named], str]:
    """Return the candidates that a word with a mark (@ person, # workgroup) can mean, and the word without the mark.

    Without a mark, these are all candidates. If names begin with the mark itself, only these are meant.
    """
    wanted = fold(word)
    mark = wanted[:1]
    if mark not in _KINDS:
        return list(candidates), wanted
    if marked := [one for one in candidates if fold(one.name).startswith(wanted)]:
        return marked, wanted
    return [one for one in candidates if kind(one) == _KINDS[mark]], wanted.lstrip("@#").strip()


def _words_of_name(named: Named, words: Sequence[str], fold: Fold) -> int:
    """Return the number of words of a name if the line begins with all of them, in any order; else 0."""
    name = _name_words(named, fold)
    return len(name) if name and sorted(words[: len(name)]) == sorted(name) else 0


def _words_nearly_of_name(named: Named, words: Sequence[str], fold: Fold) -> int:
    """Return how many words at the start of a line belong to a name, also misspelt; 0 for fewer than two."""
    name = _name_words(named, fold)
    if words[0] not in name:
        return 0
    pairs = list(zip(name[name.index(words[0]) :], words, strict=False))
    count = next((n for n, pair in enumerate(pairs) if not _is_near(*pair)), len(pairs))
    return count if count > 1 else 0


def _name_words(named: Named, fold: Fold) -> list[str]:
    return [fold(word).rstrip(_ENDS) or word for word in _WORD.findall(named.name)]


def _is_near(word: str, written: str) -> bool:
    numbered = any(map(str.isdigit, word)) and any(map(str.isdigit, written))
    return word == written or numbered or difflib.SequenceMatcher(None, word, written).ratio() >= NEAR


def _may_go_on(named: Named, places: Sequence[re.Match[str]], words: Sequence[str]) -> bool:
    """Check whether the second word of a line may belong to another name, as in `Anna Schmidt` or `Shift №5`."""
    if len(words) < 2:  # noqa: PLR2004 - there is no word behind it
        return False
    capitals = places[0][0].lstrip("@#")[:1].isupper() and places[1][0][:1].isupper()
    numbered = kind(named) != "U" and (places[1][0][0].isdigit() or places[1][0][0] in "№#")
    return capitals or numbered


def _is_name(name: str, wanted: str) -> bool:
    return name == wanted


def _has_word(name: str, wanted: str) -> bool:
    return wanted in _PARTS.split(name)
