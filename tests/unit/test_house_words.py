"""The replaced words stay replaced: one standard term for each thing, and no figures of speech."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.unit.test_house_tree import tree

ROOT = Path(__file__).resolve().parents[2]
THIS = Path(__file__).resolve().relative_to(ROOT)

REPLACED = {
    r"doors?": "webhook, or authentication",
    r"gates?": "authentication; in tests: barrier",
    r"desks?": "inbox, outbox, worker, sender",
    r"assembly lines?|the whole line|inner line": "pipeline",
    r"deeds?": "effect, or user action",
    r"facts": "state changes",
    r"lanes?": "ordering key, or queue",
    r"turnstiles?": "rate limiter",
    r"holders?": "token owner",
    r"patience": "retry policy, or timeout",
    r"does not march": "jitter",
    r"nobody sets": "monotonic",
    r"unsure": "outcome unknown",
    r"told (?:once|twice)": "notified, or duplicate",
    r"newcomers?": "pending installation",
    r"guests?|outsiders?": "extranet user",
    r"arrivals?": "event",
    r"essences?": "headline",
    r"whoever|whomever|whosoever": "a user, a caller, anybody who",
    r"of which|of whom|whereof": "two sentences",
    r"for ever": "forever, or without end",
    r"came (?:out )?of it|comes of it|became of": "result",
    r"its ears|its kin|and kin": "events; similar",
    r"as long as it is to": "while",
    r"anew": "again",
    r"long in coming": "delayed",
    r"pretend portals?": "emulator",
    r"whosever": "of any user, of every owner",
    r"puts? off|putting off": "delay, postpone",
    r"hears? of": "is told, is notified",
    r"nobody (?:tells|hears|wants)": "the reason in other words",
    r"buried|buries": "parked, dead letter",
    r"in doubt": "outcome unknown",
    r"in vain": "without result",
    r"goodbyes?": "removal",
    r"(?:holds?|held) up": "delay, block",
    r"of theirs": "their",
    r"as ever": "as before",
    r"parcels?": "request, batch",
}
"""What is replaced (regular expressions of whole words, in lower case) and what to write."""
ANY = re.compile(rf"\b(?:{'|'.join(REPLACED)})\b")

CHECKED = (
    "bench/*",
    "bot/*",
    "deploy/*",
    "docs/*",
    "keyboards/*",
    "portal/*",
    "tests/*",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "config.example.toml",
    "policy.example.toml",
    "pyproject.toml",
)
FOREIGN = ("keyboards/LICENSE", "portal/LICENSE")
"""Files with texts that are not ours."""


NO_VERBS = frozenset(
    {
        "A", "All", "An", "Any", "Each", "Every", "From", "How", "If", "In", "It", "Its", "No", "None", "Of",
        "Once", "One", "Only", "Seconds", "So", "Some", "That", "The", "These", "They", "This", "Those", "What",
        "When", "Where", "Whether", "Which", "Who", "Whose", "With",
    }
)  # fmt: skip
"""First words of a docstring that does not begin with what the function does."""
VERB_FIRST = ("bench", "bot", "keyboards", "portal")
"""Folders whose functions are checked for this."""


class Allowed(NamedTuple):
    """A replaced word that some files need."""

    word: str
    files: str
    reason: str


ALLOWED: tuple[Allowed, ...] = ()


def checked() -> list[str]:
    """List the files that are checked, without this one."""
    names = [str(file.relative_to(ROOT)) for file in tree()]
    names = [name for name in names if not any(fnmatch(name, one) for one in FOREIGN) and name != str(THIS)]
    return [name for name in names if any(fnmatch(name, one) for one in CHECKED)]


def spread(line: str) -> str:
    """Split identifiers into words, so that `laneOf`, `LANE_KEY` and `_lane` all contain `lane`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", line).replace("_", " ").casefold()


def found(name: str, text: str) -> Iterator[str]:
    """Yield each replaced word of a file, with its line and the word to write."""
    allowed = {one.word for one in ALLOWED if fnmatch(name, one.files)}
    words, lines = spread(text), text.split("\n")
    for hit in ANY.finditer(words):
        if hit[0] not in allowed:
            better = next(better for word, better in REPLACED.items() if re.fullmatch(word, hit[0]))
            number = words.count("\n", 0, hit.start())
            yield f"{name}:{number + 1}: {hit[0]!r}, write {better}: {lines[number].strip()[:80]}"


def test_no_replaced_word_is_used() -> None:
    """No identifier, comment, docstring, sentence, log line or setting uses a replaced word."""
    names = checked()
    assert len(names) > len(CHECKED)
    assert [hit for name in names for hit in found(name, (ROOT / name).read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "line",
    ["def lane(", "LANE_KEY = 1", "class LaneQueue:", "# Whoever waits", 'log.info("door.closed")', "a list of_which"],
)
def test_a_replaced_word_is_found(line: str) -> None:
    """A planted word is found in prose and inside of every form of identifier."""
    assert list(found("bot/planted.py", line))


@pytest.mark.parametrize("line", ["placeholder", "facets", "a planet", "outdoors", "investigate"])
def test_other_words_are_left_alone(line: str) -> None:
    """A word that only contains a replaced one is no hit."""
    assert list(found("bot/planted.py", line)) == []


def test_every_exception_is_needed() -> None:
    """An exception that no file needs any more is removed from the list."""
    texts = {name: spread((ROOT / name).read_text(encoding="utf-8")) for name in checked()}
    needless = [
        one for one in ALLOWED if not any(one.word in text for name, text in texts.items() if fnmatch(name, one.files))
    ]
    assert needless == []


def without_verb(source: str) -> list[str]:
    """List the functions of a source whose docstring does not begin with a verb."""
    functions = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    said = ((node.name, ast.get_docstring(node) or "Do") for node in functions)
    return [f"{name}: {text[:60]}" for name, text in said if text.split()[0].strip(",:;") in NO_VERBS]


@pytest.mark.parametrize("folder", VERB_FIRST)
def test_a_docstring_begins_with_what_the_function_does(folder: str) -> None:
    """The docstring of each function begins with a verb."""
    files = sorted((ROOT / folder).rglob("*.py"))
    assert [one for file in files for one in without_verb(file.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("text", ["Whether it works.", "The answer.", "How many there are.", "What: nothing."])
def test_a_docstring_without_a_verb_is_found(text: str) -> None:
    """A planted docstring that begins with another word is found, also in a class; one with a verb is not."""
    function = f'def planted() -> None:\n    """{text}"""\n'
    method = "class Planted:\n" + "".join(f"    {line}\n" for line in function.splitlines())
    assert len(without_verb(function)) == len(without_verb(method)) == 1
    assert without_verb(function.replace(text, "Return the answer.")) == []
