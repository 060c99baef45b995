"""/post as a conversation: publish, ask for recipients, report the result."""

from __future__ import annotations

import pytest

from bot import commands
from bot.errors import PortalDown, UserMistake
from bot.feed import error_messages
from bot.feed.relay import cards, changes
from bot.model import effects
from bot.model.effects import Answers, Publish, Say, ShowCard, ShowDraft
from bot.model.events import CommandId, Dialog, MessageId, PostId, UserId
from bot.model.records import Card, Follow, Named, Post
from bot.model.state_changes import CardMade, PostSeen, ReadersAsked
from tests.choosing import choose
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, NOW, PRIVATE, Conversation, labels, puts

PEOPLE = [
    Named(code="DR3", name="Sales"),
    Named(code="SG9", name="Sales Germany"),
    Named(code="U5", name="Tom Berg"),
    Named(code="U6", name="Tom Ahrens"),
    Named(code="DR4", name="HR team"),
]


@pytest.fixture
def chat() -> Conversation:
    """Return a group on a portal with some people."""
    return Conversation(router=commands.router(), portal=StandInPortal(people=PEOPLE))


async def publish(chat: Conversation, text: str) -> Publish:
    """Return the Publish effect of a command."""
    (effect,) = await chat.say(text)
    assert isinstance(effect, Publish)
    return effect


async def answer(chat: Conversation, text: str) -> Say:
    """Return the question that a command causes."""
    (effect,) = await chat.say(text)
    assert isinstance(effect, Say)
    return effect


async def test_a_post_is_published_in_the_authors_name(chat: Conversation) -> None:
    """Recipients, title and every line of the text arrive; it is the author's own post."""
    effect = await publish(chat, '/post to:sales,"HR team" title:"Good news" We won.\n\n  More: http://example.org')
    assert (effect.dest, effect.title) == (["DR3", "DR4"], "Good news")
    assert effect.text == "We won.\n\n  More: http://example.org"
    assert (effect.user, effect.report, effect.since) == (ANNA.id, True, int(NOW))
    assert effect.audience == "Sales, HR team"


@pytest.mark.parametrize(
    ("text", "dest"),
    [
        ("/post Hello", ["UA"]),
        ("/post to:all Hello", ["UA"]),
        ("post to:ALL Hello", ["UA"]),
        ("/пост кому:всем Hello", ["UA"]),
        ("/post to:U5,SG7,DR3,UA Hello", ["U5", "SG7", "DR3", "UA"]),
        ("/post to:[USER=5]Tom Berg[/USER] Hello", ["U5"]),
        ('/post to:"Tom Berg (U5)" to:u5 Hello', ["U5"]),
        ("/post to:berg Hello", ["U5"]),
        ("/post to:@berg Hello", ["U5"]),
        ("/post for:berg Hello", ["U5"]),
        ("/post für:berg Hello", ["U5"]),
    ],
)
async def test_the_forms_of_recipients(chat: Conversation, text: str, dest: list[str]) -> None:
    """No recipient means everybody; codes, names, mentions and a word of a name are understood, each once."""
    assert (await publish(chat, text)).dest == dest


async def test_an_ambiguous_name_is_a_question(chat: Conversation) -> None:
    """For a name that several have, each candidate is a button, and a press publishes the post as it was written."""
    chat.keeps = True
    said = await answer(chat, '/post to:all,tom title:"News" Hello\nthere')
    assert "“tom” could be any of these" in said.content.text
    assert labels(said) == ["Tom Berg (person)", "Tom Ahrens (person)"]
    _, effect = await choose(chat, said)
    assert isinstance(effect, Publish)
    assert (effect.dest, effect.title, effect.text) == (["UA", "U5"], "News", "Hello\nthere")


async def test_part_of_a_word_is_not_enough(chat: Conversation) -> None:
    """Part of a word is not enough to send somebody a post."""
    said = await answer(chat, "/post to:ger Hello")
    assert "not sure who" in said.content.text
    assert labels(said) == ["Sales Germany (group)"]


async def test_an_unknown_name_publishes_nothing(chat: Conversation) -> None:
    """An unknown name publishes nothing and keeps the text."""
    said = await answer(chat, "/post to:@sales Hello")
    assert "nobody called “@sales”" in said.content.text
    assert puts(said) == ["/post to:@sales Hello"]


async def test_an_impossible_id_is_an_unknown_name(chat: Conversation) -> None:
    """A mention with an impossible number is treated as an unknown name."""
    said = await answer(chat, f"/post to:[USER={'7' * 5000}]x[/USER] Hello")
    assert "nobody called" in said.content.text


async def test_long_text_and_a_question(chat: Conversation) -> None:
    """A press works for a text of any length, because the buttons do not contain it."""
    chat.keeps = True
    said = await answer(chat, f"/post to:tom {'x' * 19_000}")
    _, effect = await choose(chat, said, 1)
    assert isinstance(effect, Publish)
    assert (effect.dest, effect.text) == (["U6"], "x" * 19_000)


