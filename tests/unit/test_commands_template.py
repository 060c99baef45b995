"""/template as a conversation: texts with variables, saved, used, listed and deleted by a person or for a chat."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.errors import UserMistake
from bot.feed import error_messages
from bot.feed.templates.keeping import LONGEST_NAME, LONGEST_TEXT, MOST
from bot.model.effects import Edit, Say, ShowDraft
from bot.model.events import Dialog
from tests.choosing import choose
from tests.composing import TOM, conversation, draft_of
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, labels, puts

WEEKLY = '/template save weekly title:"Week in {project}" Report of {date}: {text}'


@pytest.fixture
def chat() -> Conversation:
    """Return Anna's own dialog with the bot."""
    return conversation()


def group(*, managers: tuple[int, ...] = (), admin: bool = False) -> Conversation:
    """Return a group with the bot, and the people who manage it."""
    chat = conversation(GROUP)
    chat.memory.member_of.add(GROUP)
    chat.portal.managers, chat.portal.admin = set(managers), admin
    return chat


async def answer(chat: Conversation, text: str) -> Say:
    """Return the only answer to a text."""
    (said,) = await chat.say(text)
    assert isinstance(said, Say)
    return said


async def mistake(chat: Conversation, text: str) -> UserMistake:
    """Return the mistake in a text."""
    with pytest.raises(UserMistake) as caught:
        await chat.say(text)
    return caught.value


async def drafted(chat: Conversation, text: str) -> tuple[str, str, list[str]]:
    """Return the title, the text and the recipients of the draft that a command opens."""
    (card,) = [one for one in await chat.say(text) if isinstance(one, ShowDraft)]
    await chat.done(card, 500)
    draft = draft_of(chat)
    assert draft
    return draft.title, draft.text, draft.dest


@pytest.mark.parametrize(
    ("language", "save", "use", "title", "text"),
    [
        (
            "en", WEEKLY, "/template use weekly project:Alpha All fine.", "Week in Alpha",
            "Report of June 15, 2025: All fine.",
        ),
        (
            "de", "/vorlage speichern woche titel:{projekt} Bericht von {wochentag}, {uhrzeit}: {text}",
            '/vorlage nutzen woche projekt:"Alpha B" Alles gut.', "Alpha B",
            "Bericht von Sonntag, 15:06: Alles gut.",
        ),
        (
            "ru", "/шаблон сохранить неделя заголовок:{проект} Отчёт за {дата}, {день}: {текст}",
            "/шаблон применить неделя проект:Альфа Всё хорошо.", "Альфа",
            "Отчёт за 15 июня 2025\u202fг., воскресенье: Всё хорошо.",
        ),
    ],
)  # fmt: skip
async def test_a_template_becomes_a_draft(language: str, save: str, use: str, title: str, text: str) -> None:
    """A template is saved and used with words of each language, filled in that language, and publishes nothing."""
    chat = conversation(language=language)
    await answer(chat, save)
    assert await drafted(chat, use) == (title, text, ["UA"])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "Saved for you as “weekly”. To use it: /template use weekly\nIt will be filled with: project, date, text.",
        ),
        ("de", "Für Sie gespeichert"),
        ("ru", "Сохранено для вас под именем «weekly». Чтобы применить шаблон: /template use weekly"),
    ],
)
async def test_what_was_saved_is_said(language: str, said: str) -> None:
    """The answer says how the template is used and what it will be filled with, with a button that begins that."""
    told = await answer(conversation(language=language), WEEKLY)
    assert told.content.text.startswith(said)
    assert puts(told) == ["/template use weekly "]


async def test_every_variable(chat: Conversation) -> None:
    """Date, time and weekday are those of the person, and {author} is their name."""
    chat.portal.zone = ZoneInfo("Asia/Tokyo")
    await answer(chat, "/template save all {date} {time} {weekday} {author}")
    _, text, _ = await drafted(chat, "/template use all")
    assert " ".join(text.split()) == "June 16, 2025 12:06 AM Monday Anna Lind"


