"""What people are told while the portal delays an action on a post."""

from __future__ import annotations

import msgspec
import pytest

from bot import feed
from bot.model import effects
from bot.model.effects import ByUser, Say
from bot.model.events import Delayed, Dialog, PostId, UserId
from tests.stand_ins import PORTAL, Conversation

WHERE = {"dialog": Dialog("7"), "user": UserId(7), "post": PostId(217)}
ACTIONS = {
    "change": effects.ChangePost(**WHERE, command="edit", written="hi", text="hi", before=""),  # type: ignore[arg-type]
    "delete": effects.DeletePost(**WHERE),  # type: ignore[arg-type]
    "comment": effects.CommentOnPost(**WHERE, text="hi", since=1),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("action", ACTIONS)
async def test_each_action_has_its_notice(action: str) -> None:
    """The notice names the action and the post, and is dropped if the action ends before it."""
    effect: ByUser = ACTIONS[action]
    event = Delayed(portal=PORTAL, effect_id=5, kind=type(effect).__name__, effect=msgspec.to_builtins(effect))
    (said,) = await Conversation(router=feed.router()).hear(event)
    assert isinstance(said, Say)
    assert action in said.content.text
    assert "post 217" in said.content.text
    assert said.about == 5
