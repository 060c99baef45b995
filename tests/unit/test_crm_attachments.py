"""The files of a text for the CRM: from the portal's own address only, and never more than fits into a request."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bot.bitrix.outbound.caller import Caller
from bot.bitrix.outbound.crm.attachments import MOST_BYTES, Attachments
from bot.errors import FILE_UNREADABLE, FILES_TOO_BIG, PortalDown, Refused
from bot.model.effects import CrmComment, CrmEntity
from bot.model.events import Dialog, UserId
from bot.model.queued import WaitingEffect
from tests.stand_in_memory import known_portal
from tests.stand_ins import PORTAL

HERE = "https://north.example.com/rest/download.json?id="


@dataclass(slots=True, kw_only=True)
class StandInCaller:
    """Answers disk.file.get with these files, and a download with as many bytes as `contents` says."""

    files: list[dict[str, Any]]
    contents: dict[str, int] = field(default_factory=dict)
    down: bool = False
    downloaded: list[str] = field(default_factory=list)

    @property
    def client(self) -> StandInCaller:
        return self

    async def turn(self, *_: Any) -> None:
        """Every turn comes at once."""

    async def call(self, *_: Any, **__: Any) -> dict[str, Any]:
        if self.down:
            raise PortalDown("no answer", outcome_unknown=True)
        return {"result": {"result": {f"c{place}": file for place, file in enumerate(self.files)}}}

    async def download(self, address: str, *, most: int) -> bytes | None:
        self.downloaded.append(address)
        size = self.contents.get(address, 0)
        return b"x" * size if size <= most else None


def file(number: int, size: int, address: str = HERE) -> dict[str, Any]:
    """Describe a file as the portal does."""
    return {"ID": str(number), "NAME": f"{number}.txt", "SIZE": str(size), "DOWNLOAD_URL": f"{address}{number}"}


def row(*files: int) -> WaitingEffect:
    """Return an effect with these files."""
    deal = CrmEntity(type="deal", id=42)
    effect = CrmComment(dialog=Dialog("7"), user=UserId(7), entity=deal, text="Signed.", since=1, files=files)
    return WaitingEffect(
        id=1, portal=PORTAL, ordering_key="action:7:7", kind="CrmComment", key="k1", token_owner="user:7",
        effect=effect, report=False, created_at=0.0, attempts=0, due_at=0.0, outcome_unknown=False, urgency=0,
        weight=100,
    )  # fmt: skip


async def read(caller: StandInCaller, *files: int) -> list[tuple[str, str]]:
    """Read the files of an effect."""
    return await Attachments(caller=cast("Caller", caller)).read(known_portal(), row(*files))


async def test_files_are_read_in_their_order() -> None:
    """Each file is sent with its name and its content in Base64."""
    caller = StandInCaller(files=[file(1, 2), file(2, 3)], contents={f"{HERE}1": 2, f"{HERE}2": 3})
    assert await read(caller, 1, 2) == [
        ("1.txt", base64.b64encode(b"xx").decode()), ("2.txt", base64.b64encode(b"xxx").decode()),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.com/",
        "http://north.example.com/",
        "https://north.example.com:8443/",
        "//north.example.com/",
        "",
    ],
)
async def test_no_other_address_is_called(address: str) -> None:
    """Whatever the portal names as the address of a file, only the portal itself is called."""
    caller = StandInCaller(files=[file(1, 2, address)])
    with pytest.raises(Refused) as caught:
        await read(caller, 1)
    assert (caught.value.code, caller.downloaded) == (FILE_UNREADABLE, [])


@pytest.mark.parametrize("told", [True, False], ids=["by its size", "while it is read"])
async def test_too_many_bytes_are_not_sent(*, told: bool) -> None:
    """Files that are too big together are refused, also if the portal told a smaller size."""
    half = MOST_BYTES // 2 + 1
    caller = StandInCaller(
        files=[file(1, half), file(2, half if told else 1)], contents={f"{HERE}1": half, f"{HERE}2": half}
    )
    with pytest.raises(Refused) as caught:
        await read(caller, 1, 2)
    assert caught.value.code == FILES_TOO_BIG
    assert bool(caller.downloaded) is not told


async def test_an_unknown_outcome_of_a_read_is_known() -> None:
    """Reading a file writes nothing, so a lost answer does not make the outcome of the text unknown."""
    with pytest.raises(PortalDown) as caught:
        await read(StandInCaller(files=[], down=True), 1)
    assert not caught.value.outcome_unknown
