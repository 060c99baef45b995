"""The rules of ATTACH (reference: behaviour 3), each with a test that fails without it."""

import json
from typing import Any

import pytest

from keyboards import normal

MESSAGE: dict[str, Any] = {"MESSAGE": "hello"}


def attach(given: Any, **kwargs: Any) -> dict[str, Any]:
    """Return the stored form of a valid attach."""
    stored = normal.attach(given, **kwargs)
    assert stored is not None
    return stored


def blocks(*given: Any) -> list[Any]:
    """Return the stored form of these blocks."""
    stored = normal.attach(list(given))
    found = stored["BLOCKS"] if stored else []
    assert isinstance(found, list)
    return found


def one(key: str, **fields: Any) -> Any:
    """Return the stored value of the only block, or None when it was dropped."""
    stored = blocks({key: fields})
    return stored[0][key] if stored else None


# --- 3.1 the envelope -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([MESSAGE], id="short form"),
        pytest.param({"BLOCKS": [MESSAGE]}, id="full form"),
        pytest.param({"a": MESSAGE}, id="object read as a list"),
        pytest.param(json.dumps([MESSAGE]), id="text of the short form"),
        pytest.param(json.dumps({"BLOCKS": [MESSAGE]}), id="text of the full form"),
    ],
)
def test_every_form_of_the_envelope_is_read(given: Any) -> None:
    """Short form, full form, and the JSON text of either give the same blocks."""
    assert attach(given)["BLOCKS"] == [MESSAGE]


@pytest.mark.parametrize(
    "given",
    [
        "no json",
        7,
        None,
        [],
        {},
        {"BLOCKS": []},
        {"BLOCKS": 5},
        [{"MESSAGE": " "}],
        [{"HTML": "a"}],
        ["a"],
        '["\\ud800"]',
    ],
)
def test_an_attach_without_a_valid_block_is_invalid(given: Any) -> None:
    """Without a valid block the result is ATTACH_ERROR; a block HTML is unknown."""
    assert normal.attach(given) is None


def test_the_stored_keys_and_their_order() -> None:
    """ID, BLOCKS, DESCRIPTION, COLOR, COLOR_TOKEN are stored; all others are dropped."""
    stored = attach({"X": 1, "COLOR": "#fff", "BLOCKS": [MESSAGE], "ID": 5})
    assert list(stored) == ["ID", "BLOCKS", "DESCRIPTION", "COLOR", "COLOR_TOKEN"]


def test_the_id_is_the_time_of_storing() -> None:
    """The given ID is ignored; the stored one has ten digits."""
    assert attach({"BLOCKS": [MESSAGE], "ID": 5}, created=1_800_000_000)["ID"] == 1_800_000_000
    assert len(str(attach([MESSAGE])["ID"])) == 10


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("#aBc", "#aBc"),
        ("#a1b2c3", "#a1b2c3"),
        ("TRANSPARENT", "transparent"),
        ("CHAT", None),
        (None, None),
        ("red", "#13579b"),
    ],
)
def test_the_colour_of_an_attach(given: Any, kept: str | None) -> None:
    """Hexadecimal stays, CHAT is left out, TRANSPARENT is lower case, others become random."""
    stored = attach({"BLOCKS": [MESSAGE], "COLOR": given}, palette="#13579b")
    assert stored.get("COLOR") == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [("primary", "primary"), ("secondary", "secondary"), ("alert", "alert"), ("Alert", "base"), (None, "base")],
)
def test_the_colour_token_is_always_stored(given: Any, kept: str) -> None:
    """The token is one of four, base for any other value."""
    assert attach({"BLOCKS": [MESSAGE], "COLOR_TOKEN": given})["COLOR_TOKEN"] == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a\nb\r\nc", "a b c"), ("<b>a</b> <x>c</x>", "[b]a[/b] c"), (None, ""), (5, "")],
)
def test_the_description_is_one_line_of_bb_code(given: Any, kept: str) -> None:
    """Newlines become spaces, HTML becomes BB code, other values are empty."""
    assert attach({"BLOCKS": [MESSAGE], "DESCRIPTION": given})["DESCRIPTION"] == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (r"a\nb", "a\nb"),
        (r"a\tb", "a\tb"),
        (r"a\"b", 'a"b'),
        (r"a\\b", r"a\b"),
        (r"a\\nb", r"a\nb"),
        (r"a\rb", r"a\rb"),
    ],
)
def test_two_character_sequences_become_characters(given: str, kept: str) -> None:
    r"""Sequences of a backslash and n, t, " or another backslash become real characters; others stay."""
    assert blocks({"MESSAGE": given}) == [{"MESSAGE": kept}]
    assert one("GRID", **{"0": {"NAME": given}})[0]["NAME"] == kept


