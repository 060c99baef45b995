"""Where documentation and releases differ, or an installation may be older: one switch each."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_args, get_type_hints

from portal.errors import ControlError
from portal.measure.size import SizeRule

CrmFeed = str
CHOICES: dict[str, tuple[str, ...]] = {
    "crm_feed": ("alive", "dead"),
    "size_rule": get_args(SizeRule),
    "bot_api": ("both", "v1"),
    "old_refresh": ("dies", "lives"),
    "scope_status": ("401", "403"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How this portal behaves where portals differ."""

    crm_feed: str = "dead"
    """Whether crm.livefeedmessage.add still works (behaviour 8)."""
    size_rule: SizeRule = "60000"
    """Which size limit holds (behaviour 1.1, 11.1)."""
    bucket_capacity: int = 50
    """How many requests fit into the bucket of one source address; 0 switches it off."""
    bucket_rate: float = 2.0
    """How many requests a second leak out of it."""
    bot_api: str = "both"
    """"v1" makes every imbot.v2 method unknown, as on an old installation."""
    double_commands: bool = False
    """Whether a typed command arrives as a message too."""
    refresh_in_events: bool = True
    """Whether tokens of acting users come with a refresh_token."""
    user_in_events: bool = False
    """Whether events of the feed and of installations name the acting user and the time of expiry (reference: D1)."""
    old_refresh: str = "dies"
    """Whether a used refresh_token may be used again (behaviour 10: not documented)."""
    scope_status: str = "401"
    """The HTTP status of insufficient_scope: 401 as seen, 403 as documented."""
    localhost_handlers: bool = False
    """Whether event.bind accepts the name localhost."""
    update_on_add: bool = False
    """Whether an application bound to ONLIVEFEEDPOSTUPDATE only hears of new posts too (behaviour 7.5)."""
    update_on_comment: bool = False
    """Whether a comment counts as an update of its post, as in old versions (behaviour 7.5)."""
    https_webhooks: bool = False
    """Whether incoming webhooks over plain HTTP are refused: INVALID_REQUEST, "Https required"."""

    def changed(self, wanted: Mapping[str, Any]) -> "Switches":
        """Return the switches with some turned; raises ControlError for an unknown name or value."""
        return replace(self, **{name: _checked(name, value) for name, value in wanted.items()})


def _checked(name: str, value: Any) -> Any:
    kinds = get_type_hints(Switches)
    if name not in {field.name for field in fields(Switches)}:
        raise ControlError(
            f"There is no switch {name!r}. There are: {', '.join(field.name for field in fields(Switches))}."
        )
    if name in CHOICES:
        if str(value) not in CHOICES[name]:
            raise ControlError(f"{name} is one of: {', '.join(CHOICES[name])}.")
        return str(value)
    if kinds[name] is bool:
        if not isinstance(value, bool):
            raise ControlError(f"{name} is true or false.")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ControlError(f"{name} is a number of 0 or more.")
    return kinds[name](value)
