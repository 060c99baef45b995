"""Reads posts, feeds and quoted messages with the token of the person who asks, or of the installer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.messages import reading as message_reading
from bot.bitrix.outbound.posts import readership, reading
from bot.bitrix.outbound.rows import post_of, rows_of
from bot.model import ordering
from bot.model.chat_messages import ChatMessage
from bot.model.events import Dialog, MessageId, PostId, UserId
from bot.model.records import FeedPart, KnownPortal, Post, Readership


class FeedReads(ABC):
    """The part of `PortalReads` about posts; the class that inherits it sends the calls."""

    _portal: KnownPortal

    async def open_posts(self, wanted: Sequence[PostId]) -> dict[PostId, Post]:
        """Read at most fifty posts in one request, and return those that the installer may open, by their ids."""
        asked = [calls.Call(method="log.blogpost.get", params={"POST_ID": post}) for post in wanted]
        params, keys = calls.batch(asked, halt=False)
        answer = await self._as_token_owner("batch", params, ordering.INSTALL)
        items = answers.items(answer, keys, [one.method for one in asked])
        rows = (row for item in items if not item.error for row in rows_of(item.result))
        return {post.id: post for row in rows if (post := post_of(row))}

    async def message(self, dialog: Dialog, message: MessageId, *, reader: UserId) -> ChatMessage | None:
        """Read a message and the name of its author in one request with the reader's own token; raises as `find`."""
        asked = message_reading.asked(dialog, message, bot=self._portal.bot, reader=reader)
        return message_reading.read(await self._own(reader, asked), dialog, message)

    async def latest_posts(self, since: float, *, reader: UserId | None, start: int = 0) -> tuple[list[PostId], int]:
        """Read a page of the newest posts since a time, in the feed of a user (None: of the installer).

        Returns the ids, and where the next page starts (0: there is none). Raises as `find` does.
        """
        call = reading.since(since, start)
        if reader is None:
            answer = await self._as_token_owner(call.method, call.params, ordering.INSTALL)
        else:
            answer = await self._as_reader(call.method, call.params, reader)
        posts = [post.id for row in rows_of(answer.get("result")) if (post := post_of(row))]
        return posts, calls.number(answer.get("next"))

    async def feed(self, reader: UserId, *, start: int = 0) -> FeedPart:
        """Read a part of the reader's feed in one request, latest change first; raises as `find` does."""
        items = await self._own(reader, reading.pages(start))
        for item in items:
            if item.error:
                raise item.error
        posts = [post for item in items for row in rows_of(item.result) if (post := post_of(row))]
        return reading.part(items, start, posts)

    async def posts_for(self, codes: Sequence[str], *, reader: UserId) -> dict[str, frozenset[PostId]]:
        """Read the latest posts for each department and group in one request; at most fifty codes, raises as `find`."""
        some = codes[: calls.MOST_IN_A_BATCH]
        items = await self._own(reader, [reading.of_code(code) for code in some])
        found = {code: reading.numbers(item) for code, item in zip(some, items, strict=True)}
        return {code: found.get(code, frozenset()) for code in codes}

    async def readership(self, post: PostId, reader: UserId) -> Readership | None:
        """Read who has read an important post, with the reader's own token; raises as `find` does."""
        return await readership.read(lambda asked: self._own(reader, asked), post, reader, post_of=post_of)

    async def _own(self, reader: UserId, asked: Sequence[calls.Call]) -> list[answers.Item]:
        """Send calls in one request with the reader's own token."""
        params, keys = calls.batch(asked, halt=False)
        return answers.items(await self._as_reader("batch", params, reader), keys, [one.method for one in asked])

    @abstractmethod
    async def _as_reader(self, method: str, params: dict[str, Any], reader: UserId) -> dict[str, Any]:
        """Call a method with a token of the reader only."""

    @abstractmethod
    async def _as_token_owner(self, method: str, params: dict[str, Any], token_owner: str) -> dict[str, Any]:
        """Call a method with the token of an owner."""
