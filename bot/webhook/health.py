"""The pages for administrators: /healthz, /readyz, /metrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.errors import StoreError
from bot.observability.metrics import CONTENT_TYPE, Metrics
from bot.store import Store

STALLED_AFTER = 60.0
"""Seconds after which a loop that does not look for work makes the service not ready: it is stuck."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthEndpoints:
    """Serves the pages that report the state of the service."""

    store: Store
    metrics: Metrics
    clock: Clock
    stalled: Callable[[float], Sequence[str]]
    """Return the loops that have not looked for work for so many seconds."""

    def routes(self) -> list[web.RouteDef]:
        """Return the HTTP routes of the pages."""
        return [web.get("/healthz", self.healthz), web.get("/readyz", self.readyz), web.get("/metrics", self.render)]

    async def healthz(self, _request: web.Request) -> web.Response:
        """Answer 200, which shows that the process runs."""
        return web.json_response({"ok": True})

    async def readyz(self, _request: web.Request) -> web.Response:
        """Answer 200 if an event that comes now would be handled, else 503 with the reason.

        The answer also says how many seconds the oldest event and effect have waited. That does not decide: one portal
        in trouble must not close the webhook to all others.
        """
        try:
            event, effect = await self._ages()
            mute, spare = await self._bot_tokens()
        except StoreError as exc:
            return web.json_response({"ready": False, "reason": str(exc)}, status=503)
        page: dict[str, object] = {"ready": True, "oldest_event_seconds": event, "oldest_effect_seconds": effect}
        page |= {"portals_mute": mute, "portals_with_spare_token": spare}
        if stalled := self.stalled(STALLED_AFTER):
            page |= {"ready": False, "reason": f"stuck for more than {STALLED_AFTER:g} seconds: {', '.join(stalled)}"}
        return web.json_response(page, status=200 if page["ready"] else 503)

    async def render(self, _request: web.Request) -> web.Response:
        """Answer with all metrics for Prometheus; if the database is unavailable, its values are NaN."""
        try:
            event, effect = await self._ages()
            dead: tuple[float, float] = await self.store.dead_letters()
            troubled: float = await self.store.portals_in_trouble()
            mute, spare = await self._bot_tokens()
        except StoreError as exc:
            log.warning("store.unavailable", error=str(exc))
            event, effect, dead, troubled = math.nan, math.nan, (math.nan, math.nan), math.nan
            mute, spare = math.nan, math.nan
        self.metrics.oldest_event_age_seconds.set(event)
        self.metrics.oldest_effect_age_seconds.set(effect)
        self.metrics.portals_in_trouble.set(troubled)
        for kind, count in zip(("events", "effects"), dead, strict=True):
            self.metrics.dead_letters.labels(kind=kind).set(count)
        for trouble, portals in (("mute", mute), ("spare", spare)):
            self.metrics.bot_token_troubles.labels(trouble=trouble).set(portals)
        return web.Response(body=self.metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    async def _bot_tokens(self) -> tuple[float, float]:
        """Return the number of portals where the bot cannot speak, and where it speaks with a spare token."""
        troubles = await self.store.bot_token_troubles()
        mute = sum(one.mute_since is not None for one in troubles)
        return mute, len(troubles) - mute

    async def _ages(self) -> tuple[float, float]:
        """Return how many seconds the oldest event and the oldest effect have waited; 0 if none waits."""
        now = self.clock.wall()
        event, effect = await self.store.oldest_event(), await self.store.oldest_effect()
        return max(0.0, now - (event or now)), max(0.0, now - (effect or now))
