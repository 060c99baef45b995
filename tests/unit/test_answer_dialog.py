"""An answer goes to the user who asked: the id of a private dialog can name another person."""

from __future__ import annotations

import msgspec
import pytest

from bot import commands
from bot.errors import UserMistake
from bot.feed import delay_notice, lost_answers
from bot.framework.router import Router
from bot.lifecycle import joined
from bot.model.effects import ByUser, Say, SayAs, ShowCard
from bot.model.events import Delayed, Dialog, DialogEvent, Joined, Person, PostId, UserId
from bot.model.records import Named, Post
from bot.model.state_changes import TimerSet
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, BOT, PORTAL, Conversation

HOME, COLLEAGUE = Dialog(str(ANNA.id)), Dialog("8")
POST = Post(id=PostId(217), author=UserId(8), title="News", text="We won.", for_all=True)
ASKED = [
    "/post to:sales Hi", "/post to:x Hi", "/post", "/share 217 to:sales", "/share 217 to:here", "/share 217 to:chat9",
    "/share", "/crm deal 42 Hi", "/crm", "/help", "/help post", "/follow all", "/follow from:@anna", "/unfollow",
    "/unfollow all", "/follows", "/follows stop:all", "/start", "/nonsense",
]  # fmt: skip


@pytest.fixture
def chat() -> Conversation:
    """Return a private dialog of Anna and a colleague, without the bot."""
    people = [Named(code="DR3", name="Sales"), Named(code="U5", name="Anna Berg")]
    portal = StandInPortal(people=people, posts={217: POST})
    router = Router().include(commands.router(), joined.router, lost_answers.router, delay_notice.router)
    return Conversation(router=router, portal=portal, dialog=COLLEAGUE, bot_absent=True, keeps=True)


@pytest.mark.parametrize("text", ASKED)
async def test_nothing_is_addressed_to_the_colleague(chat: Conversation, text: str) -> None:
    """For every command and result, the bot writes only to the asker, and stores nothing about others."""
    try:
        wanted = await chat.say(text)
    except UserMistake:
        return  # answered by Context.reply, like everything else
    ends = [
        effect
        for one in wanted
        for effect in (*await chat.done(one, 221), *await chat.failed(one, code="X", text="No."))
    ]
    for one in (*wanted, *ends):
        by_bot = not isinstance(one, ByUser)
        assert not by_bot or one.dialog == HOME, one  # type: ignore[attr-defined]
        assert not isinstance(one, SayAs) or one.asked_in == HOME
    assert not [
        state_change for state_change in chat.state_changes if getattr(state_change, "dialog", HOME) == COLLEAGUE
    ]


async def test_delay_notices_go_to_the_asker(chat: Conversation) -> None:
    """A delay notice goes to the asker, whatever dialog the effect was stored with."""
    for text in ("/post Hi", "/share 217 to:here", "/crm deal 42 Hi"):
        (effect,) = await chat.say(text)
        stored = msgspec.to_builtins(effect) | {"dialog": COLLEAGUE}
        event = Delayed(portal=PORTAL, effect_id=1, kind=type(effect).__name__, effect=stored)
        (said,) = await chat.hear(event)
        assert isinstance(said, Say)
        assert said.dialog == HOME


async def test_a_share_to_here_goes_to_the_dialog_with_the_colleague(chat: Conversation) -> None:
    """`here` is the dialog of the two: the link goes there in the asker's name, its result to the asker."""
    (effect,) = await chat.say("/share 217 to:here")
    assert isinstance(effect, SayAs)
    assert (effect.dialog, effect.asked_in, effect.user, effect.report) == (COLLEAGUE, HOME, ANNA.id, False)


async def test_a_post_published_without_the_bot_has_no_card(chat: Conversation) -> None:
    """Without the bot in the dialog, a published post makes no card."""
    (effect,) = await chat.say("/post Hi")
    assert not any(isinstance(one, ShowCard) for one in await chat.done(effect, 221))


@pytest.mark.parametrize("text", ["/follow all", "/unfollow all", "/follows"])
async def test_subscriptions_are_for_dialogs_with_the_bot(chat: Conversation, text: str) -> None:
    """No subscription changes, neither the colleague's nor the asker's: the answer says where to follow."""
    (said,) = await chat.say(text)
    assert isinstance(said, Say)
    assert "between the two of you" in said.content.text
    assert not chat.state_changes


async def test_a_refused_answer_is_repeated_in_private(chat: Conversation) -> None:
    """A refused answer is repeated in the asker's private dialog; nothing else is repeated."""
    (said,) = await chat.say("/help")
    (again,) = await chat.failed(said, code="COMMAND_ANSWER_FAILED")
    assert isinstance(said, Say)
    assert isinstance(again, Say)
    assert (again.dialog, again.answers, again.content) == (HOME, None, said.content)
    assert await chat.failed(said, code="BOT_NOT_FOUND") == []
    assert await chat.failed(again, code="COMMAND_ANSWER_FAILED") == []


async def test_a_greeting_goes_to_the_user_who_opened_the_dialog(chat: Conversation) -> None:
    """A greeting goes to the user who opened the dialog, never to another id."""
    event = Joined(portal=PORTAL, bot=BOT, dialog=COLLEAGUE, author=ANNA)
    assert await chat.hear(event) == []
    (timer,) = [one for one in chat.state_changes if isinstance(one, TimerSet)]
    (said,) = await chat.hear(timer.event)
    assert isinstance(said, Say)
    assert said.dialog == HOME


@pytest.mark.parametrize(
    ("dialog", "answered"), [("chat42", "chat42"), ("8", "7"), ("7", "7"), ("sg7", "sg7")], ids=str
)
def test_an_answer_goes_to_the_group_or_to_the_author(dialog: str, answered: str) -> None:
    """The one rule: a group as it is, a private dialog becomes the author's."""
    event = DialogEvent(portal=PORTAL, bot=BOT, dialog=Dialog(dialog), author=ANNA)
    assert event.answer_dialog == answered
    assert event.is_elsewhere is (dialog == "8")


def test_an_action_of_a_bot_is_answered_where_it_happened() -> None:
    """An action of a bot is answered where it happened."""
    event = DialogEvent(portal=PORTAL, bot=BOT, dialog=COLLEAGUE, author=Person(id=UserId(0), is_bot=True))
    assert event.answer_dialog == COLLEAGUE
