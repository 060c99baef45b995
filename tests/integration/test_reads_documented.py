"""Reads carry only documented parameters, and read what a post has beside its text."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.bitrix.outbound.reads import PortalReads
from bot.model.events import Dialog, EventTokens, PostId
from portal.rules import user_actions
from tests.outgoing import ANNA, Terms, opened

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


@pytest.mark.parametrize(
    ("more", "parts"),
    [
        ({}, ()),
        ({"poll": {"question": "Tea?", "answers": ["Yes", "No"]}}, ("poll",)),
        ({"gratitude": {"medal": "thumbsup", "people": [3]}}, ("thanks",)),
        (
            {"gratitude": {"medal": "heart", "people": [3]}, "poll": {"question": "Tea?", "answers": ["Yes"]}},
            ("thanks", "poll"),
        ),
    ],
)
async def test_what_a_post_has_beside_its_text(tmp_path: Path, more: dict[str, object], parts: tuple[str, ...]) -> None:
    """Thanks and polls are read from the fields of log.blogpost.get, as the emulator writes them."""
    async with opened(tmp_path, sends=False) as out:
        emulator = out.p.emulator
        draft = user_actions.read_post_draft(emulator, {"text": "Words", "dest": ["UA"], **more})
        post = user_actions.publish(emulator, user_actions.person(emulator, ANNA), draft)
        found = await PortalReads(out.caller, await out.known(), EventTokens(), urgency=0).post(PostId(post.id))
        assert found is not None
        assert found.parts == parts


async def test_files_of_a_post_are_noticed(tmp_path: Path) -> None:
    """A post that was added with files says so."""
    async with opened(tmp_path, sends=False) as out:
        client = out.p.client(out.app, user=ANNA)
        fields = {"POST_MESSAGE": "Words", "DEST": ["UA"], "FILES": [["plan.txt", "SGVsbG8="]]}
        number = int(await client.result("log.blogpost.add", fields))
        found = await PortalReads(out.caller, await out.known(), EventTokens(), urgency=0).post(PostId(number))
        assert found is not None
        assert found.parts == ("files",)
