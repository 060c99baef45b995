"""Results of other people's tests, read from the JUnit XML that pytest, vitest and PHPUnit write."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test: its name, its outcome (passed, failed or skipped) and what it says of a failure or a skip."""

    name: str
    outcome: str
    text: str = ""


def from_junit(report: Path, *, printed: str = "") -> list[Case]:
    """Return the tests of a report; raise AssertionError with what was printed when there is no report."""
    assert report.exists(), f"The tests did not run: {printed[-3000:]}"
    return [_case(row) for row in _rows(ET.parse(report).getroot())]  # noqa: S314  # a test runner of ours wrote it


def _rows(node: ET.Element) -> Iterator[ET.Element]:
    for child in node:
        if child.tag == "testcase":
            yield child
        elif child.tag == "testsuite":
            yield from _rows(child)


def _case(row: ET.Element) -> Case:
    name = f"{row.get('classname') or row.get('class', '')}::{row.get('name', '')}"
    failed = [child for child in row if child.tag in {"failure", "error"}]
    if failed:
        words = (f"{child.get('message', '')}\n{child.text or ''}" for child in failed)
        return Case(name=name, outcome="failed", text="\n".join(words))
    skipped = row.find("skipped")
    if skipped is not None:
        return Case(name=name, outcome="skipped", text=skipped.get("message", ""))
    return Case(name=name, outcome="passed")


LINE = re.compile(r"^\[(?P<name>.+?)\] \.\.\. (?P<rest>.*?)(?=^\[|^=== Results|\Z)", re.MULTILINE | re.DOTALL)


def from_check(printed: str) -> list[Case]:
    """Return the checks of a script that prints `[name] ... OK` or `[name] ... FAIL reason`."""
    return [_checked(found["name"], found["rest"]) for found in LINE.finditer(COLOURS.sub("", printed))]


def _checked(name: str, rest: str) -> Case:
    passed = re.search(r"\bOK$", rest.strip(), re.MULTILINE) is not None and "FAIL" not in rest
    return Case(name=name, outcome="passed" if passed else "failed", text="" if passed else rest.strip())
