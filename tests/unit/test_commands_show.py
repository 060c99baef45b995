"""/show as a conversation: the card goes where everybody may read the post."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot import commands
from bot.model.effects import DeleteCard, Effect, Say, ShowCard
from bot.model.events import MessageId, PostId, UserId
from bot.model.records import Post
from bot.model.state_changes import CardMade
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, NOW, PRIVATE, Conversation

POST = Post(id=PostId(217), author=UserId(8), title="News", text="We won.", for_all=True)
SECRET = replace(POST, for_all=False)


def talk(post: Post = POST, **more: Any) -> Conversation:
    """Return a conversation on a portal with a post."""
    return Conversation(router=commands.router(), portal=StandInPortal(posts={217: post}), **more)


def words(effects: list[Effect]) -> list[str]:
    """Return what each effect shows: "card" for the content of the post."""
    shown = []
    for one in effects:
        assert isinstance(one, Say | ShowCard)
        shown.append(f"{'card' if 'We won.' in repr(one.content) else 'text'} in {one.dialog}")
    return shown


@pytest.mark.parametrize("text", ["/show 217", "/показать №217", "/show /company/personal/user/8/blog/217/"])
@pytest.mark.parametrize("dialog", [PRIVATE, GROUP])
async def test_a_post_for_everybody_is_shown_here(dialog: Any, text: str) -> None:
    """The card is kept up to date afterwards, so it is a card of the relay."""
    chat = talk(dialog=dialog)
    made = await chat.say(text)
    assert words(made) == [f"card in {dialog}"]
    assert isinstance(made[0], ShowCard)
    assert any(isinstance(one, CardMade) for one in chat.state_changes)


async def test_an_older_card_of_the_dialog_moves() -> None:
    """One card of a post is in a dialog: the older message is deleted."""
    chat = talk(keeps=True)
    (card,) = await chat.say("/show 217")
    chat.memory.learn(CardMade(post=POST.id, dialog=GROUP, version="v:full", message=MessageId(900)), NOW)
    deleted, again = await chat.say("/show 217")
    assert isinstance(card, ShowCard)
    assert isinstance(deleted, DeleteCard)
    assert (deleted.message, isinstance(again, ShowCard)) == (900, True)


@pytest.mark.parametrize(
    ("post", "extranet"), [(SECRET, False), (POST, True)], ids=["not for everybody", "an extranet user reads"]
)
async def test_in_a_group_that_may_not_read_it(post: Post, extranet: bool) -> None:  # noqa: FBT001 - a column of the table
    """The card is in the asker's own dialog, where it is kept up to date; the group gets a sentence without content."""
    chat = talk(post)
    chat.portal.extranet_dialogs |= {GROUP} if extranet else set()
    made = await chat.say("/show 217")
    assert words(made) == [f"text in {GROUP}", f"card in {PRIVATE}"]
    assert isinstance(made[1], ShowCard)


async def test_a_post_of_a_department_in_its_chat() -> None:
    """A post for a department is shown in a chat whose members all belong to it."""
    chat = talk(SECRET)
    chat.portal.grouped.add(217)
    assert words(await chat.say("/show 217")) == [f"card in {GROUP}"]


@pytest.mark.parametrize("dialog", [PRIVATE, GROUP])
async def test_what_the_asker_may_only_open(dialog: Any) -> None:
    """An administrator gets the link of a post that is not in their feed, in private, because no card would be kept."""
    chat = talk(SECRET, dialog=dialog)
    chat.portal.not_in_feed.add((217, ANNA.id))
    made = await chat.say("/show 217")
    assert words(made)[-1] == f"text in {PRIVATE}"
    assert isinstance(made[-1], Say)
    assert made[-1].content.keyboard[0]["LINK"] == "https://north.example.com/company/personal/user/8/blog/217/"
    assert dialog == PRIVATE or "LINK" not in repr(made[0])


@pytest.mark.parametrize("dialog", [GROUP, "9"], ids=["a group", "two people"])
async def test_where_the_bot_is_no_member(dialog: Any) -> None:
    """Who reads there is unknown, so the card is in the asker's own dialog only."""
    made = await talk(dialog=dialog, bot_absent=True).say("/show 217")
    assert words(made)[1] == f"card in {PRIVATE}"
    assert "We won." not in repr(made[0])


@pytest.mark.parametrize(("text", "key"), [("/show", "posts.no_id"), ("/show it", "posts.no_number")])
async def test_mistakes(text: str, key: str) -> None:
    """Without a post nothing is shown."""
    assert await talk().mistake(text) == key


async def test_a_hidden_post_does_not_exist() -> None:
    """For a person who may not read a post the answer is the same as if it did not exist."""
    chat = talk()
    chat.portal.hidden_from.add((217, ANNA.id))
    assert await chat.mistake("/show 217") == await chat.mistake("/show 999") == "posts.none"
