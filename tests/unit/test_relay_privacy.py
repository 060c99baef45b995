"""The relay: nobody sees what they may not see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import PortalDown
from bot.model.effects import DeleteCard, EditCard, Share, ShowCard
from bot.model.events import Dialog, PostAdded, PostId, QuietToSay, UserId
from bot.model.records import Post
from bot.model.state_changes import TimerSet
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
from tests.stand_ins import GROUP, NOW, PORTAL, PRIVATE, Conversation


async def test_a_restricted_post_is_not_shown_in_a_group() -> None:
    """No content of a post that is not for everyone comes into a group, and no link with its author."""
    assert await talk(follow(GROUP), post=PRIVATE_POST).hear(added()) == []


async def test_a_word_filter_does_not_search_what_may_not_be_read() -> None:
    """A word filter ignores a post whose content may not be shown, because a match would reveal a word."""
    assert await talk(follow(GROUP, "word:tea"), post=PRIVATE_POST).hear(added()) == []


async def test_a_group_with_extranet_users_gets_no_card() -> None:
    """A group with extranet users gets no card, even of a post for all employees."""
    chat = talk(follow(GROUP))
    chat.portal.extranet_dialogs.add(GROUP)
    assert not [card for card in await chat.hear(added()) if "coffee" in everything(card)]


@pytest.mark.parametrize("post", [FIRST, PRIVATE_POST])
async def test_a_private_dialog_shows_posts_of_the_users_feed(post: Post) -> None:
    """A user sees the content if the post is in their own feed; otherwise they are told nothing."""
    chat = talk(follow(PRIVATE), post=post)
    (card,) = await chat.hear(added())
    assert "attach={}" not in everything(card)
    hidden = talk(follow(PRIVATE), post=post)
    hidden.portal.extranet_dialogs.add(PRIVATE)
    hidden.portal.hidden_from.add((POST, UserId(7)))
    assert await hidden.hear(added()) == []


async def test_an_administrator_reads_their_own_feed() -> None:
    """A post that an administrator may open by id, but that is not in their feed, is not sent to them."""
    chat = talk(follow(PRIVATE), post=PRIVATE_POST)
    chat.portal.not_in_feed.add((POST, UserId(7)))
    assert await chat.hear(added()) == []


async def test_a_withheld_post_is_never_mentioned() -> None:
    """After a post was withheld from a user, they are told neither changes nor its deletion."""
    chat = talk(follow(PRIVATE), post=PRIVATE_POST)
    await stand(chat)
    chat.portal.not_in_feed.add((POST, UserId(7)))
    (emptied,) = await chat.hear(updated())
    assert text(emptied) == "Not everyone here may read this post, so it is not shown."
    assert "217" not in everything(emptied)
    chat.portal.posts[POST] = replace(PRIVATE_POST, important=True)
    assert await chat.hear(updated()) == []
    assert await chat.hear(deleted()) == []


async def test_a_withheld_card_whose_reader_may_read_again() -> None:
    """A private card gets its content back when the user becomes a reader again."""
    chat = talk(follow(PRIVATE), post=PRIVATE_POST)
    await stand(chat)
    chat.portal.not_in_feed.add((POST, UserId(7)))
    await chat.hear(updated())
    chat.portal.not_in_feed.clear()
    (back,) = await chat.hear(updated())
    assert "Tea" in everything(back)


async def test_a_post_shared_with_all_is_shown_again() -> None:
    """`/share N to:all` brings the content back into the group's card: the portal sends no event for it."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = replace(FIRST, for_all=False)
    await chat.hear(updated())
    chat.portal.posts[POST] = FIRST
    share = Share(dialog=GROUP, user=UserId(7), post=POST, dest=["UA"], report=True)
    assert [text(card) for card in await chat.done(share) if isinstance(card, EditCard)] == [
        "News Feed: The coffee machine works again."
    ]


async def test_an_old_edited_post_needs_an_older_subscription() -> None:
    """A post older than a chat's subscription brings it no card when edited, even if others follow."""
    post = replace(FIRST, date="2025-06-15T10:00:00+00:00")
    late = replace(follow(PRIVATE), since=NOW)
    chat = talk(follow(GROUP), post=post)
    await stand(chat)
    chat.memory.following.append(late)
    chat.portal.posts[POST] = replace(post, text="Changed.")
    assert [card.dialog for card in await chat.hear(updated()) if isinstance(card, ShowCard | EditCard)] == [GROUP]


