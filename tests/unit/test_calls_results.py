"""The results of REST calls."""

from __future__ import annotations

from typing import Any

import pytest

from bot.bitrix.outbound import calls
from bot.errors import Gone, Refused
from bot.model import effects
from bot.model.effects import Content
from bot.model.events import Dialog

SAY = effects.Say(dialog=Dialog("chat42"), content=Content(text="Hello"))
BIND = effects.BindEvent(event="ONLIVEFEEDPOSTADD", handler="https://bridge.example.com/events")


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        pytest.param(71, 71, id="v1: an id"),
        pytest.param({"id": 71, "uuidMap": []}, 71, id="v2: an object with an id"),
        pytest.param({"bot": {"id": 90, "code": "feedbridge"}, "users": []}, 90, id="v2: a bot"),
        pytest.param({"command": {"id": 18, "botId": 90}}, 18, id="v2: a command"),
        pytest.param({"result": True}, {"result": True}, id="v2: done"),
        pytest.param(True, True, id="v1: done"),
        pytest.param(None, None, id="nothing"),
        pytest.param([], [], id="an empty list"),
    ],
)
def test_the_id_of_a_result_is_returned(result: Any, outcome: Any) -> None:
    """Results of both generations give the id if there is one, else themselves."""
    assert calls.outcome(result) == outcome


def test_an_existing_binding_counts_as_success() -> None:
    """The error of a second binding counts as success; the same text elsewhere, and other errors, do not."""
    twice = Refused("", "Unable to set event handler: Handler already binded")
    assert calls.fine(BIND, twice)
    assert calls.fine(BIND, Refused("ERROR_CORE", "Unable to set event handler"))
    assert not calls.fine(BIND, Refused("ERROR_WRONG_HANDLER_URL", "Unable to set event handler: Wrong handler URL"))
    assert not calls.fine(SAY, twice)
    assert not calls.fine(BIND, Refused("ERROR_EVENT_NOT_FOUND", "Event not found"))
    assert not calls.fine(BIND, Gone("NOT_FOUND", "binded"))
