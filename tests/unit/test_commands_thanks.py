"""/thanks, as people write it: who is thanked, with which medal, shown first and published once."""

from __future__ import annotations

from typing import Any

import pytest

from bot import commands
from bot.bitrix.outbound.posts import writing
from bot.errors import UserMistake
from bot.feed import error_messages
from bot.i18n import catalog
from bot.model.effects import Edit, Publish, Say, ShowDraft
from bot.model.events import Dialog, UserId
from bot.model.post_parts import Thanks
from bot.model.records import Named
from tests.choosing import choices, choose
from tests.composing import CARD, conversation, draft_of, press, rows, shown
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import GROUP, PRIVATE, Conversation, puts

PEOPLE = [
    Named(code="U5", name="Tom Berg"), Named(code="U8", name="Anna Berg"), Named(code="DR3", name="Sales"),
    Named(code="U9", name="Ida Klein"), Named(code="U10", name="Ida Wolf"),
]  # fmt: skip


def meeting(dialog: Dialog = PRIVATE, **more: Any) -> Conversation:
    """Return a dialog where previews come first."""
    made = conversation(dialog, **more)
    made.portal = StandInPortal(people=PEOPLE)
    return made


@pytest.mark.parametrize("dialog", [PRIVATE, GROUP], ids=["private", "group"])
@pytest.mark.parametrize(
    ("language", "text", "row"),
    [
        ("en", "/thanks @tom cup Great work", ("Thanks", "cup for Tom Berg")),
        ("de", "/thanks @tom Pokal Tolle Arbeit", ("Dank", "Pokal für Tom Berg")),
        ("ru", "/thanks @tom кубок Отлично", ("Благодарность", "кубок — Tom Berg")),
    ],
)
async def test_thanks_are_shown_and_published(dialog: Any, language: str, text: str, row: tuple[str, str]) -> None:
    """The card names the medal and the people; a press publishes exactly that, for everybody."""
    chat = meeting(dialog, language=language)
    card = await shown(chat, text)
    assert row in rows(card).items()
    publish = catalog.sentence(language, "draft.button_publish")
    made = [effect for effect in await press(chat, card, publish) if isinstance(effect, Publish)]
    assert [(one.text, one.thanks, one.dest) for one in made] == [
        (text.split(maxsplit=3)[3], Thanks(medal="cup", people=(UserId(5),)), ["UA"])
    ]


@pytest.mark.parametrize(
    ("text", "people", "medal", "said"),
    [
        ("/thanks @tom Great work", ["U5"], "thumbsup", "Great work"),
        ("/thanks Tom Berg for the help", ["U5"], "thumbsup", "for the help"),
        ("/thanks Tom Berg, Anna Berg flowers For the help", ["U5", "U8"], "flowers", "For the help"),
        ("/thanks @tom @anna cup Great work", ["U5", "U8"], "cup", "Great work"),
        ("/thanks [USER=5]Tom[/USER], [USER=8]Anna[/USER] cup Great work", ["U5", "U8"], "cup", "Great work"),
        ("/thanks [USER=5]Tom[/USER] [USER=8]Anna[/USER] Great work", ["U5", "U8"], "thumbsup", "Great work"),
        ('/thanks "Tom Berg" Great work', ["U5"], "thumbsup", "Great work"),
        ("/thanks to:sales title:Fair @tom cup Great work", ["U5"], "cup", "Great work"),
        ("/thanks medal:star @tom cup of tea", ["U5"], "star", "cup of tea"),
        ("/thanks cup @tom Great work", ["U5"], "cup", "Great work"),
        ("/thanks Thumbs up [USER=5]Tom[/USER], @anna Great work", ["U5", "U8"], "thumbsup", "Great work"),
        ("/thanks thank:U5,U8 medal:crown Great work", ["U5", "U8"], "crown", "Great work"),
        ("/thanks @tom, @tom cup Great work", ["U5"], "cup", "Great work"),
    ],
)
async def test_who_is_thanked(text: str, people: list[str], medal: str, said: str) -> None:
    """Names may be marked, quoted, mentioned or written out, several with commas; then a medal may follow."""
    chat = meeting()
    await shown(chat, text)
    draft = draft_of(chat)
    assert draft
    assert ([one.code for one in draft.thanked], draft.medal, draft.text) == (people, medal, said)
    assert [one.code for one in draft.to] == (["DR3"] if "to:" in text else [])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "thanks @tom cup Great work"),
        ("de", "danke @tom Pokal Tolle Arbeit"),
        ("ru", "спасибо @tom кубок Отличная работа"),
    ],
)
async def test_thanks_by_mention(language: str, text: str) -> None:
    """After a mention of the bot, thanks that mention somebody are for them; thanks alone are for the bot."""
    chat = meeting(GROUP, language=language)
    (card,) = await chat.say(text)
    assert isinstance(card, ShowDraft)
    (said,) = await chat.say(text.split(maxsplit=1)[0])
    assert isinstance(said, Say)
    assert said.content.attach == {}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/thanks", "thanks.whom"),
        ("/thanks medal:cup", "thanks.whom"),
        ("/thanks all Great work", "thanks.only_people"),
        ("/thanks thank:DR3 Great work", "thanks.only_people"),
        ("/thanks medal:kettle @tom Great work", "thanks.no_medal"),
        ("/thanks @tom crwon Great work", "thanks.near_medal"),
    ],
)
async def test_mistakes(text: str, key: str) -> None:
    """Nobody, a department, everybody, and a medal that does not exist: each is told, and nothing is begun."""
    chat = meeting()
    assert await chat.mistake(text) == key
    assert draft_of(chat) is None


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Did you mean crown"), ("de", "Meinten Sie Krone"), ("ru", "Может быть, корона")]
)
async def test_a_mistake_keeps_what_was_written(language: str, said: str) -> None:
    """A misspelt medal is told with the nearest one, and a button puts the command back."""
    chat = meeting(language=language)
    word = {"en": "crwon", "de": "Kronne", "ru": "карона"}[language]
    with pytest.raises(UserMistake) as caught:
        await chat.say(f"/thanks medal:{word} @tom Great work")
    content = error_messages.answer(language, caught.value)
    assert said in content.text
    (command,) = puts(Say(dialog=PRIVATE, content=content))
    assert command.startswith("/thanks ")
    assert command.endswith("Great work")