async def test_a_first_card_mentions_no_changes() -> None:
    """A first card after an edit shows the post, and nothing of its earlier version."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.memory.following.append(follow(PRIVATE))
    chat.portal.posts[POST] = SECOND
    shown = [card for card in await chat.hear(updated()) if isinstance(card, ShowCard)]
    assert [text(card) for card in shown] == ["News Feed: The coffee machine is broken again."]


async def test_a_post_for_all_needs_no_token_of_the_reader() -> None:
    """A post for all employees needs no token of the employee who follows it in private."""
    chat = talk(follow(PRIVATE))
    chat.portal.hidden_from.add((POST, UserId(7)))
    (card,) = await chat.hear(added())
    assert "attach={}" not in everything(card)


async def test_a_failed_check_counts_as_no() -> None:
    """If the portal does not say whether somebody may read a post, nothing is shown."""
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


async def test_a_narrowed_post_loses_its_content() -> None:
    """A post that is no longer for everyone loses its content in groups, also in existing cards."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = replace(FIRST, for_all=False)
    (card,) = await chat.hear(updated())
    assert isinstance(card, EditCard)
    assert "coffee" not in everything(card)


async def test_a_post_that_became_invisible_loses_its_content() -> None:
    """If we can no longer read a post, its content disappears from every card; later it comes back."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts.clear()
    (hidden,) = await chat.hear(updated())
    assert text(hidden) == "I can no longer see this post, so it is not shown."
    assert await chat.hear(updated()) == []
    chat.portal.posts[POST] = FIRST
    (back,) = await chat.hear(updated())
    assert text(back) == "News Feed: The coffee machine works again."


async def test_a_post_is_read_with_its_authors_token_if_needed() -> None:
    """If the event has no token that can read it, a known post is read with its author's token."""
    chat = talk(follow(PRIVATE), post=PRIVATE_POST)
    await stand(chat)
    chat.portal.hidden_from.add((POST, None))  # type: ignore[arg-type]  # None: no reader is named
    chat.portal.posts[POST] = replace(PRIVATE_POST, text="Water.")
    (card,) = await chat.hear(updated())
    assert "Water." in everything(card)


async def test_a_failed_removal_of_content_is_repeated() -> None:
    """If the edit that hides a post fails, the next event of that post tries again."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = replace(FIRST, for_all=False)
    (hides,) = await chat.hear(updated())
    assert await chat.failed(hides, "Broken", code="INTERNAL_SERVER_ERROR") == []
    (again,) = await chat.hear(updated())
    assert everything(again) == everything(hides)
    assert await chat.hear(updated()) == []


async def test_a_portal_that_refuses_the_edit_is_asked_to_delete() -> None:
    """If a message is too old to hide its content, it is deleted, once."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = replace(FIRST, for_all=False)
    (hides,) = await chat.hear(updated())
    (goes,) = await chat.failed(hides, "Refused", code="CANT_EDIT_MESSAGE")
    assert isinstance(goes, DeleteCard)
    assert await chat.failed(goes, "Refused", code="CANT_EDIT_MESSAGE") == []
    assert await chat.hear(updated()) == []


async def test_an_extranet_user_who_joined_while_the_card_waited() -> None:
    """Readers of a group are checked again for a card that waited long, and at every event of its post."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    chat.now += 120
    chat.portal.extranet_dialogs.add(GROUP)
    (hidden,) = await chat.done(card, 900)
    assert "coffee" not in everything(hidden)
    chat.portal.extranet_dialogs.clear()
    (back,) = await chat.hear(updated())
    assert "coffee" in everything(back)
    chat.portal.extranet_dialogs.add(GROUP)
    (hidden,) = await chat.hear(updated())
    assert "coffee" not in everything(hidden)


async def test_an_extranet_user_who_joins_a_chat_with_cards() -> None:
    """Any message in a chat, or event of any post, removes the content of cards that an extranet user could read."""
    chat = talk(follow(GROUP), follow(OTHER))
    await stand(chat)
    chat.now += 40
    chat.portal.extranet_dialogs.add(GROUP)
    emptied = [one for one in await chat.say("hello") if isinstance(one, EditCard)]
    assert [(one.dialog, "coffee" in everything(one)) for one in emptied] == [(GROUP, False)]
    chat.portal.extranet_dialogs.add(OTHER)
    chat.now += 40
    chat.portal.posts[PostId(5)] = replace(FIRST, id=PostId(5), for_all=False)
    emptied = [one for one in await chat.hear(PostAdded(portal=PORTAL, post=PostId(5))) if isinstance(one, EditCard)]
    assert [(one.dialog, "coffee" in everything(one)) for one in emptied] == [(OTHER, False)]


async def test_readers_of_a_chat_are_not_checked_too_often() -> None:
    """Some time passes between two checks of a chat's readers, however many messages there are."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.now += 40
    await chat.say("hello")
    chat.portal.extranet_dialogs.add(GROUP)
    assert not [one for one in await chat.say("hello again") if isinstance(one, EditCard)]
    chat.now += 40
    assert [one for one in await chat.say("and again") if isinstance(one, EditCard)]


