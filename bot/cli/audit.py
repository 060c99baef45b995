"""`feedbridge audit`: print who published, changed, shared, deleted or took back what; also while the service runs."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from bot import config
from bot.cli.exit_codes import OK
from bot.model.records import AuditEntry
from bot.store import open_to_read
from bot.store.portals import read_audit

DESCRIPTION = """\
Print who published, changed, shared, deleted or took back what through the bot, oldest first, one entry a line.

Reads the database of this configuration; the service may be running. An entry is kept for a year. `certain` is false if
the portal did not say whether it worked. In CSV, a text that a spreadsheet would calculate has ' in front.
"""


class Format(StrEnum):
    """Names a format of the output."""

    JSON = "json"
    CSV = "csv"


def main(path: Path | None, *, as_format: Format, domain: str, since: datetime | None) -> int:
    """Print the entries of one portal, or of all (`domain` is ""), and return the exit code.

    Raises:
        ConfigError: a setting is wrong, or the database cannot be read.
    """
    asyncio.run(_print(config.load(path, os.environ), as_format, domain, since.timestamp() if since else 0.0))
    return OK


def moment(text: str) -> datetime:
    """Read a day or a moment as ISO 8601 has it, in UTC unless it names another time zone.

    Raises:
        ValueError: it is none.
    """
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


async def _print(settings: config.Config, as_format: Format, domain: str, since: float) -> None:
    async with open_to_read(settings.store.path) as database:
        await _write(read_audit(database, domain=domain, since=since), as_format)


async def _write(entries: AsyncIterator[AuditEntry], as_format: Format) -> None:
    table = csv.DictWriter(sys.stdout, [one.name for one in fields(AuditEntry)], lineterminator="\n")
    if as_format is Format.CSV:
        table.writeheader()
    async for entry in entries:
        row: dict[str, object] = asdict(entry) | {
            "at": datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="seconds")
        }
        if as_format is Format.CSV:
            table.writerow({name: _harmless(value) for name, value in row.items()})
        else:
            print(json.dumps(row, ensure_ascii=False))


def _harmless(value: object) -> object:
    """Return a value that a spreadsheet shows as it is: people choose titles and texts, also such as `=1+1`."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
