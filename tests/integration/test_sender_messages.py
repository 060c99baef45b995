"""Messages whose outcome is unknown: where the portal drops no repeat, they are looked for before a repeat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bitrix.outbound.earlier import dialog_pages
from bot.model import effects, events
from bot.model.effects import Content, Effect
from bot.model.events import Dialog, PostId
from bot.store.statements import Statement
from tests.outgoing import ANNA, OLGA, QUICK, Out, Terms, commit, opened, say
from tests.speaking import asked, bots_own, give_own, total, without_olga, written

UNKNOWN = ["cut_after", "cut", "html", "500"]
"""Faults after which nobody knows whether the method ran."""
LOOK = "im.dialog.messages.get"
METHODS = {"v1": "imbot.message.add", "v2": "imbot.v2.Chat.Message.send"}
ANSWERS = {"v1": "imbot.command.answer", "v2": "imbot.v2.Command.answer"}
API = pytest.mark.parametrize("api", ["v1", "v2"])
SETTLE = 0.3


@pytest.fixture
async def old(tmp_path: Path) -> AsyncIterator[Out]:
    """Start a sender for a bot of imbot v1 whose own token came with an event."""
    async with opened(tmp_path, Terms(api="v1")) as out:
        await give_own(out)
        yield out


# --- A message exists once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", UNKNOWN)
@pytest.mark.parametrize("place", ["private", "group", "card"])
async def test_a_message_exists_once_whatever_the_answer(old: Out, place: str, kind: str) -> None:
    """A message that arrived is found and not sent again, one that did not is sent again; its Done has its id."""
    dialog = Dialog("2") if place == "private" else without_olga(old)
    wanted: Effect = say(dialog, "It is done.", report=True)
    if place == "card":
        card = Content(text="It is done.")
        wanted = effects.ShowCard(dialog=dialog, post=PostId(217), version="v1", content=card, report=True)
    old.p.faults({"method": METHODS["v1"], "kind": kind, "times": 1})
    await old.want(wanted)
    await old.sent()
    assert old.texts(dialog) == ["It is done."]
    [done] = await old.results()
    assert isinstance(done, events.Done)
    assert old.p.emulator.world.messenger.messages[done.result].text == "It is done."
    assert total(old.metrics.unseen_repeats_total) == 0


@pytest.mark.parametrize("kind", UNKNOWN)
async def test_in_imbot_v2_the_portal_drops_the_repeat(out: Out, kind: str) -> None:
    """In v2 a message is sent again with its template id, a UUID of version 4, and nobody has to look."""
    dialog = out.group()
    out.p.faults({"method": METHODS["v2"], "kind": kind, "times": 2})
    await out.want(say(dialog, "It is done."), say(dialog, "It is done."))
    await out.sent()
    assert out.texts(dialog) == ["It is done."] * 2
    assert out.p.calls(LOOK) == []


@API
@pytest.mark.parametrize("kind", UNKNOWN)
async def test_the_answer_to_a_command_exists_once(tmp_path: Path, api: str, kind: str) -> None:
    """In a group without the bot the asker's token reads whether the answer is there; two equal answers both come."""
    async with opened(tmp_path, Terms(api=api)) as out:
        dialog = without_olga(out, bot=False)
        to = asked(out, dialog)
        await out.want(say(dialog, "It is done.", answers=to))
        await out.want(say(dialog, "It is done.", answers=replace(to, received_at=1.0)))  # too late, so not sent
        await out.sent()
        [(failed,)] = await out.rows("SELECT id FROM outbox WHERE state = 3")
        await out.store.db.write([Statement(name="outbox_answered", values={"id": failed})])
        out.p.faults({"method": ANSWERS[api], "kind": kind, "times": 1})
        await out.want(say(dialog, "It is done.", answers=to))
        await out.sent()
        assert bots_own(out, dialog) == ["It is done."] * 2
        assert {call.user for call in out.p.calls(LOOK)} == {ANNA}


