"""Answers in a chat to the card of a post become comments, after the word of who answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.pipeline.card_checks import CHECK_EVERY
from portal.clients.person import text_of
from portal.world.feed import Comment
from tests.in_process import BORIS, CLARA, InProcess, running


def comments(here: InProcess, post: int) -> list[Comment]:
    """Return the comments on a post."""
    return [one for one in here.p.emulator.world.feed.comments.values() if one.post == post]


async def card_in(here: InProcess, dialog: str, *, by: int = BORIS) -> tuple[int, int]:
    """Let a person follow in a dialog, publish a post, and return the post and the message of its card."""
    person = here.p.person(by)
    await person.says("/follow", dialog=dialog)
    await here.quiet()
    post = await here.p.person(CLARA).posts("The canteen is open.")
    await here.quiet()
    (card,) = [row for row in person.reads(dialog=dialog) if "canteen" in text_of(row)]
    return post, card.id


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
@pytest.mark.parametrize("way", ["private", "group"])
async def test_an_answer_becomes_a_comment_once(tmp_path: Path, bot_api: str, way: str) -> None:
    """The person is asked; their press writes the comment, once, in their name; nobody else can press."""
    async with running(tmp_path, bot_api) as here:
        bot, boris = here.p.bots(here.app)[0].id, here.p.person(BORIS)
        dialog = here.p.bot_dialog(here.app) if way == "private" else here.p.make_chat(CLARA, bot, by=BORIS)
        post, card = await card_in(here, dialog)
        front = "" if way == "private" else f"[USER={bot}]Feedbridge[/USER] "
        await boris.says(f"{front}Great, see you there.", dialog=dialog, reply_to=card)
        await here.quiet()
        asked = boris.reads(dialog=dialog)[-1]
        assert asked.text == (
            f"Shall I write your answer as a comment on post {post}, in your name? “Great, see you there.”"
        )
        assert comments(here, post) == []
        if way == "group":
            await here.p.person(CLARA).presses("Write the comment", dialog=dialog)
            await here.quiet()
            assert comments(here, post) == []
        await boris.presses("Write the comment", dialog=dialog)
        await here.quiet()
        assert [(one.author, one.text) for one in comments(here, post)] == [(BORIS, "Great, see you there.")]
        assert f"Your comment is under post {post}." in boris.reads(dialog=dialog)[-1].text


async def test_an_answer_may_stay_in_the_chat(tmp_path: Path) -> None:
    """After "Leave it" nothing is written; an answer to another message, and a command, are no answers to a card."""
    async with running(tmp_path) as here:
        dialog, boris = here.p.bot_dialog(here.app), here.p.person(BORIS)
        post, card = await card_in(here, dialog)
        await boris.says("Between us", dialog=dialog, reply_to=card)
        await here.quiet()
        await boris.presses("Leave it", dialog=dialog)
        await here.quiet()
        assert boris.reads(dialog=dialog)[-1].text == "Your answer stays here in the chat only."
        await boris.says("/mine", dialog=dialog, reply_to=card)
        await here.quiet()
        assert "comment" not in boris.reads(dialog=dialog)[-1].text
        other = await boris.says("hello", dialog=dialog)
        await here.quiet()
        await boris.says("and more", dialog=dialog, reply_to=other)
        await here.quiet()
        assert "in your name" not in boris.reads(dialog=dialog)[-1].text
        assert comments(here, post) == []


@pytest.mark.parametrize(("language", "said"), [("de", "Soll ich Ihre Antwort"), ("ru", "Написать ваш ответ")])
async def test_the_question_is_in_the_persons_language(tmp_path: Path, language: str, said: str) -> None:
    """The question, and the buttons, are in the language of who answered."""
    async with running(tmp_path) as here:
        dialog, boris = here.p.bot_dialog(here.app), here.p.person(BORIS)
        await boris.says(f"/lang {language}", dialog=dialog)
        await here.quiet()
        _, card = await card_in(here, dialog)
        await boris.says("Gut, хорошо", dialog=dialog, reply_to=card)
        await here.quiet()
        assert boris.reads(dialog=dialog)[-1].text.startswith(said)


async def test_a_card_counts_comments(tmp_path: Path) -> None:
    """The next check shows the number of comments on the card, in place, without a word of a change."""
    async with running(tmp_path) as here:
        dialog, boris = here.p.bot_dialog(here.app), here.p.person(BORIS)
        post, card = await card_in(here, dialog)
        await here.p.person(CLARA).comments(post, "One")
        await here.p.person(CLARA).comments(post, "Two")
        here.p.clock.advance(CHECK_EVERY + 1)
        shown = await boris.sees("Comments", dialog=dialog, after=card - 1)
        assert (shown.id, shown.edited) == (card, True)
        assert "Comments\n2" in text_of(shown)
        assert "changed" not in text_of(shown)
