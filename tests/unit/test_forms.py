"""Bodies become trees; hostile ones are refused, at no more cost than a normal body."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.inbound import brackets, forms
from bot.errors import BadEvent
from tests import payloads
from tests.effort import effort

# --- What a portal writes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "tree"),
    [
        pytest.param(b"", {}, id="nothing"),
        pytest.param(b"event=X&ts=5", {"event": "X", "ts": "5"}, id="flat"),
        pytest.param(b"a[b][c]=1&a[b][d]=2&e=3", {"a": {"b": {"c": "1", "d": "2"}}, "e": "3"}, id="raw-brackets"),
        pytest.param(b"a%5Bb%5D%5Bc%5D=1", {"a": {"b": {"c": "1"}}}, id="encoded-brackets"),
        pytest.param(b"a%5bb%5d=%d0%9f", {"a": {"b": "П"}}, id="lower-case-hex"),
        pytest.param(b"a[b]=1&c=2&a[d]=3", {"a": {"b": "1", "d": "3"}, "c": "2"}, id="branch-left-and-entered-again"),
        pytest.param(b"a[]=x&a[]=y", {"a": {"0": "x", "1": "y"}}, id="append"),
        pytest.param(b"a[0]=x&a[2]=z&a[]=y", {"a": {"0": "x", "2": "z", "1": "y"}}, id="append-beside-numbers"),
        pytest.param(b"a[][n]=1&a[][n]=2", {"a": {"0": {"n": "1"}, "1": {"n": "2"}}}, id="append-groups"),
        pytest.param(b"a=one+two%2Bthree", {"a": "one two+three"}, id="plus"),
        pytest.param(b"a+b=1", {"a b": "1"}, id="plus-in-a-name"),
        pytest.param("a=Прямо".encode(), {"a": "Прямо"}, id="raw-utf-8"),
        pytest.param(b"a=%F0%9F%99%82%20x%0Ay", {"a": "🙂 x\ny"}, id="emoji-and-newline"),
        pytest.param(b"a=50%&b=%zz%4", {"a": "50%", "b": "%zz%4"}, id="percent-that-escapes-nothing"),
        pytest.param(b"a=%%41%\nb%\r\n", {"a": "%A%\nb%\r\n"}, id="percent-before-a-percent-and-a-line-end"),
        pytest.param(b"a=x=y%26z%3D", {"a": "x=y&z="}, id="separators-inside"),
        pytest.param(b"a=b_c%5Fd%1E%1F%00", {"a": "b_c_d\x1e\x1f\x00"}, id="control-characters"),
        pytest.param(b"a&b=&&=c", {"a": "", "b": ""}, id="no-value-no-name"),
        pytest.param(b"a=1&a=2", {"a": "2"}, id="last-wins"),
        pytest.param(b"a[b=1&[c]=2", {"a[b": "1", "[c]": "2"}, id="brackets-that-are-none"),
        pytest.param(b"a[b[c]]=1", {"a": {"b[c": "1"}}, id="bracket-in-an-index"),
    ],
)
def test_a_form_becomes_the_tree_php_would_see(body: bytes, tree: dict[str, Any]) -> None:
    """Brackets nest, empty brackets append, escapes are decoded, other cases stay text as in PHP."""
    assert forms.decode(body, payloads.FORM) == tree


@pytest.mark.parametrize(
    ("body", "content_type", "tree"),
    [
        pytest.param(b'{"a":[1,"x",null,true]}', "application/json", {"a": [1, "x", None, True]}, id="by-type"),
        pytest.param(b'{"a":1}', "Application/JSON; charset=utf-8", {"a": 1}, id="type-with-parameter"),
        pytest.param(b'{"a":1}', "application/vnd.portal+json", {"a": 1}, id="json-suffix"),
        pytest.param(b' \r\n{"a":1}', "", {"a": 1}, id="sniffed"),
        pytest.param(b'{"a":1}', "text/plain", {"a": 1}, id="sniffed-with-another-type"),
        pytest.param(b"a=1", "", {"a": "1"}, id="sniffed-form"),
        pytest.param(b'{"a":1}', payloads.FORM, {'{"a":1}': ""}, id="a-form-that-says-so"),
        pytest.param(rb'{"a":"[{[\"{{{{{{{{{{{{{{{{{{{{{"}', "application/json", None, id="brackets-in-text"),
        pytest.param(b'{"a":"' + b"," * 5000 + b'"}', "application/json", {"a": "," * 5000}, id="commas-in-text"),
    ],
)
def test_json_is_recognised_by_type_or_first_character(
    body: bytes, content_type: str, tree: dict[str, Any] | None
) -> None:
    """The content type decides; without one, a body that starts with a brace is JSON."""
    assert forms.decode(body, content_type) == (tree or {"a": '[{["{{{{{{{{{{{{{{{{{{{{{'})


# --- What nobody should send ----------------------------------------------------------------------------

FIELDS, DEPTH, KEY = forms.FIELDS, forms.DEPTH, forms.KEY_LENGTH

HOSTILE = [
    pytest.param(b"a=%FF", payloads.FORM, "not valid UTF-8", id="escaped-invalid-utf-8"),
    pytest.param(b"a%C3=1", payloads.FORM, "not valid UTF-8", id="invalid-utf-8-in-a-name"),
    pytest.param(b"a=%FE", payloads.FORM, "not valid UTF-8", id="escaped-other-invalid-utf-8"),
    pytest.param(b"a=x=%C3", payloads.FORM, "not valid UTF-8", id="cut-utf-8-behind-an-equals-sign"),
    pytest.param(b"a=\xff\xfe", payloads.FORM, "not valid UTF-8", id="raw-invalid-utf-8"),
    pytest.param(b"a=%ED%A0%80", payloads.FORM, "not valid UTF-8", id="surrogate"),
    pytest.param(b"a=1&a[b]=2", payloads.FORM, "both for a value and for a group", id="group-over-value"),
    pytest.param(b"a[b]=2&a=1", payloads.FORM, "both for a value and for a group", id="value-over-group"),
    pytest.param(b"a[b][c]=2&a[b]=1", payloads.FORM, "both for a value and for a group", id="deep-conflict"),
    pytest.param(b"&".join(b"f%d=" % n for n in range(100_000)), payloads.FORM, "more than 2000", id="100000-fields"),
    pytest.param(b"&" * FIELDS, payloads.FORM, "more than 2000 fields", id="only-separators"),
    pytest.param(b"a" + b"[b]" * 1000 + b"=1", payloads.FORM, "longer than 512", id="1000-deep"),
    pytest.param(b"a" + b"[b]" * DEPTH + b"=1", payloads.FORM, "deeper than 16", id="one-too-deep"),
    pytest.param(b"a" + b"[]" * DEPTH + b"=1", payloads.FORM, "deeper than 16", id="one-too-deep-appending"),
    pytest.param(b"k" * (KEY + 1) + b"=1", payloads.FORM, "longer than 512", id="key-one-too-long"),
    pytest.param(b"k" * 1_000_000, payloads.FORM, "longer than 512", id="huge-key"),
    pytest.param(b'{"a":', payloads.JSON, "not valid JSON", id="cut-json"),
    pytest.param(b'{"a":1}}', payloads.JSON, "not valid JSON", id="json-and-more"),
    pytest.param(b"", payloads.JSON, "not valid JSON", id="empty-json"),
    pytest.param(b'{"a":NaN}', payloads.JSON, "not valid JSON", id="nan"),
    pytest.param(b'{"a":"\\ud800"}', payloads.JSON, "not valid JSON", id="json-surrogate"),
    pytest.param(b'{"a":1' + b"0" * 5000 + b"}", payloads.JSON, "not valid JSON", id="endless-number"),
    pytest.param(b'{"a":"\xff"}', payloads.JSON, "not valid UTF-8", id="json-invalid-utf-8"),
    pytest.param(b"[1]", payloads.JSON, "not an object", id="json-list"),
    pytest.param(b'"a"', payloads.JSON, "not an object", id="json-text"),
    pytest.param(b"[" * 1_000_000, payloads.JSON, "more than 2000", id="a-million-deep"),
    pytest.param(b'{"a":' * 1000 + b"1" + b"}" * 1000, payloads.JSON, "deeper than 16", id="json-1000-deep"),
    pytest.param(b'{"a":[' + b"0," * FIELDS + b"0]}", payloads.JSON, "more than 2000", id="json-list-too-long"),
    pytest.param(b'{"a":"' + b'\\"' * 400_000, payloads.JSON, "not valid JSON", id="text-without-end"),
    pytest.param(b"]" * 1_000_000, payloads.JSON, "not valid JSON", id="only-closed"),
]


@pytest.mark.parametrize(("body", "content_type", "sentence"), HOSTILE)
def test_an_invalid_body_is_refused_with_a_sentence(body: bytes, content_type: str, sentence: str) -> None:
    """Each kind of wrong body has its own sentence, which repeats nothing of the body."""
    with pytest.raises(BadEvent, match=sentence) as caught:
        forms.decode(body, content_type)
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"&".join(b"f%d=" % n for n in range(FIELDS)), id="fields"),
        pytest.param(b"a" + b"[b]" * (DEPTH - 1) + b"=1", id="depth"),
        pytest.param(b"k" * KEY + b"=1", id="key-length"),
        pytest.param(b'{"a":' * DEPTH + b"1" + b"}" * DEPTH, id="json-depth"),
    ],
)
def test_the_limit_itself_is_allowed(body: bytes) -> None:
    """Exactly the limit is allowed."""
    assert forms.decode(body, "")


def test_limits_can_be_set() -> None:
    """Configured limits apply."""
    tight = forms.Limits(fields=2, depth=2, key_length=150)
    assert forms.decode(b"a[b]=1&c=2", "", tight) == {"a": {"b": "1"}, "c": "2"}
    for body in (b"a=&b=&c=", b"a[b][c]=", b"a" * 151):
        with pytest.raises(BadEvent):
            forms.decode(body, "", tight)


# --- Cost, in counts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda n: b"&".join(b"f%d=1" % i for i in range(n)), id="flat"),
        pytest.param(lambda n: b"&".join([b"a[]=1"] * n), id="append"),
        pytest.param(
            lambda n: b"&".join([b"a[%d]=1" % i for i in range(n, 2 * n)] + [b"a[]=1"] * n), id="append-taken"
        ),
        pytest.param(lambda n: b"&".join(b"%c[x][y][%d]=1" % (97 + i % 2, i) for i in range(n)), id="switching"),
        pytest.param(lambda n: b"a=" + b"%D0%9F+" * n, id="escapes"),
        pytest.param(lambda n: b"{" + b",".join(b'"k%d":[{}]' % i for i in range(n)) + b"}", id="json"),
    ],
)
def test_cost_grows_with_the_size(make: Callable[[int], bytes]) -> None:
    """Twice the body is twice the work, also for bodies made to be slow."""
    limits = forms.Limits(fields=10_000)
    small, large = (effort(lambda n=n: forms.decode(make(n), "", limits)) for n in (400, 800))  # type: ignore[misc]
    assert large < 2.2 * small


@pytest.mark.parametrize(("body", "content_type", "sentence"), HOSTILE)
def test_refusing_costs_few_steps(body: bytes, content_type: str, sentence: str) -> None:
    """A hostile body runs fewer lines of Python than a normal event with new names."""

    def refuse() -> None:
        with pytest.raises(BadEvent):
            forms.decode(body, content_type)

    def accept() -> None:
        brackets.plans.clear()
        brackets._names.known.clear()
        forms.decode(friendly, payloads.FORM)

    friendly = payloads.form(payloads.v1_said(group=True))
    assert effort(refuse) < effort(accept)


def test_refusing_too_many_fields_takes_no_memory() -> None:
    """A form with 100,000 fields is refused before it is split."""
    body = b"&".join(b"f%d=1" % n for n in range(100_000))
    tracemalloc.start()
    try:
        with pytest.raises(BadEvent):
            forms.decode(body, payloads.FORM)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16_384


def test_names_are_remembered_within_bounds() -> None:
    """Neither many nor long names fill the memory."""
    most = 0
    for n in range(brackets.REMEMBERED_KEYS // 1000 + 2):
        forms.decode(b"&".join(b"n%d[%d]=" % (n, i) for i in range(1000)), payloads.FORM)
        most = max(most, len(brackets._names.known))
    assert most <= brackets.REMEMBERED_KEYS
    before = set(brackets._names.known)
    forms.decode(b"k" * (brackets.REMEMBERED_LENGTH + 1) + b"=1", payloads.FORM)
    assert set(brackets._names.known) == before


def test_plans_are_remembered_within_bounds() -> None:
    """A kind of event is planned once; neither many nor large ones fill the memory."""
    body = b"a[b]=1&a[c]=2"
    forms.decode(body, payloads.FORM)
    before = brackets.plans.known["a[b]", "a[c]"]
    forms.decode(body, payloads.FORM)
    assert brackets.plans.known["a[b]", "a[c]"] is before
    for n in range(brackets.REMEMBERED_FIELDS // 1000 + 2):
        forms.decode(b"&".join(b"n%d[%d]=" % (n, i) for i in range(1000)), payloads.FORM)
        assert sum(map(len, brackets.plans.known)) == brackets.plans.fields <= brackets.REMEMBERED_FIELDS
    before_long = dict(brackets.plans.known)
    forms.decode(b"k" * (brackets.REMEMBERED_LENGTH + 1) + b"=1", payloads.FORM)
    assert brackets.plans.known == before_long


def test_a_cached_plan_respects_narrower_limits() -> None:
    """A cached plan is checked again under narrower limits."""
    body = b"a[b][c][d]=1"
    assert forms.decode(body, payloads.FORM)
    with pytest.raises(BadEvent, match="deeper than 3"):
        forms.decode(body, payloads.FORM, forms.Limits(depth=3))


# --- Properties -------------------------------------------------------------------------------------------

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_NAME = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]"), min_size=1, max_size=8)
_TREES = st.dictionaries(
    _NAME, st.recursive(_TEXT, lambda child: st.dictionaries(_NAME, child, min_size=1, max_size=4), max_leaves=12)
)


@given(tree=_TREES)
def test_a_written_form_is_read_back(tree: dict[str, Any]) -> None:
    """Any tree of text survives PHP's way of writing it."""
    assert forms.decode(payloads.form(tree), payloads.FORM) == tree


