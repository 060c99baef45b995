"""How parameters are written in a command of a batch."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix import query_strings
from bot.bitrix.outbound import calls
from bot.bitrix.outbound.calls import Call
from portal.wire import php


@given(st.dictionaries(st.text(), st.text(), max_size=4))
def test_values_are_quoted_as_the_standard_library_quotes_them(params: dict[str, str]) -> None:
    """Our faster quoting gives the same characters as quote_plus, for any text."""
    expected = "&".join(f"{quote_plus(name, safe='[]')}={quote_plus(value)}" for name, value in params.items())
    assert query_strings.encode(params) == expected


LEAVES = st.text() | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="[]"), min_size=1, max_size=12)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=25
)
TOP = st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,8}", fullmatch=True), TREES, max_size=4)


def as_php_reads(value: Any) -> Any:
    """Return what is left of a value after a form: texts, without nulls and empty arrays."""
    if isinstance(value, dict):
        inner = {name: as_php_reads(one) for name, one in value.items()}
    elif isinstance(value, list):
        inner = {str(place): as_php_reads(one) for place, one in enumerate(value)}
    else:
        return None if value is None else str(int(value)) if isinstance(value, bool) else str(value)
    left = {name: one for name, one in inner.items() if one is not None}
    if not left:
        return None
    return list(left.values()) if list(left) == [str(place) for place in range(len(left))] else left


@given(TOP)
def test_any_parameters_survive_a_batch_command(params: dict[str, Any]) -> None:
    """The emulator's parser reads our bracketed parameters as the same tree, for any content."""
    assert php.form_of(query_strings.encode(params)) == (as_php_reads(params) or {})


@given(st.lists(TOP, min_size=1, max_size=5), st.booleans())
def test_a_batch_keeps_its_commands_in_order(trees: list[dict[str, Any]], halt: bool) -> None:  # noqa: FBT001
    """Every command has the key of its answer, in order; `halt` is a number."""
    asked = [Call(method=f"some.method{place}", params=tree) for place, tree in enumerate(trees)]
    params, keys = calls.batch(asked, halt=halt)
    assert list(params["cmd"]) == keys
    assert params["halt"] == int(halt)
    for one, command in zip(asked, params["cmd"].values(), strict=True):
        method, _, query = command.partition("?")
        assert method == one.method
        assert php.form_of(query) == (as_php_reads(one.params) or {})