def test_an_invalid_block_does_not_affect_the_others() -> None:
    """An invalid or unknown block is dropped without an error."""
    assert blocks({"USER": {}}, {"VIDEO": {}}, MESSAGE, 5, "x") == [MESSAGE]


# --- 3.2 the blocks ---------------------------------------------------------------------------------

SAMPLES: list[tuple[str, Any]] = [
    ("USER", {"NAME": "a"}),
    ("LINK", {"LINK": "/a"}),
    ("RICH_LINK", {"LINK": "/a"}),
    ("MESSAGE", "a"),
    ("GRID", [{"NAME": "a"}]),
    ("IMAGE", {"LINK": "/a"}),
    ("FILE", {"LINK": "/a"}),
    ("DELIMITER", {"SIZE": 1}),
]


@pytest.mark.parametrize("first", range(len(SAMPLES)), ids=[key for key, _ in SAMPLES])
def test_the_first_key_decides(first: int) -> None:
    """The kind of a block is its first known key in the order of the portal."""
    stored = blocks(dict(reversed(SAMPLES[first:])))
    assert [list(block) for block in stored] == [[SAMPLES[first][0]]]


def test_an_invalid_first_key_hides_the_others() -> None:
    """A USER without a name hides the MESSAGE beside it."""
    assert blocks({"USER": {}, "MESSAGE": "a"}) == []


def test_a_message_is_trimmed_text() -> None:
    """A text is trimmed, `#BR#` becomes `[BR]`, nothing is escaped; blank or no text is dropped."""
    assert blocks({"MESSAGE": " a#BR#<b>&\u00a0 "}) == [{"MESSAGE": "a[BR]<b>&\u00a0"}]
    assert blocks({"MESSAGE": " \n"}, {"MESSAGE": 5}, {"MESSAGE": None}, {"MESSAGE": []}) == []


def test_a_message_can_be_the_description() -> None:
    """AS_DESCRIPTION Y sets the description, unless the attach has its own."""
    described = {"MESSAGE": {"TEXT": "a\nb", "AS_DESCRIPTION": "Y"}}
    stored = attach([described])
    assert (stored["BLOCKS"], stored["DESCRIPTION"]) == ([{"MESSAGE": "a\nb"}], "a b")
    assert attach([{"MESSAGE": {"TEXT": "a", "AS_DESCRIPTION": "y"}}])["DESCRIPTION"] == ""
    assert attach([{"USER": {"NAME": "b"}} | described])["DESCRIPTION"] == ""
    assert attach({"BLOCKS": [described], "DESCRIPTION": "own"})["DESCRIPTION"] == "own"


def test_a_user_needs_a_name() -> None:
    """A USER without NAME is dropped; several users are several blocks."""
    assert one("USER", USER_ID=5) is None
    assert one("USER", NAME=" ", USER_ID=5) is None
    assert blocks({"USER": [{"NAME": "a"}, {}, {"NAME": "b"}]}) == [
        {"USER": [{"NAME": "a", "AVATAR_TYPE": "USER"}]},
        {"USER": [{"NAME": "b", "AVATAR_TYPE": "USER"}]},
    ]


TARGETS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"NETWORK_ID": "n5"}, {"NETWORK_ID": "n5"}, "USER"),
    ({"USER_ID": "5"}, {"USER_ID": 5}, "USER"),
    ({"CHAT_ID": 6}, {"CHAT_ID": 6}, "CHAT"),
    ({"BOT_ID": 7}, {"BOT_ID": 7}, "BOT"),
    ({"LINK": "/a"}, {"LINK": "/a"}, "USER"),
]


@pytest.mark.parametrize("first", range(len(TARGETS)))
def test_a_user_leads_to_the_first_target(first: int) -> None:
    """NETWORK_ID before USER_ID, CHAT_ID, BOT_ID, LINK; chats and bots have their own shape."""
    given: dict[str, Any] = {"NAME": " a "}
    for target, _, _ in reversed(TARGETS[first:]):
        given |= target
    assert one("USER", **given) == [{"NAME": "a", "AVATAR_TYPE": TARGETS[first][2], **TARGETS[first][1]}]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("CHAT", "CHAT"), ("BOT", "BOT"), ("USER", "USER"), ("bot", "USER"), (5, "USER"), (None, "USER")],
)
def test_the_shape_of_an_avatar(given: Any, kept: str) -> None:
    """AVATAR_TYPE is one of three, USER by default; AVATAR must be a link."""
    assert one("USER", NAME="a", AVATAR_TYPE=given, AVATAR="/a") == [{"NAME": "a", "AVATAR_TYPE": kept, "AVATAR": "/a"}]
    assert one("USER", NAME="a", AVATAR="HTTPS://a") == [{"NAME": "a", "AVATAR_TYPE": "USER"}]


