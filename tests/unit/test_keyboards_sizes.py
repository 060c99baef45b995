"""Sizes and limits (reference: behaviour 1), counted by hand, and the table of limits."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyboards import (
    Attach,
    BadText,
    Command,
    Keyboard,
    Link,
    Menu,
    Size,
    attach,
    envelope,
    limits,
    normal,
    size,
    stored,
)
from keyboards.limits import Unit
from keyboards.sizing.json_size import as_json, json_size, json_sizes
from tests.makers import Maker

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "chars", "size_in_bytes"),
    [
        ("a", 1, 1),
        ("ж", 1, 2),
        ("日", 1, 3),
        ("😀", 1, 4),
        ("/", 2, 2),
        ('"', 2, 2),
        ("\\", 2, 2),
        ("\n\t\r\b\f", 10, 10),
        ("\0\x01\x1f", 18, 18),
        ("\x7f", 1, 1),
        ("\u2028\u2029", 12, 12),
        ("<>&'", 4, 4),
    ],
)
def test_the_size_of_each_character(text: str, chars: int, size_in_bytes: int) -> None:
    """Unicode counts one; slash, quote, backslash and short controls two; other controls and two line ends six."""
    assert json_size(text) == Size(chars + 2, size_in_bytes + 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [({"a": 1, "b": [True, None]}, '{"a":1,"b":[true,null]}'), ([], "[]"), ({}, "{}"), (["/"], '["\\/"]')],
)
def test_json_has_no_spaces(value: object, text: str) -> None:
    """There are no spaces after commas and colons; numbers are numbers; empty lists stay."""
    assert as_json(value) == text


@given(JSON)
def test_the_size_is_that_of_the_json(value: object) -> None:
    """The size is that of the stored text, which has the same content."""
    text = as_json(value)
    assert json_size(value) == Size(len(text), len(text.encode()))
    assert json.loads(text) == value


@given(st.lists(st.dictionaries(TEXT, JSON, max_size=3), max_size=6))
def test_many_sizes_at_once_are_the_single_sizes(values: list[dict[str, object]]) -> None:
    """Measuring many objects at once gives the size of each."""
    assert json_sizes(values) == [json_size(value) for value in values]


def test_half_of_a_surrogate_pair_has_no_size() -> None:
    """Text that UTF-8 cannot encode raises an error."""
    with pytest.raises(BadText):
        json_size("\ud800")


def test_sizes_add_up() -> None:
    """Sizes are added, subtracted and read by unit."""
    assert Size(3, 5) + Size(1, 1) - Size(2, 2) == Size(2, 4)
    assert (Size(3, 5).of(Unit.CHARS), Size(3, 5).of(Unit.BYTES)) == (3, 5)


def test_the_published_sizes_of_the_smallest_objects() -> None:
    """The published sizes: a COMMAND button 180, a LINK button 158, an item 66, an empty MESSAGE block 81."""
    brackets = 2
    assert size(Keyboard.of([Command("a", "b")]), 1).chars == 180 + brackets
    assert size(Keyboard.of([Link("a", "/")])).chars == 158 + brackets + len("2147483647") - 1
    assert size(Menu.of([Link("a", "/")]), 7).chars == 66 + brackets
    assert size(Attach.of([attach.Message("a")])).chars == 81 + 1


def test_the_enforced_limit_in_buttons_and_characters() -> None:
    """About 331 of the smallest COMMAND buttons fit, and 59,918 characters in one MESSAGE block."""
    enforced = limits.ENFORCED
    row = [Command("a", "b")] * 400
    fitting = max(count for count in range(300, 360) if enforced.over(size(Keyboard((tuple(row[:count]),)), 1)) <= 0)
    assert fitting == 333  # LINE, which a row of several has, is one character shorter than BLOCK
    one_a_line = [{"TEXT": "a", "COMMAND": "b"}]
    assert enforced.over(json_size(normal.keyboard(one_a_line * 331, 1))) <= 0
    assert enforced.over(json_size(normal.keyboard(one_a_line * 332, 1))) > 0
    assert enforced.over(size(Attach.of([attach.Message("x" * 59_918)]))) == 0
    assert enforced.over(size(Attach.of([attach.Message("x" * 59_919)]))) == 1


def test_buttons_and_items_are_measured_without_their_outer_object() -> None:
    """Lists of buttons and items are measured without their outer object, an attach as a whole."""
    keyboard, menu, block = Keyboard.of([Link("a", "/")]), Menu.of([Link("a", "/")]), Attach.of([attach.Message("a")])
    assert size(keyboard, 7) == json_size(normal.keyboard(envelope(keyboard.wire(), 7), 7))
    assert size(menu, 7) == json_size(normal.menu({"ITEMS": menu.wire()}, 7))
    assert size(block) == json_size(normal.attach(block.wire()))
    assert "ID" in stored(block)


@pytest.mark.parametrize(("given_text", "keyboard", "menu", "block"), [("&", 1, 5, 1), ("<", 1, 4, 1), ("'", 1, 6, 1)])
def test_where_html_is_escaped(given_text: str, keyboard: int, menu: int, block: int) -> None:
    """HTML is escaped in links of keyboards and menus and in menu texts, and nowhere else."""
    x = "x"
    assert size(Keyboard.of([Put(given_text)])).chars - size(Keyboard.of([Put(x)])).chars == keyboard - 1
    assert size(Menu.of([Put(given_text)])).chars - size(Menu.of([Put(x)])).chars == menu - 1
    links = [size(Keyboard.of([Link("a", f"/{text}")])).chars for text in (given_text, x)]
    assert links[0] - links[1] == menu - 1
    blocks = [size(Attach.of([attach.Message(text)])).chars for text in (given_text, x)]
    assert blocks[0] - blocks[1] == block - 1


def Put(text: str) -> Command:  # noqa: N802 - named like a button
    """Return a button with this text."""
    return Command(text, "x")


def test_the_size_without_a_bot_id_uses_the_longest_id() -> None:
    """Without a bot id, the size is that for the longest id."""
    keyboard = Keyboard.of([Command("a", "b")])
    assert size(keyboard).chars == size(keyboard, 1).chars + 9


def test_json_in_normal_form_is_measured_unchanged() -> None:
    """A list or object is measured as stored JSON."""
    assert size([{"TYPE": "NEWLINE"}]) == Size(20, 20)


@pytest.mark.parametrize("seed", range(30))
def test_stored_equals_the_normal_form_of_the_request(seed: int) -> None:
    """`stored` of a built object equals the normal form of its request."""
    message = Maker(seed).message()
    if message.keyboard:
        assert message.keyboard.stored(456) == normal.keyboard(message.keyboard.wire(), 456)
    if message.menu:
        assert message.menu.stored(456) == normal.menu(message.menu.wire(), 456)
    if message.attach:
        assert message.attach.stored() == normal.attach(message.attach.wire())


# --- the table --------------------------------------------------------------------------------------


def test_the_table_of_limits() -> None:
    """Each API has its limits with units; the default is the strictest."""
    table = {
        api: {
            part: [(limit.value, limit.unit.value) for limit in getattr(row, part) or ()]
            for part in ("keyboard", "menu", "attach")
        }
        for api, row in limits.APIS.items()
    }
    strict, big = [(30_000, "bytes"), (59_999, "chars")], [(59_999, "chars"), (65_535, "bytes")]
    assert table == {
        "any": {"keyboard": strict, "menu": strict, "attach": strict},
        "imbot": {"keyboard": strict[:1], "menu": strict[:1], "attach": strict[:1]},
        "imbot.v2": {"keyboard": big, "menu": [], "attach": [(60_000, "chars"), *big]},
        "im.message.add": {"keyboard": big, "menu": big, "attach": big},
    }
    assert {row.text.value for row in limits.APIS.values()} == {20_000}


def test_every_limit_has_a_source() -> None:
    """Each limit names its source."""
    rows = limits.APIS.values()
    found = [
        limit for row in rows for part in (row.keyboard, row.menu or (), row.attach, (row.text,)) for limit in part
    ]
    assert all(limit.source for limit in found)


def test_a_message_within_strict_is_within_all_limits() -> None:
    """What fits STRICT fits all APIs."""
    tight = min(limit.value for limit in limits.STRICT.attach)
    assert all(tight <= limit.value for row in limits.APIS.values() for limit in row.attach)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("a[BR]b[br]c#BR#d", "a\nb\nc\nd"),
        ("a[Br]b#br#", "a[Br]b#br#"),
        ("\n a \t\0", "a"),
        ("x" * 20_006, "x" * 20_006),
        ("x" * 20_007, "x" * 20_000 + " (...)"),
        ("ж" * 20_007, "ж" * 20_000 + " (...)"),
        (" " * 9 + "x" * 20_006, "x" * 20_006),
    ],
)
def test_the_stored_form_of_a_text(given_text: str, kept: str) -> None:
    """Three spellings of a line break, trimmed ends, and the cut above 20,006 characters."""
    assert normal.text(given_text) == kept