async def test_the_chat_is_named_in_a_group_only() -> None:
    """{chat} is the title of a group; in private it has to be written."""
    chat = conversation()
    await answer(chat, "/template save where From {chat}.")
    assert (await mistake(chat, "/template use where")).values["missing"] == "chat"
    assert (await drafted(chat, '/template use where chat:"the kitchen"'))[1] == "From the kitchen."


async def test_a_written_value_goes_before_ours(chat: Conversation) -> None:
    """A person may write what we would fill in ourselves."""
    await answer(chat, "/template save a {date} {author}: {text}")
    assert (await drafted(chat, "/template use a date:yesterday author:Me text:Short"))[1] == "yesterday Me: Short"


async def test_what_a_template_names_may_be_named_otherwise(chat: Conversation) -> None:
    """The recipients and the title of a template hold, unless the person names others; options and values may mix."""
    await answer(chat, "/template save a to:sales title:{x} tags:cake {text}")
    assert await drafted(chat, "/template use a x:One Hello") == ("One", "Hello", ["DR3"])
    assert await drafted(chat, '/template use a to:all x:One title:"Two words" Hello') == ("Two words", "Hello", ["UA"])
    draft = draft_of(chat)
    assert draft
    assert draft.tags == ("cake",)


async def test_a_text_without_a_place_stands_at_the_end(chat: Conversation) -> None:
    """What a person writes is never lost: without {text} it follows the template."""
    await answer(chat, "/template save lunch Lunch is ready.")
    assert (await drafted(chat, "/template use lunch Soup today."))[1] == "Lunch is ready.\nSoup today."
    assert (await drafted(chat, "/template lunch"))[1] == "Lunch is ready."


async def test_the_lines_of_a_text_stay(chat: Conversation) -> None:
    """A text keeps its line breaks, also behind an address at its start."""
    await answer(chat, "/template save a News: {text}")
    await chat.say("/template use a http://example.org\n\nRead it.")
    draft = draft_of(chat)
    assert draft
    assert draft.text == "News: http://example.org\n\nRead it."


async def test_braces(chat: Conversation) -> None:
    """Doubled braces stay braces, and values are not filled in again."""
    await answer(chat, "/template save a {{date}} {x} { y }")
    assert (await drafted(chat, "/template use a x:{date}"))[1] == "{date} {date} { y }"


async def test_names_have_no_markup_in_a_text() -> None:
    """The name of a person cannot mention others or hide a link in somebody's post."""
    chat = conversation(who=replace(ANNA, name="Anna [USER=5]Tom[/USER]"))
    await answer(chat, "/template save a By {author}")
    assert "[USER=5]" not in (await drafted(chat, "/template use a"))[1]


@pytest.mark.parametrize(
    ("text", "missing", "written"),
    [
        ("/template use weekly", "project, text", "/template use weekly project:"),
        ("/template use weekly Hi", "project", "/template use weekly project: Hi"),
        ("/template use weekly project:A", "text", "/template use weekly project:A"),
        ("/template use weekly to:sales Hi", "project", "/template use weekly project: to:sales Hi"),
    ],
)
async def test_missing_values_are_named(chat: Conversation, text: str, missing: str, written: str) -> None:
    """Nothing is drafted while a value is missing; the button keeps what was written, with the names to fill in."""
    await answer(chat, WEEKLY)
    found = await mistake(chat, text)
    assert (found.key, found.values["missing"], found.values["written"]) == ("template.missing", missing, written)
    assert draft_of(chat) is None


@pytest.mark.parametrize(
    ("save", "use"),
    [
        (WEEKLY, "/template use weekly project:A to:tom Hi"),
        (WEEKLY.replace("weekly ", "weekly to:tom "), "/template use weekly project:A Hi"),
    ],
    ids=["written", "in the template"],
)
async def test_an_ambiguous_name_is_asked_about(chat: Conversation, save: str, use: str) -> None:
    """A press that answers the question about a recipient goes on with the template, with the same values."""
    await answer(chat, save)
    changed, card = await choose(chat, await answer(chat, use))
    assert isinstance(changed, Edit)
    assert isinstance(card, ShowDraft)
    draft = draft_of(chat)
    assert draft
    assert (draft.title, draft.text, draft.dest) == ("Week in A", "Report of June 15, 2025: Hi", ["U5"])