async def test_equal_messages_on_purpose_all_come(old: Out) -> None:
    """Two equal answers after an equal one that is done: each exists, and each look finds its own message."""
    dialog = without_olga(old)
    await old.want(say(dialog, "Yes.", report=True))
    await old.sent()
    old.p.faults({"method": "batch", "kind": "cut_after", "times": 1})
    await old.want(say(dialog, "Yes.", report=True), say(dialog, "Yes.", report=True))
    await old.sent()
    old.p.faults({"method": METHODS["v1"], "kind": "cut", "times": 1})
    await old.want(say(dialog, "Yes.", report=True))
    await old.sent()
    assert old.texts(dialog) == ["Yes."] * 4
    results = [end.result for end in await old.results() if isinstance(end, events.Done)]
    assert results == sorted(set(results))
    assert len(results) == 4


# --- How a look is done ------------------------------------------------------------------------------------------


async def test_nobody_looks_if_the_outcome_is_known(old: Out) -> None:
    """A message that is answered, or certainly refused, costs no look."""
    dialog = without_olga(old)
    old.p.faults({"method": METHODS["v1"], "kind": "503", "times": 1})
    await old.want(say(dialog, "It is done."))
    await old.sent()
    assert old.texts(dialog) == ["It is done."]
    assert old.p.calls(LOOK) == []


