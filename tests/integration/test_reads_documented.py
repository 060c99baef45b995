"""Reads carry only documented parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.bitrix.outbound.reads import PortalReads
from bot.model.events import Dialog, EventTokens
from tests.outgoing import Terms, opened

DOCUMENTED = {
    "imbot.dialog.get": {"DIALOG_ID"},
    "imbot.v2.Chat.get": {"botId", "dialogId"},
    "im.user.get": {"ID"},
}


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("dialog", ["group", "private"])
async def test_a_chat_is_asked_for_with_documented_parameters(tmp_path: Path, api: str, dialog: str) -> None:
    """imbot.dialog.get has no BOT_ID; alone, in a batch, beside a post and for a chat that is closed."""
    async with opened(tmp_path, Terms(api=api), sends=False) as out:
        where = out.group() if dialog == "group" else Dialog("2")
        reads = PortalReads(out.caller, await out.known(), EventTokens(), urgency=0)
        assert await reads.has_extranet_users(where) is False
        await PortalReads(out.caller, await out.known(), EventTokens(), urgency=0).read_chats([where])
        await PortalReads(out.caller, await out.known(), EventTokens(), urgency=0).is_shut_out(where)
        asked = [row for row in out.p.calls() if row.method in DOCUMENTED]
        assert len(asked) == 3
        for row in asked:
            assert set(row.params) == DOCUMENTED[row.method], row
