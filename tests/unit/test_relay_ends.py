"""The relay at the end of a card: deleted posts, unsent cards, cards that can no longer be edited."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.model.effects import DeleteCard, EditCard, Effect, Say, ShowCard
from bot.model.events import Joined
from bot.model.state_changes import CardLost
from tests.feeding import (
    OTHER,
    POST,
    SECOND,
    THIRD,
    added,
    deleted,
    everything,
    follow,
    publishing,
    stand,
    talk,
    text,
    updated,
)
from tests.stand_ins import ANNA, BOT, GROUP, PORTAL

# --- Gone ----------------------------------------------------------------------------------------------


async def test_a_deleted_post_empties_its_cards() -> None:
    """Every card says that its post was deleted, shows no content, and never changes again."""
    chat = talk(follow(GROUP), follow(OTHER, language="ru"))
    await stand(chat)
    del chat.portal.posts[POST]
    gone = await chat.hear(deleted())
    assert [text(card) for card in gone] == [
        "This post was deleted from the News Feed.",
        "Эту запись удалили из Ленты новостей.",
    ]
    assert all("coffee" not in everything(card) for card in gone)
    assert [await chat.hear(event) for event in (deleted(), updated(), added())] == [[], [], []]


async def test_a_post_deleted_while_its_card_is_being_sent() -> None:
    """If the post is deleted before its card is sent, the card says so as soon as it is sent."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    del chat.portal.posts[POST]
    assert await chat.hear(deleted()) == []
    (gone,) = await chat.done(card, 900)
    assert text(gone) == "This post was deleted from the News Feed."


async def test_a_post_deleted_before_its_event_leaves_no_card() -> None:
    """A post that was added and deleted while we were down leaves no trace."""
    chat = talk(follow(GROUP), post=None)
    assert await chat.hear(deleted()) == []
    assert await chat.hear(added()) == []


async def test_a_post_deleted_before_its_result_leaves_no_card() -> None:
    """A post that is deleted before its publication was handled leaves no wrong card."""
    chat = talk(follow(GROUP), post=None)
    assert await chat.hear(deleted()) == []
    for effect in await chat.done(publishing(), POST):
        if isinstance(effect, ShowCard):
            (gone,) = await chat.done(effect, 900)
            assert text(gone) == "This post was deleted from the News Feed."


async def test_an_update_after_the_deletion_changes_nothing() -> None:
    """An update after the deletion changes nothing, even if the portal still returns its cached copy."""
    chat = talk(follow(GROUP))
    await stand(chat)
    await chat.hear(deleted())
    chat.portal.posts[POST] = SECOND
    assert await chat.hear(updated()) == []


# --- On its way ----------------------------------------------------------------------------------------


async def test_a_post_changed_while_its_card_is_being_sent() -> None:
    """A change before the card is sent is applied as soon as there is a message to edit."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    chat.portal.posts[POST] = SECOND
    assert await chat.hear(updated()) == []
    (edit,) = await chat.done(card, {"id": 900, "uuidMap": {}})
    assert isinstance(edit, EditCard)
    assert edit.message == 900
    assert text(edit).splitlines() == ["News Feed: The coffee machine is broken again."]


async def test_an_answer_without_a_message_id() -> None:
    """An answer without a message id leaves the card unsent; nothing breaks."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    assert await chat.done(card) == []
    assert [one.message for one in chat.memory.shown] == [None]


@pytest.mark.parametrize(
    ("error", "told", "lost"),
    [
        ("Gone", {"code": "CHAT_NOT_FOUND"}, True),
        ("Refused", {"code": "ACCESS_ERROR"}, True),
        ("PortalDown", {"outcome_unknown": True}, False),
    ],
)
async def test_an_unsent_card_is_made_again(error: str, told: dict[str, Any], *, lost: bool) -> None:
    """A card that certainly was not sent is made again at the next change; the subscription stays."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    assert await chat.failed(card, error, **told) == []
    chat.portal.posts[POST] = SECOND
    assert bool(await chat.hear(updated())) is lost
    assert len(chat.memory.following) == 1


OUT_OF_REACH = [
    ("Gone", "", [DeleteCard, ShowCard]),
    ("Gone", "MESSAGE_NOT_FOUND", [ShowCard]),
    ("Refused", "CANT_EDIT_MESSAGE", [DeleteCard, ShowCard]),
    ("Refused", "ACCESS_DENIED", [DeleteCard, ShowCard]),
    ("Refused", "MESSAGE_ACCESS_DENIED", [DeleteCard, ShowCard]),
    ("Refused", "MESSAGE_ACCESS_DENIED_BY_TARIFF", [DeleteCard, ShowCard]),
]


@pytest.mark.parametrize(("error", "code", "kinds"), OUT_OF_REACH, ids=[f"{row[0]}-{row[1]}" for row in OUT_OF_REACH])
async def test_a_card_out_of_reach_gets_its_successor(error: str, code: str, kinds: list[type[Effect]]) -> None:
    """A card that cannot be edited is replaced at once; later changes edit the new card, and none the old one."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    effects = await chat.failed(edit, error, code=code)
    assert [type(effect) for effect in effects] == kinds
    assert everything(effects[-1]) == everything(edit)
    assert await chat.hear(updated()) == []
    await chat.done(effects[-1], 950)
    chat.portal.posts[POST] = THIRD
    (again,) = await chat.hear(updated())
    assert isinstance(again, EditCard)
    assert again.message == 950


