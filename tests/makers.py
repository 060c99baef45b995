"""Makes messages as an author of a bot would, with hostile texts, from a seed, the same each time."""

from collections.abc import Callable
from random import Random
from typing import TypeVar

from keyboards import (
    App,
    Attach,
    Avatar,
    Button,
    Call,
    Command,
    Context,
    Copy,
    Dialog,
    Display,
    GridDisplay,
    Keyboard,
    KeyboardsError,
    Link,
    Menu,
    Message,
    Put,
    Rank,
    Send,
    Token,
    attach,
    bb,
)  # fmt: skip
from tests.hostile import TEXTS

T = TypeVar("T")
LINKS = [
    "/",
    "/crm/deal/42/?a=1&b=<2>",
    "http://a.b",
    "https://example.com/ж/😀?q='\"&x=1",
    "https://e.com/" + "x" * 200,
]
COLOURS = [None, None, "#fff", "#A1b2C3"]
RANKS = list(Rank)


class Maker:
    """A source of messages; `long` makes texts and lists longer, so that much must be shortened."""

    def __init__(self, seed: int, *, long: bool = False) -> None:
        """Start from a seed."""
        self.random = Random(seed)  # noqa: S311 - it must be the same each time
        self.long = long

    def message(self) -> Message:
        """Make a message with some of its parts."""
        roll = self.random.random()
        return Message(
            self.said(bb.escape) if roll < 0.5 else self.said(str),
            self.keyboard() if roll < 0.8 else None,
            self.attached() if roll > 0.2 else None,
            self.menu() if roll > 0.5 else None,
            shorten=1,
        )

    def keyboard(self) -> Keyboard:
        """Make a keyboard with rows of any width."""
        count = self.count(120)
        made = Keyboard.of([[self.button() for _ in range(self.random.randint(1, 4))] for _ in range(count)])
        if self.random.random() < 0.3:
            made = made.adjust(self.random.randint(1, 5), self.random.randint(1, 5))
        return Keyboard(
            made.rows, self.random.choice([None, self.button(), lambda kept: Command("more", "list", f"p{kept}")])
        )

    def menu(self) -> Menu:
        """Make a menu."""
        return Menu.of([self.item() for _ in range(self.count(80))])

    def attached(self) -> Attach:
        """Make an attachment."""
        blocks = [self.block() for _ in range(self.count(100))]
        told = [block for block in blocks if isinstance(block, attach.Message) and block.as_description]
        return Attach.of(
            [block for block in blocks if block not in told[1:]],
            token=self.random.choice(list(Token)),
            colour=self.random.choice([*COLOURS, "TRANSPARENT"]),
            description="" if told else self.maybe() or "",
            more=self.random.choice([None, attach.Link("/all", "All of it")]),
        )

    def count(self, most: int) -> int:
        """Choose a number of items."""
        return self.random.randint(1, most if self.long else 6)

    def text(self) -> str:
        """Return a text that is not empty."""
        pieces = self.random.choices(TEXTS, k=self.random.randint(1, 40 if self.long else 3))
        return "".join(pieces).strip("\0 \t\n0") or "x"

    def said(self, spell: Callable[[str], str]) -> str:
        """Return the text of a message."""
        return spell(" ".join(self.text() for _ in range(self.count(60))))

    def maybe(self) -> str | None:
        """Return a text or none."""
        return self.text() if self.random.random() < 0.5 else None

    def some(self) -> int | None:
        """Return a number above 0, or none."""
        return self.random.choice([None, None, 1, 200, 2**31])

    def button(self) -> Button:
        """Return a button with any style."""
        look = {
            "disabled": self.random.random() < 0.2, "context": self.random.choice(list(Context)),
            "display": self.random.choice([None, None, *Display]), "width": self.some(),
            "colour": self.random.choice(COLOURS),
            "text_colour": self.random.choice(COLOURS), "off_colour": self.random.choice(COLOURS),
            "off_text_colour": self.random.choice(COLOURS), "token": self.random.choice(list(Token)),
            "rank": self.random.choice(RANKS[1:]), "instead": Put("…", "x") if self.random.random() < 0.2 else None,
        }  # fmt: skip
        return self.acting(**look)

    def item(self) -> Button:
        """Return a button that a menu can show."""
        return self.acting(context=self.random.choice(list(Context)), rank=self.random.choice(RANKS[1:]))

    def acting(self, **look: object) -> Button:
        """Return a button with any action."""
        kinds: list[Callable[[], Button]] = [
            lambda: Command(self.text(), "/go", self.maybe() or "", **look),  # type: ignore[arg-type]  # any look
            lambda: Link(self.text(), self.random.choice(LINKS), **look),  # type: ignore[arg-type]  # any look
            lambda: App(self.text(), 7, self.maybe() or "", **look),  # type: ignore[arg-type]  # any look
            lambda: Put(self.text(), self.text(), **look),  # type: ignore[arg-type]  # any look
            lambda: Send(self.text(), self.text(), **look),  # type: ignore[arg-type]  # any look
            lambda: Copy(self.text(), self.text(), **look),  # type: ignore[arg-type]  # any look
            lambda: Call(self.text(), "+49 30 1234", **look),  # type: ignore[arg-type]  # any look
            lambda: Dialog(self.text(), "chat10", **look),  # type: ignore[arg-type]  # any look
        ]
        return self.until(self.random.choice(kinds))

    def until(self, make: Callable[[], T]) -> T:
        """Try until the texts are valid for what is made."""
        while True:
            try:
                return make()
            except KeyboardsError:
                continue

    def block(self) -> attach.Block:
        """Make a block of any kind."""
        rank = self.random.choice(RANKS[1:])
        link = self.random.choice(LINKS)
        kinds: list[Callable[[], attach.Block]] = [
            lambda: attach.Message(self.text(), rank=rank, shorten=self.random.choice([None, 1, 20])),
            lambda: attach.Message(self.text(), rank=rank, as_description=True, shorten=5),
            lambda: attach.User(self.text(), avatar=link, avatar_type=self.random.choice([None, *Avatar]), rank=rank),
            lambda: attach.User(self.text(), user_id=5, rank=rank),
            lambda: attach.User(self.text(), chat_id=5, avatar_type=Avatar.CHAT, rank=rank),
            lambda: attach.User(self.text(), bot_id=5, rank=rank),
            lambda: attach.User(self.text(), network_id="n5", rank=rank),
            lambda: attach.Link(link, self.maybe(), desc=self.maybe(), preview=link, width=self.some(), rank=rank),
            lambda: attach.Link(name=self.text(), user_id=7, html=self.maybe(), instead=attach.Delimiter(), rank=rank),
            lambda: attach.RichLink(link, self.maybe(), desc=self.maybe(), extra_image=link, rank=rank),
            lambda: attach.RichLink(link, preview=link, width=self.some(), height=self.some(), rank=rank),
            self.grid,
            lambda: attach.Image(link, self.maybe(), preview=link, width=self.some(), height=self.some(), rank=rank),
            lambda: attach.Images((attach.Image(link), attach.Image("/b", self.maybe())), rank=rank),
            lambda: attach.File(link, self.maybe(), self.some(), rank=rank),
            lambda: attach.Files((attach.File(link), attach.File("/b", self.maybe())), rank=rank),
            lambda: attach.Delimiter(self.some(), self.random.choice(COLOURS), rank=rank),
        ]
        return self.until(self.random.choice(kinds))

    def grid(self) -> attach.Grid:
        """Make a grid of any layout."""
        rows = tuple(
            attach.Row(
                self.text().replace("#BR#", "~"), self.text(), colour=self.random.choice(COLOURS),
                token=self.random.choice(list(Token)), height=self.some(), user_id=self.some(),
                width=self.some(), link=self.random.choice([None, *LINKS]),
                rank=self.random.choice(RANKS), shorten=self.random.choice([None, 1, 10]),
            )
            for _ in range(self.random.randint(1, 6))
        )  # fmt: skip
        return attach.Grid(rows, self.random.choice(list(GridDisplay)), rank=self.random.choice(RANKS[1:]))
