"""Fitting: the least important parts go first, required ones stay, the report lists the changes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keyboards import (
    Attach,
    Command,
    Keyboard,
    Link,
    Menu,
    Message,
    Put,
    Rank,
    Size,
    TooBig,
    attach,
    bb,
    fit,
    limits,
    size,
)
from keyboards.limits import Limit, Limits, Unit
from tests.makers import Maker

MUST, SHOULD, MAY = Rank.MUST, Rank.SHOULD, Rank.MAY


def only(value: int, unit: Unit = Unit.CHARS) -> Limits:
    """Return limits of this size for all parts."""
    limit = Limit(value=value, unit=unit, source="a test")
    return Limits(api="test", text=replace(limit, unit=Unit.CHARS), keyboard=(limit,), menu=(limit,), attach=(limit,))


def texts(keyboard: Keyboard | None) -> list[list[str]]:
    """Return the texts of the buttons, row by row."""
    return [[button.text for button in row] for row in keyboard.rows] if keyboard else []


def message_texts(message: Message) -> list[str]:
    """Return the texts of the MESSAGE blocks."""
    return (
        [block.text for block in message.attach.blocks if isinstance(block, attach.Message)] if message.attach else []
    )


def test_a_message_that_fits_is_unchanged() -> None:
    """A message that fits is unchanged, and the report has the size of each part."""
    keyboard = Keyboard.of([Command("Go", "go", rank=MAY)])
    message = Message("[b]a[/b]", keyboard, Attach.of([attach.Message("a")]), Menu.of([Put("x", "y")]))
    fitted = fit(message)
    assert fitted.message == message
    assert fitted.report.given_up == ()
    assert set(fitted.report.parts) == {"text", "keyboard", "attach", "menu"}
    measured = fitted.report.parts["keyboard"]
    assert (measured.before, measured.after, measured.limits) == (
        size(keyboard),
        size(keyboard),
        limits.STRICT.keyboard,
    )


def test_parts_are_dropped_by_rank_and_position() -> None:
    """MAY goes before SHOULD, the last before the first; MUST stays unchanged."""
    ranks = [MUST, MAY, SHOULD, MAY, MUST, SHOULD]
    keyboard = Keyboard.of([Command(str(at), "go", rank=rank) for at, rank in enumerate(ranks, 1)])
    left = []
    for room in (1300, 1150, 950, 750, 550):
        fitted = fit(Message("a", keyboard), only(room), bot_id=1)
        left.append("".join(text for row in texts(fitted.message.keyboard) for text in row))
        assert {given.how for given in fitted.report.given_up} <= {"dropped"}
    assert left == ["123456", "12356", "1356", "135", "15"]


def test_required_parts_that_do_not_fit_raise_an_error_with_the_excess() -> None:
    """The error has the part, the excess and the unit."""
    keyboard = Keyboard.of([Command("Go", "go"), Command("No", "no", rank=MAY)])
    alone = size(Keyboard.of([Command("Go", "go")]), 1).chars
    with pytest.raises(TooBig, match="the keyboard is 5 chars too big") as caught:
        fit(Message("a", keyboard), only(alone - 5), bot_id=1)
    assert (caught.value.part, caught.value.over, caught.value.unit, caught.value.limit) == (
        "keyboard",
        5,
        "chars",
        alone - 5,
    )


def test_a_replacement_is_used_before_parts_are_dropped() -> None:
    """A declared replacement is used before anything of the same rank is dropped."""
    big = Command("A long text on a button", "go", rank=SHOULD, instead=Command("Go", "go"))
    keyboard = Keyboard.of([big, Command("Other", "x", rank=SHOULD)])
    room = size(keyboard, 1).chars - 5
    fitted = fit(Message("a", keyboard), only(room), bot_id=1)
    assert texts(fitted.message.keyboard) == [["Go"], ["Other"]]
    assert [(one.what, one.how) for one in fitted.report.given_up] == [(f"button {big.text!r}", "replaced")]


def test_a_required_part_may_have_a_replacement() -> None:
    """A part with MUST may be replaced by its declared smaller form."""
    card = attach.Link("/a", "name", desc="x" * 500, instead=attach.Link("/a"))
    fitted = fit(Message("a", attach=Attach.of([card])), only(200))
    assert fitted.message.attach == Attach.of([attach.Link("/a")])


def test_dropped_parts_return_when_they_fit_again() -> None:
    """When a big part is dropped, smaller ones that were dropped before return."""
    small = attach.Message("small", rank=MAY)
    big = attach.Message("x" * 1000, rank=SHOULD)
    fitted = fit(Message("a", attach=Attach.of([small, big])), only(500))
    assert message_texts(fitted.message) == ["small"]
    assert [one.what for one in fitted.report.given_up] == ["block 1 MESSAGE"]


def test_a_shortened_text_keeps_as_many_words_as_fit() -> None:
    """A shortened block keeps as many words as fit, and at least its minimum."""
    block = attach.Message("word " * 200, shorten=20)
    room = size(Attach.of([attach.Message("x")])).chars + 99
    fitted = fit(Message("a", attach=Attach.of([block])), only(room))
    (text,) = message_texts(fitted.message)
    assert text.endswith("word…")
    assert room - 5 <= size(fitted.message.attach or Attach(())).chars <= room
    with pytest.raises(TooBig):
        fit(Message("a", attach=Attach.of([replace(block, shorten=200)])), only(room))


def test_a_shortened_text_has_closed_tags() -> None:
    """A shortened bold text stays bold, with a closed tag."""
    block = attach.Message(bb.bold("word " * 200).bb(), shorten=10)
    fitted = fit(Message("a", attach=Attach.of([block])), only(200))
    assert message_texts(fitted.message)[0].startswith("[b]word")
    assert message_texts(fitted.message)[0].endswith("[/b]…")


def test_rows_of_a_grid_are_dropped_one_by_one() -> None:
    """Rows with ranks are dropped one by one; a grid that loses all rows is dropped."""
    rows = tuple(attach.Row(f"name {at}", "x" * 50, rank=MAY if at else MUST) for at in range(5))
    grid = attach.Grid(rows)
    fitted = fit(Message("a", attach=Attach.of([grid])), only(400))
    assert fitted.message.attach is not None
    (left,) = fitted.message.attach.blocks
    assert isinstance(left, attach.Grid)
    assert left.rows == rows[: len(left.rows)]
    assert fitted.report.given_up[-1].what == "block 0 GRID row 'name 4'"
    nothing = Attach.of([attach.Grid(rows[1:]), attach.Message("x")])
    assert message_texts(fit(Message("a", attach=nothing), only(100)).message) == ["x"]


def test_a_row_has_at_most_the_rank_of_its_grid() -> None:
    """A row has at most the rank of its grid."""
    grid = attach.Grid((attach.Row("a", "x" * 300, rank=MUST), attach.Row("b", "c", rank=SHOULD)), rank=MAY)
    fitted = fit(Message("a", attach=Attach.of([grid, attach.Delimiter()])), only(150))
    assert fitted.message.attach == Attach.of([attach.Delimiter()])


def test_the_value_of_a_row_can_be_shortened() -> None:
    """A shortened value keeps its first words."""
    grid = attach.Grid((attach.Row("a", "word " * 100, shorten=10),))
    fitted = fit(Message("a", attach=Attach.of([grid])), only(200))
    assert fitted.report.given_up[0].how == "shortened"
    assert size(fitted.message.attach or Attach(())).chars <= 200


def test_a_text_is_not_shortened_to_an_empty_text() -> None:
    """A text that would become empty stays whole or is dropped by its rank."""
    breaks = attach.Message("#BR##BR#", shorten=1, rank=MAY)
    row = attach.Row("", "#BR##BR#", shorten=1, rank=MAY)
    blocks = Attach.of([breaks, attach.Grid((row,)), attach.Message("x" * 50)])
    assert message_texts(fit(Message("a", attach=blocks), only(150)).message) == ["x" * 50]


def test_a_more_button_replaces_removed_rows() -> None:
    """Removed rows are replaced by a "more" button."""
    buttons = [Command(str(at), "go", rank=MAY) for at in range(1, 41)]
    keyboard = Keyboard.of(buttons, more=lambda kept: Command("More", "list", f"from {kept}")).adjust(4)
    fitted = fit(Message("a", keyboard), only(4000), bot_id=1)
    left = fitted.message.keyboard
    assert left is not None
    kept = len(list(left)) - 1
    assert list(left)[-1] == Command("More", "list", f"from {kept}")
    assert list(left)[:-1] == buttons[:kept]
    assert size(left, 1).chars <= 4000
    block = attach.Link("/all", "All of it")
    many = Attach.of([attach.Message("x" * 90, rank=MAY)] * 9, more=block)
    shown = fit(Message("a", attach=many), only(500)).message.attach
    assert shown is not None
    assert shown.blocks[-1] == block


@pytest.mark.parametrize("room", range(1000, 1200, 7))
def test_the_more_button_may_show_the_number_of_missing_ones(room: int) -> None:
    """The real size of the "more" button counts, also when it depends on the number."""
    posts = [Command(f"b{at}", "go", rank=MAY) for at in range(150)]
    keyboard = Keyboard.of(posts, more=lambda kept: Command("m" * (150 - kept), "list"))
    fitted = fit(Message("a", keyboard), only(room), bot_id=1).message.keyboard
    assert fitted is not None
    *left, more = fitted
    assert more.text == "m" * (150 - len(left))
    blocks = Attach.of(
        [attach.Message("x" * 50, rank=MAY) for _ in range(200)], more=lambda kept: attach.Message(f"{200 - kept} more")
    )
    shown = fit(Message("a", attach=blocks), only(room)).message.attach
    assert shown is not None
    assert shown.blocks[-1] == attach.Message(f"{200 - len(shown.blocks[:-1])} more")


def test_the_only_content_of_a_message_is_not_dropped() -> None:
    """An attach that is the only content is not dropped, because the portal would answer MESSAGE_EMPTY."""
    alone = Message("", attach=Attach.of([attach.Message("x" * 300, rank=MAY)]))
    with pytest.raises(TooBig, match="the attach is 281 chars too big"):
        fit(alone, only(100))


def test_a_part_without_pieces_is_absent() -> None:
    """When all pieces are dropped, the part is absent."""
    message = Message(
        "a", Keyboard.of([Put("x" * 300, "y", rank=MAY)]), menu=Menu.of([Put("x" * 300, "y", rank=SHOULD)])
    )
    fitted = fit(message, only(100)).message
    assert (fitted.keyboard, fitted.menu) == (None, None)


def test_a_menu_is_dropped_or_refused_for_an_api_without_menus() -> None:
    """imbot.v2 has no MENU: optional items are dropped, required ones raise an error."""
    assert fit(Message("a", menu=Menu.of([Put("x", "y", rank=MAY)])), limits.V2).message.menu is None
    with pytest.raises(TooBig, match="the menu"):
        fit(Message("a", menu=Menu.of([Put("x", "y")])), limits.V2)


def test_the_text_is_cut_only_when_allowed() -> None:
    """20,001 characters raise an error unless the text may be shortened."""
    assert fit(Message("x" * 20_000)).message.text == "x" * 20_000
    with pytest.raises(TooBig, match="the text is 1 chars too big"):
        fit(Message("x" * 20_001))
    fitted = fit(Message("word " * 5000, shorten=100))
    assert len(fitted.message.text) <= 20_000
    assert fitted.report.given_up[0].part == "text"
    with pytest.raises(TooBig):
        fit(Message("x" * 20_001, shorten=20_001))


def test_the_fitted_text_is_the_stored_text() -> None:
    """Line breaks are real and the ends are trimmed, so the portal changes nothing."""
    assert fit(Message(" a[br]b#BR# ")).message.text == "a\nb"


def test_bytes_count_where_bytes_are_the_limit() -> None:
    """A Cyrillic letter counts twice in bytes and once in characters."""
    blocks = Attach.of([attach.Message("ж" * 50, rank=MAY) for _ in range(10)])
    by_bytes = fit(Message("a", attach=blocks), only(700, Unit.BYTES)).message
    by_chars = fit(Message("a", attach=blocks), only(700)).message
    assert (len(message_texts(by_bytes)), len(message_texts(by_chars))) == (5, 9)


def test_the_strictest_limit_is_the_default() -> None:
    """The default limit is 30,000 bytes."""
    block = Attach.of([attach.Message("x" * 29_950)])
    assert size(block).bytes > 30_000
    assert fit(Message("a", attach=block), limits.V2).message.attach == block
    with pytest.raises(TooBig):
        fit(Message("a", attach=block))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(300, 6000))
def test_fitting_is_deterministic(seed: int, room: int) -> None:
    """Fitting is deterministic, and fitting again changes nothing."""
    message = replace(Maker(seed, long=seed % 2 == 0).message(), shorten=1)
    allowed = only(room)
    try:
        first = fit(message, allowed, bot_id=7)
    except TooBig:
        with pytest.raises(TooBig):
            fit(message, allowed, bot_id=7)
        return
    assert fit(message, allowed, bot_id=7) == first
    again = fit(first.message, allowed, bot_id=7)
    assert (again.message, again.report.given_up) == (first.message, ())
    assert all(measured.after.chars <= room for measured in first.report.parts.values())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(200, 3000), st.sampled_from(Unit))
def test_required_parts_remain_in_order(seed: int, room: int, unit: Unit) -> None:
    """All parts with MUST and without smaller forms remain, in order."""
    maker = Maker(seed)
    buttons = [replace(maker.button(), rank=maker.random.choice(list(Rank)), instead=None) for _ in range(12)]
    keyboard = Keyboard.of(buttons).adjust(3)
    try:
        fitted = fit(Message("a", keyboard), only(room, unit), bot_id=7).message.keyboard
    except TooBig:
        return
    kept = list(fitted) if fitted else []
    assert [button for button in buttons if button.rank is MUST] == [button for button in kept if button.rank is MUST]
    assert [button for button in buttons if button in kept] == kept


def test_a_dropped_part_has_the_size_0() -> None:
    """A dropped part has the size 0 in the report."""
    fitted = fit(Message("a", Keyboard.of([Link("x" * 100, "/", rank=MAY)])), only(50))
    assert fitted.report.parts["keyboard"].after == Size(0, 0)
