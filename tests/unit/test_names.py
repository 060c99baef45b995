"""Names in a chat: shown where all readers may know them, else to the asker in private."""

from __future__ import annotations

import pytest

from bot import commands
from bot.errors import PortalDown
from bot.model.effects import ByUser, Edit, Effect, Publish, Say, SayAs, Share
from bot.model.events import Dialog, Person, PostId, UserId
from bot.model.records import Follow, Named, Post
from tests.choosing import choose
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, labels

HOME = Dialog(str(ANNA.id))
SECRET = Named(code="SG9", name="Secret merger", visible=False)
OPEN = Named(code="SG7", name="Launch crew")
HR, TOM, TOMMY = (
    Named(code="DR4", name="HR team"),
    Named(code="U5", name="Tom Berg"),
    Named(code="U6", name="Tom Ahrens"),
)
POST = Post(id=PostId(217), author=UserId(8), title="News", text="We won.", for_all=True)


class SilentOnChats(StandInPortal):
    """A portal that finds names, but does not say who is in a chat."""

    async def has_extranet_users(self, _dialog: Dialog) -> bool:
        raise PortalDown("silent", outcome_unknown=True)


@pytest.fixture
def chat() -> Conversation:
    """Return a group on a portal with a hidden and an open workgroup, a department and two people called Tom."""
    portal = StandInPortal(people=[SECRET, OPEN, HR, TOM, TOMMY], posts={217: POST})
    return Conversation(router=commands.router(), portal=portal, keeps=True)


def heard(effects: list[Effect], dialog: str = GROUP) -> str:
    """Return everything that the bot sends to a dialog, with its buttons."""
    return " ".join(str(one) for one in effects if not isinstance(one, ByUser) and getattr(one, "dialog", "") == dialog)


@pytest.mark.parametrize("text", ["/post to:merger Hi", "/post to:merge Hi", '/post to:"Secret merger" Hi'])
async def test_a_post_for_a_hidden_group(chat: Conversation, text: str) -> None:
    """Neither question nor confirmation names a hidden group in a chat; the asker gets it in private."""
    said = await chat.say(text)
    if isinstance(said[0], Publish):
        said = await chat.done(said[0], 221)
        assert "221" in heard(said)
    assert "Secret" not in heard(said).replace("“Secret merger”", "")
    assert "Secret merger" in heard(said, HOME)


async def test_a_share_with_a_hidden_group(chat: Conversation) -> None:
    """/share behaves in the same way."""
    (effect,) = await chat.say("/share 217 to:merger")
    assert isinstance(effect, Share)
    said = await chat.done(effect)
    assert "Secret" not in heard(said)
    assert "Post 217 is now also for Secret merger." in heard(said, HOME)


async def test_a_question_in_private_keeps_the_chat(chat: Conversation) -> None:
    """A question in private means the same chat: `here` is replaced by its id."""
    here, alone = await chat.say("/share 217 to:here,secre")
    assert isinstance(here, Say)
    assert isinstance(alone, Say)
    assert (here.dialog, labels(here)) == (GROUP, [])
    assert alone.dialog == HOME
    chat.dialog = HOME
    effects = await choose(chat, alone)
    assert {type(one) for one in effects} == {Edit, Share, SayAs}
    assert [one.dialog for one in effects if isinstance(one, SayAs)] == [GROUP]


@pytest.mark.parametrize("to", ["to:crew", "to:hr", "to:berg", "", "to:U5"])
async def test_names_that_all_may_know_are_shown_in_the_chat(chat: Conversation, to: str) -> None:
    """Open groups, departments and employees are named in a chat of employees, without a private message."""
    (effect,) = await chat.say(f"/post {to} Hi")
    assert isinstance(effect, Publish)
    said = await chat.done(effect, 221)
    assert f"Published as 221, for {effect.audience}." in heard(said)
    assert not heard(said, HOME)


@pytest.mark.parametrize("text", ["/post to:crew Hi", "/post to:hr Hi", "/post to:berg Hi"])
@pytest.mark.parametrize("why", ["extranet", "chat", "asker", "unknown", "elsewhere"])
async def test_no_names_before_extranet_users(chat: Conversation, text: str, why: str) -> None:
    """If an extranet user may read along, or nobody knows, even an open name is shown in private only."""
    match why:
        case "extranet":
            chat.portal.extranet_dialogs = {GROUP}
        case "asker":
            chat.who = Person(id=ANNA.id, extranet=True)
        case "elsewhere":
            chat.dialog, chat.bot_absent, chat.portal.extranet_dialogs = Dialog("8"), True, {"8"}
        case "chat":
            chat.dialog, chat.bot_absent = HOME, True  # a private dialog whose other person is unknown
        case "unknown":
            chat.portal = SilentOnChats(people=chat.portal.people)
    (effect,) = await chat.say(text)
    assert isinstance(effect, Publish)
    said = await chat.done(effect, 221)
    here, alone = said
    assert effect.audience not in str(here)
    assert effect.audience in str(alone)
    assert isinstance(alone, Say)
    assert (alone.dialog, alone.answers) == (HOME, None)


async def test_everyone_is_no_name(chat: Conversation) -> None:
    """The word "everyone" is shown to extranet users too."""
    chat.portal.extranet_dialogs = {GROUP}
    (effect,) = await chat.say("/post Hi")
    assert "for everyone" in heard(await chat.done(effect, 221))


async def test_a_private_dialog_shows_all_names(chat: Conversation) -> None:
    """In their private dialog with the bot, users see every name that they can find, once."""
    chat.dialog = PRIVATE
    (effect,) = await chat.say("/post to:merger Hi")
    (said,) = await chat.done(effect, 221)
    assert "for Secret merger" in str(said)


@pytest.mark.parametrize(
    ("written", "named"), [("Launch crew (SG7)", True), ("Secret merger (SG9)", False), ("Launch crew (SG9)", False)]
)
async def test_a_code_with_a_name_is_looked_up(chat: Conversation, written: str, named: bool) -> None:  # noqa: FBT001
    """A group with its code is named only if the portal confirms the name, and that it is visible."""
    (effect,) = await chat.say(f'/post to:"{written}" Hi')
    said = await chat.done(effect, 221)
    assert (written.partition(" (")[0] in heard(said)) is named


async def test_following_a_person_before_extranet_users(chat: Conversation) -> None:
    """Before extranet users a person is named as typed, and a choice of names is not shown."""
    chat.portal.extranet_dialogs = {GROUP}
    (said,) = await chat.say("/follow from:@berg")
    assert "posts by berg" in str(said)
    assert "Tom" not in str(said)
    (said,) = await chat.say("/follow from:tom")
    assert "Berg" not in str(said)
    assert "Mention the person" in str(said)


@pytest.mark.parametrize("text", ["/follows", "/unfollow from:berg", "/unfollow from:nobody"])
async def test_lists_hide_names_when_extranet_users_join(chat: Conversation, text: str) -> None:
    """After an extranet user joined, lists of subscriptions show no names of people."""
    chat.memory.following = [
        Follow(dialog=GROUP, topic="from:5", owner=ANNA.id, language="en", label="Tom Berg"),
        Follow(dialog=GROUP, topic="all", owner=ANNA.id, language="en"),
    ]
    chat.portal.extranet_dialogs = {GROUP}
    said = heard(await chat.say(text))
    assert "Berg" not in said
    assert "one person" in said
