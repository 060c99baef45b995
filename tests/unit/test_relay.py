"""The relay: who gets a card, what it says about a change, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import PortalDown
from bot.feed.relay import changes
from bot.feed.relay.reach import EDIT_WINDOW
from bot.model.effects import DeleteCard, EditCard, Effect, ShowCard
from bot.model.events import Dialog
from bot.model.records import Post
from tests.feeding import (
    FIRST,
    OTHER,
    POST,
    SECOND,
    THIRD,
    added,
    everything,
    follow,
    stand,
    talk,
    text,
    updated,
)
from tests.stand_in_memory import known_portal
from tests.stand_ins import GROUP, NOW

# --- Who gets a card -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "post", "wanted"),
    [
        ("all", FIRST, True),
        ("important", FIRST, False),
        ("important", replace(FIRST, important=True), True),
        ("from:7", FIRST, True),
        ("from:8", FIRST, False),
        ("word:coffee", FIRST, True),
        ("word:COFFEE mach", FIRST, True),
        ("word:machines", FIRST, False),
        ("word:offee", FIRST, False),
        ("word:tea", THIRD, True),
        ("word:b", replace(FIRST, text="[b]Only markup[/b]"), False),
        ("word:запуск", replace(FIRST, text="О Запуске станка"), True),
        ("word:a.c", replace(FIRST, text="abc"), False),
    ],
)
async def test_a_subscription_matches_its_filter(topic: str, post: Post, *, wanted: bool) -> None:
    """A subscription matches its filter; a word matches beginnings of words, in any case."""
    shown = await talk(follow(GROUP, topic), post=post).hear(added())
    assert bool(shown) is wanted


async def test_overlapping_subscriptions() -> None:
    """Several matching subscriptions of one dialog give one card, with a button for the oldest."""
    chat = talk(follow(GROUP, "important"), follow(GROUP, "from:7"), follow(GROUP), follow(OTHER))
    shown = await chat.hear(added())
    assert [card.dialog for card in shown if isinstance(card, ShowCard)] == [GROUP, OTHER]
    assert "from:U7" in everything(shown[0])


async def test_a_card_has_the_language_of_its_subscription() -> None:
    """A card has the language of its subscription, in every version."""
    chat = talk(follow(GROUP, language="ru"), follow(OTHER, language="de"))
    shown = await stand(chat)
    chat.portal.posts[POST] = SECOND
    edited = await chat.hear(updated())
    assert [text(card) for card in shown] == [
        "Лента новостей: The coffee machine works again.",
        "Feed: The coffee machine works again.",
    ]
    assert [text(card).splitlines()[1] for card in edited] == ["Изменился текст.", "Der Text wurde geändert."]


async def test_a_post_without_followers_is_not_read() -> None:
    """A post that nobody follows is not read; only its existence is stored."""
    chat = talk()
    chat.portal.error = PortalDown("nobody is to be asked", outcome_unknown=False)
    assert await chat.hear(added()) == []
    assert await chat.hear(updated()) == []
    assert await chat.memory.post(POST) == changes.never_seen(POST)


async def test_a_post_older_than_its_followers() -> None:
    """Its first update, which may change nothing visible, brings no card; later changes do."""
    chat = talk()
    await chat.hear(added())
    chat.memory.following.append(follow(GROUP))
    assert await chat.hear(updated()) == []
    chat.portal.posts[POST] = SECOND
    (card,) = await chat.hear(updated())
    assert isinstance(card, ShowCard)


async def test_an_invisible_post_is_ignored() -> None:
    """A post that we cannot see is ignored."""
    chat = talk(follow(GROUP), post=None)
    assert await chat.hear(added()) == []
    assert chat.state_changes == []


async def test_the_text_is_not_kept() -> None:
    """What is stored of a post contains neither its text nor its title."""
    chat = talk(follow(GROUP), post=THIRD)
    await chat.hear(added())
    remembered = repr(chat.state_changes)
    assert "Coffee" not in remembered
    assert "Tea" not in remembered


# --- What changed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (replace(FIRST, text="It does not."), ["The text changed."]),
        (replace(FIRST, title="Coffee"), ["The title changed."]),
        (THIRD, ["The title and the text changed."]),
        (replace(FIRST, important=True), ["It is important now."]),
        (replace(SECOND, important=True), ["The text changed.", "It is important now."]),
    ],
)
async def test_a_change_is_said_in_one_line(after: Post, said: list[str]) -> None:
    """An edit updates the card and names each kind of change in one line."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = after
    (card,) = await chat.hear(updated())
    assert isinstance(card, EditCard)
    assert card.message == 900
    assert text(card).splitlines()[1:] == said


async def test_no_longer_important() -> None:
    """Removing "important" is a change too."""
    chat = talk(follow(GROUP), post=replace(FIRST, important=True))
    await stand(chat)
    chat.portal.posts[POST] = FIRST
    (card,) = await chat.hear(updated())
    assert text(card).endswith("It is no longer marked as important.")