@pytest.mark.parametrize("key", ["LINK", "RICH_LINK"])
def test_a_link_needs_a_target(key: str) -> None:
    """A link needs a valid LINK, or an id with a NAME; several are several blocks."""
    assert one(key, LINK="https://a") == [{"LINK": "https://a"}]
    assert one(key, LINK="HTTPS://a") is None
    assert one(key, NAME="a") is None
    assert one(key, USER_ID=5) is None
    assert one(key, USER_ID=5, NAME="a") == [{"NAME": "a", "USER_ID": 5}]
    assert one(key, CHAT_ID=5, NAME="a") == [{"NAME": "a", "CHAT_ID": 5}]
    assert one(key, NETWORK_ID="n5", NAME="a") == [{"NAME": "a", "NETWORK_ID": "n5"}]
    assert one(key, LINK="/a", USER_ID=5, NAME="a") == [{"NAME": "a", "LINK": "/a"}]
    assert len(blocks({key: [{"LINK": "/a"}, {"LINK": "x"}, {"LINK": "/b"}]})) == 2


@pytest.mark.parametrize("key", ["LINK", "RICH_LINK"])
def test_the_texts_of_a_link(key: str) -> None:
    """NAME is one line; DESC and HTML are trimmed and stored when not blank."""
    assert one(key, LINK="/a", NAME=" a\nb ", DESC=" d ", HTML=" <i> ") == [
        {"NAME": "a b", "LINK": "/a", "DESC": "d", "HTML": "<i>"},
    ]
    assert one(key, LINK="/a", NAME=" ", DESC=" ", HTML="") == [{"LINK": "/a"}]


def test_the_picture_of_a_link() -> None:
    """PREVIEW with its size is stored without HTML only; without a valid link there is no size."""
    picture = {"PREVIEW": "/p", "WIDTH": "10", "HEIGHT": 20}
    assert one("LINK", LINK="/a", **picture) == [{"LINK": "/a", "PREVIEW": "/p", "WIDTH": 10, "HEIGHT": 20}]
    assert one("LINK", LINK="/a", HTML="h", **picture) == [{"LINK": "/a", "HTML": "h"}]
    assert one("LINK", LINK="/a", **picture | {"PREVIEW": "p"}) == [{"LINK": "/a"}]


def test_the_picture_of_a_rich_link() -> None:
    """PREVIEW has its size in PREVIEW_SIZE; otherwise EXTRA_IMAGE is stored."""
    picture = {"PREVIEW": "/p", "WIDTH": 10, "HEIGHT": 20, "EXTRA_IMAGE": "/e"}
    assert one("RICH_LINK", LINK="/a", **picture) == [
        {"LINK": "/a", "PREVIEW": "/p", "PREVIEW_SIZE": {"HEIGHT": 20, "WIDTH": 10}}
    ]
    assert one("RICH_LINK", LINK="/a", **picture | {"PREVIEW": "p"}) == [{"LINK": "/a", "EXTRA_IMAGE": "/e"}]
    assert one("RICH_LINK", LINK="/a", EXTRA_IMAGE="e") == [{"LINK": "/a"}]


ROW: dict[str, Any] = {"DISPLAY": "BLOCK", "NAME": "a", "VALUE": "", "COLOR_TOKEN": "base"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("BLOCK", "BLOCK"), ("LINE", "LINE"), ("CARD", "LINE"), ("ROW", "ROW"), ("COLUMN", "ROW"), ("TABLE", "TABLE"),
        ("table", "BLOCK"), (None, "BLOCK"), (5, "BLOCK"), ([], "BLOCK"),
    ],
)  # fmt: skip
def test_the_layouts_of_a_grid(given: Any, kept: str) -> None:
    """Six names mean four layouts; any other value means BLOCK."""
    assert blocks({"GRID": [{"NAME": "a", "DISPLAY": given}]}) == [{"GRID": [ROW | {"DISPLAY": kept}]}]


def test_a_blank_row_of_a_grid() -> None:
    """A row with two blank texts is dropped, except for LINE; a grid without rows is dropped."""
    assert blocks({"GRID": [{"NAME": " ", "VALUE": ""}, {"DISPLAY": "ROW"}, 5]}) == []
    assert blocks({"GRID": [{"DISPLAY": "LINE"}]}) == [{"GRID": [ROW | {"DISPLAY": "LINE", "NAME": ""}]}]
    assert blocks({"GRID": [{"VALUE": "v"}]}) == [{"GRID": [ROW | {"NAME": "", "VALUE": "v"}]}]


