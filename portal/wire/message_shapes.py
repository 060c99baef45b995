"""Messages as answers and events show them (reference: E3, F4)."""

from portal.clock import iso
from portal.wire.shapes import Shape
from portal.world.memory import World
from portal.world.messenger import Forward, Message


def v2_message(world: World, message: Message, *, viewer: int | None = None) -> Shape:
    """Return a message as imbot.v2 shows it.

    With a viewer, the result also says whether this person has read it.
    """
    messenger, read = world.messenger, world.messenger.read
    members = messenger.chats[message.chat].members
    shown: Shape = {
        "id": message.id,
        "chatId": message.chat,
        "authorId": message.author,
        "date": iso(message.date),
        "text": message.text,
        "isSystem": message.system,
        "uuid": message.template,
        "forward": _forward(world, message),
        "params": params(message),
        "viewedByOthers": any(
            read.get((message.chat, member), 0) >= message.id for member in members if member != message.author
        ),
    }
    if viewer is None:
        return shown
    viewed = message.author == viewer or read.get((message.chat, viewer), 0) >= message.id
    return shown | {"unread": not viewed, "viewed": viewed}


def _forward(world: World, message: Message) -> Shape | None:
    first = message.forward
    if first is None:
        return None
    return {
        "id": _context(world, first),
        "userId": first.author,
        "chatId": first.chat,
        "date": iso(first.date),
    }


def _context(world: World, first: Forward) -> str:
    """Return where a forwarded message was written: `chat5/120`, or the ids of both people, `2:7/120`."""
    chat = world.messenger.chats[first.chat]
    people = ":".join(map(str, sorted(chat.members)))
    return f"{people if chat.private else f'chat{chat.id}'}/{first.message}"


def params_v1(world: World, message: Message) -> Shape:
    """Return the `params` of a message, with those that say where a forwarded message comes from.

    imbot.v2 has them in `forward` instead.
    """
    first = message.forward
    if first is None:
        return params(message)
    return params(message) | {
        "FORWARD_ID": first.message,
        "FORWARD_CONTEXT_ID": _context(world, first),
        "FORWARD_USER_ID": first.author,
    }


def params(message: Message) -> Shape:
    """Return the `params` of a message: those of its objects and marks that are not empty.

    Not all keys are documented; these are known from im.dialog.messages.get.
    """
    everything: Shape = {
        "ATTACH": [message.attach] if message.attach else None,
        "KEYBOARD": message.keyboard,
        "MENU": message.menu,
        "FILE_ID": [file.id for file in message.files],
        "REPLY_ID": message.reply_to,
        "LIKE": list(message.likes),
        "IS_EDITED": "Y" if message.edited else None,
        "IS_DELETED": "Y" if message.deleted else None,
    }
    return {name: value for name, value in everything.items() if value}


def im_message(world: World, message: Message, *, viewer: int) -> Shape:
    """Return a message as im.dialog.messages.get shows it; empty params are []."""
    seen = world.messenger.read.get((message.chat, viewer), 0)
    return {
        "id": message.id,
        "chat_id": message.chat,
        "author_id": message.author,
        "date": iso(message.date),
        "text": message.text,
        "unread": message.id > seen and message.author != viewer,
        "uuid": message.template or None,
        "replaces": [],
        "params": params_v1(world, message) or [],
        "disappearing_date": None,
    }
