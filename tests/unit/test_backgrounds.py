"""The names of backgrounds, in every language, and how the composer asks for one."""

from __future__ import annotations

import pytest

from bot.errors import UserMistake
from bot.feed import error_messages
from bot.feed.publishing import backgrounds
from bot.feed.publishing.backgrounds import BACKGROUNDS
from bot.i18n import catalog
from bot.model.effects import Edit, Publish, Say, ShowDraft
from bot.model.events import MessageId
from portal.world import feed
from tests.composing import conversation, draft_of, press, rows, shown
from tests.stand_ins import GROUP, PRIVATE, labels, puts


def test_the_emulator_shows_every_background() -> None:
    """The bot and the emulator have the same codes."""
    assert set(BACKGROUNDS.codes) == feed.BACKGROUNDS


@pytest.mark.parametrize("language", catalog.languages())
def test_every_background_has_names(language: str) -> None:
    """A background is understood by its code, its name and its synonyms in each language, and no name means two."""
    for code in BACKGROUNDS.codes:
        also = catalog.sentence(language, f"background_also.{code}").split()
        for name in (code, code[3:].replace("_", " "), BACKGROUNDS.label(language, code), *also):
            assert backgrounds.BACKGROUNDS.named(name.upper(), "en") == code, name


@pytest.mark.parametrize(
    ("language", "word", "nearest"),
    [("en", "sunsett", "sunset"), ("de", "Wuste", "Wüste"), ("ru", "пустиня", "пустыня")],
)
@pytest.mark.parametrize("dialog", [PRIVATE, GROUP], ids=["private", "group"])
async def test_a_misspelt_background_is_suggested(dialog: str, language: str, word: str, nearest: str) -> None:
    """An unknown background is refused with the nearest name and all names; a button puts the command back."""
    chat = conversation(dialog, language=language)  # type: ignore[arg-type]
    with pytest.raises(UserMistake) as caught:
        await chat.say(f"/post title:Fair background:{word} We won.")
    content = error_messages.answer(language, caught.value)
    assert f"{nearest}?" in content.text
    assert BACKGROUNDS.label(language, "09_violet_led") in content.text
    assert puts(Say(dialog=chat.dialog, content=content)) == [f"/post title:Fair background:{word} We won."]


@pytest.mark.parametrize(
    ("language", "pressed", "text", "shown_as"),
    [
        ("en", ["Change", "Background"], "Night", "night"),
        ("de", ["Ändern", "Hintergrund"], "Wüste", "Wüste"),
        ("ru", ["Изменить", "Фон"], "лава", "лава"),
    ],
)
async def test_the_composer_asks_for_a_background(language: str, pressed: list[str], text: str, shown_as: str) -> None:
    """In private a button asks, naming all backgrounds, and the next message is one; a mistake changes nothing."""
    chat = conversation(language=language)
    card: ShowDraft | Edit = await shown(chat, "/post We won.")
    (menu,) = await press(chat, card, pressed[0])
    assert isinstance(menu, Edit)
    (asked,) = await press(chat, menu, pressed[1])
    assert isinstance(asked, Say)
    assert BACKGROUNDS.labels(language) in asked.content.text
    assert await chat.mistake("kettle") == "draft.no_background"
    (again,) = [one for one in await chat.say(text) if isinstance(one, ShowDraft)]
    assert shown_as in rows(again).values()
    await chat.done(again, MessageId(501))
    (menu,) = await press(chat, again, pressed[0])
    assert isinstance(menu, Edit)
    await press(chat, menu, pressed[1])
    await chat.say("-")
    draft = draft_of(chat)
    assert draft
    assert draft.background == ""


async def test_in_a_group_the_button_begins_a_command() -> None:
    """In a group the button writes the beginning of a command; a mention with the option is understood too."""
    chat = conversation(GROUP)
    card = await shown(chat, "post background:lava We won.")
    assert rows(card)["Background"] == "lava"
    (menu,) = await press(chat, card, "Change")
    assert isinstance(menu, Edit)
    assert "Background" in labels(menu)
    assert "/draft background:" in [one.get("ACTION_VALUE") for one in menu.content.keyboard]


async def test_a_background_is_published() -> None:
    """The post gets the code of the background that its card names."""
    chat = conversation()
    card = await shown(chat, "/post background:arctic We won.")
    made = [one for one in await press(chat, card, "Publish") if isinstance(one, Publish)]
    assert [one.background for one in made] == ["10_arctic_village"]
