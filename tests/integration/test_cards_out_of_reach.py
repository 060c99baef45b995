"""The service and a portal that refuses an edit of a card as its source does: the card gets a successor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.in_process import ANNA, OLGA, InProcess, running

OLD, NEW = "The lift is broken", "The lift works again"
UPDATE, DELETE = "imbot.v2.Chat.Message.update", "imbot.v2.Chat.Message.delete"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[InProcess]:
    """An installed service in this process, with imbot.v2."""
    async with running(tmp_path) as here:
        yield here


def shown(here: InProcess, dialog: str) -> list[str]:
    """Return the texts of the cards in a chat that are not deleted, oldest first."""
    messenger = here.p.emulator.world.messenger
    number = int(dialog.removeprefix("chat"))
    rows = [messenger.messages[one] for one in messenger.by_chat[number]]
    return [row.text for row in rows if "lift" in row.text and not row.deleted]


def answered(here: InProcess, method: str) -> list[str | None]:
    """Return the error of every call of a method, None for success; an expired token does not count."""
    return [call.error for call in here.p.calls(method) if call.error != "expired_token"]


async def followed(here: InProcess) -> tuple[str, int]:
    """Let a group follow posts and get one card; return its dialog and the post."""
    bot = here.p.bots(here.app)[0].id
    dialog = here.p.make_chat(ANNA, bot)
    await here.p.person(ANNA).says("/follow all", dialog=dialog)
    await here.quiet()
    post = await here.p.person(ANNA).posts(OLD)
    await here.quiet()
    assert len(shown(here, dialog)) == 1
    return dialog, post


async def test_a_card_is_edited_after_three_days(here: InProcess) -> None:
    """The card of an old post is edited in place, because imbot.v2 has no time limit."""
    dialog, post = await followed(here)
    await here.passes(4)
    await here.p.person(ANNA).edits_post(post, text=NEW)
    await here.quiet()
    (card,) = shown(here, dialog)
    assert NEW in card
    assert answered(here, UPDATE) == [None]


REASONS: list[tuple[str, dict[str, Any], str]] = [
    ("documented", {"message_refusals": "documented"}, "ACCESS_DENIED"),
    ("the plan", {"history_days": 3}, "MESSAGE_ACCESS_DENIED_BY_TARIFF"),
    ("joined again", {}, "MESSAGE_ACCESS_DENIED"),
]


@pytest.mark.parametrize(("why", "switches", "code"), REASONS, ids=[row[0] for row in REASONS])
async def test_a_card_out_of_reach_gets_its_successor(
    here: InProcess, why: str, switches: dict[str, Any], code: str
) -> None:
    """One edit is refused, then a new card shows the post, and later changes edit the new card."""
    dialog, post = await followed(here)
    here.p.switch(**switches)
    if why == "joined again":
        bot = here.p.bots(here.app)[0].id
        await here.p.person(OLGA).removes(bot, dialog=dialog)
        client = here.p.client(here.app, user=ANNA)
        await client.result("im.chat.user.add", DIALOG_ID=dialog, USERS=[bot], HIDE_HISTORY="Y")
        await here.quiet()
    else:
        await here.passes(4)
    await here.p.person(ANNA).edits_post(post, text=NEW)
    await here.quiet()
    assert answered(here, UPDATE) == [code]
    assert any(NEW in card for card in shown(here, dialog))
    await here.p.person(ANNA).edits_post(post, text=f"{NEW}, all day")
    await here.quiet()
    assert answered(here, UPDATE) == [code, None]
    assert sum("all day" in card for card in shown(here, dialog)) == 1


async def test_an_unknown_refusal_is_tried_twice(here: InProcess) -> None:
    """After two refusals with a code that nobody knows, the old message goes and a new card comes."""
    dialog, post = await followed(here)
    here.p.faults({"method": UPDATE, "kind": "error", "code": "SOMETHING_NEW", "times": None})
    for text in (NEW, f"{NEW} and again", f"{NEW}, all day"):
        await here.p.person(ANNA).edits_post(post, text=text)
        await here.quiet()
    here.p.faults()
    assert answered(here, UPDATE) == ["SOMETHING_NEW"] * 3
    assert len(here.p.calls(DELETE, ok=True)) == 1
    (card,) = shown(here, dialog)
    assert "and again" in card


async def test_content_that_must_go_is_deleted_where_it_cannot_be_edited(here: InProcess) -> None:
    """A post that is deleted loses its content in a chat where the portal refuses every edit."""
    dialog, post = await followed(here)
    here.p.faults({"method": UPDATE, "kind": "error", "code": "MESSAGE_ACCESS_DENIED", "times": None})
    await here.p.person(ANNA).deletes_post(post)
    await here.quiet()
    assert shown(here, dialog) == []
    assert len(here.p.calls(DELETE, ok=True)) == 1


async def test_content_is_deleted_when_the_bot_comes_back(here: InProcess) -> None:
    """A bot that was removed cannot delete its card; it does when it is added again with the history."""
    dialog, post = await followed(here)
    bot = here.p.bots(here.app)[0].id
    await here.p.person(OLGA).removes(bot, dialog=dialog)
    await here.p.person(ANNA).deletes_post(post)
    await here.quiet()
    assert len(shown(here, dialog)) == 1
    assert set(answered(here, DELETE)) == {"ACCESS_DENIED"}
    here.p.clock.advance(60)
    client = here.p.client(here.app, user=ANNA)
    await client.result("im.chat.user.add", DIALOG_ID=dialog, USERS=[bot], HIDE_HISTORY="N")
    await here.quiet()
    assert shown(here, dialog) == []
