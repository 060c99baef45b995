"""What a message answers, and where it was forwarded from, in the events of both generations."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.inbound import decode, forms
from bot.model.events import Commanded, Dialog, Forwarded, MessageId, Said, UserId
from tests import payloads
from tests.payloads import Tree

FROM_CHAT = Forwarded(author=UserId(8), dialog=Dialog("chat5"), message=MessageId(120))
FROM_PRIVATE = Forwarded(author=UserId(8), dialog=None, message=MessageId(120))
FROM_NOWHERE = Forwarded(author=UserId(8))


def only(tree: Tree) -> Said | Commanded:
    """Decode a tree as a form, and return its only event."""
    (decoded,) = decode.decoded_events(decode.envelope(forms.decode(payloads.form(tree), payloads.FORM)))
    assert isinstance(decoded.event, Said | Commanded)
    return decoded.event


def v1(kind: str, own: Tree) -> Said | Commanded:
    """Return a message or command of v1, whose own parameters stand in a group inside PARAMS."""
    make = payloads.v1_said if kind == "message" else payloads.v1_commanded
    return only(make("/post Hi", PARAMS=own))


def v2(kind: str, own: Tree, forward: Any = None) -> Said | Commanded:
    """Return a message or command of v2."""
    make = payloads.v2_said if kind == "message" else payloads.v2_commanded
    return only(make("/post Hi", message=payloads.v2_message("/post Hi", params=own, forward=forward)))


@pytest.mark.parametrize("kind", ["message", "command"])
def test_an_answer_names_its_message(kind: str) -> None:
    """Both generations name the answered message; without one, or with anything but a number, there is none."""
    for make in (v1, v2):
        assert make(kind, {"REPLY_ID": "4711"}).reply_to == 4711
        for wrong in ("0", "-3", "abc", "9" * 40, {"0": "1"}):
            assert make(kind, {"REPLY_ID": wrong}).reply_to is None
    assert only(payloads.v1_said()).reply_to is None


@pytest.mark.parametrize("kind", ["message", "command"])
@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ("chat5/120", FROM_CHAT),
        ("2:8/120", FROM_PRIVATE),
        ("5/120", FROM_PRIVATE),
        ("", FROM_NOWHERE),
        ("chat5", FROM_NOWHERE),
    ],
)
def test_a_forwarded_message_names_its_author_and_place(kind: str, context: str, expected: Forwarded) -> None:
    """The author is known in both generations; the place only if it is a group."""
    assert v1(kind, {"FORWARD_USER_ID": "8", "FORWARD_CONTEXT_ID": context}).forwarded == expected
    given_v2 = {"id": context, "userId": "8", "chatId": "5", "date": "2026-09-21T15:33:20+02:00"}
    assert v2(kind, {}, given_v2).forwarded == expected
    assert v1(kind, {"FORWARD_CONTEXT_ID": context}).forwarded is None


def test_a_button_answers_nothing() -> None:
    """The message of a button may be an answer; the press is none, so it quotes nothing."""
    pressed = payloads.v1_command(COMMAND_CONTEXT="KEYBOARD")
    event = only(payloads.v1_commanded("Choose", pressed, PARAMS={"REPLY_ID": "12", "FORWARD_USER_ID": "8"}))
    assert (event.reply_to, event.forwarded) == (None, None)


@pytest.mark.parametrize("beside", [True, False])
def test_files_stand_in_or_beside_the_parameters_of_the_message(beside: bool) -> None:  # noqa: FBT001 - a parameter
    """The ids of the files are read from both places."""
    files = {"0": "31", "1": "32"}
    event = only(payloads.v1_said("", **({"FILE_ID": files} if beside else {"PARAMS": {"FILE_ID": files}})))
    assert (event.files, event.file_ids) == (2, (31, 32))


@given(st.text(max_size=40), st.text(max_size=40))
def test_rubbish_never_loses_an_event(user: str, context: str) -> None:
    """Whatever stands in these fields, the message itself is read."""
    for text in (user, context):
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            return
    own = {"REPLY_ID": user, "FORWARD_USER_ID": user, "FORWARD_CONTEXT_ID": context}
    assert only(payloads.v1_said("Hi", PARAMS=own)).message == payloads.MESSAGE
