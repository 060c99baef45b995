"""What can be downloaded: pictures for everybody, and files behind addresses that work once."""

from dataclasses import dataclass, field

from portal.state.talk import File


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The right to download one file once."""

    file: File
    expires: float


@dataclass(slots=True, kw_only=True)
class Disk:
    """Tickets and pictures, in memory."""

    tickets: dict[str, Ticket] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    """name -> an avatar."""
