"""Texts are cut between what people see as characters, everywhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import wcwidth
from hypothesis import example, given
from hypothesis import strategies as st

from bot import commands
from bot.model.effects import Say
from bot.model.records import Named
from bot.texts import cutting
from keyboards.texts.shortening import head
from keyboards.texts.splitting import whole_character
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import Conversation, labels

BOT = Path(__file__).resolve().parents[2] / "bot"
CHARACTERS = {
    "flags": "🇩🇪",
    "a family": "👨\u200d👩\u200d👧",
    "a skin": "👍🏽",
    "the flag of a country within another": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "an accent": "e\u0301",
    "several accents": "a\u0308\u0323\u0304",
    "й in two parts": "и\u0306",
    "Hindi": "क्षि",
    "Tamil": "நி",
    "Thai": "กำ",
    "Korean in parts": "\u1112\u1161\u11ab",
    "a heart with a selector": "❤\ufe0f\u200d🔥",
    "a key cap": "1\ufe0f\u20e3",
    "an Arabic number sign": "\u0600٤",
}
PARTS = st.lists(
    st.sampled_from(["".join(CHARACTERS.values()), *"".join(CHARACTERS.values()), "a", " ", "🇩", "\u200d", "\n"])
)
TEXTS = PARTS.map("".join)


def clusters(text: str) -> list[str]:
    """Return the grapheme clusters of a text."""
    return list(wcwidth.iter_graphemes(text))


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("short", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("one two three", 7, "one two…"),
        ("one two three", 8, "one two…"),
        ("one, two", 5, "one…"),
        ("unbreakable", 5, "unbre…"),
        ("a bcdefghijklmnop", 10, "a bcdefghi…"),
    ],
)
def test_cut_at_a_word(text: str, limit: int, cut: str) -> None:
    """A long text ends at a word, with an ellipsis; where there is no space near the end, a word is cut."""
    assert cutting.shorten(text, limit) == cut


@pytest.mark.parametrize("character", CHARACTERS.values(), ids=CHARACTERS.keys())
def test_no_character_is_cut(character: str) -> None:
    """Whatever the limit, the beginning of a text consists of whole characters, as many as fit."""
    text = "a" + character * 30
    for limit in range(1, len(text)):
        kept = cutting.start(text, limit)
        assert kept == "a" + character * ((limit - 1) // len(character))
        assert cutting.shorten(text, limit).rstrip("…") == kept
        assert whole_character(text, limit) <= len(kept) or len(kept) == 1


@given(TEXTS, st.integers(1, 40))
def test_any_text(text: str, limit: int) -> None:
    """For any text, the kept part is a row of its characters, and the next one would not fit."""
    kept, whole = cutting.start(text, limit), clusters(text)
    assert text.startswith(kept)
    assert len(kept) <= limit
    if whole and len(whole[0]) <= limit:
        count = len(clusters(kept))
        assert "".join(whole[:count]) == kept
        assert count == len(whole) or len(kept) + len(whole[count]) > limit


@given(TEXTS, st.integers(1, 40))
@example("🇩🇩\u200d\u200d\u1161\u200d", 5)
@example("\uac01\u1161\u11a8", 2)
@example("\u1100\u1100\uac00\u11a8a", 4)
def test_keyboards_cuts_no_character(text: str, at: int) -> None:
    """The rules of keyboards, which has no library, never cut inside of a character."""
    place = whole_character(text, min(at, len(text)))
    ends = {0}
    for cluster in clusters(text):
        ends.add(max(ends) + len(cluster))
    assert place in ends or all(not 0 < end <= at for end in ends)


@pytest.mark.parametrize("character", CHARACTERS.values(), ids=CHARACTERS.keys())
def test_in_a_chat(character: str) -> None:
    """The card of a post, a button with a name, and an answer that repeats a text keep whole characters."""
    long = "a" + character * 300
    assert clusters(head(long, 200))[-2] in (character, *clusters(character), "a")
    assert cutting.shorten(long, 300).endswith(f"{character}…")


@pytest.mark.parametrize("character", CHARACTERS.values(), ids=CHARACTERS.keys())
async def test_in_buttons(character: str) -> None:
    """Names in buttons and in questions too."""
    people = [Named(code=f"SG{n}", name=f"Group {n} {character * 60}") for n in (1, 2)]
    chat = Conversation(router=commands.router(), portal=StandInPortal(people=people))
    (said,) = await chat.say("/post to:@group Hello")
    (said,) = await chat.say("/post to:group Hello")
    assert isinstance(said, Say)
    assert all(label.removesuffix(" (group)").endswith(character) for label in labels(said))
    (said,) = await chat.say(f'/post to:"{character * 80}" Hello')
    assert isinstance(said, Say)
    assert f"{character}”" in said.content.text


def test_nothing_else_cuts_texts() -> None:
    """The code that speaks with people has no slice of a fixed length but those of lists."""
    lists = {"candidates", "newest_first", "changed", "posts", "names", "near"}
    found = []
    for file in [*BOT.glob("commands/**/*.py"), *BOT.glob("feed/**/*.py"), *BOT.glob("framework/*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and node.slice.upper is not None:
                upper, of = ast.unparse(node.slice.upper), ast.unparse(node.value).rpartition(".")[2]
                long = upper.isdigit() and int(upper) > 5
                if (long or upper.rpartition(".")[2].isupper()) and of not in lists:
                    found.append(f"{file.name}:{node.lineno}: {ast.unparse(node)}")
    assert [one for one in found if "look_alikes" not in one] == []  # it cuts what it looks at, and shows nothing
