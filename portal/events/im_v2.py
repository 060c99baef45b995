"""Queue events of im.v2 for people who subscribed to the events of their chats (reference: E4).

These events are fetched, never pushed.
"""

from typing import Any

from portal.engine.core import Portal
from portal.wire import message_shapes, shapes
from portal.world.messenger import Chat, Message
from portal.world.queues import fetched as event_queues

Data = dict[str, Any]
RETENTION = 24 * 3600
"""Seconds that an event is kept (reference: im.v2.Event.subscribe)."""


def message_added(portal: Portal, message: Message) -> None:
    """Queue an event about a new message for all subscribed members."""
    if portal.world.subscriptions.queues:
        _queue_for_members(
            portal, "ONIMV2MESSAGEADD", message, {"message": message_shapes.v2_message(portal.world, message)}
        )


def message_updated(portal: Portal, message: Message) -> None:
    """Queue an event about an edited message for all subscribed members."""
    if portal.world.subscriptions.queues:
        _queue_for_members(
            portal, "ONIMV2MESSAGEUPDATE", message, {"message": message_shapes.v2_message(portal.world, message)}
        )


def message_deleted(portal: Portal, message: Message) -> None:
    """Queue an event about a deleted message for all subscribed members, with the id of the message only."""
    _queue_for_members(portal, "ONIMV2MESSAGEDELETE", message, {"messageId": message.id})


def reacted(portal: Portal, message: Message, *, reaction: str, added: bool, user: int) -> None:
    """Queue an event about a reaction that was added or removed, for all subscribed members of the chat."""
    if portal.world.subscriptions.queues:
        shown = message_shapes.v2_message(portal.world, message)
        data = {"reaction": reaction, "action": "add" if added else "delete", "message": shown}
        _queue_for_members(portal, "ONIMV2REACTIONCHANGE", message, data, user=user)


def joined(portal: Portal, chat: Chat, member: int, *, by: int) -> None:
    """Queue an event for the person `member`, if subscribed, whom `by` has added to a chat."""
    if member in portal.world.subscriptions.queues:
        _queue(
            portal, "ONIMV2JOINCHAT", chat, member, {"dialogId": chat.dialog_for(member), **_render_user(portal, by)}
        )


def _queue_for_members(portal: Portal, event: str, message: Message, data: Data, *, user: int | None = None) -> None:
    chat, queues = portal.world.messenger.chats[message.chat], portal.world.subscriptions.queues
    about = {**data, **_render_user(portal, message.author if user is None else user)}
    for member in chat.members:
        if member in queues and message.id > portal.world.messenger.since.get((chat.id, member), 0):
            _queue(portal, event, chat, member, about)


def _queue(portal: Portal, event: str, chat: Chat, member: int, data: Data) -> None:
    now = portal.clock.now()
    shown = {**data, "chat": shapes.im2_chat(portal.world, chat, viewer=member)}
    fetched = event_queues.QueuedEvent(id=portal.world.next_id("event"), type=event, date=now, data=shown)
    event_queues.put(portal.world.subscriptions.queues[member], fetched, kept=RETENTION)
    portal.hub.publish({"type": "delivery", "event": event, "user": member})


def _render_user(portal: Portal, number: int) -> Data:
    user = portal.world.people.users.get(number)
    shown = shapes.v2_user(user, online=False) if user else None
    return {"user": shown, "language": portal.event_language(number)}
