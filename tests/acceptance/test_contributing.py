"""CONTRIBUTING.md, "Add a command", followed word by word in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.unit.test_house_tree import tree

ROOT = Path(__file__).resolve().parents[2]
WITHIN = 400
TESTS = (
    "tests/unit/test_commands_whoami.py", "tests/unit/test_commands_help.py", "tests/unit/test_languages.py",
    "tests/unit/test_courtesy.py", "tests/unit/test_first_contact.py", "tests/unit/test_house_docs.py",
    "tests/unit/test_house_locales.py", "tests/unit/test_lifecycle.py", "tests/unit/test_catalog.py",
    "tests/unit/test_router.py",
)  # fmt: skip
"""The tests that look at all commands."""


def section() -> str:
    """Return the part of the page about a new command."""
    return (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Add a command")[2].partition("\n## ")[0]


def blocks(language: str) -> list[str]:
    """Return its blocks of code in one language."""
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```", section(), re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(text) for text in found]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the repository in which the page was followed."""
    for file in tree():
        target = tmp_path / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    shutil.copytree(ROOT / "docs/pictures", tmp_path / "docs/pictures", dirs_exist_ok=True)
    command, test = blocks("python")
    (tmp_path / "bot/commands/whoami.py").write_text(command, "utf-8")
    (tmp_path / "tests/unit/test_commands_whoami.py").write_text(test, "utf-8")
    row = r"^ *\| `(\w+\.toml)` \| `(.+)` \| `(.+)` \|$"
    lines = {name: more for name, *more in re.findall(row, section(), re.MULTILINE)}
    locales = sorted((tmp_path / "bot/i18n/locales").glob("*.toml"))
    assert sorted(lines) == [file.name for file in locales]
    for file in locales:
        text = file.read_text("utf-8")
        for header, line in zip(("[also]\n", "[button]\n"), lines[file.name], strict=True):
            text = text.replace(header, f"{header}{line}\n")
        file.write_text(f"{text}\n{blocks('toml')[0]}", "utf-8")
    return tmp_path


def test_a_command_added_by_the_page_is_green(copy: Path) -> None:
    """With the page's files and `make docs`, lint, types and every test that looks at all commands pass."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("FEEDBRIDGE_", "PYTEST_"))}
    for words in (
        ("-m", "docs.generate"),
        ("-m", "ruff", "check", "bot", "tests/unit"),
        ("-m", "ruff", "format", "--check", "bot/commands", "tests/unit/test_commands_whoami.py"),
        ("-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS),
    ):
        done = subprocess.run(
            [sys.executable, *words], cwd=copy, env=environ | {"PYTHONPATH": str(copy)}, capture_output=True, text=True,
            check=False, timeout=WITHIN,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout[-3000:]}{done.stderr[-2000:]}"
    assert "/whoami" in (copy / "docs/reference/commands.md").read_text("utf-8")
