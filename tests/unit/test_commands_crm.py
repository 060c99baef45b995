"""/crm as a conversation: the CRM feed if there is one, else the timeline."""

from __future__ import annotations

import pytest

from bot import commands
from bot.errors import UserMistake
from bot.feed import error_messages
from bot.i18n import catalog
from bot.model.effects import CrmComment, CrmEntity, CrmPost, Say
from bot.model.state_changes import CrmFeedKnown
from tests.stand_ins import ANNA, GROUP, Conversation, StandInMemory, known_portal, puts


@pytest.fixture
def chat() -> Conversation:
    """Return a group on a portal that may have a CRM feed."""
    return Conversation(router=commands.router())


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("/crm deal 42 Hello", CrmEntity(type="deal", id=42)),
        ("/crm Deal #42 Hello", CrmEntity(type="deal", id=42)),
        ("/crm сделка №42 Hello", CrmEntity(type="deal", id=42)),
        ("/crm lead:7 Hello", CrmEntity(type="lead", id=7)),
        ("crm Kontakt 3 Hello", CrmEntity(type="contact", id=3)),
        ("/crm компания 9 Hello", CrmEntity(type="company", id=9)),
        ("/crm /crm/deal/details/42/ Hello", CrmEntity(type="deal", id=42)),
        ("/crm https://north.example.com/crm/lead/show/7/?IFRAME=Y Hello", CrmEntity(type="lead", id=7)),
    ],
)
async def test_the_forms_of_a_card_reference(chat: Conversation, text: str, entity: CrmEntity) -> None:
    """The card is named by type and number in three languages, or by its link."""
    (effect,) = await chat.say(text)
    assert isinstance(effect, CrmPost)
    assert (effect.entity, effect.text, effect.user, effect.report) == (entity, "Hello", ANNA.id, True)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/crm", "crm.no_entity"),
        ("/crm Hello there", "crm.no_type"),
        ("/crm invoice 5 Hello", "crm.no_type"),
        ("/crm deal Hello", "crm.no_number"),
        ("/crm deal 0 Hello", "crm.no_number"),
        ("/crm deal", "crm.which"),
        ("/crm deal 42", "crm.no_text"),
        ("/crm https://south.example.com/crm/deal/details/42/ Hello", "crm.elsewhere"),
    ],
)
async def test_each_mistake_has_a_sentence(chat: Conversation, text: str, key: str) -> None:
    """An unknown card, an empty text, and another portal's link each have a sentence."""
    assert await chat.mistake(text) == key


@pytest.mark.parametrize("language", catalog.languages())
@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("offer 42 x", "offer"),
        ("invoice#5 Hello", "invoice"),
        ("42 deal Hello", "42"),
        ("предложение 42 x", "предложение"),
        ("deal Nordwind hi", "Nordwind"),
        ("deal: Nordwind hi", "Nordwind"),
        ("сделка Северный ветер", "Северный"),
        ("Auftrag №Nordwind", "№Nordwind"),
        ("deal 0 Hello", "0"),
        ("deal 42x Hello", "42x"),
        ("Kontakt", "Kontakt"),
        ("https://north.example.com/crm/quote/details/5/ Hello", "https://north.example.com/crm/quote/details/5/"),
        ("/crm/deal/list/ Hello", "/crm/deal/list/"),
        ("[B]deal[/B] 42", "[\u200bB]deal[\u200b/B]"),
    ],
)
async def test_a_slip_names_the_part_that_was_not_understood(
    chat: Conversation, text: str, part: str, language: str
) -> None:
    """The answer repeats the one word that is wrong, and a button puts the command back."""
    with pytest.raises(UserMistake) as caught:
        await chat.say(f"/crm {text}")
    said = error_messages.answer(language, caught.value)
    assert part in said.text.split("\n")[0]
    assert said.keyboard[0]["ACTION_VALUE"] == f"/crm {text}"


async def test_a_text_in_the_crm_feed_is_confirmed(chat: Conversation) -> None:
    """With a CRM feed, the text is confirmed with a button to the card."""
    (effect,) = await chat.say("/crm deal 42 Hello")
    (said,) = await chat.done(effect, 5)
    assert isinstance(said, Say)
    assert said.content.text == "Written to the CRM feed: deal 42."
    assert said.content.keyboard[0]["LINK"] == "/crm/deal/details/42/"


async def test_a_portal_without_a_crm_feed_gets_a_timeline_comment(chat: Conversation) -> None:
    """The known error text without a code means the timeline, at once and from then on."""
    (effect,) = await chat.say("/crm deal 42 Hello")
    (instead,) = await chat.failed(effect, code="", text="Livefeed is no longer supported")
    assert isinstance(instead, CrmComment)
    assert (instead.entity, instead.text, instead.user) == (CrmEntity(type="deal", id=42), "Hello", ANNA.id)
    assert chat.state_changes == [CrmFeedKnown(exists=False)]
    (said,) = await chat.done(instead, 6)
    assert isinstance(said, Say)
    assert (said.dialog, said.content.text.split(",")[0]) == (GROUP, "Your portal no longer has a CRM feed")


async def test_a_missing_crm_feed_is_not_tried_again(chat: Conversation) -> None:
    """After that, the CRM feed is not tried again, and the answer is short."""
    chat.memory = StandInMemory(known=known_portal(crm_feed=False))
    (effect,) = await chat.say("/crm deal 42 Hello")
    assert isinstance(effect, CrmComment)
    (said,) = await chat.done(effect, 6)
    assert isinstance(said, Say)
    assert said.content.text == "Written to the timeline: deal 42."


async def test_a_refusal_keeps_the_text(chat: Conversation) -> None:
    """A refusal says why and keeps the text; the CRM feed still counts as existing."""
    (effect,) = await chat.say("/crm deal 42 Hello\nthere")
    (said,) = await chat.failed(effect, code="", text="Access denied.")
    assert isinstance(said, Say)
    assert said.content.text.startswith("Nothing was written to deal 42. You may not change this card.")
    assert puts(said) == ["/crm deal 42 Hello\nthere"]
    assert chat.state_changes == []


async def test_a_refusal_of_the_timeline_keeps_the_text(chat: Conversation) -> None:
    """A refusal by the timeline says why and keeps the text too."""
    chat.memory = StandInMemory(known=known_portal(crm_feed=False))
    (effect,) = await chat.say("/crm deal 42 Hello")
    (said,) = await chat.failed(effect, "Gone", code="OWNER_NOT_FOUND", text="Owner was not found")
    assert isinstance(said, Say)
    assert "There is no such card" in said.content.text


async def test_an_unknown_outcome_is_explained(chat: Conversation) -> None:
    """With an unknown outcome the user is told that it may have worked, and to look at the card."""
    (effect,) = await chat.say("/crm deal 42 Hello")
    (said,) = await chat.failed(effect, "PortalDown", outcome_unknown=True)
    assert isinstance(said, Say)
    assert "did not say whether your text was written to deal 42" in said.content.text
    assert "look at the card" in said.content.text
