"""The commands about approvals, in three languages: typed in private, typed in a group, and after a mention."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import commands
from bot.framework.router import DELIVERED
from bot.i18n import catalog
from portal.clients.person import text_of
from tests.in_process import BORIS, CLARA, OLGA, InProcess
from tests.integration.test_composer_service import dialog_of, says, written
from tests.ruling import APPROVED, presses, ruled


def word(language: str, command: str, way: str) -> str:
    """Return the name of a command in a language; in a group one that a portal delivers."""
    names = catalog.sentences(language)[f"also.{command}"].split()
    fitting = [one for one in names if way != "group" or DELIVERED.fullmatch(one)]
    return fitting[0] if fitting else command


async def hears(here: InProcess, language: str, way: str, group: str, text: str) -> str:
    """Let Olga give a command, and return everything that she reads since."""
    command, _, tail = text.partition(" ")
    name = word(language, command, way)
    bot = here.p.bots(here.app)[0].id
    line = f"[USER={bot}]Feedbridge[/USER] {name} {tail}" if way == "mention" else f"/{name} {tail}"
    olga, private = here.p.person(OLGA), dialog_of(here)
    asked = await olga.says(line.strip(), dialog=private if way == "private" else group)
    await here.quiet()
    rows = [row for dialog in (private, group) for row in olga.reads(dialog=dialog)]
    return "\n".join(text_of(row) for row in rows if row.id > asked or row.edited)


@pytest.mark.parametrize("language", ["en", "de", "ru"])
@pytest.mark.parametrize("way", ["private", "group", "mention"])
async def test_each_command_and_mistake_in_each_way(tmp_path: Path, way: str, language: str) -> None:
    """An approver lists, approves and refuses in their language, wherever they write; mistakes are said in it too."""

    def said(key: str, **values: object) -> str:
        return catalog.sentence(language, f"approval.{key}", **values)

    async with ruled(tmp_path, APPROVED, "v1" if way == "mention" else "v2") as here:
        await says(here, OLGA, f"/lang {language}")
        bot = here.p.bots(here.app)[0].id
        group = here.p.make_chat(OLGA, BORIS, CLARA, bot)
        await here.quiet()
        for text in ("First.", "Second."):
            await says(here, CLARA, f"/post {text}")
            await presses(here, CLARA, "Ask for approval")
        assert said("for_you") in await hears(here, language, way, group, "approvals")
        assert said("no_number") in await hears(here, language, way, group, "approve")
        assert said("none") in await hears(here, language, way, group, "refuse 77")
        assert written(here, CLARA) == []
        assert said("approved", number=1, name="Olga Sommer") in await hears(here, language, way, group, "approve 1")
        refused = await hears(here, language, way, group, "refuse 2 Not now.")
        assert said("refused", number=2, name="Olga Sommer") in refused
        assert [post.text for post in written(here, CLARA)] == ["First."]
        assert said("nothing") in await hears(here, language, way, group, "approvals")
        assert said("approved", number=1, name="Olga Sommer") in await hears(here, language, way, group, "approve 1")
        assert "Not now." in "\n".join(row.text for row in here.p.person(CLARA).reads(dialog=dialog_of(here)))


def test_each_command_has_a_name_in_each_language() -> None:
    """The words of the languages are those of the three commands, and no word means two of them."""
    names = commands.router().names
    for command in ("approve", "refuse", "approvals"):
        for language in ("de", "ru"):
            assert {names[one] for one in catalog.sentences(language)[f"also.{command}"].split()} == {command}
