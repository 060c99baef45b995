"""The emulator reads and writes forms and numbers as PHP does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.wire import php

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="[].& \t\n\r\x0b\x0c"), min_size=1, max_size=6).filter(
    lambda name: bool(name.strip()) and not name.isdecimal()
)
LEAVES = st.text(st.characters(codec="utf-8"), max_size=12)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(NAMES, inner, min_size=1, max_size=3),
)


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_a_written_form_is_read_unchanged(tree: dict[str, object]) -> None:
    """Nested texts survive http_build_query and parse_str unchanged."""
    assert php.form_of(php.query(tree)) == tree


@given(st.text(max_size=200))
def test_any_text_is_read_as_a_form(text: str) -> None:
    """No query text is an error."""
    assert isinstance(php.form_of(text), dict)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a=1&a=2", {"a": "2"}),
        ("a[]=x&a[]=y", {"a": ["x", "y"]}),
        ("a[1]=x&a[0]=y", {"a": {"1": "x", "0": "y"}}),
        ("a[b][]=x&a[b][]=y&a[c]=", {"a": {"b": ["x", "y"], "c": ""}}),
        ("a[7]=x&a[]=y", {"a": {"7": "x", "8": "y"}}),
        ("fields%5BTITLE%5D=%D0%9F+q", {"fields": {"TITLE": "П q"}}),
        ("a.b=1&c d=2", {"a_b": "1", "c_d": "2"}),
        ("[x]=1&=2&a[=3", {"a": "3"}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a" + "[x]" * 80 + "=1", {}),
    ],
    ids=[
        "last-wins",
        "list",
        "holes-stay-a-map",
        "nested",
        "next-free",
        "escaped",
        "mangled",
        "nameless",
        "turned",
        "deep",
    ],
)
def test_bracket_keys(text: str, tree: dict[str, object]) -> None:
    """Bracket keys are nested as by parse_str."""
    assert php.form_of(text) == tree


def test_empty_values_are_dropped_and_booleans_are_digits() -> None:
    """http_build_query drops null and empty arrays, and writes true and false as 1 and 0."""
    assert php.query({"a": [], "b": {}, "c": None, "d": True, "e": False, "f": 3, "g": ""}) == "d=1&e=0&f=3&g="


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("12abc", 12),
        ("abc", 0),
        (" -3 ", -3),
        (1.9, 1),
        (True, 1),
        (None, 0),
        ([], 0),
        ([0], 1),
        ("9" * 25, php.MAX_INT),
        (float("inf"), 0),
        (float("nan"), 0),
    ],
    ids=repr,
)
def test_intval(value: object, number: int) -> None:
    """Numbers are read like intval, with its limits."""
    assert php.int_of(value) == number
