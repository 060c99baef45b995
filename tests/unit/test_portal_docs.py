"""docs/how/portal.md and docs/reference/portal-methods.md agree with the emulator."""

import dataclasses
import re
from pathlib import Path

from portal.api.methods import METHODS
from portal.engine.faults import KINDS
from portal.engine.switches import Switches

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "how" / "portal.md").read_text(encoding="utf-8")
METHODS_PAGE = (DOCS / "reference" / "portal-methods.md").read_text(encoding="utf-8")


def section(heading: str) -> set[str]:
    """Return the code words of the table in one section."""
    body = PAGE.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in body.splitlines() if line.startswith("|")]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def listed() -> list[tuple[str, str, str]]:
    """Return the rows of the list of methods: name, state, missing parts."""
    rows = [line.strip().strip("|").split("|") for line in METHODS_PAGE.splitlines() if line.startswith("| `")]
    return [(name.strip().strip("`"), state.strip(), missing.strip()) for name, state, missing in rows]


def test_the_list_of_methods_agrees_with_the_registry() -> None:
    """The list has all methods, sorted, and each partial one has its missing parts."""
    rows = listed()
    names = [name for name, _, _ in rows]
    assert names == sorted(set(names), key=str.lower)
    assert {state for _, state, _ in rows} <= {"done", "partial", "not"}
    assert {name for name, state, _ in rows if state != "not"} == {one.name for one in METHODS.values()} | {"batch"}
    assert [name for name, state, missing in rows if (state == "partial") != bool(missing)] == []


def test_the_tables_of_switches_and_faults_are_complete() -> None:
    """The tables of switches and faults are complete."""
    assert {field.name for field in dataclasses.fields(Switches)} <= section("Where portals differ")
    assert section("Faults") - {"seconds"} == KINDS
