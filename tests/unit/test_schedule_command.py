"""Posts that are published later, as conversations: typed, pressed and by mention, with mistakes."""

from __future__ import annotations

import pytest

from bot.model.effects import Effect, Publish, Say
from bot.model.events import Dialog, Event, PostDue
from bot.model.state_changes import TimerCancelled, TimerSet
from tests.composing import conversation
from tests.stand_ins import ANNA, GROUP, NOW, PRIVATE, Conversation, labels

HOUR = 3600.0
DAY = 24 * HOUR


@pytest.fixture
def chat() -> Conversation:
    """Return Anna's own dialog with the bot."""
    return conversation()


def timers(chat: Conversation) -> dict[str, tuple[float, Event]]:
    """Return the timers that are set, by their keys: when each is due, and its event."""
    found: dict[str, tuple[float, Event]] = {}
    for change in chat.state_changes:
        if isinstance(change, TimerSet):
            found[change.key] = (change.at, change.event)
        elif isinstance(change, TimerCancelled):
            found.pop(change.key, None)
    return {key: one for key, one in found.items() if isinstance(one[1], PostDue)}


async def pass_time(chat: Conversation, *, late: float = 0.0) -> list[Effect]:
    """Let the only timer of a scheduled post become due, and return what the bot does then."""
    ((at, event),) = timers(chat).values()
    chat.now = at + late
    chat.state_changes = []
    return await chat.hear(event)


async def test_a_post_is_published_at_its_time_and_once(chat: Conversation) -> None:
    """The text is shown with its time at once, published when it is due, and not a second time."""
    (card,) = await chat.say("/schedule in 2 hours to:sales title:News We won.")
    assert isinstance(card, Say)
    assert card.content.text == "I will publish this Sunday, June 15, 2025, 5:06\u202fPM (UTC): News"
    assert "We won." in str(card.content.attach)
    assert labels(card) == ["Publish now", "Cancel"]
    ((at, event),) = timers(chat).values()
    assert at == NOW + 2 * HOUR
    (publish,) = await pass_time(chat)
    assert isinstance(publish, Publish)
    assert (publish.title, publish.text, publish.dest) == ("News", "We won.", ["DR3"])
    assert (publish.user, publish.dialog, publish.since) == (ANNA.id, PRIVATE, int(NOW + 2 * HOUR))
    assert await chat.hear(event) == []
    assert chat.memory.waiting == {}


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        (
            "en", "/schedule tomorrow 9:00 We won.",
            "I will publish this Monday, June 16, 2025, 9:00\u202fAM (UTC): We won.",
        ),
        (
            "ru", "/schedule завтра в 9 Мы победили.",
            "Опубликую этот пост, время публикации: понедельник, 16 июня 2025\u202fг., 09:00 (UTC). Мы победили.",
        ),
        (
            "de", "/schedule morgen um 9 Uhr Gewonnen.",
            "Ich veröffentliche das später (Montag, 16. Juni 2025, 09:00 (UTC)): Gewonnen.",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("dialog", [PRIVATE, GROUP])
async def test_each_language_writes_its_own_times(language: str, text: str, said: str, dialog: Dialog) -> None:
    """A time in the words of a language is understood, in private and in a group, and answered in that language."""
    chat = conversation(dialog, language=language)
    (card,) = await chat.say(text)
    assert isinstance(card, Say)
    assert card.dialog == dialog
    assert card.content.text.replace("\u202f", " ") == said.replace("\u202f", " ")
