"""What handlers may ask: the Memory of one portal, read only."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

from bot.model import effects
from bot.model.events import Dialog, MessageId, PortalId, PostId, UserId
from bot.model.records import Card, Extranet, Follow, KnownPortal, Shown
from bot.model.state_changes import PostSeen
from bot.store import conversations
from bot.store.store import Store

T = TypeVar("T")


class StoredMemory:
    """`context.Memory` over the store."""

    def __init__(self, store: Store, portal: PortalId) -> None:
        self._store = store
        self._db = store.db
        self._portal = portal

    async def portal(self) -> KnownPortal | None:
        """The portal, once it is known."""
        return await self._store.portal(self._portal)

    async def is_member(self, dialog: Dialog) -> bool:
        """Whether the bot was seen to be a member of this group."""
        return bool(await self._db.read_value("chat_is_joined", portal=self._portal, dialog=dialog))

    async def follows(self, dialog: Dialog) -> list[Follow]:
        """What this dialog follows, oldest first."""
        rows = await self._db.read("follows_of", portal=self._portal, dialog=dialog)
        return [Follow(**dict(row)) for row in rows]

    async def followers(self) -> list[Follow]:
        """Every subscription on the portal."""
        return [Follow(**dict(row)) for row in await self._db.read("follows_all", portal=self._portal)]

    async def post(self, post: PostId) -> PostSeen | None:
        """The post as it was seen last."""
        row = await self._db.read_one("post_get", portal=self._portal, post=post)
        return msgspec.convert(dict(row), PostSeen, strict=False) if row else None

    async def is_deleted(self, post: PostId) -> bool:
        """Whether the portal said that this post was deleted."""
        return bool(await self._db.read_value("post_is_deleted", portal=self._portal, post=post))

    async def cards(self, post: PostId) -> list[Card]:
        """Every card of a post."""
        return [_card(row) for row in await self._db.read("cards_of", portal=self._portal, post=post)]

    async def cards_with_content(self, dialog: Dialog) -> list[Card]:
        """Cards that show, or are about to show, the content of a post in this dialog."""
        rows = await self._db.read("cards_with_content", portal=self._portal, dialog=dialog)
        return [_card(row) for row in rows]

    async def dialogs_with_content(self) -> dict[Dialog, float]:
        """Dialogs where the content of a post stands, and when it was last asked who reads there (0: never)."""
        rows = await self._db.read("dialogs_with_content", portal=self._portal)
        return {Dialog(row["dialog"]): row["asked_at"] for row in rows}

    async def restricted_cards(self) -> list[tuple[Card, str]]:
        """Cards with content of posts that are not for all, and who read in their dialogs when asked last."""
        rows = await self._db.read("restricted_cards", portal=self._portal)
        return [(_card(row), row["members"]) for row in rows]

    async def quiet_posts(self, dialog: Dialog, day: int) -> list[str]:
        """Times of the day's posts that are not for everyone in a chat."""
        rows = await self._db.read("quiet_of", portal=self._portal, dialog=dialog, day=day)
        return [row["at"] for row in rows]

    async def extranet(self) -> dict[Dialog, Extranet]:
        """Chats in which an extranet user is or was, and what they were told of that."""
        rows = await self._db.read("extranet_of", portal=self._portal)
        return {
            Dialog(row["dialog"]): Extranet(
                seen=bool(row["seen"]), told=bool(row["told"]), told_day=row["told_day"], off=bool(row["off"])
            )
            for row in rows
        }

    async def posts_with_content(self, many: int) -> list[Shown]:
        """The newest posts of which content stands somewhere."""
        rows = await self._db.read("posts_with_content", portal=self._portal, many=many)
        return [Shown(post=PostId(row["post"]), version=row["version"], for_all=bool(row["for_all"])) for row in rows]

    async def publishing(self, author: UserId, since: float) -> list[effects.Publish]:
        """Posts of this author that left, or are about to leave, through the bot since then."""
        found = [
            msgspec.json.decode(row["payload"], type=effects.Publish)
            for row in await self._db.read("outbox_made", portal=self._portal, kind="Publish", since=since)
        ]
        return [publish for publish in found if publish.user == author]

    async def publications(self, post: PostId, since: float) -> list[effects.Publish]:
        """What published this post through the bot since then."""
        values = {"portal": self._portal, "kind": "Publish", "since": since, "result": json.dumps(post)}
        rows = await self._db.read("outbox_that_made", **values)
        return [msgspec.json.decode(row["payload"], type=effects.Publish) for row in rows]

    async def conversation(self, dialog: Dialog, user: UserId, kind: type[T], *, now: float) -> T | None:
        """What a user has said so far in a dialog, as a value of this type; None where it has expired by `now`."""
        of = {"portal": self._portal, "dialog": dialog, "user": user, "kind": conversations.kind_name(kind)}
        return conversations.decode(await self._db.read_value("conversation_get", **of, now=now), kind)

    async def made(self, kind: str, since: float) -> set[int]:
        """Ids of what came out of our own effects of a kind since then."""
        rows = await self._db.read("outbox_made", portal=self._portal, kind=kind, since=since)
        results = (json.loads(row["result"]) for row in rows if row["result"])
        return {result for result in results if isinstance(result, int)}


def _card(row: Any) -> Card:
    return Card(
        post=PostId(row["post"]),
        dialog=Dialog(row["dialog"]),
        version=row["version"],
        message=MessageId(row["message"]) if row["message"] is not None else None,
        made_at=row["made_at"],
        lost=bool(row["lost"]),
    )
