"""What must be true of every file in the repository."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path
from typing import TypeGuard

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {"__pycache__", "build", "dist", "htmlcov", "out"}
TEXT = {".css", ".html", ".js", ".json", ".md", ".py", ".service", ".sh", ".sql", ".svg", ".toml", ".txt", ".yaml"}
UNNAMED = {"Dockerfile", "LICENSE", "Makefile", "run"}
LINES = 400
FILES = 12
DRAWN = {".json", ".svg"}  # made by programs and read by programs

UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b")
REGISTRIES = re.compile(r"[p]ypi\.org|[p]ythonhosted\.org|[n]pmjs\.(?:org|com)|[p]roxy\.golang\.org|[c]rates\.io")
MACHINE = re.compile(r"(?<![\w.}])/(?:work|root|opt/wheels|opt/pypi|Users)/|\.\./shared\b")

WIRE_WORDS = {"BUTTONS", "BLOCKS", "ITEMS"}


def tree() -> list[Path]:
    """List our own text files: not the environment, not caches, not what tests and builds leave."""
    files: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED and not name.endswith(".egg-info") and (name[0] != "." or name == ".ci")
        )
        files += [Path(folder, name) for name in sorted(names)]
    return [file for file in files if file.suffix in TEXT or file.name in UNNAMED]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Find the lines of the tree that a pattern matches, as path:line: text."""
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for file in tree()
        if file != Path(__file__).resolve()  # it has to name what it looks for
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_is_too_long() -> None:
    """Every file that people write stays under 400 lines."""
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for file in tree()
        if file.suffix not in DRAWN
    }
    assert len(lengths) > len(TEXT)
    assert {name: length for name, length in lengths.items() if length > LINES} == {}


def test_no_package_has_too_many_files() -> None:
    """A package of the service has at most a dozen modules at its top; more are grouped into packages."""
    packages = [file.parent for file in (ROOT / "bot").rglob("__init__.py")]
    assert packages
    counts = {str(one.relative_to(ROOT)): len([*one.glob("*.py")]) - 1 for one in packages}
    assert {name: count for name, count in counts.items() if count > FILES} == {}


@pytest.mark.parametrize(
    "pattern",
    [UNFINISHED, REGISTRIES, MACHINE],
    ids=["unfinished", "registries", "machine-paths"],
)
def test_no_file_has_a_forbidden_text(pattern: re.Pattern[str]) -> None:
    """Nothing is marked as unfinished, and no file names a registry or a folder of one machine."""
    assert lines_with(pattern) == []


@pytest.mark.parametrize(
    ("pattern", "bad", "good"),
    [
        (UNFINISHED, "# TODO: later", "to do: later"),
        (REGISTRIES, f"index = https://{'gro.ipyp'[::-1]}/simple", "https://portal.example/rest/"),
        (MACHINE, 'open("/root/key")', "https://portal.example/workgroups/group/1/"),
    ],
    ids=["unfinished", "registries", "machine-paths"],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], bad: str, good: str) -> None:
    """Each pattern finds its examples, and ignores texts that only look similar."""
    assert pattern.search(bad)
    assert not pattern.search(good)


def test_every_test_says_what_it_proves() -> None:
    """Each test function has a docstring that begins with a whole sentence."""
    silent = []
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                said = (ast.get_docstring(node) or "").split("\n\n")[0].strip()
                if len(said.split()) < 3 or not said.endswith("."):
                    silent.append(f"{file.name}:{node.lineno} {node.name}")
    assert silent == []


def _is_wire_word(node: ast.AST | None) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and node.value in WIRE_WORDS


def handmade(source: str) -> list[int]:
    """Find the lines of a Python source that spell a keyboard, a card or a menu by hand."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Dict(keys=keys) if any(map(_is_wire_word, keys)):
                found.append(node.lineno)
            case ast.Subscript(slice=key, ctx=ast.Store()) if _is_wire_word(key):
                found.append(node.lineno)
            case ast.keyword(arg=arg) if arg in WIRE_WORDS:
                found.append(node.value.lineno)
            case _:
                pass
    return found


def test_nothing_in_the_service_builds_a_keyboard_by_hand() -> None:
    """KEYBOARD, MENU and ATTACH are made by keyboards/ alone, which measures what it makes."""
    files = sorted((ROOT / "bot").rglob("*.py"))
    assert files
    found = {str(file.relative_to(ROOT)): handmade(file.read_text(encoding="utf-8")) for file in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    ['x = {"BUTTONS": []}', "x = dict(BLOCKS=[])", 'x["ITEMS"] = []'],
    ids=["literal", "call", "assignment"],
)
def test_a_keyboard_by_hand_is_found(source: str) -> None:
    """A planted dict of buttons, blocks or items is seen, in each way to write one."""
    assert handmade(source) == [1]
    assert handmade(source.replace("BUTTONS", "B").replace("BLOCKS", "B").replace("ITEMS", "B")) == []
