"""The judgement of errors: the table in bot/errors.py agrees with the classes."""

from __future__ import annotations

import inspect
import re

import pytest

from bot import errors
from bot.errors import (
    ApplicationRefused,
    ApplicationUnset,
    AuthorizationDown,
    BadEvent,
    BotError,
    BotTokenReplaced,
    Broken,
    ConfigError,
    Gone,
    Judgement,
    MethodBlocked,
    NoBotToken,
    NotOurs,
    Overtaken,
    PortalDown,
    PortalError,
    Refused,
    StoreError,
    TokenExpired,
    TokenRefused,
    TooBig,
    TooFast,
    judge,
)

EXAMPLES: dict[str, list[Exception]] = {
    "TooFast, MethodBlocked": [TooFast("QUERY_LIMIT_EXCEEDED"), MethodBlocked("OPERATION_TIME_LIMIT")],
    "PortalDown": [PortalDown("cut", outcome_unknown=True), PortalDown("refused", outcome_unknown=False)],
    "AuthorizationDown": [AuthorizationDown("503")],
    "Broken": [Broken("INTERNAL_SERVER_ERROR")],
    "TokenExpired": [TokenExpired("expired_token")],
    "TokenRefused": [TokenRefused("invalid_token")],
    "ApplicationRefused": [ApplicationRefused("invalid_client")],
    "ApplicationUnset": [ApplicationUnset("app.client_id")],
    "Refused, Gone": [Refused("ACCESS_DENIED"), Gone("CANCELED")],
    "TooBig": [TooBig("ATTACH_OVERSIZE")],
    "StoreError, passing": [StoreError("database is locked", passing=True)],
    "StoreError, other": [StoreError("NOT NULL constraint failed")],
    "Overtaken": [Overtaken("a card changed meanwhile")],
    "ConfigError": [ConfigError("server.port")],
    "NoBotToken": [NoBotToken("no_bot_token")],
    "BotTokenReplaced": [BotTokenReplaced("another")],
    "BadEvent, NotOurs": [BadEvent("no event"), NotOurs("unknown")],
    "any other exception": [RuntimeError("a mistake of ours")],
}
"""Errors for each row of the table."""
SAID = {"yes": True, "no": False}


def table() -> dict[str, list[str]]:
    """Read the table in the docstring: the first cell of each row, and the others."""
    rule = re.compile(r"^=[= ]+=$", re.MULTILINE)
    _, _, rows, _ = rule.split(inspect.getdoc(errors) or "")
    cells = [re.split(r" {2,}", line.strip()) for line in rows.strip().splitlines()]
    return {name: rest for name, *rest in cells}


def test_the_table_has_every_class() -> None:
    """An error class that is missing in the table, or in this test, fails."""
    named = {name for row in table() for name in re.findall(r"\w+Error|[A-Z]\w+", row)}
    classes = {
        name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, BotError)
    } - {"BotError", "PortalError"}  # never raised themselves
    assert named == classes
    assert table().keys() == EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_table_says_what_the_classes_say(name: str) -> None:
    """Each row of the table in the docstring holds for its errors."""
    retry, counts, happened, paused, fault = table()[name]
    for error in EXAMPLES[name]:
        judgement = judge(error)
        assert judgement.retry.name.lower() == retry
        assert judgement.counts.name.lower() == counts.removeprefix("while ")
        expected = error.outcome_unknown if isinstance(error, PortalDown) else SAID[happened]
        assert judgement.outcome_unknown is expected
        assert judgement.pauses_portal is SAID[paused]
        assert judgement.fault.name.lower() == fault


@pytest.mark.parametrize(
    ("error", "as_person", "as_installer"),
    [
        pytest.param(TokenRefused("invalid_token"), False, True, id="a refused token"),
        pytest.param(Broken("INTERNAL_SERVER_ERROR"), True, True, id="an internal error"),
        pytest.param(Refused("ACCESS_DENIED"), False, False, id="a refusal"),
    ],
)
def test_a_refused_token_is_tried_again_only_as_the_installer(
    error: BotError,
    as_person: bool,  # noqa: FBT001
    as_installer: bool,  # noqa: FBT001
) -> None:
    """A new installation renews the installer's token; other errors do not ask whose token it was."""
    judgement = judge(error)
    assert judgement.retries(as_installer=False) is as_person
    assert judgement.retries(as_installer=True) is as_installer


def test_a_class_without_a_judgement_is_judged_like_a_defect() -> None:
    """A class without a judgement is treated like any exception: counted, and not repeated."""
    assert judge(BotError("x")) == judge(PortalError("X")) == judge(KeyError("x")) == Judgement()
