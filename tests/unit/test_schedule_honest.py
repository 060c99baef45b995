"""What a person is told when they schedule a post: that it will be published, or that they will be asked then."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bot.model.effects import Say
from bot.model.events import EventTokens
from tests.composing import PREVIEWS, conversation
from tests.stand_ins import ANNA, NOW

PUBLISHES = {"en": "I will publish this", "de": "Ich veröffentliche das später", "ru": "Опубликую эту запись"}
ASKS = {"en": "I will ask you then", "de": "frage ich Sie dann", "ru": "я спрошу вас"}
LATER, SOON, WEEKLY = "in 2 hours", "in 30 minutes", "every Monday 9:00"


@pytest.mark.parametrize(
    ("stored", "came", "when", "asks"),
    [
        (math.inf, EventTokens(), LATER, False),
        (NOW + 3600, EventTokens(), LATER, True),
        (NOW + 3600, EventTokens(), SOON, False),
        (NOW + 3600, EventTokens(), WEEKLY, True),
        (0.0, EventTokens(access_token="a", expires=int(NOW) + 3600, user=ANNA.id), SOON, False),
        (0.0, EventTokens(access_token="a", expires=int(NOW) + 3600, user=ANNA.id), LATER, True),
        (0.0, EventTokens(access_token="a", refresh_token="r", expires=1, user=ANNA.id), WEEKLY, False),
        (0.0, EventTokens(), SOON, True),
    ],
    ids=["renewable", "an hour", "within it", "weekly", "came", "came, too short", "came, renewable", "none"],
)
@pytest.mark.parametrize("language", ["en", "de", "ru"])
async def test_what_will_happen_is_said(
    language: str,
    stored: float,
    came: EventTokens,
    when: str,
    asks: bool,  # noqa: FBT001 - a value of the table
) -> None:
    """The answer promises a publication only if a token of the person lasts until then."""
    chat = conversation(language=language, event_tokens=came)
    chat.memory.lasting[ANNA.id] = stored
    (said,) = await chat.say(f"/schedule {when} The office closes.")
    assert isinstance(said, Say)
    assert (ASKS[language] in said.content.text) is asks
    assert (PUBLISHES[language] in said.content.text) is not asks


async def test_without_the_secret_no_token_is_renewed() -> None:
    """A refresh token is worth nothing if the service has no secret of the application, and the answer says so."""
    chat = conversation()
    chat.settings = replace(PREVIEWS, renews_tokens=False)
    (said,) = await chat.say("/schedule in 2 hours The office closes.")
    assert isinstance(said, Say)
    assert ASKS["en"] in said.content.text
