"""The names of medals, in every language, and medals at the start of a text."""

from __future__ import annotations

import pytest

from bot.errors import UserMistake
from bot.feed.composer import medals
from bot.i18n import catalog


@pytest.mark.parametrize("language", catalog.languages())
def test_every_medal_has_names(language: str) -> None:
    """A medal is understood by its code, its name and its synonyms in each language, in any case."""
    for medal in medals.MEDALS.codes:
        label, also = medals.label(language, medal), catalog.sentence(language, f"medal_also.{medal}")
        for name in (medal, label, label.upper(), *also.split()):
            assert medals.MEDALS.named(name, "en") == medal, name


@pytest.mark.parametrize("language", catalog.languages())
def test_no_two_medals_share_a_name(language: str) -> None:
    """A name or a synonym means one medal only."""
    names = [
        name for medal in medals.MEDALS.codes for name in catalog.sentence(language, f"medal_also.{medal}").split()
    ]
    names += [medals.label(language, medal) for medal in medals.MEDALS.codes]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "medal", "left"),
    [
        ("cup Great work", "cup", "Great work"),
        ("cup great work", "cup", "great work"),
        ("Cup: great work", "cup", "great work"),
        ("Pokal Tolle Arbeit", "cup", "Tolle Arbeit"),
        ("кубок Отлично", "cup", "Отлично"),
        ("thumbs up Great work", "thumbsup", "Great work"),
        ("первое место — Отлично", "thefirst", "Отлично"),
        ("Daumen hoch\nTolle Arbeit", "thumbsup", "Tolle Arbeit"),
        ("cup", "cup", ""),
        ("Cake was great", "", "Cake was great"),
        ("cupboards are full", "", "cupboards are full"),
        ("Great work", "", "Great work"),
        ("for the cup", "", "for the cup"),
        ("", "", ""),
    ],
)
def test_a_medal_at_the_start(text: str, medal: str, left: str) -> None:
    """The longest name of a medal at the start of a text is the medal, unless it is the first word of a sentence."""
    assert medals.at_start(text, "en") == (medal, left)


@pytest.mark.parametrize(
    ("word", "language", "key", "nearest"),
    [
        ("flowrs", "en", "thanks.near_medal", "flowers"),
        ("pokall", "de", "thanks.near_medal", "Pokal"),
        ("кубак", "ru", "thanks.near_medal", "кубок"),
        ("kettle", "en", "thanks.no_medal", None),
    ],
)
def test_a_misspelt_medal_is_suggested(word: str, language: str, key: str, nearest: str | None) -> None:
    """An unknown medal is refused with the nearest name in the person's language, and with all medals."""
    with pytest.raises(UserMistake) as caught:
        medals.MEDALS.named(word, language)
    assert (caught.value.key, caught.value.values.get("nearest")) == (key, nearest)
    assert medals.label(language, "beer") in str(caught.value.values["medals"])


def test_a_misspelt_medal_before_a_sentence_is_asked_about() -> None:
    """A small word before a sentence that is nearly a medal is not published as a part of the text."""
    with pytest.raises(UserMistake) as caught:
        medals.at_start("flowrs Great work", "en")
    assert caught.value.key == "thanks.near_medal"
