"""The table of other people's tests, for the terminal and for docs/reference/client-tests.md."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.clients.suites import checkouts
from tests.clients.suites.reasons import KINDS, Judged, Reason, reasons

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "client-tests.md"
ROW = re.compile(r"^\| \[(?P<name>[^\]]+)\].*$", re.MULTILINE)
HEAD = ("project", "what is run", "run", "passed", *KINDS.values(), "not listed", "skipped")


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def row(result: Judged) -> str:
    """Return the line of one project."""
    project = checkouts.pinned(result.project)
    name = f"[{project.name}]({project.repository}) `{project.commit[:7]}`"
    numbers = [result.ran, result.passed, *result.kinds.values(), len(result.unlisted), result.skipped]
    return _line([name, project.about, *numbers])


def table(rows: Iterable[str]) -> str:
    """Return the table as Markdown from the lines of its projects."""
    return "\n".join([_line(HEAD), _line(["---"] * len(HEAD)), *rows])


def listed(given: dict[str, list[Reason]]) -> str:
    """Return the reasons of all projects as Markdown, without the names of the tests."""
    parts = []
    for project, rows in given.items():
        lines = [f"- {KINDS[kind]}: {one.why}" for kind in KINDS for one in rows if one.kind == kind]
        parts.append(f"**{project}**\n\n" + "\n".join(lines))
    return "\n\n".join(parts)


def renewed(text: str, name: str, content: str) -> str:
    """Return a page with the content of one block replaced."""
    before, mark, rest = text.partition(f"<!-- begin: {name} -->\n")
    _, end, after = rest.partition(f"\n<!-- end: {name} -->")
    assert all((mark, end)), f"the page has no block {name}"
    return f"{before}{mark}\n{content}\n{end}{after}"


def write(results: Sequence[Judged]) -> None:
    """Write the reasons, and the lines of the projects that ran, into the page; other lines stay."""
    text = PAGE.read_text(encoding="utf-8")
    text = renewed(text, "reasons", listed(reasons()))
    lines = {found["name"]: found[0] for found in ROW.finditer(text)}
    lines |= {result.project: row(result) for result in results}
    ordered = [lines[name] for name in checkouts.PINNED if name in lines]
    PAGE.write_text(renewed(text, "results", table(ordered)), encoding="utf-8")
