"""docs/how/portal.md names what the portal has, and nothing else."""

import dataclasses
import re
from pathlib import Path

import portal.methods
from portal.faults import KINDS
from portal.rest.registry import METHODS
from portal.switches import Switches

PAGE = (Path(__file__).parents[2] / "docs" / "how" / "portal.md").read_text(encoding="utf-8")


def section(heading: str) -> set[str]:
    """Return the code words of one section's table."""
    body = PAGE.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in body.splitlines() if line.startswith("|")]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_every_method_is_named() -> None:
    """The list of methods is the list of methods."""
    assert portal.methods.FAMILIES
    assert section("What there is\n") == {one.name for one in METHODS.values()} | {"batch"}


def test_every_switch_and_trouble_is_named() -> None:
    """The tables of switches and troubles are complete."""
    assert {field.name for field in dataclasses.fields(Switches)} <= section("Where portals differ")
    assert section("Trouble") - {"seconds"} == KINDS
