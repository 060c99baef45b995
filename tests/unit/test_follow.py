"""/follow, /unfollow and /follows, as conversations."""

from __future__ import annotations

from typing import Any

import pytest

from bot import commands
from bot.commands.subscriptions.follow import MOST
from bot.errors import PortalDown, UserMistake
from bot.feed.subscriptions import describing, reading, rules
from bot.framework.router import Router
from bot.i18n import catalog
from bot.model.effects import Edit, Effect, Say
from bot.model.events import Dialog, MessageId, UserId
from bot.model.records import Follow, Named
from bot.model.state_changes import Following, StateChange, Unfollowing
from tests.choosing import choose
from tests.stand_ins import GROUP, PRIVATE, Conversation, labels

ANNA = Named(code="U7", name="Anna Lind")
OTHER_ANNA = Named(code="U8", name="Anna Berg")
SALES = Named(code="DR3", name="Sales")


NAMES = {"from:7": "Anna Lind", "from:8": "Anna Berg"}


def talk(*topics_: str, dialog: Dialog = GROUP, bot_absent: bool = False) -> Conversation:
    """Make a chat that follows these filters."""
    table = Router().include(commands.router())
    chat = Conversation(router=table, dialog=dialog, bot_absent=bot_absent, keeps=True)
    chat.portal.people = [ANNA, OTHER_ANNA, SALES]
    chat.memory.following = [
        Follow(dialog=dialog, topic=topic, owner=UserId(7), language="en", label=NAMES.get(topic, ""))
        for topic in topics_
    ]
    return chat


def said(effects: list[Effect]) -> str:
    """Return the text of the only answer."""
    (effect,) = effects
    assert isinstance(effect, Say | Edit)
    return effect.content.text


def buttons(effects: list[Effect]) -> list[tuple[str, str]]:
    """Return the commands on the answer's buttons, with their parameters."""
    (effect,) = effects
    assert isinstance(effect, Say | Edit)
    return [(b["COMMAND"], b.get("COMMAND_PARAMS", "")) for b in effect.content.keyboard if "COMMAND" in b]


def following(chat: Conversation) -> list[str]:
    """Return what the chat follows now."""
    return [follow.topic for follow in chat.memory.following]


# --- /follow ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "topic", "named"),
    [
        ("/follow", "all", "all posts"),
        ("/follow all", "all", "all posts"),
        ("/follow важное", "important", "important posts"),
        ("/follow important", "important", "important posts"),
        ("/follow word:launch", "word:launch", "posts with “launch”"),
        ('/follow word:"Launch  Day"', "word:launch day", "posts with “launch day”"),
        ("/follow слово:запуск", "word:запуск", "posts with “запуск”"),
        ('/follow from:"Anna Lind"', "from:7", "posts by Anna Lind"),
        ("/follow from:@berg", "from:8", "posts by Anna Berg"),
        ("/follow @berg", "from:8", "posts by Anna Berg"),
        ("/follow from:U7", "from:7", "posts by U7"),
        ("/follow from:[USER=8]Anna Berg[/USER]", "from:8", "posts by Anna Berg"),
        ("/follow [USER=8]Anna Berg[/USER]", "from:8", "posts by Anna Berg"),
        ('/follow from:"Anna Berg (U8)"', "from:8", "posts by Anna Berg"),
    ],
)
async def test_follow(written: str, topic: str, named: str) -> None:
    """Every way to write a filter is stored in one form, and named in the answer."""
    chat = talk()
    answer = await chat.say(written)
    assert following(chat) == [topic]
    assert said(answer).startswith(f"This chat now follows {named}. ")


async def test_follow_from_a_mention_in_words() -> None:
    """A synonym after a mention, without a slash, does the same."""
    chat = talk()
    assert said(await chat.say("подписаться important")).startswith("This chat now follows important posts.")


async def test_a_subscription_stores_user_and_language() -> None:
    """A subscription stores the user who asked and the language of its cards."""
    chat = talk()
    chat.language = "ru"
    await chat.say("/follow from:@berg")
    assert chat.state_changes == [
        Following(
            dialog=GROUP, topic="from:8", owner=UserId(7), language="ru", label="Anna Berg", owner_name="Anna Lind"
        )
    ]


