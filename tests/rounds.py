"""Says how much of a long test is run: a part each time, everything with `make long`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

One = TypeVar("One")
TIMES = int(os.environ.get("FEEDBRIDGE_ROUNDS", "1"))
"""The factor for the number of examples; above one, everything that is usually left out is tried too."""


def rounds(usual: int) -> int:
    """Return how many examples to try."""
    return usual * TIMES


def some(everything: Sequence[One], *, last: int) -> Sequence[One]:
    """Return the first examples, or all with `make long`."""
    return everything if TIMES > 1 else everything[:last]