@pytest.mark.parametrize("options", ["", "to:ida "], ids=["thanked", "thanked and recipient"])
async def test_an_unclear_name_is_asked_about(options: str) -> None:
    """Two people of one name are buttons; a press goes on with one of them, and keeps the medal and the text."""
    chat = meeting()
    (asked,) = await chat.say(f"/thanks {options}@ida cup Great work")
    assert isinstance(asked, Say)
    assert len(choices(asked)) == (4 if options else 2)
    made = await choose(chat, asked, 1)
    if options:
        made = await choose(chat, made[0], 1)
    (card,) = [one for one in made if isinstance(one, ShowDraft)]
    await chat.done(card, CARD)
    draft = draft_of(chat)
    assert draft
    assert ([one.code for one in draft.thanked], draft.medal, draft.text) == (["U10"], "cup", "Great work")
    assert [one.code for one in draft.to] == (["U10"] if options else [])


async def test_without_a_text_the_composer_asks_for_one() -> None:
    """Thanks without a text open the composer, which takes the next message as the text."""
    chat = meeting()
    card = await shown(chat, "/thanks @tom cup")
    assert "has no text yet" in card.content.text
    await chat.say("Great work at the fair")
    draft = draft_of(chat)
    assert draft
    assert (draft.text, draft.medal) == ("Great work at the fair", "cup")


async def test_a_draft_gets_thanks_and_loses_them() -> None:
    """/draft sets and removes the people and the medal; the button removes them too."""
    chat = meeting()
    await shown(chat, "/post We won.")
    await shown(chat, "/draft thank:tom,anna medal:cup")
    draft = draft_of(chat)
    assert draft
    assert draft.thanks == Thanks(medal="cup", people=(UserId(5), UserId(8)))
    card = await shown(chat, "/draft medal:star")
    (menu,) = await press(chat, card, "Change")
    assert isinstance(menu, Edit)
    await press(chat, menu, "Without the thanks")
    draft = draft_of(chat)
    assert draft
    assert (draft.thanks, draft.text) == (None, "We won.")
    await chat.say("/draft thank:tom")
    await chat.say("/draft thank:-")
    draft = draft_of(chat)
    assert draft
    assert draft.thanks is None


async def test_refused_thanks_are_kept_whole() -> None:
    """The command that a refusal puts back makes the same post again."""
    chat = Conversation(router=commands.router(), portal=StandInPortal(people=PEOPLE))
    (effect,) = await chat.say("/thanks title:Fair @tom, @anna cup Great work")
    assert isinstance(effect, Publish)
    (said,) = await chat.failed(effect, code="X")
    assert isinstance(said, Say)
    (again,) = await chat.say(puts(said)[0])
    assert again == effect


async def test_the_parameters_of_thanks() -> None:
    """The portal reads the medal and the people beside the text, and not inside UF_GRATITUDE."""
    chat = Conversation(router=commands.router(), portal=StandInPortal(people=PEOPLE))
    (effect,) = await chat.say("/thanks @tom, @anna cup Great work")
    assert isinstance(effect, Publish)
    assert writing.parameters(effect) == {
        "POST_MESSAGE": "Great work", "DEST": ["UA"], "GRATITUDE_MEDAL": "cup", "GRATITUDE_EMPLOYEES": [5, 8],
    }  # fmt: skip


async def test_names_that_not_everybody_may_know_are_shown_in_private() -> None:
    """In a group with an extranet user the card that names a thanked person is in the author's own dialog."""
    chat = meeting(GROUP)
    chat.portal.extranet_dialogs = {GROUP}
    found = await chat.say("/thanks @tom cup Great work")
    (card,) = [one for one in found if isinstance(one, ShowDraft)]
    assert card.dialog == str(chat.who.id)
    assert "Tom" not in str([one for one in found if not isinstance(one, ShowDraft)])
