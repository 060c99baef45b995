"""Ordering keys, token owners and idempotency keys are written in one module only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.model import effects, ordering
from bot.model.events import Dialog, PostId, UserId
from bot.store.coding import KEYS

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "bot" / "model" / "ordering.py"
LOOKED_FOR = {kind.__name__ for kind in ordering.LOOKED_FOR}
OTHERWISE = {("tokens.py", "install"): "a field of app.info", ("quiet.py", "quiet:"): "the version of a card"}
"""The same words where they mean something else."""


def spelled(source: str) -> Iterator[str]:
    """Give every text of a module that is no docstring; of an f-string its first piece."""
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


@cache
def beginnings() -> set[str]:
    """Give how keys and owners begin, as their own module spells them."""
    return {text for text in spelled(HOME.read_text(encoding="utf-8")) if re.fullmatch(r"[a-z]+:", text)}


def keys_in(source: str) -> list[str]:
    """Find the texts of a module that begin like a key, or are an owner."""
    starts = tuple(beginnings())
    return [text for text in spelled(source) if text.startswith(starts) or text == ordering.INSTALL]


def keys_in_sql(source: str) -> list[str]:
    """Find the same among the quoted texts of statements, and kinds that are looked for before they are sent again."""
    code = re.sub(r"--.*", "", source)
    starts, whole = tuple(beginnings()), {ordering.INSTALL, *LOOKED_FOR}
    return [text for text in re.findall(r"'([^']*)'", code) if text.startswith(starts) or text in whole]


def test_the_test_finds_the_keys_of_the_module() -> None:
    """The test would find nothing if the module wrote its keys in another way."""
    assert {"dialog:", "post:", "card:", "action:", "user:", "pending:", "late:", "end:"} <= beginnings()


def test_no_other_module_writes_a_key() -> None:
    """A key that is written twice would be used unchanged when the other one is changed."""
    found = {
        (file.name, text)
        for file in sorted((ROOT / "bot").rglob("*.py"))
        if file != HOME
        for text in keys_in(file.read_text(encoding="utf-8"))
    }
    assert found == OTHERWISE.keys()


def test_no_statement_writes_a_key() -> None:
    """SQL gets keys and owners as parameters."""
    files = sorted((ROOT / "bot" / "store" / "queries").glob("*.sql"))
    found = {file.name: keys_in_sql(file.read_text(encoding="utf-8")) for file in files}
    assert found
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "source",
    ['key = f"dialog:{chat}"', 'x.startswith("user:")', 'owner = "install"'],
)
def test_a_planted_key_is_found(source: str) -> None:
    """A key is found in an f-string, as a beginning, as an owner; but not in a docstring."""
    assert len(keys_in(source)) == 1
    assert keys_in('"""dialog:42 is a key."""') == []


def test_a_planted_key_is_found_in_a_statement() -> None:
    """A quoted key is found, but not one in a comment."""
    assert keys_in_sql("WHERE a LIKE 'user:%' -- not 'install'\n AND b = 'install'") == ["user:%", "install"]
    assert keys_in_sql("WHERE kind IN ('Publish', 'Say')") == ["Publish"]


def test_statements_get_every_key_they_compare_with() -> None:
    """Each parameter that is filled from the module is used by a statement."""
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "bot" / "store" / "queries").glob("*.sql"))
    assert {name for name in KEYS if f":{name}" not in text} == set()


def test_every_effect_has_an_owner_and_a_queue() -> None:
    """A person's action goes out as that person, everything else as the installer."""
    say = effects.Say(dialog=Dialog("chat42"), content=effects.Content(text="hi"))
    share = effects.Share(dialog=Dialog("chat42"), user=UserId(27), post=PostId(217), dest=["UA"])
    assert (ordering.owner_of(say), ordering.of_effect(say)) == ("install", "dialog:chat42")
    assert (ordering.owner_of(share), ordering.of_effect(share)) == ("user:27", "action:27:chat42")
    gone = effects.DeletePost(dialog=Dialog("chat42"), user=UserId(27), post=PostId(217))
    assert (ordering.owner_of(gone), ordering.of_effect(gone)) == ("user:27", "post:217")
