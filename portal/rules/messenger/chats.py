"""Create chats, add and remove members, and find the chat of a DIALOG_ID."""

import re
from dataclasses import replace
from typing import Any

from portal.engine.core import Actor, Portal
from portal.events import im_v2, imbot, imbot_v2
from portal.world.messenger import Chat, Message

DIALOG = re.compile(r"(chat|sg|crm)?(\d{1,18})\Z", re.IGNORECASE)


def publish_change(portal: Portal, chat: Chat, kind: str, **values: Any) -> None:
    """Publish a change in a chat to all watchers; `kind` is the type of the change.

    A private dialog is published under its DIALOG_ID for each of its two members.
    """
    if not chat.private:
        portal.hub.publish({"type": kind, "dialog": f"chat{chat.id}", **values})
        return
    for member in chat.members:
        portal.hub.publish({"type": kind, "dialog": chat.dialog_for(member), "as": member, **values})


def find(portal: Portal, dialog: str, viewer: int) -> Chat | None:
    """Return the chat that a DIALOG_ID names for a user, or None when there is none.

    For a private dialog, the DIALOG_ID is the id of the other user.
    """
    named = DIALOG.match(dialog.strip())
    if named is None:
        return None
    messenger = portal.world.messenger
    if named[1] is None:
        number = messenger.private.get(frozenset({viewer, int(named[2])}))
        return messenger.chats[number] if number is not None else None
    if named[1].lower() == "sg":
        group = [
            chat for chat in messenger.chats.values() if (chat.entity_type, chat.entity_id) == ("SONET_GROUP", named[2])
        ]
        return group[0] if group else None
    chat = messenger.chats.get(int(named[2]))
    return None if chat is None or chat.private else chat


def private_dialog(portal: Portal, one: int, other: int, actor: Actor) -> Chat:
    """Return the private dialog of two users; create it when it does not exist.

    A bot in a new dialog gets an event, unless a bot opens the dialog.
    """
    known = portal.world.messenger.private.get(frozenset({one, other}))
    if known is not None:
        return portal.world.messenger.chats[known]
    members = (one, other) if one != other else (one,)
    chat = Chat(
        id=portal.world.next_id("chat"), kind="P", members=members, created=portal.clock.now(), owner=actor.user or one
    )
    portal.world.messenger.put(chat)
    publish_change(portal, chat, "chats")
    for member in chat.members:
        # A bot that opens the dialog itself gets no join event (not documented).
        if actor.user not in portal.world.bots.bots:
            _send_join_events(portal, chat, member, actor)
    return chat


def create(portal: Portal, actor: Actor, *, title: str, members: list[int], **rest: Any) -> Chat:
    """Create a group chat that the actor owns, and send join events to the other members."""
    everybody = tuple(dict.fromkeys([actor.user, *members]))
    chat = Chat(
        **{
            "id": portal.world.next_id("chat"),
            "kind": "C",
            "members": everybody,
            "created": portal.clock.now(),
            "title": title,
            "owner": actor.user,
            **rest,
        }
    )
    portal.world.messenger.put(chat)
    publish_change(portal, chat, "chats")
    for member in chat.members:
        if member != actor.user:
            _send_join_events(portal, chat, member, actor)
    return chat


def join(portal: Portal, chat: Chat, users: list[int], actor: Actor, *, history: bool = True) -> bool:
    """Add people to a group chat, and send join events; return False when all are members already.

    Without `history`, they see only later messages.
    """
    new = [user for user in dict.fromkeys(users) if user not in chat.members]
    if not new or chat.private:
        return False
    messenger = portal.world.messenger
    chat = messenger.put(replace(chat, members=(*chat.members, *new)))
    # The newest message id is the border: only later messages are visible.
    for user in new if not history else ():
        messenger.since[chat.id, user] = max(messenger.by_chat[chat.id], default=0)
    for user in new:
        _write_system_message(
            portal, chat, f"[USER={user}]{portal.world.people.users[user].name}[/USER] joined the chat"
        )
        _send_join_events(portal, chat, user, actor)
    publish_change(portal, chat, "chats")
    return True


def leave(portal: Portal, chat: Chat, user: int) -> bool:
    """Remove a user from a group chat; return False when they are not a member."""
    if user not in chat.members or chat.private:
        return False
    portal.world.messenger.since.pop((chat.id, user), None)
    chat = portal.world.messenger.put(without_member(chat, user))
    _write_system_message(portal, chat, f"[USER={user}]{portal.world.people.users[user].name}[/USER] left the chat")
    publish_change(portal, chat, "chats")
    return True


def without_member(chat: Chat, user: int) -> Chat:
    """Return a group chat without one member; nothing is stored.

    If that member owned the chat, the next member becomes the owner.
    """
    left = tuple(member for member in chat.members if member != user)
    managers = tuple(member for member in chat.managers if member != user)
    muted = tuple(member for member in chat.muted if member != user)
    owner = chat.owner if chat.owner != user else next(iter(left), 0)
    return replace(chat, members=left, managers=managers, muted=muted, owner=owner)


def change(portal: Portal, chat: Chat, **values: Any) -> Chat:
    """Change fields of a chat, such as title, colour, owner or managers, and publish the change."""
    chat = portal.world.messenger.put(replace(chat, **values))
    publish_change(portal, chat, "chats")
    return chat


def set_manager(portal: Portal, chat: Chat, user: int, *, manager: bool) -> Chat:
    """Make a member a manager of a chat, or an ordinary member again."""
    others = tuple(member for member in chat.managers if member != user)
    return change(portal, chat, managers=(*others, user) if manager else others)


def mark_unread(portal: Portal, user: int, chat: Chat, *, unread: bool) -> None:
    """Mark a chat as unread by hand, or remove the mark, for one person."""
    preferences = portal.world.preferences
    mark = preferences.mark(user, chat.id)
    if mark.unread != unread:
        preferences.marks[user, chat.id] = replace(mark, unread=unread)
        publish_change(portal, chat, "chats")


def find_by_entity(portal: Portal, kind: str, number: str) -> Chat | None:
    """Return the chat that belongs to an entity (ENTITY_TYPE, ENTITY_ID), or None."""
    if not kind or not number:
        return None
    rows = portal.world.messenger.chats.values()
    return next((chat for chat in rows if (chat.entity_type, chat.entity_id) == (kind, number)), None)


def _write_system_message(portal: Portal, chat: Chat, text: str) -> None:
    """Write a system message; bots get no event about it."""
    number = portal.world.next_id("message")
    date = portal.clock.now()
    message = Message(id=number, chat=chat.id, author=0, date=date, text=text, system=True)
    portal.world.messenger.write(message)
    im_v2.message_added(portal, message)
    publish_change(portal, chat, "message", message=number)


def _send_join_events(portal: Portal, chat: Chat, user: int, actor: Actor) -> None:
    bot = portal.world.bots.bots.get(user)
    if user != actor.user:
        im_v2.joined(portal, chat, user, by=actor.user)
    if bot is None or user == actor.user:
        return
    if imbot.hears(portal, bot):
        imbot.joined(portal, bot, chat, actor)
    if bot.api == "v2":
        imbot_v2.joined(portal, bot, chat, actor)
