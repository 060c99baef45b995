"""The composer as a conversation: a draft, its preview, and the questions about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.effects import Edit, Publish, Say, ShowDraft
from bot.model.events import Dialog
from bot.model.records import Named
from tests.choosing import choose
from tests.composing import CARD, PEOPLE, conversation, draft_of, press, rows, shown
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, labels


@pytest.fixture
def chat() -> Conversation:
    """Return Anna's own dialog with the bot."""
    return conversation()


@pytest.mark.parametrize(
    ("language", "said", "buttons", "audience"),
    [
        ("en", "Your draft, not published yet: News", ["Publish", "Later", "Change", "Cancel"], "everyone, 212 people"),
        (
            "de", "Ihr Entwurf, noch nicht veröffentlicht: News", ["Veröffentlichen", "Später", "Ändern", "Abbrechen"],
            "alle, 212 Personen",
        ),
        (
            "ru", "Ваш черновик, ещё не опубликован: News", ["Опубликовать", "Позже", "Изменить", "Отменить"],
            "все сотрудники, 212 человек",
        ),
    ],
)  # fmt: skip
async def test_a_post_is_shown_before_it_is_published(
    language: str, said: str, buttons: list[str], audience: str
) -> None:
    """The preview shows the post with its audience in people, and publishes nothing."""
    chat = conversation(language=language)
    (card,) = await chat.say("/post title:News We won.")
    assert isinstance(card, ShowDraft)
    assert card.content.text == said
    assert labels(card) == buttons
    assert audience in rows(card).values()
    for part in ("News", "We won.", ANNA.name):
        assert part in str(card.content.attach)


async def test_publish_publishes_what_the_preview_showed(chat: Conversation) -> None:
    """A press of Publish sends the post once, and the preview loses its buttons."""
    card = await shown(chat, "/post to:sales title:News We won.")
    publish, closed = await press(chat, card, "Publish")
    assert isinstance(publish, Publish)
    assert (publish.title, publish.text, publish.dest) == ("News", "We won.", ["DR3"])
    assert (publish.user, publish.dialog, publish.report) == (ANNA.id, PRIVATE, True)
    assert isinstance(closed, Edit)
    assert (closed.message, closed.content.text, closed.content.keyboard) == (
        CARD, "You chose to publish this draft. The result is in a later message.", [],
    )  # fmt: skip
    assert draft_of(chat) is None


async def test_fifty_presses_publish_once(chat: Conversation) -> None:
    """Fifty presses of Publish make one post; the others do nothing."""
    card = await shown(chat, "/post We won.")
    made = [effect for _ in range(50) for effect in await press(chat, card, "Publish")]
    assert [type(one) for one in made] == [Publish, Edit]


async def test_publish_before_the_card_is_known(chat: Conversation) -> None:
    """A press that comes before the result of the card publishes once, and edits the pressed message."""
    (card,) = await chat.say("/post We won.")
    assert isinstance(card, ShowDraft)
    publish, closed = await press(chat, card, "Publish")
    assert isinstance(publish, Publish)
    assert isinstance(closed, Edit)
    assert closed.message == CARD
    (again,) = await chat.done(card, CARD)
    assert isinstance(again, Edit)
    assert again.content == closed.content


async def test_typed_publish_before_the_card_is_known(chat: Conversation) -> None:
    """A card that is sent after its draft was published loses its buttons as soon as its message is known."""
    (card,) = await chat.say("/post We won.")
    (publish,) = await chat.say("/publish")
    assert isinstance(publish, Publish)
    (closed,) = await chat.done(card, 501)
    assert isinstance(closed, Edit)
    assert (closed.message, closed.content.keyboard) == (501, [])


@pytest.mark.parametrize("how", ["typed", "pressed"])
async def test_cancel_puts_the_draft_away(chat: Conversation, how: str) -> None:
    """Nothing is published after Cancel, and the text can be put back into the input field."""
    card = await shown(chat, "/post to:sales title:News We won.")
    made = await chat.say("/cancel") if how == "typed" else await press(chat, card, "Cancel")
    last = made[-1]
    assert isinstance(last, Say if how == "typed" else Edit)
    assert isinstance(last, Say | Edit)
    assert last.content.text.startswith("The draft is put away. Nothing was published.")
    assert last.content.keyboard[0]["ACTION_VALUE"] == '/post to:"Sales (DR3)" title:News We won.'
    assert await chat.mistake("/publish") == "draft.none"