@pytest.mark.parametrize("after", [FIRST, replace(FIRST, text=f"{FIRST.text}  \n"), replace(FIRST, date="later")])
async def test_an_update_without_visible_change(after: Post) -> None:
    """An update without a visible change yields nothing (reference: section 7.5)."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = after
    assert await chat.hear(updated()) == []


async def test_a_title_made_by_the_portal_is_no_change() -> None:
    """If the portal makes the title from the text, a new text is not called a new title (reference: MICRO)."""
    chat = talk(follow(GROUP), post=replace(FIRST, title="The coffee machine..."))
    await stand(chat)
    chat.portal.posts[POST] = replace(SECOND, title="The coffee machine is...")
    (card,) = await chat.hear(updated())
    assert text(card).splitlines()[1:] == ["The text changed."]


async def test_a_post_first_seen_by_an_edit() -> None:
    """A post first seen when it is edited gets its cards then; one without card stays without."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(updated())
    assert isinstance(card, ShowCard)
    assert text(card) == "News Feed: The coffee machine works again."


async def test_a_chat_that_follows_later() -> None:
    """A chat that follows after the post appeared gets its next change, not an update without one."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.memory.following.append(follow(OTHER))
    assert await chat.hear(updated()) == []
    chat.portal.posts[POST] = SECOND
    assert [type(effect) for effect in await chat.hear(updated())] == [EditCard, ShowCard]


async def test_a_chat_that_follows_no_longer() -> None:
    """After the last subscription ended, the existing card is still updated, and no new one is made."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.memory.following.clear()
    chat.portal.posts[POST] = SECOND
    (card,) = await chat.hear(updated())
    assert isinstance(card, EditCard)
    assert "unfollow" not in everything(card)


# --- The window of three days --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        (SECOND, [DeleteCard, ShowCard]),
        (replace(FIRST, important=True), [DeleteCard, ShowCard]),
        (replace(FIRST, for_all=False), [DeleteCard]),
    ],
)
async def test_a_card_too_old_to_edit(after: Post, kinds: list[type[Effect]]) -> None:
    """In v1, a card too old to edit is replaced for a change that matters, and deleted if its content must go."""
    chat = talk(follow(GROUP))
    chat.memory.known = known_portal(api="v1")
    await stand(chat)
    chat.portal.posts[POST] = after
    chat.now = NOW + EDIT_WINDOW
    assert [type(effect) for effect in await chat.hear(updated())] == kinds


@pytest.mark.parametrize("after", [SECOND, replace(FIRST, for_all=False)])
async def test_a_card_of_v2_is_edited_at_any_age(after: Post) -> None:
    """imbot.v2 has no time limit for edits, so a card of a year ago is edited, also to remove its content."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = after
    chat.now = NOW + 365 * 86_400
    (edit,) = await chat.hear(updated())
    assert isinstance(edit, EditCard)
    assert edit.message == 900


async def test_a_replacement_card_is_edited_further() -> None:
    """The card that replaced an old one is edited from then on, with a new age."""
    chat = talk(follow(GROUP))
    chat.memory.known = known_portal(api="v1")
    await stand(chat)
    chat.now = NOW + EDIT_WINDOW
    chat.portal.posts[POST] = SECOND
    _, card = await chat.hear(updated())
    await chat.done(card, 950)
    chat.now += EDIT_WINDOW - 1
    chat.portal.posts[POST] = THIRD
    (edit,) = await chat.hear(updated())
    assert isinstance(edit, EditCard)
    assert edit.message == 950


async def test_edits_do_not_make_a_card_younger() -> None:
    """The time limit counts from the message, not from its last edit (reference: 259 200 s from its date)."""
    chat = talk(follow(GROUP))
    chat.memory.known = known_portal(api="v1")
    await stand(chat)
    chat.now = NOW + EDIT_WINDOW - 1
    chat.portal.posts[POST] = SECOND
    assert [type(effect) for effect in await chat.hear(updated())] == [EditCard]
    chat.now += 2
    chat.portal.posts[POST] = THIRD
    assert [type(effect) for effect in await chat.hear(updated())] == [DeleteCard, ShowCard]


# --- What is no news -----------------------------------------------------------------------------------


async def test_an_old_post_first_seen_by_an_edit() -> None:
    """Last year's post that is pinned brings no card; today's post whose event was lost does."""
    for age, told in ((365 * 86_400, False), (3_600, True)):
        written = datetime.fromtimestamp(NOW - age, UTC).isoformat()
        chat = talk(follow(GROUP), post=replace(FIRST, date=written))
        assert bool(await chat.hear(updated())) is told


async def test_a_long_post_for_many_chats() -> None:
    """Work that is the same for every chat is done once: a thousand chats cost little more than one."""
    post = replace(FIRST, title="Minutes", text="word [B]bold[/B] and line\n" * 8_000)
    chat = talk(*(follow(Dialog(f"chat{number}"), "word:bold") for number in range(100, 1_100)), post=post)
    changes.text_digest.cache_clear()
    assert len(await chat.hear(added())) == 1_000
    assert changes.text_digest.cache_info().misses < 10