@pytest.mark.parametrize("how", ["deleted", "narrowed", "unfollowed", "edited"])
async def test_a_successor_shows_the_post_as_it_is_now(how: str) -> None:
    """Between an edit and its refusal the post may change: the successor shows what its chat may read now."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    match how:
        case "deleted":
            chat.portal.posts.clear()
        case "narrowed":
            chat.portal.posts[POST] = replace(SECOND, for_all=False)
        case "unfollowed":
            chat.memory.following.clear()
        case _:
            chat.portal.posts[POST] = THIRD
    gone, *shown = await chat.failed(edit, code="MESSAGE_ACCESS_DENIED")
    assert isinstance(gone, DeleteCard)
    assert ["Tea" in everything(card) for card in shown] == ([True] if how == "edited" else [])


async def test_a_chat_without_the_bot_gets_no_successor() -> None:
    """If the portal says that the bot has left the chat, the card is forgotten and nothing is sent there."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    chat.portal.closed.add(GROUP)
    (told,) = await chat.failed(edit, code="ACCESS_DENIED")
    assert isinstance(told, Say)
    assert told.dialog == "1"
    assert await chat.hear(updated()) == []


async def test_a_late_refusal_leaves_the_newer_card_alone() -> None:
    """If a card was replaced meanwhile, the old message is deleted and the new card is edited further."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    _, card = await chat.failed(edit, code="MESSAGE_ACCESS_DENIED")
    await chat.done(card, 950)
    assert [type(effect) for effect in await chat.failed(edit, code="MESSAGE_ACCESS_DENIED")] == [DeleteCard]
    chat.portal.posts[POST] = THIRD
    (again,) = await chat.hear(updated())
    assert isinstance(again, EditCard)
    assert again.message == 950


async def test_a_passing_failure_keeps_the_card() -> None:
    """After an error that passes, the next change edits the same message."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = SECOND
    for _ in range(3):
        (edit,) = await chat.hear(updated())
        assert isinstance(edit, EditCard)
        assert await chat.failed(edit, "TooFast") == []


async def test_an_unknown_refusal_is_tried_twice() -> None:
    """A card whose edits the portal refuses twice, for whatever reason, is replaced."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    assert await chat.failed(edit, code="SOMETHING_NEW") == []
    (again,) = await chat.hear(updated())
    assert isinstance(again, EditCard)
    gone, shown = await chat.failed(again, code="SOMETHING_NEW")
    assert (type(gone), type(shown)) == (DeleteCard, ShowCard)


async def test_an_edit_that_works_ends_the_count_of_refusals() -> None:
    """Only refusals in a row count."""
    chat = talk(follow(GROUP))
    await stand(chat)
    for post in (SECOND, THIRD):
        chat.portal.posts[POST] = post
        (edit,) = await chat.hear(updated())
        assert await chat.failed(edit, code="SOMETHING_NEW") == []
        (again,) = await chat.hear(updated())
        assert isinstance(again, EditCard)
        assert (again.message, again.refused) == (900, 1)


async def test_content_that_must_go_is_deleted_after_any_refusal() -> None:
    """An edit that removes content is not tried twice: the message is deleted."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = replace(SECOND, for_all=False)
    (hides,) = await chat.hear(updated())
    (gone,) = await chat.failed(hides, code="SOMETHING_NEW")
    assert isinstance(gone, DeleteCard)


def joined() -> Joined:
    """Make the event of the bot joining the group."""
    return Joined(portal=PORTAL, bot=BOT, dialog=GROUP, author=ANNA, language="en", chat_title="")


async def test_content_that_could_not_be_deleted_goes_when_the_bot_comes_back() -> None:
    """A refused deletion is tried again once whenever the bot joins the chat, and at no other event."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = replace(SECOND, for_all=False)
    (hides,) = await chat.hear(updated())
    (gone,) = await chat.failed(hides, code="ACCESS_DENIED")
    for _ in range(2):
        assert await chat.failed(gone, code="ACCESS_DENIED") == []
        assert await chat.hear(updated()) == []
        again = [effect for effect in await chat.hear(joined()) if isinstance(effect, DeleteCard)]
        assert again == [gone]
    assert [effect for effect in await chat.hear(joined()) if isinstance(effect, DeleteCard)] == []


async def test_a_message_that_is_gone_is_not_deleted_again() -> None:
    """A deletion that fails because there is no message leaves nothing to do."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = replace(SECOND, for_all=False)
    (hides,) = await chat.hear(updated())
    (gone,) = await chat.failed(hides, code="ACCESS_DENIED")
    assert await chat.failed(gone, error="Gone", code="MESSAGE_NOT_FOUND") == []
    assert [effect for effect in await chat.hear(joined()) if isinstance(effect, DeleteCard)] == []


async def test_a_late_failure_of_the_old_card() -> None:
    """A failed edit of an old message does not affect the card that has replaced it."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    _, card = await chat.failed(edit, "Gone")
    await chat.done(card, 950)
    before = len(chat.state_changes)
    await chat.failed(edit, "Gone")
    assert not any(isinstance(state_change, CardLost) for state_change in chat.state_changes[before:])
