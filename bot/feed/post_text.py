"""A post as a person reads it: plain text, a title somebody really gave, a beginning that ends at a word."""

from __future__ import annotations

import functools
import re

from bot.model.records import Post
from keyboards import bb
from keyboards.validation import rules

_ITEM = re.compile(r"\[\*\]")
_FEED_ONLY = re.compile(
    r"\[/?(?:list|table|tr|td|th|quote|left|center|right|justify|p|font|h[1-6]|video|cut|spoiler|disk file id|imgmob)"
    r"(?:[ =][^\[\]]*)?\]",
    re.IGNORECASE,
)
"""Markup that posts know and chats do not; a chat would show it as it is. No search for an end goes past an opening."""
_CONTROL = dict.fromkeys([*range(9), *range(11, 32), 127])
_CUT = " .…"
"""How the portal ends a title that it cut from the text itself."""


def plain(post: Post) -> str:
    """The text without markup of any kind, for reading and for filters; escape it before it becomes BB code again."""
    return _plain(post.text)


@functools.lru_cache(maxsize=64)
def _plain(text: str) -> str:
    """Every chat that follows asks for the text of the same post."""
    return _whole(bb.plain(_FEED_ONLY.sub("", _ITEM.sub("• ", text))))


def heading(post: Post) -> str:
    """The title somebody gave, plain; empty where the portal made it of the text's beginning (reference: MICRO='Y')."""
    return _heading(post.title, post.text)


@functools.lru_cache(maxsize=64)
def _heading(title: str, text: str) -> str:
    title = _whole(bb.plain(title))
    return "" if _flat(_plain(text)).startswith(_flat(title).rstrip(_CUT)) else title


def searched(post: Post) -> str:
    """All that a word may be looked for in, folded; the same object for every chat that follows a word."""
    return _searched(post.title, post.text)


@functools.lru_cache(maxsize=64)
def _searched(title: str, text: str) -> str:
    return f"{_heading(title, text)}\n{_plain(text)}".casefold()


def opening(post: Post, limit: int) -> str:
    """The beginning of the plain text, at most `limit` characters and a sign that it goes on."""
    return cut(plain(post), limit)


def cut(text: str, limit: int) -> str:
    """The text, or its beginning up to the last whole word that fits."""
    if len(text) <= limit:
        return text
    kept, space, _half = text[: limit + 1].rpartition(" ")
    return f"{(kept if space else text[:limit]).rstrip(' ,.;:–-')}…"


def _whole(text: str) -> str:
    """Remove half characters and control characters, which no message can hold; a text that shows nothing is empty."""
    bare = rules.bare(text.encode("utf-8", "replace").decode("utf-8").translate(_CONTROL))
    return bare if rules.visible(bare) else ""


def name(text: str) -> str:
    """Return a person's name as a card can show it; empty where a reader would see nothing of it."""
    return _whole(text)


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()