async def test_many_candidates_are_cut(chat: Conversation) -> None:
    """Many candidates are cut to a readable number, and the answer says that there are more."""
    chat.portal.people = [Named(code=f"U{n}", name=f"Kim {n}") for n in range(1, 30)]
    said = await answer(chat, "/post to:kim Hello")
    assert len(labels(said)) == 8
    assert "There are more" in said.content.text


@pytest.mark.parametrize("text", ["/post", "/post to:sales", '/post title:"x"', "post   "])
async def test_without_a_text_the_composer_opens(chat: Conversation, text: str) -> None:
    """Without a text nothing is published: the composer opens with what was given."""
    (effect,) = await chat.say(text)
    assert isinstance(effect, ShowDraft)
    assert labels(effect) == ["Change", "Cancel"]


@pytest.mark.parametrize("text", ["/post --", "/post [b][/b]"])
async def test_a_text_that_nobody_sees_is_a_mistake(chat: Conversation, text: str) -> None:
    """A text without anything visible is neither published nor kept."""
    assert await chat.mistake(text) == "post.no_text"


@pytest.mark.parametrize(
    ("text", "said", "buttons", "dest"),
    [
        (
            "/post We won to:sales", "Is “to:sales” an option", ["It is an option: to:sales", "It is part of the text"],
            (["DR3"], ["UA"]),
        ),
        ("/post @berg we won", "Is this only for @berg, or for everyone", ["Only for @berg", "For everyone"],
         (["U5"], ["UA"])),
    ],
    ids=["an option after the text", "a name before the text"],
)  # fmt: skip
async def test_possible_recipients_in_the_text_cause_a_question(
    chat: Conversation, text: str, said: str, buttons: list[str], dest: tuple[list[str], list[str]]
) -> None:
    """If the text may name recipients, the bot asks before it publishes; each answer is a button."""
    with pytest.raises(UserMistake) as caught:
        await chat.say(text)
    asked = effects.Say(dialog=GROUP, content=error_messages.answer("en", caught.value))
    assert said in asked.content.text
    assert labels(asked) == buttons
    assert tuple([(await publish(chat, command)).dest for command in puts(asked)]) == dest


async def test_long_commands_are_explained_without_buttons(chat: Conversation) -> None:
    """If the commands are too long for buttons, the answer explains how to write them."""
    with pytest.raises(UserMistake) as caught:
        await chat.say(f"/post {'x' * 19_000} to:sales")
    asked = error_messages.answer("en", caught.value)
    assert asked.keyboard == []
    assert "put -- before the text" in asked.text


async def test_published(chat: Conversation) -> None:
    """The answer is the post's card in this chat: number, audience, and next steps."""
    chat.portal.posts[217] = Post(id=PostId(217), author=ANNA.id, title="News", text="We won.", for_all=True)
    (card,) = await chat.done(await publish(chat, "/post title:News We won."), 217)
    assert isinstance(card, ShowCard)
    assert (card.post, card.dialog, card.report) == (217, GROUP, True)
    assert card.content.text == "Published as 217, for everyone."
    assert card.content.attach["BLOCKS"]
    assert labels(card) == ["Open", "Share...", "Undo", "Follow"]
    assert card.content.keyboard[0]["LINK"] == "https://north.example.com/company/personal/user/7/blog/217/"
    assert card.content.keyboard[1]["ACTION_VALUE"] == "/share 217 to:"
    assert [type(state_change) for state_change in chat.state_changes] == [PostSeen, ReadersAsked, CardMade]


async def test_published_for_some(chat: Conversation) -> None:
    """A post for some people shows no content in a group, only its link."""
    chat.portal.posts[217] = Post(id=PostId(217), author=ANNA.id, title="", text="Secret plan", for_all=False)
    (card,) = await chat.done(await publish(chat, "/post to:sales Secret plan"), 217)
    assert isinstance(card, ShowCard)
    assert card.content.text == "Published as 217, for Sales."
    assert "Secret" not in str(card.content)


async def test_published_privately(chat: Conversation) -> None:
    """In a private dialog its author sees the whole card."""
    chat.dialog = PRIVATE
    chat.portal.posts[217] = Post(id=PostId(217), author=ANNA.id, title="", text="Secret plan", for_all=False)
    (card,) = await chat.done(await publish(chat, "/post to:sales Secret plan"), 217)
    assert isinstance(card, ShowCard)
    assert "Secret plan" in str(card.content.attach)


async def test_published_privately_without_a_read(chat: Conversation) -> None:
    """What a person just wrote is shown to them as it was sent, in their name; the portal is asked nothing."""
    chat.dialog = PRIVATE
    effect = await publish(chat, '/post title:News "We won."')
    chat.portal.error = PortalDown("nothing is to be asked", outcome_unknown=False)
    (card,) = await chat.done(effect, 217)
    assert isinstance(card, ShowCard)
    assert cards.shows_content(card.version)
    for part in ("News", "We won.", ANNA.name):
        assert part in str(card.content.attach)


