"""The relay: nobody sees what they may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import PortalDown
from bot.model.effects import DeleteCard, EditCard
from bot.model.events import Dialog, PostId, UserId
from bot.model.records import Post
from tests.feeding import (
    FIRST,
    POST,
    PRIVATE_POST,
    added,
    everything,
    follow,
    stand,
    talk,
    text,
    updated,
)
from tests.stand_ins import GROUP, PRIVATE


async def test_a_post_for_some_in_a_group() -> None:
    """A post that is not for everyone comes into a group as a link with the reason, and with nothing of its content."""
    (card,) = await talk(follow(GROUP), post=PRIVATE_POST).hear(added())
    assert text(card) == ("There is a post in the News Feed. It is not for everyone, so I show only the link here.")
    assert "https://north.example.com/company/personal/user/7/blog/217/" in everything(card)
    assert not any(word in everything(card) for word in ("Coffee", "Tea"))


async def test_a_word_filter_does_not_search_what_may_not_be_read() -> None:
    """A word filter says nothing of a post whose content may not be shown: its silence must not be an answer."""
    assert await talk(follow(GROUP, "word:tea"), post=PRIVATE_POST).hear(added()) == []


async def test_guests_in_the_group() -> None:
    """A group with guests gets only the link, also of a post for everyone in the company."""
    chat = talk(follow(GROUP))
    chat.portal.guests.add(GROUP)
    (card,) = await chat.hear(added())
    assert text(card).endswith("This chat is open to guests, so I show only the link here.")
    assert "coffee" not in everything(card)


@pytest.mark.parametrize("post", [FIRST, PRIVATE_POST])
async def test_a_private_dialog(post: Post) -> None:
    """A person alone sees the content, if a look as that person just found it; otherwise the link."""
    chat = talk(follow(PRIVATE), post=post)
    (card,) = await chat.hear(added())
    assert "attach={}" not in everything(card)
    hidden = talk(follow(PRIVATE), post=post)
    hidden.portal.guests.add(PRIVATE)
    hidden.portal.hidden_from.add((POST, UserId(7)))
    (card,) = await hidden.hear(added())
    assert text(card).endswith("I could not make sure that you may read it, so I show only the link.")


async def test_an_employee_reads_what_is_for_everyone() -> None:
    """A post for all employees needs no token of the employee who follows it in private."""
    chat = talk(follow(PRIVATE))
    chat.portal.hidden_from.add((POST, UserId(7)))
    (card,) = await chat.hear(added())
    assert "attach={}" not in everything(card)


async def test_a_check_that_fails_is_a_no() -> None:
    """Where the portal does not answer whether somebody may read a post, only the link is shown."""
    chat = talk(follow(GROUP), follow(PRIVATE))
    portal = chat.portal

    class Silent(type(portal)):  # type: ignore[misc]  # mypy sees an expression; it is StandInPortal
        async def has_guests(self, dialog: Dialog) -> bool:
            raise PortalDown("no answer", unsure=False)

        async def post(self, post: PostId, *, reader: UserId | None = None) -> Post | None:
            if reader:
                raise PortalDown("no answer", unsure=False)
            return FIRST

    chat.portal = Silent()
    shown = await chat.hear(added())
    assert len(shown) == 2
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
