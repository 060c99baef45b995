"""The pages for administrators: /healthz, /readyz, /metrics."""

from __future__ import annotations

import math
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.errors import StoreError
from bot.observability.metrics import CONTENT_TYPE, Metrics
from bot.store import Store

STALLED_AFTER = 60.0
"""Seconds that an event may wait before /readyz fails, because the worker has stalled."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthEndpoints:
    """Reports the state of the service."""

    store: Store
    metrics: Metrics
    clock: Clock

    def routes(self) -> list[web.RouteDef]:
        """Return the route of each page."""
        return [web.get("/healthz", self.healthz), web.get("/readyz", self.readyz), web.get("/metrics", self.render)]

    async def healthz(self, _request: web.Request) -> web.Response:
        """Answer that the process runs."""
        return web.json_response({"ok": True})

    async def readyz(self, _request: web.Request) -> web.Response:
        """Return the ages of the oldest waiting event and effect.

        503 if events are not handled.
        """
        try:
            event, effect = await self._ages()
            mute, spare = await self._bot_tokens()
        except StoreError as exc:
            return web.json_response({"ready": False, "reason": str(exc)}, status=503)
        page = {"ready": event <= STALLED_AFTER, "oldest_event_seconds": event, "oldest_effect_seconds": effect}
        page |= {"portals_mute": mute, "portals_with_spare_token": spare}
        return web.json_response(page, status=200 if page["ready"] else 503)

    async def render(self, _request: web.Request) -> web.Response:
        """Return all metrics for Prometheus; values from an unavailable database are NaN."""
        try:
            event, effect = await self._ages()
            dead: tuple[float, float] = await self.store.dead_letters()
            mute, spare = await self._bot_tokens()
        except StoreError as exc:
            log.warning("store.unavailable", error=str(exc))
            event, effect, dead = math.nan, math.nan, (math.nan, math.nan)
            mute, spare = math.nan, math.nan
        self.metrics.oldest_event_age_seconds.set(event)
        self.metrics.oldest_effect_age_seconds.set(effect)
        for kind, count in zip(("events", "effects"), dead, strict=True):
            self.metrics.dead_letters.labels(kind=kind).set(count)
        for trouble, portals in (("mute", mute), ("spare", spare)):
            self.metrics.bot_token_troubles.labels(trouble=trouble).set(portals)
        return web.Response(body=self.metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    async def _bot_tokens(self) -> tuple[float, float]:
        """Return on how many portals the bot cannot speak, and on how many only with a spare token."""
        troubles = await self.store.bot_token_troubles()
        mute = sum(one.mute_since is not None for one in troubles)
        return mute, len(troubles) - mute

    async def _ages(self) -> tuple[float, float]:
        """Return how many seconds the oldest event and the oldest effect have waited."""
        now = self.clock.wall()
        event, effect = await self.store.oldest_event(), await self.store.oldest_effect()
        return max(0.0, now - (event or now)), max(0.0, now - (effect or now))