@given(tree=_TREES)
def test_a_form_reads_alike_however_it_was_escaped(tree: dict[str, Any]) -> None:
    """The fast and the general way to split a form give the same tree."""
    body = payloads.form(tree)
    assert forms.decode(body.replace(b"_", b"%5F") + b"&odd", payloads.FORM) == tree | {"odd": ""}


@given(st.text("a%+D09Fz=_\n\r\x1eП", max_size=40))
def test_values_are_unescaped_as_the_standard_library_does(value: str) -> None:
    """A value is decoded as urllib does, or refused if it is not UTF-8."""
    expected = unquote_to_bytes(value.replace("+", " "))
    try:
        tree = forms.decode(b"v=" + value.encode(), payloads.FORM)
    except BadEvent:
        with pytest.raises(UnicodeDecodeError):
            expected.decode()
        return
    assert tree == {"v": expected.decode()}


@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.text('a[]=&%+D0{}",\\:19 u', max_size=80).map(str.encode),
        st.binary(max_size=30).map(lambda tail: b'{"a":"' + tail + b'"}'),
    ),
    content_type=st.sampled_from([payloads.FORM, payloads.JSON, "", "text/plain; x"]),
)
def test_random_bytes_become_a_clean_tree_or_a_refusal(body: bytes, content_type: str) -> None:
    """For any bytes, nothing but BadEvent is raised, and the result can be encoded as UTF-8."""
    try:
        tree = forms.decode(body, content_type)
    except BadEvent:
        return
    assert isinstance(tree, dict)
    repr(tree).encode()
    assert all(_clean(item) for item in tree.items())


def _clean(value: Any) -> bool:
    if isinstance(value, str):
        return value.encode().decode() == value
    return all(map(_clean, value.items() if isinstance(value, dict) else value)) if hasattr(value, "__iter__") else True
