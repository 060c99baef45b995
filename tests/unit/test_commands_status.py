"""/status: health for everybody, and for administrators who did what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import commands
from bot.errors import UserMistake
from bot.model.effects import Edit, Say
from bot.model.events import BotId, Dialog, PostId, UserId
from bot.model.records import Action, AuditEntry, PortalStatus, QueueStatus
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import GROUP, NOW, PORTAL, PRIVATE, Conversation, labels

WELL = PortalStatus(
    id=PORTAL, domain="b24.example", api="v2", bot=BotId(90), speaker=None, mute_since=None, mute_reason="", follows=3,
    events=QueueStatus(), effects=QueueStatus(),
)  # fmt: skip


def entry(number: int, action: str = Action.PUBLISHED, **more: object) -> AuditEntry:
    """Return an entry of the audit."""
    values: dict[str, object] = {
        "id": number, "portal": "p", "at": NOW - 600 + number, "user_id": UserId(27), "name": "Anna [b]Berg",
        "action": action, "certain": True, "post": PostId(217), "subject": "Sales", "dialog": Dialog(GROUP),
        "details": "",
    }  # fmt: skip
    return AuditEntry(**(values | more))  # type: ignore[arg-type]


def talk(*, admin: bool = True, dialog: Dialog = PRIVATE, **more: object) -> Conversation:
    """Return a dialog of a person with the bot."""
    chat = Conversation(
        router=commands.router(),
        portal=StandInPortal(admin=admin),
        dialog=dialog,
        **more,  # type: ignore[arg-type]
    )
    chat.memory.state = WELL
    return chat


async def answer(chat: Conversation, text: str = "/status") -> Say:
    """Type a command, and return the only answer."""
    (said,) = await chat.say(text)
    assert isinstance(said, Say)
    return said


@pytest.mark.parametrize(
    ("language", "well", "waits"),
    [
        ("en", "I am well, and nothing waits.", "2 requests to the portal wait, the oldest for 3 minutes."),
        ("de", "Alles in Ordnung, es wartet nichts.", "2 Anfragen an das Portal warten, die älteste seit 3 Minuten."),
        ("ru", "Всё в порядке, ничего не ждёт.", "2 запроса к порталу ждут, самый старый уже 3 минуты."),
    ],
)
@pytest.mark.parametrize("dialog", [PRIVATE, GROUP])
async def test_everybody_learns_whether_it_is_well(dialog: Dialog, language: str, well: str, waits: str) -> None:
    """In every chat and language, the answer says whether requests wait, and nothing about other people."""
    chat = talk(admin=False, dialog=dialog, language=language)
    chat.memory.entries = [entry(1)]
    assert (await answer(chat)).content.text == well
    chat.memory.state = replace(WELL, effects=QueueStatus(waiting=2, oldest=NOW - 180))
    assert (await answer(chat)).content.text == waits


async def test_an_administrator_sees_more_only_in_private() -> None:
    """The audit is shown to an administrator in the private dialog, and to nobody in a group."""
    chat = talk()
    chat.memory.entries = [entry(1)]
    said = (await answer(chat)).content.text
    assert "Bot version v2, subscriptions: 3." in said
    assert "published post 217 for Sales" in said
    chat.dialog = GROUP
    assert "217" not in (await answer(chat)).content.text


async def test_who_may_not_see_the_audit_is_told() -> None:
    """A person who asks for a part of the audit, and is no administrator, gets a sentence."""
    chat = talk(admin=False)
    chat.memory.entries = [entry(1, details="secret")]
    for text in ("/status before:5", "/status entry:1"):
        with pytest.raises(UserMistake, match=r"status\.not_you"):
            await chat.say(text)


async def test_trouble_is_told_to_the_administrator() -> None:
    """Dead letters, the last error and another speaker are named."""
    chat = talk()
    chat.memory.state = replace(
        WELL, speaker=UserId(8), events=QueueStatus(dead=1), effects=QueueStatus(waiting=1, error="PortalDown: [b]x")
    )
    said = (await answer(chat)).content.text
    assert "token of [user=8]" in said
    assert "1 event or request was given up" in said
    assert "The last error: PortalDown: [\u200bb]x" in said


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("language", ["en", "de", "ru"])
async def test_every_action_has_its_line(action: Action, language: str) -> None:
    """Each action is told in each language, with the person, whose name is no markup."""
    chat = talk(language=language)
    chat.memory.entries = [entry(1, action, certain=False)]
    line = (await answer(chat)).content.text.splitlines()[-1]
    assert line.startswith("1. ")
    assert "[user=27]" in line
    assert "[b]" not in line
    assert line.endswith(")")


async def test_pages_and_details() -> None:
    """Ten entries are on a page; buttons turn the pages in place, and show the details of an entry as they are."""
    chat = talk()
    chat.memory.entries = [entry(n, details="-[b]old\n+new" if n == 12 else "") for n in range(1, 13)]
    said = await answer(chat)
    assert labels(said) == ["Details of 1", "Older"]
    older = next(one for one in said.content.keyboard if one.get("TEXT") == "Older")
    (page,) = await chat.press("status", str(older["COMMAND_PARAMS"]))
    assert isinstance(page, Edit)
    assert page.content.text.count("published post") == 2
    assert labels(page) == ["Newer"]
    (first,) = await chat.press("status", "")
    assert isinstance(first, Edit)
    assert "Bot version" in first.content.text
    details = next(one for one in said.content.keyboard if one.get("TEXT") == "Details of 1")
    (shown,) = await chat.press("status", str(details["COMMAND_PARAMS"]))
    assert isinstance(shown, Say)
    assert shown.content.text.endswith("[code]-[\u200bb]old\n+new[/code]")
    assert await chat.mistake("/status entry:99") == "status.no_entry"
