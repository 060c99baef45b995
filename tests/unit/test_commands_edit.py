"""/edit, /append and /title as conversations: what changes, what stays, and what is answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot import commands
from bot.bitrix.outbound import calls
from bot.errors import POST_OVERTAKEN, UserMistake
from bot.feed import error_messages
from bot.model.effects import ChangePost, Say
from bot.model.events import Person, PostId, UserId
from bot.model.records import Post
from tests.stand_in_memory import known_portal
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, puts

POST = Post(id=PostId(217), author=ANNA.id, title="Friday", text="We close at four.", for_all=True)
UNTITLED = replace(POST, id=PostId(218), title="")


def talk(**more: Any) -> Conversation:
    """Return a conversation on a portal with two posts, one without a title of its own."""
    return Conversation(router=commands.router(), portal=StandInPortal(posts={217: POST, 218: UNTITLED}), **more)


def params(effect: object) -> dict[str, Any]:
    """Return what is sent to the portal."""
    assert isinstance(effect, ChangePost)
    call = calls.call(effect, known_portal(), key="k")
    assert call.method == "log.blogpost.update"
    return call.params


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        pytest.param("/edit 217 At five.", {"POST_TITLE": "Friday", "POST_MESSAGE": "At five."}, id="edit"),
        pytest.param("/edit 218 At five.", {"POST_MESSAGE": "At five."}, id="edit without a title"),
        pytest.param("/edit #217: At five.", {"POST_TITLE": "Friday", "POST_MESSAGE": "At five."}, id="number sign"),
        pytest.param(
            "/edit https://north.example.com/company/personal/user/7/blog/218/ At\nfive.",
            {"POST_MESSAGE": "At\nfive."},
            id="link",
        ),
        pytest.param(
            "/append 217 Or five.",
            {"POST_TITLE": "Friday", "POST_MESSAGE": "We close at four.\n\nOr five."},
            id="append",
        ),
        pytest.param("/title 217 On  Monday", {"POST_TITLE": "On Monday"}, id="title"),
        pytest.param("/bearbeiten 218 Um fünf.", {"POST_MESSAGE": "Um fünf."}, id="German"),
        pytest.param("/дописать 218 И в пять.", {"POST_MESSAGE": "We close at four.\n\nИ в пять."}, id="Russian"),
    ],
)
async def test_what_is_not_named_is_kept(text: str, sent: dict[str, Any]) -> None:
    """A new text is sent with the title, which would be lost; a title alone; recipients, files and flags never."""
    (effect,) = await talk(dialog=PRIVATE).say(text)
    number = 218 if "POST_TITLE" not in sent else 217
    assert params(effect) == {"POST_ID": number, **sent}


@pytest.mark.parametrize("dialog", [PRIVATE, GROUP])
async def test_it_is_done_in_the_users_name_and_answered_where_they_asked(dialog: Any) -> None:
    """The portal judges the rights of the user; the answer says what changed and that the rest is kept."""
    chat = talk(dialog=dialog)
    (effect,) = await chat.say("/edit 217 At five.")
    assert isinstance(effect, ChangePost)
    assert (effect.user, effect.report) == (ANNA.id, True)
    (said,) = await chat.done(effect, 217)
    assert isinstance(said, Say)
    assert (said.dialog, said.content.text) == (dialog, "Post 217 has the new text. Everything else stayed as it was.")


async def test_the_title_in_the_answer_is_escaped() -> None:
    """A title with brackets is shown as it was written."""
    chat = talk()
    (effect,) = await chat.say("/title 217 [B]Monday")
    (said,) = await chat.done(effect, 217)
    assert isinstance(said, Say)
    assert "[B]" not in said.content.text
    assert "Monday" in said.content.text


async def test_a_mention_in_a_group_is_the_same_command() -> None:
    """After a mention of the bot the command needs no slash."""
    (effect,) = await talk().say("edit 217 At five.")
    assert params(effect)["POST_MESSAGE"] == "At five."


async def test_two_texts_that_are_added_quickly_are_both_kept() -> None:
    """The second text is added to the first one, which the bot has not sent yet."""
    chat = talk()
    (first,) = await chat.say("/append 217 One.")
    chat.memory.on_posts.append((first, True))
    (second,) = await chat.say("/append 217 Two.")
    assert params(second)["POST_MESSAGE"] == "We close at four.\n\nOne.\n\nTwo."
    (titled,) = await chat.say("/title 217 Monday")
    chat.memory.on_posts.append((titled, True))
    (third,) = await chat.say("/edit 217 Three.")
    assert params(third) == {"POST_ID": 217, "POST_TITLE": "Monday", "POST_MESSAGE": "Three."}
    chat.memory.on_posts = [(first, False), (titled, False)]
    (fourth,) = await chat.say("/append 217 Four.")
    assert params(fourth)["POST_MESSAGE"] == "We close at four.\n\nFour."


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/edit", "posts.no_id"),
        ("/edit 217", "posts.no_text"),
        ("/edit 217 [B][/B]", "posts.no_text"),
        ("/edit news of today", "posts.no_number"),
        ("/edit https://north.example.com/stream/ new", "posts.no_link"),
        ("/edit https://other.example.com/company/personal/user/7/blog/217/ new", "posts.elsewhere"),
        ("/edit 999 new", "posts.none"),
        ("/edit 217 We close at four. ", "posts.same"),
        ("/title 217 Friday", "posts.same"),
        ("/append 217 [B] [/B]", "posts.no_text"),
    ],
)
async def test_mistakes(text: str, key: str) -> None:
    """Each mistake has its own sentence, and nothing is sent."""
    assert await talk().mistake(text) == key


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "There is no post 999, or you may not see it. Nothing is changed."),
        ("de", "Beitrag 999 gibt es nicht"),
        ("ru", "Записи 999 нет, или у вас нет к ней доступа. Ничего не изменено."),
    ],
)
async def test_a_mistake_gives_the_text_back(language: str, text: str) -> None:
    """The answer says what was wrong, and a button puts the command back into the input field."""
    with pytest.raises(UserMistake) as caught:
        await talk(language=language).say("/edit 999 At five.")
    content = error_messages.answer(language, caught.value)
    assert content.text.startswith(text)
    assert [one["ACTION_VALUE"] for one in content.keyboard] == ["/edit 999 At five."]


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        ({"text": "No write perms"}, "was not changed. Only the author or an administrator may do that."),
        ({"text": "No post found"}, "was not changed. There is no such post, or you may not see it."),
        ({"code": "EMPTY_TITLE"}, "was not changed. A post needs a title or a text."),
        ({"error": "PortalDown", "outcome_unknown": True}, "did not say whether post 217 was changed"),
        ({"code": POST_OVERTAKEN, "outcome_unknown": True}, "Somebody else changed post 217"),
    ],
)
async def test_a_failure_is_explained_and_the_text_kept(failure: dict[str, Any], text: str) -> None:
    """A failure says why, or that it is unknown; the button has what the user wrote, not the whole post."""
    chat = talk()
    (effect,) = await chat.say("/append 217 Or five.")
    (said,) = await chat.failed(effect, **failure)
    assert isinstance(said, Say)
    assert text in said.content.text
    assert puts(said) == ["/append 217 Or five."]


async def test_somebody_elses_post_is_left_to_the_portal() -> None:
    """Whether an administrator may change a post of somebody else, the portal decides."""
    (effect,) = await talk(who=Person(id=UserId(1), name="Olga")).say("/edit 217 At five.")
    assert isinstance(effect, ChangePost)
    assert effect.user == 1
