"""The outcome of an attempt: every error, for effects that may be repeated, searched for, or neither."""

from __future__ import annotations

import math

import pytest

from bot.bitrix.outbound import calls
from bot.bitrix.outbound.batching import ALONE_AFTER
from bot.bitrix.outbound.calls import Again
from bot.errors import (
    ApplicationRefused,
    BotError,
    Broken,
    Gone,
    MethodBlocked,
    PortalDown,
    Refused,
    StoreError,
    TokenExpired,
    TokenRefused,
    TooBig,
    TooFast,
)
from bot.model import effects, events, ordering
from bot.model.effects import Content, CrmEntity, Effect
from bot.model.events import Dialog, MessageId, PostId, UserId
from bot.model.queued import Outcome, WaitingEffect
from bot.pipeline.outcomes import BLOCKED_AT_MOST, BLOCKED_FOR, Outcomes
from bot.retry import GIVE_UP, RetryPolicy
from tests.stand_ins import PORTAL

NOW = 1000.0
STEP, HALF, SETTLE = 2.0, 10.0, 60.0
"""The wait after the second attempt, half the age of the effect, and the wait before looking for what arrived."""
MOST = 8
ENDINGS = Outcomes(retry_policy=RetryPolicy(attempts=MOST, first=1.0, settle=SETTLE, random=lambda: 1.0))
GROUP, USER = Dialog("chat42"), UserId(7)

SAY = effects.Say(dialog=GROUP, content=Content(text="hi"))
PUBLISH = effects.Publish(dialog=GROUP, user=USER, text="hi", dest=["UA"], since=1)
CRM_POST = effects.CrmPost(dialog=GROUP, user=USER, entity=CrmEntity(type="deal", id=42), text="hi", since=1)
CRM_COMMENT = effects.CrmComment(dialog=GROUP, user=USER, entity=CrmEntity(type="deal", id=42), text="hi", since=1)
SHOW = effects.ShowCard(dialog=GROUP, post=PostId(217), version="v1", content=Content(text="card"))
EDIT_CARD = effects.EditCard(
    dialog=GROUP, post=PostId(217), version="v2", message=MessageId(5), content=Content(text="card")
)
BIND = effects.BindEvent(event="ONLIVEFEEDPOSTADD", handler="https://bot.example.com/events")
KINDS: list[Effect] = [SAY, PUBLISH, CRM_POST]
"""One that is repeated, one that is looked for, one that is never sent twice."""


def row(effect: Effect, *, attempts: int = 1, outcome_unknown: bool = False, age: float = 2 * HALF) -> WaitingEffect:
    """Make an effect that has failed once before."""
    return WaitingEffect(
        id=5,
        portal=PORTAL,
        ordering_key=ordering.of_effect(effect),
        kind=type(effect).__name__,
        key="k",
        effect=effect,
        token_owner=f"user:{effect.user}" if isinstance(effect, effects.ByUser) else "install",
        report=effect.report,
        created_at=NOW - age,
        attempts=attempts,
        due_at=0.0,
        outcome_unknown=outcome_unknown,
        urgency=0,
        weight=9,
    )


def blocked(until: float | None) -> MethodBlocked:
    """Make the error of a method over its operating time limit."""
    error = MethodBlocked("OPERATION_TIME_LIMIT", "blocked", status=429)
    error.until = until
    return error


LATER = [  # the error, seconds to wait, whether it may have worked, whether the attempt counts
    pytest.param(TooFast("QUERY_LIMIT_EXCEEDED", status=503), 0.0, False, False, id="too fast"),
    pytest.param(blocked(NOW + 90), 90.0, False, False, id="blocked until a time"),
    pytest.param(blocked(NOW - 5), 1.0, False, False, id="blocked until a time that has passed"),
    pytest.param(blocked(None), BLOCKED_FOR, False, False, id="blocked, nobody says for how long"),
    pytest.param(blocked(math.inf), BLOCKED_AT_MOST, False, False, id="blocked forever"),
    pytest.param(blocked(NOW + 1e9), BLOCKED_AT_MOST, False, False, id="blocked for years"),
    pytest.param(PortalDown("refused", outcome_unknown=False), HALF, False, False, id="no connection"),
    pytest.param(StoreError("database is locked", passing=True), HALF, False, False, id="our own database, busy"),
    pytest.param(StoreError("the key is not the one"), STEP, False, True, id="our own database, wrong"),
    pytest.param(TokenExpired("expired_token", status=401), STEP, False, True, id="a token that ran out"),
    pytest.param(ApplicationRefused("invalid_client", status=401), STEP, False, True, id="our application is refused"),
    pytest.param(Broken("INTERNAL_SERVER_ERROR", status=500), STEP, True, True, id="internal error"),
]


