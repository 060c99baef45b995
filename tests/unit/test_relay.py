"""The relay: who gets a card, what they may see, and one living card a post and dialog whatever comes first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import commands, feed
from bot.effects import EditCard, Effect, Publish, ShowCard
from bot.errors import PortalDown
from bot.events import Dialog, Event, PostAdded, PostDeleted, PostId, PostUpdated, UserId
from bot.facts import CardLost
from bot.feed import cards, changes
from bot.feed.relay import EDIT_WINDOW
from bot.known import Follow, Post
from bot.router import Router
from tests.stand_ins import GROUP, NOW, PORTAL, PRIVATE, Conversation

OTHER = Dialog("chat43")
POST = PostId(217)
AUTHOR = UserId(7)
FIRST = Post(id=POST, author=AUTHOR, title="", text="The coffee machine works again.", for_all=True)
SECOND = replace(FIRST, text="The coffee machine is broken again.")
THIRD = replace(SECOND, title="Coffee", text="Tea from now on.")


def added() -> PostAdded:
    """Say that the post appeared."""
    return PostAdded(portal=PORTAL, post=POST)


def updated() -> PostUpdated:
    """Say that the post may have changed."""
    return PostUpdated(portal=PORTAL, post=POST)


def deleted() -> PostDeleted:
    """Say that the post went away."""
    return PostDeleted(portal=PORTAL, post=POST)


def follow(dialog: Dialog, topic: str = "all", *, language: str = "en") -> Follow:
    """One subscription."""
    return Follow(dialog=dialog, topic=topic, owner=UserId(1), language=language)


def talk(*follows: Follow, post: Post | None = FIRST) -> Conversation:
    """A service with these subscriptions, and one post in the feed; what it remembers is remembered."""
    table = Router().include(feed.router(), commands.router())
    chat = Conversation(router=table, keeps=True)
    chat.memory.following = list(follows)
    chat.portal.posts = {POST: post} if post else {}
    return chat


async def stand(chat: Conversation, *, message: int = 900) -> list[Effect]:
    """Let the post appear, and every card of it arrive."""
    shown = await chat.hear(added())
    for number, card in enumerate(shown):
        assert await chat.done(card, message + number) == []
    return shown


def text(effect: Effect) -> str:
    """What a card says in its text."""
    assert isinstance(effect, ShowCard | EditCard)
    return effect.content.text


def everything(effect: Effect) -> str:
    """All that a card carries, wherever it stands."""
    assert isinstance(effect, ShowCard | EditCard)
    return repr(effect.content)


# --- Who gets a card ------------------------------------------------------------------------------------


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
async def test_topics(topic: str, post: Post, *, wanted: bool) -> None:
    """A subscription is about what its topic says; a word is found at the beginning of words, whatever its case."""
    shown = await talk(follow(GROUP, topic), post=post).hear(added())
    assert bool(shown) is wanted


async def test_overlapping_subscriptions() -> None:
    """Several subscriptions of one dialog give one card, which stops the oldest of them that fits."""
    chat = talk(follow(GROUP, "important"), follow(GROUP, "from:7"), follow(GROUP), follow(OTHER))
    shown = await chat.hear(added())
    assert [card.dialog for card in shown if isinstance(card, ShowCard)] == [GROUP, OTHER]
    assert "from:U7" in everything(shown[0])


async def test_the_language_of_the_subscription() -> None:
    """A card speaks as its subscription does, in the first version and in later ones."""
    chat = talk(follow(GROUP, language="ru"), follow(OTHER, language="de"))
    shown = await stand(chat)
    chat.portal.posts[POST] = SECOND
    edited = await chat.hear(updated())
    assert [text(card) for card in shown] == [
        "Лента новостей: The coffee machine works again.",
        "Feed: The coffee machine works again.",
    ]
    assert [text(card).splitlines()[1] for card in edited] == ["Изменился текст.", "Der Text wurde geändert."]


async def test_nobody_follows() -> None:
    """A post that nobody follows is remembered, and nothing is said."""
    chat = talk()
    assert await chat.hear(added()) == []
    assert await chat.memory.post(POST) == changes.seen(FIRST)


async def test_a_post_that_we_cannot_see() -> None:
    """A post that is not visible to us is passed over in silence."""
    chat = talk(follow(GROUP), post=None)
    assert await chat.hear(added()) == []
    assert chat.facts == []


async def test_the_text_is_not_kept() -> None:
    """What is remembered of a post holds neither its text nor its title."""
    chat = talk(follow(GROUP), post=THIRD)
    await chat.hear(added())
    remembered = repr(chat.facts)
    assert "Coffee" not in remembered
    assert "Tea" not in remembered


# --- What changed -----------------------------------------------------------------------------------------


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
    """An edit changes the card in place and says what changed, a line for each kind of change."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = after
    (card,) = await chat.hear(updated())
    assert isinstance(card, EditCard)
    assert card.message == 900
    assert text(card).splitlines()[1:] == said


