"""Pages: parts of a list, with buttons that stay correct when the list changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyboards import Button, Command, Keyboard, KeyboardsError, Message, TooBig, fit, pages
from keyboards.pages import ListChanged, Page, PageStart

KEYS = st.lists(st.text(min_size=1, max_size=3), unique=True, max_size=40)
LETTERS = [*"abcdefghij"]


def page(items: list[str], at: PageStart | None = None, size: int = 3) -> Page[str]:
    """Return a page of texts that are their own keys."""
    return pages.page(items, at, key=str, size=size)


def turn(text: str, place: PageStart) -> Button:
    """Return a button that turns to a page."""
    return Command(text, "turn", f"{place.offset}-{place.key}")


def test_a_list_is_shown_in_pages() -> None:
    """Items, number, count and neighbours are right from the first page to the last."""
    first = page(LETTERS)
    assert (first.items, first.number, first.count, first.previous) == (("a", "b", "c"), 1, 4, None)
    assert first.next == PageStart(key="d", offset=3)
    last = page(LETTERS, PageStart(key="j", offset=9))
    assert (last.items, last.number, last.count, last.next) == (("j",), 4, 4, None)
    assert last.previous == PageStart(key="g", offset=6)


def test_an_empty_list_has_one_empty_page() -> None:
    """An empty list is page 1 of 1."""
    empty = page([])
    assert (empty.items, empty.number, empty.count, empty.next, empty.previous) == ((), 1, 1, None, None)
    with pytest.raises(KeyboardsError):
        page([], size=0)


@given(KEYS, st.integers(1, 9))
def test_turning_shows_every_item_once(items: list[str], size: int) -> None:
    """Turning from the first page to the last shows each item once, in order."""
    seen: list[str] = []
    shown = page(items, None, size)
    numbers = [shown.number]
    seen += shown.items
    while shown.next is not None:
        shown = page(items, shown.next, size)
        seen += shown.items
        numbers.append(shown.number)
    assert seen == items
    assert numbers == list(range(1, shown.count + 1))


@given(KEYS, KEYS, st.integers(0, 50), st.integers(1, 9))
def test_a_page_begins_at_its_item_after_a_change(before: list[str], after: list[str], offset: int, size: int) -> None:
    """After any change, a page begins at its item or at that position, never outside."""
    place = PageStart(key=before[offset % len(before)] if before else "", offset=offset)
    shown = page(after, place, size)
    assert 1 <= shown.number <= shown.count
    assert bool(shown.items) == bool(after)
    if place.key in after:
        assert shown.items[0] == place.key
    if shown.previous is not None:
        assert page(after, shown.previous, size).number < shown.number


@given(KEYS, KEYS, st.data())
def test_an_old_press_never_acts_on_another_item(before: list[str], after: list[str], data: st.DataObject) -> None:
    """A press finds its item in the unchanged list, and nothing in any other."""
    if not before:
        return
    made_from, item = page(before).version, data.draw(st.sampled_from(before))
    found = pages.pressed(after, item, made_from, key=str)
    assert found == (item if after == before else ListChanged())
    assert pages.pressed(before, item, made_from, key=str) == item


@pytest.mark.parametrize("items", [["a", "b", "a"], ["a", ""]])
def test_every_item_has_its_own_key(items: list[str]) -> None:
    """Two items with one key are refused."""
    with pytest.raises(KeyboardsError):
        page(items)
    with pytest.raises(KeyboardsError):
        pages.pressed(items, "a", "x", key=str)


def test_the_version_depends_on_all_keys_and_their_order() -> None:
    """The version depends on order, and on where keys begin and end."""
    assert len({pages.version(keys) for keys in (["a", "b"], ["b", "a"], ["ab"], ["a", "b", ""], [])}) == 5


def test_the_keyboard_of_a_page() -> None:
    """The keyboard has the buttons of the items, then previous, position and next."""
    middle = page(LETTERS, PageStart(key="d", offset=3))
    keyboard = middle.keyboard(lambda letter: Command(letter, "show", letter), turn, width=2)
    assert [[button.text for button in row] for row in keyboard.rows] == [["d", "e"], ["f"], ["◀", "2/4", "▶"]]
    assert [button.params for button in keyboard.rows[-1] if isinstance(button, Command)] == ["0-a", "3-d", "6-g"]
    alone = page(["a"]).keyboard(lambda letter: Command(letter, "show"), turn)
    assert len(alone.rows) == 1


def test_an_item_may_have_a_row_of_its_own() -> None:
    """Several buttons of one item share a row."""
    two = (Command("open", "o"), Command("drop", "d"))

    def item(letter: str) -> Button | tuple[Button, ...]:
        return two if letter == "b" else Command(letter, "x")

    keyboard = page(["a", "b", "c"]).keyboard(item, turn, width=3)
    assert [[button.text for button in row] for row in keyboard.rows] == [["a"], ["open", "drop"], ["c"]]


def test_the_labels_of_the_buttons_can_be_changed() -> None:
    """The labels of the buttons can be translated."""
    labels = pages.Labels(previous="zurück", position="{number} von {count}", next="weiter")
    keyboard = page(LETTERS).keyboard(lambda letter: Command(letter, "x"), turn, labels=labels)
    assert [button.text for button in keyboard.rows[-1]] == ["1 von 4", "weiter"]


def test_pages_become_smaller_until_they_fit() -> None:
    """The largest page size that fits is used; otherwise the error is that of the smallest."""
    items = [letter * 3000 for letter in LETTERS]

    def draw(size: int) -> Keyboard | None:
        shown = pages.page(items, key=str, size=size)
        rows = shown.keyboard(lambda one: Command(one, "x"), lambda text, place: Command(text, "x", f"p{place.offset}"))
        return fit(Message("a", rows)).message.keyboard

    fitted = pages.largest(draw, (10, 8, 4, 2))
    assert fitted is not None
    assert len(fitted.rows) == 8 + 1
    with pytest.raises(TooBig):
        pages.largest(lambda _size: fit(Message("x" * 30_000)), (10, 5))
