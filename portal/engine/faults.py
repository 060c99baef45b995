"""Inject faults: fault rules make the next calls of a method fail, or the whole portal is down."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from random import Random
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
        "error",
        "refuse_refresh",
        "renamed",
    ]
)
METHOD_KINDS = frozenset(["error"])
"""Kinds that are the answer of one method; in a batch, they concern only the commands with this method."""
REFRESH_KINDS = frozenset(["refuse_refresh"])
"""Kinds that concern only the refresh of a token."""
REQUEST_KINDS = KINDS - METHOD_KINDS - REFRESH_KINDS
"""Kinds that concern a whole request."""
LOWEST_STATUS, HIGHEST_STATUS = 200, 599


@dataclass(slots=True, kw_only=True)
class Rule:
    """Kinds of faults for one method ("*" for all); each use of the rule causes one of them, chosen at random.

    `chance` is the share of calls that fail (above 0, at most 1), `times` the number of uses that are left, None for
    no limit. With a `seed`, the same calls fail in the same way each time. `code`, `text` and `status` are the answer
    of a fault of the kind "error".
    """

    method: str
    kinds: tuple[str, ...]
    chance: float = 1.0
    times: int | None = 1
    seconds: float = 1.0
    seed: int | None = None
    code: str = ""
    text: str = ""
    status: int = 400
    generator: Random = field(default_factory=Random)

    def __post_init__(self) -> None:
        if self.seed is not None:
            self.generator.seed(self.seed)

    @property
    def kind(self) -> str:
        """Return the first kind of fault; a rule that `take` has returned has only one."""
        return self.kinds[0]


class Faults:
    """The fault rules of a portal; each use of a rule reduces its `times` by one."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.down_until: float | None = 0.0
        """Unix time until which all calls are refused; None means until another time is set."""
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        """Function that waits some seconds before a slow call; a test may replace it to control the time."""

    def replace(self, rules: Iterable[Mapping[str, Any]]) -> None:
        """Replace all rules; raise ControlError for an invalid rule."""
        self.rules = [_read_rule(given) for given in rules]

    def take(self, methods: Iterable[str], *, refresh: bool = False) -> Rule | None:
        """Return the first rule that makes a request with these methods fail now, with one kind of fault, or None.

        The use is counted. `refresh` selects the rules for token refreshes, which no other call uses.
        """
        # Refreshes have their own kind, so that a rule for all methods does not break authorization.
        return self._take(methods, REFRESH_KINDS if refresh else REQUEST_KINDS)

    def take_error(self, method: str) -> Rule | None:
        """Return the first rule of the kind "error" that makes a method refuse its call now, or None.

        The use is counted.
        """
        return self._take([method], METHOD_KINDS)

    def _take(self, methods: Iterable[str], wanted: frozenset[str]) -> Rule | None:
        names = {name.lower() for name in methods}
        for rule in self.rules:
            applies = rule.method == "*" or rule.method.lower() in names
            kinds = [kind for kind in rule.kinds if kind in wanted]
            if not applies or rule.times == 0 or not kinds or rule.generator.random() >= rule.chance:
                continue
            if rule.times is not None:
                rule.times -= 1
            return replace(rule, kinds=(rule.generator.choice(kinds),), seed=None)
        return None

    def is_down(self, now: float) -> bool:
        """Tell whether the portal refuses all calls at a Unix time."""
        return self.down_until is None or now < self.down_until


def _read_rule(given: Any) -> Rule:
    if not isinstance(given, Mapping):
        raise ControlError("A rule is an object with a kind.")
    times, seed = given.get("times", 1), given.get("seed")
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 0):
        raise ControlError("times is a number of uses, or null for always.")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise ControlError("seed is a whole number.")
    chance = _read_number(given, "chance")
    if not 0 < chance <= 1:
        raise ControlError("chance is a number above 0, and 1 at most.")
    status = given.get("status", 400)
    if isinstance(status, bool) or not isinstance(status, int) or not LOWEST_STATUS <= status <= HIGHEST_STATUS:
        raise ControlError(f"status is an HTTP status from {LOWEST_STATUS} to {HIGHEST_STATUS}.")
    return Rule(
        method=str(given.get("method", "*")),
        kinds=_read_kinds(given),
        code=str(given.get("code", "")),
        text=str(given.get("text", "")),
        status=status,
        chance=chance,
        times=times,
        seconds=_read_number(given, "seconds"),
        seed=seed,
    )


def _read_kinds(given: Mapping[str, Any]) -> tuple[str, ...]:
    kinds = given.get("kinds", [given.get("kind")])
    if not isinstance(kinds, list | tuple) or not kinds or not {str(kind) for kind in kinds} <= KINDS:
        raise ControlError(f"A rule needs `kind`, or a list `kinds`, of: {', '.join(sorted(KINDS))}.")
    return tuple(str(kind) for kind in kinds)


def _read_number(given: Mapping[str, Any], name: str) -> float:
    """Return a number of a rule, 1 when it is missing or null; raise ControlError unless it is 0 or more."""
    number = given.get(name)
    if number is None:
        return 1.0
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < inf:
        raise ControlError(f"{name} is a number of 0 or more.")
    return float(number)
