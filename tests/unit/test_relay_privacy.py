"""The relay: nobody sees what they may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import PortalDown
from bot.model.effects import DeleteCard, EditCard, Share, ShowCard
from bot.model.events import Dialog, PostAdded, PostId, QuietToSay, UserId
from bot.model.records import Post
from tests.feeding import (
    FIRST,
    OTHER,
    POST,
    PRIVATE_POST,
    SECOND,
    added,
    deleted,
    everything,
    follow,
    stand,
    talk,
    text,
    updated,
)
from tests.stand_ins import GROUP, NOW, PORTAL, PRIVATE


async def test_a_post_for_some_in_a_group() -> None:
    """Nothing of a post that is not for everyone comes into a group, and no link that names its author."""
    assert await talk(follow(GROUP), post=PRIVATE_POST).hear(added()) == []


async def test_a_word_filter_does_not_search_what_may_not_be_read() -> None:
    """A word filter says nothing of a post whose content may not be shown: its silence must not be an answer."""
    assert await talk(follow(GROUP, "word:tea"), post=PRIVATE_POST).hear(added()) == []


async def test_guests_in_the_group() -> None:
    """A group with extranet users gets no card, also of a post for everyone in the company."""
    chat = talk(follow(GROUP))
    chat.portal.guests.add(GROUP)
    assert not [card for card in await chat.hear(added()) if "coffee" in everything(card)]


@pytest.mark.parametrize("post", [FIRST, PRIVATE_POST])
async def test_a_private_dialog(post: Post) -> None:
    """A person alone sees the content where the post stands in their own feed; otherwise they are told nothing."""
    chat = talk(follow(PRIVATE), post=post)
    (card,) = await chat.hear(added())
    assert "attach={}" not in everything(card)
    hidden = talk(follow(PRIVATE), post=post)
    hidden.portal.guests.add(PRIVATE)
    hidden.portal.hidden_from.add((POST, UserId(7)))
    assert await hidden.hear(added()) == []


async def test_an_administrator_reads_their_own_feed() -> None:
    """What an administrator may open by its id, but does not stand in their feed, is not pushed to them."""
    chat = talk(follow(PRIVATE), post=PRIVATE_POST)
    chat.portal.not_in_feed.add((POST, UserId(7)))
    assert await chat.hear(added()) == []


async def test_nothing_is_told_of_a_post_that_one_may_not_read() -> None:
    """After it was withheld from a person, neither a change of a post nor its end is told them."""
    chat = talk(follow(PRIVATE), post=PRIVATE_POST)
    await stand(chat)
    chat.portal.not_in_feed.add((POST, UserId(7)))
    (emptied,) = await chat.hear(updated())
    assert text(emptied) == "This post is not open to everyone here, so nothing of it is shown."
    assert "217" not in everything(emptied)
    chat.portal.posts[POST] = replace(PRIVATE_POST, important=True)
    assert await chat.hear(updated()) == []
    assert await chat.hear(deleted()) == []


async def test_a_withheld_card_whose_reader_may_read_again() -> None:
    """A private card gets its content back when the post is opened from some readers to others, text unchanged."""
    chat = talk(follow(PRIVATE), post=PRIVATE_POST)
    await stand(chat)
    chat.portal.not_in_feed.add((POST, UserId(7)))
    await chat.hear(updated())
    chat.portal.not_in_feed.clear()
    (back,) = await chat.hear(updated())
    assert "Tea" in everything(back)


async def test_a_post_that_we_open_to_all() -> None:
    """`/share N to:all` brings the content back into the group's card: the portal tells of no sharing."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = replace(FIRST, for_all=False)
    await chat.hear(updated())
    chat.portal.posts[POST] = FIRST
    share = Share(dialog=GROUP, user=UserId(7), post=POST, dest=["UA"], report=True)
    assert [text(card) for card in await chat.done(share) if isinstance(card, EditCard)] == [
        "News Feed: The coffee machine works again."
    ]


