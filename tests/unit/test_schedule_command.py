"""Posts that are published later, as conversations: typed, pressed and by mention, with mistakes."""

from __future__ import annotations

import pytest

from bot.errors import TokenRefused, UserMistake
from bot.feed.scheduling import due, scheduling
from bot.model.effects import Edit, Effect, Publish, Say
from bot.model.events import Dialog, Event, PostDue
from bot.model.state_changes import TimerCancelled, TimerSet
from tests.composing import TOM, button, conversation, draft_of, press, shown
from tests.stand_ins import ANNA, GROUP, NOW, PRIVATE, Conversation, labels, puts

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


NOTHING_WAITS = "You have no scheduled post 1: it was published or cancelled. /schedule lists what waits."


async def refused(chat: Conversation, name: str, params: str) -> str:
    """Press a button that does nothing any more, and return the only answer, which is for the presser alone."""
    (said,) = await chat.press(name, params)
    assert isinstance(said, Say)
    assert said.dialog == str(chat.who.id)
    return said.content.text


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
            "I will publish this Friday, August 15, 2025, 9:00\u202fAM (UTC): We won.",
        ),
        (
            "ru", "/schedule завтра в 9 Мы победили.",
            "Опубликую эту запись, время публикации: пятница, 15 августа 2025\u202fг., 09:00 (UTC). Мы победили.",
        ),
        (
            "de", "/schedule morgen um 9 Uhr Gewonnen.",
            "Ich veröffentliche das später (Freitag, 15. August 2025, 09:00 (UTC)): Gewonnen.",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("dialog", [PRIVATE, GROUP])
async def test_each_language_writes_its_own_times(language: str, text: str, said: str, dialog: Dialog) -> None:
    """A time in the words of a language is understood, in private and in a group, and answered in that language."""
    chat = conversation(dialog, language=language)
    chat.now += 60 * DAY
    (card,) = await chat.say(text)
    assert isinstance(card, Say)
    assert card.dialog == dialog
    assert card.content.text.replace("\u202f", " ") == said.replace("\u202f", " ")


async def test_the_draft_of_the_dialog_is_scheduled(chat: Conversation) -> None:
    """A time without a text schedules the draft, whose card then shows the time."""
    await shown(chat, "/post to:sales title:News We won.")
    (card,) = await chat.say("/schedule in 2 hours")
    assert isinstance(card, Edit)
    assert "I will publish this" in card.content.text
    assert draft_of(chat) is None
    (publish,) = await pass_time(chat)
    assert isinstance(publish, Publish)
    assert (publish.title, publish.text, publish.dest) == ("News", "We won.", ["DR3"])


@pytest.mark.parametrize(
    ("language", "later", "label", "hours"),
    [
        ("en", "Later", "In an hour", 1.0), ("ru", "Позже", "Через час", 1.0), ("de", "Später", "In einer Stunde", 1.0),
        ("en", "Later", "Tomorrow 9:00", 17.8889), ("en", "Later", "Monday 9:00", 17.8889),
    ],
)  # fmt: skip
async def test_the_card_of_a_draft_schedules_it(language: str, later: str, label: str, hours: float) -> None:
    """Later shows a few times; a press of one ends the draft and sets its time, in each language."""
    chat = conversation(language=language)
    card = await shown(chat, "/post We won.")
    (choices,) = await press(chat, card, later)
    assert isinstance(choices, Edit)
    (done,) = await press(chat, choices, label)
    assert isinstance(done, Edit)
    ((at, _),) = timers(chat).values()
    assert at == pytest.approx(NOW + hours * HOUR, abs=1.0)


async def test_another_time_is_asked_for(chat: Conversation) -> None:
    """Another time: a message in private answers; one that is no time gets an example, and the draft stays."""
    card = await shown(chat, "/post We won.")
    (choices,) = await press(chat, card, "Later")
    assert isinstance(choices, Edit)
    await press(chat, choices, "Another time")
    assert await chat.mistake("some day") == "times.unreadable"
    (done,) = await chat.say("every Monday 9:00")
    assert isinstance(done, Edit)
    assert "every Monday" in done.content.text


async def test_a_press_of_later_by_somebody_else_does_nothing() -> None:
    """In a group, only the owner of a draft schedules it."""
    chat = conversation(GROUP)
    card = await shown(chat, "/post We won.")
    (choices,) = await press(chat, card, "Later")
    assert isinstance(choices, Edit)
    chat.who = TOM
    (word,) = await press(chat, choices, "In an hour")
    assert isinstance(word, Say)
    assert (word.dialog, "somebody else" in word.content.text) == (str(TOM.id), True)
    assert chat.memory.waiting == {}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/schedule some day We won.", "times.unreadable"),
        ("/schedule tomorrow We won.", "times.no_time"),
        ("/schedule every 9:00 We won.", "times.no_weekday"),
        ("/schedule 2020-01-01 9:00 We won.", "dates.past"),
        ("/schedule 2066-01-01 9:00 We won.", "dates.far"),
        ("/schedule 3/4 9:00 We won.", "dates.unclear"),
        ("/schedule tomorrow 9:00", "schedule.no_text"),
        ("/schedule in 2 hours important:today We won.", "schedule.important_before"),
        ("/schedule cancel 3", "schedule.none"),
        ("/schedule in 2 hours to:", "words.no_value"),
    ],
)
async def test_a_mistake_schedules_nothing(chat: Conversation, text: str, key: str) -> None:
    """Each mistake has its own sentence, and nothing is stored."""
    chat.now = NOW + 7 * HOUR  # the evening, so that two hours later is another day
    assert await chat.mistake(text) == key
    assert chat.memory.waiting == {}


