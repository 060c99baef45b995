"""imbot.v2.Command.*: slash commands of the second generation (reference: E2)."""

import re
from dataclasses import replace
from typing import Any

from portal.api.call import Call, Fields, Params
from portal.api.methods.imbotv2.messages import answer_draft
from portal.api.methods.shared.bot_owner import require, v2_bot
from portal.api.registry import method
from portal.clock import day
from portal.errors import RestError
from portal.rules.messenger import bots, messages
from portal.wire import php, shapes
from portal.world.bots import Bot, Command

_NAME = re.compile(r"[^\s/]+\Z")


FLAT_UNTIL = day("2026-10-01")
"""When parameters of Command.register beside `fields` are no longer read (reference: E8)."""


def _read_fields(call: Call, params: Params) -> Fields:
    """Return the object `fields`; before FLAT_UNTIL, all parameters when an older client sends none."""
    inner = params.inner("fields")
    flat = call.portal.switches.accepts_old(FLAT_UNTIL, call.portal.clock.now())
    return inner or (Fields(params.raw) if flat else inner)


def _read_texts(value: Any) -> dict[str, str]:
    return {str(key): php.text_of(text) for key, text in Fields(value).raw.items() if php.text_of(text)}


@method("imbot.v2.Command.register", scope="imbot")
def register(call: Call, params: Params) -> Any:
    """Register a command and describe it; a command that the bot already has stays unchanged."""
    bot, fields = v2_bot(call, params), _read_fields(call, params)
    name = fields.text("command").strip().removeprefix("/")
    if not name:
        raise RestError("COMMAND_REQUIRED", "Command is required")
    if not _NAME.match(name):
        raise RestError("COMMAND_NAME_INVALID", "Command name is invalid")
    titles, hidden = _read_texts(fields.get("title")), fields.yes("hidden")
    if not titles and not hidden:
        raise RestError("COMMAND_TITLE_REQUIRED", "Command title is required")
    known = next((row for row in call.world.bots.commands_of(bot.id) if row.name == name), None)
    if known is None:
        known = bots.put_command(
            call.portal,
            Command(
                id=call.world.next_id("command"),
                bot=bot.id,
                name=name,
                common=fields.yes("common"),
                hidden=hidden,
                extranet=fields.yes("extranetSupport"),
                titles=titles,
                params=_read_texts(fields.get("params")),
            ),
        )
    return {"command": shapes.v2_command(known)}


def _get_own(call: Call, params: Params) -> tuple[Bot, Command]:
    bot = v2_bot(call, params)
    require(params, "commandId")
    command = call.world.bots.commands.get(params.number("commandId"))
    if command is None or command.bot != bot.id:
        raise RestError("COMMAND_NOT_FOUND", "Command not found")
    return bot, command


@method("imbot.v2.Command.update", scope="imbot")
def update(call: Call, params: Params) -> Any:
    """Change a command and describe it; a null title removes the texts of a language."""
    (bot, command), fields = _get_own(call, params), params.inner("fields")
    name = fields.text("command", command.name).strip().removeprefix("/")
    if not name:
        raise RestError("COMMAND_NAME_EMPTY", "Command name is empty")
    if not _NAME.match(name):
        raise RestError("COMMAND_NAME_INVALID", "Command name is invalid")
    if any(row.name == name and row.id != command.id for row in call.world.bots.commands_of(bot.id)):
        raise RestError("COMMAND_ALREADY_EXISTS", "Command already exists")
    given = Fields(fields.get("title")).raw
    kept = {key: text for key, text in command.titles.items() if key not in given}
    changed = replace(
        command,
        name=name,
        titles=kept | _read_texts(given),
        params=command.params | _read_texts(fields.get("params")),
        common=fields.yes("common", default=command.common),
        hidden=fields.yes("hidden", default=command.hidden),
        extranet=fields.yes("extranetSupport", default=command.extranet),
    )
    return {"command": shapes.v2_command(bots.put_command(call.portal, changed))}


@method("imbot.v2.Command.list", scope="imbot")
def command_list(call: Call, params: Params) -> Any:
    """List the commands of a bot, with titles in the caller's language."""
    bot, language = v2_bot(call, params), call.user.language
    name = call.world.people.users[bot.id].name
    rows = [
        shapes.v2_command(command)
        | {
            "title": in_language(command.titles, language),
            "params": in_language(command.params, language),
            "category": name,
            "context": "",
        }
        for command in call.world.bots.commands_of(bot.id)
    ]
    return {"commands": rows}


def in_language(words: dict[str, str], language: str) -> str:
    """Return the text in a language, else the English one, else the first one, else an empty text."""
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


@method("imbot.v2.Command.unregister", scope="imbot")
def unregister(call: Call, params: Params) -> Any:
    """Remove a command."""
    _, command = _get_own(call, params)
    bots.drop_command(call.portal, command)
    return {"result": True}


@method("imbot.v2.Command.answer", scope="imbot")
def answer(call: Call, params: Params) -> Any:
    """Answer a command within ten minutes of its call, even when the bot is not a member of the chat.

    After that, nothing is sent and the result is true (source 1.4), or an error with the switch `late_answers`.
    """
    bot, command = _get_own(call, params)
    require(params, "messageId", "dialogId")
    number, messenger, now = params.number("messageId"), call.world.messenger, call.portal.clock.now()
    message = messenger.messages.get(number)
    late = messenger.answerable.get((number, command.id), 0.0) <= now
    if late and message is not None and call.portal.switches.late_answers == "silent":
        return {"result": True}
    if message is None or late or not params.text("dialogId").strip():
        raise RestError("COMMAND_ANSWER_FAILED", "Command answer failed")
    draft = answer_draft(call, params.inner("fields"), bot, messenger.chats[message.chat])
    messenger.answerable[number, command.id] = now + messages.ANSWERABLE
    messages.write(call.portal, draft, call.actor)
    return {"result": True}
