"""Who sees, addresses and changes posts and cards."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import Clock
from portal.engine.core import Actor, Portal
from portal.errors import Refused
from portal.rules import rights
from portal.rules.feed import posts
from portal.world.crm import Card
from portal.world.people import Department

OLGA, ANNA, BORIS, CLARA, SCHMIDT, EXTRANET_USER = 1, 2, 3, 4, 5, 6
RECIPIENTS = ("UA", "U2", "u6", "U02", "DR1", "DR2", "DR5", "DR9", "DR0", "SG7", "SG8", "SG9", "x")


@pytest.fixture
def emulator() -> Portal:
    """Return a portal with a stopped clock."""
    return Portal(clock=Clock(1_790_000_000))


@pytest.mark.parametrize(
    ("dest", "readers"),
    [
        (("UA",), {OLGA, ANNA, BORIS, CLARA, SCHMIDT}),
        (("U3",), {CLARA, BORIS}),
        (("U6",), {CLARA, EXTRANET_USER}),
        (("DR3",), {CLARA, BORIS, SCHMIDT}),
        (("DR1",), {OLGA, ANNA, BORIS, CLARA, SCHMIDT}),
        (("SG8",), {OLGA, CLARA, SCHMIDT}),
        (("SG7", "U5"), {CLARA, ANNA, BORIS, EXTRANET_USER, SCHMIDT}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
def test_who_sees_a_post(emulator: Portal, dest: tuple[str, ...], readers: set[int]) -> None:
    """The author and the recipients see it: departments with sub-departments, extranet users only when named."""
    post = posts.publish(
        emulator, emulator.world.people.users[OLGA], posts.PostDraft(text="x", dest=dest), Actor(user=OLGA)
    )
    post = replace(post, author=CLARA)
    people = emulator.world.people.users
    assert {number for number in people if rights.is_in_feed(emulator.world, post, people[number])} == readers


@given(
    parents=st.lists(st.integers(0, 9), min_size=9, max_size=9),
    works=st.lists(st.integers(0, 9), max_size=3),
    dests=st.lists(st.lists(st.sampled_from(RECIPIENTS), max_size=2)),
)
def test_a_feed_contains_the_visible_posts(parents: list[int], works: list[int], dests: list[list[str]]) -> None:
    """The feed by recipients equals the check of each post, for any tree of departments, also circular."""
    made = Portal(clock=Clock(1_790_000_000))
    people, feed = made.world.people, made.world.feed
    people.departments = {n: Department(id=n, name="D", parent=parent) for n, parent in enumerate(parents, start=1)}
    people.users[ANNA] = replace(people.users[ANNA], departments=tuple(works))
    for number, dest in enumerate(dests):
        feed.posts[number] = replace(feed.posts[217], id=number, author=number % 3, dest=tuple(dest))
    for user in people.users.values():
        wanted = {post.id for post in feed.posts.values() if rights.is_in_feed(made.world, post, user)}
        assert rights.feed_of(made.world, user) == wanted


def test_an_administrator_opens_any_post(emulator: Portal) -> None:
    """Administrators may read and change any post, others see only addressed ones."""
    people = emulator.world.people.users
    post = posts.publish(emulator, people[ANNA], posts.PostDraft(text="x", dest=("U3",)), Actor(user=ANNA))
    assert not rights.is_in_feed(emulator.world, post, people[OLGA])
    assert rights.may_read_post(emulator.world, post, people[OLGA])
    assert [number for number in people if rights.may_change_post(post, people[number])] == [OLGA, ANNA]


@pytest.mark.parametrize(
    ("user", "code", "allowed"),
    [
        (ANNA, "UA", True),
        (EXTRANET_USER, "UA", False),
        (EXTRANET_USER, "DR2", False),
        (ANNA, "SG8", False),
        (OLGA, "SG7", True),
        (EXTRANET_USER, "SG7", True),
        (EXTRANET_USER, "U2", True),
        (EXTRANET_USER, "U4", False),
        (ANNA, "U77", False),
        (ANNA, "DR9", False),
        (ANNA, "SG99", False),
        (ANNA, "AU", False),
        (ANNA, "U", False),
        (ANNA, "UA5", False),
    ],
    ids=str,
)
def test_which_recipients_a_person_may_address(emulator: Portal, user: int, code: str, *, allowed: bool) -> None:
    """Unknown and foreign recipients are refused; extranet users reach people of common groups."""
    assert rights.may_address(emulator.world, code, emulator.world.people.users[user]) == allowed


def test_a_post_needs_text_and_recipients(emulator: Portal) -> None:
    """Empty posts and posts without recipients are refused with the portal's texts."""
    anna = emulator.world.people.users[ANNA]
    with pytest.raises(Refused, match="hasn't been added"):
        posts.publish(emulator, anna, posts.PostDraft(text=" "), Actor(user=ANNA))
    with pytest.raises(Refused, match="No destination specified"):
        posts.publish(emulator, anna, posts.PostDraft(text="x", dest=("SG8",)), Actor(user=ANNA))


def test_who_sees_a_card(emulator: Portal) -> None:
    """Employees see CRM cards unless a card is private; extranet users and bots never do."""
    people = emulator.world.people.users
    private = Card(type="deal", id=1, title="t", private_to=(BORIS,))
    assert [number for number in people if rights.may_see_card(private, people[number])] == [OLGA, BORIS]
    assert not rights.may_see_card(Card(type="deal", id=2, title="t"), people[EXTRANET_USER])
