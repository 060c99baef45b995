"""The quiet line of a chat: what it counts, and that an extranet user came or left, without naming anybody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import PortalDown
from bot.feed.relay import quiet
from bot.model.effects import DeleteCard, EditCard, Effect, Say, ShowCard
from bot.model.events import PostAdded, PostId, QuietToSay
from bot.model.state_changes import ExtranetSeen, ExtranetTold, QuietOff
from tests.feeding import FIRST, OTHER, POST, PRIVATE_POST, SECOND, everything, follow, stand, talk, text, updated
from tests.stand_ins import GROUP, PORTAL, PRIVATE, Conversation, labels

CAME = {
    "en": "An extranet user is in this chat now",
    "de": "In diesem Chat ist jetzt jemand aus dem Extranet",
    "ru": "Теперь в этом чате есть пользователь экстранета",
}
LEFT = {
    "en": "There is no extranet user in this chat any more",
    "de": "In diesem Chat ist niemand mehr aus dem Extranet",
    "ru": "В этом чате больше нет пользователей экстранета",
}


async def day_ends(chat: Conversation) -> list[Effect]:
    """Let the line of today be said, if there is one to say."""
    return await chat.hear(QuietToSay(portal=PORTAL, dialog=GROUP, day=quiet.today(chat.now)))


async def posted(chat: Conversation, number: int, *, for_all: bool = True) -> list[Effect]:
    """Let a new post appear."""
    post = replace(FIRST if for_all else PRIVATE_POST, id=PostId(number))
    chat.portal.posts[post.id] = post
    return await chat.hear(PostAdded(portal=PORTAL, post=post.id))


@pytest.mark.parametrize("language", ["en", "de", "ru"])
async def test_the_line_says_that_an_extranet_user_joined_and_left(language: str) -> None:
    """The chat is told in its language when posts stop and when they come again, in one message, with no name."""
    chat = talk(follow(GROUP, language=language))
    await stand(chat)
    chat.portal.extranet_dialogs.add(GROUP)
    chat.now += 40
    assert len([one for one in await chat.say("hello") if isinstance(one, EditCard)]) == 1
    (came,) = await day_ends(chat)
    assert isinstance(came, ShowCard)
    assert text(came).startswith(CAME[language])
    assert not [word for word in ("Anna", "coffee", "/user/", "217") if word in everything(came)]
    assert await chat.done(came, 901) == []
    assert await day_ends(chat) == []
    chat.portal.extranet_dialogs.clear()
    (card,) = await posted(chat, 5)
    assert "coffee" in everything(card)
    (left,) = await day_ends(chat)
    assert isinstance(left, EditCard)
    assert (left.message, text(left).startswith(LEFT[language])) == (901, True)


async def test_the_count_and_its_reason_are_in_one_message() -> None:
    """A post for all that is now withheld is counted in the same message that gives the reason."""
    chat = talk(follow(GROUP))
    chat.portal.extranet_dialogs.add(GROUP)
    assert await posted(chat, 5) == []
    (line,) = await day_ends(chat)
    count, why = text(line).split("\n")
    assert count.startswith("Posts today that not everyone here may read: 1 (")
    assert why.startswith(CAME["en"])


async def test_the_next_day_does_not_repeat_the_reason() -> None:
    """A new day has a new line, which counts and does not repeat what was told."""
    chat = talk(follow(GROUP))
    chat.portal.extranet_dialogs.add(GROUP)
    await posted(chat, 5)
    (first,) = await day_ends(chat)
    await chat.done(first, 901)
    chat.now += 24 * 3600
    await posted(chat, 6)
    (second,) = await day_ends(chat)
    assert isinstance(second, ShowCard)
    assert CAME["en"] not in text(second)
    assert "may read: 1 (" in text(second)


async def test_a_user_who_left_before_the_line_is_not_mentioned() -> None:
    """If an extranet user joins and leaves before the line is sent, it does not mention them."""
    chat = talk(follow(GROUP))
    chat.portal.extranet_dialogs.add(GROUP)
    await posted(chat, 5)
    chat.memory.quiet.clear()
    chat.portal.extranet_dialogs.clear()
    await posted(chat, 6)
    assert await day_ends(chat) == []


async def test_what_follow_said_is_not_repeated() -> None:
    """After /follow told that an extranet user is there, the line only counts; when they leave it says so."""
    chat = talk()
    chat.portal.extranet_dialogs.add(GROUP)
    await chat.say("/follow")
    await posted(chat, 5)
    (line,) = await day_ends(chat)
    assert CAME["en"] not in text(line)
    await chat.done(line, 901)
    chat.portal.extranet_dialogs.clear()
    await posted(chat, 6)
    (left,) = await day_ends(chat)
    assert LEFT["en"] in text(left)


async def test_follow_without_extranet_users_stores_nothing() -> None:
    """In a chat without extranet users, /follow stores nothing about them, and the line does not mention them."""
    chat = talk()
    await chat.say("/follow")
    await posted(chat, 5)
    assert not [
        state_change for state_change in chat.state_changes if isinstance(state_change, ExtranetSeen | ExtranetTold)
    ]
    assert await day_ends(chat) == []


async def test_no_answer_about_extranet_users_is_not_mentioned() -> None:
    """If the portal does not answer the question, the line does not mention extranet users."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.now += 40
    chat.portal.error = PortalDown("no answer", outcome_unknown=False)
    await chat.say("hello")
    assert await day_ends(chat) == []
    assert not [state_change for state_change in chat.state_changes if isinstance(state_change, ExtranetSeen)]


