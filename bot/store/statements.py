"""Describes writes as data: a transaction is a list of statements, and `plan` arranges a group of transactions in runs.

A run is several statements of one query that are executed together. This module does not depend on a database: a
statement has the name of a query in queries/*.sql, and the parameters of the query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from bot.errors import StoreError

Values: TypeAlias = Mapping[str, Any] | tuple[Any, ...]
"""Parameters by name, or in the order of the columns of the row that the query takes."""

INDEPENDENT = frozenset(
    {
        "inbox_add", "inbox_done", "inbox_done_here", "inbox_retry", "inbox_dead", "inbox_dead_here",
        "outbox_add", "outbox_sending", "outbox_done", "outbox_retry", "outbox_dead", "outbox_answered", "token_keep",
    }
)  # fmt: skip
"""Queries that add rows, or change rows that no other waiting transaction changes.

One task at a time handles an event or sends an effect, and no row is changed before the transaction that added it has
ended. So these queries have the same result in any order, and each one runs once for all transactions of a group.
"""


class Refusal(StoreError):
    """A guard failed: the rows are not in the state that the transaction needs; the same transaction may work later."""

    def __init__(self, text: str) -> None:
        super().__init__(text, passing=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Says how many rows a statement must change.

    If it changes another number, the transaction fails with `error`, whose message is `otherwise`.
    """

    rows: int
    otherwise: str
    error: Callable[[str], StoreError] = Refusal


class Result(StrEnum):
    """Says what a statement returns."""

    NOTHING = "nothing"
    COUNT = "the number of rows that it changed"
    ROWS = "the rows that it read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One query of a transaction, with its parameters, its guard, and the result that it returns."""

    name: str
    values: Values
    guard: Guard | None = None
    result: Result = Result.NOTHING

    @property
    def independent(self) -> bool:
        """Check whether this statement may change places with statements of other transactions."""
        return self.name in INDEPENDENT and self.result is Result.NOTHING


Transaction: TypeAlias = Sequence[Statement]
"""Statements that are committed together, or not at all. At most one of them returns a result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Statements of one query that are executed together.

    `number` is the index, in the group, of the transaction that the first statement belongs to.
    """

    name: str
    number: int
    statements: list[Statement]

    @property
    def result(self) -> Result:
        """Return the kind of result of the only statement; NOTHING for a run of several statements."""
        return self.statements[0].result

    @property
    def values(self) -> list[Values]:
        """Return the parameters of each statement, in order."""
        return [statement.values for statement in self.statements]

    def refusal(self, changed: int) -> StoreError | None:
        """Return the error if `changed` is not the number of rows that the guards of the run need; else None."""
        guards = [statement.guard for statement in self.statements if statement.guard]
        if not guards or changed == sum(guard.rows for guard in guards):
            return None
        return guards[0].error(guards[0].otherwise)


def plan(transactions: Iterable[Transaction]) -> list[Run]:
    """Arrange the statements of a group of transactions in few runs, which must be executed in this order.

    The result is the same as that of one transaction after the other. An independent statement may join an earlier run,
    but never a run before the last statement whose order matters.
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
    """Return the run that a statement may join; None if it needs a new run."""
    if statement.independent:
        return open_runs.get((statement.name, statement.guard is None))
    last = runs[-1] if runs else None
    alone = last is None or last.name != statement.name or {last.result, statement.result} != {Result.NOTHING}
    return None if alone or statement.guard or (last and last.statements[0].guard) else last