async def test_no_longer_important() -> None:
    """That a post is not important any more is a change too."""
    chat = talk(follow(GROUP), post=replace(FIRST, important=True))
    await stand(chat)
    chat.portal.posts[POST] = FIRST
    (card,) = await chat.hear(updated())
    assert text(card).endswith("It is no longer marked as important.")


@pytest.mark.parametrize(
    "after", [FIRST, replace(FIRST, comments=3), replace(FIRST, text=f"{FIRST.text}  \n"), replace(FIRST, date="later")]
)
async def test_an_update_without_visible_change(after: Post) -> None:
    """An update that changes nothing a reader sees yields nothing (reference: section 7.5)."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = after
    assert await chat.hear(updated()) == []


async def test_the_portal_made_the_title() -> None:
    """Where the portal cuts a title from the text, a new text is not called a new title (reference: MICRO)."""
    chat = talk(follow(GROUP), post=replace(FIRST, title="The coffee machine..."))
    await stand(chat)
    chat.portal.posts[POST] = replace(SECOND, title="The coffee machine is...")
    (card,) = await chat.hear(updated())
    assert text(card).splitlines()[1:] == ["The text changed."]


async def test_a_missed_beginning() -> None:
    """A post that is seen first when it is edited gets its cards then; one that nobody shows stays unshown."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(updated())
    assert isinstance(card, ShowCard)
    assert text(card) == "News Feed: The coffee machine works again."


async def test_a_chat_that_follows_later() -> None:
    """A chat that follows after the post appeared hears of its next change, not of an update without one."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.memory.following.append(follow(OTHER))
    assert await chat.hear(updated()) == []
    chat.portal.posts[POST] = SECOND
    assert [type(effect) for effect in await chat.hear(updated())] == [EditCard, ShowCard]


async def test_a_chat_that_follows_no_longer() -> None:
    """After the last subscription is gone, the card that stands is kept true, and no new one comes."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.memory.following.clear()
    chat.portal.posts[POST] = SECOND
    (card,) = await chat.hear(updated())
    assert isinstance(card, EditCard)
    assert "unfollow" not in everything(card)


# --- The window of three days -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "kinds"),
    [(SECOND, [ShowCard]), (replace(FIRST, important=True), [ShowCard]), (replace(FIRST, for_all=False), [])],
)
async def test_a_card_too_old_to_edit(after: Post, kinds: list[type[Effect]]) -> None:
    """A card older than the portal lets us edit is replaced, but only for a change that matters."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = after
    chat.now = NOW + EDIT_WINDOW
    assert [type(effect) for effect in await chat.hear(updated())] == kinds


async def test_the_replacement_lives_on() -> None:
    """The card that replaced an old one is the one that is edited from then on, with a new age."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.now = NOW + EDIT_WINDOW
    chat.portal.posts[POST] = SECOND
    (card,) = await chat.hear(updated())
    await chat.done(card, 950)
    chat.now += EDIT_WINDOW - 1
    chat.portal.posts[POST] = THIRD
    (edit,) = await chat.hear(updated())
    assert isinstance(edit, EditCard)
    assert edit.message == 950


async def test_edits_do_not_make_a_card_younger() -> None:
    """The window counts from the message, not from its last edit (reference: 259 200 s from its date)."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.now = NOW + EDIT_WINDOW - 1
    chat.portal.posts[POST] = SECOND
    assert [type(effect) for effect in await chat.hear(updated())] == [EditCard]
    chat.now += 2
    chat.portal.posts[POST] = THIRD
    assert [type(effect) for effect in await chat.hear(updated())] == [ShowCard]


# --- Gone -------------------------------------------------------------------------------------------------


async def test_deleted() -> None:
    """Every card says that its post is gone, carries nothing of it, and is never touched again."""
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


async def test_deleted_while_the_card_was_on_its_way() -> None:
    """A card whose post was deleted before it stood says so as soon as it stands."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    del chat.portal.posts[POST]
    assert await chat.hear(deleted()) == []
    (gone,) = await chat.done(card, 900)
    assert text(gone) == "This post was deleted from the News Feed."


async def test_deleted_before_we_heard_of_it() -> None:
    """A post that came and went while we were away leaves no trace."""
    chat = talk(follow(GROUP), post=None)
    assert await chat.hear(deleted()) == []
    assert await chat.hear(added()) == []


async def test_deleted_before_it_was_known_as_published() -> None:
    """A post deleted before the portal's answer to its publication was handled does not leave a card that lies."""
    chat = talk(follow(GROUP), post=None)
    assert await chat.hear(deleted()) == []
    for effect in await chat.done(publishing(), POST):
        if isinstance(effect, ShowCard):
            (gone,) = await chat.done(effect, 900)
            assert text(gone) == "This post was deleted from the News Feed."


