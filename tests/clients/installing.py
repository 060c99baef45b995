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
    r"|[Cc]ould not resolve host|Failed to connect|Connection refused|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET"
    r"|ETIMEDOUT|ENETUNREACH"
)
"""Messages of pip, npm, Composer and git when they cannot reach the other side."""


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
    return python_with([f"{package}=={version}"], folder, package)


def python_with(requirements: Sequence[str], folder: Path, package: str) -> Path:
    """Return a Python with some requirements, in an environment of its own; install them when missing."""
    program = folder / "bin" / "python"
    with made_once(folder) as missing:
        if missing:
            venv.create(folder, with_pip=False, clear=True, symlinks=True)
            pip = [sys.executable, "-m", "pip", "--python", str(program), "install", "--quiet", "--no-input"]
            run([*pip, "--retries", "1", "--timeout", "20", *requirements], package)
    return program


def node_modules_of(package: str) -> Path:
    """Return a folder whose node_modules has the pinned version; install it when missing."""
    version = {**VERSIONS["node"], **VERSIONS["page"]}[package]
    return node_modules_with(
        [f"{package}@{version}"], cache() / f"{package.rpartition('/')[2]}-{version}-node", package
    )


def node_modules_with(requirements: Sequence[str], folder: Path, package: str) -> Path:
    """Return a folder whose node_modules has some packages; install them when missing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Absent("needs Node.js 20 or newer with npm on the PATH; on Debian: apt-get install nodejs npm")
    with made_once(folder) as missing:
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
            run(["npm", "install", "--prefix", str(folder), *quiet, *requirements], package)
    return folder


@contextmanager
def made_once(folder: Path) -> Iterator[bool]:
    """Tell whether a folder must be created, under a lock; it counts as created without errors."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    done = folder.with_name(f"{folder.name}.done")
    with folder.with_name(f"{folder.name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = not (done.exists() and folder.is_dir())
        yield missing
        done.touch()


def run(command: Sequence[str], package: str, *, folder: Path | None = None) -> None:
    """Run an installer, in a folder if one is given.

    Raise Absent when the registry cannot be reached, AssertionError when it refused.
    """
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT, cwd=folder)
    except subprocess.TimeoutExpired:
        raise Absent(f"needs {package}, which could not be installed within {TIMEOUT:.0f} seconds") from None
    said = f"{ran.stdout}\n{ran.stderr}"
    if ran.returncode and UNREACHABLE.search(said):
        raise Absent(f"needs {package}, and the registry cannot be reached to install it")
    assert ran.returncode == 0, f"{package} could not be installed: {said[-2000:]}"
