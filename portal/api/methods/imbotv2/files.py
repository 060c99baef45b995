"""imbot.v2.File.*, im.v2.File.*, im.v2.Chat.Bot.sendContext: files and context for chats (reference: E2)."""

from typing import Any

from portal.api.call import Call, Fields, Params
from portal.api.methods.im.dialogs import author_of, dialog
from portal.api.methods.imbotv2.messages import dialog as bot_dialog
from portal.api.methods.shared import content
from portal.api.methods.shared.bot_owner import denied, v2_bot
from portal.api.registry import method
from portal.engine.core import Actor
from portal.errors import Refused, RestError
from portal.events import imbot, imbot_v2
from portal.rules.messenger import chats, files
from portal.wire import files as fileshapes
from portal.wire import php
from portal.world.messenger import Chat, File, Message


def _read_file(call: Call, fields: Fields) -> File:
    """Return the file that `fields` gives by name and base64 content.

    Raise FILE_EMPTY, FILE_INVALID_CONTENT or FILE_TOO_LARGE.
    """
    name, given = fields.text("name").strip(), fields.text("content")
    if not name or not given:
        raise RestError("FILE_EMPTY", "File name and content are required")
    read = content.decode_base64(given)
    if not read:
        raise RestError("FILE_INVALID_CONTENT", "Invalid base64 content")
    if len(read) > call.portal.switches.file_limit:
        raise RestError("FILE_TOO_LARGE", "File is too large")
    return File(id=call.world.next_id("file"), name=name.replace("/", "_"), content=read)


@method("imbot.v2.File.upload", scope="imbot", batchable=False)
def bot_upload(call: Call, params: Params) -> Any:
    """Send a file to a chat as a bot, in a new message, and describe the file."""
    bot, fields = v2_bot(call, params), params.inner("fields")
    chat = bot_dialog(call, params, bot)
    if bot.id not in chat.members:
        raise denied(call)
    file = _read_file(call, fields)
    actor = Actor(user=bot.id, hops=call.hops)
    message = files.upload(call.portal, chat, bot.id, file, text=fields.text("message"), actor=actor)
    return _render_upload(chat, message, bot.id, fileshapes.v2_file(file, message, author=author_of(call, message)))


def _render_upload(chat: Chat, message: Message, viewer: int, shown: dict[str, Any]) -> dict[str, Any]:
    return {"file": shown, "messageId": message.id, "chatId": chat.id, "dialogId": chat.dialog_for(viewer)}


@method("imbot.v2.File.download", scope="imbot", batchable=False)
def bot_download(call: Call, params: Params) -> Any:
    """Return a one-time address to download a file from the bot's chats."""
    bot = v2_bot(call, params)
    if call.portal.switches.download_with_dialog and not params.text("dialogId").strip():
        raise RestError("FILE_ACCESS_ERROR", "File access error", int(call.portal.switches.bot_denied_status))
    found = call.world.messenger.file(params.number("fileId"))
    if found is None:
        raise RestError("FILE_NOT_FOUND", "File not found")
    if not _may_see(call, found[1], bot.id):
        raise RestError("FILE_ACCESS_ERROR", "File access error", int(call.portal.switches.bot_denied_status))
    return {"downloadUrl": files.download_address(call.portal, found[0])}


def _may_see(call: Call, message: Message, user: int) -> bool:
    messenger = call.world.messenger
    hidden = messenger.since.get((message.chat, user), 0)
    return user in messenger.chats[message.chat].members and message.id > hidden


def _get_chat(call: Call, params: Params) -> Chat:
    """Return the chat that dialogId names; raise CHAT_NOT_FOUND, or ACCESS_DENIED when the caller is not a member."""
    name = params.text("dialogId").strip()
    known = chats.find(call.portal, name, call.user.id)
    if known is None and not (name.isdecimal() and call.world.user(php.int_of(name))):
        raise RestError("CHAT_NOT_FOUND", "CHAT_NOT_FOUND")
    try:
        return dialog(call, Params({"DIALOG_ID": name}))
    except RestError:
        raise denied(call) from None


@method("im.v2.File.upload", scope="im", batchable=False)
def upload(call: Call, params: Params) -> Any:
    """Send a file to a chat as the caller, in a new message, and describe the file."""
    chat, fields = _get_chat(call, params), params.inner("fields")
    file = _read_file(call, fields)
    try:
        text = fields.text("message")
        message = files.upload(call.portal, chat, call.user.id, file, text=text, actor=call.actor)
    except Refused:
        raise RestError("SEND_FAILED", "Failed to send message") from None
    return _render_upload(chat, message, call.user.id, fileshapes.im2_file(file, message, author=call.user.name))


@method("im.v2.File.download", scope="im", batchable=False)
def download(call: Call, params: Params) -> Any:
    """Return a one-time address to download a file of a chat that the caller is in."""
    chat = _get_chat(call, params)
    found = call.world.messenger.file(params.number("fileId"))
    if found is None or found[1].chat != chat.id or not _may_see(call, found[1], call.user.id):
        raise RestError("FILE_NOT_FOUND", "File not found")
    return {"downloadUrl": files.download_address(call.portal, found[0])}


@method("im.v2.Chat.Bot.sendContext", scope="im")
def send_context(call: Call, params: Params) -> Any:
    """Send each bot of a chat an event that tells from where the caller came to this chat.

    A client calls this method after its user has followed a link to the chat.
    """
    chat, bots = _get_chat(call, params), call.world.bots.bots
    given = params.get("context")
    for member in chat.members if isinstance(given, dict) else ():
        bot = bots.get(member)
        if bot is not None and imbot.hears(call.portal, bot):
            imbot.context_given(call.portal, bot, chat, context=given, actor=call.actor)
        if bot is not None and bot.api == "v2":
            imbot_v2.context_given(call.portal, bot, chat, context=given, actor=call.actor)
    return True
