"""Groups of transactions become few runs, with the same result as one transaction after the other."""

from __future__ import annotations

import pytest

from bot.errors import Overtaken, StoreError
from bot.store.statements import Guard, Refusal, Result, Statement, plan


def one(name: str, number: int = 0, result: Result = Result.NOTHING, guard: Guard | None = None) -> Statement:
    """Make a statement with a value that identifies it."""
    return Statement(name=name, values=(number,), result=result, guard=guard)


def runs(*transactions: list[Statement]) -> list[tuple[str, list[object]]]:
    """Return the runs of a group: each query with its values."""
    return [(run.name, [values[0] for values in run.values]) for run in plan(transactions)]  # type: ignore[index]


def test_equal_statements_of_many_transactions_are_one_run() -> None:
    """Events and answers of a hundred transactions are three runs, each in order of the transactions."""
    group = [[one("inbox_add", n)] if n % 2 else [one("outbox_add", n), one("inbox_done", n)] for n in range(100)]
    odd, even = list(range(1, 100, 2)), list(range(0, 100, 2))
    assert runs(*group) == [("outbox_add", even), ("inbox_done", even), ("inbox_add", odd)]


def test_nothing_passes_a_statement_whose_order_matters() -> None:
    """Statements before and after the removal of a portal keep their places."""
    gone = [one("tokens_drop", 2), one("outbox_drop", 2)]
    assert runs([one("outbox_add", 1)], gone, [one("outbox_add", 3)]) == [
        ("outbox_add", [1]),
        ("tokens_drop", [2]),
        ("outbox_drop", [2]),
        ("outbox_add", [3]),
    ]


def test_equal_neighbours_are_one_run() -> None:
    """A thousand cards of one post are written together."""
    cards = [one("card_put", number) for number in range(1000)]
    assert runs(cards, [one("card_lost", 1)], cards[:1]) == [
        ("card_put", list(range(1000))),
        ("card_lost", [1]),
        ("card_put", [0]),
    ]


@pytest.mark.parametrize("result", [Result.COUNT, Result.ROWS])
def test_a_statement_with_a_result_is_a_run_of_its_own(result: Result) -> None:
    """It does not share a run, even with an equal statement."""
    forget = [one("inbox_forget", 1, result)]
    assert runs(forget, forget, [one("inbox_forget", 2)], forget) == [
        ("inbox_forget", [1]),
        ("inbox_forget", [1]),
        ("inbox_forget", [2]),
        ("inbox_forget", [1]),
    ]


def test_a_guard_counts_its_own_statements() -> None:
    """Statements with and without a guard are not mixed, and the guard counts the rows of its own run."""
    guard = Guard(rows=1, otherwise="it does not wait")
    guarded, free = one("outbox_sending", 1, guard=guard), one("outbox_sending", 2)
    first, second = plan([[guarded, free], [guarded]])
    assert (len(first.statements), len(second.statements)) == (2, 1)
    assert (first.refusal(2), second.refusal(0)) == (None, None)
    assert str(first.refusal(1)) == "it does not wait"


@pytest.mark.parametrize(
    ("guard", "error"),
    [
        pytest.param(Guard(rows=0, otherwise="it changed"), Refusal, id="no other"),
        pytest.param(Guard(rows=0, otherwise="it changed", error=Overtaken), Overtaken, id="its own"),
    ],
)
def test_a_guard_has_its_own_error(guard: Guard, error: type[StoreError]) -> None:
    """The error of a guard means that the same may work later; a guard that is met raises none."""
    [run] = plan([[one("card_is_other", 1, guard=guard)]])
    assert run.refusal(0) is None
    refusal = run.refusal(1)
    assert (type(refusal), str(refusal), refusal and refusal.passing) == (error, "it changed", True)


def test_a_check_is_never_shared() -> None:
    """Two transactions that check the same card are two runs: the first may make the second fail."""
    check = one("card_is_other", 1, guard=Guard(rows=0, otherwise="it changed"))
    assert [name for name, _ in runs([check, one("card_put", 1)], [check])] == [
        "card_is_other",
        "card_put",
        "card_is_other",
    ]
