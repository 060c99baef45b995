"""Every module of the three packages can be imported alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# One interpreter loads the libraries; then a fork of it, which has seen none of our modules, imports one of them.
ALONE = """
import gc, importlib, os, sys, traceback
libraries = "aiohttp.web aiosqlite aiosql cryptography.fernet msgspec prometheus_client structlog"
for library in libraries.split():
    importlib.import_module(library)
gc.disable()
sys.pycache_prefix, sys.dont_write_bytecode = sys.argv[1], False  # each of ours is compiled once, by the first fork
failed = []
for name in sys.argv[2:]:
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
sys.exit(f"cannot be imported alone: {failed}" if failed else 0)
"""


def modules(package: str) -> list[str]:
    """List the modules of a package, dotted; __main__ is run, not imported."""
    files = sorted((ROOT / package).rglob("*.py"))
    dotted = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files if file.name != "__main__.py"]
    return [name.removesuffix(".__init__") for name in dotted]


@pytest.mark.parametrize("package", ["bot", "keyboards", "portal"])
def test_every_module_imports_alone(package: str, tmp_path: Path) -> None:
    """No module needs another of ours to have been imported before it."""
    names = modules(package)
    assert names
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ALONE, str(tmp_path), *names],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_keyboards_needs_only_the_standard_library() -> None:
    """keyboards/ works where nothing at all is installed: anybody can copy it into their bot."""
    source = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + "\n".join(f"import {n}" for n in modules("keyboards"))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", source],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