@pytest.mark.parametrize("newer", [49, 50, 160])
@pytest.mark.parametrize("kind", ["cut_after", "cut"])
async def test_a_look_reads_back_to_the_time_of_the_message(tmp_path: Path, kind: str, newer: int) -> None:
    """However many messages others wrote since, all pages are read before a message counts as not there."""
    # The first look must begin before the portal counts as settled, on a slow machine too.
    async with opened(tmp_path, Terms(api="v1", retry_policy=replace(QUICK, settle=1.0)), sends=False) as out:
        await give_own(out)
        dialog = without_olga(out)
        written(out, "It is done.", dialog=dialog, by=out.bot, at=time.time() - 7200)
        out.p.faults({"method": METHODS["v1"], "kind": kind, "times": 1})
        await out.decide(say(dialog, "It is done."))
        out.sender.delivery = replace(out.sender.delivery, dialogs=Crowded(out, dialog, newer))  # type: ignore[arg-type]
        out.send()
        await out.sent()
        assert out.texts(dialog) == ["It is done."] * 2
        looks, rows = (1, newer + 2) if kind == "cut_after" else (2, newer + 1)
        assert len(out.p.calls(LOOK)) == looks * -(-rows // 50)


@pytest.mark.parametrize("newer", [90, 160])
async def test_too_many_newer_messages_count_as_unseen(
    tmp_path: Path, newer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look reads a limited number of pages; if they do not reach back far enough, nobody could look."""
    monkeypatch.setattr(dialog_pages, "MOST_PAGES", 2)
    async with opened(tmp_path, Terms(api="v1"), sends=False) as out:
        await give_own(out)
        dialog = without_olga(out)
        written(out, "Earlier", dialog=dialog, at=time.time() - 7200)
        out.p.faults({"method": METHODS["v1"], "kind": "cut_after", "times": 1})
        await out.decide(say(dialog, "It is done."))
        out.sender.delivery = replace(out.sender.delivery, dialogs=Crowded(out, dialog, newer))  # type: ignore[arg-type]
        out.send()
        await out.sent()
        assert len(out.p.calls(LOOK)) == 2
        assert total(out.metrics.unseen_repeats_total) == (newer == 160)


async def test_a_slow_look_is_not_repeated_for_each_message(tmp_path: Path) -> None:
    """Pages whose reading took longer than the portal works on a request are used, and not read again one by one."""
    async with opened(tmp_path, Terms(api="v1", retry_policy=replace(QUICK, settle=0.5)), sends=False) as out:
        await give_own(out)
        chats = [without_olga(out) for _ in range(6)]
        out.p.faults({"method": "batch", "kind": "cut_after", "times": 1})
        await out.decide(*(say(chat, "It is done.") for chat in chats))
        out.sender.delivery = replace(out.sender.delivery, dialogs=Slow(out))  # type: ignore[arg-type]
        out.send()
        await out.sent()
        assert [out.texts(chat) for chat in chats] == [["It is done."]] * 6
        _register, _sent, *looks = out.requests()
        assert len(looks) < len(chats)


class Slow:
    """A look that takes longer than the portal works on a request."""

    def __init__(self, out: Out) -> None:
        self.inner = out.sender.delivery.dialogs

    async def read(self, *given: object) -> None:
        """Look, and take a second for it."""
        await self.inner.read(*given)  # type: ignore[arg-type]
        await asyncio.sleep(1.0)

    async def find(self, *given: object) -> object:
        """Look."""
        return await self.inner.find(*given)  # type: ignore[arg-type]


class Crowded:
    """A look before which others write many messages into the dialog."""

    def __init__(self, out: Out, dialog: Dialog, newer: int) -> None:
        self.out, self.dialog, self.newer = out, dialog, newer
        self.inner = out.sender.delivery.dialogs

    async def read(self, *given: object) -> None:
        """Write the messages the first time, then look."""
        rows = given[1]
        assert isinstance(rows, list)
        if rows and self.newer:
            for number in range(self.newer):
                written(self.out, f"Other {number}", dialog=self.dialog)
            self.newer = 0
        await self.inner.read(*given)  # type: ignore[arg-type]

    async def find(self, *given: object) -> object:
        """Look."""
        return await self.inner.find(*given)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["cut_after", "cut"])
@pytest.mark.parametrize("ahead", [-7200, 7200])
async def test_the_clock_of_the_portal_may_be_wrong(old: Out, ahead: int, kind: str) -> None:
    """With any difference of clocks the new message is found, and an older equal one is not taken for it."""
    dialog = without_olga(old)
    old.p.clock.advance(ahead)
    written(old, "It is done.", dialog=dialog, by=old.bot, at=old.p.clock.now() - 1800)
    old.p.faults({"method": METHODS["v1"], "kind": kind, "times": 1})
    await old.want(say(dialog, "It is done."))
    await old.sent()
    assert old.texts(dialog) == ["It is done."] * 2


async def test_equal_words_of_others_are_not_taken(old: Out) -> None:
    """A person's message with the same words is not the bot's."""
    dialog = without_olga(old)
    old.p.faults({"method": METHODS["v1"], "kind": "cut", "times": 1})
    written(old, "It is done.", dialog=dialog)
    await old.want(say(dialog, "It is done."))
    await old.sent()
    assert old.texts(dialog) == ["It is done."]


async def test_a_message_that_is_not_there_is_looked_for_twice(tmp_path: Path) -> None:
    """The portal may still work on the request, so a message is sent again only after a look when that has ended."""
    async with opened(tmp_path, Terms(api="v1", retry_policy=replace(QUICK, settle=SETTLE))) as out:
        await give_own(out)
        dialog = without_olga(out)
        out.p.faults({"method": METHODS["v1"], "kind": "cut", "times": 1})
        await out.want(say(dialog, "It is done."))
        await out.sent()
        cut, sent = out.p.calls(METHODS["v1"])
        first, last = out.p.calls(LOOK)
        assert cut.at < first.at < last.at < sent.at
        assert last.at - cut.at >= SETTLE
        assert out.texts(dialog) == ["It is done."]


async def test_messages_of_one_request_wait_together(tmp_path: Path) -> None:
    """After a request with three messages to one dialog was cut, one wait and two looks are enough for all of them."""
    async with opened(tmp_path, Terms(api="v1", retry_policy=replace(QUICK, settle=SETTLE))) as out:
        await give_own(out)
        dialog = without_olga(out)
        out.p.faults({"method": "batch", "kind": "cut", "times": 1})
        await out.want(*(say(dialog, f"Step {number} is done.") for number in (1, 2, 3)))
        await out.sent()
        assert out.texts(dialog) == [f"Step {number} is done." for number in (1, 2, 3)]
        assert len(out.p.calls(LOOK)) == 2


async def test_looks_into_many_dialogs_share_requests(old: Out) -> None:
    """After a request to several chats was cut, their dialogs are read in few requests."""
    chats = [without_olga(old) for _ in range(6)]
    old.p.faults({"method": "batch", "kind": "cut_after", "times": 1})
    await old.want(*(say(chat, "It is done.") for chat in chats))
    await old.sent()
    assert [old.texts(chat) for chat in chats] == [["It is done."]] * 6
    _register, _sent, *looks = old.requests()
    assert len(looks) < len(chats)


# --- Who looks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cut_after", "cut"])
async def test_the_person_looks_in_their_own_dialog(tmp_path: Path, kind: str) -> None:
    """Without a token of the bot's own user, the person's token reads their dialog with the bot."""
    async with opened(tmp_path, Terms(api="v1")) as out:
        out.p.faults({"method": METHODS["v1"], "kind": kind, "times": 1})
        await out.want(say("2", "It is done."))
        await out.sent()
        assert out.texts("2") == ["It is done."]
        assert {call.user for call in out.p.calls(LOOK)} == {ANNA}


@pytest.mark.parametrize("kind", ["cut_after", "cut"])
async def test_the_installer_looks_in_a_group_that_they_are_in(tmp_path: Path, kind: str) -> None:
    """Without a token of the bot's own user, the installer's token reads a group of the installer."""
    async with opened(tmp_path, Terms(api="v1")) as out:
        dialog = out.group()
        out.p.faults({"method": METHODS["v1"], "kind": kind, "times": 1})
        await out.want(say(dialog, "It is done."))
        await out.sent()
        assert out.texts(dialog) == ["It is done."]
        assert {call.user for call in out.p.calls(LOOK)} == {OLGA}


async def test_where_nobody_can_look_a_message_may_come_twice(tmp_path: Path) -> None:
    """In a group that no token can read, the message is sent again at once, and counted."""
    async with opened(tmp_path, Terms(api="v1")) as out:
        dialog = without_olga(out)
        out.p.faults({"method": METHODS["v1"], "kind": "cut_after", "times": 1})
        await out.want(say(dialog, "It is done."))
        await out.sent()
        assert out.texts(dialog) == ["It is done."] * 2
        assert total(out.metrics.unseen_repeats_total) == 1


async def test_an_event_brings_the_token_of_the_bots_own_user(tmp_path: Path) -> None:
    """The token in data[BOT] of imbot v1 is stored with the event, and a look uses it; newer ones replace it."""
    async with opened(tmp_path, Terms(api="v1")) as out:
        dialog = without_olga(out)
        for place in range(2):
            access, refresh = out.p.tokens(out.app, user=out.bot)
            own = events.EventTokens(
                access_token=access, refresh_token=refresh, expires=int(time.time()) + 3600 * (place + 1)
            )
            tokens = events.EventTokens(own=own)
            said = replace(out.said("hello", dialog=dialog), event_tokens=tokens)
            await commit(out.store, said, [], [])
            pair = await out.store.token_pair(out.id, f"bot:{out.bot}")
            assert pair
            assert (pair.access_token, pair.refresh_token) == (access, refresh)
        out.p.faults({"method": METHODS["v1"], "kind": "cut_after", "times": 1})
        await out.want(say(dialog, "It is done."))
        await out.sent()
        assert out.texts(dialog) == ["It is done."]


async def test_the_token_of_the_bots_own_user_is_kept(old: Out) -> None:
    """It stays when it has expired, because it can be refreshed; that of a bot that is gone is deleted."""
    pair = await old.store.token_pair(old.id, f"bot:{old.bot}")
    assert pair
    for owner in (f"bot:{old.bot}", "bot:9999"):
        await old.store.put_token_pair(old.id, owner, replace(pair, expires=1))
    await old.store.forget_old(time.time())
    owners = {owner for (owner,) in await old.rows("SELECT token_owner FROM tokens")}
    assert f"bot:{old.bot}" in owners
    assert "bot:9999" not in owners
