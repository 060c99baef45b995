"""Send events to bots that were registered through imbot.v2.* (reference: E4, behaviour 6.2, 6.3).

Each event is pushed to the address of the bot, or queued until the bot fetches it.
"""

from typing import Any

from portal.engine.core import Actor, Portal
from portal.engine.event_delivery import JsonEnvelope
from portal.events import auth as auths
from portal.events.recipients import CommandCall
from portal.wire import message_shapes, php, shapes
from portal.world.bots import Bot
from portal.world.messenger import Chat, Message
from portal.world.people import User
from portal.world.queues import fetched as event_queues

Data = dict[str, Any]
CONTEXT = "ONIMBOTV2CONTEXTGET"


def message_added(portal: Portal, bot: Bot, message: Message, actor: Actor) -> None:
    """Send an event about a new message to one bot."""
    _send(portal, "ONIMBOTV2MESSAGEADD", bot, _message_data(portal, bot, message), actor)


def message_updated(portal: Portal, bot: Bot, message: Message, actor: Actor) -> None:
    """Send an event about an edited message to one bot."""
    _send(portal, "ONIMBOTV2MESSAGEUPDATE", bot, _message_data(portal, bot, message), actor)


def message_deleted(portal: Portal, bot: Bot, message: Message, actor: Actor) -> None:
    """Send an event about a deleted message to one bot, with the id instead of the message."""
    data = _message_data(portal, bot, message)
    del data["message"]
    _send(portal, "ONIMBOTV2MESSAGEDELETE", bot, {"messageId": message.id, **data}, actor)


def command_called(portal: Portal, bot: Bot, called: CommandCall, message: Message, *, actor: Actor) -> None:
    """Send an event about one called command to its bot; two commands in a message are two events."""
    command = {
        "id": called.command.id,
        "command": f"/{called.command.name}",
        "params": called.params,
        "context": called.context.lower(),
    }
    chat, user = portal.world.messenger.chats[message.chat], portal.world.people.users[actor.user]
    data = {
        "command": command,
        "message": message_shapes.v2_message(portal.world, message),
        **_chat_data(portal, chat, bot, user),
    }
    _send(portal, "ONIMBOTV2COMMANDADD", bot, data, actor)


def joined(portal: Portal, bot: Bot, chat: Chat, actor: Actor) -> None:
    """Send an event to a bot that was added to a chat; like the last event, it has no refresh token."""
    user = portal.world.people.users.get(actor.user)
    data = {"dialogId": chat.dialog_for(bot.id), **_chat_data(portal, chat, bot, user)}
    _send(portal, "ONIMBOTV2JOINCHAT", bot, data, actor, refresh=False)


def reacted(portal: Portal, bot: Bot, message: Message, *, reaction: str, added: bool, actor: Actor) -> None:
    """Send an event about a reaction, which was added or removed, to one bot."""
    chat, user = portal.world.messenger.chats[message.chat], portal.world.people.users[actor.user]
    shown = message_shapes.v2_message(portal.world, message)
    data = {
        "reaction": reaction,
        "action": "add" if added else "delete",
        "message": shown,
        **_chat_data(portal, chat, bot, user),
    }
    _send(portal, "ONIMBOTV2REACTIONCHANGE", bot, data, actor)


def context_given(portal: Portal, bot: Bot, chat: Chat, *, context: Data, actor: Actor) -> None:
    """Send one bot an event that tells from where a person came to the dialog with this bot."""
    user = portal.world.people.users[actor.user]
    dialog = chat.dialog_for(bot.id)
    _send(portal, CONTEXT, bot, {"dialogId": dialog, "context": context, **_chat_data(portal, chat, bot, user)}, actor)


def deleted(portal: Portal, bot: Bot, actor: Actor) -> None:
    """Send the last event of a bot that was unregistered."""
    _send(portal, "ONIMBOTV2DELETE", bot, {}, actor, refresh=False)


def _message_data(portal: Portal, bot: Bot, message: Message) -> Data:
    chat, author = portal.world.messenger.chats[message.chat], portal.world.people.users[message.author]
    return {"message": message_shapes.v2_message(portal.world, message), **_chat_data(portal, chat, bot, author)}


def _chat_data(portal: Portal, chat: Chat, bot: Bot, user: User | None) -> Data:
    """Return those fields that nearly all events have; `user` None means that automation did it."""
    return {
        "chat": shapes.v2_event_chat(chat, viewer=bot.id),
        "user": shapes.v2_user(user, online=False) if user else None,
        "language": portal.event_language(user.id if user else 0),
    }


def _send(portal: Portal, event: str, bot: Bot, data: Data, actor: Actor, *, refresh: bool = True) -> None:
    """Push an event to the bot's address, or add it to the bot's queue in fetch mode.

    An event to push for an application that is not installed is dropped.
    """
    if bot.event_mode == "fetch":
        shown = {"bot": shapes.v2_bot(portal.world, bot, own=True), **data}
        queue = portal.world.bots.queues.setdefault(bot.id, event_queues.EventQueue())
        number, now = portal.world.next_id("event"), portal.clock.now()
        fetched = event_queues.QueuedEvent(id=number, type=event, date=now, data=shown)
        event_queues.put(queue, fetched, kept=portal.switches.bot_retention)
        portal.hub.publish({"type": "delivery", "event": event, "bot": bot.id})
        return
    app = portal.world.apps.apps.get(bot.owner)
    if app is None:
        auth = auths.auth_without_tokens(portal, auths.webhook_token(portal, bot.owner))
    elif app.installed:
        auth = auths.user_auth(portal, app, actor, refresh=refresh and portal.switches.refresh_in_events)
    else:
        return
    head = {"id": bot.id, "code": bot.code, "auth": _bot_auth(portal, bot, actor, auth)}
    body = {"bot": head, **_without_nulls(data)}
    portal.event_sender.send(bot.webhook_url, _make_envelope(portal, event, body, auth))


def _bot_auth(portal: Portal, bot: Bot, actor: Actor, auth: Data) -> Data:
    """Return data.bot.auth: tokens of the bot, or of the acting user with the switch `v2_token_of`.

    Those of the bot always include a refresh token (source: 2.1). The result is empty when the bot belongs to a webhook
    (reference: Appendix 1.6).
    """
    app = portal.world.apps.apps.get(bot.owner)
    if app is None or "access_token" not in auth:
        return {}
    if portal.switches.v2_token_of == "actor":  # noqa: S105 - not a password
        return auth
    token_user = Actor(user=bot.id, hops=actor.hops)
    return auths.user_auth(portal, app, token_user, refresh=True)


def _make_envelope(portal: Portal, event: str, body: Data, auth: Data) -> Data:
    """Return the event to send as a form; with the switch `webhook_body`, as JSON whose values are strings."""
    envelope = auths.event_envelope(portal, event, data=body, auth=auth)
    if portal.switches.webhook_body == "form":
        return envelope
    # The JSON of pushed events has the same texts as the form (reference: Appendix 1.2).
    pushed = JsonEnvelope(php.scalars_to_text(envelope))
    if event == CONTEXT and portal.switches.context_user_number:
        pushed["data"]["user"]["id"] = int(pushed["data"]["user"]["id"])
    return pushed


def _without_nulls(value: Any) -> Any:
    """Return a copy of data with "" for null, as the events page says about pushed events."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items()}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