async def test_withheld_posts_are_counted_in_one_line() -> None:
    """Posts that not everyone in a group may read are counted in one message, which names neither post nor author."""
    chat = talk(follow(GROUP), post=replace(PRIVATE_POST, date="2025-06-15T12:40:00+00:00"))
    chat.portal.grouped = {POST, 218}
    chat.portal.mixed.add(GROUP)
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


async def test_a_burst_of_posts_causes_one_quiet_line() -> None:
    """Each post schedules the line of its day in two seconds; later ones do not delay it, and days do not mix."""
    chat = talk(follow(GROUP))
    chat.portal.grouped = {217, 218, 219}
    chat.portal.mixed.add(GROUP)
    for post, date in ((217, "2025-06-15T12:40"), (218, "2025-06-15T12:41"), (219, "2025-06-16T00:01")):
        chat.portal.posts[PostId(post)] = replace(PRIVATE_POST, id=PostId(post), date=f"{date}:00+00:00")
        await chat.hear(PostAdded(portal=PORTAL, post=PostId(post)))
    timers = [one for one in chat.state_changes if isinstance(one, TimerSet)]
    assert [(one.key, one.event) for one in timers] == [
        (f"quiet:{GROUP}:{day}", QuietToSay(portal=PORTAL, dialog=GROUP, day=day))
        for day in (20250615, 20250615, 20250616)
    ]
    assert {(one.at, one.keep_earlier, one.ordering_key) for one in timers} == {(NOW + 2, True, f"quiet:{GROUP}")}


async def test_a_personal_post_is_not_counted() -> None:
    """A post for single persons leaves no trace in a group: not its time, not its number."""
    chat = talk(follow(GROUP), post=PRIVATE_POST)
    assert await chat.hear(added()) == []
    assert chat.memory.quiet == []


async def test_a_restricted_post_is_shown_where_all_members_are_recipients() -> None:
    """A post for a department is shown in full where all members belong to it, and in no other group."""
    chat = talk(follow(GROUP), follow(OTHER), post=PRIVATE_POST)
    chat.portal.grouped = {POST}
    chat.portal.mixed.add(OTHER)
    (card,) = await chat.hear(added())
    assert isinstance(card, ShowCard)
    assert (card.dialog, "Tea" in everything(card)) == (GROUP, True)


async def test_a_new_member_who_is_no_recipient_removes_restricted_cards() -> None:
    """After an employee of another department joins, cards of posts for departments are removed; others stay."""
    chat = talk(follow(GROUP), post=PRIVATE_POST)
    chat.portal.grouped = {POST}
    chat.portal.posts[PostId(5)] = replace(FIRST, id=PostId(5))
    await stand(chat)
    (card,) = await chat.hear(PostAdded(portal=PORTAL, post=PostId(5)))
    await chat.done(card, 950)
    chat.now += 40
    assert await emptied(chat) == []
    chat.portal.mixed.add(GROUP)
    chat.now += 40
    assert await emptied(chat) == [POST]


async def test_unknown_members_remove_restricted_cards() -> None:
    """If the members of a chat are refused, its restricted cards are removed; without an answer they stay."""
    chat = talk(follow(GROUP), post=PRIVATE_POST)
    chat.portal.grouped = {POST}
    await stand(chat)
    chat.now += 40
    chat.portal.error = PortalDown("no answer", outcome_unknown=False)
    assert await emptied(chat) == []
    chat.portal.error = None
    chat.portal.busy = True
    assert await emptied(chat) == []
    chat.portal.busy = False
    chat.portal.unknown.add(GROUP)
    assert await emptied(chat) == [POST]


async def emptied(chat: Conversation) -> list[PostId]:
    """Say a word in the chat, and tell which cards lost their content."""
    edits = [one for one in await chat.say("hello") if isinstance(one, EditCard)]
    return [one.post for one in edits if "Tea" not in everything(one)]
