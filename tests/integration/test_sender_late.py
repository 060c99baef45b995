"""Cards that changed after an attempt with an unknown outcome, and answers to commands that come too late."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bot.bitrix.outbound import calls
from bot.errors import LATE_ANSWER
from bot.model import effects, events, state_changes
from bot.model.effects import Content
from bot.model.events import Dialog, PostId
from tests.outgoing import OLGA, Out, Terms, commit, opened, say
from tests.speaking import asked, bots_own, give_own, without_olga

LOOK = "im.dialog.messages.get"
METHODS = {"v1": "imbot.message.add", "v2": "imbot.v2.Chat.Message.send"}
ANSWERS = {"v1": "imbot.command.answer", "v2": "imbot.v2.Command.answer"}
API = pytest.mark.parametrize("api", ["v1", "v2"])
SETTLE = 0.3


# --- A card that changed meanwhile -------------------------------------------------------------------------------


@API
async def test_a_card_that_changed_meanwhile_is_recognised(tmp_path: Path, api: str) -> None:
    """A card whose content was replaced after an unknown outcome is found by what was sent; its result says so."""
    async with opened(tmp_path, Terms(api=api), sends=False) as out:
        await give_own(out)
        dialog = without_olga(out)
        card = effects.ShowCard(
            dialog=dialog, post=PostId(217), version="a", content=Content(text="as it was"), report=True
        )
        await out.decide(card)
        [row] = await out.waiting()
        await out.store.mark_sending([row])
        await out.p.client(out.app, user=OLGA).call(*_call(api, out, row.key, dialog))
        new = state_changes.CardInstead(
            post=PostId(217),
            dialog=dialog,
            version="b",
            content=msgspec.to_builtins(Content(text="as it is")),
            drop=True,
        )
        await commit(out.store, out.arrived(events.PostDeleted(portal=out.id, post=PostId(1)), "x"), [new], [])
        out.send()  # it begins as after a crash
        await out.sent()
        assert out.texts(dialog) == ["as it was"]
        [done] = await out.results()
        assert isinstance(done, events.Done)
        assert done.effect["version"] == "a", "the handlers then edit the message"


def _call(api: str, out: Out, key: str, dialog: Dialog) -> tuple[str, dict[str, object]]:
    if api == "v1":
        return METHODS[api], {"BOT_ID": out.bot, "DIALOG_ID": dialog, "MESSAGE": "as it was"}
    fields = {"message": "as it was", "templateId": calls.template_id(key)}
    return METHODS[api], {"botId": out.bot, "dialogId": dialog, "fields": fields}


# --- Late answers ------------------------------------------------------------------------------------------------


@API
@pytest.mark.parametrize("told_by", ["our clock", "the portal's clock"])
async def test_a_late_answer_is_not_sent_to_the_command(tmp_path: Path, api: str, told_by: str) -> None:
    """The portal would say true and write nothing, so the handlers hear that the answer is late."""
    async with opened(tmp_path, Terms(api=api)) as out:
        dialog = without_olga(out, bot=False)
        to = asked(out, dialog)
        if told_by == "our clock":
            to = replace(to, received_at=time.time() - 580, ts=0)
        else:
            out.p.clock.advance(7200)
            to = replace(to, ts=int(out.p.clock.now()) - 580)
            await out.want(say("2", "The portal tells its time."))
            await out.sent()
        await out.want(say(dialog, "It is done.", answers=to))
        await out.sent()
        assert out.p.calls(ANSWERS[api]) == []
        [failed] = await out.results()
        assert isinstance(failed, events.Failed)
        assert failed.code == LATE_ANSWER


@API
async def test_an_answer_in_time_is_sent_whatever_the_clocks(tmp_path: Path, api: str) -> None:
    """A portal whose clock is two hours behind or ahead makes no answer late."""
    async with opened(tmp_path, Terms(api=api)) as out:
        for ahead in (-7200, 14_400):
            out.p.clock.advance(ahead)
            await out.want(say("2", "The portal tells its time."))
            await out.sent()
            dialog = without_olga(out, bot=False)
            await out.want(say(dialog, "It is done.", answers=asked(out, dialog)))
            await out.sent()
            assert bots_own(out, dialog) == ["It is done."]
