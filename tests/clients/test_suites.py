"""How the script judges other people's tests; the script itself runs them with `make clients`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal.testing import RunningPortal
from tests.clients.suites import cases, checkouts, page, projects, reasons
from tests.clients.suites.cases import Case
from tests.clients.suites.checkouts import Pinned, fetched
from tests.clients.suites.projects import Place
from tests.clients.suites.reasons import Reason, judged

NESTED = """<testsuites><testsuite><testsuite>
<testcase classname="im.test_chat" name="test_add"/>
<testcase class="Core" name="testCall"><error message="refused">Method not found!</error></testcase>
</testsuite><testcase classname="im" name="test_later"><skipped message="later"/></testcase></testsuite></testsuites>"""
PRINTED = """=== E2E Check ===
[app.info] ...   scope: im
OK
[list (scope: imbot)] ... FAIL  NOT_FOUND: no OK here
=== Results: 1 passed, 1 failed ==="""
TESTS = "def test_one(): pass\ndef test_two(): assert 1 == 2\n"


def test_reports_of_all_test_runners_are_read(tmp_path: Path) -> None:
    """Nested suites, both names of the class, errors with their text, and skipped tests are understood."""
    report = tmp_path / "report.xml"
    report.write_text(NESTED, encoding="utf-8")
    assert cases.from_junit(report) == [
        Case(name="im.test_chat::test_add", outcome="passed"),
        Case(name="Core::testCall", outcome="failed", text="refused\nMethod not found!"),
        Case(name="im::test_later", outcome="skipped", text="later"),
    ]


def test_a_runner_without_a_report_is_an_error_with_what_it_printed(tmp_path: Path) -> None:
    """When a test runner does not start, its output is in the error."""
    with pytest.raises(AssertionError, match="no module named"):
        cases.from_junit(tmp_path / "absent.xml", printed="no module named pytest")


def test_the_output_of_a_check_is_read() -> None:
    """A check passes with OK after what it prints, and fails with its reason."""
    passed, failed = cases.from_check(PRINTED)
    assert (passed.name, passed.outcome) == ("app.info", "passed")
    assert (failed.name, failed.outcome) == ("list (scope: imbot)", "failed")
    assert "NOT_FOUND" in failed.text


TASKS = Reason(kind="scope", why="Tasks.", tests=("tasks::*", "gone::*"), says="Method not found")
RAN = [
    Case(name="im::add", outcome="passed"),
    Case(name="im::later", outcome="skipped"),
    Case(name="tasks::add", outcome="failed", text="Method not found!"),
    Case(name="tasks::crash", outcome="failed", text="KeyError"),
    Case(name="im::list", outcome="failed", text="Method not found!"),
]


def test_a_failure_is_excused_by_its_name_and_by_what_it_says() -> None:
    """A listed test that fails for another reason is not excused, and a pattern without a failure is reported."""
    result = judged("b24pysdk", RAN, [TASKS])
    assert (result.ran, result.passed, result.skipped, result.kinds["scope"]) == (4, 1, 1, 1)
    assert [case.name for case in result.unlisted] == ["tasks::crash", "im::list"]
    assert result.stale == ("gone::*",)
    assert not result.as_listed


def test_exactly_the_listed_failures_are_success() -> None:
    """When each failure has a reason and each reason a failure, the run succeeds."""
    reason = Reason(kind="scope", why="Tasks.", tests=("tasks::*",))
    assert judged("b24pysdk", [row for row in RAN if row.name != "im::list"], [reason]).as_listed


def test_a_reason_for_chance_needs_no_failure() -> None:
    """A test that fails by chance is excused when it fails, and not missed when it passes."""
    reason = Reason(kind="theirs", why="By chance.", tests=("im::*",), sometimes=True)
    assert judged("b24pysdk", RAN[:2], [reason]).as_listed
    assert judged("b24pysdk", [*RAN[:2], RAN[4]], [reason]).as_listed


def test_each_project_is_pinned_and_can_be_run() -> None:
    """Each project has a full commit and a runner, and reasons are listed for known projects only."""
    assert set(checkouts.PINNED) == set(projects.RUNNERS)
    assert set(reasons.reasons()) <= set(projects.RUNNERS)
    for name in checkouts.PINNED:
        assert re.fullmatch(r"[0-9a-f]{40}", checkouts.pinned(name).commit)


def test_the_page_has_the_reasons_and_a_line_for_each_pinned_version() -> None:
    """The documentation says what the list says; `python -m tests.clients.suites --write` writes it."""
    text = page.PAGE.read_text(encoding="utf-8")
    assert text == page.renewed(text, "reasons", page.listed(reasons.reasons()))
    for name in checkouts.PINNED:
        assert f"| [{name}](" in text
        assert checkouts.pinned(name).commit[:7] in text


def git(folder: Path, *command: str) -> str:
    """Run git in a folder, with an author of its own, and return what it printed."""
    known = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "PATH": os.environ["PATH"]}
    author = ["-c", "user.name=Anna", "-c", "user.email=anna@nordlicht.example"]
    ran = subprocess.run(["git", *author, *command], cwd=folder, env=known, check=True, capture_output=True, text=True)
    return ran.stdout.strip()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pinned:
    """Return a small project, pinned to the commit before its newest."""
    monkeypatch.setenv("FEEDBRIDGE_CLIENTS", str(tmp_path / "cache"))
    source = tmp_path / "source"
    source.mkdir()
    git(source, "init", "--quiet")
    (source / "test_it.py").write_text(TESTS, encoding="utf-8")
    git(source, "add", ".")
    git(source, "commit", "--quiet", "--message", "tests")
    commit = git(source, "rev-parse", "HEAD")
    (source / "test_it.py").unlink()
    git(source, "commit", "--quiet", "--all", "--message", "newer")
    return Pinned(name="small", repository=str(source), commit=commit, about="all tests", needs=())


async def test_the_pinned_commit_is_fetched_and_its_tests_are_run(
    project: Pinned, plain: RunningPortal, environ: dict[str, str]
) -> None:
    """The files are those of the pinned commit, and each test of them is counted."""
    fetched(project)
    place = Place(project=project, portal=plain, environ=environ)
    pytest_run = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--junit-xml={place.report()}"]
    found = await place.reported(place.report(), *pytest_run)
    assert [(case.name, case.outcome) for case in found] == [
        ("test_it::test_one", "passed"),
        ("test_it::test_two", "failed"),
    ]


async def test_a_checkout_is_fetched_once(project: Pinned) -> None:
    """A finished checkout is used again, without a look at the repository."""
    marked = fetched(project) / "marked"
    marked.touch()
    assert (fetched(project) / "marked").exists()
