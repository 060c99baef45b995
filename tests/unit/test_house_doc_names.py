"""The pages name only what exists: files, modules, classes, settings, metrics and log lines."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot import config
from bot.bitrix.outbound.methods import METHODS
from bot.observability import metrics
from tests.unit.test_house_docs import PAGES, ROOT, ROW

OURS = "bot|portal|keyboards|tests|bench|docs|deploy"
PATH = re.compile(rf"(?<![\w./~-])(?:(?:{OURS})/)+[\w./*<>-]+|\btest_\w+\.py\b")
MODULE = re.compile(r"(?:^from|(?<!-)\bimport|`)\s*((?:bot|keyboards|tests)(?:\.[a-z_]\w*)+)", re.MULTILINE)
IMPORTED = re.compile(r"^\s*from ((?:bot|keyboards|tests)[\w.]*) import ([\w, ]+)$", re.MULTILINE)
METRIC = re.compile(r"\bfeedbridge_[a-z_]+\b")
SETTING = re.compile(r"`\[(\w+)\] (\w+)|\bFEEDBRIDGE_([A-Z]+(?:_[A-Z]+)*)__([A-Z_]+)")
DOTTED = re.compile(r"`([a-z_]+)\.([A-Za-z_]+)`")
CLASS = re.compile(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)*)`")
OTHERS = {"FEEDBRIDGE_SECTION__KEY", "bot.py", "Draft", "Any", "ValueError"}
"""Names in the pages that are not ours: a placeholder, names in examples, Python's own."""
LIBRARIES = {"portal.md", "keyboards.md", "portal-methods.md"}
"""Pages about the other two packages, whose classes have tests of their own."""


@cache
def source() -> str:
    """Join the code of the service."""
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "bot").rglob("*.py")))


@cache
def classes() -> frozenset[str]:
    """Collect the names of all classes of the service."""
    return frozenset(node.name for node in ast.walk(ast.parse(source())) if isinstance(node, ast.ClassDef))


@cache
def modules() -> dict[str, list[str]]:
    """Map the last part of each module's name to the code of such modules."""
    found: dict[str, list[str]] = {}
    for file in (ROOT / "bot").rglob("*.py"):
        found.setdefault(file.stem, []).append(file.read_text(encoding="utf-8"))
    return found


@cache
def methods() -> frozenset[str]:
    """Collect the REST methods that the references name."""
    emulated = ROW.findall((ROOT / "docs/reference/portal-methods.md").read_text(encoding="utf-8"))
    return frozenset({one.name for one in METHODS} | {name for name, _ in emulated})


def no_files(text: str, page: Path) -> Iterator[str]:
    """Find paths of the repository that do not exist; `*` and `<name>` stand for any text."""
    for path in PATH.findall(text):
        pattern = re.sub(r"<\w+>", "*", path.rstrip("./"))
        is_there = any((ROOT / "tests").rglob(path)) if "/" not in path else any(ROOT.glob(pattern))
        if not is_there and not any(page.parent.glob(pattern)):
            yield path


def is_importable(name: str) -> bool:
    """Check whether a dotted name is a module, or a name in one."""
    try:
        pkgutil.resolve_name(name)
    except (AttributeError, ImportError):
        return False
    return True


def no_modules(text: str, _page: Path) -> Iterator[str]:
    """Find modules, and names imported from modules, that do not exist."""
    yield from (name for name in MODULE.findall(text) if name not in OTHERS and not is_importable(name))
    for module, names in IMPORTED.findall(text):
        yield from (f"{module}.{name}" for name in names.split(", ") if not is_importable(f"{module}.{name.strip()}"))


def no_settings(text: str, _page: Path) -> Iterator[str]:
    """Find settings that do not exist, as `[section] key` or as a variable of the environment."""
    known = config.settings()
    for match in SETTING.finditer(text):
        name = f"{match[1]}.{match[2]}" if match[1] else f"{match[3]}.{match[4]}".lower()
        if name not in known and match[0] not in OTHERS:
            yield name


def no_metrics(text: str, _page: Path) -> Iterator[str]:
    """Find metrics that do not exist."""
    ours = {*metrics.names(), *(name.removesuffix("_total") for name in metrics.names())}
    yield from (name for name in METRIC.findall(text) if re.sub("_(bucket|sum|count)$", "", name) not in ours)


def no_names(text: str, page: Path) -> Iterator[str]:
    """Find classes of the service, and names with one dot (a setting, a log line, a function), that do not exist."""
    if page.name in LIBRARIES:
        return
    yield from (
        name for name in CLASS.findall(text) if name not in {*classes(), *OTHERS} and f"class {name}" not in text
    )
    first_parts = {*modules(), *(name.partition(".")[0] for name in config.settings())}
    first_parts |= set(re.findall(r"log\.\w+\(\"(\w+)\.", source()))
    for first, second in DOTTED.findall(text):
        name = f"{first}.{second}"
        if first not in first_parts or name in {*config.settings(), *methods(), *OTHERS}:
            continue
        is_file = second in {"py", "toml", "yaml", "md"}
        defined = any(
            re.search(rf"^(?:async )?(?:def |class )?{second}\b", one, re.MULTILINE) for one in modules().get(first, ())
        )
        if not (is_file or defined or f'"{name}"' in source()):
            yield name


RULES = {"file": no_files, "module": no_modules, "setting": no_settings, "metric": no_metrics, "name": no_names}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
@pytest.mark.parametrize("rule", RULES)
def test_a_page_names_what_exists(rule: str, page: Path) -> None:
    """Every file, module, class, function, setting, metric and log line that a page names is there."""
    assert list(RULES[rule](page.read_text(encoding="utf-8"), page)) == []


@pytest.mark.parametrize(
    ("rule", "text", "found"),
    [
        ("file", "see [`bot/bitrix/gone.py`](../../bot/bitrix/gone.py) and `bot/app.py`", ["bot/bitrix/gone.py"]),
        ("file", "`docs/gone/*.md`, `bot/i18n/locales/<language>.toml`, `bot/store/`", ["docs/gone/*.md"]),
        ("file", "`test_gone.py` and `test_crash.py`", ["test_gone.py"]),
        ("module", "`bot.pipeline.gone`, `bot.pipeline.worker`, `bot.errors.judge`", ["bot.pipeline.gone"]),
        ("module", "from bot.errors import judge, gone\n", ["bot.errors.gone"]),
        ("setting", "`[retry] gone` and `[retry] late`", ["retry.gone"]),
        ("setting", "FEEDBRIDGE_SERVER__GONE=1 FEEDBRIDGE_RATE_LIMIT__RATE=2", ["server.gone"]),
        ("metric", "`feedbridge_gone_total` and `feedbridge_handler_seconds_bucket`", ["feedbridge_gone_total"]),
        ("name", "`GoneEvent`, `PostToCheck`, `UserMistake`", ["GoneEvent"]),
        ("name", "`events.gone`, `events.answer_dialog`, `event.bind`", ["events.gone"]),
        ("name", "`store.gone`, `store.failed`, `retry.settle`", ["store.gone"]),
    ],
)
def test_a_stale_name_is_found(rule: str, text: str, found: list[str]) -> None:
    """Each rule finds a planted name that does not exist, and accepts names that do."""
    assert list(RULES[rule](text, ROOT / "README.md")) == found


def test_every_check_of_the_repository_is_listed() -> None:
    """The table of checks names each file of this kind."""
    page = (ROOT / "docs" / "how" / "checks.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(test_house_\w+\.py)`", page, re.MULTILINE))
    assert listed == {file.name for file in (ROOT / "tests" / "unit").glob("test_house_*.py")}
