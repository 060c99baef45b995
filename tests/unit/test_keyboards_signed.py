"""Signed buttons: only a valid press acts, and an error says what differs."""

import contextlib
from dataclasses import dataclass, make_dataclass, replace
from enum import Enum, Flag, IntEnum
from typing import NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyboards import (
    BadPayload,
    BadSignature,
    Binding,
    Command,
    Keyboard,
    KeyboardsError,
    Reason,
    Signer,
    fields,
    limits,
    size,
)
from keyboards.signed import ALPHABET

PostId = NewType("PostId", int)


class ActionKind(Enum):
    """The kind of action."""

    PUBLISH = "publish"
    UNDO = "undo it"


class Level(IntEnum):
    """The level of something."""

    LOW = 0
    HIGH = 1


@dataclass(frozen=True)
class Act:
    """A payload with every kind of field."""

    post: PostId
    action: ActionKind
    title: str
    level: Level = Level.LOW
    loud: bool = False
    page: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class Page:
    """A small payload."""

    number: int


@dataclass(frozen=True)
class Other:
    """Another payload with the same fields."""

    number: int


@dataclass(frozen=True)
class Empty:
    """A payload without fields."""


KEY = b"0123456789abcdef"
SIGNER = Signer(KEY)
BOUND = Binding(user="5", dialog="chat10", version="v3")
NOW = 1_790_000_000.0
ACTS = st.builds(
    Act,
    post=st.integers().map(PostId),
    action=st.sampled_from(ActionKind),
    title=st.text(),
    level=st.sampled_from(Level),
    loud=st.booleans(),
    page=st.none() | st.integers(),
    note=st.none() | st.text(),
)


def reason(signer: Signer, text: str, binding: Binding = BOUND, now: float = NOW, kind: type = Page) -> Reason:
    """Return the reason why a press is refused."""
    with pytest.raises(BadSignature) as caught:
        signer.unpack(kind, text, binding, now=now)
    return caught.value.reason


@given(ACTS, st.none() | st.floats(NOW, NOW + 10**8))
def test_a_packed_payload_is_unpacked_unchanged(act: Act, expires: float | None) -> None:
    """Each payload is unpacked unchanged for the right user, dialog, version and time."""
    text = SIGNER.pack(act, BOUND, expires=expires)
    assert SIGNER.unpack(Act, text, BOUND, now=NOW) == act


@given(ACTS)
def test_a_portal_does_not_change_a_payload(act: Act) -> None:
    """A portal does not escape or trim the text, and each letter counts one."""
    text = SIGNER.pack(act, BOUND)
    button = Command("Go", "go", text)
    stored = button.stored(456)
    assert stored["COMMAND_PARAMS"] == text == text.strip()
    empty = size(Keyboard.of([Command("Go", "go")]), 456)
    assert size(Keyboard.of([button]), 456).chars - empty.chars == len(text)


@pytest.mark.parametrize(
    ("binding", "why"),
    [
        (replace(BOUND, user="6"), Reason.USER),
        (replace(BOUND, dialog="chat11"), Reason.DIALOG),
        (replace(BOUND, version="v4"), Reason.VERSION),
        (Binding(user="6", dialog="chat11", version="v4"), Reason.USER),
    ],
)
def test_a_refusal_names_the_first_difference(binding: Binding, why: Reason) -> None:
    """Another user, dialog or version has a different reason than a forgery."""
    assert reason(SIGNER, SIGNER.pack(Page(7), BOUND), binding) is why


def test_a_button_expires() -> None:
    """A button works until its minute, not a minute later; without an expiry it always works."""
    text = SIGNER.pack(Page(7), BOUND, expires=NOW + 30)
    assert SIGNER.unpack(Page, text, BOUND, now=NOW + 30) == Page(7)
    assert reason(SIGNER, text, now=NOW + 91) is Reason.EXPIRED
    assert SIGNER.unpack(Page, SIGNER.pack(Page(7), BOUND), BOUND, now=10**11) == Page(7)
    assert reason(SIGNER, SIGNER.pack(Page(7), BOUND, expires=-5.0)) is Reason.EXPIRED


@given(st.data())
def test_any_changed_letter_is_refused(data: st.DataObject) -> None:
    """Any change of expiry, hint, signature or payload is refused."""
    text = SIGNER.pack(Act(PostId(7), ActionKind.UNDO, "title"), BOUND, expires=NOW + 999)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from([one for one in ALPHABET + ".~" if one != text[at]]))
    with pytest.raises(BadSignature):
        SIGNER.unpack(Act, text[:at] + letter + text[at + 1 :], BOUND, now=NOW)


