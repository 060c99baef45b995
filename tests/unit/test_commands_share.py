"""/share as a conversation: more recipients, cards in chats, and the result of both."""

from __future__ import annotations

import pytest

from bot import commands
from bot.model.effects import DeleteCard, Say, SayAs, Share, ShowCard
from bot.model.events import Dialog, MessageId, PostId, UserId
from bot.model.records import Named, Post
from bot.model.state_changes import CardMade, PostSeen
from tests.choosing import choices
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, BOT, GROUP, PRIVATE, Conversation, labels

POST = Post(id=PostId(217), author=UserId(8), title="News", text="We won.", for_all=True)


@pytest.fixture
def chat() -> Conversation:
    """Return a group on a portal with a post and some people."""
    people = [Named(code="DR3", name="Sales"), Named(code="U5", name="Tom Berg"), Named(code="U6", name="Tom Ahrens")]
    return Conversation(router=commands.router(), portal=StandInPortal(people=people, posts={217: POST}))


@pytest.mark.parametrize(
    "text",
    [
        "/share 217 to:sales,berg",
        "/share #217 to:sales to:@berg",
        "share to:sales,U5 217",
        "/поделиться 217 кому:sales,berg",
        "/share https://north.example.com/company/personal/user/8/blog/217/ to:sales,berg",
    ],
)
async def test_people_are_added_with_the_users_rights(chat: Conversation, text: str) -> None:
    """People are added with the asking user's rights."""
    (effect,) = await chat.say(text)
    assert isinstance(effect, Share)
    assert (effect.post, effect.dest[0], effect.dest[1], effect.user) == (217, "DR3", "U5", ANNA.id)
    assert effect.report


async def test_the_confirmation_names_the_recipients(chat: Conversation) -> None:
    """The confirmation names who has the post now."""
    (effect,) = await chat.say("/share 217 to:sales,all")
    (said,) = await chat.done(effect)
    assert isinstance(said, Say)
    assert (said.dialog, said.content.text) == (GROUP, "Post 217 is now also for Sales, everyone.")


async def test_a_failure_is_explained(chat: Conversation) -> None:
    """A failure says why; without a code, by the error text."""
    (effect,) = await chat.say("/share 217 to:sales")
    (said,) = await chat.failed(effect, code="", text="No read perms")
    assert isinstance(said, Say)
    assert said.content.text == "Post 217 was not shared. Only the author or an administrator may do that."
    (said,) = await chat.failed(effect, "PortalDown", outcome_unknown=True)
    assert isinstance(said, Say)
    assert "did not say whether post 217 was shared" in said.content.text


async def test_card_in_a_chat(chat: Conversation) -> None:
    """Another chat gets a link in the user's name, without content, because nobody would remove it later."""
    (effect,) = await chat.say("/share 217 to:chat9")
    assert isinstance(effect, SayAs)
    assert (effect.dialog, effect.asked_in, effect.user, effect.bot) == ("chat9", GROUP, ANNA.id, BOT)
    assert not effect.url_preview
    assert effect.content.attach == {}
    assert effect.content.text == "A post in the News Feed, number 217."
    assert [item["TEXT"] for item in effect.content.menu] == ["Open", "Follow"]
    assert labels(effect) == ["Open"]
    (said,) = await chat.done(effect, 900)
    assert isinstance(said, Say)
    assert (said.dialog, said.content.text) == (GROUP, "The card is in [chat=9]chat9[/chat].")


async def test_card_and_people(chat: Conversation) -> None:
    """A chat and people in one command: each is done once, each reports its result."""
    found = await chat.say("/share 217 to:chat9,sales,[CHAT=9]Lunch room[/CHAT]")
    assert [type(effect) for effect in found] == [Share, SayAs]


async def test_card_here(chat: Conversation) -> None:
    """The card in this chat is kept up to date: the relay empties it if the post is narrowed or deleted."""
    (effect,) = await chat.say("/share 217 to:here")
    assert isinstance(effect, ShowCard)
    assert effect.dialog == GROUP
    assert [type(state_change) for state_change in chat.state_changes] == [PostSeen, CardMade]


async def test_card_here_again(chat: Conversation) -> None:
    """A second card in a chat replaces the first, so that one message is kept up to date."""
    stands = CardMade(post=PostId(217), dialog=GROUP, version="first:full", message=MessageId(900))
    chat.memory.learn(stands, chat.now)
    gone, again = await chat.say("/share 217 to:here")
    assert isinstance(gone, DeleteCard)
    assert gone.message == 900
    assert isinstance(again, ShowCard)


async def test_no_card_in_a_dialog_with_a_colleague(chat: Conversation) -> None:
    """In a dialog with a colleague the bot shows no card: it would appear in the colleague's own dialog."""
    chat.dialog = Dialog("8")
    (effect,) = await chat.say("/share 217 to:here")
    assert isinstance(effect, SayAs)
    assert effect.content.attach == {}


async def test_card_in_private(chat: Conversation) -> None:
    """In a private dialog with the bot, the bot shows the card."""
    chat.dialog = PRIVATE
    (shown,) = await chat.say("/share 217 to:here")
    assert isinstance(shown, ShowCard)
    assert shown.content.attach


@pytest.mark.parametrize("extranet", [set(), {"chat9"}], ids=["for some", "extranet in the chat"])
async def test_card_without_content(chat: Conversation, extranet: set[str]) -> None:
    """Where not everybody may read the post, the answer says so without its content."""
    chat.portal.extranet_dialogs = extranet
    chat.portal.posts[217] = Post(
        id=PostId(217), author=UserId(8), title="Secret", text="Secret plan", for_all=bool(extranet)
    )
    (effect,) = await chat.say("/share 217 to:chat9")
    assert isinstance(effect, SayAs)
    assert "Secret" not in str(effect.content)
    assert "/user/8/" not in str(effect.content)


async def test_card_refused(chat: Conversation) -> None:
    """The user is told where the card was refused, and why."""
    (effect,) = await chat.say("/share 217 to:chat9")
    (said,) = await chat.failed(effect, code="ACCESS_ERROR", text="Action unavailable")
    assert isinstance(said, Say)
    assert said.dialog == Dialog(GROUP)
    assert said.content.text == "The card did not arrive in [chat=9]chat9[/chat]. You may not write there."


@pytest.mark.parametrize("text", ["/share 218 to:chat9", "/share 217 to:chat9"], ids=["no such post", "not for Anna"])
async def test_an_invisible_post_is_not_shared(chat: Conversation, text: str) -> None:
    """A post that the user cannot see is not shown to others in their name."""
    chat.portal.hidden_from = {(217, int(ANNA.id))}
    assert await chat.mistake(text) == "share.no_post"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/share", "share.no_id"),
        ("/share 217", "share.no_to"),
        ("/share to:sales", "share.no_id"),
        ("/share news to:sales", "posts.no_number"),
        ('/share 217 to:"sales" now', "words.extra"),
    ],
)
async def test_each_mistake_has_a_sentence(chat: Conversation, text: str, key: str) -> None:
    """Each missing part has its own sentence."""
    assert await chat.mistake(text) == key


async def test_an_ambiguous_name_is_a_question(chat: Conversation) -> None:
    """If several have the name, the bot asks before it does anything."""
    (said,) = await chat.say("/share 217 to:chat9,tom")
    assert isinstance(said, Say)
    assert list(choices(said)) == ["Tom Berg (person)", "Tom Ahrens (person)"]