@pytest.mark.parametrize("effect", KINDS, ids=lambda effect: type(effect).__name__)
@pytest.mark.parametrize(("error", "wait", "outcome_unknown", "counted"), LATER)
def test_errors_that_are_retried(
    error: BotError,
    wait: float,
    outcome_unknown: bool,  # noqa: FBT001
    counted: bool,  # noqa: FBT001
    effect: Effect,
) -> None:
    """After these errors an effect is retried: when, with an unknown outcome or not, counted or not."""
    end = ENDINGS.failed(row(effect), error, NOW)
    assert (end.state, end.due_at, end.outcome_unknown, end.counted) == ("later", NOW + wait, outcome_unknown, counted)
    assert end.report is None


@pytest.mark.parametrize(
    ("effect", "wait"),
    [
        pytest.param(SAY, HALF, id="message"),
        pytest.param(CRM_POST, HALF, id="CRM feed: told then"),
        pytest.param(PUBLISH, SETTLE, id="post: may still be under way"),
        pytest.param(CRM_COMMENT, SETTLE, id="comment: may still be under way"),
    ],
)
def test_a_broken_connection_leaves_an_unknown_outcome(effect: Effect, wait: float) -> None:
    """The attempt does not count; only an effect that needs a search waits until the request must have ended."""
    end = ENDINGS.failed(row(effect), PortalDown("cut", outcome_unknown=True), NOW)
    assert (end.state, end.due_at, end.outcome_unknown, end.counted) == ("later", NOW + wait, True, True)


def test_unanswered_attempts_count_until_an_effect_is_sent_alone() -> None:
    """So a portal that was down for long does not use up the attempts of the effects."""
    cut = PortalDown("cut", outcome_unknown=True)
    assert [ENDINGS.failed(row(SAY, attempts=number), cut, NOW).counted for number in range(4)] == [
        number < ALONE_AFTER for number in range(4)
    ]


@pytest.mark.parametrize("effect", KINDS, ids=lambda effect: type(effect).__name__)
@pytest.mark.parametrize(
    "error",
    [Refused("ACCESS_DENIED", status=403), Gone("CANCELED"), TooBig("ATTACH_OVERSIZE"), Refused("", "No.")],
    ids=["refused", "gone", "too big", "an error without a code"],
)
def test_a_refused_effect_is_dead_at_once(error: BotError, effect: Effect) -> None:
    """A refusal ends the effect, even after an attempt with unknown outcome, because it was searched for."""
    for outcome_unknown in (False, True):
        end = ENDINGS.failed(row(effect, attempts=0, outcome_unknown=outcome_unknown), error, NOW)
        assert (end.state, failed(end).outcome_unknown, failed(end).error) == ("dead", False, type(error).__name__)


def failed(end: Outcome) -> events.Failed:
    """Return the report for the handlers."""
    assert end.report
    assert isinstance(end.report.event, events.Failed)
    return end.report.event


def test_a_refused_token_is_retried_for_the_installer_only() -> None:
    """The installer's refused token is retried, a person's is not: their next message brings a new one."""
    refused = TokenRefused("invalid_token", status=401)
    ours, theirs = ENDINGS.failed(row(SAY), refused, NOW), ENDINGS.failed(row(PUBLISH), refused, NOW)
    assert (ours.state, ours.due_at, ours.outcome_unknown, ours.counted) == ("later", NOW + STEP, False, True)
    assert theirs.state == "dead"


def test_an_edit_of_a_card_outlasts_internal_errors() -> None:
    """An edit may have to remove content, so it is not given up after a few internal errors."""
    broken = Broken("INTERNAL_SERVER_ERROR", status=500)
    assert ENDINGS.failed(row(EDIT_CARD, attempts=MOST), broken, NOW).state == "later"
    assert ENDINGS.failed(row(SAY, attempts=MOST), broken, NOW).state == "dead"
    assert ENDINGS.failed(row(EDIT_CARD, attempts=MOST, age=GIVE_UP + 1), broken, NOW).state == "dead"


@pytest.mark.parametrize(
    "error",
    [
        Broken("INTERNAL_SERVER_ERROR"),
        TokenExpired("expired_token"),
        TokenRefused("invalid_token"),
        StoreError("the key is not the one"),
    ],
)
def test_a_counted_effect_has_a_limited_number_of_attempts(error: BotError) -> None:
    """Attempts that count are limited; then the effect is dead."""
    assert ENDINGS.failed(row(SAY, attempts=MOST - 2), error, NOW).state == "later"
    assert ENDINGS.failed(row(SAY, attempts=MOST - 1), error, NOW).state == "dead"


@pytest.mark.parametrize(
    "error",
    [
        TooFast("QUERY_LIMIT_EXCEEDED"),
        blocked(NOW + 5),
        PortalDown("x", outcome_unknown=False),
        PortalDown("x", outcome_unknown=True),
        StoreError("locked", passing=True),
    ],
)
def test_an_unanswered_effect_is_given_up_after_a_day(error: BotError) -> None:
    """It is given up after a day, if it was tried since then, because the clock may have been set."""
    assert ENDINGS.failed(row(SAY, attempts=500, age=GIVE_UP - 1), error, NOW).state == "later"
    assert ENDINGS.failed(row(SAY, attempts=MOST - 1, age=GIVE_UP + 1), error, NOW).state == "dead"
    first = ENDINGS.failed(row(SAY, attempts=0, age=GIVE_UP + 1), error, NOW)
    assert (first.state, first.counted) == ("later", True)


