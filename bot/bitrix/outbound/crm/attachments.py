"""Reads the files of a text for the CRM from the portal's Drive, because the CRM takes contents and no ids."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.caller import Caller, Ticket
from bot.bitrix.outbound.rows import object_of
from bot.errors import FILE_UNREADABLE, FILES_TOO_BIG, NO_DRIVE, Gone, PortalDown, PortalError, Refused
from bot.model import effects
from bot.model.queued import WaitingEffect
from bot.model.records import KnownPortal

MOST_BYTES = 10 * 2**20
"""The most bytes of all files of one text; the request needs a third more, and three times that in memory."""

File = tuple[str, str]
"""The name of a file, and its content in Base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """Reads files with the token of the person who sent them."""

    caller: Caller

    async def read(self, portal: KnownPortal, row: WaitingEffect) -> list[File]:
        """Return the files of an effect; the portal was not asked to write anything before.

        Raises:
            Refused: a file cannot be read, or the files are too big; its code says which.
            PortalDown, PortalError: the portal did not answer; nothing was written.
        """
        assert isinstance(row.effect, effects.CrmText)  # noqa: S101 - has_files was asked
        found = await self._described(portal, row, row.effect.files)
        if sum(calls.number(one.get("SIZE")) for one in found) > MOST_BYTES:
            raise Refused(FILES_TOO_BIG, f"the files have more than {MOST_BYTES} bytes")
        files: list[File] = []
        left = MOST_BYTES
        for one in found:
            address = str(one.get("DOWNLOAD_URL") or "")
            if _host(address) != _host(portal.endpoint):
                raise Refused(FILE_UNREADABLE, "the file is at another address than the portal")
            await self.caller.turn(portal, Ticket(row.urgency, sends=True))
            content = await self.caller.client.download(address, most=left)
            if content is None:
                raise Refused(FILES_TOO_BIG, f"the files have more than {MOST_BYTES} bytes")
            left -= len(content)
            files.append((str(one.get("NAME") or "file"), base64.b64encode(content).decode()))
        return files

    async def _described(self, portal: KnownPortal, row: WaitingEffect, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Read the names, sizes and addresses of files in one request."""
        asked = [calls.Call(method="disk.file.get", params={"id": number}) for number in numbers]
        params, keys = calls.batch(asked, halt=False)
        try:
            answer = await self.caller.call(
                portal, "batch", params, token_owner=row.token_owner, urgency=row.urgency, sends=True
            )
        except PortalDown as exc:
            raise PortalDown(str(exc), outcome_unknown=False) from exc
        items = answers.items(answer, keys, [one.method for one in asked])
        for item in items:
            if item.error:
                raise _reason(item.error)
        return [object_of(item.result) for item in items]


def _reason(error: PortalError) -> PortalError:
    if error.code == "insufficient_scope":
        return Refused(NO_DRIVE, error.text)
    return Refused(FILE_UNREADABLE, error.text) if isinstance(error, Refused | Gone) else error


def _host(address: str) -> tuple[str, str]:
    """Return the scheme and the host of an address; empty texts if it is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc
