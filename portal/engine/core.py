"""One emulated portal: data, clock, switches, limits and faults; no socket is opened here."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.clock import Clock
from portal.engine.call_log import CallLog
from portal.engine.changes import Hub
from portal.engine.event_delivery import EventSender
from portal.engine.faults import Faults
from portal.engine.rate_limits import Buckets, RunTimes
from portal.engine.switches import Switches
from portal.engine.tokens import LIFETIMES, Grant, Kind, TokenIssuer
from portal.world.apps import App
from portal.world.memory import World
from portal.world.seed import world_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The user who does something.

    `hops` is the depth in a chain of events, 0 for a person on the web page.
    """

    user: int
    hops: int = 0
    connector: str = ""
    """The auth_connector of the call; its own queue of offline events gets no event."""


class Portal:
    """An emulated Bitrix24 portal in memory; the functions of `portal.rules` change it."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: Mapping[str, Any] | None = None,
        secret: Callable[[], str] = lambda: secrets.token_hex(16),
        insecure_ok: bool = False,
    ) -> None:
        self.clock = clock or Clock()
        self.secret = secret
        self.url = "http://127.0.0.1:0/"
        self.proxy = ""
        """With TLS: the address for HTTPS_PROXY, which routes all host names to this portal."""
        self.hub = Hub()
        self.call_log = CallLog()
        self.buckets = Buckets()
        self.run_times = RunTimes()
        self.faults = Faults()
        self.switches = Switches()
        self.event_sender = EventSender(call_log=self.call_log, hub=self.hub, clock=self.clock, insecure_ok=insecure_ok)
        self._seed = seed
        self.token_issuer = TokenIssuer(secret().encode())
        self.world: World = world_from(seed, now=self.clock.now())

    def reset(self) -> None:
        """Reset the portal to its seed, with its switches, faults and records."""
        self.world = world_from(self._seed, now=self.clock.now())
        # A new key makes all tokens from before the reset invalid.
        self.token_issuer = TokenIssuer(self.secret().encode())
        self.switches = Switches()
        self.faults = Faults()
        self.buckets.empty()
        self.run_times.empty()
        self.call_log.clear()
        self.hub.publish({"type": "reset"})

    @property
    def domain(self) -> str:
        """The address of the portal without scheme, as events and tokens contain it."""
        return self.url.partition("://")[2].rstrip("/")

    @property
    def rest_url(self) -> str:
        """The address of the REST API, sent as client_endpoint and server_endpoint."""
        return f"{self.url}rest/"

    def token(self, app: App, actor: Actor, kind: Kind) -> tuple[str, int]:
        """Issue a token for a user in an application; return token and expiry.

        The expiry is in Unix seconds.
        """
        expires = int(self.clock.now()) + LIFETIMES[kind]
        grant = Grant(
            kind=kind, app=app.id, user=actor.user, expires=expires, generation=app.generation, hops=actor.hops
        )
        return self.token_issuer.issue(grant), expires
