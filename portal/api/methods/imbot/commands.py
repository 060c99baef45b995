"""imbot.command.*: slash commands of the first generation (reference: F1, behaviour 5.4)."""

from dataclasses import replace
from typing import Any

from portal.api.call import Call, Fields, Params
from portal.api.methods.event.bindings import check_url
from portal.api.methods.shared import content
from portal.api.methods.shared.bot_owner import v1_bot, v1_owner
from portal.api.registry import method
from portal.errors import Refused, RestError
from portal.rules.messenger import bots, messages
from portal.wire import php
from portal.world.apps import Handler
from portal.world.bots import Command


@method("imbot.command.register", scope="imbot")
def register(call: Call, params: Params) -> Any:
    """Register a command and return its id.

    When the bot has this command already, return the id of that one.
    """
    url, name = params.text("EVENT_COMMAND_ADD"), params.text("COMMAND").removeprefix("/")
    if not url:
        raise RestError("EVENT_COMMAND_ADD_ERROR", 'Handler for "Command add" event isn\'t specified')
    _check_url(call, url)
    if not name:
        raise RestError("COMMAND_ERROR", "Command isn't specified")
    bot = v1_bot(call, params)
    titles, hints = languages(params.get("LANG"))
    if not php.values_of(params.get("LANG")):
        raise RestError("LANG_ERROR", "Lang set can't be empty")
    _bind(call, bot.owner, url)
    known = next((row for row in call.world.bots.commands_of(bot.id) if row.name == name), None)
    if known is not None:
        return known.id
    command = Command(
        id=call.world.next_id("command"),
        bot=bot.id,
        name=name,
        common=params.yes("COMMON"),
        hidden=params.yes("HIDDEN"),
        extranet=params.yes("EXTRANET_SUPPORT"),
        titles=titles,
        params=hints,
    )
    return bots.put_command(call.portal, command).id


def languages(value: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Return the titles and the parameter hints of LANG, each by language."""
    rows = [Fields(row) for row in php.values_of(value)]
    titles = {row.text("LANGUAGE_ID").lower(): row.text("TITLE") for row in rows if row.text("TITLE")}
    hints = {row.text("LANGUAGE_ID").lower(): row.text("PARAMS") for row in rows if row.text("PARAMS")}
    return titles, hints


def _check_url(call: Call, url: str) -> None:
    try:
        check_url(call.portal, url)
    except RestError:
        raise RestError("EVENT_COMMAND_ADD_ERROR", "Wrong handler URL") from None


def _bind(call: Call, owner: str, url: str) -> None:
    number = call.world.next_id("handler")
    call.world.apps.rebind(Handler(id=number, client_id=owner, event="ONIMCOMMANDADD", url=url))


def _get_own(call: Call, params: Params) -> Command:
    """Return the command that COMMAND_ID or COMMAND names; raise RestError when the caller does not own it."""
    owner, number = v1_owner(call, params), params.number("COMMAND_ID")
    found = call.world.bots.commands.get(number)
    if not number and params.text("COMMAND"):
        named = call.world.bots.with_name(params.text("COMMAND").removeprefix("/"))
        found = next((row for row in named if call.world.bots.bots[row.bot].owner == owner), None)
    if found is None:
        raise RestError("COMMAND_ID_ERROR", "Command not found")
    if call.world.bots.bots[found.bot].owner != owner:
        raise RestError("APP_ID_ERROR", "Command was installed by another rest application")
    return found


@method("imbot.command.update", scope="imbot")
def update(call: Call, params: Params) -> Any:
    """Change name, handler, texts or flags of a command; absent fields stay."""
    command, fields = _get_own(call, params), params.inner("FIELDS")
    if not fields:
        raise RestError("WRONG_REQUEST", "Update fields can't be empty")
    if fields.text("EVENT_COMMAND_ADD"):
        _check_url(call, fields.text("EVENT_COMMAND_ADD"))
        _bind(call, call.world.bots.bots[command.bot].owner, fields.text("EVENT_COMMAND_ADD"))
    titles, hints = languages(fields.get("LANG"))
    changed = replace(
        command,
        name=fields.text("COMMAND").removeprefix("/") or command.name,
        hidden=fields.yes("HIDDEN", default=command.hidden),
        extranet=fields.yes("EXTRANET_SUPPORT", default=command.extranet),
        titles=titles or command.titles,
        params=hints or command.params,
    )
    bots.put_command(call.portal, changed)
    return True


@method("imbot.command.unregister", scope="imbot")
def unregister(call: Call, params: Params) -> Any:
    """Remove a command."""
    bots.drop_command(call.portal, _get_own(call, params))
    return True


@method("imbot.command.answer", scope="imbot")
def answer(call: Call, params: Params) -> Any:
    """Answer a command within ten minutes of its call, and return the id of the message.

    After that, nothing is sent and the result is true.
    """
    command = _get_own(call, params)
    number, messenger, now = params.number("MESSAGE_ID"), call.world.messenger, call.portal.clock.now()
    if number <= 0:
        raise RestError("MESSAGE_ID_EMPTY", "Message ID can't be empty")
    text = params.text("MESSAGE").strip()
    if not text:
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
    message = messenger.messages.get(number)
    objects = content.objects(call, params, bot=command.bot, how="answer", kinds=("attach", "keyboard"))
    menu = content.objects(call, params, bot=params.number("BOT_ID"), how="answer", kinds=("menu",))
    # v1 gives no sign that nothing was sent (behaviour 5.4).
    if message is None or messenger.answerable.get((number, command.id), 0.0) <= now:
        return True
    messenger.answerable[number, command.id] = now + messages.ANSWERABLE
    chat = messenger.chats[message.chat]
    inside = command.bot in chat.members and not params.yes("SYSTEM")
    draft = messages.MessageDraft(
        author=command.bot,
        chat=chat.id,
        text=text if inside else f"[USER={command.bot}][/USER]\n {text}",
        attach=objects.of("attach"),
        keyboard=objects.of("keyboard"),
        menu=None if chat.private else menu.of("menu"),
        system=not inside,
        uninvited=True,
    )
    try:
        return messages.write(call.portal, draft, call.actor).id
    except Refused as because:
        raise RestError("WRONG_REQUEST", "Message isn't added", because=because) from because
