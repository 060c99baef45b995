"""Fetch the public repositories of other projects at a pinned commit."""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.clients import installing

PINNED = tomllib.loads(Path(__file__).with_name("pinned.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A project: where its tests are, and the packages that they need."""

    name: str
    repository: str
    commit: str
    about: str
    """What of the project is run, in a few words."""
    needs: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Return the folder of this version below the cache; it contains the checkout and the installed packages."""
        return installing.cache() / f"{self.name}-{self.commit[:12]}-tests"

    @property
    def checkout(self) -> Path:
        """Return the folder of the unmodified files."""
        return self.folder / "checkout"


def pinned(name: str) -> Pinned:
    """Return a project of pinned.toml."""
    row = PINNED[name]
    return Pinned(name=name, **{**row, "needs": tuple(row["needs"])})


def fetched(project: Pinned) -> Path:
    """Return the checkout of a project; fetch it when it is missing.

    Only the pinned commit is fetched. Raise Absent when the host cannot be reached. A copy elsewhere can be used with
    git's own setting `url.<copy>.insteadOf`.
    """
    if shutil.which("git") is None:
        raise installing.Absent("needs git on the PATH")
    with installing.made_once(project.checkout) as missing:
        if missing:
            shutil.rmtree(project.checkout, ignore_errors=True)
            project.checkout.mkdir(parents=True)
            git = ["git", "-C", str(project.checkout)]
            installing.run([*git, "init", "--quiet"], project.name)
            fetch = ["fetch", "--quiet", "--depth", "1", project.repository, project.commit]
            installing.run([*git, *fetch], project.name)
            installing.run([*git, "checkout", "--quiet", "FETCH_HEAD"], project.name)
    return project.checkout
