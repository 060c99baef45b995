"""A feed with one post, chats that follow it, and what is said of it: what the tests of the relay share."""

from __future__ import annotations

from dataclasses import replace

from bot import commands, feed
from bot.framework.router import Router
from bot.model.effects import EditCard, Effect, Publish, ShowCard
from bot.model.events import Dialog, PostAdded, PostDeleted, PostId, PostUpdated, UserId
from bot.model.records import Follow, Post
from tests.stand_ins import GROUP, NOW, PORTAL, Conversation

OTHER = Dialog("chat43")
POST = PostId(217)
AUTHOR = UserId(7)
FIRST = Post(id=POST, author=AUTHOR, title="", text="The coffee machine works again.", for_all=True)
SECOND = replace(FIRST, text="The coffee machine is broken again.")
THIRD = replace(SECOND, title="Coffee", text="Tea from now on.")
PRIVATE_POST = replace(THIRD, for_all=False)


def added() -> PostAdded:
    """Say that the post appeared."""
    return PostAdded(portal=PORTAL, post=POST)


def updated() -> PostUpdated:
    """Say that the post may have changed."""
    return PostUpdated(portal=PORTAL, post=POST)


def deleted() -> PostDeleted:
    """Say that the post went away."""
    return PostDeleted(portal=PORTAL, post=POST)


def follow(dialog: Dialog, topic: str = "all", *, language: str = "en") -> Follow:
    """One subscription."""
    return Follow(dialog=dialog, topic=topic, owner=UserId(1), language=language)


def talk(*follows: Follow, post: Post | None = FIRST) -> Conversation:
    """A service with these subscriptions, and one post in the feed; what it remembers is remembered."""
    table = Router().include(feed.router(), commands.router())
    chat = Conversation(router=table, keeps=True)
    chat.memory.following = list(follows)
    chat.portal.posts = {POST: post} if post else {}
    return chat


async def stand(chat: Conversation, *, message: int = 900) -> list[Effect]:
    """Let the post appear, and every card of it arrive."""
    shown = await chat.hear(added())
    for number, card in enumerate(shown):
        assert await chat.done(card, message + number) == []
    return shown


def text(effect: Effect) -> str:
    """What a card says in its text."""
    assert isinstance(effect, ShowCard | EditCard)
    return effect.content.text


def everything(effect: Effect) -> str:
    """All that a card carries, wherever it stands."""
    assert isinstance(effect, ShowCard | EditCard)
    return repr(effect.content)


def publishing(dialog: Dialog = GROUP, post: Post = FIRST) -> Publish:
    """The effect by which the post left."""
    return Publish(
        dialog=dialog, user=AUTHOR, text=post.text, title=post.title, dest=["UA"], since=int(NOW), report=True
    )