def test_the_texts_of_a_row() -> None:
    """Both texts are trimmed, `#BR#` becomes `[BR]`, nothing is escaped."""
    assert blocks({"GRID": [{"NAME": " a<& ", "VALUE": " b#BR#c "}]}) == [
        {"GRID": [ROW | {"NAME": "a<&", "VALUE": "b[BR]c"}]}
    ]


def test_the_fields_of_a_row() -> None:
    """Numbers above 0, a colour, a link and a token are stored; others are left out."""
    fields = {
        "WIDTH": 1,
        "HEIGHT": 2,
        "USER_ID": 3,
        "CHAT_ID": 4,
        "LINK": "/a",
        "COLOR": "#fff",
        "COLOR_TOKEN": "alert",
    }
    assert blocks({"GRID": [{"NAME": "a", **fields, "X": 1}]}) == [{"GRID": [ROW | fields]}]
    wrong = {
        "WIDTH": 0,
        "HEIGHT": -2,
        "USER_ID": "x",
        "CHAT_ID": None,
        "LINK": "a",
        "COLOR": "red",
        "COLOR_TOKEN": "red",
    }
    assert blocks({"GRID": [{"NAME": "a", **wrong}]}) == [{"GRID": [ROW]}]


def test_pictures() -> None:
    """One or several pictures become one block; those without a valid LINK are dropped."""
    full = {"LINK": "/a", "NAME": "n", "PREVIEW": "/p", "WIDTH": 1, "HEIGHT": 2}
    assert one("IMAGE", **full | {"X": 1, "NAME": " n "}) == [full]
    assert one("IMAGE", LINK="/a", NAME=" ", PREVIEW="p", WIDTH=0) == [{"LINK": "/a"}]
    assert blocks({"IMAGE": [{"LINK": "/a"}, {"LINK": "a"}, {"LINK": "/b"}]}) == [
        {"IMAGE": [{"LINK": "/a"}, {"LINK": "/b"}]}
    ]
    assert blocks({"IMAGE": [{"LINK": "a"}]}, {"IMAGE": []}) == []


def test_files() -> None:
    """One or several files become one block; SIZE must be above 0."""
    full = {"LINK": "/a", "NAME": "n", "SIZE": 7}
    assert one("FILE", **full | {"SIZE": "7", "X": 1, "NAME": " n "}) == [full]
    assert one("FILE", LINK="/a", SIZE=0, NAME="") == [{"LINK": "/a"}]
    assert one("FILE", LINK="a") is None
    assert blocks({"FILE": [{"LINK": "/a"}, {"LINK": "/b"}]}) == [{"FILE": [{"LINK": "/a"}, {"LINK": "/b"}]}]


def test_delimiters() -> None:
    """A delimiter has 200 pixels by default and a valid colour; it is dropped only when it is no object."""
    assert one("DELIMITER", SIZE="30", COLOR="#fff", X=1) == {"SIZE": 30, "COLOR": "#fff"}
    assert one("DELIMITER", SIZE=0, COLOR="red") == {"SIZE": 200}
    assert one("DELIMITER") == {"SIZE": 200}
    assert blocks({"DELIMITER": "x"}) == []


@pytest.mark.parametrize("link", ["HTTPS://a", "ftp://a", "javascript:a", " /a", "", None, 5])
def test_all_links_follow_one_rule(link: Any) -> None:
    """All links must begin with `/`, `http://` or `https://`."""
    for key in ("LINK", "RICH_LINK", "IMAGE", "FILE"):
        assert one(key, LINK=link) is None
    assert one("USER", NAME="a", LINK=link, AVATAR=link) == [{"NAME": "a", "AVATAR_TYPE": "USER"}]


def test_an_object_with_numbers_for_keys_is_a_list() -> None:
    """An object with numeric keys is a list, as forms encode it."""
    assert blocks({"IMAGE": {"0": {"LINK": "/a"}, "1": {"LINK": "/b"}}}) == [
        {"IMAGE": [{"LINK": "/a"}, {"LINK": "/b"}]}
    ]
    assert len(blocks({"USER": {"0": {"NAME": "a"}, "1": {"NAME": "b"}}})) == 2


def test_nothing_is_escaped() -> None:
    """HTML in an attach is stored unchanged."""
    assert one("LINK", LINK="/?a&b", NAME="<b>&'\"") == [{"NAME": "<b>&'\"", "LINK": "/?a&b"}]