async def test_an_old_copy_does_not_wake_the_dead() -> None:
    """An update that comes after the deletion changes nothing, even where the portal still shows its cached copy."""
    chat = talk(follow(GROUP))
    await stand(chat)
    await chat.hear(deleted())
    chat.portal.posts[POST] = SECOND
    assert await chat.hear(updated()) == []


# --- On its way -------------------------------------------------------------------------------------------


async def test_changed_while_the_card_was_on_its_way() -> None:
    """A change that comes before the card stands is not sent at once, but as soon as there is a message to edit."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    chat.portal.posts[POST] = SECOND
    assert await chat.hear(updated()) == []
    (edit,) = await chat.done(card, {"id": 900, "uuidMap": {}})
    assert isinstance(edit, EditCard)
    assert edit.message == 900
    assert text(edit).splitlines() == [
        "News Feed: The coffee machine is broken again.",
        "It changed since it was published.",
    ]


async def test_the_portal_names_no_message() -> None:
    """An answer without a message id leaves the card on its way; nothing breaks."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    assert await chat.done(card) == []
    assert [one.message for one in chat.memory.shown] == [None]


@pytest.mark.parametrize(
    ("error", "told", "lost"),
    [
        ("Gone", {"code": "CHAT_NOT_FOUND"}, True),
        ("Refused", {"code": "ACCESS_ERROR"}, True),
        ("PortalDown", {"unsure": True}, False),
    ],
)
async def test_a_card_that_was_not_made(error: str, told: dict[str, Any], *, lost: bool) -> None:
    """A card that certainly is not there is tried again at the next change; the subscription stays."""
    chat = talk(follow(GROUP))
    (card,) = await chat.hear(added())
    assert await chat.failed(card, error, **told) == []
    chat.portal.posts[POST] = SECOND
    assert bool(await chat.hear(updated())) is lost
    assert len(chat.memory.following) == 1


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [("Gone", "", ShowCard), ("Refused", "CANT_EDIT_MESSAGE", ShowCard), ("TooFast", "", EditCard)],
)
async def test_a_card_that_was_not_edited(error: str, code: str, kind: type[Effect]) -> None:
    """A card out of reach is replaced at the next change that matters; any other failure leaves it as it is."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    assert await chat.failed(edit, error, code=code) == []
    chat.portal.posts[POST] = THIRD
    assert [type(effect) for effect in await chat.hear(updated())] == [kind]


async def test_a_late_failure_of_the_old_card() -> None:
    """That an old message could not be edited says nothing of the card that replaced it meanwhile."""
    chat = talk(follow(GROUP))
    await stand(chat)
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    await chat.failed(edit, "Gone")
    chat.portal.posts[POST] = THIRD
    (card,) = await chat.hear(updated())
    await chat.done(card, 950)
    before = len(chat.facts)
    await chat.failed(edit, "Gone")
    assert not any(isinstance(fact, CardLost) for fact in chat.facts[before:])


# --- Nobody sees what they may not ------------------------------------------------------------------------


PRIVATE_POST = replace(THIRD, for_all=False)


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
    hidden.portal.hidden_from.add((POST, UserId(7)))
    (card,) = await hidden.hear(added())
    assert text(card).endswith("I could not make sure that you may read it, so I show only the link.")


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


# --- Published from this very dialog ----------------------------------------------------------------------


def publishing(dialog: Dialog = GROUP, post: Post = FIRST) -> Publish:
    """The effect by which the post left."""
    return Publish(
        dialog=dialog, user=AUTHOR, text=post.text, title=post.title, dest=["UA"], since=int(NOW), report=True
    )


async def test_added_before_published() -> None:
    """Added, then Done(Publish): others get their card at once, the dialog itself its own from the command."""
    chat = talk(follow(GROUP), follow(OTHER))
    chat.memory.leaving = [publishing()]
    (card,) = await chat.hear(added())
    assert isinstance(card, ShowCard)
    assert card.dialog == OTHER
    (own,) = await chat.done(publishing(), POST)
    assert isinstance(own, ShowCard)
    assert own.dialog == GROUP


async def test_published_before_added() -> None:
    """Done(Publish), then Added: the dialog's own card is known, only others get one."""
    chat = talk(follow(GROUP), follow(OTHER))
    chat.memory.leaving = [publishing()]
    (own,) = await chat.done(publishing(), POST)
    assert isinstance(own, ShowCard)
    shown = await chat.hear(added())
    assert [card.dialog for card in shown if isinstance(card, ShowCard)] == [OTHER]
    assert await chat.hear(updated()) == []