@pytest.mark.parametrize("text", ["/publish now", "/cancel it", "/preview please"])
async def test_a_command_with_more_words_does_nothing(chat: Conversation, text: str) -> None:
    """Words behind a command that takes none are a mistake, and the draft stays."""
    await shown(chat, "/post We won.")
    assert await chat.mistake(text) == "words.extra"
    assert draft_of(chat) is not None


@pytest.mark.parametrize("name", ["publish", "preview", "cancel"])
@pytest.mark.parametrize(("dialog", "key"), [(PRIVATE, "draft.none"), (GROUP, "draft.none_here")])
async def test_without_a_draft(name: str, dialog: Dialog, key: str) -> None:
    """The commands of a draft say where to begin one, if there is none."""
    assert await conversation(dialog).mistake(f"/{name}") == key


async def test_what_is_not_named_is_kept(chat: Conversation) -> None:
    """/draft changes what it names; the old card says that the draft goes on."""
    await shown(chat, "/post to:sales title:News We won.")
    moved, card = await chat.say("/draft title:Cup")
    assert isinstance(moved, Edit)
    assert (moved.message, moved.content.keyboard) == (CARD, [])
    assert isinstance(card, ShowDraft)
    draft = draft_of(chat)
    assert draft
    assert (draft.title, draft.text, draft.dest) == ("Cup", "We won.", ["DR3"])
    await chat.say("/draft title:-")
    assert draft_of(chat) == replace(draft_of(chat) or draft, title="", text="We won.")


async def test_an_ambiguous_name_is_a_question_first(chat: Conversation) -> None:
    """An unclear recipient is asked about first; a press makes the draft and shows it."""
    (said,) = await chat.say("/post to:tom We won.")
    assert isinstance(said, Say)
    assert draft_of(chat) is None
    asked, card = await choose(chat, said)
    assert isinstance(asked, Edit)
    assert asked.content.text == "“tom” is Tom Berg (person)."
    assert isinstance(card, ShowDraft)
    assert "We won." in str(card.content.attach)


async def test_a_new_post_does_not_lose_the_draft_before(chat: Conversation) -> None:
    """Another /post in the same dialog takes the place of a draft, whose card keeps its text in a button."""
    await shown(chat, "/post We won.")
    closed, card = await chat.say("/post We lost.")
    assert isinstance(closed, Edit)
    assert closed.content.text.startswith("You began another post here")
    assert closed.content.keyboard[0]["ACTION_VALUE"] == "/post We won."
    assert isinstance(card, ShowDraft)
    assert "We lost." in str(card.content.attach)


# --- the empty composer, and questions in private ---------------------------------------------------------------


async def test_the_next_message_is_the_text(chat: Conversation) -> None:
    """In private the empty composer asks for the text; the next message is the text, whatever its words are."""
    card = await shown(chat, "/post")
    assert "Write it in your next message" in card.content.text
    moved, filled = await chat.say("help, we won\nand more")
    assert isinstance(moved, Edit)
    assert isinstance(filled, ShowDraft)
    draft = draft_of(chat)
    assert draft
    assert draft.text == "help, we won\nand more"


async def test_in_a_group_the_empty_composer_names_the_command() -> None:
    """In a group no message is taken as a text: the card says how to write it."""
    chat = conversation(GROUP)
    card = await shown(chat, "/post")
    assert "Write /draft and the text" in card.content.text
    (said,) = await chat.say("hello there everybody")
    assert isinstance(said, Say)
    draft = draft_of(chat)
    assert draft
    assert draft.text == ""