async def test_a_name_that_nobody_has(chat: Conversation) -> None:
    """A recipient whom nobody knows is a word, and the button keeps the whole command with its values."""
    await answer(chat, WEEKLY)
    said = await answer(chat, '/template use weekly project:"A B" to:nobody Hi')
    assert puts(said) == ['/template use weekly project:"A B" to:nobody Hi']


@pytest.mark.parametrize(
    ("language", "written", "nearest"),
    [
        ("en", "usee", "use"),
        ("de", "speicherm", "speichern"),
        ("ru", "применит", "применить"),
        ("de", "löschn", "löschen"),
    ],
)
async def test_a_verb_is_suggested_in_the_own_language(language: str, written: str, nearest: str) -> None:
    """A slip in a verb is answered with the verb that the person meant, in the language in which they wrote it."""
    found = await mistake(conversation(language=language), f"/template {written} lunch Soup.")
    assert found.values["written"] == f"/template {nearest} lunch Soup."


@pytest.mark.parametrize(
    ("text", "key", "part"),
    [
        ("/template save", "template.no_name", ""),
        ("/template save weekly", "template.no_text", "weekly"),
        (f"/template save {'x' * (LONGEST_NAME + 1)} Hi", "template.long_name", str(LONGEST_NAME)),
        (f"/template save a {'x' * (LONGEST_TEXT + 1)}", "template.long_text", "10,001"),
        ("/template save chat a Hi", "template.no_chat", ""),
        ("/template save a tile:Friday Hi", "words.unknown_option", "title"),
        ("/template use", "template.no_name", ""),
        ("/template use nothing Hi", "template.unknown", "nothing"),
        ("/template delete nothing", "template.unknown", "nothing"),
        ('/template use lunch x:"open Hi', "words.open_quote", "open"),
        ("/template use lunsh Hi", "template.near", "/template use lunch Hi"),
        ("/template deleet lunch", "template.near", "/template delete lunch"),
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "ru"])
async def test_mistakes(language: str, text: str, key: str, part: str) -> None:
    """A mistake says what is wrong and changes nothing; a near miss puts the right command into the input field."""
    chat = conversation(language=language)
    await answer(chat, "/template save lunch Lunch {x}")
    found = await mistake(chat, text)
    assert found.key == key
    content = error_messages.answer(language, found)
    assert part in f"{content.text}\n{content.keyboard}"
    assert [one.name for one in await chat.memory.templates(user=ANNA.id, dialog=PRIVATE)] == ["lunch"]


async def test_no_more_than_the_limit(chat: Conversation) -> None:
    """One template more than the limit is refused with a sentence; one of these names can still be changed."""
    for number in range(MOST):
        await answer(chat, f"/template save n{number} Text")
    assert (await mistake(chat, "/template save more Text")).key == "template.full"
    assert "takes the place" in (await answer(chat, "/template save n1 Other")).content.text


async def test_an_earlier_text_is_not_lost(chat: Conversation) -> None:
    """Saving under a name in use offers the earlier text, and so does deleting."""
    await answer(chat, "/template save lunch Soup.")
    assert puts(await answer(chat, "/template save Lunch Salad."))[1] == "/template save lunch Soup."
    gone = await answer(chat, "/template delete LUNCH")
    assert gone.content.text == "The template “Lunch” is deleted."
    assert puts(gone) == ["/template save Lunch Salad."]
    assert (await mistake(chat, "/template use lunch")).key == "template.unknown"


async def test_a_name_of_two_words(chat: Conversation) -> None:
    """A name in quotes may have spaces, and buttons name it in quotes."""
    told = await answer(chat, '/template save "on call" On call: {text}')
    assert puts(told) == ['/template use "on call" ']
    assert (await drafted(chat, '/template use "on call" Tom'))[1] == "On call: Tom"


