"""Each rule is covered by a test: without the rule, a test fails.

`tests/mutations.jsonl` says where each rule of behaviour 1 to 3 (and 4.5) is and how it is removed. By default, a
sample is tried; `KEYBOARDS_MUTATIONS=all` tries all (a few minutes).
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Mutation(NamedTuple):
    """A rule: the code of the rule, and its replacement."""

    rule: str
    file: str
    code: str
    instead: str


TABLE = (ROOT / "tests" / "mutations.jsonl").read_text(encoding="utf-8").splitlines()
MUTATIONS = [Mutation(**json.loads(line)) for line in TABLE]
TESTS = ["test_keyboards_rules_keyboard.py", "test_keyboards_rules_attach.py", "test_keyboards_sizes.py"]
EVERY = 1 if os.environ.get("KEYBOARDS_MUTATIONS") == "all" else 30


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the package and the tests of its rules."""
    place = tmp_path_factory.mktemp("mutated")
    shutil.copytree(ROOT / "keyboards", place / "keyboards", ignore=shutil.ignore_patterns("__pycache__"))
    (place / "tests").mkdir()
    for name in ("hostile.py", "makers.py"):
        shutil.copy(ROOT / "tests" / name, place / "tests" / name)
    for name in TESTS:
        shutil.copy(ROOT / "tests" / "unit" / name, place / name)
    (place / "conftest.py").write_text(
        "import hypothesis\nhypothesis.settings.register_profile('copy', deadline=None)\n"
        "hypothesis.settings.load_profile('copy')\n"
    )
    (place / "pytest.ini").write_text(
        "[pytest]\npythonpath = .\naddopts = -x -q -p no:cacheprovider --import-mode=importlib\n"
    )
    return place


def run(place: Path) -> subprocess.CompletedProcess[str]:
    """Run the tests of the rules with the copy."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(place)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--hypothesis-profile=ci", *TESTS],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_unchanged_copy_passes(copy: Path) -> None:
    """Without a mutation, no test fails."""
    result = run(copy)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.rule)
def test_each_mutation_finds_its_code(mutation: Mutation) -> None:
    """Each mutation still finds its code."""
    assert mutation.code in (ROOT / "keyboards" / mutation.file).read_text(encoding="utf-8")


@pytest.mark.parametrize("mutation", MUTATIONS[::EVERY], ids=lambda mutation: mutation.rule)
def test_a_test_fails_without_the_rule(mutation: Mutation, copy: Path) -> None:
    """Without the rule, a test fails."""
    file = copy / "keyboards" / mutation.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace(mutation.code, mutation.instead, 1), encoding="utf-8")
    try:
        assert run(copy).returncode == 1
    finally:
        file.write_text(whole, encoding="utf-8")
