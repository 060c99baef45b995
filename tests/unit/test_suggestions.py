"""Suggestions for misspelled commands, options and settings, from one module."""

from __future__ import annotations

import pytest

from bot import setting_hints
from bot.suggestions import nearest

NAMES = ("server.host", "server.port", "log.level", "log.format")


@pytest.mark.parametrize(
    ("word", "found"), [("pots", "post"), ("POST", "post"), ("shaer", "share"), ("qqq", None), ("", None)]
)
def test_the_nearest_name_is_found(word: str, found: str | None) -> None:
    """A misspelled word finds its name in any case; a strange word finds none."""
    assert nearest(word, ["post", "share"]) == found


def test_a_key_is_suggested_from_its_section_first() -> None:
    """The nearest key of the section, else the same key in another one, else all keys of the section."""
    assert setting_hints.key("server", "prot", NAMES) == "did you mean server.port? [server] allows host, port"
    assert setting_hints.key("server", "Port", NAMES) == "did you mean server.port? [server] allows host, port"
    assert setting_hints.key("server", "level", NAMES) == "did you mean log.level? [server] allows host, port"
    assert setting_hints.key("server", "zzz", NAMES) == "[server] allows host, port"


def test_a_section_is_suggested() -> None:
    """For a misspelled section, or a key without its section, the right one is suggested."""
    assert setting_hints.section("sever", NAMES, is_section=True) == "did you mean [server]? allowed are server, log"
    assert (
        setting_hints.section("level", NAMES, is_section=False)
        == "did you mean log.level? allowed are sections: server, log"
    )
    assert setting_hints.section("zzz", NAMES, is_section=False) == "allowed are sections: server, log"


def test_a_variable_is_suggested() -> None:
    """For a misspelled variable, the right one is suggested, in capitals with its prefix."""
    assert setting_hints.variable("LOG__LEVLE", ["LOG__LEVEL"], "X_") == "did you mean X_LOG__LEVEL?"
    assert setting_hints.variable("ZZZ", ["LOG__LEVEL"], "X_") == "allowed is X_SECTION__KEY, as in X_LOG__LEVEL"
