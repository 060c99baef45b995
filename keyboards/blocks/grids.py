"""Blocks of an ATTACH that hold several items: grids, pictures, files.

Use them as `keyboards.attach.Grid` and so on. Reference: GRID, IMAGE, FILE and the rules of their fields (section 3.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from keyboards.blocks.single import Block, body, check_links, check_sizes, check_texts, line, literal, without_none
from keyboards.enums import GridDisplay, Rank, Token
from keyboards.errors import BadBlock
from keyboards.validation import checks, rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keyboards.buttons import Wire


NUMBERS: Final = ("WIDTH", "HEIGHT", "USER_ID", "CHAT_ID")


def _check_types(kind: type, items: tuple[object, ...], what: str) -> None:
    for item in items:
        if not isinstance(item, kind):
            raise BadBlock(f"{what}, not {type(item).__name__}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a GRID: a name and a value in BB code.

    At least one of the two texts is needed. The row may have a link. `rank` and `shorten` are for `fit`: the priority
    of the row, and the smallest number of characters of the value, or None when it must not be cut.
    """

    name: str = ""
    value: str = ""
    _: KW_ONLY
    colour: str | None = None
    token: Token = Token.BASE
    width: int | None = None
    height: int | None = None
    user_id: int | None = None
    chat_id: int | None = None
    link: str | None = None
    rank: Rank = Rank.MUST
    shorten: int | None = None

    def __post_init__(self) -> None:
        """Check texts, colour, sizes and link; raise BadBlock."""
        checks.unicode(self.name, "NAME", BadBlock)
        checks.unicode(self.value, "VALUE", BadBlock)
        if self.colour is not None:
            checks.colour(self.colour, "COLOR", BadBlock)
        if self.link is not None:
            check_links(LINK=self.link)
        if (*self.numbers(), self.shorten) != (None, None, None, None, None):
            check_sizes(**dict(zip(NUMBERS, self.numbers(), strict=True)), shorten=self.shorten)
        if self.token.__class__ is not Token or self.rank.__class__ is not Rank:
            checks.member(self.token, Token, BadBlock)
            checks.member(self.rank, Rank, BadBlock)

    def blank(self) -> bool:
        """Tell whether both texts are empty."""
        return not (line(self.name) or body(self.value))

    def wire(self, display: GridDisplay) -> Wire:
        """Return the row as a request contains it, with the layout of its grid."""
        wire: Wire = {"DISPLAY": display.value, "NAME": line(self.name), "VALUE": body(self.value)}
        if self.colour is not None:
            wire["COLOR"] = self.colour
        if self.token is not Token.BASE:
            wire["COLOR_TOKEN"] = self.token.value
        if (*self.numbers(), self.link) != (None, None, None, None, None):
            wire |= without_none(**dict(zip(NUMBERS, self.numbers(), strict=True)), LINK=self.link)
        return wire

    def numbers(self) -> tuple[int | None, ...]:
        """Return the values of WIDTH, HEIGHT, USER_ID and CHAT_ID."""
        return self.width, self.height, self.user_id, self.chat_id

    def stored(self, display: GridDisplay) -> Wire:
        """Return the row as a portal stores it, always with its colour token."""
        stored = self.wire(display)
        stored["COLOR_TOKEN"] = self.token.value
        return stored


