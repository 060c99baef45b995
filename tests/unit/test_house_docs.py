"""The documentation keeps up with the code: links, settings, metrics and commands."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

import bot.commands
from bot import config
from bot.observability import metrics

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])

FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|<img[^>]+src=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ROW = re.compile(r"^\| `([^`]+)` \| (?:`([^`]*)` \|)?", re.MULTILINE)


def prose(page: Path) -> str:
    """Read a page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """List the headings of a page as the addresses that Markdown viewers give them."""
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(prose(page)))
    return {word.replace(" ", "-") for word in words}


def dead_links(page: Path) -> list[str]:
    """Find the relative links of a page that lead nowhere."""
    dead = []
    for match in LINK.finditer(prose(page)):
        link = match[1] or match[2]
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    return dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """A link in a page names a file that exists, and a heading that the file has."""
    assert dead_links(page) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    """Links to no file and to no heading are seen; those in code and to other hosts are left alone."""
    page = tmp_path / "page.md"
    text = "# One two\n[a](gone.md) [b](#one-two) [c](#three) [d](https://portal.example/)\n```\n[e](gone.md)\n```\n"
    page.write_text(text, encoding="utf-8")
    assert dead_links(page) == ["gone.md", "#three"]


def test_every_setting_is_documented_with_its_default() -> None:
    """The tables of settings and the code name the same keys in the same sections, with the same defaults."""
    documented: dict[str, object] = {}
    for section in prose(REFERENCE / "config.md").split("\n## ")[1:]:
        name = section.partition("`[")[2].partition("]`")[0]
        documented |= {f"{name}.{key}": json.loads(default) for key, default in ROW.findall(section)}
    defaults = config.defaults()
    in_code = {item.name: getattr(getattr(defaults, item.section), item.key) for item in config.settings().values()}
    assert documented == in_code


def test_every_metric_is_documented() -> None:
    """The page of metrics and /metrics name the same ones."""
    documented = {name for name, _ in ROW.findall(prose(REFERENCE / "metrics.md"))}
    assert documented == set(metrics.names())


def commands() -> dict[str, tuple[str, ...]]:
    """Collect the slash commands that bot/commands registers, each with its synonyms."""
    return {name: spec.also for name, spec in bot.commands.router().commands.items()}


def test_every_command_is_documented() -> None:
    """Each command has a row with its synonyms and a section with its usage, and the page has no other."""
    page = prose(REFERENCE / "commands.md")
    rows = re.findall(r"^\| \[`/(\w+)`\]\(#\w+\) \|[^|]+\|([^|]*)\|", page, re.MULTILINE)
    assert {name: tuple(re.findall(r"`(\S+?)`", also)) for name, also in rows} == commands()
    assert set(re.findall(r"^## /(\w+)\n\n`/\1\b", page, re.MULTILINE)) == commands().keys()


def test_the_readme_names_every_command() -> None:
    """Whoever reads only the README has seen each command."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {name for name in commands() if f"`/{name}`" not in readme} == set()


@pytest.mark.parametrize("page", [ROOT / "README.md"], ids=lambda page: page.name)
def test_the_examples_run(page: Path) -> None:
    """The Python in the README works as it stands, line by line."""
    examples = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert examples
    for example in examples:
        exec(compile(example, page.name, "exec"), {})  # noqa: S102 - our own page


def test_the_layers_are_documented_as_they_are() -> None:
    """The drawing of the layers shows each layer of the contract, in its order."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in settings["contracts"] if contract["type"] == "layers")
    page = (ROOT / "docs" / "how" / "architecture.md").read_text(encoding="utf-8")
    drawn = page.partition("## Layers")[2].split("```")[1].strip().splitlines()
    assert [line.split("   ")[0].split(" · ") for line in drawn] == [
        [name.strip().removeprefix("bot.") for name in layer.split("|")] for layer in layers
    ]