async def test_published_privately_and_edited(chat: Conversation) -> None:
    """A post that we have read since, and that is not as it was sent, is read again for its card."""
    chat.dialog = PRIVATE
    now = Post(id=PostId(217), author=ANNA.id, title="", text="We lost.", for_all=True)
    chat.portal.posts[217] = now
    chat.memory.seen[217] = changes.seen(now)
    (card,) = await chat.done(await publish(chat, "/post We won."), 217)
    assert isinstance(card, ShowCard)
    assert "We lost." in str(card.content.attach)


async def test_published_privately_and_gone_again(chat: Conversation) -> None:
    """A post that was deleted before its number came back gets no card with its text."""
    chat.dialog = PRIVATE
    chat.memory.gone.add(217)
    (said,) = await chat.done(await publish(chat, "/post We won."), 217)
    assert isinstance(said, Say)
    assert "We won" not in said.content.text


async def test_published_while_reads_fail(chat: Conversation) -> None:
    """If the post cannot be read back, the confirmation shows it as it was sent."""
    effect = await publish(chat, "/post We won.")
    chat.portal.error = PortalDown("slow", outcome_unknown=True)
    (card,) = await chat.done(effect, 217)
    assert isinstance(card, ShowCard)
    assert "Published as 217" in card.content.text


async def test_published_after_the_relay(chat: Conversation) -> None:
    """If the relay was faster there is still one card, and a plain answer."""
    chat.memory.shown = [Card(post=PostId(217), dialog=GROUP, version="v", message=MessageId(9), made_at=NOW)]
    (said,) = await chat.done(await publish(chat, "/post We won."), 217)
    assert isinstance(said, Say)
    assert "Published as 217" in said.content.text


async def test_published_where_the_bot_is_absent(chat: Conversation) -> None:
    """In a chat without the bot, the result is the command's answer, without a card."""
    chat.bot_absent = True
    effect = await publish(chat, "/post We won.")
    (said,) = await chat.done(effect, 217)
    assert isinstance(said, Say)
    assert said.answers == Answers(
        command=CommandId(3), message=MessageId(500), asker=ANNA.id, dialog=chat.dialog, received_at=chat.now
    )
    assert labels(said) == ["Open", "Share...", "Undo"]
    assert chat.state_changes == []


async def test_following_already(chat: Conversation) -> None:
    """A chat that follows gets no button to follow."""
    chat.portal.posts[217] = Post(id=PostId(217), author=ANNA.id, title="", text="We won.", for_all=True)
    chat.memory.following = [Follow(dialog=GROUP, topic="all", owner=UserId(7), language="en")]
    (card,) = await chat.done(await publish(chat, "/post We won."), 217)
    assert isinstance(card, ShowCard)
    assert labels(card) == ["Open", "Share...", "Undo"]


async def test_a_post_deleted_before_its_result_has_no_card(chat: Conversation) -> None:
    """A post that is deleted before its result is handled gets no card with its text."""
    (said,) = await chat.done(await publish(chat, "/post We won."), 217)
    assert isinstance(said, Say)
    assert "We won" not in said.content.text


async def test_a_refusal_keeps_the_recipients(chat: Conversation) -> None:
    """A refusal says why and keeps the command with the recipients that were found."""
    effect = await publish(chat, '/post to:sales title:"Good news" -- to: is a word')
    told = {"code": "SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR", "text": "No destination specified"}
    (said,) = await chat.failed(effect, **told)
    assert isinstance(said, Say)
    assert said.dialog == GROUP
    assert said.content.text.startswith("The post was not published. You may not write to any of these recipients.")
    assert puts(said) == ['/post to:DR3 title:"Good news" -- to: is a word']


async def test_an_unknown_outcome_is_explained(chat: Conversation) -> None:
    """With an unknown outcome the answer says so, and where to look."""
    effect = await publish(chat, "/post We won.")
    (said,) = await chat.failed(effect, "PortalDown", outcome_unknown=True)
    assert isinstance(said, Say)
    assert "did not say whether the post was published" in said.content.text
    assert puts(said) == ["/post We won."]


async def test_names_are_harmless(chat: Conversation) -> None:
    """A name cannot add markup to our sentences."""
    chat.portal.people = [Named(code="SG1", name="[USER=all]x[/USER]")]
    chat.portal.posts[217] = Post(id=PostId(217), author=ANNA.id, title="", text="Hello", for_all=False)
    effect = await publish(chat, '/post to:"[USER=all]x[/USER]" Hello')
    (card,) = await chat.done(effect, 217)
    assert isinstance(card, ShowCard)
    assert "[USER" not in card.content.text
    assert Dialog(card.dialog) == GROUP
