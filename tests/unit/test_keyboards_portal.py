"""`keyboards` and the emulator, which share no code, measure and store the same.

`KEYBOARDS_ROUNDS` sets the number of comparisons: a few thousand by default, 100,000 before a release.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyboards import Message, Size, TooBig, envelope, fit, limits, normal, stored
from keyboards.sizing.json_size import as_json, json_size
from keyboards.validation import rules
from portal.markup import attach, keyboard, menu, size
from portal.rules.messenger import messages
from tests.hostile import Hostile
from tests.makers import Maker

ROUNDS = int(os.environ.get("KEYBOARDS_ROUNDS", "2000"))
BATCH = 500
BOTS = [0, 1, 456, 2_147_483_647]
NOW = 1_700_000_000.0


SEEN = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
WORDS = SEEN.filter(lambda text: bool(text.strip()) and text.strip() == text.strip(rules.TRIMMED))
"""Texts without spaces at their ends, except those that PHP knows."""


def batches(rounds: int) -> list[range]:
    """Return seeds in batches, so that a failure names a small range."""
    return [range(first, min(first + BATCH, rounds)) for first in range(0, rounds, BATCH)]


def ours_and_theirs(name: str, source: Hostile) -> tuple[Any, Any]:
    """Return the normal forms of both implementations for the same hostile JSON."""
    bot = source.random.choice(BOTS)
    if name == "keyboard":
        given = source.keyboard()
        return normal.keyboard(given, bot), keyboard.normalize(given, bot=bot)
    if name == "menu":
        given = source.menu()
        return normal.menu(given, bot), menu.normalize(given, bot=bot)
    given = source.attach()
    return normal.attach(given), attach.normalize(given, now=NOW)


@pytest.mark.parametrize("name", ["keyboard", "menu", "attach"])
@pytest.mark.parametrize("seeds", batches(ROUNDS), ids=lambda seeds: f"from {seeds.start}")
def test_both_implementations_measure_the_same(name: str, seeds: range) -> None:
    """Hostile keyboards, menus and attaches have the same size and the same errors in both."""
    for seed in seeds:
        ours, theirs = ours_and_theirs(name, Hostile(seed))
        assert (ours is None) == (theirs is None), seed
        if ours is not None:
            measured = json_size(ours)
            assert (measured.chars, measured.bytes) == (
                size.measure(theirs, "60000"),
                size.measure(theirs, "30kb"),
            ), seed
            assert measured.chars == len(as_json(ours)), seed


@given(WORDS, WORDS, WORDS)
def test_any_unicode_measures_the_same(one: str, two: str, three: str) -> None:
    """Any Unicode in texts, values, names and links has the same size in both."""
    buttons = [{"TEXT": one, "COMMAND": two, "COMMAND_PARAMS": three}, {"TEXT": two, "LINK": f"/{three}"}]
    fields = {"NAME": one, "VALUE": two, "LINK": f"https://{three}"}
    blocks = [
        {"MESSAGE": one},
        {"GRID": [fields]},
        {"USER": fields},
        {"LINK": fields | {"DESC": three}},
        {"FILE": fields},
    ]
    pairs: list[tuple[Any, Any]] = [
        (normal.keyboard(buttons, 7), keyboard.normalize(buttons, bot=7)),
        (normal.menu(buttons, 7), menu.normalize(buttons, bot=7)),
        (normal.attach(blocks), attach.normalize(blocks, now=NOW)),
    ]
    for ours, theirs in pairs:
        assert json_size(ours) == Size(size.measure(theirs, "60000"), size.measure(theirs, "30kb"))


def test_most_hostile_objects_are_stored_in_part() -> None:
    """Most of the generated objects are stored in part, so the comparison is useful."""
    kept = sum(
        ours_and_theirs(name, Hostile(seed))[0] is not None for seed in range(200) for name in ("keyboard", "attach")
    )
    assert kept > 200


RULES: list[tuple[limits.Limits, size.SizeRule]] = [
    (limits.STRICT, "30kb"),
    (limits.V1, "30kb"),
    (limits.V2, "60000"),
    (limits.IM, "60000"),
]


@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize(("allowed", "rule"), RULES, ids=["strict", "imbot", "imbot.v2", "im.message.add"])
def test_a_fitted_message_is_stored_unchanged(allowed: limits.Limits, rule: size.SizeRule, *, long: bool) -> None:
    """The portal stores each message of `fit` without dropping or cutting anything."""
    fitted = 0
    for seed in range(ROUNDS // (200 if long else 20)):
        message = Maker(seed, long=long).message()
        try:
            result = fit(message, allowed, bot_id=456).message
        except TooBig:
            continue
        fitted += 1
        accepted(result, rule, seed)
    assert fitted


def accepted(message: Message, rule: size.SizeRule, seed: int) -> None:
    """Check that the portal stores the message unchanged."""
    assert messages.normalize_text(message.text) == message.text, seed
    parts: list[tuple[Any, Callable[[], Any]]] = []
    if message.keyboard is not None:
        wire = envelope(message.keyboard.wire(), 456)
        parts.append((stored(message.keyboard, 456), lambda: keyboard.normalize(wire, bot=456)))
    if message.menu is not None:
        items = message.menu.wire()
        parts.append((stored(message.menu, 456), lambda: menu.normalize({"ITEMS": items}, bot=456)))
    if message.attach is not None:
        full = message.attach.wire()
        parts.append((stored(message.attach), lambda: attach.normalize(full, now=NOW)))
    for ours, theirs in parts:
        assert ours == theirs(), seed
        assert size.fits(theirs(), rule), seed
