"""Judge failed tests by the list of reasons in reasons.toml."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.clients.suites.cases import Case

KINDS = {
    "scope": "out of scope",
    "theirs": "their own",
    "differs": "we differ",
}
"""The kinds of reasons: methods that are not emulated; failures that a real portal causes too, or that their setup
needs; differences of the emulator that stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why some tests of a project fail: one sentence, the names of the tests as patterns, and what they say."""

    kind: str
    why: str
    tests: tuple[str, ...]
    says: str = ""
    """A regular expression that the text of each failure contains; a failure for another reason is not excused."""
    sometimes: bool = False
    """Whether these tests also pass, by chance."""

    def excuses(self, case: Case) -> bool:
        """Tell whether a failed test is one of these."""
        named = any(fnmatchcase(case.name, pattern) for pattern in self.tests)
        return named and re.search(self.says, case.text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The tests of a project: how many of each kind, and what needs attention."""

    project: str
    passed: int
    skipped: int
    kinds: dict[str, int]
    unlisted: tuple[Case, ...]
    """Failed tests without a reason."""
    stale: tuple[str, ...]
    """Patterns of the list that fit no failed test any more."""

    @property
    def ran(self) -> int:
        """Return the number of tests that ran."""
        return self.passed + sum(self.kinds.values()) + len(self.unlisted)

    @property
    def as_listed(self) -> bool:
        """Tell whether exactly the listed tests fail."""
        return not self.unlisted and not self.stale


def reasons() -> dict[str, list[Reason]]:
    """Return the reasons of each project."""
    text = Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8")
    return {name: [_reason(row) for row in rows] for name, rows in tomllib.loads(text).items()}


def _reason(row: dict[str, Any]) -> Reason:
    made = Reason(**{**row, "tests": tuple(row["tests"])})
    assert made.kind in KINDS, f"{made.kind} is no kind of reason"
    return made


def judged(project: str, cases: Sequence[Case], given: Iterable[Reason]) -> Judged:
    """Count the tests of a project by the first reason that excuses each failure."""
    listed = list(given)
    kinds = dict.fromkeys(KINDS, 0)
    unlisted: list[Case] = []
    failed = [case for case in cases if case.outcome == "failed"]
    for case in failed:
        reason = next((one for one in listed if one.excuses(case)), None)
        if reason is None:
            unlisted.append(case)
        else:
            kinds[reason.kind] += 1
    names = [(one, [case.name for case in failed if one.excuses(case)]) for one in listed if not one.sometimes]
    return Judged(
        project=project,
        passed=sum(case.outcome == "passed" for case in cases),
        skipped=sum(case.outcome == "skipped" for case in cases),
        kinds=kinds,
        unlisted=tuple(unlisted),
        stale=tuple(p for one, found in names for p in one.tests if not any(fnmatchcase(name, p) for name in found)),
    )
