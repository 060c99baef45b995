"""/crm as a conversation: which card is meant, and what is written at once, with what answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot import commands
from bot.errors import PortalDown, PortalError, Refused, TokenRefused, UserMistake
from bot.feed import error_messages
from bot.i18n import catalog
from bot.model.crm_records import CrmDetails
from bot.model.effects import CrmComment, CrmEntity, CrmPost, CrmText, Say, ShowDraft
from bot.model.events import Dialog
from bot.model.records import CRM_FEED_KNOWN
from bot.model.state_changes import CrmFeedKnown
from tests.choosing import choose
from tests.composing import PEOPLE
from tests.stand_in_memory import StandInMemory, known_portal
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, NOW, PRIVATE, Conversation, labels, puts

DEAL = CrmEntity(type="deal", id=42)
DEAD: dict[str, Any] = {"code": "", "text": "Livefeed is no longer supported"}


def card(kind: str, number: int, name: str, **more: Any) -> tuple[tuple[str, int], CrmDetails]:
    """Make a card for the stand-in portal."""
    return (kind, number), CrmDetails(entity=CrmEntity(type=kind, id=number), name=name, **more)


CARDS = dict(
    [
        card("deal", 42, "Coffee machines for Nordwind"),
        card("deal", 43, "Maintenance contract"),
        card("company", 3, "Nordwind Ltd"),
        card("company", 4, "Berg Hotels"),
        card("contact", 5, "Henrik Dahl"),
        card("contact", 6, "Jonas Berg"),
        card("lead", 12, "Call from the trade fair"),
    ]
)


def talk(dialog: Dialog = GROUP, **more: Any) -> Conversation:
    """Return a dialog on a portal with some cards, where nobody chose a preview."""
    return Conversation(router=commands.router(), portal=StandInPortal(crm=dict(CARDS)), dialog=dialog, **more)


@pytest.fixture
def chat() -> Conversation:
    """Return a group on a portal that may have a CRM feed."""
    return talk()


async def written(chat: Conversation, text: str) -> CrmText:
    """Type a command that writes at once."""
    (effect,) = await chat.say(text)
    assert isinstance(effect, CrmText)
    return effect


# --- which card --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("/crm deal 42 Hello", DEAL),
        ("/crm Deal #42 Hello", DEAL),
        ("/crm сделка №42 Hello", DEAL),
        ("/crm deal:42 Hello", DEAL),
        ("/crm lead:7 Hello", CrmEntity(type="lead", id=7)),
        ("crm Kontakt 3 Hello", CrmEntity(type="contact", id=3)),
        ("/crm компания 9 Hello", CrmEntity(type="company", id=9)),
        ("/crm /crm/deal/details/42/ Hello", DEAL),
        ("/crm https://north.example.com/crm/lead/show/7/?IFRAME=Y Hello", CrmEntity(type="lead", id=7)),
        ('/crm "deal 42" Hello', DEAL),
    ],
)
async def test_the_forms_of_a_card_reference(chat: Conversation, text: str, entity: CrmEntity) -> None:
    """The card is named by type and number in three languages, or by its link."""
    effect = await written(chat, text)
    assert isinstance(effect, CrmPost)
    assert (effect.entity, effect.text, effect.user, effect.report) == (entity, "Hello", ANNA.id, True)


@pytest.mark.parametrize(
    ("text", "entity", "left"),
    [
        ('/crm company "Nordwind Ltd" We moved', CrmEntity(type="company", id=3), "We moved"),
        ("/crm company Nordwind Ltd We moved", CrmEntity(type="company", id=3), "We moved"),
        ("/crm Nordwind Ltd: we moved", CrmEntity(type="company", id=3), "we moved"),
        ("/crm Kontakt Henrik Dahl Hallo", CrmEntity(type="contact", id=5), "Hallo"),
        ("/crm contact Dahl Henrik called", CrmEntity(type="contact", id=5), "called"),
        ("/crm сделка Maintenance contract\nПодписан.", CrmEntity(type="deal", id=43), "Подписан."),
        ("/crm maintenance contract is signed", CrmEntity(type="deal", id=43), "is signed"),
        ('/crm deal "maintenance CONTRACT" Signed', CrmEntity(type="deal", id=43), "Signed"),
    ],
)
async def test_a_whole_name_is_certain(text: str, entity: CrmEntity, left: str) -> None:
    """The longest name that the words begin with is the card; what stands behind it is the text."""
    effect = await written(talk(PRIVATE), text)
    assert (effect.entity, effect.text.lstrip(",: ")) == (entity, left)


@pytest.mark.parametrize(
    ("text", "asked", "choices"),
    [
        ("/crm Nordwind hello", "“Nordwind”", ["Coffee machines for Nordwind (deal 42)", "Nordwind Ltd (company 3)"]),
        ("/crm Berg hello", "“Berg”", ["Berg Hotels (company 4)", "Jonas Berg (contact 6)"]),
        ('/crm deal "mach" hello', "“mach”", ["Coffee machines for Nordwind (deal 42)"]),
        ("/crm company Nordwind We moved", "“Nordwind”", ["Nordwind Ltd (company 3)"]),
    ],
)
async def test_an_unclear_name_is_asked_about(text: str, asked: str, choices: list[str]) -> None:
    """All cards with that word are offered as buttons, and nothing is written before a press."""
    chat = talk(PRIVATE, keeps=True)
    (question,) = await chat.say(text)
    assert isinstance(question, ShowDraft)
    assert asked in question.content.text
    assert sorted(one for one in labels(question) if one != "Cancel") == choices
    assert all(one.get("ACTION") != "PUT" for one in question.content.keyboard)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("/crm company Nordwnd hello", "Nordwind Ltd (company 3)"),
        ("/crm contact Dahle hello", "Henrik Dahl (contact 5)"),
        ('/crm "maintenanxe" hello', "Maintenance contract (deal 43)"),
    ],
)
async def test_a_misspelt_name_gets_the_nearest(text: str, nearest: str) -> None:
    """A name that no card has is answered with the card whose name is most similar."""
    (question,) = await talk(PRIVATE).say(text)
    assert isinstance(question, ShowDraft)
    assert labels(question)[0] == nearest
    assert question.content.text.startswith("I found no card called")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/crm", "crm.no_entity"),
        ("/crm Hello there", "crm.not_found"),
        ("/crm invoice 5 Hello", "crm.not_found"),
        ("/crm deal Hello", "crm.not_found"),
        ("/crm deal X Hello", "crm.short"),
        ("/crm deal 0 Hello", "crm.no_number"),
        ("/crm deal", "crm.which"),
        ('/crm deal "Nordwind hi', "words.open_quote"),
        ("/crm deal 44", "crm.not_seen"),
        ("/crm deal 42 [B][/B]", "crm.no_text"),
        ("/crm deal 42 too:sales Hello", "words.unknown_option"),
        ("/crm deal 42 Hello to:sales", "words.late"),
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
        ("deal Nordwindow hi", "Nordwindow"),
        ("deal: Nordwindow hi", "Nordwindow"),
        ("сделка Северный ветер", "Северный"),
        ("Auftrag №Nordwindow", "Nordwindow"),
        ("deal 0 Hello", "0"),
        ("deal 42x Hello", "42x"),
        ("Kontakt", "Kontakt"),
        ("https://north.example.com/crm/quote/details/5/ Hello", "https://north.example.com/crm/quote/details/5/"),
        ("/crm/deal/list/ Hello", "/crm/deal/list/"),
        ("[B]deal[/B] 42", "[\u200bB]deal[\u200b/B]"),
    ],
)
async def test_a_slip_names_the_part_that_was_not_understood(text: str, part: str, language: str) -> None:
    """The answer repeats the one word that is wrong, and a button puts the command back."""
    chat = Conversation(router=commands.router())
    with pytest.raises(UserMistake) as caught:
        await chat.say(f"/crm {text}")
    said = error_messages.answer(language, caught.value)
    assert part in said.text.split("\n")[0]
    kept = said.keyboard[0]["ACTION_VALUE"]
    assert (kept[:5], await chat.mistake(kept)) == ("/crm ", caught.value.key)


@pytest.mark.parametrize(
    ("error", "key", "said"),
    [
        (TokenRefused("NO_AUTH_FOUND"), "crm.no_token", "does not let me look"),
        (Refused("insufficient_scope"), "crm.cannot_look", "The application lacks a permission"),
    ],
    ids=["token", "scope"],
)
async def test_what_the_portal_does_not_let_us_read(error: PortalError, key: str, said: str) -> None:
    """A refused look into the CRM is explained, and the command is kept."""
    for text in ("/crm deal 42", "/crm Nordwind Hello", "/crm deal 42 Hello"):
        chat = talk(PRIVATE)
        chat.portal.error = error
        with pytest.raises(UserMistake) as caught:
            await chat.say(text)
        answer = error_messages.answer("en", caught.value)
        assert caught.value.key == key
        assert said in answer.text
        assert answer.keyboard[0]["ACTION_VALUE"] == text


async def test_a_person_without_rights_is_told_so() -> None:
    """Who may not use the CRM finds nothing there, and is told why."""
    chat = talk(PRIVATE)
    chat.portal.crm_denied = True
    assert await chat.mistake("/crm Nordwind Hello") == "crm.no_rights"
    assert await chat.mistake("/crm deal 42 Hello") == "crm.not_seen"


# --- feed or timeline --------------------------------------------------------------------------------------------


async def test_a_text_in_the_crm_feed_is_confirmed(chat: Conversation) -> None:
    """With a CRM feed, the text is confirmed with a button to the card."""
    effect = await written(chat, "/crm deal 42 Hello")
    (said,) = await chat.done(effect, 5)
    assert isinstance(said, Say)
    assert said.content.text == "Written to the CRM feed: deal 42."
    assert said.content.keyboard[0]["LINK"] == "/crm/deal/details/42/"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Written to the timeline: deal 42, “Coffee machines for Nordwind”."),
        ("de", "In die Timeline geschrieben: Auftrag 42, „Coffee machines for Nordwind“."),
        ("ru", "Записано в таймлайн: сделка 42, «Coffee machines for Nordwind»."),
    ],
)
async def test_in_private_the_answer_has_the_name_of_the_card(language: str, sentence: str) -> None:
    """Nobody else reads the answer there, so it says the name."""
    chat = talk(PRIVATE, language=language)
    chat.memory = StandInMemory(known=known_portal(crm_feed=False, crm_feed_at=NOW))
    (said,) = await chat.done(await written(chat, "/crm deal 42 Hello"), 6)
    assert isinstance(said, Say)
    assert said.content.text == sentence


async def test_a_group_does_not_read_the_name_of_a_card(chat: Conversation) -> None:
    """Not everybody in a group may see the card, so its number is enough; no card is read for it."""
    effect = await written(chat, "/crm deal 42 Hello")
    assert effect.name == ""


async def test_a_text_waits_for_a_portal_that_is_down() -> None:
    """If the card cannot be read at the moment, the text is written all the same as soon as the portal answers."""
    chat = talk(PRIVATE)
    chat.portal.error = PortalDown("no answer", outcome_unknown=False)
    effect = await written(chat, "/crm deal 42 Hello")
    assert (effect.entity, effect.text, effect.name) == (DEAL, "Hello", "")


async def test_a_portal_without_a_crm_feed_gets_a_timeline_comment(chat: Conversation) -> None:
    """The known error text without a code means the timeline, at once and from then on; the answer names it."""
    effect = await written(chat, "/crm deal 42 title:News Hello")
    (instead,) = await chat.failed(effect, **DEAD)
    assert isinstance(instead, CrmComment)
    assert (instead.entity, instead.comment, instead.user) == (DEAL, "[B]News[/B]\nHello", ANNA.id)
    assert chat.state_changes == [CrmFeedKnown(exists=False)]
    (said,) = await chat.done(instead, 6)
    assert isinstance(said, Say)
    assert (said.dialog, said.content.text) == (GROUP, "Written to the timeline: deal 42.")


@pytest.mark.parametrize(("age", "kind"), [(0.0, CrmComment), (CRM_FEED_KNOWN, CrmPost)], ids=["now", "a week later"])
async def test_a_missing_crm_feed_is_not_tried_again_for_a_week(chat: Conversation, age: float, kind: type) -> None:
    """What the portal said is believed for a week; then the CRM feed is tried once more."""
    chat.memory = StandInMemory(known=known_portal(crm_feed=False, crm_feed_at=NOW - age))
    assert isinstance(await written(chat, "/crm deal 42 Hello"), kind)


@pytest.mark.parametrize(("answer", "kind"), [(True, CrmPost), (False, CrmComment), (None, CrmPost)])
async def test_a_look_at_a_card_asks_for_the_crm_feed(answer: bool | None, kind: type) -> None:  # noqa: FBT001 - a column
    """In private the portal says with the card whether it has a CRM feed, which is stored."""
    chat = talk(PRIVATE)
    chat.portal.crm_feed = answer
    assert isinstance(await written(chat, "/crm deal 42 Hello"), kind)
    known = [] if answer is None else [CrmFeedKnown(exists=answer)]
    assert [one for one in chat.state_changes if isinstance(one, CrmFeedKnown)] == known


async def test_recipients_of_all_kinds_go_to_the_crm_feed(chat: Conversation) -> None:
    """People, departments, groups and further cards of all four types are named, and grouped by kind when sent."""
    effect = await written(
        chat,
        "/crm deal 42 to:U5,DR3,SG9,deal_43,CRMLEAD12,CRMCONTACT5,/crm/company/details/3/,all title:News Hello",
    )
    assert isinstance(effect, CrmPost)
    assert sorted(effect.sperm) == sorted(
        ["U5", "DR3", "SG9", "CRMDEAL43", "CRMLEAD12", "CRMCONTACT5", "CRMCOMPANY3", "UA"]
    )
    assert (effect.title, effect.text) == ("News", "Hello")


async def test_recipients_are_not_told_by_a_timeline(chat: Conversation) -> None:
    """A timeline has no recipients, and the answer says who is not told."""
    effect = await written(chat, "/crm deal 42 to:U5,deal_43 Hello")
    (instead,) = await chat.failed(effect, **DEAD)
    (said,) = await chat.done(instead, 6)
    assert isinstance(said, Say)
    assert "these are not told: deal 43, U5" in said.content.text


@pytest.mark.parametrize("preview", [True, False])
async def test_unclear_recipients_are_asked_about(*, preview: bool) -> None:
    """Several people of a name are offered as buttons, and after a press the text goes its way."""
    chat = talk(PRIVATE, keeps=True)
    chat.portal.people = PEOPLE
    chat.settings = replace(chat.settings, publish_at_once=not preview)
    (question,) = await chat.say("/crm deal 42 to:Tom,deal_43 title:News Hello")
    _, effect = await choose(chat, question, 1)
    if preview:
        assert isinstance(effect, ShowDraft)
        await chat.done(effect, 500)
        effect = next(one for one in await chat.say("/publish") if isinstance(one, CrmText))
    assert isinstance(effect, CrmPost)
    assert (sorted(effect.sperm), effect.title, effect.text) == (["CRMDEAL43", "U6"], "News", "Hello")


# --- refusals ----------------------------------------------------------------------------------------------------


async def test_a_refusal_keeps_the_text(chat: Conversation) -> None:
    """A refusal says why and keeps the text; the CRM feed still counts as existing."""
    effect = await written(chat, "/crm deal 42 to:U5 title:News Hello\nthere")
    (said,) = await chat.failed(effect, code="", text="Access denied.")
    assert isinstance(said, Say)
    assert said.content.text.startswith("Nothing was written to deal 42. You may not change this card.")
    assert puts(said) == ["/crm deal 42 to:U5 title:News Hello\nthere"]
    assert chat.state_changes == []


async def test_a_refusal_of_the_timeline_keeps_the_text(chat: Conversation) -> None:
    """A refusal by the timeline says why and keeps the text too."""
    chat.memory = StandInMemory(known=known_portal(crm_feed=False, crm_feed_at=NOW))
    effect = await written(chat, "/crm deal 42 Hello")
    (said,) = await chat.failed(effect, "Gone", code="OWNER_NOT_FOUND", text="Owner was not found")
    assert isinstance(said, Say)
    assert "There is no such card" in said.content.text
    assert puts(said) == ["/crm deal 42 Hello"]


async def test_an_unknown_outcome_is_explained(chat: Conversation) -> None:
    """With an unknown outcome the user is told that it may have worked, and to look at the card."""
    effect = await written(chat, "/crm deal 42 Hello")
    (said,) = await chat.failed(effect, "PortalDown", outcome_unknown=True)
    assert isinstance(said, Say)
    assert "did not say whether your text was written to deal 42" in said.content.text
    assert "look at the card" in said.content.text


async def test_a_choice_of_the_person_goes_before_the_setting() -> None:
    """Who chose a preview sees the card first, though the service writes at once."""
    chat = talk(PRIVATE, keeps=True)
    await chat.say("/settings preview:on")
    (shown,) = await chat.say("/crm deal 42 Hello")
    assert isinstance(shown, ShowDraft)
    chat.settings = replace(chat.settings, publish_at_once=False)
    await chat.say("/settings preview:off")
    assert isinstance((await chat.say("/crm deal 43 Hello"))[-1], CrmText)
