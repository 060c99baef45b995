"""Keyboards, menus and attaches taken apart into pieces for `fit`, and put together again from what was kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeGuard, TypeVar

from keyboards.attach import Attach
from keyboards.blocks import Block, Message, body, line
from keyboards.buttons import Button
from keyboards.grids import Grid, Row
from keyboards.keyboard import Keyboard
from keyboards.measure import Size, json_size, json_sizes
from keyboards.menu import Menu, stored_item
from keyboards.normal_attach import one_line
from keyboards.shortening import head
from keyboards.shrinking import NOTHING, REPLACED, SHORTENED, Elastic, Form, Group, Piece
from keyboards.words import Rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keyboards.buttons import Wire
    from keyboards.words import GridDisplay

V = TypeVar("V", Button, Block)
T = TypeVar("T", Message, Row)

COMMA: Final = Size(1, 1)
BRACKETS: Final = Size(2, 2)
BESIDE: Final = Size(2, 2)
"""A comma, and one more: should the button be left alone in its row, LINE becomes BLOCK."""
NEWLINE: Final = json_size({"TYPE": "NEWLINE"}) + COMMA
_GRID: Final = json_size({"GRID": []}) - COMMA + COMMA
"""What a grid costs beside its rows: a comma too many inside, a comma after it."""
_WEIGHT: Final = {Rank.MUST: 2, Rank.SHOULD: 1, Rank.MAY: 0}


@dataclass(slots=True)
class Parts:
    """A thing in pieces: what it costs when empty, and what it costs to say that something was left out."""

    pieces: list[Piece]
    base: Size
    extra: Size = NOTHING


def _instead(value: V, whole: Size, cost: Callable[[V], Size]) -> list[Form]:
    """Whatever smaller is declared instead of a value, and instead of that."""
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
    """The buttons, in groups of rows."""
    groups = [(Group(NEWLINE), len(row) > 1) for row in keyboard.rows]
    placed = [(button, *group) for row, group in zip(keyboard.rows, groups, strict=True) for button in row]
    sizes = json_sizes([element for element in stored if element["TYPE"] != "NEWLINE"])
    pieces: list[Piece] = []
    for (button, group, beside), size in zip(placed, sizes, strict=True):
        piece = Piece(0, button.rank, group, Form(button, size + (BESIDE if beside else COMMA)))
        if button.instead is not None:
            piece.instead = partial(_instead, button, piece.whole.size, partial(_button_size, bot_id, beside))
        pieces.append(piece)
    more = keyboard.more_button(len(pieces))
    extra = _button_size(bot_id, False, more) + NEWLINE if more else NOTHING  # noqa: FBT003 - it stands alone
    return Parts(pieces, BRACKETS - COMMA - NEWLINE, extra)


def _button_size(bot_id: int, beside: bool, button: Button) -> Size:  # noqa: FBT001 - a row's, bound once
    return json_size(button.stored(bot_id, beside=beside)) + (BESIDE if beside else COMMA)


def to_keyboard(keyboard: Keyboard, pieces: list[Piece]) -> Keyboard | None:
    """What is left of the keyboard, in its rows, with its "more" button if something is missing."""
    kept = iter(pieces)
    rows = [tuple(one for _ in row if isinstance(one := next(kept).now.value, Button)) for row in keyboard.rows]
    count = sum(map(len, rows))
    more = keyboard.more_button(count) if count < len(pieces) else None
    rows = [row for row in (*rows, (more,) if more else ()) if row]
    return Keyboard(tuple(rows), keyboard.more) if rows else None


def of_menu(menu: Menu, stored: list[Wire], bot_id: int) -> Parts:
    """The items."""
    group = Group()
    sizes = json_sizes(stored)
    pieces: list[Piece] = []
    for item, size in zip(menu.items, sizes, strict=True):
        piece = Piece(0, item.rank, group, Form(item, size + COMMA))
        if item.instead is not None:
            piece.instead = partial(_instead, item, piece.whole.size, partial(_item_size, bot_id))
        pieces.append(piece)
    return Parts(pieces, BRACKETS - COMMA)


def _item_size(bot_id: int, item: Button) -> Size:
    return json_size(stored_item(item, bot_id)) + COMMA


def to_menu(menu: Menu, pieces: list[Piece]) -> Menu | None:
    """What is left of the menu."""
    del menu
    items = tuple(piece.now.value for piece in pieces if isinstance(piece.now.value, Button))
    return Menu(items) if items else None


def of_attach(attach: Attach, stored: Wire) -> Parts:
    """The blocks; the rows of a grid one by one where they differ in rank or can be shortened."""
    told = any(isinstance(block, Message) and block.as_description for block in attach.blocks)
    envelope = stored | {"BLOCKS": []} | ({"DESCRIPTION": ""} if told else {})
    divided = [divisible(block) for block in attach.blocks]
    sizes = iter(json_sizes(_measured(stored, divided)))
    pieces: list[Piece] = []
    for at, block in enumerate(attach.blocks):
        if divided[at] and isinstance(block, Grid):
            pieces += _of_grid(at, block, sizes)
        else:
            pieces.append(_of_block(at, block, next(sizes) + COMMA))
    more = attach.more_block(len(attach.blocks))
    return Parts(pieces, json_size(envelope) - COMMA, _block_size(more) if more else NOTHING)


def divisible(block: Block) -> TypeGuard[Grid]:
    """Whether the block is a grid of which `fit` may take out single rows, or shorten them."""
    return isinstance(block, Grid) and any(row.rank is not Rank.MUST or row.shorten for row in block.rows)


def _measured(stored: Wire, divided: list[bool]) -> list[Wire]:
    """What is measured one by one: the rows of a grid that is taken apart, else the block."""
    measured: list[Wire] = []
    blocks = stored["BLOCKS"]
    for block, apart in zip(blocks if isinstance(blocks, list) else [], divided, strict=True):
        measured += block["GRID"] if apart else (block,)
    return measured


def _of_block(at: int, block: Block, size: Size) -> Piece:
    told = isinstance(block, Message) and block.as_description
    piece = Piece(at, block.rank, Group(), Form(block, _block_size(block) if told else size))
    if block.instead is not None:
        piece.instead = partial(_instead, block, piece.whole.size, _block_size)
    elif isinstance(block, Message) and block.shorten is not None:
        piece.elastic = _elastic(block.shorten, block.text, partial(_said, block), piece.whole.size, _block_size)
    return piece


def _of_grid(at: int, grid: Grid, sizes: Iterator[Size]) -> Iterator[Piece]:
    group = Group(_GRID)
    cost = partial(_row_size, grid.display)
    for row in grid.rows:
        rank = row.rank if _WEIGHT[row.rank] < _WEIGHT[grid.rank] else grid.rank
        piece = Piece(at, rank, group, Form(row, next(sizes) + COMMA))
        if row.shorten is not None:
            piece.elastic = _elastic(row.shorten, row.value, partial(_valued, row), piece.whole.size, cost)
        yield piece


def _row_size(display: GridDisplay, row: Row) -> Size:
    return json_size(row.stored(display)) + COMMA


def _said(block: Message, text: str) -> Message:
    return replace(block, text=text)


def _valued(row: Row, text: str) -> Row:
    return replace(row, value=text)


def _block_size(block: Block) -> Size:
    size = json_size(block.stored()) + COMMA
    if isinstance(block, Message) and block.as_description:
        size += json_size(one_line(body(block.text))) - BRACKETS
    return size


def _elastic(fewest: int, text: str, say: Callable[[str], T], whole: Size, cost: Callable[[T], Size]) -> Elastic | None:
    """How a text is cut; None where it is short enough as it is."""
    if len(text) <= fewest:
        return None

    def cut(length: int) -> Form:
        value = say(head(text, length))
        return Form(value, cost(value), SHORTENED)

    return Elastic(cut, fewest, lambda: whole - json_size(text) - json_size(text))


def named(piece: Piece) -> str:
    """What a piece is, in a report."""
    value = piece.whole.value
    if isinstance(value, Button):
        return f"button {value.text!r}"
    if isinstance(value, Row):
        return f"block {piece.at} GRID row {line(value.name)!r}"
    return f"block {piece.at} {value.key}" if isinstance(value, Block) else "nothing"


def to_attach(attach: Attach, pieces: list[Piece]) -> Attach | None:
    """What is left of the attach, with its "more" block if something is missing."""
    kept = iter(pieces)
    blocks: list[Block] = []
    for block in attach.blocks:
        if divisible(block):
            rows = tuple(one for _ in block.rows if isinstance(one := next(kept).now.value, Row))
            whole = block if rows == block.rows else replace(block, rows=rows) if rows else None
            blocks += (whole,) if whole else ()
        elif isinstance(one := next(kept).now.value, Block):
            blocks.append(one)
    missing = any(piece.now.value is None for piece in pieces)
    more = attach.more_block(len(blocks)) if missing else None
    blocks += (more,) if more else ()
    return replace(attach, blocks=tuple(blocks)) if blocks else None