async def test_a_mistake_keeps_the_command(chat: Conversation) -> None:
    """The mistake has the whole command, which a button puts back."""
    with pytest.raises(UserMistake) as caught:
        await chat.say("/schedule tomorrow to:sales title:News We won.")
    assert caught.value.values["written"] == "/schedule tomorrow to:sales title:News We won."


async def test_a_person_has_twenty_at_most(chat: Conversation) -> None:
    """The next one is refused with the number; one that is cancelled makes room."""
    for _ in range(scheduling.MOST):
        await chat.say("/schedule in 2 hours We won.")
    assert await chat.mistake("/schedule in 2 hours We won.") == "schedule.full"
    await chat.say("/schedule cancel 7")
    await chat.say("/schedule in 2 hours We won.")
    assert len(chat.memory.waiting) == scheduling.MOST


async def test_the_list_is_paged_and_its_buttons_edit_it(chat: Conversation) -> None:
    """Five posts are on a page, each with two buttons; a press cancels one and shows what is left."""
    for hours in range(1, 8):
        await chat.say(f"/schedule in {hours} hours Text {hours}")
    (said,) = await chat.say("/schedule")
    assert isinstance(said, Say)
    assert [f"Text {one}" in said.content.text for one in range(1, 8)] == [True] * 5 + [False] * 2
    (more,) = await press(chat, said, "Next")
    assert isinstance(more, Edit)
    assert "Text 7" in more.content.text
    (left,) = await press(chat, said, "2: Cancel")
    assert isinstance(left, Edit)
    assert "Text 2" not in left.content.text
    assert "Text 6" in left.content.text
    publish, left = await press(chat, said, "1: Publish now")
    assert isinstance(publish, Publish)
    assert publish.text == "Text 1"
    assert await refused(chat, *button(said, "1: Publish now")) == NOTHING_WAITS


async def test_a_list_in_a_group_is_shown_in_private() -> None:
    """Texts that are not published yet are not shown to a group."""
    chat = conversation(GROUP)
    await chat.say("/schedule in 2 hours We won.")
    hint, said = await chat.say("/schedule")
    assert isinstance(hint, Say)
    assert isinstance(said, Say)
    assert "We won." not in hint.content.text
    assert (said.dialog, "We won." in said.content.text) == (str(ANNA.id), True)


async def test_a_button_of_an_earlier_post_does_not_mean_a_later_one(chat: Conversation) -> None:
    """A number is used again, but the button of the post that had it before does nothing."""
    (first,) = await chat.say("/schedule in 2 hours First")
    assert isinstance(first, Say)
    await press(chat, first, "Cancel")
    chat.now += 60
    await chat.say("/schedule in 2 hours Second")
    assert await refused(chat, *button(first, "Publish now")) == NOTHING_WAITS
    assert [one.post.text for one in chat.memory.waiting.values()] == ["Second"]


async def test_a_cancelled_post_can_be_put_back(chat: Conversation) -> None:
    """The text of a cancelled post is in a button, and its timer is removed."""
    (card,) = await chat.say("/schedule in 2 hours to:sales We won.")
    assert isinstance(card, Say)
    (closed,) = await press(chat, card, "Cancel")
    assert isinstance(closed, Edit)
    assert [one["ACTION_VALUE"] for one in closed.content.keyboard] == ["/post to:DR3 We won."]
    assert timers(chat) == {}


async def test_a_weekly_post_goes_on(chat: Conversation) -> None:
    """After each publication the next one is a week later."""
    await chat.say("/schedule every Monday 9:00 Report")
    ((first, _),) = timers(chat).values()
    (publish,) = await pass_time(chat)
    assert isinstance(publish, Publish)
    ((second, _),) = timers(chat).values()
    assert second - first == 7 * DAY


async def test_two_presses_publish_a_weekly_post_once(chat: Conversation) -> None:
    """A second press of the same button does not publish a post of every week again; the next week it comes."""
    (card,) = await chat.say("/schedule every Monday 9:00 Report")
    assert isinstance(card, Say)
    publish, _closed = await press(chat, card, "Publish now")
    assert isinstance(publish, Publish)
    assert await refused(chat, *button(card, "Publish now")) == NOTHING_WAITS
    (again,) = await pass_time(chat)
    assert isinstance(again, Publish)


