"""Whatever adds readers to a post or writes to the CRM is judged by the policy first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAKES = {
    "publications.publication", "scheduling.publication", "scheduling.publish", "writing.publication",
    "drafting.publication", "effects.Publish", "effects.Share", "effects.CrmPost", "Publish", "Share", "CrmPost",
}  # fmt: skip
"""Calls that make an effect which adds readers."""
JUDGES = {"judging.required", "judging.judge", "judging.of_draft"}
JUDGED_ELSEWHERE = {
    ("publications.py", "publication"): "makes the effect for its callers",
    ("drafting.py", "publication"): "makes the effect for the composer, which has judged the draft",
    ("writing.py", "publication"): "makes the effect for its callers",
    ("scheduling.py", "add"): "stores a post that is judged when it is due",
    ("crm.py", "_written_at_once"): "is called only where _at_once has judged",
}
"""Functions that may make such an effect without a judgement of their own, and why."""


def calls(tree: ast.AST) -> set[str]:
    """Return the names of everything that is called."""
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def unjudged(name: str, source: str) -> Iterator[tuple[str, str]]:
    """Yield each function that makes such an effect, and asks nothing of the policy."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and calls(node) & MAKES
            and not calls(node) & JUDGES
        ):
            yield name, node.name


def test_every_way_that_adds_readers_is_judged() -> None:
    """A new command that publishes cannot forget the policy; each exception is needed and says why."""
    files = [*(ROOT / "bot" / "commands").rglob("*.py"), *(ROOT / "bot" / "feed").rglob("*.py")]
    found = {one for file in files for one in unjudged(file.name, file.read_text(encoding="utf-8"))}
    assert found == set(JUDGED_ELSEWHERE)


def test_a_forgotten_judgement_is_found() -> None:
    """A planted handler that shares a post without a judgement is found, and one that asks is not."""
    assert list(unjudged("planted.py", "def share(ctx):\n    return effects.Share(post=1)"))
    asks = "async def share(ctx):\n    await judging.required(ctx)\n    return effects.Share(post=1)"
    assert not list(unjudged("planted.py", asks))
