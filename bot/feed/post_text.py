"""The text of a post as people read it, without markup."""

from __future__ import annotations

import functools
import re

from bot.model.records import Post
from bot.texts import comparing, cutting
from keyboards import bb
from keyboards.validation import rules

_ITEM = re.compile(r"\[\*\]")
_FEED_ONLY = re.compile(
    r"\[/?(?:list|table|tr|td|th|quote|left|center|right|justify|p|font|h[1-6]|video|cut|spoiler|disk file id|imgmob)"
    r"(?:[ =][^\[\]]*)?\]",
    re.IGNORECASE,
)
"""Markup of posts that chats would show as plain text.

Each search stops at the next opening bracket, so that many brackets cost linear time only.
"""
_CONTROL = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160), 0xFFFE, 0xFFFF])
"""Control characters and others that no text has; not the line break and the tab."""
_SHOWN = re.compile(r"\[(?:disk|img|video|imgmob|timestamp|icon)[ =\]]", re.IGNORECASE)
"""Markup that shows people something although it contains no text."""
HEADLINE = 80
"""How much of a post a line about it shows, in characters."""
_CUT = " .…"
"""Characters with which the portal ends a title that it made from the text."""


def plain(post: Post) -> str:
    """Return the text of a post without markup; escape it before you use it as BB code."""
    return _plain(post.text)


@functools.lru_cache(maxsize=64)
def _plain(text: str) -> str:
    """Remove the markup from a text.

    The result is cached, because every dialog that follows needs the text of the same post.
    """
    return _clean(bb.plain(_FEED_ONLY.sub("", _ITEM.sub("• ", text))))


def from_chat(text: str) -> str:
    """Return the text of a chat message without markup; escape it before you use it as BB code."""
    return _plain(text)


def publishable(text: str) -> str:
    """Return a text without control characters; "" if people would see nothing of it in a post."""
    bare = _clean(text)
    if _SHOWN.search(bare):
        return bare
    shown = bb.plain(_FEED_ONLY.sub("", _ITEM.sub("", bare)))
    return bare if rules.visible(shown) and set(comparing.clean(shown).split()) != {"--"} else ""


def heading(post: Post) -> str:
    """Return the title that the author gave a post, without markup; "" if they gave none.

    If the author gives none, the portal makes a title from the beginning of the text (reference: MICRO='Y').
    """
    return _heading(post.title, post.text)


@functools.lru_cache(maxsize=64)
def _heading(title: str, text: str) -> str:
    title = _clean(bb.plain(title))
    return "" if comparing.fold(_plain(text)).startswith(comparing.fold(title).rstrip(_CUT)) else title


def headline(title: str, text: str) -> str:
    """Return the title of a post without markup, else the beginning of its text, in one line; not escaped."""
    words = _clean(bb.plain(title)) or _plain(text)
    return cutting.shorten(" ".join(words.split()), HEADLINE)


def search_text(post: Post) -> str:
    """Return title and text of a post for word filters, as `comparing.fold` makes them.

    The result is cached, because all dialogs that follow need it.
    """
    return _search_text(post.title, post.text)


@functools.lru_cache(maxsize=64)
def _search_text(title: str, text: str) -> str:
    return f"{comparing.fold(_heading(title, text))}\n{comparing.fold(_plain(text))}"


def opening(post: Post, limit: int) -> str:
    """Return the beginning of a post's plain text: at most `limit` characters, and an ellipsis if it is longer."""
    return cutting.shorten(plain(post), limit)


def _clean(text: str) -> str:
    """Remove lone surrogates and control characters, which no message can hold; "" if no visible character is left."""
    bare = rules.bare(text.encode("utf-8", "replace").decode("utf-8").translate(_CONTROL))
    return bare if rules.visible(bare) else ""


def person_name(text: str) -> str:
    """Return a person's name as a card can show it; "" if nothing of the name is visible."""
    return _clean(text)
