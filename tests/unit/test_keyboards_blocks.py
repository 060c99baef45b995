"""Blocks of an ATTACH: their fields, and errors for values that a portal would drop or change."""

from collections.abc import Callable

import pytest

from keyboards import Attach, Avatar, BadBlock, GridDisplay, Token, attach, normal

BLOCKS: list[tuple[attach.Block, dict[str, object]]] = [
    (attach.Message(" [b]a[/b]#BR# "), {"MESSAGE": "[b]a[/b][BR]"}),
    (attach.Message("a", as_description=True), {"MESSAGE": {"TEXT": "a", "AS_DESCRIPTION": "Y"}}),
    (attach.Message(r"C:\new"), {"MESSAGE": "C:\\\u200bnew"}),
    (attach.User("A\nB", user_id=5, avatar="/a"), {"USER": {"NAME": "A B", "AVATAR": "/a", "USER_ID": 5}}),
    (
        attach.User("Chat", chat_id=5, avatar_type=Avatar.CHAT),
        {"USER": {"NAME": "Chat", "AVATAR_TYPE": "CHAT", "CHAT_ID": 5}},
    ),
    (attach.User("Net", network_id="a5"), {"USER": {"NAME": "Net", "NETWORK_ID": "a5"}}),
    (attach.User("Link", link="/a"), {"USER": {"NAME": "Link", "LINK": "/a"}}),
    (
        attach.Link("/a", "n", desc="d", preview="/p", width=1, height=2),
        {"LINK": {"LINK": "/a", "NAME": "n", "DESC": "d", "PREVIEW": "/p", "WIDTH": 1, "HEIGHT": 2}},
    ),
    (attach.Link("/a", html="<i>h</i>"), {"LINK": {"LINK": "/a", "HTML": "<i>h</i>"}}),
    (attach.Link(name="n", chat_id=7), {"LINK": {"NAME": "n", "CHAT_ID": 7}}),
    (attach.RichLink("/a", preview="/p", height=2), {"RICH_LINK": {"LINK": "/a", "PREVIEW": "/p", "HEIGHT": 2}}),
    (attach.RichLink("/a", "n", extra_image="/e"), {"RICH_LINK": {"LINK": "/a", "NAME": "n", "EXTRA_IMAGE": "/e"}}),
    (attach.Grid.of([("n", "v")]), {"GRID": [{"DISPLAY": "LINE", "NAME": "n", "VALUE": "v"}]}),
    (
        attach.Grid((attach.Row("n", "v", token=Token.ALERT, link="/l"),), GridDisplay.TABLE),
        {"GRID": [{"DISPLAY": "TABLE", "NAME": "n", "VALUE": "v", "COLOR_TOKEN": "alert", "LINK": "/l"}]},
    ),
    (
        attach.Grid((attach.Row(value="v", width=1, height=2, user_id=3, chat_id=4),), GridDisplay.ROW),
        {"GRID": [{"DISPLAY": "ROW", "NAME": "", "VALUE": "v", "WIDTH": 1, "HEIGHT": 2, "USER_ID": 3, "CHAT_ID": 4}]},
    ),
    (attach.Grid.of([("n", "v")], GridDisplay.BLOCK), {"GRID": [{"DISPLAY": "BLOCK", "NAME": "n", "VALUE": "v"}]}),
    (
        attach.Image("/a", "n", preview="/p", width=1, height=2),
        {"IMAGE": [{"LINK": "/a", "NAME": "n", "PREVIEW": "/p", "WIDTH": 1, "HEIGHT": 2}]},
    ),
    (attach.Images((attach.Image("/a"), attach.Image("/b"))), {"IMAGE": [{"LINK": "/a"}, {"LINK": "/b"}]}),
    (attach.File("/a", "n", 7), {"FILE": [{"LINK": "/a", "NAME": "n", "SIZE": 7}]}),
    (attach.Files((attach.File("/a"),)), {"FILE": [{"LINK": "/a"}]}),
    (attach.Delimiter(), {"DELIMITER": {"SIZE": 200}}),
    (attach.Delimiter(30, "#c6c6c6"), {"DELIMITER": {"SIZE": 30, "COLOR": "#c6c6c6"}}),
]


@pytest.mark.parametrize(("block", "wire"), BLOCKS, ids=[str(at) for at in range(len(BLOCKS))])
def test_every_block(block: attach.Block, wire: dict[str, object]) -> None:
    """Each block has its keys, and the portal stores it completely."""
    assert block.wire() == wire
    kept = normal.attach([block.wire()])
    assert kept is not None
    assert kept["BLOCKS"] == [block.stored()]


