"""The policy file: what is read from it, what is said about mistakes, and each rule as a sentence."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import policy
from bot.errors import ConfigError
from bot.policy import Decision, Policy, reading, words
from bot.policy.rules import Hours

EXAMPLE = Path(__file__).parents[2] / "policy.example.toml"
RULE = '[[rule]]\nname = "R"\nthen = "deny"\n'


def read(text: str) -> Policy:
    """Read a text as if it were the file policy.toml."""
    return reading.understand(tomllib.loads(text), place="policy.toml")


def mistakes(text: str) -> list[str]:
    """Return the sentences about a wrong text."""
    with pytest.raises(ConfigError) as caught:
        read(text)
    return str(caught.value).splitlines()


def test_the_example_is_read() -> None:
    """policy.example.toml has no mistake, and no rule that never decides."""
    found = policy.load(EXAMPLE)
    assert [rule.then for rule in found.rules] == [Decision.ALLOW, Decision.DENY, Decision.ALLOW, Decision.APPROVE]
    assert words.unreachable(found) == []


def test_the_documented_rules_are_read() -> None:
    """The policy of docs/start/policy.md has no mistake either."""
    page = (EXAMPLE.parent / "docs" / "start" / "policy.md").read_text(encoding="utf-8")
    (text, *_) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    found = read(text)
    assert [rule.then for rule in found.rules] == [Decision.ALLOW, Decision.ALLOW, Decision.APPROVE]
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert sorted(rows) == sorted(reading.KEYS)


def test_without_a_file_everything_is_allowed() -> None:
    """No file is no rule, and nothing is asked of the portal then."""
    assert policy.load(None) == policy.OPEN
    assert policy.OPEN.is_open
    assert not read(RULE).is_open
    assert not read('otherwise = "deny"').is_open
    assert read('[[rule]]\nname = "R"\nthen = "allow"').is_open


def test_everything_of_a_rule_is_read() -> None:
    """Numbers, codes and words name people and recipients; a single value needs no list."""
    (rule,) = read(
        """
        [[rule]]
        name = "  Nights   and days "
        portal = "North.Example.com"
        who = [5, "U6", "department 3", "group:7", "Employees", "administrators"]
        to = ["everyone", "dr8", "crm", "users"]
        when = { days = ["mon", "friday", "weekends"], hours = "20:00-6:30", zone = "Europe/Berlin" }
        then = "approve"
        approvers = [1, "U2", 1]
        reason = { en = "Ask first.", de = "Erst fragen." }
        """
    ).rules
    assert (rule.number, rule.name, rule.portals) == (1, "Nights and days", ("north.example.com",))
    assert rule.who == ("U5", "U6", "DR3", "SG7", "employees", "administrators")
    assert rule.to == ("UA", "DR8", "CRM", "users")
    assert rule.when == Hours(days=frozenset({0, 4, 5, 6}), start=1200, end=390, zone=ZoneInfo("Europe/Berlin"))
    assert (rule.then, rule.approvers) == (Decision.APPROVE, (1, 2))
    assert (rule.reason("de"), rule.reason("ru")) == ("Erst fragen.", "Ask first.")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('whom = "everybody"', "whom is unknown; did you mean who?"),
        ('who = "employes"', "who cannot name 'employes'; did you mean employees?"),
        ("who = []", "who names nobody; leave it out if it means everybody"),
        ('to = "evryone"', "to cannot name 'evryone'; did you mean everyone?"),
        ("to = [3.5]", "to cannot name 3.5;"),
        ("to = [true]", "to cannot name True;"),
        ('to = "U0"', "to cannot name 'U0';"),
        ("approvers = [1]", 'approvers stands only in a rule with then = "approve"'),
        ('approvers = ["DR3"]', "approvers cannot be ['DR3']; allowed: a list of user ids"),
        (f"approvers = {list(range(1, 22))}", "approvers names 21 users; allowed: at most 20"),
        ("reason = 5", "reason cannot be 5;"),
        ('reason = { english = "x" }', "reason cannot be {'english': 'x'};"),
        ('portal = ""', "portal cannot be '';"),
        ('when = "nights"', "when must be a table"),
        ('when = { day = "monday" }', "when.day is unknown; did you mean days?"),
        ('when = { days = "mnday" }', "when.days cannot name 'mnday'; did you mean monday?"),
        ("when = { days = [] }", "when.days names no day"),
        ('when = { hours = "9-18" }', "when.hours cannot be '9-18';"),
        ('when = { hours = "25:00-26:00" }', "when.hours cannot be '25:00-26:00';"),
        ('when = { hours = "9:00-9:00" }', "when.hours cannot be '9:00-9:00';"),
        ('when = { zone = "Mars/Base" }', "when.zone cannot be 'Mars/Base';"),
    ],
)
def test_a_mistake_is_told_with_its_rule(line: str, said: str) -> None:
    """Each mistake names the file, the number and name of the rule, and what is allowed or was perhaps meant."""
    (found,) = mistakes(f'[[rule]]\nname = "First"\nthen = "allow"\n[[rule]]\nname = "R"\nthen = "deny"\n{line}')
    assert found.startswith('policy.toml, rule 2 ("R"): ')
    assert said in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rule]]\nthen = 'allow'", "policy.toml, rule 1: name is missing; allowed: text that is not empty"),
        (
            "[[rule]]\nname = 'R'",
            """policy.toml, rule 1 ("R"): then is missing; allowed: "allow", "deny", "approve\"""",
        ),
        ("[[rule]]\nname = 'R'\nthen = 'alow'", "then cannot be 'alow'; did you mean allow?"),
        ("[[rule]]\nname = 'R'\nthen = 'approve'", "approvers is missing; then"),
        ("otherwise = 'approve'", """otherwise cannot be 'approve'; allowed: "allow", "deny\""""),
        ("rule = 5", "rule must be a list of rules, each written [[rule]]"),
        ("othrwise = 'deny'", "othrwise is unknown; did you mean otherwise?"),
        (f"{RULE}{RULE}", 'policy.toml, rule 2 ("R"): another rule has this name'),
    ],
)
def test_a_mistake_in_the_file_is_told(text: str, said: str) -> None:
    """What is missing, or stands in the wrong place, is told in one sentence."""
    (found,) = mistakes(text)
    assert said in found


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody needs to start five times to find five mistakes."""
    assert len(mistakes("otherwise = 1\n[[rule]]\nname = 'R'\nthen = 'x'\nwho = 'y'\nto = 'z'")) == 4


@pytest.mark.parametrize(
    ("made", "said"), [(b"\xff", "is not UTF-8"), (b"[[rule", "is not TOML"), (None, "cannot be read")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, made: bytes | None, said: str) -> None:
    """The error names the file; a missing one is no empty policy, which would allow everything."""
    path = tmp_path / "policy.toml"
    if made is not None:
        path.write_bytes(made)
    with pytest.raises(ConfigError, match=said):
        policy.load(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "1. R: everybody may not publish to anybody."),
        (
            'who = [5, "DR3"]\nto = "crm"',
            "1. R: user 5 or department 3 (with those below it) may not publish to the CRM.",
        ),
        ('when = { days = "weekdays", hours = "9:00-18:00" }', "anybody, Monday to Friday 9:00-18:00 (UTC)."),
        ('when = { days = ["sun", "mon"], zone = "Europe/Berlin" }', "anybody, Monday, Sunday (Europe/Berlin)."),
        (
            'when = { hours = "22:00-0:00" }\nportal = ["a.example", "b.example"]',
            "22:00-24:00 (UTC), on a.example or b.example.",
        ),
    ],
)
def test_a_rule_is_one_sentence(line: str, said: str) -> None:
    """Each rule can be read as a sentence of plain English."""
    (rule,) = read(f"{RULE}{line}").rules
    assert words.sentence(rule).endswith(said)


def test_a_rule_that_never_decides_is_found() -> None:
    """A rule behind one that always matches before it is told; one that may still decide is not."""
    text = '[[rule]]\nname = "A"\nto = ["everyone", "crm"]\nthen = "deny"\n'
    second = '[[rule]]\nname = "B"\nwho = 5\nto = "crm"\nthen = "allow"\n'
    third = '[[rule]]\nname = "C"\nto = "SG7"\nthen = "deny"\n'
    assert words.unreachable(read(text + second + third)) == ["Rule 2 (B) never decides: rule 1 (A) comes first."]


JUNK: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(reading.KEYS), JUNK, max_size=8), JUNK)
def test_whatever_stands_in_a_file_is_read_or_told(fields: dict[str, Any], otherwise: Any) -> None:
    """A file of any content becomes a policy, or sentences that name it: never another error."""
    told, found = "", policy.OPEN
    try:
        found = reading.understand({"rule": [fields], "otherwise": otherwise}, place="policy.toml")
    except ConfigError as error:
        told = str(error)
    assert all(line.startswith("policy.toml") for line in told.splitlines())
    assert told or words.sentence(found.rules[0])


@given(
    st.integers(0, 1439), st.integers(1, 1440), st.sets(st.integers(0, 6), min_size=1), st.integers(0, 14 * 1440 - 1)
)
def test_hours_are_those_of_the_clock(start: int, end: int, days: set[int], minute: int) -> None:
    """A moment is inside exactly if its minute is, counted from the day on which the hours begin."""
    if start == end:
        return
    hours = Hours(days=frozenset(days), start=start, end=end, zone=UTC)
    moment = datetime(2026, 11, 30, tzinfo=UTC).timestamp() + minute * 60
    length = (end - start) % 1440 or 1440
    inside = any((minute - (day * 1440 + start)) % 10080 < length for day in days)
    assert hours.includes(moment) is inside
