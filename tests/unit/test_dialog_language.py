"""The language of cards, lines and notices, in private and in a group."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.feed import dialog_language
from bot.i18n import catalog
from bot.model import events
from bot.model.effects import EditCard, Effect, Publish, Say, ShowCard
from bot.model.events import Dialog, Event, PostId, UserId
from bot.model.records import Follow, PersonLanguage
from bot.pipeline import context_factory
from tests.feeding import POST, SECOND, added, deleted, follow, publishing, stand, talk, text, updated
from tests.stand_in_memory import StandInMemory, known_portal
from tests.stand_ins import ANNA, GROUP, PORTAL, PRIVATE

RU, DE = PersonLanguage(recognised="ru"), PersonLanguage(chosen="de", recognised="ru")
OWNER = UserId(8)


def subscribed(dialog: Dialog, language: str = "en", owner: UserId = OWNER) -> Follow:
    """Return a subscription to all posts."""
    return Follow(dialog=dialog, topic="all", owner=owner, language=language)


@pytest.mark.parametrize(
    ("dialog", "known", "follows", "published", "language"),
    [
        (PRIVATE, {ANNA.id: RU}, ["en"], "de", "ru"),
        (PRIVATE, {ANNA.id: DE}, ["en"], "ru", "de"),
        (PRIVATE, {}, ["en"], "de", "de"),
        (PRIVATE, {}, ["ru", "de"], "", "ru"),
        (PRIVATE, {}, [], "", "fr"),
        (GROUP, {OWNER: DE}, ["en"], "ru", "ru"),
        (GROUP, {OWNER: DE}, ["en"], "", "de"),
        (GROUP, {OWNER: RU}, ["en"], "", "en"),
        (GROUP, {ANNA.id: DE}, ["en", "ru"], "", "en"),
        (GROUP, {ANNA.id: DE}, [], "", "fr"),
    ],
)
def test_whose_language_a_dialog_has(
    dialog: Dialog, known: dict[UserId, PersonLanguage], follows: list[str], published: str, language: str
) -> None:
    """In private it is the person's; in a group the publisher's, else that of the oldest subscription's owner."""
    made = Publish(dialog=dialog, language=published, user=OWNER, text="x", dest=["UA"], since=0) if published else None
    given = [subscribed(dialog, one) for one in follows]
    assert dialog_language.choose(dialog, known, follows=given, published=made, otherwise="fr") == language


@pytest.mark.parametrize(
    ("event", "language"),
    [
        (events.BotTokenChanged(portal=PORTAL, user=ANNA.id), "ru"),
        (events.BotTokenChanged(portal=PORTAL, user=OWNER), "fr"),
        (events.BotTokenChanged(portal=PORTAL, user=None), "fr"),
        (events.Failed(portal=PORTAL, effect_id=1, kind="Say", effect={"language": "de"}, error="x"), "de"),
        (events.Delayed(portal=PORTAL, effect_id=1, kind="Say", effect={"language": "de"}), "de"),
        (events.Done(portal=PORTAL, effect_id=1, kind="BindEvent", effect={}), "fr"),
        (events.PostAdded(portal=PORTAL, post=PostId(1)), "fr"),
        (events.Installed(portal=PORTAL, endpoint="", user=ANNA.id, language="en"), "en"),
    ],
)
async def test_the_language_of_what_is_no_message(event: Event, language: str) -> None:
    """A notice has the language of its reader, a report that of its effect, and everything else the portal's."""
    memory = StandInMemory(spoken={ANNA.id: RU})
    found = await context_factory._language(event, known_portal(language="fr"), memory)
    assert found == (event, language, None)


def headline(effect: Effect) -> str:
    """Return the language in which a card begins."""
    assert isinstance(effect, ShowCard | EditCard)
    starts = {one: catalog.sentence(one, "card.ordinary", headline="") for one in catalog.languages()}
    return next(one for one, start in starts.items() if text(effect).startswith(start))


async def test_a_choice_changes_the_next_version_of_a_card() -> None:
    """The owner of a subscription chooses another language: the next edit and the closing text of a card have it."""
    chat = talk(follow(GROUP, language="en"))
    (card,) = await chat.hear(added())
    await chat.done(card, 900)
    owner = chat.memory.following[0].owner
    chat.memory.spoken[owner] = PersonLanguage(recognised="ru")
    chat.portal.posts[POST] = SECOND
    (edit,) = await chat.hear(updated())
    chat.memory.spoken[owner] = PersonLanguage(chosen="de", recognised="ru")
    (closed,) = await chat.hear(deleted())
    assert [headline(card), headline(edit)] == ["en", "en"]
    assert text(closed) == catalog.sentence("de", "card.gone")


async def test_a_confirmation_keeps_the_language_of_its_publisher() -> None:
    """A card that confirms a publication in a group stays in its language, though the portal has another one."""
    chat = talk()
    (made,) = await chat.done(replace(publishing(), language="ru"), POST)
    assert await chat.done(made, 900) == []
    chat.portal.posts[POST] = SECOND
    (changed,) = await chat.hear(updated())
    (closed,) = await chat.hear(deleted())
    assert text(changed).startswith(catalog.sentence("ru", "post.published", post=POST, audience="")[:10])
    assert text(closed) == catalog.sentence("ru", "card.gone")


async def test_the_owner_of_lost_subscriptions_is_told_in_their_language() -> None:
    """The bot was removed from a group: the notice to the owner is in the owner's language, not in the group's."""
    chat = talk(follow(GROUP, language="en"))
    chat.memory.spoken[chat.memory.following[0].owner] = PersonLanguage(recognised="de")
    (card,) = await stand(chat)
    chat.portal.closed.add(GROUP)
    (told,) = await chat.failed(card, "Refused", code="ACCESS_DENIED")
    assert isinstance(told, Say)
    assert (told.language, told.dialog) == ("de", "1")
    assert told.content.text.startswith(catalog.sentence("de", "follow.left", chat="", bot="")[:15])


async def test_a_confirmation_that_is_withheld_keeps_its_language() -> None:
    """An extranet user joins a group where somebody published in Russian: what is left of the card is Russian."""
    chat = talk()
    (made,) = await chat.done(replace(publishing(), language="ru"), POST)
    assert await chat.done(made, 900) == []
    chat.portal.extranet_dialogs.add(GROUP)
    chat.now += 40
    (edit,) = [one for one in await chat.say("hello") if isinstance(one, EditCard)]
    assert text(edit) == catalog.sentence("ru", "card.withheld")
