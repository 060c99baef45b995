"""Chats in the memory of an emulator: what others wrote, commands that wait for an answer, what the bot said."""

from __future__ import annotations

import time

from prometheus_client import Counter

from bot.model.effects import Answers
from bot.model.events import CommandId, Dialog, MessageId
from bot.model.records import TokenPair
from portal.world.bots import Command
from portal.world.messenger import Message
from tests.outgoing import ANNA, BORIS, Out


def without_olga(out: Out, *, bot: bool = True) -> Dialog:
    """Make a group of Anna and Boris, whom the installer is not among; the bot may be a member or not."""
    return Dialog(out.p.make_chat(ANNA, BORIS, *([out.bot] if bot else []), by=ANNA))


def written(out: Out, text: str, *, dialog: str, by: int = BORIS, at: float | None = None) -> int:
    """Put a message into a group, as if somebody had written it, and return its id."""
    world, chat = out.p.emulator.world, int(dialog.removeprefix("chat"))
    date = out.p.clock.now() if at is None else at
    row = Message(id=world.next_id("message"), chat=chat, author=by, sender=by, date=date, text=text)
    return world.messenger.write(row).id


def asked(out: Out, dialog: Dialog, *, name: str = "post") -> Answers:
    """Let Anna send a command in a group without the bot, and return what an answer names."""
    world = out.p.emulator.world
    command = Command(id=world.next_id("command"), bot=out.bot, name=name, common=True)
    world.bots.commands[command.id] = command
    message = written(out, f"/{name}", dialog=dialog, by=ANNA)
    world.messenger.answerable[message, command.id] = out.p.clock.now() + 600
    return Answers(
        command=CommandId(command.id), message=MessageId(message), asker=ANNA, dialog=dialog,
        ts=int(out.p.clock.now()), received_at=time.time(),
    )  # fmt: skip


async def give_own(out: Out) -> None:
    """Store the tokens of the bot's own user, as events of imbot v1 do."""
    access, refresh = out.p.tokens(out.app, user=out.bot)
    pair = TokenPair(access_token=access, refresh_token=refresh, expires=2_000_000_000)
    await out.store.put_token_pair(out.id, f"bot:{out.bot}", pair)


def bots_own(out: Out, dialog: Dialog) -> list[str]:
    """Return what the bot said in a dialog, also in system messages that name it, oldest first."""
    messenger = out.p.emulator.world.messenger
    chat = messenger.private.get(frozenset((int(dialog), out.bot))) if dialog.isdigit() else int(dialog[4:])
    rows = [messenger.messages[number] for number in messenger.by_chat.get(chat or 0, [])]
    return [row.text.rpartition("\n ")[2] for row in rows if row.sender == out.bot]


def total(counter: Counter, **labels: str) -> float:
    """Return the value of a counter, summed over all labels that are not given."""
    samples = [sample for metric in counter.collect() for sample in metric.samples]
    return sum(
        sample.value for sample in samples if sample.name.endswith("_total") and labels.items() <= sample.labels.items()
    )
