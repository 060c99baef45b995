"""The preview of a text for the CRM: the card before it is written, choices, changes, and taking back."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import UserMistake
from bot.model.crm_records import CrmDetails
from bot.model.effects import (
    CrmComment,
    CrmEntity,
    CrmPost,
    CrmText,
    DeleteCrmComment,
    DeletePost,
    Edit,
    Effect,
    Publish,
    Say,
    ShowDraft,
)
from bot.model.events import Dialog, Person, UserId
from tests.composing import TOM, conversation, draft_of, press, rows, shown
from tests.stand_in_memory import known_portal
from tests.stand_ins import ANNA, GROUP, NOW, PRIVATE, SETTINGS, Conversation, labels, puts

COFFEE = CrmDetails(
    entity=CrmEntity(type="deal", id=42), name="Coffee machines for Nordwind", stage="Prepayment invoice",
    amount="12500.00", currency="EUR", responsible="Boris Klein",
)  # fmt: skip
NORDWIND = CrmDetails(entity=CrmEntity(type="company", id=3), name="Nordwind Ltd", responsible="Boris Klein")
OTHER = CrmDetails(entity=CrmEntity(type="deal", id=43), name="Maintenance contract")


def talk(dialog: Dialog = PRIVATE, *, feed: bool = False, **more: Any) -> Conversation:
    """Return a dialog on a portal with cards, where /crm shows a preview first; `feed`: it has a CRM feed."""
    chat = conversation(dialog, **more)
    chat.portal.crm = {(one.entity.type, one.entity.id): one for one in (COFFEE, NORDWIND, OTHER)}
    chat.memory.known = known_portal(crm_feed=feed, crm_feed_at=NOW)
    return chat


def only(found: list[Effect], kind: type[Any]) -> Any:
    """Return the only effect of one kind."""
    (one,) = [effect for effect in found if isinstance(effect, kind)]
    return one


# --- the card ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "details"),
    [
        ("en", {"Card": "deal 42: Coffee machines for Nordwind", "Stage": "Prepayment invoice", "Amount": "€12,500.00",
                "Responsible": "Boris Klein", "Where": "timeline"}),
        ("de", {"Karte": "Auftrag 42: Coffee machines for Nordwind", "Phase": "Prepayment invoice",
                "Betrag": "12.500,00\xa0€", "Verantwortlich": "Boris Klein", "Wohin": "Timeline"}),
        ("ru", {"Карточка": "сделка 42: Coffee machines for Nordwind", "Стадия": "Prepayment invoice",
                "Сумма": "12\xa0500,00\xa0€", "Ответственный": "Boris Klein", "Куда": "таймлайн"}),
    ],
)  # fmt: skip
async def test_the_preview_shows_the_card(language: str, details: dict[str, str]) -> None:
    """Before anything is written its author sees the card, its stage, amount, responsible person, and the text."""
    card = await shown(talk(language=language), "/crm deal 42 The contract is signed.")
    assert rows(card) == details
    assert "The contract is signed." in str(card.content.attach)
    assert {"LINK": "/crm/deal/details/42/"}.items() <= card.content.keyboard[-1].items()


async def test_a_card_without_details_shows_its_name_only() -> None:
    """A contact or company has no stage and no amount."""
    card = await shown(talk(feed=True), "/crm company 3 to:sales title:Visit We meet on Friday.")
    assert rows(card) == {
        "Card": "company 3: Nordwind Ltd", "Responsible": "Boris Klein", "Where": "CRM feed", "For": "Sales",
    }  # fmt: skip
    assert "Visit" in str(card.content.attach)


async def test_what_a_timeline_cannot_hold_is_said_before() -> None:
    """The preview says that a title becomes the first line, and that nobody is told."""
    card = await shown(talk(), "/crm deal 42 to:sales title:Visit We meet on Friday.")
    assert "title becomes the first line" in card.content.text
    assert "these are not told: Sales" in card.content.text


@pytest.mark.parametrize("feed", [True, False])
async def test_publish_writes_what_the_preview_shows(*, feed: bool) -> None:
    """A press writes it once, to the feed or the timeline, and the answer says which and to which card."""
    chat = talk(feed=feed)
    card = await shown(chat, '/crm deal 42 to:sales,deal_43 title:"Good news" Signed.')
    found = await press(chat, card, "Publish")
    effect = only(found, CrmText)
    assert (effect.entity, effect.text, effect.title, effect.user) == (COFFEE.entity, "Signed.", "Good news", ANNA.id)
    if isinstance(effect, CrmPost):
        assert sorted(effect.sperm) == ["CRMDEAL43", "DR3"]
    assert isinstance(effect, CrmPost) is feed
    assert "result is in a later message" in only(found, Edit).content.text
    (said,) = await chat.done(effect, 5)
    assert isinstance(said, Say)
    where = "CRM feed" if feed else "timeline"
    assert said.content.text.startswith(f"Written to the {where}: deal 42, “Coffee machines for Nordwind”.")
    assert [one for one in await press(chat, card, "Publish") if isinstance(one, CrmText)] == []


async def test_it_is_published_by_a_command_too() -> None:
    """/publish writes the draft, and /cancel keeps its text in a button."""
    chat = talk()
    await shown(chat, "/crm deal 42 Signed.")
    assert isinstance(only(await chat.say("/publish"), CrmText), CrmComment)
    await shown(chat, "/crm deal 42 to:sales title:News Signed.")
    assert puts(only(await chat.say("/cancel"), Say)) == ['/crm deal 42 to:"Sales (DR3)" title:News Signed.']
    assert draft_of(chat) is None


async def test_a_missing_text_is_asked_for() -> None:
    """Without a text the next message in private is the text."""
    chat = talk()
    card = await shown(chat, "/crm deal 42")
    assert "What should I write there?" in card.content.text
    assert "Publish" not in labels(card)
    assert await chat.mistake("/publish") == "crm.no_text"
    card = await shown(chat, "Signed today.")
    assert "Signed today." in str(card.content.attach)
    assert only(await press(chat, card, "Publish"), CrmText).text == "Signed today."


@pytest.mark.parametrize("typed", [True, False])
async def test_a_draft_is_changed(*, typed: bool) -> None:
    """Text, title and recipients are changed by commands, or by buttons that ask."""
    chat = talk(feed=True)
    card = await shown(chat, "/crm deal 42 Signed.")
    if typed:
        await shown(chat, "/draft title:News to:deal_43,sales")
        card = await shown(chat, "/draft They signed.")
    else:
        for label, answer in (("Text", "They signed."), ("Title", "News"), ("Recipients", "deal 43, sales")):
            change = only(await press(chat, card, "Change"), Edit)
            await press(chat, change, label)
            card = await shown(chat, answer)
    effect = only(await press(chat, card, "Publish"), CrmPost)
    assert (effect.text, effect.title, sorted(effect.sperm)) == ("They signed.", "News", ["CRMDEAL43", "DR3"])


async def test_nobody_is_told_after_a_dash() -> None:
    """A dash takes the recipients away."""
    chat = talk(feed=True)
    await shown(chat, "/crm deal 42 to:sales Signed.")
    card = await shown(chat, "/draft to:-")
    assert "For" not in rows(card)
    assert only(await press(chat, card, "Publish"), CrmPost).sperm == ()


@pytest.mark.parametrize(
    "option", ["important:yes", "tags:a,b", "background:gold", "important:tomorrow", 'poll:"Why? a | b"']
)
async def test_what_only_posts_have_is_refused(option: str) -> None:
    """Importance, tags and a background are refused in words, and the draft stays as it is."""
    chat = talk()
    await shown(chat, "/crm deal 42 Signed.")
    before = draft_of(chat)
    assert await chat.mistake(f"/draft {option}") == "crm.only_posts"
    assert draft_of(chat) == before


# --- choices -----------------------------------------------------------------------------------------------------


async def test_a_press_goes_on_with_the_chosen_card() -> None:
    """The question becomes the preview of the chosen card; nothing is typed again."""
    chat = talk()
    question = await shown(chat, "/crm Nordwind They called.")
    assert await chat.mistake("/publish") == "crm.choose_first"
    preview = only(await press(chat, question, "Nordwind Ltd (company 3)"), Edit)
    assert rows(preview)["Card"] == "company 3: Nordwind Ltd"
    effect = only(await press(chat, preview, "Publish"), CrmText)
    assert (effect.entity, effect.text) == (NORDWIND.entity, "They called.")


async def test_a_choice_publishes_at_once_for_those_who_want_that() -> None:
    """Who publishes at once has chosen with the press; a second press writes nothing more."""
    chat = talk()
    chat.settings = SETTINGS
    question = await shown(chat, "/crm Nordwind They called.")
    found = await press(chat, question, "Nordwind Ltd (company 3)")
    assert only(found, CrmText).entity == NORDWIND.entity
    again = await press(chat, question, "Coffee machines for Nordwind (deal 42)")
    assert [one for one in again if isinstance(one, CrmText)] == []


async def test_the_rest_of_a_longer_name_is_text() -> None:
    """If a shorter name is chosen than the words suggest, the other words belong to the text."""
    chat = talk()
    chat.portal.crm["company", 7] = CrmDetails(entity=CrmEntity(type="company", id=7), name="Nordwind Ltd Nord")
    question = await shown(chat, "/crm company Nordwind Ltd Nort is closed.")
    preview = only(await press(chat, question, "Nordwind Ltd (company 3)"), Edit)
    assert only(await press(chat, preview, "Publish"), CrmText).text == "Nort is closed."


async def test_a_card_that_was_closed_meanwhile_is_not_shown() -> None:
    """The rights are checked again at the press."""
    chat = talk()
    question = await shown(chat, "/crm Nordwind They called.")
    del chat.portal.crm["company", 3]
    assert question.content.keyboard
    with pytest.raises(UserMistake, match=r"crm\.not_seen"):
        await press(chat, question, "Nordwind Ltd (company 3)")


# --- groups ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["/crm deal 42 Signed.", "/crm Nordwind They called.", "/crm Maintenance contract Signed."]
)
@pytest.mark.parametrize("absent", [True, False])
async def test_a_group_sees_no_card(text: str, *, absent: bool) -> None:
    """Not everybody in a group may see the card, so the preview or the question is in private."""
    chat = talk(GROUP, bot_absent=absent)
    card, here = await chat.say(text)
    assert isinstance(card, ShowDraft)
    assert card.dialog == str(ANNA.id)
    assert isinstance(here, Say)
    assert here.content.text == "I have put your draft into our private chat: publish or change it there."


async def test_a_name_is_not_written_to_at_once_from_a_group() -> None:
    """Its number in the answer would tell the group which card has that name."""
    chat = talk(GROUP)
    chat.settings = SETTINGS
    (card, _) = await chat.say("/crm Maintenance contract Signed.")
    assert isinstance(card, ShowDraft)


async def test_a_draft_of_a_post_in_the_group_stays() -> None:
    """The post that somebody prepares in a group is not replaced by a text for the CRM."""
    chat = talk(GROUP)
    chat.memory.member_of.add(GROUP)
    await shown(chat, "/post to:all Cake at four")
    await chat.say("/crm deal 42 Signed.")
    assert only(await chat.say("/publish"), Publish).text == "Cake at four"


async def test_another_person_s_press_does_nothing() -> None:
    """The buttons are bound to the person who wrote the command."""
    chat = talk()
    card = await shown(chat, "/crm deal 42 Signed.")
    chat.who = TOM
    (said,) = await press(chat, card, "Publish")
    assert "belongs to somebody else" in only([said], Say).content.text


# --- taking back -------------------------------------------------------------------------------------------------


async def comment(chat: Conversation, number: int = 6, text: str = "Signed.") -> Say:
    """Write to the timeline, and return the confirmation."""
    chat.settings = SETTINGS
    effect = only(await chat.say(f"/crm deal 42 {text}"), CrmComment)
    said = (await chat.done(effect, number))[0]
    assert isinstance(said, Say)
    return said


@pytest.mark.parametrize("typed", [True, False])
async def test_a_comment_is_taken_back(*, typed: bool) -> None:
    """Within ten minutes the comment is deleted, by the button or by /undo, and its text can be put back."""
    chat = talk()
    said = await comment(chat)
    found = await chat.say("/undo") if typed else await press(chat, said, "Undo")
    effect = only(found, DeleteCrmComment)
    assert (effect.comment, effect.entity, effect.user) == (6, COFFEE.entity, ANNA.id)
    (answer,) = await chat.done(effect, None)
    assert only([answer], Say).content.text.startswith("Your text is taken back: deal 42.")
    assert puts(only([answer], Say)) == ["/crm deal 42 Signed."]


@pytest.mark.parametrize("who", [ANNA, Person(id=UserId(1), name="Olga")], ids=["late", "somebody else"])
async def test_a_comment_stays(who: Person) -> None:
    """After ten minutes, and for somebody else, the comment stays, and the answer says why."""
    chat = talk()
    said = await comment(chat)
    chat.who, chat.now = who, NOW + (601 if who is ANNA else 1)
    (answer,) = await press(chat, said, "Undo")
    assert "within ten minutes" in only([answer], Say).content.text


async def test_a_comment_is_deleted_once() -> None:
    """A second press says that it is deleted already."""
    chat = talk()
    said = await comment(chat)
    chat.memory.crm_gone.add(6)
    (answer,) = await press(chat, said, "Undo")
    assert only([answer], Say).content.text == "That text is deleted already."


async def test_several_things_are_asked_about() -> None:
    """A post and a comment of the last ten minutes are offered, the newest first."""
    chat = talk()
    chat.settings = SETTINGS
    post = only(await chat.say("/post Cake at four"), Publish)
    await chat.done(post, 217)
    chat.now += 1
    await comment(chat)
    question = only(await chat.say("/undo"), Say)
    assert labels(question) == ["deal 42 Signed.", "217 Cake at four"]
    assert only(await press(chat, question, "deal 42 Signed."), DeleteCrmComment).comment == 6
    assert only(await press(chat, question, "217 Cake at four"), DeletePost).post == 217


@pytest.mark.parametrize("post_before", [True, False])
async def test_what_is_in_the_crm_feed_stays(*, post_before: bool) -> None:
    """A portal cannot delete there: /undo says so, and does not delete an older post instead."""
    chat = talk(feed=True)
    chat.settings = SETTINGS
    if post_before:
        await chat.done(only(await chat.say("/post Cake at four"), Publish), 217)
        chat.now += 1
    await chat.done(only(await chat.say("/crm deal 42 Signed."), CrmPost), 9)
    said = only(await chat.say("/undo"), Say)
    assert said.content.text.startswith("What is in the CRM feed stays there")
    assert labels(said) == (["217 Cake at four"] if post_before else [])


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"code": "ACCESS_DENIED", "text": "Access denied."}, "Your text stays in the timeline: deal 42."),
        ({"error": "PortalDown", "outcome_unknown": True}, "did not say whether your text was deleted"),
    ],
)
async def test_a_failed_deletion_is_explained(told: dict[str, Any], sentence: str) -> None:
    """A refused deletion says why; an unknown one asks to look at the card."""
    chat = talk()
    effect = only(await press(chat, await comment(chat), "Undo"), DeleteCrmComment)
    (answer,) = await chat.failed(effect, **told)
    assert sentence in only([answer], Say).content.text


async def test_a_text_for_the_crm_is_not_published_later() -> None:
    """Its card has no button Later, and /schedule without a text refuses it, because a post would come out of it."""
    chat = talk()
    card = await shown(chat, "/crm deal 42 They want two more")
    assert "Later" not in labels(card)
    assert await chat.mistake("/schedule in 2 hours") == "crm.only_now"
    assert draft_of(chat) is not None
