"""Every module of the three packages can be imported alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# One interpreter loads the libraries, then forks for each module: the fork has seen none of ours. An import begins with
# the packages around a module; so a module is imported in a fork of the process that imported its package alone.
ALONE = """
import gc, importlib, os, sys, traceback
libraries = "aiohttp.web aiosqlite aiosql cryptography.fernet msgspec prometheus_client structlog wcwidth"
for library in libraries.split():
    importlib.import_module(library)
gc.disable()
if sys.dont_write_bytecode:
    sys.pycache_prefix, sys.dont_write_bytecode = sys.argv[1], False  # each of ours is compiled once, by the first fork
names = sys.argv[2:]

def imports_alone(name):
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    try:
        importlib.import_module(name)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os.write(1, f"{name}\\n".encode())
    os._exit(not all([imports_alone(below) for below in names if below.rpartition(".")[0] == name]))

sys.exit(not all([imports_alone(name) for name in names if "." not in name]))
"""


def modules(package: Path) -> list[str]:
    """List the modules of a package, dotted; __main__ is run, not imported."""
    files = (file.relative_to(package.parent) for file in sorted(package.rglob("*.py")) if file.name != "__main__.py")
    return [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files]


def imported(package: Path, compiled: Path) -> tuple[set[str], str]:
    """Import every module of a package alone; return those that could be, and why the others could not."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ALONE, str(compiled), *modules(package)],
        cwd=package.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return set(done.stdout.split()), done.stderr


@pytest.mark.parametrize("package", ["bot", "keyboards", "portal"])
def test_every_module_imports_alone(package: str, tmp_path: Path) -> None:
    """No module needs another of ours to have been imported before it."""
    alone, complaints = imported(ROOT / package, tmp_path)
    assert package in alone
    assert alone == set(modules(ROOT / package)), complaints


def test_what_needs_another_module_is_found(tmp_path: Path) -> None:
    """A circle of imports, and a module that uses what only another one imports; in packages, whatever their order."""
    planted = {
        "__init__.py": "",
        "above.py": "import planted.inside.first",
        "below.py": "import planted\nplanted.above",
        "inside/__init__.py": "",
        "inside/first.py": "from planted.inside.second import A\nB = 1",
        "inside/second.py": "A = 1\nfrom planted.inside.first import B",
        "inside/third.py": "import planted.inside.second",
        "broken/__init__.py": "import planted.nowhere",
        "broken/fourth.py": "",
    }
    for name, text in planted.items():
        file = tmp_path / "planted" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    alone, complaints = imported(tmp_path / "planted", tmp_path / "compiled")
    assert alone == {"planted", "planted.inside", "planted.inside.second", "planted.inside.third"}
    assert "partially initialized" in complaints
    assert "planted.nowhere" in complaints


def test_keyboards_needs_only_the_standard_library() -> None:
    """keyboards/ works where nothing at all is installed: anybody can copy it into their bot."""
    imports = "\n".join(f"import {name}" for name in modules(ROOT / "keyboards"))
    source = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{imports}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", source],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
