"""Real clients, installed once into folders of their own, outside of the repository."""

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
PATIENCE = 180.0
"""Seconds that one installation may take."""
UNREACHABLE = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|name resolution|Name or service not known|ProxyError"
    r"|Connection refused|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH"
)
"""How pip and npm say that there was nobody to ask."""


class Absent(Exception):
    """A client cannot be had here: why, as a sentence."""


def cache() -> Path:
    """Return the folder that clients are installed below."""
    named = os.environ.get("FEEDBRIDGE_CLIENTS")
    return Path(named) if named else Path.home() / ".cache" / "feedbridge-clients"


def python_of(package: str) -> Path:
    """Return the Python that has a package of the pinned version; installs it where it is not."""
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
    """Return the folder whose node_modules has a package of the pinned version; installs it where it is not."""
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
    """Tell whether a folder is still to be made, while nobody else makes it; it counts as made when nothing failed."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    done = folder.with_name(f"{folder.name}.done")
    with folder.with_name(f"{folder.name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = not (done.exists() and folder.is_dir())
        yield missing
        done.touch()


def _install(command: Sequence[str], package: str) -> None:
    """Run an installer; raises Absent when the registry cannot be reached, AssertionError when it refused."""
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise Absent(f"needs {package}, which could not be installed within {PATIENCE:.0f} seconds") from None
    said = f"{ran.stdout}\n{ran.stderr}"
    if ran.returncode and UNREACHABLE.search(said):
        raise Absent(f"needs {package}, and the package registry cannot be reached to install it")
    assert ran.returncode == 0, f"{package} could not be installed: {said[-2000:]}"