def test_short_and_full_form() -> None:
    """The full form has all fields that are not default; the short form refuses to lose one."""
    plain = Attach.of([attach.Message("a")])
    assert (plain.wire(), plain.short()) == ({"BLOCKS": [{"MESSAGE": "a"}]}, [{"MESSAGE": "a"}])
    full = Attach.of([attach.Message("a")], token=Token.PRIMARY, colour="#29619b", description="d\n<b>&amp;")
    assert full.wire() == {
        "BLOCKS": [{"MESSAGE": "a"}],
        "COLOR_TOKEN": "primary",
        "COLOR": "#29619b",
        "DESCRIPTION": "d ＜b>＆amp;",
    }
    assert Attach.of([attach.Message("a")], colour=attach.TRANSPARENT).stored()["COLOR"] == "transparent"
    with pytest.raises(BadBlock, match="COLOR_TOKEN, COLOR, DESCRIPTION"):
        full.short()


REFUSED_BLOCKS: list[tuple[str, Callable[[], object]]] = [
    ("at least one block", lambda: Attach.of([])),
    ("contains blocks", lambda: Attach.of(["a"])),  # type: ignore[list-item]  # the wrong type is refused
    ("COLOR", lambda: Attach.of([attach.Delimiter()], colour="red")),
    ("two descriptions", lambda: Attach.of([attach.Message("a", as_description=True)], description="b")),
    ("two descriptions", lambda: Attach.of([attach.Message("a", as_description=True)] * 2)),
    ("TEXT of Message is empty", lambda: attach.Message(" ")),
    ("surrogate", lambda: attach.Message("\ud800")),
    ("NAME of User is empty", lambda: attach.User("")),
    ("only line breaks", lambda: attach.User("#BR#")),
    ("has one target", lambda: attach.User("a", user_id=5, link="/a")),
    ("AVATAR_TYPE USER would become CHAT", lambda: attach.User("a", chat_id=5, avatar_type=Avatar.USER)),
    ("is not a link", lambda: attach.User("a", avatar="a.png")),
    ("USER_ID", lambda: attach.User("a", user_id=0)),
    ("network id", lambda: attach.User("a", network_id="5")),
    ("has no target", lambda: attach.Link(name="a")),
    ("needs a NAME", lambda: attach.Link(user_id=5)),
    ("has one target", lambda: attach.Link("/a", "n", user_id=5)),
    ("shows no PREVIEW", lambda: attach.Link("/a", html="h", preview="/p")),
    ("need a PREVIEW", lambda: attach.Link("/a", width=5)),
    ("need a PREVIEW", lambda: attach.RichLink("/a", height=5)),
    ("shows no EXTRA_IMAGE", lambda: attach.RichLink("/a", preview="/p", extra_image="/e")),
    ("backslash", lambda: attach.Link("/a\\nb")),
    ("at least one row", lambda: attach.Grid(())),
    ("no NAME and no VALUE", lambda: attach.Grid((attach.Row(),), GridDisplay.ROW)),
    ("COLOR", lambda: attach.Row("a", colour="red")),
    ("CHAT_ID", lambda: attach.Row("a", chat_id=-1)),
    ("is not a link", lambda: attach.Row("a", link="HTTP://a")),
    ("is not a link", lambda: attach.Image("a")),
    ("NAME of Image is empty", lambda: attach.Image("/a", "")),
    ("WIDTH", lambda: attach.Image("/a", width=0)),
    ("at least one picture", lambda: attach.Images(())),
    ("SIZE", lambda: attach.File("/a", size=0)),
    ("at least one file", lambda: attach.Files(())),
    ("SIZE", lambda: attach.Delimiter(0)),
    ("COLOR", lambda: attach.Delimiter(5, "red")),
]


@pytest.mark.parametrize(
    ("reason", "make"), REFUSED_BLOCKS, ids=[f"{at} {reason}" for at, (reason, _) in enumerate(REFUSED_BLOCKS)]
)
def test_a_block_that_would_be_dropped_or_changed_is_an_error(reason: str, make: Callable[[], object]) -> None:
    """A block that the portal would drop or change raises an error when it is made."""
    with pytest.raises(BadBlock, match=reason):
        make()


@pytest.mark.parametrize("name", ["#BR#", "\n#BR#\x85", " "])
def test_a_row_of_line_breaks_is_blank(name: str) -> None:
    """A name of line breaks only is refused, because the portal would drop the row or the attach."""
    with pytest.raises(BadBlock, match="no NAME and no VALUE"):
        attach.Grid((attach.Row(name),), GridDisplay.ROW)
    kept = Attach.of([attach.Grid((attach.Row(name, "v"),), GridDisplay.ROW)])
    assert normal.attach(kept.wire()) == kept.stored()
