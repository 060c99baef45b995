"""Every command that publishes, changes or finds posts, with its options and its mistakes.

Each is typed in private, typed in a group, and written after a mention, in three languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot import commands
from bot.framework.router import DELIVERED
from bot.i18n import catalog
from portal.clients.person import text_of
from portal.world.feed import Post
from tests.in_process import BORIS, CLARA, OLGA, InProcess, running

WAYS = ("private", "group", "mention")
LANGUAGES = ("en", "de", "ru")
OTHERS = 217
"""A post of Olga's for everybody, from the portal's seed."""
FIRST_ROWS = frozenset({
    "help", "start", "post", "draft", "preview", "publish", "cancel", "poll", "thanks", "edit", "append", "title",
    "share", "comment", "delete", "undo", "mine", "find", "show", "readers",
})  # fmt: skip
"""The commands that this file must contain, each with an answer and a mistake."""

STEPS: list[tuple[str, str, str | tuple[str, ...]]] = [
    ("help", "", "help.intro"),
    ("help", "{post}", "post.about"),
    ("start", "", ("greeting.private", "greeting.group")),
    (
        "post",
        '{option_to}:sales {option_title}:"Neu Новое" {option_important}:2030-12-01 {option_tags}:cake,tea Text http://example.org',
        ("draft.shown", "draft.until", "draft.tags", "draft.link_shown"),
    ),
    ("draft", "{option_preview}:{off} {option_background}:sunset", "draft.background"),
    ("draft", '{option_poll}:"Which? a | b" {option_several}:{on}', "draft.poll_several"),
    ("draft", "{option_thank}:{boris} {option_medal}:cup", "draft.thanked"),
    ("preview", "", "draft.shown"),
    ("cancel", "", "draft.cancelled"),
    ("post", "Kurz Коротко Short", "draft.shown"),
    ("publish", "", "post.published"),
    ("undo", "", "undo.done"),
    ("poll", "Which cake? apple | cherry", "draft.poll_one"),
    ("cancel", "", "draft.cancelled"),
    ("thanks", "{boris} cup Great work", "draft.thanked"),
    ("cancel", "", "draft.cancelled"),
    ("edit", "{own} Another text", "edit.done"),
    ("append", "{own} And one more", "append.done"),
    ("title", "{own} Heading", "title.done"),
    ("share", "{own} {option_to}:sales", "share.done"),
    ("comment", "{own} Thank you", "comment.done"),
    ("show", "{own}", "card.number"),
    ("mine", "", "mine.list"),
    ("find", "Heading", "find.list"),
    ("readers", "{important_post}", ("readers.count", "readers.some")),
    ("delete", "{own}", ("delete.question", "delete.question_about")),
]
"""What is typed, without the slash, and the sentences of the answer."""

MISTAKES: list[tuple[str, str, str | tuple[str, ...]]] = [
    ("help", "hepl", ("unknown.near", "unknown.command")),
    ("start", "hepl", ("greeting.private", "greeting.group", "unknown.near", "unknown.command", "words.extra")),
    ("post", "{option_to}:nobodyatall Text", "recipients.unknown"),
    ("post", "titel9:x Text", ("words.unknown_option", "words.no_option", "draft.shown")),
    ("cancel", "", ("draft.cancelled", "draft.none", "draft.none_here")),
    ("draft", "{option_medal}:plutonium", "thanks.no_medal"),
    ("cancel", "", ("draft.cancelled", "draft.none", "draft.none_here")),
    ("preview", "", ("draft.none", "draft.none_here")),
    ("publish", "", ("draft.none", "draft.none_here")),
    ("cancel", "", ("draft.none", "draft.none_here")),
    ("poll", "Which cake? apple", "poll.few"),
    ("thanks", "", ("thanks.whom", "unknown.welcome")),
    ("edit", "", "posts.no_id"),
    ("append", "999999 More", "posts.none"),
    ("title", "many words", "posts.no_number"),
    ("share", "{others}", "share.no_to"),
    ("comment", "{others}", "posts.no_text"),
    ("delete", "{others}", "delete.not_yours"),
    ("undo", "", "undo.nothing"),
    ("mine", "everything", ("mine.list", "words.extra")),
    ("find", "", "find.no_words"),
    ("show", "999999", "posts.none"),
    ("readers", "{others}", "readers.ordinary"),
]
"""What is typed wrongly, and the sentences of the answer."""


@dataclass(slots=True, kw_only=True)
class Talk:
    """Clara, who writes in one language and in one way, and what the lines about her posts mean."""

    here: InProcess
    language: str
    way: str
    group: str
    numbers: dict[str, object] = field(default_factory=dict)

    @property
    def dialog(self) -> str:
        """Return where she writes."""
        return self.here.p.bot_dialog(self.here.app) if self.way == "private" else self.group

    def word(self, key: str) -> str:
        """Return a word for a command, option or value in her language; in a group a name that a portal delivers."""
        words = catalog.sentences(self.language).get(f"also.{key}", "").split()
        typed_in_group = self.way == "group" and key in commands.router().commands
        fitting = [one for one in words if not typed_in_group or DELIVERED.fullmatch(one)]
        return fitting[0] if fitting and self.language != "en" else key.removeprefix("option_")

    def line(self, command: str, tail: str) -> str:
        """Return what she writes."""
        keys = re.findall(r"\{(\w+)\}", tail)
        filled = tail.format(**{key: self.numbers.get(key) or self.word(key) for key in keys})
        name = self.word(command)
        if self.way == "mention":
            return f"[USER={self.here.p.bots(self.here.app)[0].id}]Feedbridge[/USER] {name} {filled}".strip()
        return f"/{name} {filled}".strip()

    async def says(self, line: str) -> str:
        """Let her write, and return all that the bot wrote to her since, in this dialog and in private."""
        clara = self.here.p.person(CLARA)
        asked = await clara.says(line, dialog=self.dialog)
        await self.here.quiet()
        private = self.here.p.bot_dialog(self.here.app)
        rows = [row for dialog in {self.dialog, private} for row in clara.reads(dialog=dialog)]
        return "\n".join(text_of(row) for row in rows if row.id > asked or row.edited)

    def expected(self, keys: str | Iterable[str], *, every: bool) -> re.Pattern[str]:
        """Return a pattern that finds the sentences with these keys in her language: each of them, or one of them."""
        found = [_pattern(self.language, key) for key in ([keys] if isinstance(keys, str) else keys)]
        return re.compile("".join(f"(?=.*{one})" for one in found) if every else "|".join(found), re.DOTALL)


def _pattern(language: str, key: str) -> str:
    """Return a pattern for a sentence, in which a placeholder stands for anything; it finds nothing without one."""
    sentence = catalog.sentences(language).get(key)
    if sentence is None:
        return r"(?!)"
    return ".{0,400}?".join(re.escape(part) for part in re.split(r"\{\w+\}", sentence))


async def talk(here: InProcess, language: str, way: str) -> Talk:
    """Return Clara's conversation; she has posts of her own to work with."""
    clara = here.p.person(CLARA)
    bot = here.p.bots(here.app)[0].id
    group = here.p.make_chat(OLGA, BORIS, bot, by=CLARA)
    made = Talk(here=here, language=language, way=way, group=group)
    boris = here.p.person(BORIS).user.name
    made.numbers = {
        "own": await clara.posts("Before", dest=["UA"]),
        "important_post": await clara.posts("Fire drill", dest=["UA"], important=True),
        "others": OTHERS,
        "boris": f"[USER={BORIS}]{boris}[/USER]",
    }
    await here.quiet()
    await clara.says(f"/lang {language}", dialog=here.p.bot_dialog(here.app))
    await here.quiet()
    return made


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", WAYS)
async def test_each_command_is_understood(tmp_path: Path, way: str, language: str) -> None:
    """Each command with its options does what it says, and answers in the language of the person."""
    async with running(tmp_path, "v1" if way == "mention" else "v2", at_once=False) as here:
        clara = await talk(here, language, way)
        for command, tail, keys in STEPS:
            line = clara.line(command, tail)
            said = await clara.says(line)
            every = command == "post" and not isinstance(keys, str)
            assert clara.expected(keys, every=every).search(said), f"{line}: {said}"
        left: list[Post] = [post for post in here.p.posts(CLARA) if post.id == clara.numbers["own"]]
        assert [(post.title, post.text.split()[-1]) for post in left] == [("Heading", "more")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", WAYS)
async def test_each_mistake_is_explained(tmp_path: Path, way: str, language: str) -> None:
    """A mistake in each command is answered with one sentence in the language of the person; nothing is published."""
    async with running(tmp_path, "v1" if way == "mention" else "v2", at_once=False) as here:
        clara = await talk(here, language, way)
        before = [(post.id, post.text, post.dest) for post in here.p.posts()]
        for command, tail, keys in MISTAKES:
            line = clara.line(command, tail)
            said = await clara.says(line)
            assert clara.expected(keys, every=False).search(said), f"{line}: {said}"
        assert [(post.id, post.text, post.dest) for post in here.p.posts()] == before


def test_every_command_is_in_both_lists() -> None:
    """No command of a person's daily work is left out, neither in what works nor in what goes wrong."""
    assert {name for name, _, _ in STEPS} == FIRST_ROWS
    assert {name for name, _, _ in MISTAKES} == FIRST_ROWS
    assert set(commands.router().commands) >= FIRST_ROWS
