"""Filters, order and selection of lists; run times in slots."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.engine.rate_limits import RunTimes
from portal.wire.lists import filtered, select_fields, sorted_rows

ROWS: list[dict[str, Any]] = [
    {"ID": "1", "NAME": "Ada", "SUM": "20", "ON": True, "TAGS": [1, 2], "DAY": "2026-03-01T10:00:00+02:00"},
    {"ID": "2", "NAME": "Bo", "SUM": "3.5", "ON": False, "TAGS": [], "DAY": "2026-03-02T10:00:00+02:00"},
    {"ID": "10", "NAME": "ada lund", "SUM": "", "ON": True, "TAGS": [3], "DAY": ""},
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["1", "2", "10"]),
        ({"NAME": "ADA"}, ["1"]),
        ({"=NAME": "ada%"}, ["1", "10"]),
        ({"=%NAME": "%lund"}, ["10"]),
        ({"%=NAME": "a%"}, ["1", "10"]),
        ({"!=%NAME": "a%"}, ["2"]),
        ({"!%=NAME": "a%"}, ["2"]),
        ({"%NAME": "%UN%"}, ["10"]),
        ({"?NAME": "d"}, ["1", "10"]),
        ({"!%NAME": "d"}, ["2"]),
        ({"!NAME": "Bo"}, ["1", "10"]),
        ({"!=ID": 2}, ["1", "10"]),
        ({"@ID": ["1", 10]}, ["1", "10"]),
        ({"!@ID": ["1", 10]}, ["2"]),
        ({"ID": [2, 10]}, ["2", "10"]),
        ({">ID": 2}, ["10"]),
        ({">=ID": 2, "<=ID": 2}, ["2"]),
        ({"><ID": [1, 2]}, ["1", "2"]),
        ({"!><ID": [1, 2]}, ["10"]),
        ({"><ID": [1]}, []),
        ({"SUM": 20.0}, ["1"]),
        ({">SUM": 3}, ["1", "2"]),
        ({"SUM": ""}, ["10"]),
        ({"ON": "Y"}, ["1", "10"]),
        ({"ON": False}, ["2"]),
        ({"ON": 1}, ["1", "10"]),
        ({"TAGS": 2}, ["1"]),
        ({"TAGS": [2, 3]}, ["1", "10"]),
        ({"!TAGS": 3}, ["1", "2"]),
        ({">=DAY": "2026-03-02"}, ["2"]),
        ({"<DAY": "2026-03-01T12:00:00+00:00"}, ["1"]),
        ({"name": "Bo"}, ["2"]),
        ({"OTHER": 1}, ["1", "2", "10"]),
        ({"ID": []}, []),
    ],
    ids=str,
)
def test_filters(wanted: dict[str, Any], found: list[str]) -> None:
    """Each prefix works as documented; numbers and dates compare by value; unknown fields have no effect."""
    assert [row["ID"] for row in filtered(ROWS, wanted)] == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ({"ID": "DESC"}, ["10", "2", "1"]),
        ({"NAME": "asc"}, ["1", "10", "2"]),
        ({"ON": "asc", "ID": "desc"}, ["2", "10", "1"]),
        ({"SUM": "ASC"}, ["10", "2", "1"]),
        ({"OTHER": "DESC"}, ["1", "2", "10"]),
        (["ID"], ["1", "2", "10"]),
        (None, ["1", "2", "10"]),
    ],
    ids=str,
)
def test_order(order: Any, found: list[str]) -> None:
    """Numbers are sorted as numbers, the first field has priority, invalid orders have no effect."""
    rows = [{**row, "ON": "Y" if row["ON"] else "N"} for row in ROWS]
    assert [row["ID"] for row in sorted_rows(rows, order)] == found


def test_selection() -> None:
    """Only named fields; all for * or none; custom ones for UF_*."""
    row = {"ID": "1", "NAME": "x", "UF_A": 1, "UF_B": 2}
    assert select_fields([row], []) == select_fields([row], ["*"]) == [row]
    assert select_fields([row], ["name"], always=("ID",)) == [{"ID": "1", "NAME": "x"}]
    assert select_fields([row], ["UF_*"]) == [{"UF_A": 1, "UF_B": 2}]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(
    st.dictionaries(
        st.text(max_size=6) | st.sampled_from([">ID", "><ID", "!TAGS", "%NAME"]), SCALARS | st.lists(SCALARS)
    )
)
def test_any_filter_returns_rows(wanted: dict[str, Any]) -> None:
    """Any filter returns some of the rows without an error."""
    assert all(row in ROWS for row in filtered(ROWS, wanted))


def test_run_time_counts_for_ten_minutes() -> None:
    """Calls of one minute share a slot, which counts ten minutes from its first call."""
    ran, key = RunTimes(), ("app", "profile")
    assert (ran.used(key, 1000), ran.resets(key, 1000)) == (0, 1600)
    ran.charge(key, 1000, 2)
    ran.charge(key, 1059, 1)
    ran.charge(key, 1060, 4)
    assert (ran.used(key, 1100), ran.resets(key, 1100), ran.used(("app", "other"), 1100)) == (7, 1600, 0)
    assert (ran.used(key, 1600), ran.resets(key, 1600)) == (4, 1660)
    ran.empty()
    assert ran.used(key, 1600) == 0