@dataclass(frozen=True, slots=True)
class Grid(Block):
    """Rows of names and values in one layout (reference: GRID; one DISPLAY per GRID)."""

    rows: tuple[Row, ...]
    display: GridDisplay = GridDisplay.LINE

    key: ClassVar[str] = "GRID"

    def __post_init__(self) -> None:
        """Check that there are rows, and that the portal would drop none; raise BadBlock.

        The portal drops rows without text, unless the layout is LINE.
        """
        object.__setattr__(self, "rows", tuple(self.rows))
        if not self.rows:
            raise BadBlock("a GRID has at least one row")
        checks.member(self.display, GridDisplay, BadBlock)
        _check_types(Row, self.rows, "a GRID contains rows")
        if self.display is not GridDisplay.LINE and any(row.blank() for row in self.rows):
            raise BadBlock(f"a row of a {self.display} GRID has no NAME and no VALUE: the portal would drop it")

    @classmethod
    def of(
        cls, rows: Mapping[str, str] | Iterable[Row | tuple[str, str]], display: GridDisplay = GridDisplay.LINE
    ) -> Grid:
        """Make a grid from a mapping of names to values, from pairs, or from rows; raise BadBlock as the class does."""
        given = rows.items() if isinstance(rows, Mapping) else rows
        made = (row if isinstance(row, Row | str) else Row(*row) for row in given)
        return cls(tuple(made), display)  # Grid refuses a str

    def body(self) -> object:
        """Return the rows as a request contains them."""
        return [row.wire(self.display) for row in self.rows]

    def stored(self) -> Wire:
        """Return the block as a portal stores it, with a colour token in each row."""
        return {"GRID": [row.stored(self.display) for row in self.rows]}


@dataclass(frozen=True, slots=True)
class Image(Block):
    """A picture by its link (reference: IMAGE); use `Images` for several in one block.

    The link is not opened, so a dead link is no error. Sizes are in pixels.
    """

    url: str
    name: str | None = None
    _: KW_ONLY
    preview: str | None = None
    width: int | None = None
    height: int | None = None

    key: ClassVar[str] = "IMAGE"

    def __post_init__(self) -> None:
        """Check name, links and sizes; raise BadBlock."""
        check_texts(self, NAME=self.name)
        check_links(LINK=self.url, PREVIEW=self.preview)
        check_sizes(WIDTH=self.width, HEIGHT=self.height)

    def body(self) -> object:
        """Return the value of the block: a list with the fields of the picture."""
        return [self.item()]

    def item(self) -> Wire:
        """Return the fields of the picture as a request contains them."""
        name = self.name and rules.bare(literal(self.name))
        return without_none(LINK=self.url, NAME=name, PREVIEW=self.preview, WIDTH=self.width, HEIGHT=self.height)


@dataclass(frozen=True, slots=True)
class File(Block):
    """A file by its link (reference: FILE); use `Files` for several in one block.

    `size` is in bytes.
    """

    url: str
    name: str | None = None
    size: int | None = None

    key: ClassVar[str] = "FILE"

    def __post_init__(self) -> None:
        """Check name, link and size; raise BadBlock."""
        check_texts(self, NAME=self.name)
        check_links(LINK=self.url)
        check_sizes(SIZE=self.size)

    def body(self) -> object:
        """Return the value of the block: a list with the fields of the file."""
        return [self.item()]

    def item(self) -> Wire:
        """Return the fields of the file as a request contains them."""
        return without_none(LINK=self.url, NAME=self.name and line(self.name), SIZE=self.size)


@dataclass(frozen=True, slots=True)
class Images(Block):
    """Several pictures in one block."""

    images: tuple[Image, ...]

    key: ClassVar[str] = "IMAGE"

    def __post_init__(self) -> None:
        """Check that there is at least one picture and nothing else; raise BadBlock."""
        object.__setattr__(self, "images", tuple(self.images))
        if not self.images:
            raise BadBlock("an IMAGE block has at least one picture")
        _check_types(Image, self.images, "an IMAGE block contains pictures")

    def body(self) -> object:
        """Return the value of the block: a list with the fields of each picture."""
        return [image.item() for image in self.images]


@dataclass(frozen=True, slots=True)
class Files(Block):
    """Several files in one block."""

    files: tuple[File, ...]

    key: ClassVar[str] = "FILE"

    def __post_init__(self) -> None:
        """Check that there is at least one file and nothing else; raise BadBlock."""
        object.__setattr__(self, "files", tuple(self.files))
        if not self.files:
            raise BadBlock("a FILE block has at least one file")
        _check_types(File, self.files, "a FILE block contains files")

    def body(self) -> object:
        """Return the value of the block: a list with the fields of each file."""
        return [file.item() for file in self.files]
