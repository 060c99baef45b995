"""Names in several spellings and two alphabets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts import comparing, transliteration

SAME = [
    ("анна", "Anna"), ("yulia", "Юлия"), ("julia", "Юлия"), ("iuliia", "Юлия"), ("müller", "Mueller"),
    ("mueller", "Müller"), ("мюллер", "Müller"), ("sergey", "Сергей"), ("sergej", "Сергей"), ("сергей", "Sergei"),
    ("aleksey", "Алексей"), ("alexei", "Алексей"), ("алексей", "Alexey"), ("dmitry", "Дмитрий"),
    ("дмитрий", "Dmitrij"), ("ekaterina", "Екатерина"), ("yekaterina", "Екатерина"), ("щербаков", "Shcherbakov"),
    ("schmidt", "Шмидт"), ("шмидт", "Schmidt"), ("fyodor", "Фёдор"), ("артём", "Artyom"), ("jana", "Яна"),
    ("ольга", "Olga"), ("olga", "Ольга"), ("хельга", "Helga"), ("groß", "Gross"), ("gross", "Groß"),
    ("юрген", "Jürgen"), ("wolfgang", "Вольфганг"), ("иван", "Ivan"), ("zhanna", "Жанна"), ("tsvetkov", "Цветков"),
    ("продажи", "Prodazhi"), ("отдел продаж", "Otdel prodazh"),
]  # fmt: skip
LETTERS = st.text("абвгдежзийклмнопрстуфхцчшщыьэюя", min_size=2, max_size=12).filter(lambda word: word[0] not in "ьы")


@pytest.mark.parametrize(("written", "name"), SAME)
def test_spellings_of_one_name(written: str, name: str) -> None:
    """A name is found from the other alphabet or spelling: it sounds the same, and a search finds its beginning."""
    assert transliteration.key(written) == transliteration.key(name)
    assert transliteration.is_like(written, f"{name} Berg")
    first = comparing.fold(name)
    assert any(
        first.startswith(comparing.fold(start)) for start in transliteration.starts(written.split(maxsplit=1)[0])
    )


@pytest.mark.parametrize(("one", "other"), [("anna", "Ivan"), ("olga", "Oleg"), ("юлия", "Yuri"), ("müller", "Miller")])
def test_other_names_stay_other_names(one: str, other: str) -> None:
    """Names that only resemble each other are not the same."""
    assert not transliteration.is_like(one, other)


@given(word=LETTERS)
def test_every_spelling_in_latin_letters_is_searched_for(word: str) -> None:
    """A word in Cyrillic letters sounds like its usual spelling, and one of the searches finds that spelling."""
    usual = "".join(transliteration._TO_LATIN[sign][0] for sign in word)
    assert transliteration.is_like(usual, word)
    assert any(usual.startswith(start) for start in transliteration.starts(word))


@given(text=st.text(st.characters(categories=["L"]), min_size=1, max_size=40))
def test_any_word_is_like_itself(text: str) -> None:
    """Whatever letters people write, a word is like itself, and few searches follow."""
    assert transliteration.is_like(text, text)
    assert len(transliteration.starts(text)) <= transliteration.MOST
