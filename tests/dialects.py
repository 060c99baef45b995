"""The same events and calls in both generations of the bot interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from portal.engine.call_log import CallRecord
from tests import payloads
from tests.payloads import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The content of a call of the bot, the same for both generations."""

    method: str
    status: int
    bot: int
    dialog: str = ""
    message: int = 0
    command: int = 0
    text: str = ""
    template: str = ""
    keyboard: Any = None
    attach: Any = None

    @property
    def buttons(self) -> list[Mapping[str, Any]]:
        """Return the buttons after checking them: our BOT_ID beside BUTTONS, and a text and one action each."""
        assert int(self.keyboard["BOT_ID"]) == self.bot
        rows = [one for one in self.keyboard["BUTTONS"] if one.get("TYPE") != "NEWLINE"]
        for row in rows:
            assert row["TEXT"]
            assert len({"LINK", "ACTION", "COMMAND"} & row.keys()) == 1, row
        return rows

    def button(self, key: str, value: str) -> Mapping[str, Any]:
        """Return the only button with this action."""
        (found,) = [row for row in self.buttons if str(row.get(key, "")).startswith(value)]
        return found


class Dialect(Protocol):
    """One generation of the bot interface."""

    @property
    def says(self) -> str:
        """Return the method that sends a message."""
        ...

    @property
    def edits(self) -> str:
        """Return the method that edits a message."""
        ...

    @property
    def answers(self) -> str:
        """Return the method that answers a command in a chat without the bot."""
        ...

    def said(self, text: str, *, group: bool = False) -> Tree:
        """Make the event of a message; in a group the bot is mentioned."""
        ...

    def commanded(self, name: str, params: str, *, context: str = "textarea", group: bool = False) -> Tree:
        """Make the event of a typed command or a pressed button."""
        ...

    def joined(self, *, group: bool = False) -> Tree:
        """Make the event of the bot joining a chat."""
        ...

    def deleted(self) -> Tree:
        """Make the event of the bot's removal."""
        ...

    def sent(self, call: CallRecord) -> Sent:
        """Read the content of a call."""
        ...


MENTION = f"[USER={payloads.BOT}]Feedbridge[/USER], "


@dataclass(frozen=True, slots=True)
class First:
    """Bots of imbot.*, and their events."""

    says: str = "imbot.message.add"
    edits: str = "imbot.message.update"
    answers: str = "imbot.command.answer"

    def said(self, text: str, *, group: bool = False) -> Tree:
        """ONIMBOTMESSAGEADD."""
        original = f"{MENTION}{text}" if group else None
        return payloads.v1_said(text, original=original, group=group, LANGUAGE="en")

    def commanded(self, name: str, params: str, *, context: str = "textarea", group: bool = False) -> Tree:
        """ONIMCOMMANDADD."""
        entry = payloads.v1_command(name=name, params=params, COMMAND_CONTEXT=context.upper())
        return payloads.v1_commanded(f"/{name} {params}".rstrip(), entry, group=group, LANGUAGE="en")

    def joined(self, *, group: bool = False) -> Tree:
        """ONIMBOTJOINCHAT."""
        return payloads.v1_joined(group=group, LANGUAGE="en")

    def deleted(self) -> Tree:
        """ONIMBOTDELETE."""
        return payloads.v1_deleted()

    def sent(self, call: CallRecord) -> Sent:
        """Read the upper-case parameters of a call."""
        params = call.params
        return Sent(
            method=call.method,
            status=call.status,
            bot=int(params.get("BOT_ID") or params["KEYBOARD"]["BOT_ID"]),
            dialog=str(params.get("DIALOG_ID", "")),
            message=int(params.get("MESSAGE_ID", 0)),
            command=int(params.get("COMMAND_ID", 0)),
            text=params["MESSAGE"],
            template=params.get("TEMPLATE_ID", ""),
            keyboard=params.get("KEYBOARD"),
            attach=params.get("ATTACH"),
        )


@dataclass(frozen=True, slots=True)
class Second:
    """Bots of imbot.v2.*, and their events."""

    says: str = "imbot.v2.Chat.Message.send"
    edits: str = "imbot.v2.Chat.Message.update"
    answers: str = "imbot.v2.Command.answer"

    def said(self, text: str, *, group: bool = False) -> Tree:
        """ONIMBOTV2MESSAGEADD."""
        return payloads.v2_said(f"{MENTION}{text}" if group else text, group=group, language="en")

    def commanded(self, name: str, params: str, *, context: str = "textarea", group: bool = False) -> Tree:
        """ONIMBOTV2COMMANDADD."""
        command = payloads.v2_command(f"/{name}", params, context)
        return payloads.v2_commanded(f"/{name} {params}".rstrip(), group=group, command=command, language="en")

    def joined(self, *, group: bool = False) -> Tree:
        """ONIMBOTV2JOINCHAT."""
        return payloads.v2_joined(group=group, language="en")

    def deleted(self) -> Tree:
        """ONIMBOTV2DELETE."""
        return payloads.v2_deleted()

    def sent(self, call: CallRecord) -> Sent:
        """Read the lower-case parameters of a call and its fields."""
        params, fields = call.params, call.params["fields"]
        return Sent(
            method=call.method,
            status=call.status,
            bot=int(params["botId"]),
            dialog=str(params.get("dialogId", "")),
            message=int(params.get("messageId", 0)),
            command=int(params.get("commandId", 0)),
            text=fields["message"],
            template=fields.get("templateId", ""),
            keyboard=fields.get("keyboard"),
            attach=fields.get("attach"),
        )


DIALECTS: Mapping[str, Dialect] = {"v1": First(), "v2": Second()}