async def test_a_group_is_told_which_posts_it_will_not_see() -> None:
    """A group is told what it will not see; a private dialog is not."""
    assert "Posts that I do not show are counted" in said(await talk().say("/follow"))
    assert "everyone in this chat may read" in said(await talk().say("/follow word:x"))
    assert "\n" not in said(await talk(dialog=PRIVATE).say("/follow"))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "An extranet user is in this chat"),
        ("de", "In diesem Chat ist jemand aus dem Extranet"),
        ("ru", "В этом чате есть пользователь экстранета"),
    ],
)
async def test_an_extranet_user_prevents_posts(language: str, told: str) -> None:
    """A group with an extranet user is told at /follow, in its language, that no post is shown there."""
    chat = talk()
    chat.language = language
    chat.portal.extranet_dialogs.add(GROUP)
    assert told in said(await chat.say("/follow"))


async def test_an_unknown_audience_is_not_mentioned() -> None:
    """Where the portal does not say who reads in a group, /follow speaks of no extranet user."""
    chat = talk()
    chat.portal.error = PortalDown("no answer", outcome_unknown=False)
    assert "extranet" not in (text := said(await chat.say("/follow")))
    assert "Posts that I do not show are counted" in text


async def test_follow_twice() -> None:
    """Following again is answered so, and changes nothing but the language."""
    chat = talk("all")
    assert said(await chat.say("/follow")).startswith("This chat already follows all posts.")
    assert following(chat) == ["all"]


async def test_an_ambiguous_author_is_a_question() -> None:
    """For a name that several people have, the bot asks with a button for each of them; a press subscribes."""
    chat = talk()
    chat.keeps = True
    (answer,) = await chat.say("/follow from:anna")
    assert isinstance(answer, Say)
    assert labels(answer) == ["Anna Lind (person)", "Anna Berg (person)"]
    assert following(chat) == []
    await choose(chat, answer, 1)
    assert following(chat) == ["from:8"]


async def test_an_unknown_author_is_reported() -> None:
    """An unknown name is answered so, and the command is kept."""
    (answer,) = await talk().say("/follow from:@zoe")
    assert "nobody called “@zoe”" in said([answer])


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("/follow from:sales", "follow.no_person"),
        ("/follow from:all", "follow.no_person"),
        ("/follow friends", "follow.what"),
        ("/follow importantt", "follow.near"),
        ("/follow in:@berg", "follow.no_place"),
        ("/follow -from:sales", "follow.no_person"),
        ("/follow important:maybe", "words.switch"),
        ("/follow 1", "follow.only_number"),
        ("/follow 2 important", "follow.no_number"),
        (f"/follow word:{','.join(map(str, range(21)))}", "follow.many_values"),
        ("/follow -wrd:x", "words.unknown_option"),
        (f"/follow word:{'x' * 101}", "follow.long_word"),
        ("/follow word:", "words.no_value"),
        ("/follow wrod:x", "words.unknown_option"),
    ],
)
async def test_each_wrong_filter_has_a_sentence(written: str, key: str) -> None:
    """Each wrong filter has its own sentence, in every language."""
    chat = talk()
    with pytest.raises(UserMistake) as mistake:
        await chat.say(written)
    assert mistake.value.key == key
    assert all(catalog.sentence(language, key, **mistake.value.values) for language in catalog.languages())
    assert following(chat) == []


async def test_the_number_of_subscriptions_is_limited() -> None:
    """The number of subscriptions is limited; an existing one may be repeated."""
    chat = talk(*(f"word:w{n}" for n in range(MOST)))
    with pytest.raises(UserMistake, match=r"follow\.many"):
        await chat.say("/follow")
    assert "already" in said(await chat.say("/follow word:w3"))


async def test_without_the_bot_nothing_is_followed() -> None:
    """Without the bot in the chat, the answer says how to add it, and nothing is stored."""
    chat = talk(bot_absent=True)
    (answer,) = await chat.say("/follow")
    assert isinstance(answer, Say)
    assert answer.answers
    assert "Add Feedbridge to the chat" in answer.content.text
    assert chat.state_changes == []


# --- /unfollow ----------------------------------------------------------------------------------------------


EVERYTHING = ("all", "important", "from:7", "from:8", "word:launch day")


@pytest.mark.parametrize(
    ("written", "topic"),
    [
        ("/unfollow", None),
        ("/unfollow all", None),
        ("/unfollow все", None),
        ("/unfollow every", "all"),
        ("/unfollow important", "important"),
        ("/unfollow 3", "from:7"),
        ("/unfollow from:@berg", "from:8"),
        ("/unfollow @lind", "from:7"),
        ("/unfollow from:U8", "from:8"),
        ("/unfollow from:[USER=8]Anna Berg[/USER]", "from:8"),
        ('/unfollow word:"launch day"', "word:launch day"),
    ],
)
async def test_unfollow(written: str, topic: str | None) -> None:
    """One subscription ends, however it is named; without an argument, all of them."""
    chat = talk(*EVERYTHING)
    answer = await chat.say(written)
    assert chat.state_changes == [Unfollowing(dialog=GROUP, topic=topic)]
    assert said(answer).startswith("This chat no longer follows")


