"""Write the generated parts of docs/reference from the code: `make docs`.

A page holds prose by hand and blocks between `<!-- generated: NAME -->` and `<!-- end -->`; only the blocks are
written. A test fails when a page is not what this script would write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from bot import commands, config
from bot.bitrix.outbound.methods import METHODS
from bot.cli.exit_codes import ExitCode
from bot.framework.router import Spec
from bot.i18n import catalog
from bot.observability.metrics import Metrics

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
EXAMPLE = ROOT / "config.example.toml"
NAMES = {"group": "sales", "person": '"Anna Berg"', "post": "217", "number": "42"}
"""What the examples of the commands name."""
BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def renewed(page: Path, blocks: Mapping[str, Callable[[], str]]) -> str:
    """Give a page with its blocks as the code has them now; a block that nobody writes is a KeyError."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{blocks[found[2]]()}\n\n{found[3]}", page.read_text(encoding="utf-8"))


def pages() -> dict[Path, str]:
    """Give every page of the reference as it should be."""
    return {page: renewed(page, BLOCKS) for page in sorted(REFERENCE.glob("*.md"))}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in lines)


def _code(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


def _commands() -> str:
    table = commands.router()
    specs = [table.commands[name] for name in table.listed]
    specs += [spec for name, spec in sorted(table.commands.items()) if name not in table.listed]
    rows = [(f"[`/{spec.name}`](#{spec.name})", _said(spec, "title"), _code(spec.also)) for spec in specs]
    head = ("command", "does", "also understood")
    return "\n\n".join([_table(head, rows), *(_command(spec) for spec in specs)])


def _command(spec: Spec) -> str:
    usage = f"/{spec.name} {_said(spec, 'hint')}".rstrip()
    example = _said(spec, "example").strip()
    return f"## /{spec.name}\n\n`{usage}` — {_said(spec, 'about')}\n\n```\n{example}\n```"


def _said(spec: Spec, key: str) -> str:
    return catalog.sentence(catalog.DEFAULT, f"{spec.name}.{key}", **NAMES)


def _settings() -> str:
    sentences, defaults = _example_sentences(), config.defaults()
    sections = dict.fromkeys(item.section for item in config.settings().values())
    written = []
    for section in sections:
        rows = [
            (
                f"`{item.key}`",
                f"`{json.dumps(getattr(getattr(defaults, section), item.key))}`",
                item.allowed,
                sentences[item.name],
            )
            for item in config.settings().values()
            if item.section == section
        ]
        written.append(f"## `[{section}]`\n\n{_table(('key', 'default', 'allowed', 'says'), rows)}")
    return "\n\n".join(written)


def _example_sentences() -> dict[str, str]:
    """Return the sentence above each key of config.example.toml."""
    section, sentence, found = "", "", {}
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            sentence = line.removeprefix("# ")
        elif line.startswith("["):
            section = line.strip("[]")
        elif key := re.match(r"(\w+) = ", line):
            found[f"{section}.{key[1]}"] = sentence
    return found


def _metrics() -> str:
    rows = [(f"`{one.name}`", one.type, _code(one.labels), one.text) for one in Metrics().descriptions]
    return _table(("metric", "type", "labels", "says"), rows)


def _methods() -> str:
    rows = [(f"`{one.name}`", f"`{one.scope}`" if one.scope else "", one.purpose, one.token.value) for one in METHODS]
    return _table(("method", "scope", "used to", "token"), rows)


def _exit_codes() -> str:
    return _table(("code", "meaning"), [(f"`{code.value}`", code.meaning) for code in ExitCode])


BLOCKS: Mapping[str, Callable[[], str]] = {
    "commands": _commands,
    "settings": _settings,
    "metrics": _metrics,
    "methods": _methods,
    "exit_codes": _exit_codes,
}


def main() -> None:
    """Write every page that is not up to date."""
    for page, text in pages().items():
        if page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
