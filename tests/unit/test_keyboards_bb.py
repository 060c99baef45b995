"""BB code: documents render as intended, escaped text has no active markup, plain text has no markup."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keyboards import BadText, bb, normal
from tests import bbreader
from tests.hostile import TEXTS

TAGS = [
    "b",
    "USER",
    "user",
    "Url",
    "send",
    "PUT",
    "call",
    "chat",
    "context",
    "img",
    "icon",
    "disk",
    "code",
    "size",
    "br",
]
SIGNS = ["[", "]", "/", "=", ">", ">>", "-", "------", "#", "BR", "#br#", "\n", "\r\n", " ", "\u200b", "javascript:"]
SPELT = [spelling.format(tag) for tag in TAGS for spelling in ("{}", "[{}]", "[/{}]", "[{}=1 x]")]
PIECES = st.sampled_from([*TEXTS, *SIGNS, *SPELT])
CODE = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join)


@given(CODE)
@example("[USER=1]x[/USER]")
@example("[url=javascript:alert(1)]x[/url]")
@example("[[b]x[/b]")
@example("[send=/publish 1]free money[/send")
@example("#BR#>>quoted#br#")
@example("-" * 54)
@example(">>>>>>")
@example("[ZW\u200b[b]")
def test_nothing_is_active_after_escape(text: str) -> None:
    """A strict reader finds nothing active in escaped text, nested, unclosed or in mixed case."""
    assert bbreader.active(bb.escape(text)) == []


@given(CODE, CODE)
def test_escaped_texts_form_no_tag_together(one: str, other: str) -> None:
    """The end of one text and the beginning of another cannot form a tag."""
    joined = bb.escape(one) + bb.escape(other)
    assert bbreader.active(joined) == []


def test_the_independent_reader_finds_markup() -> None:
    """The independent reader finds the markup of unescaped text."""
    assert bbreader.active("[USER=1]x[/user] #BR#\n>>q\n------\n[uRl") == [
        "tag user", "tag user", "tag url", "#br#", "quote", "rule",
    ]  # fmt: skip
    assert bbreader.read("[b]x[/b][url=a]y[/url][i]").unclosed == ["i"]


@given(CODE)
def test_escape_can_be_undone(text: str) -> None:
    """Unescaping returns exactly the escaped text."""
    assert bb.unescape(bb.escape(text)) == text


@given(st.text())
def test_escaped_text_reads_the_same(text: str) -> None:
    """Escaping adds only zero-width spaces."""
    assert bb.escape(text).replace(bb.BREAK, "") == text.replace(bb.BREAK, "")


@given(CODE)
def test_plain_text_of_escaped_text_is_the_text(text: str) -> None:
    """Push notifications and e-mail show exactly the original text."""
    assert bb.plain(bb.escape(text)) == text


@pytest.mark.parametrize("text", ["a[1]", "1 > 0", "C#", "a - b", "x-----y", "3 >= 2", "#5"])
def test_ordinary_text_stays_readable(text: str) -> None:
    """Ordinary text stays readable and searchable, except for invisible characters."""
    assert bb.escape(text).replace(bb.BREAK, "") == text


NODES: list[tuple[bb.Node, str, str]] = [
    (bb.bold("a"), "[b]a[/b]", "a"),
    (bb.italic("a", bb.underline("b")), "[i]a[u]b[/u][/i]", "ab"),
    (bb.strike("a"), "[s]a[/s]", "a"),
    (bb.size(20, "a"), "[size=20]a[/size]", "a"),
    (bb.colour("#f00", "a"), "[color=#f00]a[/color]", "a"),
    (bb.link("https://e.com/", "a"), "[url=https://e.com/]a[/url]", "a"),
    (bb.link("/[x]?a=b c"), "[url=/%5Bx%5D?a=b%20c]/%5Bx%5D?a=b%20c[/url]", "/%5Bx%5D?a=b%20c"),
    (bb.user(5, "Anna [HR]"), "[user=5]Anna [\u200bHR][/user]", "Anna [HR]"),
    (bb.everyone("all"), "[user=all]all[/user]", "all"),
    (bb.chat(7, "a"), "[chat=7]a[/chat]", "a"),
    (bb.context("chat10", 5, "a"), "[context=chat10/5]a[/context]", "a"),
    (bb.put("/post ", "a"), "[put=/post ]a[/put]", "a"),
    (bb.send("/help", "a"), "[send=/help]a[/send]", "a"),
    (bb.call("+49 30", "a"), "[call=+49 30]a[/call]", "a"),
    (bb.code("if a[0]:"), "[code]if a[\u200b0]:[/code]", "if a[0]:"),
    (bb.quote("a\nb"), ">>a\n>>b", "> a\n> b"),
    (bb.doc("x", bb.quote("a"), "y"), "x\n>>a\ny", "x\n> a\ny"),
    (bb.lines("a", bb.bold("b")), "a\n[b]b[/b]", "a\nb"),
    (bb.bullets(["a", "b"]), "• a\n• b", "• a\n• b"),
    (bb.numbered(["a", "b"], 3), "3. a\n4. b", "3. a\n4. b"),
    (bb.image("/a.png", "small"), "[img size=small]/a.png [/img]", "/a.png"),
    (bb.icon("/a.png", "new"), "[icon=/a.png size=20 title=new]", "new"),
    (bb.timestamp(0), "[timestamp=0 format=SHORT_TIME_FORMAT]", "1970-01-01 00:00 UTC"),
    (bb.disk(9), "[disk=9]", ""),
    (bb.raw("[b]a[/b]"), "[b]a[/b]", "a"),
    (bb.NEWLINE, "\n", "\n"),
]


@pytest.mark.parametrize(("node", "code", "plain"), NODES, ids=[str(at) for at in range(len(NODES))])
def test_every_node_renders_to_both(node: bb.Node, code: str, plain: str) -> None:
    """Each node has its BB code and its plain text, and converting the code gives the same plain text."""
    assert (node.bb(), str(node), node.plain()) == (code, code, plain)
    assert bb.plain(code).strip() == plain.strip()


def test_addresses_can_be_shown() -> None:
    """Plain text may show the addresses of links, but not twice when the label is the address."""
    node = bb.doc(bb.link("/a", "see"), " ", bb.link("/b"))
    assert node.plain(addresses=True) == "see (/a) /b"
    assert bb.plain(node.bb(), addresses=True) == "see (/a) /b"


def test_plain_text_of_foreign_markup() -> None:
    """Known tags are removed in any case; unknown tags, unclosed brackets and code stay."""
    assert (
        bb.plain("[B]a[/b] [x]y[/x] [code][b]raw[/b][/CODE] a#BR#b[BR]c [url=/a")
        == "a [x]y[/x] [b]raw[/b] a\nb\nc [url=/a"
    )
    assert bb.plain("[timestamp=x]") == ""
    assert bb.plain("[timestamp=999999999999]") == "999999999999"
    assert bb.plain("[/url]a", addresses=True) == "a"


@given(CODE)
def test_any_text_has_a_plain_text(code: str) -> None:
    """Any text has a plain text, with or without addresses."""
    assert isinstance(bb.plain(code), str)
    assert isinstance(bb.plain(code, addresses=True), str)


@given(st.lists(CODE, min_size=1, max_size=4))
def test_texts_add_no_tags_to_a_document(texts: list[str]) -> None:
    """Texts in any node add no tags: the reader finds only those of the document."""
    node = bb.doc(bb.bold(texts[0]), bb.link("https://e.com/", *texts), bb.user(1, texts[-1]), bb.code(texts[0]))
    assert bbreader.active(node.bb()) == ["tag b"] * 2 + ["tag url"] * 2 + ["tag user"] * 2 + ["tag code"] * 2


@given(st.text(max_size=30))
def test_an_address_cannot_end_its_tag(tail: str) -> None:
    """Brackets, spaces and quotes of an address are percent-encoded."""
    try:
        code = bb.link(f"https://e.com/{tail}", "x").bb()
    except BadText:
        return
    assert bbreader.active(code) == ["tag url", "tag url"]
    assert bbreader.read(code).links == [("url", code[5 : code.index("]")], "x")]


@pytest.mark.parametrize(
    "make",
    [
        lambda: bb.link("javascript:alert(1)", "x"),
        lambda: bb.link("HTTPS://e.com", "x"),
        lambda: bb.image("e.com"),
        lambda: bb.image("/a", "huge"),
        lambda: bb.icon("x"),
        lambda: bb.icon("/a", pixels=0),
        lambda: bb.size(7, "x"),
        lambda: bb.size(31, "x"),
        lambda: bb.colour("red", "x"),
        lambda: bb.user(0, "x"),
        lambda: bb.chat(-1, "x"),
        lambda: bb.disk(0),
        lambda: bb.context("chat", 5, "x"),
        lambda: bb.context("chat5", 0, "x"),
        lambda: bb.send("a]b", "x"),
        lambda: bb.send("", "x"),
        lambda: bb.put("a\nb", "x"),
        lambda: bb.put("a#BR#b", "x"),
        lambda: bb.call("me", "x"),
        lambda: bb.timestamp(5, "x y"),
        lambda: bb.bold("\ud800"),
    ],
)
def test_a_value_that_ends_its_tag_is_refused(make: object) -> None:
    """A value that would end its tag, or that no portal accepts, raises an error at once."""
    assert callable(make)
    with pytest.raises(BadText):
        make()


@given(st.lists(st.sampled_from(["-", "--", "---", ">", "#", "B", "R", "BR#", "[", "b", "]", "\n"]), max_size=12))
@example(["--", "--", "--"])
@example(["----", "--", "----"])
def test_many_escaped_texts_form_no_markup(pieces: list[str]) -> None:
    """Many escaped texts side by side form no line of dashes and no other markup."""
    assert bbreader.active("".join(map(bb.escape, pieces))) == []
    assert bb.doc(*pieces).plain() == "".join(pieces)


@pytest.mark.parametrize("address", ["https://a/#BR#x", "/a#br#", "/#BR#BR#"])
def test_a_line_break_in_an_address_is_encoded(address: str) -> None:
    """`#BR#` in an address is encoded, because it would break the link in two."""
    for node in (bb.link(address), bb.link(address, "label"), bb.image(address), bb.icon(address)):
        assert bbreader.active(node.bb().replace("[", "")) == []
        assert normal.text(node.bb()) == node.bb()


def test_documents_are_joined_by_adding() -> None:
    """A node and a text are added on either side; the text is escaped."""
    assert (bb.bold("a") + " [b]" + bb.italic("c")).bb() == "[b]a[/b] [\u200bb][i]c[/i]"
    assert ("a " + bb.bold("b")).plain() == "a b"


def test_a_nested_quotation_has_its_own_lines() -> None:
    """A quotation in an inner document begins on a new line, because it would not work otherwise."""
    assert bb.doc("a", bb.doc("b", bb.doc(bb.quote("q"))), "c").bb() == "ab\n>>q\nc"
    assert ("a" + bb.quote("q") + "b").plain() == "a\n> q\nb"
