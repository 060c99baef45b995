"""The audit through the whole service: who did what, as /status and `feedbridge audit` show it."""

from __future__ import annotations

import asyncio
import csv
import json
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from bot.store.store import KEEP_AUDIT
from portal.clients.person import text_of
from tests.in_process import BORIS, CLARA, DAY, OLGA, InProcess, running
from tests.integration.test_composer_service import says, written

KEYS = ["action", "certain", "post", "subject", "details"]


def configured(folder: Path) -> Path:
    """Write a configuration for the database of the service."""
    path = folder / "config.toml"
    path.write_text(f'[store]\nurl = "sqlite:///{folder}/feedbridge.db"\n', "utf-8")
    return path


async def audit(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, Any]]:
    """Run the command in a thread, because it has an event loop of its own, and return its entries."""
    capsys.readouterr()
    assert await asyncio.to_thread(cli.main, ["audit", "--config", str(configured(folder)), *more]) == cli.OK
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def acts(here: InProcess) -> int:
    """Let Clara publish, change, share, comment and undo in private and in a group, and return the post's number."""
    group = here.p.make_chat(CLARA, BORIS, here.p.bots(here.app)[0].id, by=CLARA)
    await says(here, CLARA, '/post to:sales title:"=Soup" At noon', group)
    number = written(here, CLARA)[-1].id
    await says(here, CLARA, f"/edit {number} At one")
    await says(here, CLARA, f"/share {number} to:boris")
    await says(here, CLARA, f"/comment {number} Bring bread")
    await says(here, CLARA, "/crm deal 42 They want soup")
    await says(here, CLARA, f"/undo {number}", group)
    return number


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_what_people_did_is_listed(tmp_path: Path, bot_api: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each action of a person is in the export with its chat and difference; an administrator reads it in the chat."""
    async with running(tmp_path, bot_api) as here:
        number = await acts(here)
        entries = await audit(tmp_path, capsys)
        found = [[entry[key] for key in KEYS] for entry in entries]
        assert found == [
            ["published", True, number, "Sales", "=Soup"],
            ["changed", True, number, "", "-At noon\n+At one"],
            ["shared", True, number, "Boris Klein", ""],
            ["commented", True, number, "", "Bring bread"],
            ["crm", True, None, "deal 42", "They want soup"],
            ["undone", True, number, "", ""],
        ]
        assert {(entry["user_id"], entry["name"]) for entry in entries} == {(CLARA, "Clara Wirth")}
        assert [entry["dialog"].isdigit() for entry in entries] == [False, True, True, True, True, False]
        said = await says(here, OLGA, "/status")
        assert f"took post {number} back in " in text_of(said)
        assert "Clara Wirth" in text_of(said)
        assert "well" in (await says(here, CLARA, "/status")).text
        assert "took" not in (await says(here, CLARA, "/status")).text


async def test_a_spreadsheet_calculates_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In CSV, what a person wrote is text, also if it looks like a formula."""
    async with running(tmp_path) as here:
        await acts(here)
        capsys.readouterr()
        arguments = ["audit", "--config", str(configured(tmp_path)), "--format", "csv"]
        assert await asyncio.to_thread(cli.main, arguments) == cli.OK
        rows = list(csv.DictReader(capsys.readouterr().out.splitlines(keepends=True)))
        assert [row["details"] for row in rows][:2] == ["'=Soup", "'-At noon\n+At one"]


async def test_a_part_can_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The export is limited to a portal and to a time."""
    async with running(tmp_path) as here:
        await acts(here)
        (one, *_) = await audit(tmp_path, capsys)
        assert len(await audit(tmp_path, capsys, "--portal", one["portal"])) == 6
        assert await audit(tmp_path, capsys, "--portal", "other.example") == []
        assert len(await audit(tmp_path, capsys, "--since", one["at"][:10])) == 6
        assert await audit(tmp_path, capsys, "--since", "2100-01-01") == []


def test_a_time_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong time ends with 2 and names the option."""
    with pytest.raises(SystemExit, match="2"):
        cli.main(["audit", "--since", "yesterday"])
    assert "--since" in capsys.readouterr().err


async def test_a_refusal_is_no_action(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the portal refused is not in the audit."""
    async with running(tmp_path) as here:
        here.p.faults({"method": "log.blogpost.add", "kind": "empty_error", "times": 1})
        await says(here, CLARA, "/post to:all Refused")
        assert await audit(tmp_path, capsys) == []


async def test_entries_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Entries are kept for a year."""
    async with running(tmp_path) as here:
        await acts(here)
        await here.store.forget_old(here.p.clock.now() + KEEP_AUDIT - DAY)
        assert len(await audit(tmp_path, capsys)) == 6
        await here.store.forget_old(here.p.clock.now() + KEEP_AUDIT + DAY)
        assert await audit(tmp_path, capsys) == []
