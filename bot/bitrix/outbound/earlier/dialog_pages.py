"""Reads the messages of a dialog back to a given time."""

from __future__ import annotations

import asyncio
import hashlib
import html
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.bitrix import walk
from bot.bitrix.outbound import calls
from bot.clock import Clock

PAGE = 50
"""The most messages of a page (reference: im.dialog.messages.get, LIMIT)."""
MOST_PAGES = 200
"""The most pages that are read of a dialog."""

Ask = Callable[[int], Awaitable[dict[str, Any]]]
"""Requests the page of messages before the message with this id; 0: the newest page."""

_MENTION = re.compile(r"\[USER=(\d{1,19})[^\]]{0,20}\][^\[]{0,300}\[/USER\]", re.IGNORECASE)
_BREAK = re.compile(r"\[br\]|#br#", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A message of a dialog: its id, its date (unix seconds on the portal's clock), and a digest of author and text."""

    id: int
    at: float
    mark: bytes


@dataclass(slots=True, kw_only=True)
class DialogPages:
    """The messages that were read of a dialog, newest first; an interrupted reading continues at the same place.

    `began` is when the first page was requested; later messages may be missing. `ahead` is how many seconds the
    portal's clock is ahead of ours. `refused`: the reader may not read this dialog.
    """

    began: float
    rows: list[MessageRow] = field(default_factory=list)
    ahead: float = 0.0
    refused: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _pages: int = 0
    _at_end: bool = False

    async def back_to(self, since: float, ask: Ask, *, clock: Clock) -> bool:
        """Read every message since a time (unix seconds on our clock); return False if there are too many.

        Raises:
            PortalError, PortalDown: a page could not be read; the messages before it are kept.
        """
        while not (self._at_end or (self.rows and self.rows[-1].at < since + self.ahead)):
            if self._pages == MOST_PAGES:
                return False
            await self._page(ask, clock=clock)
        return True

    def since(self, time: float, mark: bytes) -> list[int]:
        """Return the ids of the messages with this digest since a time (unix seconds on our clock), oldest first."""
        return sorted(one.id for one in self.rows if one.mark == mark and one.at >= time + self.ahead)

    async def _page(self, ask: Ask, *, clock: Clock) -> None:
        lowest = self.rows[-1].id if self.rows else 0
        answer = await ask(lowest)
        if not self._pages:
            self.ahead = walk.ahead(answer, clock.wall())
        self._pages += 1
        # A page may be short, because the portal leaves out what the reader may not see; the end is an empty page.
        found = [row for row in _rows(answer) if not lowest or row.id < lowest]
        self.rows += sorted(found, key=lambda row: row.id, reverse=True)
        self._at_end = not found


def mark(author: object, text: object) -> bytes:
    """Return a digest of an author and a text, without what portals change in a text.

    A system message that names its author first (the answer to a command in a chat without the bot) counts as theirs.
    """
    words = " ".join(_BREAK.sub(" ", html.unescape(str(text or ""))).split())
    words = _MENTION.sub(lambda mention: f"[USER={mention[1]}]", words)
    if str(author) == "0" and (named := re.match(r"\[USER=(\d+)\] ?", words)):
        author, words = named[1], words[named.end() :]
    return hashlib.sha256(f"{author}:{words}".encode("utf-8", "surrogatepass")).digest()


def _rows(answer: dict[str, Any]) -> list[MessageRow]:
    result = answer.get("result")
    messages = result.get("messages") if isinstance(result, dict) else None
    found = [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
    return [
        MessageRow(id=number, at=_at(one.get("date")), mark=mark(one.get("author_id"), one.get("text")))
        for one in found
        if (number := calls.number(one.get("id")))
    ]


def _at(date: object) -> float:
    """Return a date as unix seconds; infinite if it is none, so that its message is not taken for an old one."""
    try:
        return datetime.fromisoformat(str(date)).timestamp()
    except ValueError:
        return float("inf")
