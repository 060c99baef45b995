"""One post, chats that follow it, and its events, shared by the tests of the relay."""

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
    """Make the event of the post being added."""
    return PostAdded(portal=PORTAL, post=POST)


def updated() -> PostUpdated:
    """Make the event of a possible change of the post."""
    return PostUpdated(portal=PORTAL, post=POST)


def deleted() -> PostDeleted:
    """Make the event of the post's deletion."""
    return PostDeleted(portal=PORTAL, post=POST)


def follow(dialog: Dialog, topic: str = "all", *, language: str = "en") -> Follow:
    """Make one subscription."""
    return Follow(dialog=dialog, topic=topic, owner=UserId(1), language=language)


def talk(*follows: Follow, post: Post | None = FIRST) -> Conversation:
    """Make a service with these subscriptions and one post in the feed; state changes are kept."""
    table = Router().include(feed.router(), commands.router())
    chat = Conversation(router=table, keeps=True)
    chat.memory.following = list(follows)
    chat.portal.posts = {POST: post} if post else {}
    return chat


async def stand(chat: Conversation, *, message: int = 900) -> list[Effect]:
    """Let the post appear, and every card of it be sent."""
    shown = await chat.hear(added())
    for number, card in enumerate(shown):
        assert await chat.done(card, message + number) == []
    return shown


def text(effect: Effect) -> str:
    """Return the text of a card."""
    assert isinstance(effect, ShowCard | EditCard)
    return effect.content.text


def everything(effect: Effect) -> str:
    """Return everything that a card contains, as one text."""
    assert isinstance(effect, ShowCard | EditCard)
    return repr(effect.content)


def publishing(dialog: Dialog = GROUP, post: Post = FIRST) -> Publish:
    """Make the effect that published the post."""
    return Publish(
        dialog=dialog, user=AUTHOR, text=post.text, title=post.title, dest=["UA"], since=int(NOW), report=True
    )