async def test_the_list_has_pages(chat: Conversation) -> None:
    """The list shows five templates, turns its pages in its message, and deletes with a press."""
    for number in range(7):
        await answer(chat, f"/template save n{number} Text {number}")
    told = await answer(chat, "/template")
    assert told.content.text.splitlines()[1] == "• n0: Text 0"
    assert labels(told)[-1] == "More"
    (second,) = await chat.press("template", "page 2")
    assert isinstance(second, Edit)
    assert second.content.text.splitlines()[1:] == ["• n5: Text 5", "• n6: Text 6"]
    edited, kept = await chat.press("template", "delete n5")
    assert isinstance(edited, Edit)
    assert edited.content.text.startswith("The template “n5” is deleted.\nYour templates:")
    assert isinstance(kept, Say)
    assert puts(kept) == ["/template save n5 Text 5"]


async def test_the_list_is_empty_at_first(chat: Conversation) -> None:
    """Without templates the answer shows how to save one."""
    assert "/template save weekly" in (await answer(chat, "/template")).content.text


@pytest.mark.parametrize("who", ["manager", "administrator"])
async def test_a_template_of_a_chat(who: str) -> None:
    """Who manages a chat saves a template for it, and everybody there uses it, typed or after a mention."""
    chat = group(managers=(ANNA.id,) if who == "manager" else (), admin=who == "administrator")
    assert "for this chat" in (await answer(chat, "/template save chat stand-up Done: {text}")).content.text
    chat.who = TOM
    assert isinstance((await chat.say("/template use stand-up Nothing"))[0], ShowDraft)
    assert isinstance((await chat.say("template use stand-up Much"))[-1], ShowDraft)
    assert "• stand-up" in (await answer(chat, "/template")).content.text


async def test_only_managers_change_the_templates_of_a_chat() -> None:
    """Others are told who may, and nothing is changed, also by a press of a button; their text is kept."""
    chat = group(managers=(ANNA.id,))
    await answer(chat, "/template save chat lunch Soup.")
    chat.who = TOM
    found = await mistake(chat, "/template save chat lunch Salad.")
    assert (found.key, found.values["written"]) == ("template.not_manager", "/template save chat lunch Salad.")
    with pytest.raises(UserMistake) as pressed:
        await chat.press("template", "delete chat lunch")
    assert pressed.value.key == "template.not_manager"
    (kept,) = await chat.memory.templates(user=TOM.id, dialog=GROUP)
    assert kept.text == "Soup."


async def test_own_templates_go_before_those_of_the_chat() -> None:
    """A person's own template is used before the chat's of the same name, unless they name the chat's."""
    chat = group(managers=(ANNA.id,))
    await answer(chat, "/template save chat lunch Soup.")
    await answer(chat, "/template save lunch Salad.")
    for text, wanted in (("/template use lunch", "Salad."), ("/template use chat lunch", "Soup.")):
        await chat.say(text)
        draft = draft_of(chat)
        assert draft
        assert draft.text == wanted


async def test_a_group_sees_no_own_templates() -> None:
    """The list in a group has the chat's templates only: those of a person are for nobody else to read."""
    chat = group(managers=(ANNA.id,))
    await answer(chat, "/template save secret My own words.")
    told = await answer(chat, "/template")
    assert "My own words" not in told.content.text
    assert "secret" not in str(told.content.keyboard)


async def test_delete_does_not_mean_another_one() -> None:
    """Without the word chat, a template of the chat is not deleted but asked about."""
    chat = group(managers=(ANNA.id,))
    await answer(chat, "/template save chat lunch Soup.")
    found = await mistake(chat, "/template delete lunch")
    assert (found.key, found.values["instead"]) == ("template.of_chat", "/template delete chat lunch")
    assert "is deleted" in (await answer(chat, "/template delete chat lunch")).content.text


async def test_where_the_bot_is_no_member() -> None:
    """There a person uses their own templates, the draft is in private, and no template of the chat is changed."""
    chat = conversation(Dialog("chat77"), bot_absent=True)
    chat.portal.managers = {ANNA.id}
    await answer(chat, "/template save lunch Soup.")
    card, hint = await chat.say("/template use lunch")
    assert isinstance(card, ShowDraft)
    assert card.dialog == PRIVATE
    assert isinstance(hint, Say)
    assert (await mistake(chat, "/template save chat lunch Soup.")).key == "template.no_chat"
