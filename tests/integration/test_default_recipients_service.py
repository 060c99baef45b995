"""Default recipients through the whole service and the emulator: rights at each use, a restart, and chats."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import portal.testing
from portal.clients.person import text_of
from tests.in_process import BORIS, CLARA, OLGA, InProcess, installed_on, restarted, running
from tests.integration.test_composer_service import dialog_of, says, serving, written


async def presses(here: InProcess, who: int, label: str, dialog: str) -> None:
    """Press a button, and wait until the service has answered."""
    await here.p.person(who).presses(label, dialog=dialog)
    await here.quiet()


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_from_settings_to_the_feed(tmp_path: Path, bot_api: str) -> None:
    """A default recipient is shown in the preview and gets the post; a press removes the choice."""
    async with serving(tmp_path, bot_api) as here:
        dialog = dialog_of(here)
        said = await says(here, CLARA, "/settings to:HR team")
        assert "that name nobody are for: HR team." in said.text
        card = await says(here, CLARA, "/post The form has changed.")
        assert "from /settings" in text_of(card)
        await presses(here, CLARA, "Publish", dialog)
        (post,) = written(here, CLARA)
        assert post.dest == ("DR4",)
        await says(here, CLARA, "/settings")
        await presses(here, CLARA, "For me: no default recipients", dialog)
        card = await says(here, CLARA, "/post The office closes.")
        assert "everyone" in text_of(card)


async def test_a_choice_survives_a_restart(tmp_path: Path) -> None:
    """What a person chose holds after a restart, and without a preview."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path, at_once=True) as before:
            await says(before, CLARA, "/settings to:sales")
        async with restarted(before) as here:
            await says(here, CLARA, "/post We won.")
            (post,) = written(here, CLARA)
            assert post.dest == ("DR3",)


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_a_chat_and_the_rights_of_its_members(tmp_path: Path, bot_api: str) -> None:
    """A manager chooses a workgroup for a chat; who may not see the workgroup learns nothing, and publishes nothing."""
    async with serving(tmp_path, bot_api) as here:
        groups = here.p.emulator.world.people.groups
        assert CLARA in groups[8].members
        assert BORIS not in groups[8].members
        groups[8] = replace(groups[8], visible=False)
        group = here.p.make_chat(CLARA, BORIS, here.p.bots(here.app)[0].id, by=CLARA)
        await here.quiet()
        refused = await says(here, BORIS, "/settings chat to:all", group)
        assert "managers of this chat" in refused.text
        chosen = await says(here, CLARA, '/settings chat to:"Office Berlin"', group)
        assert "1 recipient whom not everyone here may know" in chosen.text
        told = await says(here, BORIS, "/post Cake at four.", group)
        assert "nothing is published" in told.text
        await says(here, CLARA, "/post Cake at four.", group)
        await presses(here, CLARA, "Publish", dialog_of(here))
        (post,) = written(here, CLARA)
        assert post.dest == ("SG8",)
        assert written(here, BORIS) == []
        said = [row for row in here.p.person(BORIS).reads(dialog=group) if row.author != CLARA]
        assert "Office" not in " ".join(row.text + str(row.attach) for row in said)


@pytest.mark.parametrize(
    ("language", "choice", "post"),
    [
        ("en", "settings to:sales", "post We won."),
        ("de", "Einstellungen an:sales", "Beitrag Wir haben gewonnen."),
        ("ru", "настройки кому:sales", "пост Мы победили."),
    ],
)
async def test_in_a_group_by_mention(tmp_path: Path, language: str, choice: str, post: str) -> None:
    """In a group a mention chooses and publishes, in each language."""
    async with running(tmp_path, language=language) as here:
        bot = here.p.bots(here.app)[0].id
        group = here.p.make_chat(OLGA, CLARA, bot)
        await here.quiet()
        for text in (choice, post):
            await says(here, CLARA, f"[USER={bot}]Feedbridge[/USER] {text}", group)
        (made,) = written(here, CLARA)
        assert made.dest == ("DR3",)