async def test_other_dialogs_are_not_told() -> None:
    """Private dialogs, and chats without subscriptions, are told nothing about extranet users."""
    chat = talk(follow(PRIVATE), follow(OTHER))
    await stand(chat)
    chat.memory.following.clear()
    chat.portal.extranet_dialogs |= {PRIVATE, OTHER}
    chat.portal.posts[POST] = SECOND
    await chat.hear(updated())
    assert {state_change.dialog for state_change in chat.state_changes if isinstance(state_change, ExtranetSeen)} == {
        OTHER
    }
    assert await chat.hear(QuietToSay(portal=PORTAL, dialog=OTHER, day=quiet.today(chat.now))) == []


async def test_a_change_while_the_line_is_being_sent_is_an_edit() -> None:
    """While a line is being sent there is no second one; afterwards it is edited."""
    chat = talk(follow(GROUP))
    chat.portal.grouped, chat.portal.mixed = {5, 6}, {GROUP}
    await posted(chat, 5, for_all=False)
    (line,) = await day_ends(chat)
    await posted(chat, 6, for_all=False)
    assert await day_ends(chat) == []
    (more,) = await chat.done(line, 901)
    assert isinstance(more, EditCard)
    assert "may read: 2 (" in text(more)


async def test_a_deleted_line_is_sent_again() -> None:
    """If the message was deleted, a new line is sent, and later edited."""
    chat = talk(follow(GROUP))
    chat.portal.grouped, chat.portal.mixed = {5, 6, 7}, {GROUP}
    await posted(chat, 5, for_all=False)
    (line,) = await day_ends(chat)
    await chat.done(line, 901)
    await posted(chat, 6, for_all=False)
    (edit,) = await day_ends(chat)
    assert isinstance(edit, EditCard)
    (_, again) = await chat.failed(edit, error="Gone")
    assert isinstance(again, ShowCard)
    assert text(again) == text(edit)
    await chat.done(again, 902)
    await posted(chat, 7, for_all=False)
    (more,) = await day_ends(chat)
    assert isinstance(more, EditCard)
    assert (more.message, "may read: 3 (" in text(more)) == (902, True)


async def test_a_line_that_is_refused_twice_is_sent_again() -> None:
    """A portal that refuses every edit of the line for an unknown reason gets a new line after the second edit."""
    chat = talk(follow(GROUP))
    chat.portal.grouped, chat.portal.mixed = {5, 6, 7}, {GROUP}
    await posted(chat, 5, for_all=False)
    (line,) = await day_ends(chat)
    await chat.done(line, 901)
    for post in (6, 7):
        await posted(chat, post, for_all=False)
        (edit,) = await day_ends(chat)
        effects = await chat.failed(edit, code="SOMETHING_NEW")
        assert [type(effect) for effect in effects] == ([] if post == 6 else [DeleteCard, ShowCard])


async def test_a_line_lists_only_the_latest_times() -> None:
    """All posts are counted; of their times only the latest are listed."""
    chat = talk(follow(GROUP))
    chat.portal.mixed = {GROUP}
    for number in range(1000, 1000 + quiet.LONGEST + 5):
        chat.portal.grouped.add(number)
        await posted(chat, number, for_all=False)
    (line,) = await day_ends(chat)
    assert f"may read: {quiet.LONGEST + 5} (" in text(line)
    assert text(line).count("[url=") == quiet.LONGEST