@pytest.mark.parametrize("topic", EVERYTHING)
async def test_the_button_of_a_topic(topic: str) -> None:
    """A button stops exactly its own filter."""
    chat = talk(*EVERYTHING)
    await chat.press("unfollow", reading.written(rules.read(topic)))
    assert following(chat) == [one for one in EVERYTHING if one != topic]


async def test_the_remaining_subscriptions_are_listed() -> None:
    """After one subscription ended, the answer lists the others."""
    chat = talk("all", "important")
    assert said(await chat.say("/unfollow important")) == (
        "This chat no longer follows important posts. Ended by Anna Lind.\nThis chat follows:\n1. all posts"
    )


@pytest.mark.parametrize("written", ["/unfollow 9", "/unfollow 0", "/unfollow from:@zoe", "/unfollow from:anna"])
async def test_not_followed(written: str) -> None:
    """An unknown or ambiguous filter ends nothing: the answer lists what there is."""
    chat = talk("from:7", "from:8")
    assert said(await chat.say(written)) == (
        "This chat does not follow that.\nThis chat follows:\n1. posts by Anna Lind\n2. posts by Anna Berg"
    )
    assert chat.state_changes == []


async def test_nothing_to_unfollow() -> None:
    """A chat without subscriptions is told so, with a button to follow."""
    answer = await talk().say("/unfollow")
    assert said(answer) == "This chat follows nothing at the moment."
    assert buttons(answer) == [("follow", "every")]


# --- /follows -----------------------------------------------------------------------------------------------


async def test_the_list() -> None:
    """The list shows this chat's subscriptions in order, each with its button, and no others."""
    chat = talk(*EVERYTHING)
    chat.memory.following.append(Follow(dialog=Dialog("chat9"), topic="word:secret", owner=UserId(1), language="en"))
    answer = await chat.say("/follows")
    assert said(answer).splitlines() == [
        "This chat follows:",
        "1. all posts",
        "2. important posts",
        "3. posts by Anna Lind",
        "4. posts by Anna Berg",
        "5. posts with “launch day”",
    ]
    assert len(buttons(answer)) == 5


@pytest.mark.parametrize("topic", [*EVERYTHING, 'word:say "yes", then', "word:a:b"])
async def test_a_press_changes_the_list(topic: str) -> None:
    """A button of the list stops its filter, and updates the list in place."""
    chat = talk("word:first", topic)
    _, stop = buttons(await chat.say("/follows"))
    (answer,) = await chat.press(*stop)
    assert isinstance(answer, Edit)
    assert answer.message == MessageId(500)
    assert following(chat) == ["word:first"]


async def test_a_button_of_an_old_list_stops_nothing_else() -> None:
    """A button of an old list whose filter is gone stops nothing else, and updates the list."""
    chat = talk("all", "important")
    first, _ = buttons(await chat.say("/follows"))
    await chat.press(*first)
    before: list[StateChange] = list(chat.state_changes)
    answer = await chat.press(*first)
    assert said(answer).endswith("1. important posts")
    assert chat.state_changes == before


async def test_the_list_after_the_last_subscription() -> None:
    """After the last subscription, the list says so and offers to follow."""
    chat = talk("all")
    (stop,) = buttons(await chat.say("/follows"))
    answer = await chat.press(*stop)
    told, last = said(answer).split("\n")
    assert told == "This chat no longer follows all posts. Ended by Anna Lind."
    assert last == "This chat follows nothing at the moment."


async def test_the_longest_list_fits() -> None:
    """The most subscriptions with the longest texts fit into one message."""
    chat = talk(*(f"word:{'ж' * 96}{n:04}" for n in range(MOST)))
    assert len(buttons(await chat.say("/follows"))) == MOST


@pytest.mark.parametrize("language", catalog.languages())
def test_every_topic_has_a_name(language: str) -> None:
    """Every kind of filter has a name in every language, and its text is escaped."""
    named: dict[str, Any] = {topic: describing.describe(language, topic, "[b]Anna[/b]") for topic in EVERYTHING}
    assert len(set(named.values())) == len(EVERYTHING) - 1
    assert "[b]" not in repr(named)