@given(st.text() | st.text(ALPHABET + ".~", max_size=40))
def test_random_text_is_refused(text: str) -> None:
    """Random text is broken or forged, and causes no other error."""
    with pytest.raises(BadSignature):
        SIGNER.unpack(Page, text, BOUND, now=NOW)


def test_a_payload_of_another_class_is_refused() -> None:
    """The class of the payload is signed too."""
    assert reason(SIGNER, SIGNER.pack(Other(7), BOUND)) is Reason.FORGED
    assert reason(SIGNER, "") is Reason.BROKEN
    assert reason(SIGNER, "a b" * 9) is Reason.BROKEN


def test_older_keys_still_check_signatures() -> None:
    """A new key signs, the old key still checks; a foreign key does not."""
    old, new = Signer(KEY), Signer(b"fedcba9876543210", KEY)
    assert new.unpack(Page, old.pack(Page(7), BOUND), BOUND, now=NOW) == Page(7)
    assert reason(new, old.pack(Page(7), BOUND), replace(BOUND, user="6")) is Reason.USER
    with pytest.raises(BadSignature):
        old.unpack(Page, new.pack(Page(7), BOUND), BOUND, now=NOW)


def test_a_short_key_is_refused() -> None:
    """Keys need 16 bytes, signatures 6 letters."""
    for keys, strength in (((b"short",), 6), ((KEY, b""), 6), ((KEY,), 5), ((KEY,), 33)):
        with pytest.raises(KeyboardsError):
            Signer(*keys, strength=strength)
    long = Signer(KEY, strength=22)
    assert long.unpack(Page, long.pack(Page(7), BOUND), BOUND, now=NOW) == Page(7)


def test_an_empty_binding_allows_anybody() -> None:
    """An empty binding allows anybody in any dialog."""
    text = SIGNER.pack(Empty(), Binding())
    assert SIGNER.unpack(Empty, text, Binding(), now=NOW) == Empty()


def test_three_hundred_signed_buttons_fit() -> None:
    """300 signed buttons stay within the enforced limit."""
    texts = [SIGNER.pack(Page(at), BOUND, expires=NOW) for at in range(1, 301)]
    assert max(map(len, texts)) <= 15
    row = tuple(Command(str(at), "p", text) for at, text in enumerate(texts, 1))
    assert limits.ENFORCED.over(size(Keyboard((row,)), 456)) <= 0


# --- the payload ------------------------------------------------------------------------------------


@given(ACTS)
def test_fields_are_unpacked_unchanged(act: Act) -> None:
    """Numbers of any size, any texts, flags, enumerations and None are unpacked unchanged."""
    assert fields.unpack(Act, fields.pack(act)) == act


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (Page(0), "~30"),
        (Page(63), "_"),
        (Page(64), "10"),
        (Page(-1), "~1"),
        (Act(PostId(5), ActionKind.UNDO, "a.b ж\n"), "5.undo~20it.a~2eb~20ж~0a.0..~.~"),
        (Act(PostId(5), ActionKind.PUBLISH, "~", Level.HIGH, loud=True, page=1, note=""), "5.publish.~7e.1.1.1."),
        (Empty(), ""),
    ],
)
def test_the_packed_text_is_short_and_stable(payload: object, text: str) -> None:
    """The packed text is short and contains nothing that a portal changes."""
    assert fields.pack(payload) == text


@dataclass(frozen=True)
class Words:
    """A payload of one text."""

    text: str


@pytest.mark.parametrize("payload", [Page(0), Words("0"), Words("~30"), Words("")])
def test_a_single_zero_is_not_packed_as_zero(payload: object) -> None:
    """No payload is packed as "0", because a portal drops these parameters."""
    text = fields.pack(payload)
    assert Command("Go", "go", text).params == text
    assert fields.unpack(type(payload), text) == payload


@pytest.mark.parametrize("text", ["", "a.b", "~", "a b", "é"])
def test_an_invalid_payload_is_refused(text: str) -> None:
    """A wrong number of fields, or a field of the wrong kind, is an error."""
    with pytest.raises(ValueError, match=r"number|fields"):
        fields.unpack(Page, text)