async def test_the_button_switches_the_line_off() -> None:
    """The line has one button, which switches it off and confirms this."""
    chat = talk(follow(GROUP))
    chat.portal.grouped, chat.portal.mixed = {5}, {GROUP}
    await posted(chat, 5, for_all=False)
    (line,) = await day_ends(chat)
    assert isinstance(line, ShowCard)
    assert labels(line) == ["Turn this line off"]
    [button] = line.content.keyboard
    assert (button["COMMAND"], button["COMMAND_PARAMS"]) == ("unfollow", quiet.LINE)


WAYS_OFF = [
    ("en", "/unfollow quiet"),
    ("de", "/abbestellen leise"),
    ("ru", "/unfollow тихо"),
    ("en", "/unfollow QUIET"),
    ("en", "/unfollow qui\N{SOFT HYPHEN}et"),
    ("de", "/abbestellen \N{FULLWIDTH LATIN SMALL LETTER L}eise"),
]
WAYS_ON = [
    ("en", "/follow quiet"),
    ("de", "/folgen leise"),
    ("ru", "/подписаться тихо"),
    ("en", "/follow Quiet"),
    ("en", "/follow qui\N{SOFT HYPHEN}et"),
]


@pytest.mark.parametrize(("language", "typed"), WAYS_OFF)
async def test_the_way_back_is_named(language: str, typed: str) -> None:
    """The answer that turns the line off names the command and has the button that turn it on again."""
    chat = talk(follow(GROUP, language=language))
    chat.language = language
    (said,) = await chat.say(typed)
    assert isinstance(said, Say)
    assert "/follow quiet" in said.content.text
    (button,) = said.content.keyboard
    assert (button["COMMAND"], button["COMMAND_PARAMS"]) == ("follow", "quiet")
    assert chat.state_changes == [QuietOff(dialog=GROUP)]


@pytest.mark.parametrize(("language", "typed"), WAYS_ON)
async def test_the_line_comes_back(language: str, typed: str) -> None:
    """Turned on again, by button or command, it counts; the answer has the button that turns it off."""
    chat = talk(follow(GROUP, language=language))
    chat.language = language
    for by_button in (True, False):
        await chat.say("/unfollow quiet")
        assert chat.memory.silenced == {GROUP}
        (said,) = await (chat.press("follow", "quiet") if by_button else chat.say(typed))
        assert isinstance(said, Say)
        assert chat.memory.silenced == set()
        assert [one["COMMAND"] for one in said.content.keyboard] == ["unfollow"]
    chat.portal.grouped, chat.portal.mixed = {5}, {GROUP}
    await posted(chat, 5, for_all=False)
    assert len(await day_ends(chat)) == 1


async def test_what_a_chat_follows_says_that_the_line_is_off() -> None:
    """/follows and /follow tell the truth about the line, and name the way back."""
    chat = talk(follow(GROUP))
    (before,) = await chat.say("/follows")
    assert isinstance(before, Say)
    assert "quiet" not in before.content.text
    (counted,) = await chat.say("/follow important")
    assert isinstance(counted, Say)
    assert counted.content.text.endswith("are counted, in one line a day.")
    await chat.say("/unfollow quiet")
    (listed,) = await chat.say("/follows")
    (followed,) = await chat.say("/follow")
    for said in (listed, followed):
        assert isinstance(said, Say)
        assert "/follow quiet" in said.content.text
    assert isinstance(listed, Say)
    assert labels(listed)[-1] == "Turn the daily line on"


async def test_two_things_at_once_are_a_mistake() -> None:
    """`quiet` beside another filter changes nothing."""
    chat = talk()
    assert await chat.mistake("/follow quiet word:soup") == "follow.what"
    assert chat.state_changes == []


async def test_an_absent_bot_has_no_line() -> None:
    """In a chat without the bot nothing is turned on or off."""
    chat = talk()
    chat.bot_absent = True
    for typed in ("/follow quiet", "/unfollow quiet"):
        (said,) = await chat.say(typed)
        assert isinstance(said, Say)
        assert "not a member" in said.content.text
    assert chat.state_changes == []
