"""Inject faults: rules make the next calls of a method fail, or the whole portal is down."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.errors import ControlError

KINDS = frozenset(
    [
        "503",
        "429",
        "500",
        "html",
        "slow",
        "cut",
        "cut_after",
        "expired",
        "empty_error",
        "error_in_200",
        "refuse_refresh",
        "renamed",
    ]
)


@dataclass(slots=True, kw_only=True)
class Rule:
    """One kind of fault for one method ("*" for all).

    `times` None means until the rules change.
    """

    method: str
    kind: str
    times: int | None = 1
    seconds: float = 1.0


class Faults:
    """The fault rules; each use of a rule reduces its `times` by one."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.down_until: float | None = 0.0
        """Unix time until which all calls are refused; None means without an end."""
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        """How a slow call waits; a test may replace it to control the time."""

    def replace(self, rules: Iterable[Mapping[str, Any]]) -> None:
        """Replace all rules; raise ControlError for an invalid rule."""
        self.rules = [_read_rule(given) for given in rules]

    def take(self, methods: Iterable[str], *, refresh: bool = False) -> Rule | None:
        """Return the first rule for any of these methods, and count its use."""
        names = {name.lower() for name in methods}
        for rule in self.rules:
            # Refreshes have their own kind, so that a rule for all methods does not break authorization.
            applies = rule.method == "*" or rule.method.lower() in names
            if not applies or rule.times == 0 or refresh != (rule.kind == "refuse_refresh"):
                continue
            if rule.times is not None:
                rule.times -= 1
            return rule
        return None

    def is_down(self, now: float) -> bool:
        """Tell whether the portal refuses all calls at this time."""
        return self.down_until is None or now < self.down_until


def _read_rule(given: Any) -> Rule:
    if not isinstance(given, Mapping) or str(given.get("kind")) not in KINDS:
        raise ControlError(f"A rule needs a kind, one of: {', '.join(sorted(KINDS))}.")
    times, seconds = given.get("times", 1), given.get("seconds")
    if times is not None and (not isinstance(times, int) or times < 0):
        raise ControlError("times is a number of uses, or null for always.")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0):
        raise ControlError("seconds is a number of 0 or more.")
    pause = 1.0 if seconds is None else float(seconds)
    return Rule(method=str(given.get("method", "*")), kind=str(given["kind"]), times=times, seconds=pause)
