"""Splitting: each message fits and is complete, and together they contain the whole text."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keyboards import BadText, bb, head, normal, split
from keyboards.validation import rules
from tests import bbreader
from tests.effort import effort
from tests.hostile import TEXTS
from tests.rounds import rounds

WORD = st.text(alphabet="abcжя日本é", min_size=1, max_size=12)
LINK = st.builds(lambda number, label: bb.link(f"https://e.com/{number}", label), st.integers(0, 99), WORD)
SIMPLE: st.SearchStrategy[bb.Part] = st.one_of(
    WORD, LINK, st.builds(bb.user, st.integers(1, 99), WORD), st.builds(bb.code, WORD)
)


def spaced(parts: list[bb.Part]) -> bb.Doc:
    """Join parts with spaces between them."""
    return bb.doc(*(one for part in parts for one in (part, " ")))


PARTS = st.recursive(
    st.lists(SIMPLE, min_size=1, max_size=8).map(spaced),
    lambda inner: st.lists(inner | st.builds(bb.bold, inner) | st.builds(bb.italic, inner, WORD), min_size=1).map(
        spaced
    ),
    max_leaves=5,
)
BLOCK = PARTS | st.builds(bb.quote, PARTS) | st.just(bb.NEWLINE)
DOC = st.lists(BLOCK, min_size=1, max_size=6).map(lambda parts: bb.doc(*parts))
MARKS = ["[b]", "[/b]", "[url=/a]", "[/url]", "[code]", "[/code]", ">>", " ", "\n"]
HOSTILE = st.lists(st.sampled_from([*TEXTS, *MARKS]), max_size=40)


def words(code: str) -> list[str]:
    """Return the words that a reader sees, without marks of quotations."""
    return bbreader.read(code).text.replace(">>", " ").split()


@settings(max_examples=rounds(50))
@given(DOC, st.integers(120, 400))
def test_messages_of_a_document_are_complete(node: bb.Node, limit: int) -> None:
    """Each message fits, no tag is left open, no word or link is lost, and the order stays."""
    code = node.bb()
    pieces = split(code, limit)
    readings = [bbreader.read(piece) for piece in pieces]
    assert [len(piece) for piece in pieces if len(piece) > limit or not piece.strip()] == []
    assert [reading for reading in readings if reading.unclosed or reading.stray] == []
    assert [word for piece in pieces for word in words(piece)] == words(code)
    assert [link for reading in readings for link in reading.links] == bbreader.read(code).links


@settings(max_examples=200)
@given(HOSTILE.map("".join), st.integers(1, 300))
@example("[b]" * 40 + "x" * 50, 30)
@example("[send=" + "y" * 80 + "]x[/send] z", 40)
@example(">>" + "x " * 40, 3)
@example("👨‍👩‍👧‍👦" * 30, 12)
@example("[url=/a][/url]", 1)
def test_any_text_can_be_split(text: str, limit: int) -> None:
    """For any text, each message fits and is not empty; only what shows nothing may give no message."""
    pieces = split(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    bare = rules.bare(normal.lines(text))
    assert bare or not pieces
    assert pieces or not rules.visible(bbreader.read(bare).text)


@given(st.lists(st.text(max_size=30), max_size=20).map(" ".join), st.integers(2, 100))
def test_splitting_escaped_text_adds_no_markup(text: str, limit: int) -> None:
    """Escaped text stays harmless at any cut."""
    found = [one for piece in split(bb.escape(text), limit) for one in bbreader.active(piece)]
    assert found == []


def test_a_short_text_is_one_message() -> None:
    """A text that fits is only trimmed; a blank text gives no message."""
    assert split(" [b]a[/b]\n") == ["[b]a[/b]"]
    assert split(" \n\t") == []
    assert split("x" * 20_000) == ["x" * 20_000]
    assert [len(piece) for piece in split("x" * 20_001)] == [20_000, 1]


def test_a_text_is_cut_between_lines_first() -> None:
    """A newline in the second half is better than a later space."""
    assert split("aaa aaa\nbbb bbb ccc", 14) == ["aaa aaa", "bbb bbb ccc"]
    assert split("a\nbbb bbb bbb ccc", 14) == ["a\nbbb bbb bbb", "ccc"]


def test_tags_are_closed_and_opened_again() -> None:
    """Each message of a bold text is bold; empty pairs of tags are left out."""
    assert split("[b]one two three[/b] four", 17) == ["[b]one two[/b]", "[b]three[/b] four"]
    assert split("one two [b]three four[/b]", 20) == ["one two", "[b]three four[/b]"]


def test_a_cut_quotation_continues_as_a_quotation() -> None:
    """A cut quotation begins with its mark again, also between lines of dashes."""
    assert split(">>one two three", 10) == [">>one two", ">>three"]
    rule = "-" * 54
    pieces = split(f"{rule}\n{'word ' * 80}\n{rule}", 300)
    assert len(pieces) == 3
    assert all(piece.count(rule) == 2 for piece in pieces)


def test_a_cut_line_does_not_become_a_quotation() -> None:
    """Text from the middle of a line does not become a quotation in the next message."""
    assert split("shift 1 >>5", 8) == ["shift 1", "\u200b>>5"]


def test_links_stay_whole() -> None:
    """A link, a mention and an address move to the next message as a whole."""
    assert split("words words [url=/a]the label[/url]", 30) == ["words words", "[url=/a]the label[/url]"]
    assert split("words https://e.com/a/b/c", 20) == ["words", "https://e.com/a/b/c"]


def test_a_link_longer_than_a_message_is_cut_in_its_label() -> None:
    """Each part of the label leads to the same address; only a longer address is broken."""
    pieces = split(f"[url=/a]{'word ' * 10}[/url]", 40)
    assert len(pieces) > 1
    assert {link[:2] for piece in pieces for link in bbreader.read(piece).links} == {("url", "/a")}
    assert all(len(piece) <= 30 for piece in split("https://e.com/" + "x" * 50, 30))


@pytest.mark.parametrize("whole", ["👨‍👩‍👧‍👦", "🇩🇪", "e\u0301\u0302", "👍🏽", "[\u200b"])
def test_characters_are_not_cut(whole: str) -> None:
    """Emoji families, flags, accents, skin colours and escaped brackets stay whole."""
    for limit in range(len(whole), 3 * len(whole)):
        assert all(len(piece) % len(whole) == 0 for piece in split(whole * 20, limit))


def test_a_limit_of_0_is_refused() -> None:
    """A limit of 0 raises an error."""
    with pytest.raises(BadText):
        split("abc", 0)
    with pytest.raises(BadText):
        split("\ud800", 10)


@pytest.mark.parametrize(
    "unit", ["[b]", "[b]word [/i]", "------\n", "[url=", "[code]", "#BR#", "[b]" * 50 + "[/b]" * 50]
)
def test_the_work_grows_linearly_with_the_text(unit: str) -> None:
    """Four times a hostile text takes about four times the work."""

    def work(length: int) -> int:
        text = unit * (length // len(unit))
        assert all(len(piece) <= 2000 for piece in split(text, 2000))
        return effort(lambda: split(text, 2000))

    assert work(32_000) < 6 * work(8000)


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("short", 10, "short"),
        ("one two three", 9, "one two…"),
        ("[b]one two three[/b]", 16, "[b]one two[/b]…"),
        ("one\ntwo three", 6, "one…"),
        ("wonderful", 5, "wond…"),
        ("one two", 1, "…"),
        ("one two", 0, ""),
        ("https://example.com/", 8, "https:/…"),
    ],
)
def test_a_text_is_shortened_to_its_first_words(text: str, limit: int, short: str) -> None:
    """The first words end with an ellipsis and closed tags, within the limit."""
    assert head(text, limit) == short


@given(HOSTILE.map("".join), st.integers(0, 80))
def test_a_shortened_text_always_fits(text: str, limit: int) -> None:
    """The shortened text always has at most the given length."""
    assert len(head(text, limit)) <= limit


CLUSTERS = {
    "family": "👨‍👩‍👧‍👦", "skin": "👍🏽", "flag": "🇩🇪", "keycap": "1\ufe0f\u20e3", "accents": "e\u0301\u0323",
    "Thai": "ก\u0e33", "England": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "Hangul": "\u1112\u1161\u11ab",
    "Hangul, a last letter": "하\u11ab", "half-width": "ﾊ\uff9f", "non-joiner": "ا\u200c", "Devanagari": "क्ष",
}  # fmt: skip


@pytest.mark.parametrize("letter", CLUSTERS.values(), ids=CLUSTERS)
def test_combined_characters_are_not_cut(letter: str) -> None:
    """Families, flags, skin colours, accents, Hangul and Indic letters stay whole when one fits."""
    word = letter * 40
    for limit in range(len(letter), 3 * len(letter) + 2):
        pieces = split(word, limit)
        assert "".join(pieces) == word
        assert {len(piece) % len(letter) for piece in pieces} == {0}
        assert (len(head(word, limit)) - 1) % len(letter) == 0 or limit <= len(letter)


@settings(max_examples=60)
@given(DOC, st.integers(8, 60))
@example(bb.doc(bb.colour("#ffffff", bb.put("hello world", "label"), "word " * 9)), 30)
@example(bb.doc(bb.bold(bb.code("x y " * 9))), 20)
def test_no_tag_is_cut_in_a_small_message(doc: bb.Doc, limit: int) -> None:
    """A tag that does not fit is left out, and its content stays complete."""
    pieces = split(doc.bb(), limit)
    for piece in (*pieces, head(doc.bb(), limit)):
        reading = bbreader.read(piece)
        assert (reading.unclosed, reading.stray) == ([], [])
        assert len(piece) <= limit
    assert "".join("".join(words(piece)) for piece in pieces) == "".join(words(doc.bb()))
