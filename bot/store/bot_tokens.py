"""Stores whose token the bot speaks with on each portal, and reads the tokens that can replace it."""

from __future__ import annotations

from bot.model import ordering
from bot.model.events import PortalId, UserId
from bot.model.queued import IncomingEvent, WaitingEvent
from bot.model.records import BotTokenTrouble
from bot.store import coding
from bot.store.portals import PortalStore
from bot.store.statements import Statement

SPARES = 3
"""The number of users of a portal whose expired tokens are kept, because they can be refreshed."""


class BotTokenStore(PortalStore):
    """Stores which user's token the bot of a portal speaks with, and spare tokens for it."""

    async def spare_owners(self, portal: PortalId, *, many: int) -> list[str]:
        """Return the owners of at most `many` tokens with which the bot could speak, the newest token first.

        They are users of the portal, and the owner `spare` (a user whom their event did not name), but never the owner
        `install`.
        """
        rows = await self.db.read("token_spares", portal=portal, many=many, **coding.KEYS)
        return [row["token_owner"] for row in rows]

    async def speaks_with(
        self, portal: PortalId, speaker: UserId | None, *, told: IncomingEvent | None, now: float
    ) -> None:
        """Store that the bot speaks with the token of `speaker` (None: of the installer).

        Effects that waited for a token become due now. The event `told`, if there is one, is put into the inbox in the
        same transaction.
        """
        statements = [Statement(name="portal_speaker", values={"portal": portal, "speaker": speaker}), _now(portal)]
        statements += [coding.received(told, self.encryption, now)] if told else []
        await self.db.write(statements)

    async def is_mute(self, portal: PortalId, reason: str, *, now: float) -> None:
        """Store that no known token lets the bot speak, and why; an earlier time and reason are kept."""
        values = {"portal": portal, "reason": coding.reason(reason), "now": now}
        await self.db.write([Statement(name="portal_mute", values=values)])

    async def keep_spare(self, row: WaitingEvent) -> None:
        """Store the token of an event that waits for its handlers, and make effects that waited for a token due now.

        The token of a user whom the event does not name is stored for the owner `spare`.
        """
        kept = self._tokens_of(row)
        if not kept and row.event_tokens.user is None and row.event_tokens.access_token:
            kept = [self._kept_for(row.portal, ordering.SPARE, row.event_tokens)]
        await self.db.write([*kept, _now(row.portal)])

    async def tokens_to_refresh(self, now: float, *, many: int) -> list[tuple[PortalId, str]]:
        """Return the portals and owners of at most `many` refresh tokens that must be renewed now, the oldest first."""
        rows = await self.db.read("tokens_to_refresh", now=now, many=many, **coding.KEYS)
        return [(PortalId(row["portal"]), row["token_owner"]) for row in rows]

    async def refresh_later(self, portal: PortalId, token_owner: str, now: float) -> None:
        """Postpone the next refresh of a token by REFRESH_AFTER, because the server refused it."""
        values = {"portal": portal, "token_owner": token_owner, "due_at": now + coding.REFRESH_AFTER}
        await self.db.write([Statement(name="token_refresh_later", values=values)])

    async def bot_token_troubles(self) -> list[BotTokenTrouble]:
        """Return the portals where the bot speaks with another token than the installer's, or cannot speak."""
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