async def test_edited_between_added_and_published() -> None:
    """Added, Updated, Done(Publish): the post is recognised by what it was, and shown once, as it is now."""
    chat = talk(follow(GROUP))
    chat.memory.leaving = [publishing()]
    assert await chat.hear(added()) == []
    chat.portal.posts[POST] = SECOND
    assert await chat.hear(updated()) == []
    (own,) = await chat.done(publishing(), POST)
    assert isinstance(own, ShowCard)
    assert cards.base(own.version) == changes.version(SECOND)


async def test_edited_beyond_recognition_before_published() -> None:
    """A post edited before we saw it gets its card from the relay; the command then makes no second one."""
    chat = talk(follow(GROUP))
    chat.memory.leaving = [publishing()]
    chat.portal.posts[POST] = THIRD
    (card,) = await chat.hear(updated())
    assert isinstance(card, ShowCard)
    assert not any(isinstance(effect, ShowCard) for effect in await chat.done(publishing(), POST))


@pytest.mark.parametrize(
    "other",
    [
        publishing(post=SECOND),
        publishing(post=replace(FIRST, title="Tea")),
        replace(publishing(), user=UserId(8)),
        replace(publishing(), since=int(NOW) - 7200),
    ],
    ids=["another text", "another title", "another author", "long ago"],
)
async def test_what_is_no_echo(other: Publish) -> None:
    """Only this very post, published just now by the same person, is left to its command."""
    chat = talk(follow(GROUP))
    chat.memory.leaving = [other]
    assert [type(effect) for effect in await chat.hear(added())] == [ShowCard]


# --- Every order ------------------------------------------------------------------------------------------


class Move:
    """Somebody changes or deletes the post in the feed."""


@dataclass(slots=True)
class World:
    """A portal where somebody published a post from GROUP; what is sent arrives, and what happens is told, any time.

    `feed` is what the post will be, in order; `todo` is what waits to happen, each with the number of its place.
    """

    chat: Conversation
    feed: list[Post | None]
    todo: list[tuple[int, Event | Effect | Move]] = field(default_factory=list)
    messages: dict[tuple[Dialog, int], str] = field(default_factory=dict)
    made: list[Dialog] = field(default_factory=list)
    placed: int = 0

    def wait_for(self, *things: Event | Effect | Move) -> None:
        """Put things in line."""
        for thing in things:
            self.todo.append((self.placed, thing))
            self.placed += 1

    async def take(self, at: int) -> None:
        """Let one of the things that wait happen."""
        _, thing = self.todo.pop(at)
        if isinstance(thing, Move):
            self.move()
        elif isinstance(thing, Event):
            self.send(await self.chat.hear(thing))
        elif isinstance(thing, ShowCard):
            self.made.append(thing.dialog)
            self.messages[thing.dialog, 900 + len(self.made)] = thing.version
            self.send(await self.chat.done(thing, 900 + len(self.made)))
        else:
            self.send(await self.chat.done(thing, POST))

    def move(self) -> None:
        """The feed is ahead of its events: the change is there, and its event on the way."""
        post = self.feed.pop(0)
        self.chat.portal.posts = {POST: post} if post else {}
        self.wait_for(updated() if post else deleted())

    def send(self, out: list[Effect]) -> None:
        """Edits work at once and report nothing; a card that is on its way may take its time."""
        for effect in out:
            if isinstance(effect, EditCard):
                assert (effect.dialog, effect.message) in self.messages, "an edit of a message that is not there"
                self.messages[effect.dialog, effect.message] = effect.version
            elif isinstance(effect, ShowCard):
                self.wait_for(effect)


@settings(max_examples=300)
@given(places=st.permutations(range(16)), delete=st.booleans(), repeat=st.booleans())
async def test_every_order_of_events(*, places: list[int], delete: bool, repeat: bool) -> None:
    """Added, Updated, Deleted, Done(Publish), Done(ShowCard) in any order end in one card a dialog, the last version.

    The feed is ahead of its events, as on a portal: at three moments the post is edited, edited again and deleted.
    """
    chat = talk(follow(GROUP), follow(OTHER), follow(PRIVATE))
    chat.memory.leaving = [publishing()]
    world = World(chat=chat, feed=[SECOND, THIRD, *([None] if delete else [])])
    world.wait_for(added(), updated(), publishing(), *([added()] if repeat else []), *(Move() for _ in world.feed))
    for _ in range(len(places)):
        if world.todo:
            await world.take(min(range(len(world.todo)), key=lambda at: places[world.todo[at][0]]))
    assert world.todo == []
    assert len(world.made) == len(set(world.made)), "two cards in one dialog"
    assert delete or set(world.made) == {GROUP, OTHER, PRIVATE}
    expected = cards.GONE if delete else changes.version(THIRD)
    assert {cards.base(version) for version in world.messages.values()} <= {expected}
    remembered = {card.dialog: card.version for card in chat.memory.shown}
    assert remembered == {dialog: version for (dialog, _), version in world.messages.items()}
