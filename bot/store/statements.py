"""Writes as data: a transaction is a sequence of statements, and a group of transactions is a few runs of them.

Nothing here knows a database. A statement names a query of queries/*.sql and carries the values of its parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from bot.errors import StoreError

Values: TypeAlias = Mapping[str, Any] | tuple[Any, ...]
"""By name, or in the order of the row that the query takes."""

INDEPENDENT = frozenset(
    {
        "inbox_add", "inbox_done", "inbox_done_here", "inbox_retry", "inbox_dead", "inbox_dead_here",
        "outbox_add", "outbox_sending", "outbox_done", "outbox_retry", "outbox_dead", "outbox_answered", "token_keep",
    }
)  # fmt: skip
"""Queries that add rows, or change rows that no other waiting transaction changes.

An event is handled, and an effect is sent, by one task at a time, and no row is changed before the transaction that
added it has ended. So these give the same result in any order, and each runs once for all transactions of a group.
"""


class Refusal(StoreError):
    """A guard: the rows are not as the transaction needs them. The same may work later."""

    def __init__(self, text: str) -> None:
        super().__init__(text, passing=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """How many rows a statement has to change; otherwise its transaction fails with this sentence."""

    rows: int
    otherwise: str
    error: Callable[[str], StoreError] = Refusal


class Result(StrEnum):
    """What a transaction gives of one of its statements."""

    NOTHING = "nothing"
    COUNT = "how many rows it changed"
    ROWS = "the rows it read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a transaction; at most one of them has a result."""

    name: str
    values: Values
    guard: Guard | None = None
    result: Result = Result.NOTHING

    @property
    def independent(self) -> bool:
        """Whether its order among the statements of other transactions does not matter."""
        return self.name in INDEPENDENT and self.result is Result.NOTHING


Transaction: TypeAlias = Sequence[Statement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Statements of one query that are executed together; `number` is that of the first one's transaction."""

    name: str
    number: int
    statements: list[Statement]

    @property
    def result(self) -> Result:
        """What its only statement gives; a run of several gives nothing."""
        return self.statements[0].result

    @property
    def values(self) -> list[Values]:
        """The values of all its statements."""
        return [statement.values for statement in self.statements]

    def refusal(self, changed: int) -> StoreError | None:
        """Return the error of its transactions where it changed so many rows; None: they do not fail."""
        guards = [statement.guard for statement in self.statements if statement.guard]
        if not guards or changed == sum(guard.rows for guard in guards):
            return None
        return guards[0].error(guards[0].otherwise)


def plan(transactions: Iterable[Transaction]) -> list[Run]:
    """Arrange the statements of a group in few runs, with the effect of one transaction after another.

    An independent statement joins a run back to the last one whose order matters; that one is never passed.
    """
    runs: list[Run] = []
    open_runs: dict[tuple[str, bool], Run] = {}
    for number, transaction in enumerate(transactions):
        for statement in transaction:
            run = _joined(statement, runs, open_runs)
            if run is None:
                run = Run(name=statement.name, number=number, statements=[])
                runs.append(run)
            run.statements.append(statement)
            if statement.independent:
                open_runs[statement.name, statement.guard is None] = run
            else:
                open_runs.clear()
    return runs


def _joined(statement: Statement, runs: list[Run], open_runs: dict[tuple[str, bool], Run]) -> Run | None:
    """Find the run that a statement may join."""
    if statement.independent:
        return open_runs.get((statement.name, statement.guard is None))
    last = runs[-1] if runs else None
    alone = last is None or last.name != statement.name or {last.result, statement.result} != {Result.NOTHING}
    return None if alone or statement.guard or (last and last.statements[0].guard) else last
