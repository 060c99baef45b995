"""Send events to bots that were registered through imbot.* (reference: F3, behaviour 5.2, 5.3)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from portal.engine.core import Actor, Portal
from portal.events import auth as auths
from portal.events.recipients import CommandCall, mentioned_users, without_mentions
from portal.wire import files, message_shapes
from portal.world.apps import App, Handler
from portal.world.bots import Bot
from portal.world.messenger import Chat, Message
from portal.world.people import User

Params = dict[str, Any]
CUSTOM = "custom"
"""Prefix of the CLIENT_ID of a bot that belongs to a webhook."""

DEFAULT_PARAMS: Params = {
    "PUSH": "Y",
    "PUSH_IMPORTANT": "N",
    "RECENT_SKIP_AUTHOR": "N",
    "CONVERT": "N",
    "SKIP_COMMAND": "N",
    "SKIP_COUNTER_INCREMENTS": "N",
    "SILENT_CONNECTOR": "N",
    "SKIP_CONNECTOR": "N",
    "IMPORTANT_CONNECTOR": "N",
    "NO_SESSION_OL": "N",
    "FAKE_RELATION": "0",
    "SKIP_URL_INDEX": "N",
}

_OF_MESSAGE = frozenset({"REPLY_ID", "FORWARD_ID", "FORWARD_CONTEXT_ID", "FORWARD_USER_ID"})
"""The parameters of the message itself, which stand in a group PARAMS inside PARAMS."""


def hears(portal: Portal, bot: Bot) -> bool:
    """Tell whether the v1 handlers of a bot's application get the events of this bot.

    Those of a bot of imbot.v2 come in both formats when they are pushed (source: 2.20).
    """
    return bot.api == "v1" or (portal.switches.both_formats and bot.event_mode == "webhook")


def message_added(portal: Portal, bots: Iterable[Bot], message: Message, actor: Actor) -> None:
    """Send one event about a new message to each application, with all its bots."""
    chat, author = portal.world.messenger.chats[message.chat], portal.world.people.users[message.author]
    params = _common_params(portal, chat, message, author, bots=tuple(bots)) | _message_params(chat, message)
    if not chat.private:
        params |= {"MESSAGE": without_mentions(message.text), "MESSAGE_ORIGINAL": message.text}
    data = {"PARAMS": params, "USER": _render_user(author, marks=True)}
    if message.files:
        params["FILE_ID"] = [file.id for file in message.files]
        data["FILES"] = {str(file.id): files.v1_file(file, chat.id) for file in message.files}
    _send(portal, "ONIMBOTMESSAGEADD", bots, data, actor)


def message_changed(portal: Portal, event: str, bots: Iterable[Bot], message: Message, *, actor: Actor) -> None:
    """Send one event about an edited or deleted message to each application, with all its bots.

    `event` is ONIMBOTMESSAGEUPDATE or ONIMBOTMESSAGEDELETE.
    """
    chat, author = portal.world.messenger.chats[message.chat], portal.world.people.users[message.author]
    params: Params = {
        "ID": message.id,
        "CHAT_ID": chat.id,
        "AUTHOR_ID": author.id,
        "MESSAGE": message.text,
        "MESSAGE_TYPE": chat.kind,
        "CHAT_AUTHOR_ID": chat.owner,
        **({} if chat.private else {"CHAT_ENTITY_TYPE": chat.entity_type}),
        "CHAT_ENTITY_ID": chat.entity_id,
        "CHAT_ENTITY_DATA_1": "",
        "CHAT_ENTITY_DATA_2": "",
        "CHAT_ENTITY_DATA_3": "",
    }
    if chat.private:
        params |= {"FROM_USER_ID": author.id, "TO_USER_ID": int(chat.dialog_for(author.id))}
    if event == "ONIMBOTMESSAGEUPDATE":
        params |= {"CHAT_USER_COUNT": len(chat.members), "PLATFORM_CONTEXT": "web"}
        if not chat.private:
            names = {str(number): number for number in mentioned_users(message.text)}
            params |= {"MENTIONED_LIST": names, "MESSAGE_ORIGINAL": message.text}
            params["MESSAGE"] = without_mentions(message.text)
            params["TO_USER_ID"] = next(iter(names.values()), 0)
    dialog = str(author.id) if chat.private else f"chat{chat.id}"
    params |= {
        "DIALOG_ID": dialog,
        "MESSAGE_ID": message.id,
        "CHAT_TYPE": chat.kind,
        "LANGUAGE": portal.event_language(author.id),
    }
    # In a group there is no FROM_USER_ID, and without it no USER (behaviour 5.3).
    user = {"USER": _render_user(author, marks=True)} if chat.private else {}
    _send(portal, event, bots, {"PARAMS": params, **user}, actor)


def joined(portal: Portal, bot: Bot, chat: Chat, actor: Actor) -> None:
    """Send ONIMBOTJOINCHAT to a bot that was added to a chat, or with which a private dialog was opened."""
    user = portal.world.people.users.get(actor.user)
    params: Params = {"CHAT_TYPE": chat.kind, "MESSAGE_TYPE": chat.kind, "BOT_ID": bot.id, "USER_ID": actor.user}
    if chat.private:
        params |= {"TO_USER_ID": actor.user, "FROM_USER_ID": bot.id, "DIALOG_ID": str(actor.user)}
    else:
        params |= {
            "CHAT_ID": chat.id,
            "CHAT_AUTHOR_ID": chat.owner,
            "CHAT_ENTITY_TYPE": chat.entity_type,
            "CHAT_ENTITY_ID": chat.entity_id,
            "ACCESS_HISTORY": (chat.id, bot.id) not in portal.world.messenger.since,
            "DIALOG_ID": f"chat{chat.id}",
        }
    params["LANGUAGE"] = portal.event_language(actor.user)
    data = {"PARAMS": params, **({"USER": _render_user(user, marks=False)} if user else {})}
    _send(portal, "ONIMBOTJOINCHAT", [bot], data, actor, refresh=False)


def context_given(portal: Portal, bot: Bot, chat: Chat, *, context: Params, actor: Actor) -> None:
    """Send ONIMBOTCONTEXTGET, which tells from where a person came to the dialog with this bot.

    It is not documented; only its name and the parameter EVENT_CONTEXT_GET are known (source: 2.19).
    """
    user = portal.world.people.users[actor.user]
    params: Params = {
        "BOT_ID": bot.id,
        "USER_ID": user.id,
        "CHAT_ID": chat.id,
        "CHAT_TYPE": chat.kind,
        "DIALOG_ID": chat.dialog_for(bot.id),
        "CONTEXT": context,
        "LANGUAGE": user.language,
    }
    _send(portal, "ONIMBOTCONTEXTGET", [bot], {"PARAMS": params, "USER": _render_user(user, marks=False)}, actor)


def deleted(portal: Portal, bot: Bot, actor: Actor) -> None:
    """Send ONIMBOTDELETE to an unregistered bot, with the id and code of the bot only."""
    data = {"BOT_ID": bot.id, "BOT_CODE": bot.code}
    for handler in _find_handlers(portal, "ONIMBOTDELETE", bot.owner):
        _post(portal, handler, data, actor, refresh=False)


def commands_called(portal: Portal, called: Iterable[CommandCall], message: Message, *, actor: Actor) -> None:
    """Send one event to each application, with all its commands that a message has called."""
    chat, user = portal.world.messenger.chats[message.chat], portal.world.people.users[actor.user]
    params = _common_params(portal, chat, message, user, bots=()) | {
        "SKIP_USER_CHECK": "Y",
        "RECENT_ADD": "Y",
        "BOT_IN_CHAT": {str(number): number for number in chat.members if number in portal.world.bots.bots},
        "CHAT_PARENT_ID": 0,
        "CHAT_PARENT_MID": 0,
    }
    if not chat.private:
        del params["TO_USER_ID"]  # documented: for private dialogs only
    if message.files:
        params["FILE_ID"] = [file.id for file in message.files]
    by_owner: dict[str, list[CommandCall]] = defaultdict(list)
    for one in called:
        by_owner[portal.world.bots.bots[one.command.bot].owner].append(one)
    for owner, own in by_owner.items():
        for handler in _find_handlers(portal, "ONIMCOMMANDADD", owner):
            entries = {str(one.command.id): _render_command(portal, owner, one, message, actor) for one in own}
            data = {"COMMAND": entries, "PARAMS": params, "USER": _render_user(user, marks=False)}
            _post(portal, handler, data, actor, refresh=True)


def _render_command(portal: Portal, owner: str, one: CommandCall, message: Message, actor: Actor) -> Params:
    bot = portal.world.bots.bots[one.command.bot]
    return {
        **_render_bot(portal, owner, bot, actor),
        "COMMAND": one.command.name,
        "COMMAND_ID": one.command.id,
        "COMMAND_PARAMS": one.params,
        "COMMAND_CONTEXT": one.context,
        "MESSAGE_ID": message.id,
    }


def _send(portal: Portal, event: str, bots: Iterable[Bot], data: Params, actor: Actor, *, refresh: bool = True) -> None:
    by_owner: dict[str, list[Bot]] = defaultdict(list)
    for bot in bots:
        by_owner[bot.owner].append(bot)
    for owner, own in by_owner.items():
        for handler in _find_handlers(portal, event, owner):
            entries = {str(bot.id): _render_bot(portal, owner, bot, actor) for bot in own}
            _post(portal, handler, {"BOT": entries, **data}, actor, refresh=refresh)


def _find_handlers(portal: Portal, event: str, owner: str) -> list[Handler]:
    return [row for row in portal.world.apps.listening(event) if row.client_id == owner]


def _post(portal: Portal, handler: Handler, data: Params, actor: Actor, *, refresh: bool) -> None:
    app = portal.world.apps.apps.get(handler.client_id)
    if app is not None and not app.installed:
        return
    url = handler.url
    if app is None:
        client = handler.client_id.removeprefix(CUSTOM)
        url += ("&" if "?" in url else "?") + urlencode({"CLIENT_ID": client})
        auth = auths.auth_without_tokens(portal, auths.webhook_token(portal, handler.client_id))
    else:
        auth = auths.bot_event_auth(portal, app, actor, refresh=refresh)
    portal.event_sender.send(url, auths.event_envelope(portal, handler.event, data=data, auth=auth, handler=handler.id))


def _render_bot(portal: Portal, owner: str, bot: Bot, actor: Actor) -> Params:
    app: App | None = portal.world.apps.apps.get(owner)
    tokens = auths.bot_auth(portal, app, Actor(user=bot.id, hops=actor.hops)) if app and actor.user else {}
    return {**tokens, "BOT_ID": bot.id, "BOT_CODE": bot.code}


def _common_params(portal: Portal, chat: Chat, message: Message, author: User, *, bots: tuple[Bot, ...]) -> Params:
    """Return those fields of PARAMS that events of messages and of commands have in common."""
    params: Params = {
        "MESSAGE": message.text,
        "TEMPLATE_ID": message.template,
        "MESSAGE_TYPE": chat.kind,
        "FROM_USER_ID": author.id,
        "DIALOG_ID": str(author.id) if chat.private else f"chat{chat.id}",
        "TO_CHAT_ID": chat.id,
        "AUTHOR_ID": author.id,
        "SYSTEM": "N",
        "TO_USER_ID": int(chat.dialog_for(author.id)) if chat.private else (mentioned_users(message.text) or [0])[0],
        **DEFAULT_PARAMS,
        "MESSAGE_ID": message.id,
        "CHAT_TYPE": chat.kind,
        "LANGUAGE": portal.event_language(author.id),
    }
    if own := {
        name: value for name, value in message_shapes.params_v1(portal.world, message).items() if name in _OF_MESSAGE
    }:
        params["PARAMS"] = own
    return params if chat.private else params | _group_params(chat, message, author, bots)


def _message_params(chat: Chat, message: Message) -> Params:
    """Return those fields of PARAMS that only ONIMBOTMESSAGEADD has."""
    params: Params = {
        "COMMAND_CONTEXT": "TEXTAREA",
        "CHAT_USER_COUNT": len(chat.members),
        "PLATFORM_CONTEXT": "web",
    }
    if not chat.private:
        params["MENTIONED_LIST"] = {str(number): number for number in mentioned_users(message.text)}
    return params


def _group_params(chat: Chat, message: Message, author: User, bots: tuple[Bot, ...]) -> Params:
    return {
        "CHAT_ID": chat.id,
        "CHAT_TITLE": chat.title,
        "CHAT_AUTHOR_ID": chat.owner,
        "CHAT_AVATAR": "",
        "CHAT_COLOR": chat.color,
        "CHAT_ENTITY_TYPE": chat.entity_type,
        "CHAT_ENTITY_ID": chat.entity_id,
        "CHAT_ENTITY_DATA_1": "",
        "CHAT_ENTITY_DATA_2": "",
        "CHAT_ENTITY_DATA_3": "",
        "CHAT_EXTRANET": "Y" if author.extranet else "N",
        "CHAT_PREV_MESSAGE_ID": max(0, message.id - 1),
        "CHAT_CAN_POST": "ALL",
        "RID": bots[0].id if bots else author.id,
        "IS_MANAGER": "Y" if author.id in (*chat.managers, chat.owner) else "N",
    }


def _render_user(user: User, *, marks: bool) -> Params:
    shown: Params = {
        "ID": user.id,
        "NAME": user.name,
        "FIRST_NAME": user.first_name,
        "LAST_NAME": user.last_name,
        "WORK_POSITION": user.position,
        "GENDER": user.gender or "M",
    }
    if marks:
        shown |= {"IS_BOT": "N", "IS_CONNECTOR": "N", "IS_NETWORK": "N", "IS_EXTRANET": "Y" if user.extranet else "N"}
    return shown
