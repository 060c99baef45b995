"""People from whom the application has no permission, in groups: typed, by mention and pressed, in three languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.clients.person import text_of
from tests.in_process import BORIS, CLARA, GUSTAV, OLGA, InProcess
from tests.integration.test_acting_service import API, WORDS, for_whom, say, without_tokens
from tests.integration.test_composer_service import dialog_of, newest, says, written

COMMANDS = {"en": "post", "ru": "пост", "de": "post"}
"""By language: the command, as it is written after a mention."""


async def group_of(here: InProcess, *members: int) -> tuple[str, int]:
    """Make a group with the bot in it; return its dialog and the id of the bot."""
    [bot] = here.p.bots(here.app)
    group = here.p.make_chat(*members, bot.id)
    await here.quiet()
    return group, bot.id


@API
@pytest.mark.parametrize("language", WORDS)
async def test_from_the_preview_to_the_feed(tmp_path: Path, bot_api: str, language: str) -> None:
    """The group reads that the application will publish it; only its owner's press does, once; the card names them."""
    who, text, button = WORDS[language]
    other = OLGA
    async with without_tokens(tmp_path, bot_api) as here:
        group, bot = await group_of(here, who, other)
        await here.p.person(who).mentions(bot, f"{COMMANDS[language]} {text}", dialog=group)
        await here.quiet()
        card = newest(here.p.person(other), group)
        assert say(language, "acting.note") in card.text
        assert text in text_of(card)
        await here.p.person(other).presses(button, dialog=group)
        await here.quiet()
        assert written(here, who) == []
        for _ in range(2):
            await here.p.person(who).presses(button, dialog=group)
        await here.quiet()
        assert [post.text for post in written(here, who)] == [text]
        [call] = here.p.calls("log.blogpost.add")
        assert call.user == OLGA
        seen = [row.text for row in here.p.person(other).reads(dialog=group)]
        assert sum(for_whom(here, who, language) in one for one in seen) == 1


@API
@pytest.mark.parametrize("language", WORDS)
async def test_closed_recipients_in_private(tmp_path: Path, bot_api: str, language: str) -> None:
    """A workgroup of others: the preview names it and keeps the draft, and another recipient makes it a post."""
    who, text, button = WORDS[language]
    foreign, own = ("Office Berlin", "Product launch") if who != CLARA else ("Product launch", "Office Berlin")
    async with without_tokens(tmp_path, bot_api) as here:
        card = await says(here, who, f'/post to:"{foreign}" {text}')
        assert say(language, "acting.closed", names=foreign) in card.text
        await here.p.person(who).presses(button, dialog=dialog_of(here))
        await here.quiet()
        refused = newest(here.p.person(who), dialog_of(here))
        assert say(language, "error.acting_recipients") in refused.text
        assert text in str(refused.keyboard)
        card = await says(here, who, f'/post to:"{own}" {text}')
        assert say(language, "acting.note") in card.text
        await here.p.person(who).presses(button, dialog=dialog_of(here))
        await here.quiet()
        assert [post.text for post in written(here, who)] == [text]


@API
async def test_a_group_reads_no_name_that_it_may_not_know(tmp_path: Path, bot_api: str) -> None:
    """With an extranet user in the group, the draft of a post for a department goes on in private."""
    async with without_tokens(tmp_path, bot_api) as here:
        group, _ = await group_of(here, CLARA, BORIS, GUSTAV)
        await here.p.person(CLARA).says("/post to:sales Numbers of the quarter", dialog=group)
        await here.quiet()
        seen = "\\n".join(text_of(row) for row in here.p.person(GUSTAV).reads(dialog=group) if row.author != CLARA)
        assert "Sales" not in seen
        assert "acting" not in seen
        card = newest(here.p.person(CLARA), dialog_of(here))
        assert say("en", "acting.note") in card.text
        assert "Sales, 2 people" in text_of(card)


async def test_where_the_bot_is_no_member(tmp_path: Path) -> None:
    """A command in a group without the bot is answered there, and published for its author too."""
    async with without_tokens(tmp_path, at_once=True) as here:
        group = here.p.make_chat(CLARA, BORIS)
        await here.p.person(CLARA).says("/post The coffee machine works again.", dialog=group)
        await here.quiet()
        assert [post.text for post in written(here, CLARA)] == ["The coffee machine works again."]
        assert any(for_whom(here, CLARA, "en") in row.text for row in here.p.person(BORIS).reads(dialog=group))


@pytest.mark.parametrize(
    "command", ["/mine", "/find words", "/readers 217", "/crm deal 42 They called.", "/share 217 to:chat10"]
)
async def test_what_needs_a_token_says_so(tmp_path: Path, command: str) -> None:
    """What only the portal can judge is not done with an administrator's token, and the person gets a sentence."""
    async with without_tokens(tmp_path, at_once=True) as here:
        said = await says(here, CLARA, command)
        assert said.author != CLARA
        assert "in your name" in said.text
        made = ("im.message.add", "crm.timeline.comment.add", "log.blogpost.getusers.important")
        assert not [call for name in made for call in here.p.calls(name)]
