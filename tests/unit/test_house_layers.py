"""The import contracts of pyproject.toml hold, and violations are found."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "keyboards", "portal")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter as `make check` does, in a folder that holds the packages and pyproject.toml."""
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(command), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Copy the packages and the contracts to a folder where a test may plant violations."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    """A layer imports only lower layers; pure code reaches no socket and no database."""
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("package", "beside"),
    [
        ("bot", {"bot.__init__", "bot.__main__", "bot.__pycache__"}),
        ("portal", {"portal.__init__", "portal.__pycache__", "portal.page"}),
    ],
    ids=["bot", "portal"],
)
def test_every_module_has_a_layer(package: str, beside: set[str]) -> None:
    """Each module has a layer; one without could import anything."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [layer for contract in settings["contracts"] for layer in contract.get("layers", ())]
    placed = {name.strip() for layer in layers for name in layer.split("|") if name.strip().startswith(f"{package}.")}
    modules = {f"{package}.{path.stem}" for path in (ROOT / package).iterdir() if path.suffix == ".py" or path.is_dir()}
    assert modules - beside == placed


@pytest.mark.parametrize(
    ("file", "planted", "contract"),
    [
        ("bot/errors.py", "import bot.cli", "The service: a layer imports only lower layers"),
        ("bot/model/events.py", "import bot.framework.arguments", "The service: a layer imports only lower layers"),
        ("portal/engine/core.py", "import portal.control.recorder", "The emulator: a layer imports only lower layers"),
        ("bot/commands/post.py", "import bot.commands.share", "Commands do not import one another"),
        ("bot/framework/router.py", "import aiohttp", "Pure code does not reach sockets or databases"),
        ("bot/commands/post.py", "import sqlite3", "Pure code does not reach sockets or databases"),
        ("keyboards/__init__.py", "import bot.errors", "keyboards imports nothing of ours and no dependency"),
        ("keyboards/__init__.py", "import msgspec", "keyboards imports nothing of ours and no dependency"),
        ("portal/__init__.py", "import bot.model.events", "The service and the emulator do not import each other"),
        ("portal/__init__.py", "import keyboards", "The emulator and keyboards do not import each other"),
    ],
    ids=lambda value: value.replace("import ", "") if value.startswith("import ") else None,
)
def test_a_planted_violation_is_caught(copied: Path, file: str, planted: str, contract: str) -> None:
    """One forbidden import, planted in a copy of the packages, breaks exactly the contract that forbids it."""
    target = copied / file
    assert target.exists()
    target.write_text(target.read_text(encoding="utf-8") + f"\n{planted}\n", encoding="utf-8")
    done = lint_imports(copied)
    assert done.returncode != 0
    broken = [line for line in done.stdout.splitlines() if line.rstrip().endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken), done.stdout
