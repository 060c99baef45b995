"""Commands and mentions in texts."""

import pytest

from portal.clock import Clock
from portal.engine.core import Actor, Portal
from portal.events import recipients
from portal.rules.messenger import chats, messages
from portal.world.bots import Bot, Command
from portal.world.people import User


@pytest.fixture
def emulator() -> Portal:
    """Return a portal with a bot 901 that has /post (private) and /news (common), not for extranet users."""
    portal = Portal(clock=Clock(1_790_000_000))
    portal.world.people.users[901] = User(id=901, first_name="Bot", bot=True)
    portal.world.bots.bots[901] = Bot(id=901, code="b", owner="nobody", api="v2", event_mode="fetch")
    portal.world.bots.put_command(Command(id=51, bot=901, name="post", titles={"en": "Post"}))
    portal.world.bots.put_command(Command(id=52, bot=901, name="news", common=True))
    return portal


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("[USER=901]Bot[/USER], hi", "hi"),
        ("[USER=901]Bot[/USER] , hi", ", hi"),
        ("[USER=901]Bot[/USER],, hi", ", hi"),
        ("ask [USER=3]Boris[/USER] and [USER=901 REPLACE]Bot[/USER] now", "ask  and  now"),
        ("[user=901]Bot[/user] hi", "[user=901]Bot[/user] hi"),
        ("[USER=901][/USER] hi", "[USER=901][/USER] hi"),
    ],
    ids=["comma", "late comma", "one comma only", "all of them", "lower case stays", "nameless stays"],
)
def test_mentions_are_removed_with_one_comma(text: str, plain: str) -> None:
    """Upper-case mentions with a name are removed, with one directly following comma."""
    assert recipients.without_mentions(text) == plain


def test_mentions_are_found_in_any_case_except_all() -> None:
    """Mentions are found in any case; "all" mentions no bot."""
    text = "[user=901]Bot[/user] [USER=3 REPLACE]B[/USER] [USER=all]all[/USER] [USER=3]B[/USER]"
    assert recipients.mentioned_users(text) == [901, 3]


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("/post hello  there ", [("post", "hello  there ")]),
        ("/post", [("post", "")]),
        ("/Post x", []),
        (" /post x", []),
        ("hello /post x", []),
        ("one\n/post a\n/news b", [("post", "a"), ("news", "b")]),
        ("/post a\n/post b", [("post", "b")]),
        ("/postx", []),
        ("[USER=901]Bot[/USER] /post x", []),
        ("/ post", []),
    ],
    ids=[
        "verbatim",
        "bare",
        "case",
        "indented",
        "inside",
        "two",
        "the last of one",
        "longer",
        "after a mention",
        "split",
    ],
)
def test_commands_start_a_line(emulator: Portal, text: str, called: list[tuple[str, str]]) -> None:
    """A command is at the start of a line, matches exactly, and keeps the rest unchanged."""
    chat = chats.private_dialog(emulator, 2, 901, Actor(user=2))
    message = messages.write(emulator, messages.MessageDraft(author=2, chat=chat.id, text="x"), Actor(user=2))
    message = messages.replace_objects(emulator, message, text=text)
    matched, found = recipients.commands_in(emulator, chat, message, emulator.world.people.users[2])
    assert [(one.command.name, one.params) for one in found] == called
    assert matched == bool(called)


def test_where_a_command_works(emulator: Portal) -> None:
    """Common commands work everywhere, others only with their bot; extranet users need EXTRANET_SUPPORT."""
    group = emulator.world.messenger.chats[10]
    message = messages.write(emulator, messages.MessageDraft(author=2, chat=10, text="x"), Actor(user=2))
    both = messages.replace_objects(emulator, message, text="/post a\n/news b")
    anna, extranet_user = emulator.world.people.users[2], emulator.world.people.users[6]
    assert [one.command.name for one in recipients.commands_in(emulator, group, both, anna)[1]] == ["news"]
    assert recipients.commands_in(emulator, group, both, extranet_user) == (False, [])
    chats.join(emulator, group, [901], Actor(user=1))
    inside = emulator.world.messenger.chats[10]
    assert [one.command.name for one in recipients.commands_in(emulator, inside, both, anna)[1]] == ["post", "news"]


def test_no_bot_gets_the_messengers_own_commands(emulator: Portal) -> None:
    """/me matches without a bot, so no bot gets the message."""
    chat = chats.private_dialog(emulator, 2, 901, Actor(user=2))
    before = len(emulator.world.bots.queues.get(901, []))
    messages.write(emulator, messages.MessageDraft(author=2, chat=chat.id, text="/me waves"), Actor(user=2))
    assert len(emulator.world.bots.queues.get(901, [])) == before
    messages.write(emulator, messages.MessageDraft(author=2, chat=chat.id, text="/nothing"), Actor(user=2))
    assert len(emulator.world.bots.queues[901]) == before + 1