@pytest.mark.parametrize(
    ("label", "written", "field", "value"),
    [
        ("Text", "We lost.", "text", "We lost."),
        ("Title", "Cup  final", "title", "Cup final"),
        ("Title", "-", "title", ""),
        ("Recipients", "sales, Tom Berg", "to", (PEOPLE[0], PEOPLE[1])),
        ("Recipients", "all", "to", (Named(code="UA", name=""),)),
        ("Tags", "#sport, cup final", "tags", ("sport", "cup final")),
        ("Tags", "-", "tags", ()),
    ],
)
async def test_a_question_is_answered_by_the_next_message(
    chat: Conversation, label: str, written: str, field: str, value: object
) -> None:
    """Change asks for a field; the next message fills it, and the draft is shown again."""
    card = await shown(chat, "/post title:News We won.")
    (menu,) = await press(chat, card, "Change")
    assert isinstance(menu, Edit)
    (asked,) = await press(chat, menu, label)
    assert isinstance(asked, Say)
    assert labels(asked) == ["Leave it as it is"]
    *_, again = await chat.say(written)
    assert isinstance(again, ShowDraft)
    assert getattr(draft_of(chat), field) == value


async def test_an_unclear_answer_is_asked_about(chat: Conversation) -> None:
    """An unclear recipient in an answer is asked about, with buttons that change the draft."""
    card = await shown(chat, "/post We won.")
    (menu,) = await press(chat, card, "Change")
    assert isinstance(menu, Edit)
    await press(chat, menu, "Recipients")
    (said,) = await chat.say("tom")
    assert isinstance(said, Say)
    *_, after = await choose(chat, said, 1)
    assert isinstance(after, ShowDraft)
    assert rows(after)["For"].startswith("Tom Ahrens")


async def test_a_question_can_be_left(chat: Conversation) -> None:
    """After "Leave it as it is" the next message is no answer, and nothing has changed."""
    card = await shown(chat, "/post We won.")
    (menu,) = await press(chat, card, "Change")
    assert isinstance(menu, Edit)
    (asked,) = await press(chat, menu, "Title")
    assert isinstance(asked, Say)
    *_, again = await press(chat, asked, "Leave it as it is")
    assert isinstance(again, ShowDraft)
    (said,) = await chat.say("good morning everybody out there")
    assert isinstance(said, Say)
    draft = draft_of(chat)
    assert draft
    assert (draft.title, draft.text) == ("", "We won.")


async def test_a_switch_changes_the_card_in_place(chat: Conversation) -> None:
    """Important is switched by a press: the same message shows it, and the way back."""
    card = await shown(chat, "/post We won: http://example.org")
    (menu,) = await press(chat, card, "Change")
    assert isinstance(menu, Edit)
    assert labels(menu) == [
        "Text",
        "Title",
        "Recipients",
        "Tags",
        "Mark as important",
        "No link preview",
        "Background",
        "Poll",
        "Back",
    ]
    (marked,) = await press(chat, menu, "Mark as important")
    assert isinstance(marked, Edit)
    assert (marked.message, rows(marked)["Importance"]) == (CARD, "high")
    (back,) = await press(chat, marked, "Back")
    assert isinstance(back, Edit)
    publish, _ = await press(chat, back, "Publish")
    assert isinstance(publish, Publish)
    assert (publish.important, publish.link_preview) == (True, True)


async def test_in_a_group_change_begins_a_command() -> None:
    """In a group the buttons put the beginning of a command into the input field."""
    chat = conversation(GROUP)
    card = await shown(chat, "/post We won.")
    (menu,) = await press(chat, card, "Change")
    assert isinstance(menu, Edit)
    begun = [one["ACTION_VALUE"] for one in menu.content.keyboard if one.get("ACTION") == "PUT"]
    assert begun == ["/draft ", "/draft title:", "/draft to:", "/draft tags:", "/draft background:", "/draft poll:"]


@pytest.mark.parametrize(
    "text", ["x" * 19_000, "\U0001f1e9\U0001f1ea" * 4_000, f"tags:{','.join(f'tag{n}' for n in range(2500))} We won."]
)
async def test_a_long_post_has_a_preview(chat: Conversation, text: str) -> None:
    """A post of the greatest length fits into a card, which says that all of it will be published."""
    (card,) = await chat.say(f"/post {text}")
    assert isinstance(card, ShowDraft)
    assert "Publish" in labels(card)
    (publish, *_) = await press(chat, card, "Publish")
    assert isinstance(publish, Publish)
    assert publish.text in text
