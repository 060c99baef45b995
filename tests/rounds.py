"""How much of a long proof is tried: a part of it every time, all of it by `make long`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

One = TypeVar("One")
TIMES = int(os.environ.get("FEEDBRIDGE_ROUNDS", "1"))
"""By how many times more is tried than usually; above one also all of what is otherwise left out."""


def rounds(usual: int) -> int:
    """How many examples to try."""
    return usual * TIMES


def some(everything: Sequence[One], *, last: int) -> Sequence[One]:
    """The first so many of something; by `make long` all."""
    return everything if TIMES > 1 else everything[:last]
