"""Authenticates events by the application_token of their portal, and limits unconfirmed installations."""

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
"""Events with a new application_token, which are verified later, by their handler."""
LONGEST_INSTALLATION = 16_384
"""The largest of these events in bytes; real events have a tenth, and anybody can send one."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """Checks tokens and addresses; it calls no portal and writes nothing to the store."""

    store: Store
    pending_installations: PendingInstallations
    reach: addresses.Reach

    async def verified(self, envelope: decode.Envelope) -> decode.Envelope:
        """Return the envelope, with its portal filled in, if that portal has sent it.

        An installation is verified later, by its handler. So is an update, but its portal must be known.

        Raises:
            NotOurs: the portal is unknown, or the application_token is not the stored one.
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
        """Return an event with the addresses of an installation checked and in normal form; others stay as they are.

        Raises:
            BadEvent: an address may not be called.
        """
        event = decoded.event
        if not isinstance(event, Installed):
            return decoded
        endpoint, auth = (
            addresses.endpoint(url, self.reach) if url else "" for url in (event.endpoint, event.auth_endpoint)
        )
        return replace(decoded, event=replace(event, endpoint=endpoint, auth_endpoint=auth))

    @asynccontextmanager
    async def reserve(self, envelope: decode.Envelope) -> AsyncIterator[bool]:
        """Reserve a place for an unconfirmed installation while this context is open; yield whether there is one.

        For any other event it yields True.
        """
        if envelope.kind not in (INSTALL, UPDATE) or await self._is_genuine(envelope):
            yield True
            return
        async with self.pending_installations.reserve() as reserved:
            if not reserved:
                log.warning("install.too_many", portal=envelope.portal, most=self.pending_installations.most)
            yield reserved

    async def _is_genuine(self, envelope: decode.Envelope) -> bool:
        return addresses.genuine(envelope, await self.store.application_token(envelope.portal) or "")
