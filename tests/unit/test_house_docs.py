"""The documentation keeps up with the code: links, settings, metrics and commands."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

import bot.commands
from bot import config
from bot.bitrix.outbound import calls
from bot.bitrix.outbound.methods import METHODS, Token
from bot.model import effects
from bot.model.acting import ACTED
from bot.model.effects import Content
from bot.model.events import Dialog, PostId, UserId
from bot.model.post_parts import Poll, Thanks
from bot.observability import metrics
from docs import generate
from tests.stand_in_memory import known_portal

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])

FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|<img[^>]+src=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
METHOD = re.compile(r"[a-z]\w+(?:\.[A-Za-z0-9_]+)+")
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


@pytest.mark.parametrize("page", generate.pages(), ids=lambda page: page.name)
def test_the_reference_is_up_to_date(page: Path) -> None:
    """The generated parts of the reference are up to date; `make docs` writes them again."""
    assert page.read_text(encoding="utf-8") == generate.renewed(page, generate.BLOCKS)


def test_every_generated_part_has_its_place() -> None:
    """Each block that the script can write stands in one page."""
    placed = [name for page in generate.pages() for _, name, _ in generate.BLOCK.findall(page.read_text("utf-8"))]
    assert sorted(placed) == sorted(generate.BLOCKS)


def test_a_stale_part_is_written_again(tmp_path: Path) -> None:
    """The content of a block is replaced; the rest of the page stays, and an unknown block is an error."""
    page = tmp_path / "page.md"
    page.write_text("Before.\n<!-- generated: x -->\nold\n<!-- end -->\nAfter.\n", encoding="utf-8")
    renewed = generate.renewed(page, {"x": lambda: "new"})
    assert renewed == "Before.\n<!-- generated: x -->\n\nnew\n\n<!-- end -->\nAfter.\n"
    with pytest.raises(KeyError):
        generate.renewed(page, {})


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


def test_every_command_is_documented() -> None:
    """Each command has a row with its synonyms and a section with its usage, and the page has no other."""
    page = prose(REFERENCE / "commands.md")
    table = bot.commands.router()
    offered = {name: table.commands[name].also for name in table.typed}
    rows = re.findall(r"^\| \[`/(\w+)`\]\(#\w+\) \|[^|]+\|([^|]*)\|", page, re.MULTILINE)
    assert {name: tuple(re.findall(r"`(\S+?)`", also)) for name, also in rows} == offered
    assert set(re.findall(r"^## /(\w+)\n\n`/\1\b", page, re.MULTILINE)) == offered.keys()


def named_in(file: Path) -> set[str]:
    """Collect the texts in a Python file that are spelled like REST methods and passed to a call."""
    made = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    asked = [call for call in made if not ast.unparse(call.func).startswith("log.")]
    given = [one for call in asked for one in (*call.args[:2], *(word.value for word in call.keywords))]
    texts = {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {text for text in texts if text in {"batch", "profile"} or METHOD.fullmatch(text)}


def test_every_rest_method_is_documented() -> None:
    """The table of REST methods names what the code calls, no more and no less, in order."""
    called = set().union(
        *(named_in(file) for file in (ROOT / "bot" / "bitrix").rglob("*.py") if file.stem != "methods")
    )
    documented = [one.name for one in METHODS]
    assert documented == sorted(called)


def test_a_person_s_action_is_documented_with_their_token() -> None:
    """What goes out in a person's name is documented with their token, what the bot says with the installer's."""
    place: dict[str, Any] = {"dialog": Dialog("7"), "user": UserId(7)}
    entity = effects.CrmEntity(type="deal", id=42)
    by_person: list[effects.ByUser] = [
        effects.SayAs(**place, content=Content(text="hi"), asked_in=Dialog("7")),
        effects.Publish(**place, text="hi", dest=["UA"], since=0),
        effects.Share(**place, post=PostId(1), dest=["UA"]),
        effects.ChangePost(**place, post=PostId(1), command="edit", written="hi", text="hi", before=""),
        effects.DeletePost(**place, post=PostId(1)),
        effects.CommentOnPost(**place, post=PostId(1), text="hi", since=0),
        effects.CrmPost(**place, entity=entity, text="hi", since=0),
        effects.CrmComment(**place, entity=entity, text="hi", since=0),
    ]
    tokens = {one.name: one.token for one in METHODS}
    for effect in by_person:
        wanted = Token.PERSON_OR_ADMIN if isinstance(effect, ACTED) else Token.PERSON
        assert tokens[calls.call(effect, known_portal(), key="k").method] is wanted
    assert {token for name, token in tokens.items() if name.startswith("imbot")} == {Token.BOT}


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


PARAMETERS = REFERENCE / "parameters.md"
PROOF = re.compile(r"\[(test_\w+)\]\((\.\./\.\./tests/\S+\.py)\)")


def test_every_parameter_has_a_test_or_a_reason() -> None:
    """In the table of parameters each row names tests that exist, or says why the parameter is not sent."""
    rows = [line for line in PARAMETERS.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) >= 25
    for row in rows:
        _, _, how, proved = (cell.strip() for cell in row.replace("\\|", "").split("|")[:4])
        proofs = PROOF.findall(proved)
        assert bool(proofs) or how.startswith("not sent"), row
        for name, target in proofs:
            text = (REFERENCE / target).read_text("utf-8")
            assert f"def {name}(" in text, f"{name} is not in {target}"


def test_the_parameters_are_those_that_are_sent() -> None:
    """Each parameter of a post that has everything stands in the table, and not as one that is not sent."""
    poll = Poll(question="Which?", answers=("a", "b"), several=True)
    thanks = Thanks(people=(UserId(5),), medal="cup")
    post = effects.Publish(
        dialog=Dialog("7"), user=UserId(7), text="News", title="Today", dest=["U5"], since=1, important=True,
        important_until="2026-12-01T18:00:00+01:00", tags=("a",), background="b", link_preview=True, files=(1,),
        site="s2", poll=poll, thanks=thanks, acting=True,
    )  # fmt: skip
    table = PARAMETERS.read_text("utf-8").partition("## `log.blogpost.share`")[0]
    rows = {name: row for row in table.splitlines() for name in re.findall(r"`([A-Z_]{3,})`", row.split(" | ")[0])}
    params = calls.call(post, known_portal(), key="k").params
    sent = {name for name in params if not name.startswith(("GRATITUDE_", "UF_BLOG_POST_VOTE_"))}
    sent |= {"UF_GRATITUDE", "UF_BLOG_POST_VOTE"}
    assert sent == {name for name, row in rows.items() if "| not sent" not in row}
