"""Making a message fit."""

from __future__ import annotations
from dataclasses import dataclass
from keyboards.message import Message
from keyboards.limits import Limits, STRICT
from keyboards.sizes import size, WIDEST_BOT_ID
from keyboards.measure import Size
from keyboards.errors import TooBig
from keyboards import normal


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """One thing that was given up."""

    part: str
    what: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was given up so that a message fits."""

    given_up: tuple[GivenUp, ...] = ()


@dataclass(frozen=True, slots=True)
class Fitted:
    """A message that fits, and what that took."""

    message: Message
    report: Report


def fit(message: Message, limits: Limits = STRICT, *, bot_id: int = WIDEST_BOT_ID) -> Fitted:
    """A message that fits."""
    n = len(message.code)
    if n > limits.text.value:
        raise TooBig("text", n - limits.text.value, "chars", limits.text.value)
    for part in ("keyboard", "attach", "menu"):
        thing = getattr(message, part)
        if thing is None:
            continue
        s = size(thing, bot_id)
        for l in getattr(limits, part) or ():
            if l.over(s) > 0:
                raise TooBig(part, l.over(s), l.unit.value, l.value)
    return Fitted(message, Report())