async def test_an_old_edited_post_is_judged_by_each_chat_alone() -> None:
    """A post from before a chat followed brings it no card when edited, whoever else follows."""
    post = replace(FIRST, date="2025-06-15T10:00:00+00:00")
    late = replace(follow(PRIVATE), since=NOW)
    chat = talk(follow(GROUP), post=post)
    await stand(chat)
    chat.memory.following.append(late)
    chat.portal.posts[POST] = replace(post, text="Changed.")
    assert [card.dialog for card in await chat.hear(updated()) if isinstance(card, ShowCard | EditCard)] == [GROUP]


async def test_a_first_card_never_speaks_of_changes() -> None:
    """A chat whose first card comes with an edit reads the post, and nothing of what it was before."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.memory.following.append(follow(PRIVATE))
    chat.portal.posts[POST] = SECOND
    shown = [card for card in await chat.hear(updated()) if isinstance(card, ShowCard)]
    assert [text(card) for card in shown] == ["News Feed: The coffee machine is broken again."]


async def test_an_employee_reads_what_is_for_everyone() -> None:
    """A post for all employees needs no token of the employee who follows it in private."""
    chat = talk(follow(PRIVATE))
    chat.portal.hidden_from.add((POST, UserId(7)))
    (card,) = await chat.hear(added())
    assert "attach={}" not in everything(card)


async def test_a_check_that_fails_is_a_no() -> None:
    """Where the portal does not answer whether somebody may read a post, nothing is shown."""
    chat = talk(follow(GROUP), follow(PRIVATE))
    portal = chat.portal

    class Silent(type(portal)):  # type: ignore[misc]  # mypy sees an expression; it is StandInPortal
        async def has_extranet_users(self, dialog: Dialog) -> bool:
            raise PortalDown("no answer", outcome_unknown=False)

        async def is_in_feed_of(self, post: Post, reader: UserId) -> bool:
            raise PortalDown("no answer", outcome_unknown=False)

    chat.portal = Silent(posts={POST: FIRST})
    shown = await chat.hear(added())
    assert not any("coffee" in everything(card) for card in shown)


async def test_the_audience_became_smaller() -> None:
    """A post that is not for everyone any more loses its content in groups, also in the card that stands."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = replace(FIRST, for_all=False)
    (card,) = await chat.hear(updated())
    assert isinstance(card, EditCard)
    assert "coffee" not in everything(card)


async def test_a_post_that_we_see_no_longer() -> None:
    """A post that disappears from our sight takes its content out of every card; when it is back, so is the content."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts.clear()
    (hidden,) = await chat.hear(updated())
    assert text(hidden) == "I cannot see this post any more, so I show nothing of it."
    assert await chat.hear(updated()) == []
    chat.portal.posts[POST] = FIRST
    (back,) = await chat.hear(updated())
    assert text(back) == "News Feed: The coffee machine works again."


async def test_only_its_author_sees_it() -> None:
    """Where the event brings nobody's eyes, a post that was seen before is read as its author."""
    chat = talk(follow(PRIVATE), post=PRIVATE_POST)
    await stand(chat)
    chat.portal.hidden_from.add((POST, None))  # type: ignore[arg-type]  # None: no reader is named
    chat.portal.posts[POST] = replace(PRIVATE_POST, text="Water.")
    (card,) = await chat.hear(updated())
    assert "Water." in everything(card)


