"""What is installed is whole: SQL, sentences, pages and type markers are in the wheel."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "keyboards", "portal")


def test_the_wheel_has_every_file_of_the_packages(tmp_path: Path) -> None:
    """Each file in the three packages is in the wheel, Python or not, and nothing else than they and the metadata."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    (wheel,) = tmp_path.glob("feedbridge-*.whl")
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = {
        file.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert shipped == ours
    assert "keyboards/py.typed" in shipped
    assert {Path(name).suffix for name in shipped} >= {".py", ".sql", ".toml", ".html", ".css", ".js"}
