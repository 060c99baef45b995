"""Every command typed in a group is answered, by any Latin name, to anybody, with and without the bot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import commands
from portal.clients.person import text_of
from tests.line import ANNA, BORIS, CLARA, CREW, GUSTAV, OLGA, Line

pytestmark = pytest.mark.asyncio(loop_scope="module")
EVERY = commands.router().commands
SPECS = {name: spec for name, spec in EVERY.items() if not spec.for_buttons}
LATIN = sorted(word for spec in SPECS.values() for word in spec.delivered)
NO_MEMBER = "I am not a member of this chat"


async def answer(line: Line, who: int, typed: str, dialog: str) -> str:
    """Type something in a group, and return what the bot answers there."""
    person = line.portal.person(who)
    asked = await person.says(typed, dialog=dialog)
    return text_of(await person.sees("", dialog=dialog, after=asked))


@pytest.mark.parametrize("who", [CLARA, GUSTAV], ids=["an employee", "an extranet user"])
@pytest.mark.parametrize("bot", [True, False], ids=["with the bot", "without the bot"])
async def test_every_name_is_answered(line: Line, who: int, *, bot: bool) -> None:
    """Each command is answered under each Latin name, with a sentence in the person's language."""
    group = line.group(OLGA, who, bot=bot)
    assert {"abos", "folgen", "hilfe"} <= set(LATIN)
    for word in LATIN:
        assert await answer(line, who, f"/{word}", group), word
    await line.quiet()


@pytest.mark.parametrize("typed", ["/follow", "/follow all", "/folgen all", "/unfollow", "/unfollow quiet", "/follows"])
async def test_a_chat_without_the_bot_is_told_to_add_it(line: Line, typed: str) -> None:
    """What needs a member is answered with what to do, and nothing is followed."""
    await line.speaks(CLARA, "en")  # also after German names of commands
    group = line.group(OLGA, CLARA, bot=False)
    said = await answer(line, CLARA, typed, group)
    assert NO_MEMBER in said
    assert "Add Feedbridge to the chat" in said


@pytest.mark.parametrize(
    ("who", "chosen", "typed", "expected"),
    [
        (ANNA, "ru", "/follows", "нет подписок"),
        (BORIS, "auto", "/abos", "nichts abonniert"),
        (GUSTAV, "en", "/follows", "follows nothing"),
    ],
    ids=["ru", "de", "extranet"],
)
async def test_in_their_language(line: Line, who: int, chosen: str, typed: str, expected: str) -> None:
    """A group in which the bot is a member reads the answer in the language of the user who typed."""
    await line.speaks(who, chosen)
    group = line.portal.make_chat(line.bot, OLGA, who)
    await line.quiet()
    assert expected in await answer(line, who, typed, group)


async def test_names_that_the_portal_does_not_deliver(line: Line) -> None:
    """Help says that Cyrillic names work in private and after a mention; and there they do."""
    await line.speaks(ANNA, "ru")
    anna = line.portal.person(ANNA)
    group = line.portal.make_chat(line.bot, OLGA, ANNA)
    await line.quiet()
    explained = await answer(line, ANNA, "/help follows", group)
    assert "/подписки" in explained
    assert "после упоминания" in explained
    asked = await anna.mentions(line.bot, "/подписки", dialog=group)
    await anna.sees("нет подписок", dialog=group, after=asked)
    asked = await anna.says("/подписки")
    await anna.sees("нет подписок", after=asked)


async def test_hidden_names_are_not_offered(line: Line) -> None:
    """People see each command once in the portal's list; synonyms and nothing else are hidden there."""
    registered = line.portal.emulator.world.bots.commands_of(line.bot)
    assert {one.name for one in registered} == {*LATIN, *EVERY}
    assert {one.name for one in registered if not one.hidden} == SPECS.keys()
    assert all(one.common and one.extranet and one.titles for one in registered)


async def test_two_groups_at_once(line: Line) -> None:
    """A synonym in one group is answered there, not where its command was answered before."""
    first, second = line.group(OLGA, BORIS), CREW
    await answer(line, BORIS, "/follows", first)
    assert "Das kann ich" in await answer(line, BORIS, "/hilfe", second)


@pytest.mark.parametrize(("typed", "expected"), [("/follows", "follows nothing"), ("hello", "Hello. I connect")])
async def test_the_first_message_gets_one_answer(line: Line, typed: str, expected: str) -> None:
    """Who writes before the private dialog exists gets the answer or the greeting, and no second message."""
    who = line.portal.emulator.world.next_id("user")
    line.portal.emulator.world.people.users[who] = replace(line.portal.emulator.world.people.users[CLARA], id=who)
    person = line.portal.person(who)
    asked = await person.says(typed, dialog=line.bot)
    await person.sees(expected, dialog=line.bot, after=asked)
    await line.quiet()
    assert len([row for row in person.reads(dialog=line.bot) if row.author == line.bot]) == 1
