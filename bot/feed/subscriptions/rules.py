"""The rule of a subscription: which posts it wants, by author, recipient, tag, word and importance.

Values of one kind are alternatives, kinds must all hold, and what is excluded never matches. As text (the `topic` in
the store) a rule has a line for each condition: `important`, `from:<user id>`, `in:<code>`, `tag:<tag>`, `word:<text>`,
and with a dash before them what is excluded. Without conditions it is `all`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

from bot.feed import post_text
from bot.model.records import Post
from bot.texts import comparing

ALL = "all"
IMPORTANT = "important"
_KINDS = {"from": "authors", "in": "places", "tag": "tags", "word": "words"}
"""The name of each kind of condition in the text of a rule, and the field with its values."""
_HASHTAG = re.compile(r"(?<![\w#&])#(\w[\w-]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which posts a subscription wants: `authors` are user ids, `places` codes of departments and groups (DR3, SG7)."""

    important: bool = False
    authors: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    not_authors: tuple[str, ...] = ()
    not_places: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()

    @property
    def topic(self) -> str:
        """Return the rule as text; equal rules have equal texts."""
        lines = [IMPORTANT] if self.important else []
        for sign, before in (("", ""), ("-", "not_")):
            for kind, name in _KINDS.items():
                lines += [f"{sign}{kind}:{value}" for value in sorted(set(getattr(self, before + name)))]
        return "\n".join(lines) or ALL

    @property
    def reveals(self) -> bool:
        """Check whether a match tells readers something of the content or the recipients of a post."""
        return any(getattr(self, before + name) for before in ("", "not_") for name in ("places", "tags", "words"))

    @property
    def never_matches(self) -> bool:
        """Check whether everything that the rule wants of one kind is excluded too."""
        return any(
            (wanted := set(getattr(self, name))) and wanted <= set(getattr(self, f"not_{name}"))
            for name in _KINDS.values()
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of all people, departments and groups in the rule, in the order of its text."""
        return (
            *(f"U{one}" for one in sorted(self.authors)), *sorted(self.places),
            *(f"U{one}" for one in sorted(self.not_authors)), *sorted(self.not_places),
        )  # fmt: skip

    def covers(self, other: Rule) -> bool:
        """Check whether this rule matches every post that the other one matches."""
        if self.important and not other.important:
            return False
        for name in _KINDS.values():
            wanted, theirs = set(getattr(self, name)), set(getattr(other, name))
            if wanted and not (theirs and theirs <= wanted):
                return False
            if not set(getattr(self, f"not_{name}")) <= set(getattr(other, f"not_{name}")):
                return False
        return True

    def matches(self, post: Post) -> bool:
        """Check whether the rule matches a post, whose content the dialog may show."""
        if self.important and not post.important:
            return False
        author = {str(post.author)}
        return (
            _fits(author, self.authors, self.not_authors)
            and _fits(post.places, self.places, self.not_places)
            and _fits(tags_of(post) if self.tags or self.not_tags else (), self.tags, self.not_tags)
            and self._fits_words(post)
        )

    def _fits_words(self, post: Post) -> bool:
        if not (self.words or self.not_words):
            return True
        text = post_text.search_text(post)
        found = not self.words or any(_has_word(text, word) for word in self.words)
        return found and not any(_has_word(text, word) for word in self.not_words)


@functools.lru_cache(maxsize=4096)
def read(topic: str) -> Rule:
    """Return the rule of a text as `Rule.topic` writes it; lines that are unknown are left out."""
    values: dict[str, list[str]] = {one.name: [] for one in fields(Rule) if one.name != IMPORTANT}
    for line in topic.split("\n"):
        kind, _, value = line.partition(":")
        name = _KINDS.get(kind.removeprefix("-"))
        if name and value:
            values[f"not_{name}" if kind.startswith("-") else name].append(value)
    important = IMPORTANT in topic.split("\n")
    return Rule(important=important, **{name: tuple(found) for name, found in values.items()})


def tags_of(post: Post) -> frozenset[str]:
    """Return the tags of a post as far as we know them: those that we gave it, and those in its text (#tag)."""
    return frozenset((*map(comparing.fold, post.tags), *_HASHTAG.findall(post_text.search_text(post))))


def _fits(found: Iterable[str], wanted: Iterable[str], excluded: Iterable[str]) -> bool:
    having, wanted = set(found), set(wanted)
    return (not wanted or bool(having & wanted)) and not having & set(excluded)


@functools.lru_cache(maxsize=256)
def _has_word(text: str, word: str) -> bool:
    """Check whether a word in the text starts with `word`: "launch" matches "launches", but not "relaunch"."""
    return re.search(rf"(?<!\w){re.escape(comparing.fold(word))}", text) is not None
