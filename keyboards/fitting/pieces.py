"""Split keyboards, menus and attaches into pieces for `fit`, and join the remaining ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeGuard, TypeVar

from keyboards.attach import Attach
from keyboards.blocks.grids import Grid, Row
from keyboards.blocks.single import Block, Message, body, line
from keyboards.buttons import Button
from keyboards.enums import Rank
from keyboards.fitting.priorities import NOTHING, REPLACED, SHORTENED, CuttableText, Form, Group, Piece
from keyboards.keyboard import Keyboard
from keyboards.menu import Menu, stored_item
from keyboards.normal.blocks import one_line
from keyboards.sizing.json_size import Size, json_size, json_sizes
from keyboards.texts.shortening import head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keyboards.buttons import Wire

V = TypeVar("V", Button, Block)

COMMA: Final = Size(1, 1)
BRACKETS: Final = Size(2, 2)
BESIDE: Final = Size(2, 2)
"""A comma, and one more character: for a button that is left alone in its row, LINE becomes BLOCK."""
NEWLINE: Final = json_size({"TYPE": "NEWLINE"}) + COMMA
_GRID: Final = json_size({"GRID": []}) - COMMA + COMMA
"""The size of a grid without its rows: minus the comma that no row follows, plus the comma after the grid."""
_ORDER: Final = {Rank.MUST: 2, Rank.SHOULD: 1, Rank.MAY: 0}


@dataclass(slots=True)
class Parts:
    """The pieces of one part of a message.

    `base` is the size without pieces, `extra` the size of the piece that says that others were removed.
    """

    pieces: list[Piece]
    base: Size
    extra: Size = NOTHING


def _smaller_values(value: V, whole: Size, cost: Callable[[V], Size]) -> list[Form]:
    """Return the values that may replace a value, each smaller than the one before; skip those that are not.

    `cost` returns the size of a value.
    """
    forms: list[Form] = []
    less = value.instead
    while less is not None:
        size = cost(less)
        if size.chars < whole.chars and size.bytes < whole.bytes:
            forms.append(Form(less, size, REPLACED))
            whole = size
        less = less.instead
    return forms


def of_keyboard(keyboard: Keyboard, stored: list[Wire], bot_id: int) -> Parts:
    """Split a keyboard into its buttons, grouped by rows."""
    groups = [(Group(NEWLINE), len(row) > 1) for row in keyboard.rows]
    placed = [(button, *group) for row, group in zip(keyboard.rows, groups, strict=True) for button in row]
    sizes = json_sizes([element for element in stored if element["TYPE"] != "NEWLINE"])
    pieces: list[Piece] = []
    for (button, group, beside), size in zip(placed, sizes, strict=True):
        piece = Piece(0, button.rank, group, Form(button, size + (BESIDE if beside else COMMA)))
        if button.instead is not None:
            piece.instead = partial(_smaller_values, button, piece.whole.size, partial(_button_size, bot_id, beside))
        pieces.append(piece)
    more = keyboard.more_button(len(pieces) - 1)
    extra = _button_size(bot_id, False, more) + NEWLINE if more else NOTHING  # noqa: FBT003 - alone in its row
    return Parts(pieces, BRACKETS - COMMA - NEWLINE, extra)


def _button_size(bot_id: int, beside: bool, button: Button) -> Size:  # noqa: FBT001 - bound once for each row
    return json_size(button.stored(bot_id, beside=beside)) + (BESIDE if beside else COMMA)


def to_keyboard(keyboard: Keyboard, pieces: list[Piece]) -> Keyboard | None:
    """Build a keyboard from the remaining buttons; return None when none remain.

    When buttons are missing, the "more" button is added.
    """
    kept = iter(pieces)
    rows = [tuple(one for _ in row if isinstance(one := next(kept).chosen.value, Button)) for row in keyboard.rows]
    count = sum(map(len, rows))
    more = keyboard.more_button(count) if count < len(pieces) else None
    rows = [row for row in (*rows, (more,) if more else ()) if row]
    return Keyboard(tuple(rows), keyboard.more) if rows else None


def of_menu(menu: Menu, stored: list[Wire], bot_id: int) -> Parts:
    """Split a menu into its items."""
    group = Group()
    sizes = json_sizes(stored)
    pieces: list[Piece] = []
    for item, size in zip(menu.items, sizes, strict=True):
        piece = Piece(0, item.rank, group, Form(item, size + COMMA))
        if item.instead is not None:
            piece.instead = partial(_smaller_values, item, piece.whole.size, partial(_item_size, bot_id))
        pieces.append(piece)
    return Parts(pieces, BRACKETS - COMMA)


def _item_size(bot_id: int, item: Button) -> Size:
    return json_size(stored_item(item, bot_id)) + COMMA


def to_menu(menu: Menu, pieces: list[Piece]) -> Menu | None:
    """Build a menu from the remaining items; return None when none remain."""
    del menu
    items = tuple(piece.chosen.value for piece in pieces if isinstance(piece.chosen.value, Button))
    return Menu(items) if items else None


def of_attach(attach: Attach, stored: Wire) -> Parts:
    """Split an attach into its blocks.

    A grid is split into rows when its rows differ in rank or can be shortened.
    """
    described = any(isinstance(block, Message) and block.as_description for block in attach.blocks)
    envelope = stored | {"BLOCKS": []} | ({"DESCRIPTION": ""} if described else {})
    divided = [divisible(block) for block in attach.blocks]
    sizes = iter(json_sizes(_objects_to_measure(stored, divided), len(",")))
    alone = Group()
    pieces: list[Piece] = []
    for at, block in enumerate(attach.blocks):
        if divided[at] and isinstance(block, Grid):
            pieces += _grid_pieces(at, block, sizes)
        else:
            pieces.append(_block_piece(at, block, alone, next(sizes)))
    more = attach.more_block(len(attach.blocks) - 1)
    return Parts(pieces, json_size(envelope) - COMMA, _block_size(more) if more else NOTHING)


def divisible(block: Block) -> TypeGuard[Grid]:
    """Tell whether a block is a grid whose rows can be removed or shortened."""
    return isinstance(block, Grid) and any(row.rank is not Rank.MUST or row.shorten for row in block.rows)


def _objects_to_measure(stored: Wire, divided: list[bool]) -> list[Wire]:
    """Return the objects to measure: for a divided grid each row, for any other block the block."""
    measured: list[Wire] = []
    blocks = stored["BLOCKS"]
    for block, split in zip(blocks if isinstance(blocks, list) else [], divided, strict=True):
        measured += block["GRID"] if split else (block,)
    return measured


def _block_piece(at: int, block: Block, group: Group, size: Size) -> Piece:
    described = isinstance(block, Message) and block.as_description
    piece = Piece(at, block.rank, group, Form(block, _block_size(block) if described else size))
    if block.instead is not None:
        piece.instead = partial(_smaller_values, block, piece.whole.size, _block_size)
    elif isinstance(block, Message) and block.shorten is not None:
        piece.cuttable = _cuttable(
            block.text, block.shorten, piece.whole.size, _described_size if described else _text_size
        )
    return piece


def _grid_pieces(at: int, grid: Grid, sizes: Iterator[Size]) -> Iterator[Piece]:
    group = Group(_GRID)
    for row in grid.rows:
        rank = row.rank if _ORDER[row.rank] < _ORDER[grid.rank] else grid.rank
        piece = Piece(at, rank, group, Form(row, next(sizes)))
        if row.shorten is not None:
            piece.cuttable = _cuttable(row.value, row.shorten, piece.whole.size, _text_size)
        yield piece


def _block_size(block: Block) -> Size:
    size = json_size(block.stored()) + COMMA
    if isinstance(block, Message) and block.as_description:
        size += json_size(one_line(body(block.text))) - BRACKETS
    return size


def _text_size(text: str) -> Size:
    return json_size(body(text))


def _described_size(text: str) -> Size:
    """Return the size of a MESSAGE text that is stored a second time as the description."""
    return json_size(body(text)) + json_size(one_line(body(text)))


def _cuttable(text: str, fewest: int, whole: Size, cost: Callable[[str], Size]) -> CuttableText | None:
    """Return a text that `fit` can cut down to `fewest` characters, or None when it is no longer than that.

    `whole` is the size of the piece with the whole text, `cost` returns the size of a text.
    """
    if len(text) <= fewest:
        return None

    def cut(length: int) -> Form:
        short = head(text, length) or text  # a text of line breaks only is not cut
        return Form(short, whole - cost(text) + cost(short), SHORTENED)

    return CuttableText(cut, fewest, lambda: whole - cost(text))


def name_of(piece: Piece) -> str:
    """Return the name of a piece for the report."""
    value = piece.whole.value
    if isinstance(value, Button):
        return f"button {value.text!r}"
    if isinstance(value, Row):
        return f"block {piece.at} GRID row {line(value.name)!r}"
    return f"block {piece.at} {value.key}" if isinstance(value, Block) else "nothing"


def to_attach(attach: Attach, pieces: list[Piece]) -> Attach | None:
    """Build an attach from the remaining blocks; return None when none remain.

    When blocks are missing, the "more" block is added.
    """
    kept = iter(pieces)
    blocks: list[Block] = []
    for block in attach.blocks:
        left: Block | None
        if isinstance(block, Grid) and divisible(block):
            rows = tuple(row for one in block.rows if (row := _chosen_row(one, next(kept).chosen.value)))
            left = block if rows == block.rows else replace(block, rows=rows) if rows else None
        else:
            left = _chosen_block(block, next(kept).chosen.value)
        blocks += (left,) if left else ()
    missing = any(piece.chosen.value is None for piece in pieces)
    more = attach.more_block(len(blocks)) if missing else None
    blocks += (more,) if more else ()
    return replace(attach, blocks=tuple(blocks)) if blocks else None


def _chosen_block(whole: Block, chosen: object) -> Block | None:
    """Return a block in its chosen form: whole, replaced or shortened; None when it was dropped."""
    if isinstance(chosen, str) and isinstance(whole, Message):
        return replace(whole, text=chosen)
    return chosen if isinstance(chosen, Block) else None


def _chosen_row(whole: Row, chosen: object) -> Row | None:
    if isinstance(chosen, str):
        return replace(whole, value=chosen)
    return chosen if isinstance(chosen, Row) else None
