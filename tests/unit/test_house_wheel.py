"""Three distributions are built from this repository; each installs, imports and is typed without the others."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"bot": ROOT, "keyboards": ROOT / "keyboards", "portal": ROOT / "portal"}
NOT_SHIPPED = {"keyboards/LICENSE", "keyboards/README.md", "keyboards/pyproject.toml"} | {
    "portal/LICENSE", "portal/README.md", "portal/pyproject.toml",
}  # fmt: skip
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

SMALL_BOT = """
from keyboards import Command, Fitted, Keyboard, Message, fit

fitted: Fitted = fit(Message("Ready", Keyboard.of([Command("Publish", "post", "217")])))
payload: dict[str, object] = fitted.message.wire(bot_id=456)
assert payload["MESSAGE"] == "Ready"
"""
SMALL_TEST = """
from portal.testing import RunningPortal


async def address(portal: RunningPortal) -> str:
    return str(portal.url)
"""


def run(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, without what coverage would add."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "PYTHONPATH"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=plain | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def build(folder: Path, target: Path, kind: str) -> Path:
    """Build one distribution offline with the hatchling of this environment."""
    done = run("-m", "hatchling", "build", "-t", kind, "-d", str(target), cwd=folder)
    assert done.returncode == 0, done.stderr
    (made,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build the three wheels."""
    return {name: build(folder, tmp_path_factory.mktemp(name), "wheel") for name, folder in FOLDERS.items()}


@pytest.fixture(scope="module")
def installed(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Unpack each wheel into a folder of its own: a wheel of pure Python is installed like that."""
    folders = {name: tmp_path_factory.mktemp(f"installed-{name}") for name in wheels}
    for name, wheel in wheels.items():
        zipfile.ZipFile(wheel).extractall(folders[name])  # noqa: S202  # our own wheel
    return folders


def shipped(wheel: Path) -> set[str]:
    """List the files of a wheel without its metadata."""
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


def files_of(package: str) -> set[str]:
    """List the files of a package in the repository."""
    found = (file for file in (ROOT / package).rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(ROOT).as_posix() for file in found}


@pytest.mark.parametrize("package", FOLDERS)
def test_a_wheel_has_every_file_of_its_package_and_no_other(package: str, wheels: dict[str, Path]) -> None:
    """Each file of the package is in its wheel, Python or not; the service's has the example configuration too."""
    example = {"bot/config.example.toml"} if package == "bot" else set()
    assert shipped(wheels[package]) == files_of(package) - NOT_SHIPPED | example
    assert f"{package}/py.typed" in shipped(wheels[package])


def test_the_service_ships_what_it_reads(wheels: dict[str, Path]) -> None:
    """SQL, sentences and the example configuration are in the service's wheel; pages are in the portal's."""
    assert {Path(name).suffix for name in shipped(wheels["bot"])} >= {".py", ".sql", ".toml"}
    assert {Path(name).suffix for name in shipped(wheels["portal"])} >= {".py", ".toml", ".html", ".css", ".js"}
    packed = zipfile.ZipFile(wheels["bot"]).read("bot/config.example.toml")
    assert packed == (ROOT / "config.example.toml").read_bytes()


def test_there_is_one_version(wheels: dict[str, Path]) -> None:
    """The version of pyproject.toml is that of all three, and the service asks for exactly these others."""
    assert {wheel.name.split("-")[1] for wheel in wheels.values()} == {PROJECT["version"]}
    pinned = [line for line in PROJECT["dependencies"] if line.startswith("feedbridge-")]
    assert pinned == [f"feedbridge-keyboards=={PROJECT['version']}"]
    assert PROJECT["optional-dependencies"]["demo"] == [f"feedbridge-portal=={PROJECT['version']}"]


def test_the_pytest_plugin_comes_with_the_portal_only(installed: dict[str, Path]) -> None:
    """An installation of the service or the keyboards has no pytest plugin."""
    points = {
        name: "".join(file.read_text() for file in folder.glob("*.dist-info/entry_points.txt"))
        for name, folder in installed.items()
    }
    assert "pytest11" in points["portal"]
    assert "pytest11" not in points["bot"] + points["keyboards"]
    assert "feedbridge = bot.cli:main" in points["bot"]


@pytest.mark.parametrize("package", ["keyboards", "portal"])
def test_a_package_works_alone(package: str, installed: dict[str, Path], tmp_path: Path) -> None:
    """If one of the two is installed it can be imported, and none of our other packages is installed."""
    others = sorted(set(FOLDERS) - {package})
    code = (
        f"import sys; sys.path[:] = [one for one in sys.path if one != {str(ROOT)!r}]\n"
        f"sys.path.insert(0, {str(installed[package])!r})\n"
        f"import {package}{'.testing, portal.plugin' if package == 'portal' else ''}\n"
        f"assert {package}.__file__.startswith({str(installed[package])!r}), {package}.__file__\n"
        "from importlib.util import find_spec\n"
        f"assert [name for name in {others!r} if find_spec(name)] == []\n"
    )
    code += SMALL_BOT if package == "keyboards" else ""
    done = run("-I", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", ["keyboards", "portal"])
def test_a_bot_from_outside_is_checked_strictly(package: str, installed: dict[str, Path], tmp_path: Path) -> None:
    """`mypy --strict` of a few lines passes against the installed package: its types are shipped."""
    (tmp_path / "small.py").write_text(SMALL_BOT if package == "keyboards" else SMALL_TEST, encoding="utf-8")
    command = ("-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(tmp_path / "cache"), "small.py")
    done = run(*command, cwd=tmp_path, MYPYPATH=str(installed[package]))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", FOLDERS)
def test_an_sdist_builds_the_same_wheel(package: str, wheels: dict[str, Path], tmp_path: Path) -> None:
    """A source archive, unpacked anywhere, builds the wheel with the same files and version."""
    archive = build(FOLDERS[package], tmp_path / "sdist", "sdist")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    again = build(source, tmp_path / "wheel", "wheel")
    assert again.name == wheels[package].name
    assert shipped(again) == shipped(wheels[package])


@pytest.mark.parametrize("package", ["keyboards", "portal"])
def test_each_distribution_has_the_license(package: str) -> None:
    """Each distribution has an exact copy of the license."""
    assert (ROOT / package / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_plugin_loads_without_pytest_asyncio(tmp_path: Path) -> None:
    """Without pytest-asyncio other tests run, and one that asks for `portal` is told what to install."""
    (tmp_path / "test_small.py").write_text(
        "def test_other():\n    pass\n\n\ndef test_asks(portal):\n    pass\n", encoding="utf-8"
    )
    code = (
        "import sys, importlib.util as util\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "sys.modules['pytest_asyncio'] = None\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'pytest_asyncio' else found(name, *more)\n"
        "import pytest\n"
        "sys.exit(pytest.main(['-q', '-p', 'portal.plugin', '-p', 'no:cacheprovider', 'test_small.py']))\n"
    )
    done = run("-c", code, cwd=tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert "pip install 'feedbridge-portal[pytest]'" in done.stdout