async def test_content_that_could_not_be_taken_out() -> None:
    """Where the edit that hides a post is given up, the next event of that post tries again."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = replace(FIRST, for_all=False)
    (hides,) = await chat.hear(updated())
    assert await chat.failed(hides, "Broken", code="INTERNAL_SERVER_ERROR") == []
    (again,) = await chat.hear(updated())
    assert everything(again) == everything(hides)
    assert await chat.hear(updated()) == []


async def test_a_portal_that_refuses_the_edit_is_asked_to_delete() -> None:
    """Where the portal says that the message is too old to hide what it shows, it is deleted, once."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = replace(FIRST, for_all=False)
    (hides,) = await chat.hear(updated())
    (goes,) = await chat.failed(hides, "Refused", code="CANT_EDIT_MESSAGE")
    assert isinstance(goes, DeleteCard)
    assert await chat.failed(goes, "Refused", code="CANT_EDIT_MESSAGE") == []
    assert await chat.hear(updated()) == []


async def test_a_guest_who_came_while_the_card_waited() -> None:
    """Who reads in a group is asked again for a card that waited long, and whenever its post is heard of."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    chat.now += 120
    chat.portal.guests.add(GROUP)
    (hidden,) = await chat.done(card, 900)
    assert "coffee" not in everything(hidden)
    chat.portal.guests.clear()
    (back,) = await chat.hear(updated())
    assert "coffee" in everything(back)
    chat.portal.guests.add(GROUP)
    (hidden,) = await chat.hear(updated())
    assert "coffee" not in everything(hidden)


async def test_a_guest_who_joins_a_chat_where_cards_stand() -> None:
    """Whatever is heard in a chat, or of any post, takes the content out of all cards where an extranet user came."""
    chat = talk(follow(GROUP), follow(OTHER))
    await stand(chat)
    chat.now += 40
    chat.portal.guests.add(GROUP)
    emptied = [one for one in await chat.say("hello") if isinstance(one, EditCard)]
    assert [(one.dialog, "coffee" in everything(one)) for one in emptied] == [(GROUP, False)]
    chat.portal.guests.add(OTHER)
    chat.now += 40
    chat.portal.posts[PostId(5)] = replace(FIRST, id=PostId(5), for_all=False)
    emptied = [one for one in await chat.hear(PostAdded(portal=PORTAL, post=PostId(5))) if isinstance(one, EditCard)]
    assert [(one.dialog, "coffee" in everything(one)) for one in emptied] == [(OTHER, False)]


async def test_a_chat_is_not_asked_about_again_and_again() -> None:
    """Between two looks at who reads in a chat some time passes, however much is said there."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.now += 40
    await chat.say("hello")
    chat.portal.guests.add(GROUP)
    assert not [one for one in await chat.say("hello again") if isinstance(one, EditCard)]
    chat.now += 40
    assert [one for one in await chat.say("and again") if isinstance(one, EditCard)]


async def test_one_quiet_line() -> None:
    """Posts that not everyone in a group may read are counted in one message, which names neither post nor author."""
    chat = talk(follow(GROUP), post=replace(PRIVATE_POST, date="2025-06-15T12:40:00+00:00"))
    chat.portal.grouped = {POST, 218}
    assert await chat.hear(added()) == []
    say_it = QuietToSay(portal=PORTAL, dialog=GROUP, day=20250615)
    (line,) = await chat.hear(say_it)
    assert isinstance(line, ShowCard)
    assert "12:40" in text(line)
    assert not [one for one in ("217", "/user/", "Coffee", "Tea") if one in everything(line)]
    assert await chat.done(line, 900) == []
    assert await chat.hear(say_it) == []
    chat.portal.posts[PostId(218)] = replace(PRIVATE_POST, id=PostId(218), date="2025-06-15T12:41:00+00:00")
    await chat.hear(PostAdded(portal=PORTAL, post=PostId(218)))
    (again,) = await chat.hear(say_it)
    assert isinstance(again, EditCard)
    assert (again.message, "12:41" in text(again)) == (900, True)


async def test_a_personal_post_is_not_even_counted() -> None:
    """A post that goes to persons only leaves no trace in a group: not its time, not its number."""
    chat = talk(follow(GROUP), post=PRIVATE_POST)
    assert await chat.hear(added()) == []
    assert chat.memory.quiet == []
