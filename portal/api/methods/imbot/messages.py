"""imbot.message.*: messages of a bot of the first generation (reference: F2, behaviour 4.2)."""

import re
from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.im import messages as im_messages
from portal.api.methods.shared import content
from portal.api.methods.shared.bot_owner import v1_bot
from portal.api.registry import method
from portal.engine.core import Actor
from portal.errors import Refused, RestError
from portal.rules.messenger import chats, messages
from portal.world.bots import Bot
from portal.world.messenger import Chat

_DIALOG = re.compile(r"(\d{1,18}|(chat|sg|crm)\d{1,18})\Z", re.IGNORECASE)
NOT_ADDED = "Message isn't added"


@method("imbot.message.add", scope="imbot")
def add(call: Call, params: Params) -> Any:
    """Write a message as a bot and return its id.

    The text must not be empty, even with an ATTACH. TEMPLATE_ID is not read, so no repeat is ever dropped (source 1.1).
    """
    bot = v1_bot(call, params)
    one, other = params.number("FROM_USER_ID"), params.number("TO_USER_ID")
    chat = _get_private_dialog(call, one, other) if one > 0 and other > 0 else dialog(call, params, bot)
    text = params.text("MESSAGE").strip()
    if not text:
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
    objects = content.objects(call, params, bot=bot.id, how="add")
    system = params.yes("SYSTEM") or (one > 0 and other > 0)
    draft = messages.MessageDraft(
        author=bot.id,
        chat=chat.id,
        text=_add_bot_name(call, bot, chat, text) if system else text,
        attach=objects.of("attach"),
        keyboard=objects.of("keyboard"),
        menu=objects.of("menu"),
        system=system,
        uninvited=system,
    )
    try:
        return messages.write(call.portal, draft, call.actor).id
    except Refused as because:
        raise RestError("WRONG_REQUEST", NOT_ADDED, because=because) from because


def _get_private_dialog(call: Call, one: int, other: int) -> Chat:
    if call.world.user(one) is None or call.world.user(other) is None:
        raise RestError("WRONG_REQUEST", NOT_ADDED)
    return chats.private_dialog(call.portal, one, other, call.actor)


def _add_bot_name(call: Call, bot: Bot, chat: Chat, text: str) -> str:
    """Return the text of a system message with the name of the bot before it (behaviour 4.4).

    In a private dialog of the bot itself, the text stays unchanged.
    """
    if bot.id in chat.members and chat.private:
        return text
    name = call.world.people.users[bot.id].name
    return f"from [USER={bot.id}][/USER][BR]{text}" if chat.private else f"{name}:[br]{text}"


def dialog(call: Call, params: Params, bot: Bot) -> Chat:
    """Return the chat that DIALOG_ID names for a bot; create a private dialog with a person when there is none.

    Raise RestError when there is no such chat or person.
    """
    name = params.text("DIALOG_ID").strip()
    if not _DIALOG.match(name) or name == "0":
        raise RestError("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
    if name.isdecimal():
        if call.world.user(int(name)) is None:
            raise RestError("WRONG_REQUEST", NOT_ADDED)
        return chats.private_dialog(call.portal, bot.id, int(name), Actor(user=bot.id, hops=call.hops))
    chat = chats.find(call.portal, name, bot.id)
    if chat is None:
        raise RestError("WRONG_REQUEST", NOT_ADDED)
    return chat


@method("imbot.message.update", scope="imbot")
def update(call: Call, params: Params) -> Any:
    """Edit a message of the bot.

    An empty text deletes the message, "N" removes a keyboard, menu or attach.
    """
    bot = v1_bot(call, params)
    return im_messages.change(call, params, user=bot.id, bot=bot.id, menu_code="MENU_ERROR")


@method("imbot.message.delete", scope="imbot")
def delete(call: Call, params: Params) -> Any:
    """Delete a message of the bot; with COMPLETE, leave no note in its place."""
    return im_messages.remove(call, params, user=v1_bot(call, params).id, complete=params.yes("COMPLETE"))


@method("imbot.message.like", scope="imbot")
def like(call: Call, params: Params) -> Any:
    """Like a message as a bot (ACTION=plus), remove the like (minus), or switch it."""
    bot = v1_bot(call, params)
    return im_messages.change_like(call, params, actor=Actor(user=bot.id, hops=call.hops))
