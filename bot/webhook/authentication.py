"""Who is let in: events that carry their portal's token, and a few installations that still have to be believed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import structlog

from bot.bitrix import addresses
from bot.bitrix.inbound import decode
from bot.errors import NotOurs
from bot.model.events import Installed
from bot.store import Store
from bot.webhook.pending_installations import PendingInstallations

INSTALL, UPDATE = "ONAPPINSTALL", "ONAPPUPDATE"
"""What brings a new application_token, and so is not believed by the old one, but when it is handled."""
LONGEST_UNPROVEN = 16_384
"""Bytes of one of these; a true one has a tenth of it, and strangers' are kept as long as anybody's."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """Looks at tokens and addresses; nothing is called and nothing is written."""

    store: Store
    pending_installations: PendingInstallations
    insecure: bool

    async def verified(self, envelope: decode.Envelope) -> decode.Envelope:
        """The envelope with its portal, if that portal sent it; raises NotOurs.

        An installation is believed when it is handled; an update too, but its portal has to be known.
        """
        if envelope.kind == INSTALL:
            return envelope
        for portal in [envelope.portal] if envelope.portal else await self.store.portals_at(envelope.domain):
            token = await self.store.application_token(portal)
            if addresses.genuine(envelope, token or "") or (token and envelope.kind == UPDATE):
                return envelope if envelope.portal else replace(envelope, portal=portal)
        log.warning("event.not_ours", kind=envelope.kind, portal=envelope.portal, domain=envelope.domain)
        raise NotOurs("unknown portal or application token")

    def checked(self, decoded: decode.DecodedEvent) -> decode.DecodedEvent:
        """An installation says where its portal is: such an address is checked before anything calls it."""
        event = decoded.event
        if not isinstance(event, Installed):
            return decoded
        endpoint, auth = (
            addresses.endpoint(url, insecure=self.insecure) if url else ""
            for url in (event.endpoint, event.auth_endpoint)
        )
        return replace(decoded, event=replace(event, endpoint=endpoint, auth_endpoint=auth))

    @asynccontextmanager
    async def room(self, envelope: decode.Envelope) -> AsyncIterator[bool]:
        """Whether there is room for the event: always, but for installations that no token of a portal speaks for."""
        if envelope.kind not in (INSTALL, UPDATE) or await self._is_genuine(envelope):
            yield True
            return
        async with self.pending_installations.room() as room:
            if not room:
                log.warning("install.too_many", portal=envelope.portal, most=self.pending_installations.most)
            yield room

    async def _is_genuine(self, envelope: decode.Envelope) -> bool:
        return addresses.genuine(envelope, await self.store.application_token(envelope.portal) or "")