@pytest.mark.parametrize(
    ("error", "unknown_before", "outcome_unknown"),
    [
        pytest.param(Broken("INTERNAL_SERVER_ERROR"), False, True, id="the last attempt may have worked"),
        pytest.param(PortalDown("cut", outcome_unknown=True), False, True, id="the last answer did not come"),
        pytest.param(PortalDown("off", outcome_unknown=False), True, True, id="an earlier attempt may have worked"),
        pytest.param(PortalDown("off", outcome_unknown=False), False, False, id="it never left"),
    ],
)
def test_an_unknown_outcome_is_reported(error: BotError, unknown_before: bool, outcome_unknown: bool) -> None:  # noqa: FBT001
    """The report of a post that is given up says whether it may have been published."""
    old = row(PUBLISH, attempts=MOST - 1, outcome_unknown=unknown_before, age=GIVE_UP + 1)
    assert failed(ENDINGS.failed(old, error, NOW)).outcome_unknown is outcome_unknown


def test_a_refused_batch_is_retried_at_once() -> None:
    """The attempt counts, so that after some attempts each effect is sent alone."""
    end = ENDINGS.refused_together(row(PUBLISH, outcome_unknown=True), Refused("", "No."), NOW)
    assert (end.state, end.due_at, end.outcome_unknown, end.counted) == ("later", NOW, True, True)
    last = ENDINGS.refused_together(row(SAY, attempts=MOST - 1), Refused("", "No."), NOW)
    assert last.state == "dead"


@pytest.mark.parametrize("outcome_unknown", [False, True])
def test_an_effect_that_a_batch_did_not_reach_is_retried(outcome_unknown: bool) -> None:  # noqa: FBT001
    """It is retried at once; the attempt does not count, and its outcome is as known as before."""
    end = ENDINGS.unreached(row(SAY, outcome_unknown=outcome_unknown), NOW)
    assert (end.state, end.due_at, end.outcome_unknown, end.counted) == ("later", NOW, outcome_unknown, False)


def test_an_existing_binding_is_done() -> None:
    """An error that says that the wanted state exists counts as success."""
    assert ENDINGS.failed(row(BIND), Refused("", "Handler already binded"), NOW).state == "done"


# --- What comes back as an event ------------------------------------------------------------------------------


def test_success_is_reported_only_on_request() -> None:
    """Done is reported for effects with `report`, Failed for every effect."""
    assert ENDINGS.done(row(SAY), 71).report is None
    asked = ENDINGS.done(row(effects.Say(dialog=GROUP, content=Content(text="hi"), report=True)), {"id": 71})
    assert asked.report
    assert isinstance(asked.report.event, events.Done)
    assert (asked.report.event.result, asked.report.event.kind, asked.report.event.effect_id) == (71, "Say", 5)
    assert ENDINGS.failed(row(SAY), Gone("CANCELED"), NOW).report


def reporting(effect: Effect, result: object) -> str:
    """Return the ordering key of a success event."""
    waiting = row(effect)
    end = ENDINGS.done(
        WaitingEffect(**{name: getattr(waiting, name) for name in waiting.__slots__} | {"report": True}), result
    )
    assert end.report
    assert end.report.key == "end:5"
    return end.report.ordering_key


@pytest.mark.parametrize(
    ("effect", "result", "ordering_key"),
    [
        pytest.param(SAY, 71, "dialog:chat42", id="a message: its dialog"),
        pytest.param(PUBLISH, 217, "post:217", id="a post that stands: the post"),
        pytest.param(PUBLISH, "217", "dialog:chat42", id="a result that is no id: the dialog"),
        pytest.param(SHOW, 900, "post:217", id="a card: its post"),
        pytest.param(EDIT_CARD, True, "post:217", id="a card's edit: its post"),
        pytest.param(CRM_COMMENT, 3, "dialog:chat42", id="a comment: the dialog"),
        pytest.param(BIND, True, f"setup:{BIND.event}", id="an event: by itself"),
    ],
)
def test_a_result_has_the_ordering_key_of_its_post_or_dialog(effect: Effect, result: object, ordering_key: str) -> None:
    """The result of a card or post has the post's ordering key, any other its dialog's."""
    assert reporting(effect, result) == ordering_key


def test_a_failed_post_has_the_ordering_key_of_its_dialog() -> None:
    """Without a published post there is no ordering key of a post."""
    end = ENDINGS.failed(row(PUBLISH), Refused(""), NOW)
    assert end.report
    assert end.report.ordering_key == "dialog:chat42"


def test_a_restart_delays_exactly_what_is_searched_for() -> None:
    """The kinds that the store delays after a restart are those that need a search before a retry."""
    look = {
        type(effect).__name__
        for effect in (SAY, PUBLISH, CRM_POST, CRM_COMMENT, SHOW, EDIT_CARD, BIND)
        if calls.again(effect, "v2") is Again.LOOK
    }
    assert look == {kind.__name__ for kind in ordering.LOOKED_FOR} == {"Publish", "CrmComment"}
