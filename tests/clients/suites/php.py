"""Install what the tests of b24phpsdk need, with Composer, beside its unmodified checkout."""

import json
import shutil
from pathlib import Path

from tests.clients import installing
from tests.clients.suites.checkouts import Pinned

FOLDERS = (
    "Core",
    "Services/IM",
    "Services/Log",
    "Services/Placement",
    "Services/Main",
    "Services/User",
    "Services/Department",
)
"""The folders below tests/Integration whose methods the emulator claims."""


def installed(project: Pinned) -> Path:
    """Install the packages of a PHP project when they are missing, and return the folder with them.

    Of the packages for development only those are installed that its tests use.
    """
    if shutil.which("php") is None or shutil.which("composer") is None:
        raise installing.Absent(
            "needs PHP 8.2 or newer with Composer; on Debian: apt-get install php-bcmath php-cli php-curl "
            "php-intl php-mbstring php-xml composer"
        )
    folder = project.folder / "php"
    with installing.made_once(folder) as missing:
        if missing:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            (folder / "composer.json").write_text(json.dumps(_wanted(project), indent=2), encoding="utf-8")
            composer = ["composer", "install", "--no-interaction", "--no-progress", "--prefer-dist"]
            installing.run(composer, project.name, folder=folder)
    if not (link := project.checkout / "vendor").is_symlink():
        link.symlink_to(folder / "vendor")
    return folder


def _wanted(project: Pinned) -> dict[str, object]:
    """Return a composer.json with what the project requires, and the packages of pinned.toml for its tests."""
    theirs = json.loads((project.checkout / "composer.json").read_text(encoding="utf-8"))
    tools = {name: theirs["require-dev"][name] for name in project.needs}
    autoload = {**theirs["autoload"]["psr-4"], **theirs["autoload-dev"]["psr-4"]}
    return {
        "require": {**theirs["require"], **tools},
        "autoload": {"psr-4": {space: f"../checkout/{place}/" for space, place in autoload.items()}},
    }
