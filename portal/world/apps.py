"""Applications with their handlers, placements and options, and webhooks."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A local application; its `application_token` stays the same for this portal and application."""

    id: int
    client_id: str
    client_secret: str
    name: str
    handler: str
    scopes: tuple[str, ...]
    application_token: str
    installed: bool = False
    installer: int = 0
    version: int = 1
    generation: int = 0
    """Number of removals and replacements; tokens of an earlier generation are invalid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """The binding of one address to one event.

    `user` is the AUTH_TYPE, the id of the user whose tokens the events contain; 0 means the acting user.
    """

    id: int
    client_id: str
    event: str
    url: str
    user: int = 0
    offline: bool = False
    """Whether the events are queued at the portal until the application fetches them."""
    connector: str = ""
    pause: float = 1.0
    """Smallest number of seconds between two ONOFFLINEEVENT to this address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A place in the portal's pages that opens an application.

    `user` is the id of the user who sees it; 0 means all users.
    """

    id: int
    client_id: str
    code: str
    handler: str
    title: str = ""
    description: str = ""
    options: dict[str, str] = field(default_factory=dict)
    langs: dict[str, dict[str, str]] = field(default_factory=dict)
    user: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An incoming webhook: a secret address that acts as its creator within its scopes."""

    user: int
    secret: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An outgoing webhook: an address that gets some events without tokens.

    `token` proves to the receiver that the event comes from this portal.
    """

    id: int
    url: str
    events: tuple[str, ...]
    token: str


@dataclass(slots=True, kw_only=True)
class Apps:
    """All applications and webhooks, with the handlers, placements and options of applications."""

    apps: dict[str, App] = field(default_factory=dict)
    handlers: dict[int, Handler] = field(default_factory=dict)
    by_number: dict[int, str] = field(default_factory=dict)
    used_tokens: set[str] = field(default_factory=set)
    """Refresh tokens and codes that were used and are invalid."""
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    options: dict[str, dict[str, object]] = field(default_factory=dict)
    user_options: dict[tuple[str, int], dict[str, object]] = field(default_factory=dict)
    placements: dict[int, Placement] = field(default_factory=dict)
    outgoing: list[Outgoing] = field(default_factory=list)

    def put(self, app: App) -> App:
        """Store an application, new or changed."""
        self.apps[app.client_id] = app
        self.by_number[app.id] = app.client_id
        return app

    def listening(self, event: str) -> list[Handler]:
        """Return the handlers of an event, in the order of binding."""
        return [handler for handler in self.handlers.values() if handler.event == event]

    def rebind(self, handler: Handler) -> None:
        """Store the handler of an application for a bot event, in place of an earlier one.

        Reference: 5.1, one handler per application and event.
        """
        for old in list(self.handlers.values()):
            if (old.client_id, old.event) == (handler.client_id, handler.event):
                self.handlers[old.id] = replace(handler, id=old.id)
                return
        self.handlers[handler.id] = handler

    def forget(self, client_id: str) -> None:
        """Delete all handlers, placements and options of an application."""
        self.handlers = {key: row for key, row in self.handlers.items() if row.client_id != client_id}
        self.placements = {key: row for key, row in self.placements.items() if row.client_id != client_id}
        self.user_options = {key: row for key, row in self.user_options.items() if key[0] != client_id}
        self.options.pop(client_id, None)
