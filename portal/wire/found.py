"""Messages and reactions as im.dialog.messages.search shows them, which mixes two ways to write names."""

from portal.wire import message_shapes
from portal.wire.shapes import Shape
from portal.world.memory import World
from portal.world.messenger import Message


def message(world: World, row: Message, *, viewer: int) -> Shape:
    """Return a message as im.dialog.messages.search shows it: as imbot.v2, with some names in snake case."""
    renamed = {"chatId": "chat_id", "authorId": "author_id"}
    shown = {
        renamed.get(name, name): value for name, value in message_shapes.v2_message(world, row, viewer=viewer).items()
    }
    return shown | {"uuid": row.template or None, "params": message_shapes.params(row) or []}


def reactions(message: Message, *, viewer: int) -> Shape:
    """Return the reactions to a message, by reaction."""
    users: dict[str, list[int]] = {}
    for user, reaction in message.reactions:
        users.setdefault(reaction, []).append(user)
    return {
        "messageId": message.id,
        "reactionCounters": {reaction: len(named) for reaction, named in users.items()},
        "reactionUsers": users,
        "ownReactions": [reaction for reaction, named in users.items() if viewer in named],
    }


def in_camel_case(shown: Shape) -> Shape:
    """Return an object with names like lastName instead of last_name."""
    words = {name: name.split("_") for name in shown}
    return {"".join([words[name][0], *(word.title() for word in words[name][1:])]): shown[name] for name in shown}
