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

    User 0 is automation: a robot, a business process or an agent; events about its actions have no tokens. `hops` is
    the depth in a chain of events that cause further events, 0 for a person on the web page.
    """

    user: int
    hops: int = 0
    connector: str = ""
    """The auth_connector of the call; the queue of offline events with this name gets no event about the action."""


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
        """With TLS: the value for HTTPS_PROXY of a client, so that all host names lead to this portal."""
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
        """Set data, switches and faults back to the seed and the defaults, and delete all records.

        All tokens become invalid.
        """
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
        """Return the host and port of the portal, as events and tokens contain them."""
        return self.url.partition("://")[2].rstrip("/")

    @property
    def rest_url(self) -> str:
        """Return the address of the REST API, sent as client_endpoint and server_endpoint."""
        return f"{self.url}rest/"

    def event_language(self, user: int) -> str:
        """Return the language that an event about an action of a user names.

        It is the portal's, or with the switch `event_language` that of the user.
        """
        row = self.world.people.users.get(user)
        return row.language if row and self.switches.event_language == "actor" else self.world.language

    def token(self, app: App, actor: Actor, kind: Kind) -> tuple[str, int]:
        """Return a new token for a user in an application, and its expiry in Unix seconds."""
        expires = int(self.clock.now()) + LIFETIMES[kind]
        grant = Grant(
            kind=kind, app=app.id, user=actor.user, expires=expires, generation=app.generation, hops=actor.hops
        )
        return self.token_issuer.issue(grant), expires