@pytest.mark.parametrize(
    ("text", "key"),
    [("/schedule in 2 hours to:sales Hi", "once"), ("/schedule every Monday 9:00 to:sales Hi", "weekly")],
)
async def test_without_a_token_the_author_is_asked_once(chat: Conversation, text: str, key: str) -> None:
    """Nothing is published without the author's rights: they are asked, and a press publishes."""
    await chat.say(text)
    chat.portal.error = TokenRefused("expired_token", "", method="", status=401)
    (asked,) = await pass_time(chat)
    assert isinstance(asked, Say)
    assert labels(asked) == ["Publish now", "Cancel"]
    chat.portal.error = None
    (publish, *_) = await press(chat, asked, "Publish now")
    assert isinstance(publish, Publish)
    assert bool(chat.memory.waiting) is (key == "weekly")


async def test_an_unanswered_question_ends_the_post(chat: Conversation) -> None:
    """A day after the question the post is not published, and its text is in a button."""
    await chat.say("/schedule in 2 hours Hi")
    chat.portal.error = TokenRefused("expired_token", "", method="", status=401)
    await pass_time(chat)
    (ended,) = await pass_time(chat)
    assert isinstance(ended, Say)
    assert puts(ended) == ["/post Hi"]
    assert chat.memory.waiting == {}


async def test_a_late_service_asks_first(chat: Conversation) -> None:
    """A post whose time has passed by more than an hour is asked about."""
    await chat.say("/schedule in 2 hours Hi")
    (asked,) = await pass_time(chat, late=due.LATE + 1)
    assert isinstance(asked, Say)
    assert "I could not publish this post" in asked.content.text


async def test_a_recipient_that_is_gone_stops_the_post(chat: Conversation) -> None:
    """If a department does not exist any more, nothing is published, and the text is in a button."""
    await chat.say("/schedule in 2 hours to:sales Hi")
    chat.portal.people = [one for one in chat.portal.people if one.code != "DR3"]
    (said,) = await pass_time(chat)
    assert isinstance(said, Say)
    assert "do not exist any more" in said.content.text
    assert puts(said) == ["/post to:DR3 Hi"]
    assert chat.memory.waiting == {}


async def test_an_importance_that_is_over_is_left_out(chat: Conversation) -> None:
    """A weekly post is important until the day that its author chose, and ordinary afterwards."""
    await chat.say("/schedule every Monday 9:00 important:2025-06-20 Hi")
    found = []
    for _ in range(2):
        (publish,) = await pass_time(chat)
        assert isinstance(publish, Publish)
        found.append(publish.important)
    assert found == [True, False]


async def test_the_card_shows_all_that_will_be_published() -> None:
    """What the card of a scheduled post shows is what its button publishes: also tags, importance and link preview."""
    chat = conversation(GROUP)
    text = "/schedule tomorrow 9:00 important:2030-12-01 tags:cake,tea background:sunset See https://example.org"
    (said,) = await chat.say(text)
    assert isinstance(said, Say)
    (grid,) = [block["GRID"] for block in said.content.attach["BLOCKS"] if "GRID" in block]
    shown = {row["NAME"]: row["VALUE"] for row in grid}
    assert (shown["Tags"], shown["Background"], shown["Link preview"]) == ("cake, tea", "sunset", "shown")
    assert "December 1, 2030" in shown["Importance"]


async def test_a_button_of_somebody_else_is_answered_quietly() -> None:
    """A press by another person in the group publishes and cancels nothing, and is answered in private."""
    chat = conversation(GROUP)
    (said,) = await chat.say("/schedule tomorrow 9:00 We won.")
    assert isinstance(said, Say)
    chat.who = TOM
    for label in ("Publish now", "Cancel"):
        (word,) = await press(chat, said, label)
        assert isinstance(word, Say)
        assert word.dialog == str(TOM.id)
    assert len(await chat.memory.scheduled(ANNA.id)) == 1


@pytest.mark.parametrize(
    ("text", "shown_there"),
    [
        ('/poll "Lunch at one?" Yes | No', ("Lunch at one?", "○ Yes", "○ No")),
        ('/thanks "Tom Berg (U5)" For the cake.', ("For the cake.", "Tom Berg")),
    ],
)
async def test_a_poll_and_thanks_can_wait(text: str, shown_there: tuple[str, ...]) -> None:
    """A poll or thanks that is published later is shown whole, and published whole by the button."""
    chat = conversation()
    card = await shown(chat, text)
    (choices,) = await press(chat, card, "Later")
    assert isinstance(choices, Edit)
    (waits,) = [one for one in await press(chat, choices, "In an hour") if isinstance(one, Edit)]
    for part in shown_there:
        assert part in str(waits.content.attach)
    made = next(one for one in await press(chat, waits, "Publish now") if isinstance(one, Publish))
    assert made.poll or made.thanks
