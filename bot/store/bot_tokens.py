"""With whose token the bot speaks on each portal, and the tokens that may take its place."""

from __future__ import annotations

from bot.model import ordering
from bot.model.events import PortalId, UserId
from bot.model.queued import IncomingEvent, WaitingEvent
from bot.model.records import BotTokenTrouble
from bot.store import coding
from bot.store.portals import PortalStore
from bot.store.statements import Statement

SPARES = 3
"""Users of a portal whose tokens are kept although they have expired, because they can be refreshed."""


class BotTokenStore(PortalStore):
    """The user whose token the bot speaks with, and spare tokens."""

    async def spare_owners(self, portal: PortalId, *, many: int) -> list[str]:
        """Return whose tokens may serve the bot, the newest first."""
        rows = await self.db.read("token_spares", portal=portal, many=many, **coding.KEYS)
        return [row["token_owner"] for row in rows]

    async def speaks_with(
        self, portal: PortalId, speaker: UserId | None, *, told: IncomingEvent | None, now: float
    ) -> None:
        """Store whose token the bot speaks with, and send what waited for one.

        `told` is put into the inbox with it.
        """
        statements = [Statement(name="portal_speaker", values={"portal": portal, "speaker": speaker}), _now(portal)]
        statements += [coding.received(told, self.encryption, now)] if told else []
        await self.db.write(statements)

    async def is_mute(self, portal: PortalId, reason: str, *, now: float) -> None:
        """Store that no known token lets the bot speak."""
        values = {"portal": portal, "reason": coding.reason(reason), "now": now}
        await self.db.write([Statement(name="portal_mute", values=values)])

    async def keep_spare(self, row: WaitingEvent) -> None:
        """Keep the token of an event at once, also one whose user is unknown, and try again to send what waits."""
        kept = self._tokens_of(row)
        if not kept and row.event_tokens.user is None and row.event_tokens.access_token:
            kept = [self._kept_for(row.portal, ordering.SPARE, row.event_tokens)]
        await self.db.write([*kept, _now(row.portal)])

    async def tokens_to_refresh(self, now: float, *, many: int) -> list[tuple[PortalId, str]]:
        """Return portals and owners of refresh tokens that grow old, the oldest first."""
        rows = await self.db.read("tokens_to_refresh", now=now, many=many, **coding.KEYS)
        return [(PortalId(row["portal"]), row["token_owner"]) for row in rows]

    async def refresh_later(self, portal: PortalId, token_owner: str, now: float) -> None:
        """Postpone the next refresh of a token that was refused."""
        values = {"portal": portal, "token_owner": token_owner, "due_at": now + coding.REFRESH_AFTER}
        await self.db.write([Statement(name="token_refresh_later", values=values)])

    async def bot_token_troubles(self) -> list[BotTokenTrouble]:
        """Return the portals where the bot does not speak with the installer's token."""
        return [
            BotTokenTrouble(
                portal=PortalId(row["id"]),
                domain=row["domain"],
                speaker=row["speaker"],
                mute_since=row["mute_since"],
                reason=row["mute_reason"],
            )
            for row in await self.db.read("portals_not_with_installer")
        ]


def _now(portal: PortalId) -> Statement:
    return Statement(name="outbox_speaks_now", values={"portal": portal, **coding.KEYS})
