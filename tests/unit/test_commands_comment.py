"""/comment as a conversation: the comment, its result, and its mistakes."""

from __future__ import annotations

from typing import Any

import pytest

from bot import commands
from bot.model.effects import CommentOnPost, Say
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, puts


@pytest.mark.parametrize("text", ["/comment 217 Thanks", "comment №217, Thanks", "/прокомментировать 217 Thanks"])
async def test_a_comment_is_written_in_the_users_name(text: str) -> None:
    """The comment is the user's own, and costs no read of the post."""
    chat = Conversation(router=commands.router())
    (effect,) = await chat.say(text)
    assert isinstance(effect, CommentOnPost)
    assert (effect.post, effect.text, effect.user, effect.report) == (217, "Thanks", ANNA.id, True)
    (said,) = await chat.done(effect, 312)
    assert isinstance(said, Say)
    assert (said.dialog, said.content.text) == (GROUP, "Your comment is under post 217.")


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        ({"text": "No post found"}, "There is no such post"),
        ({"text": "No permissions"}, "You may not comment on this post"),
        ({"text": "Duplicate comment"}, "You have already written exactly this comment there."),
        ({"text": "Blog comment hasn't been added"}, "The portal did not accept the comment."),
        ({"text": "No blog module installed"}, "The News Feed is switched off on your portal"),
        ({"error": "PortalDown", "outcome_unknown": True}, "did not say whether your comment on post 217"),
    ],
)
async def test_every_error_has_its_sentence(failure: dict[str, Any], text: str) -> None:
    """Each error of the method is told in words, and the text is kept."""
    chat = Conversation(router=commands.router(), dialog=PRIVATE)
    (effect,) = await chat.say("/comment 217 Thanks")
    (said,) = await chat.failed(effect, **failure)
    assert isinstance(said, Say)
    assert text in said.content.text
    assert puts(said) == ["/comment 217 Thanks"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/comment", "posts.no_id"),
        ("/comment 217", "posts.no_text"),
        ("/comment https://other.example.com/company/personal/user/7/blog/217/ hi", "posts.elsewhere"),
    ],
)
async def test_mistakes(text: str, key: str) -> None:
    """Without a post or a text nothing is written."""
    assert await Conversation(router=commands.router()).mistake(text) == key
