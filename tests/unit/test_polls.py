"""The text of a poll, as people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserMistake
from bot.feed.composer import polls
from bot.model.post_parts import Poll
from bot.texts import comparing

CAKE = ("Which cake?", ("apple", "cherry", "none"))
READ = {
    "quoted": ('"Which cake?" apple | cherry | none', CAKE),
    "other quotes": ("„Which cake?“ apple|cherry |none", CAKE),
    "question mark": ("Which cake? apple | cherry | none", CAKE),
    "all with signs": ("Which cake? | apple | cherry | none", CAKE),
    "outer signs": ('"Which cake?" | apple | cherry | none |', CAKE),
    "lines": ("Which cake?\napple\ncherry\n\nnone\n", CAKE),
    "points": ("Which cake?\n- apple\n2. cherry\n• none", CAKE),
    "lines with signs": ("Which cake?\napple |\ncherry |\nnone", CAKE),
    "no question mark": ("Cake | apple | cherry", ("Cake", ("apple", "cherry"))),
    "two sentences": ('"Cake? Which?" apple | cherry', ("Cake? Which?", ("apple", "cherry"))),
    "quotes inside": ('"Is it \\"done\\"?" yes | no', ('Is it "done"?', ("yes", "no"))),
    "numbers": ("How many? 1. | 2. | 3.", ("How many?", ("1.", "2.", "3."))),
    "Chinese": ("几点？ 三点 | 四点", ("几点？", ("三点", "四点"))),
    "quoted answers": ('Which cake? "apple" | «cherry» | „none“', CAKE),
    "quotes in answers": ('"Says who?" "a" and "b" | c', ("Says who?", ('"a" and "b"', "c"))),
    "formatted": ("[B]Which cake?[/B] [I]apple[/I] | cherry | none", CAKE),
    "breaks": ("Which cake?[BR]apple[BR]cherry[BR]none", CAKE),
    "a mention": ("Is [USER=5]Tom[/USER] right? yes | no", ("Is Tom right?", ("yes", "no"))),
    "an address": ("https://a.example/?b=1 ok? yes | no", ("https://a.example/?b=1 ok?", ("yes", "no"))),
    "spaces": ('"  Which\n cake? " a  b | c', ("Which cake?", ("a b", "c"))),
}
WRONG = {
    "nothing": ("", "poll.no_question"),
    "no visible question": ('" " a | b', "poll.no_question"),
    "only a question": ("Which cake?", "poll.few"),
    "one answer": ('"Which cake?" apple', "poll.few"),
    "with commas": ('"Which cake?" apple, cherry', "poll.few"),
    "an empty answer": ("Which cake? apple | | cherry", "poll.blank"),
    "twice": ("Which cake? apple | cherry | Apple", "poll.doubled"),
    "too many": (f"Which? {' | '.join(map(str, range(polls.MOST + 1)))}", "poll.many"),
    "a long question": (f'"{"w" * 256}" a | b', "poll.long_question"),
    "a long answer": (f'"Which?" a | {"b" * 101}', "poll.long_answer"),
    "an open quote": ('"Which cake? a | b', "words.open_quote"),
}
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z", "M", "S"]), min_size=1, max_size=30)
PLAIN = WORDS.filter(lambda text: "|" not in text and "[" not in text and polls._plain(text) == text)

ANSWER = PLAIN.filter(lambda text: polls._unquoted(text) == text)


@pytest.mark.parametrize("name", READ)
def test_a_poll_is_read(name: str) -> None:
    """The question is found in quotes, by its question mark, in a line of its own, or before the first sign."""
    text, wanted = READ[name]
    assert polls.read(text) == wanted


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_has_its_own_sentence(name: str) -> None:
    """What is no poll is told with what is wrong about it."""
    text, key = WRONG[name]
    with pytest.raises(UserMistake) as caught:
        polls.read(text)
    assert caught.value.key == key


@given(question=PLAIN, answers=st.lists(ANSWER, min_size=2, max_size=polls.MOST, unique_by=comparing.fold))
def test_what_is_written_is_read_again(question: str, answers: list[str]) -> None:
    """Every poll that is put back into the input field is read as the same poll."""
    poll = Poll(question=question, answers=tuple(answers))
    assert polls.read(polls.written(poll)) == (question, tuple(answers))
