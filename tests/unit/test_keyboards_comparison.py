"""Prove each "yes" of this package in the comparison with other builders of docs/reference/keyboards.md."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from keyboards import (
    Attach,
    BadButton,
    BadSignature,
    Binding,
    Call,
    Command,
    Context,
    Copy,
    Dialog,
    GridDisplay,
    Keyboard,
    Link,
    Menu,
    Message,
    Put,
    Rank,
    Reason,
    Send,
    Signer,
    Token,
    TooBig,
    attach,
    bb,
    envelope,
    fields,
    fit,
    limits,
    normal,
    pages,
    size,
    split,
)  # fmt: skip
from tests.effort import effort

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "keyboards.md"
SIGNER = Signer(b"0123456789abcdef")
BOUND = Binding(user="5", dialog="chat10", version="v1")
ROW = re.compile(r"^\|.*\| `(test_row_\w+)` \|$", re.MULTILINE)


@dataclass(frozen=True)
class Post:
    """A payload for a post."""

    number: int
    draft: bool = False


def test_row_builder_and_adjust() -> None:
    """Rows are built by hand, adjusted and added; the result is the flat list of a portal."""
    buttons = [Command(str(at), "go") for at in range(1, 6)]
    for keyboard in (Keyboard.of([buttons]), Keyboard.of([buttons]).adjust(2, 1, repeat=True), Keyboard.of(buttons)):
        assert all(isinstance(element, dict) for element in keyboard.wire())
        assert [element["TEXT"] for element in keyboard.wire() if "TEXT" in element] == ["1", "2", "3", "4", "5"]


def test_row_every_action() -> None:
    """COMMAND, LINK, PUT, SEND, COPY, CALL, DIALOG, with BLOCK, DISABLED and CONTEXT."""
    row = [
        Command("1", "go", "x", block=True), Link("2", "/"), Put("3", "x"), Send("4", "x"), Copy("5", "x"),
        Call("6", "+49"), Dialog("7", "chat10", disabled=True, context=Context.MOBILE),
    ]  # fmt: skip
    stored = normal.keyboard(envelope(Keyboard.of([row]).wire(), 456), 456)
    assert stored is not None
    assert len(stored) == 7


def test_row_menu() -> None:
    """A context menu from the same values."""
    assert normal.menu(Menu.of([Command("Go", "go"), Copy("Id", "7")]).wire(), 456) is not None


def test_row_every_block() -> None:
    """USER, LINK, RICH_LINK, MESSAGE, GRID, IMAGE, FILE, DELIMITER are all stored."""
    blocks = [
        attach.User("Anna", user_id=5), attach.Link("/a"), attach.RichLink("/a"), attach.Message("a"),
        attach.Grid.of([("a", "b")]), attach.Image("/a"), attach.File("/a"), attach.Delimiter(),
    ]  # fmt: skip
    stored = normal.attach(Attach.of(blocks).wire())
    assert stored is not None
    assert len(Attach.of(blocks).blocks) == 8


def test_row_newer_layouts() -> None:
    """The full form with tokens, and grids in all four layouts."""
    grids = [attach.Grid.of([("a", "b")], display) for display in GridDisplay]
    stored = normal.attach(Attach.of(grids, token=Token.PRIMARY).wire())
    assert stored is not None
    assert stored["COLOR_TOKEN"] == "primary"


def test_row_mistakes_are_errors() -> None:
    """A button that would be dropped raises an error at once."""
    with pytest.raises(BadButton, match="lower case"):
        Link("Open", "HTTPS://example.com")


def test_row_values_cannot_change() -> None:
    """Keyboards are frozen and hashable."""
    keyboard = Keyboard.of([Command("Go", "go")])
    assert {keyboard} == {Keyboard.of([Command("Go", "go")])}


def test_row_size_before_sending() -> None:
    """The size is known before sending, in the unit of each limit."""
    keyboard = Keyboard.of([Command(str(at), "go") for at in range(1, 400)])
    assert limits.STRICT.keyboard[0].over(size(keyboard)) > 0
    assert size(keyboard).chars <= size(keyboard).bytes


def test_row_degradation() -> None:
    """A too big message is fitted by priority, or raises an error with the excess."""
    row = [Command(str(at), "go", rank=Rank.MAY) for at in range(1, 400)]
    fitted = fit(Message("a", Keyboard.of([row])))
    assert fitted.report.given_up
    with pytest.raises(TooBig):
        fit(Message("a", Keyboard.of([[Command(str(at), "go") for at in range(1, 400)]])))


def test_row_split() -> None:
    """A long text becomes several messages with complete markup."""
    pieces = split(bb.bold("word " * 50).bb(), 100)
    assert all(piece.startswith("[b]") and piece.endswith("[/b]") for piece in pieces)


def test_row_pages() -> None:
    """A list becomes pages whose buttons stay correct when the list changes."""
    items = [*"abcdefghij"]
    page = pages.page(items, key=str, size=4)
    keyboard = page.keyboard(lambda one: Command(one, "show"), lambda text, place: Command(text, "turn", place.key))
    assert [button.text for button in keyboard.rows[-1]] == ["1/3", "▶"]
    assert pages.pressed(items[1:], "b", page.version, key=str) == pages.ListChanged()


def test_row_typed_payload() -> None:
    """A dataclass is packed into a button and read again."""
    assert fields.unpack(Post, fields.pack(Post(217, draft=True))) == Post(217, draft=True)


def test_row_bound_to_a_user() -> None:
    """A press of another person is refused, with a different reason than a forgery."""
    text = SIGNER.pack(Post(217), BOUND)
    with pytest.raises(BadSignature) as caught:
        SIGNER.unpack(Post, text, Binding(user="6", dialog="chat10", version="v1"), now=0)
    assert caught.value.reason is Reason.USER


def test_row_signed_and_expiring() -> None:
    """A payload is signed and expires."""
    text = SIGNER.pack(Post(217), BOUND, expires=1_790_000_000)
    with pytest.raises(BadSignature) as caught:
        SIGNER.unpack(Post, text, BOUND, now=1_790_000_999)
    assert caught.value.reason is Reason.EXPIRED


def test_row_disabling() -> None:
    """A keyboard can be disabled after a final press."""
    assert all(button.disabled for button in Keyboard.of([Command("Go", "go")]).disabled())


def test_row_formatting() -> None:
    """A document renders as BB code and as plain text."""
    node = bb.doc(bb.bold("Ready"), " for ", bb.user(5, "Anna"))
    assert (node.bb(), node.plain()) == ("[b]Ready[/b] for [user=5]Anna[/user]", "Ready for Anna")


def test_row_escaping() -> None:
    """Foreign text contains no markup."""
    assert bb.plain(bb.escape("[send=/publish]x[/send]")) == "[send=/publish]x[/send]"
    assert "[send" not in bb.escape("[send=/publish]x[/send]")


def test_row_many_buttons() -> None:
    """Ten times the buttons take about ten times the work."""

    def work(count: int) -> int:
        return effort(lambda: Keyboard.of([Put(str(at), "x") for at in range(1, count)]).adjust(4).wire())

    assert work(3000) < 15 * work(300)


def test_every_row_of_the_table_has_its_test() -> None:
    """The docs page and this file name the same rows."""
    named = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert sorted(named) == sorted(name for name in globals() if name.startswith("test_row_"))


def test_the_table_of_limits_on_the_page_is_that_of_the_code() -> None:
    """The docs page and the code have the same limits."""
    text = PAGE.read_text(encoding="utf-8")
    for api, row in limits.APIS.items():
        parts = (row.attach, row.keyboard, row.menu or ())
        cells = [", ".join(f"{one.value:,} {one.unit}" for one in part) for part in parts]
        line = f"| `{api}` | {cells[0]} | {cells[1]} | {cells[2] or 'no menus'} | {row.text.value:,} {row.text.unit} |"
        assert line in text


def test_the_code_on_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """All code blocks of the docs page run, in order."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec", dont_inherit=True), names)  # noqa: S102 - our own page
    assert len(blocks) > 10
    assert "another user" in capsys.readouterr().out
