"""All data of one portal, and its id counters."""

import hashlib
from dataclasses import dataclass, field

from portal.world.apps import Apps
from portal.world.bots import Bots
from portal.world.crm import Crm
from portal.world.disk import Disk
from portal.world.feed import Feed
from portal.world.messenger import Messenger
from portal.world.notifications import Notifications
from portal.world.people import People, User
from portal.world.preferences import Preferences
from portal.world.queues.fetched import Subscriptions
from portal.world.queues.offline import OfflineEvents

FIRST_IDS = {
    "user": 901,
    "chat": 101,
    "message": 5001,
    "post": 217,
    "log": 7001,
    "comment": 801,
    "entry": 601,
    "app": 11,
    "handler": 401,
    "command": 51,
    "file": 9001,
    "event": 2001,
    "gratitude": 3101,
    "poll": 3301,
    "offline": 3501,
    "card": 61,
    "group": 21,
    "placement": 141,
}
"""Start of each id counter.

The ranges differ, so that a test notices when two kinds of ids are mixed up.
"""


@dataclass(slots=True, kw_only=True)
class World:
    """All data of one portal."""

    name: str = "Nordlicht"
    language: str = "en"
    """The default language of the portal, which its events name."""
    member_id: str = ""
    people: People = field(default_factory=People)
    messenger: Messenger = field(default_factory=Messenger)
    bots: Bots = field(default_factory=Bots)
    feed: Feed = field(default_factory=Feed)
    crm: Crm = field(default_factory=Crm)
    apps: Apps = field(default_factory=Apps)
    offline: OfflineEvents = field(default_factory=OfflineEvents)
    notifications: Notifications = field(default_factory=Notifications)
    preferences: Preferences = field(default_factory=Preferences)
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    disk: Disk = field(default_factory=Disk)
    counters: dict[str, int] = field(default_factory=lambda: dict(FIRST_IDS))

    def next_id(self, kind: str) -> int:
        """Return a new id of one kind, such as "chat" or "message"."""
        number = self.counters[kind]
        self.counters[kind] = number + 1
        return number

    def taken(self, kind: str, number: int) -> None:
        """Move the id counter of a kind beyond an id that the seed uses."""
        self.counters[kind] = max(self.counters[kind], number + 1)

    def user(self, number: int) -> User | None:
        """Return the active user with an id, or None."""
        user = self.people.users.get(number)
        return user if user is not None and user.active else None


def member_id_of(text: str) -> str:
    """Return a member_id made from a text; the same text gives the same member_id."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
