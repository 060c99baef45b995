"""Install published clients once, in folders outside of the repository."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

VERSIONS = tomllib.loads(Path(__file__).with_name("versions.toml").read_text(encoding="utf-8"))
TIMEOUT = 180.0
"""Seconds that one installation may take."""
UNREACHABLE = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|name resolution|Name or service not known|ProxyError"
    r"|Connection refused|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH"
)
"""Messages of pip and npm when they cannot reach the registry."""


class Absent(Exception):
    """A client cannot be installed here; the text says why."""


def cache() -> Path:
    """Return the folder below which clients are installed."""
    named = os.environ.get("FEEDBRIDGE_CLIENTS")
    return Path(named) if named else Path.home() / ".cache" / "feedbridge-clients"


def python_of(package: str) -> Path:
    """Return a Python with the pinned version of a package; install it when missing."""
    version = VERSIONS["python"][package]
    folder = cache() / f"{package}-{version}-py{sys.version_info.major}{sys.version_info.minor}"
    program = folder / "bin" / "python"
    with _made_once(folder) as missing:
        if missing:
            venv.create(folder, with_pip=False, clear=True, symlinks=True)
            pip = [sys.executable, "-m", "pip", "--python", str(program), "install", "--quiet", "--no-input"]
            _install([*pip, "--retries", "1", "--timeout", "20", f"{package}=={version}"], package)
    return program


def node_modules_of(package: str) -> Path:
    """Return a folder whose node_modules has the pinned version; install it when missing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Absent("needs Node.js 20 or newer with npm on the PATH; on Debian: apt-get install nodejs npm")
    version = {**VERSIONS["node"], **VERSIONS["page"]}[package]
    folder = cache() / f"{package.rpartition('/')[2]}-{version}-node"
    with _made_once(folder) as missing:
        if missing:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            quiet = [
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
                "--fetch-retries=1",
                "--fetch-retry-mintimeout=500",
                "--fetch-timeout=20000",
            ]
            _install(["npm", "install", "--prefix", str(folder), *quiet, f"{package}@{version}"], package)
    return folder


@contextmanager
def _made_once(folder: Path) -> Iterator[bool]:
    """Tell whether a folder must be created, under a lock; it counts as created without errors."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    done = folder.with_name(f"{folder.name}.done")
    with folder.with_name(f"{folder.name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = not (done.exists() and folder.is_dir())
        yield missing
        done.touch()


def _install(command: Sequence[str], package: str) -> None:
    """Run an installer.

    Raise Absent when the registry cannot be reached, AssertionError when it refused.
    """
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise Absent(f"needs {package}, which could not be installed within {TIMEOUT:.0f} seconds") from None
    said = f"{ran.stdout}\n{ran.stderr}"
    if ran.returncode and UNREACHABLE.search(said):
        raise Absent(f"needs {package}, and the package registry cannot be reached to install it")
    assert ran.returncode == 0, f"{package} could not be installed: {said[-2000:]}"