@pytest.mark.parametrize("text", ["5.burn.t.0..~.~", "5.publish.t.9..~.~", "5.publish.t.0.2.~.~"])
def test_an_unknown_enumeration_value_is_refused(text: str) -> None:
    """An unknown enumeration value or flag is an error."""
    with pytest.raises(ValueError, match="not one of the choices"):
        fields.unpack(Act, text)


def test_unsupported_types_are_refused() -> None:
    """Unsupported types and values are refused with their names."""

    @dataclass
    class Wrong:
        when: float

    for payload in (Wrong(1.5), 5, Page("7")):  # type: ignore[arg-type]  # the wrong type is refused
        with pytest.raises((KeyboardsError, NameError)):
            fields.pack(payload)


class Rights(Flag):
    """Flags that can be combined."""

    READ = 1
    WRITE = 2


class Alike(Enum):
    """Two values that are packed alike."""

    NUMBER = 1
    TEXT = "1"


@dataclass(frozen=True)
class Allowed:
    """A payload of flags."""

    rights: Rights
    times: int = 0


@dataclass(frozen=True)
class Unclear:
    """A payload that could not be read again."""

    alike: Alike


@dataclass(frozen=True)
class Move:
    """A payload of the current release."""

    post: int
    comment: int


def test_flags_and_numbers_given_as_booleans_are_unpacked() -> None:
    """Flags, and booleans given as numbers, are unpacked with the same meaning."""
    for payload in (Allowed(Rights.READ | Rights.WRITE), Allowed(Rights(0), times=False), Allowed(Rights.READ, True)):  # noqa: FBT003 - a number
        assert SIGNER.unpack(Allowed, SIGNER.pack(payload, BOUND), BOUND, now=0) == payload
    with pytest.raises(KeyboardsError, match=r"Unclear\.alike: two of Alike have the same packed text"):
        SIGNER.pack(Unclear(Alike.TEXT), BOUND)


def test_a_payload_with_reordered_fields_is_refused() -> None:
    """A button with another order of fields, from before a release, is refused."""
    button = SIGNER.pack(Move(217, 5), BOUND)
    swapped = make_dataclass("Move", [("comment", int), ("post", int)], frozen=True)
    swapped.__qualname__ = Move.__qualname__
    with pytest.raises(BadSignature, match="forged"):
        SIGNER.unpack(swapped, button, BOUND, now=0)


@pytest.mark.parametrize("expires", [1_790_000_000_000, float("inf"), float("nan"), 2**31 + 10**9])
def test_an_expiry_in_milliseconds_is_refused(expires: float) -> None:
    """An expiry that is too large is an error; None means never."""
    with pytest.raises(KeyboardsError, match="Unix seconds before 2055"):
        SIGNER.pack(Page(1), BOUND, expires=expires)


@pytest.mark.parametrize("text", ["A" * 13 + "\ud800", "\ud800" * 20, "😀" * 20, None, 7, b"A" * 20, ["A"]])
def test_foreign_parameters_are_refused_as_broken(text: object) -> None:
    """Any foreign input raises only the expected error."""
    with pytest.raises(BadSignature, match="broken"):
        SIGNER.unpack(Page, text, BOUND, now=0)  # type: ignore[arg-type]  # from outside


@pytest.mark.parametrize(
    "text",
    ["", "1.2.3", "!", "~+ffffff.x", "~+00d800", "\ud800", "z" * 5000, "~" * 9],
    ids=["nothing", "fields", "no number", "no letter", "surrogate", "half", "long", "tildes"],
)
def test_an_invented_payload_raises_one_kind_of_error(text: str) -> None:
    """Any text is read as a payload or raises BadPayload, and no other error."""
    for kind in (Page, Act, Words):
        with contextlib.suppress(BadPayload):
            fields.unpack(kind, text)
    with pytest.raises(BadPayload):
        fields.unpack(Page, text)


def test_an_escape_without_a_letter_is_refused() -> None:
    """A number beyond Unicode, or half of a surrogate pair, is not a character."""
    for text in ("~+ffffff", "~+00d800"):
        with pytest.raises(BadPayload, match="is not a character"):
            fields.unpack(Words, text)


def test_a_number_that_is_too_long_is_not_packed() -> None:
    """A number that is too long to be unpacked is refused by `pack`."""
    longest = 2**384 - 1
    assert fields.unpack(Page, fields.pack(Page(longest))) == Page(longest)
    with pytest.raises(KeyboardsError, match="bits"):
        fields.pack(Page(longest + 1))
