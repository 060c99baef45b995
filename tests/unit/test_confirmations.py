"""The confirmation of a post stays one: its number, recipients and buttons outlive edits of the post."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.model.effects import EditCard, Effect, Publish, ShowCard
from bot.model.events import Dialog
from tests.feeding import FIRST, POST, SECOND, THIRD, deleted, follow, publishing, talk, text, updated
from tests.stand_in_memory import known_portal
from tests.stand_ins import GROUP, NOW, PRIVATE, Conversation


def for_some(dialog: Dialog, *, public: bool) -> Publish:
    """Make the effect that published the post for a group and a person."""
    codes = ["SG3", "U3"]
    return replace(publishing(dialog), dest=codes, audience="HR team, Boris Klein", audience_public=public)


async def confirmed(chat: Conversation, dialog: Dialog) -> ShowCard:
    """Publish a post from a dialog; its confirmation is sent as message 900."""
    effect = replace(publishing(dialog), audience="everyone", audience_public=True)
    (card,) = [one for one in await chat.done(effect, POST) if isinstance(one, ShowCard)]
    assert await chat.done(card, 900) == []
    return card


def buttons(card: Effect) -> list[str]:
    """Return the labels of a card's buttons."""
    assert isinstance(card, ShowCard | EditCard)
    return [str(button["TEXT"]) for button in card.content.keyboard if "TEXT" in button]


def grid(card: Effect) -> dict[str, str]:
    """Return the rows below the text: for whom, the number."""
    assert isinstance(card, ShowCard | EditCard)
    rows = [block["GRID"] for block in card.content.attach["BLOCKS"] if "GRID" in block]
    return {row["NAME"]: row["VALUE"] for row in rows[0]}


async def test_the_card_names_the_same_recipients_as_its_sentence() -> None:
    """Under "for HR team, Boris Klein" stands the same, and not "selected recipients"."""
    chat = talk(post=replace(FIRST, for_all=False))
    (card,) = await chat.done(for_some(PRIVATE, public=True), POST)
    assert isinstance(card, ShowCard)
    assert text(card) == "Published as 217, for HR team, Boris Klein."
    assert grid(card)["For"] == "HR team, Boris Klein"


async def test_names_that_the_group_may_not_know_stand_nowhere() -> None:
    """In a group the recipients are named in no part of the card unless everybody there may know them."""
    chat = talk(post=replace(FIRST, for_all=False))
    chat.portal.grouped.add(POST)
    card, _private = await chat.done(for_some(GROUP, public=False), POST)
    assert isinstance(card, ShowCard)
    assert "HR team" not in repr(card.content)
    await chat.done(card, 900)
    chat.portal.posts[POST] = replace(SECOND, for_all=False)
    (edit,) = await chat.hear(updated())
    assert "HR team" not in repr(edit)
    assert grid(edit)["For"] == "selected recipients"


@pytest.mark.parametrize("dialog", [GROUP, PRIVATE])
@pytest.mark.parametrize(
    ("after", "said"),
    [
        (SECOND, ["The text changed."]),
        (replace(FIRST, important=True), ["It is important now."]),
        (THIRD, ["The title and the text changed."]),
    ],
)
async def test_an_edit_keeps_number_recipients_and_buttons(dialog: Dialog, after: Any, said: list[str]) -> None:
    """After an edit the confirmation has its number and Share, no Unfollow, and one line of what changed."""
    chat = talk()
    card = await confirmed(chat, dialog)
    chat.portal.posts[POST] = after
    (edit,) = await chat.hear(updated())
    assert isinstance(edit, EditCard)
    assert text(edit).splitlines() == ["Published as 217, for everyone.", *said]
    assert buttons(edit) == buttons(card) == ["Open", "Share...", "Undo", "Follow"]
    assert grid(edit)["For"] == "everyone"


@pytest.mark.parametrize("topic", ["all", "word:coffee"])
async def test_where_the_dialog_follows_it_has_no_unfollow(topic: str) -> None:
    """A dialog that follows has neither Follow nor Unfollow under its own confirmation, before and after edits."""
    chat = talk(follow(GROUP, topic))
    card = await confirmed(chat, GROUP)
    for post in (SECOND, THIRD, FIRST):
        chat.portal.posts[POST] = post
        (edit,) = await chat.hear(updated())
        assert isinstance(edit, EditCard)
        assert buttons(edit) == buttons(card) == ["Open", "Share...", "Undo"]
        await chat.done(edit)


async def test_a_post_that_is_opened_to_all_is_for_everyone() -> None:
    """When the post is opened to all, the grid of its confirmation says so."""
    chat = talk(post=replace(FIRST, for_all=False))
    (card,) = await chat.done(for_some(PRIVATE, public=True), POST)
    await chat.done(card, 900)
    chat.portal.posts[POST] = FIRST
    (edit,) = await chat.hear(updated())
    assert isinstance(edit, EditCard)
    assert grid(edit)["For"] == "everyone"


async def test_another_dialog_shows_a_card() -> None:
    """A chat that only follows gets a card with Unfollow, not the confirmation of somebody else."""
    chat = talk(follow(Dialog("chat43")))
    await confirmed(chat, GROUP)
    chat.portal.posts[POST] = SECOND
    shown = {one.dialog: one for one in await chat.hear(updated()) if isinstance(one, ShowCard | EditCard)}
    assert buttons(shown[Dialog("chat43")]) == ["Open", "Comment...", "Share...", "Why here?", "Unfollow"]
    assert text(shown[GROUP]).startswith("Published as 217")


@pytest.mark.parametrize(("seconds", "undo"), [(599, True), (601, False)])
async def test_undo_is_no_button_of_a_later_edit(seconds: float, undo: bool) -> None:  # noqa: FBT001 - a column of the table
    """An edit after ten minutes leaves the button out, because it would do nothing."""
    chat = talk()
    await confirmed(chat, GROUP)
    chat.now = NOW + seconds
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    assert ("Undo" in buttons(edit)) is undo


async def test_a_deleted_post_says_so() -> None:
    """A deletion replaces the confirmation."""
    chat = talk()
    await confirmed(chat, GROUP)
    (edit,) = await chat.hear(deleted())
    assert text(edit) == "This post was deleted from the News Feed."


async def test_after_three_days_it_is_a_card_like_any_other() -> None:
    """In v1, what published a post is kept for three days, as long as a message can be edited."""
    chat = talk(follow(GROUP))
    chat.memory.known = known_portal(api="v1")
    await confirmed(chat, GROUP)
    chat.now = NOW + 3 * 24 * 3600
    chat.portal.posts[POST] = SECOND
    *_, shown = await chat.hear(updated())
    assert isinstance(shown, ShowCard)
    assert buttons(shown) == ["Open", "Comment...", "Share...", "Why here?", "Unfollow"]
