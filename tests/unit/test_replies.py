"""The meaning of a portal's answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.bitrix.outbound import answers


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        pytest.param(503, {"error": "QUERY_LIMIT_EXCEEDED"}, errors.TooFast, id="too many requests"),
        pytest.param(429, {"error": "OPERATION_TIME_LIMIT"}, errors.MethodBlocked, id="method over its time"),
        pytest.param(401, {"error": "expired_token"}, errors.TokenExpired, id="expired token"),
        pytest.param(401, {"error": "invalid_token"}, errors.TokenRefused, id="unknown token"),
        pytest.param(200, {"error": "wrong_client"}, errors.TokenRefused, id="wrong client inside HTTP 200"),
        pytest.param(400, {"error": "ATTACH_OVERSIZE"}, errors.TooBig, id="attach too big"),
        pytest.param(400, {"error": "CANCELED"}, errors.Gone, id="no such chat"),
        pytest.param(403, {"error": "ACCESS_DENIED"}, errors.Refused, id="no right"),
        pytest.param(400, {"error": "SOMETHING_NEW"}, errors.Refused, id="a code nobody knows"),
        pytest.param(400, {"error": "", "error_description": "Wrong destinations"}, errors.Refused, id="empty code"),
        pytest.param(200, {"error_description": "No."}, errors.Refused, id="only a description inside HTTP 200"),
        pytest.param(200, {"error": "", "error_description": "x"}, errors.Refused, id="empty code inside HTTP 200"),
        pytest.param(500, {"error": "INTERNAL_SERVER_ERROR"}, errors.Broken, id="internal error"),
        pytest.param(502, {"error": "SOMETHING_NEW"}, errors.Broken, id="5xx with an unknown code"),
    ],
)
def test_each_code_has_its_error_type(status: int, answer: dict[str, str], kind: type[Exception]) -> None:
    """Each code becomes its own error type, whatever the HTTP status is."""
    with pytest.raises(errors.PortalError) as caught:
        answers.read(status, json.dumps(answer).encode(), method="some.method")
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("status", "body", "outcome_unknown"),
    [
        pytest.param(200, b"<html>Please sign in</html>", True, id="HTML"),
        pytest.param(502, b"<html>Bad gateway</html>", True, id="HTML from a gateway"),
        pytest.param(503, b"", False, id="a busy front end did not let us in"),
        pytest.param(200, b"[1]", True, id="a list"),
        pytest.param(200, b'{"result":', True, id="cut JSON"),
        pytest.param(500, b'{"result": true}', True, id="a result with a server error"),
    ],
)
def test_an_invalid_answer_is_portal_down(status: int, body: bytes, outcome_unknown: bool) -> None:  # noqa: FBT001
    """HTML, broken JSON and server errors are PortalDown, and say whether the call may have worked."""
    with pytest.raises(errors.PortalDown) as caught:
        answers.read(status, body, method="some.method")
    assert caught.value.outcome_unknown is outcome_unknown


@pytest.mark.parametrize("half", [rb"\uDC00", b"\xed\xb0\x80"], ids=["escaped", "as bytes"])
@pytest.mark.parametrize("place", [b'{"result":{"a":"%s"}}', b'{"result":{"%s":1}}', b'{"error_description":"%s"}'])
def test_lone_surrogates_are_removed(place: bytes, half: bytes) -> None:
    """JSON can contain a lone surrogate; it is removed, so that an answer can be stored."""
    try:
        said = str(answers.read(200, place % (rb"\ud83d\ude00 " + half), method="some.method"))
    except errors.PortalError as exc:
        said = exc.text
    assert "\N{GRINNING FACE} " in said.encode().decode()


def test_the_time_of_a_blocked_method_is_read() -> None:
    """OPERATION_TIME_LIMIT has `operating_reset_at` as the time of the next attempt."""
    answer = {"error": "OPERATION_TIME_LIMIT", "time": {"operating_reset_at": 1790000600}}
    with pytest.raises(errors.MethodBlocked) as caught:
        answers.read(429, json.dumps(answer).encode(), method="some.method")
    assert caught.value.until == 1790000600


def test_a_batch_is_read_item_by_item() -> None:
    """Results, errors and commands that did not run differ, also if PHP sends empty maps as lists."""
    answer = {
        "result": {
            "result": {"c0": 71, "c2": None},
            "result_error": {"c1": {"error": "CANCELED", "error_description": "no"}},
            "result_time": {"c0": {}, "c2": {}},
            "result_total": [],
            "result_next": [],
        }
    }
    items = answers.items(answer, ["c0", "c1", "c2", "c3"], ["m"] * 4, halt=True)
    assert items[0] == answers.Item(result=71)
    assert isinstance(items[1].error, errors.Gone)
    assert items[2] == answers.Item(result=None)
    assert not items[3].ran


@pytest.mark.parametrize(
    ("failed", "halt"),
    [
        pytest.param({}, False, id="nothing failed"),
        pytest.param({}, True, id="nothing failed, though it would have stopped there"),
        pytest.param({"c0": {"error": "CANCELED"}}, False, id="what failed stopped nothing"),
        pytest.param({"c2": {"error": "CANCELED"}}, True, id="what failed stands behind it"),
    ],
)
def test_a_missing_command_has_an_unknown_outcome(failed: dict[str, Any], halt: bool) -> None:  # noqa: FBT001
    """Only behind a failure that stopped the batch a command certainly did not run; elsewhere it is unknown."""
    answer = {"result": {"result": {}, "result_error": failed}}
    item = answers.items(answer, ["c0", "c1", "c2"], ["m"] * 3, halt=halt)[1]
    assert item.ran
    assert isinstance(item.error, errors.Broken)


def test_a_batch_without_errors_may_say_so_with_a_list() -> None:
    """`result_error: []` and a list of results (contiguous keys) are understood."""
    items = answers.items({"result": {"result": [5, 6], "result_error": []}}, ["0", "1"], ["m", "m"])
    assert [item.result for item in items] == [5, 6]


@given(st.binary(max_size=200), st.integers(100, 599))
def test_any_bytes_end_in_a_result_or_one_of_our_errors(body: bytes, status: int) -> None:
    """For any answer, nothing but our own errors is raised."""
    try:
        answers.read(status, body, method="some.method")
    except errors.BotError:
        return


def test_an_error_of_any_length_is_kept_short() -> None:
    """An error's text is shortened, because it goes to the log and the database."""
    found = answers.error({"error": "x" * 10_000, "error_description": "y" * 10**6}, method="app.info")
    assert len(str(found)) < 3000
