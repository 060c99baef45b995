"""Find the bots that get a message, and the commands in a text (reference: behaviour 5.1, 5.4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from portal.engine.core import Portal
from portal.world.bots import Bot, Command
from portal.world.messenger import Chat, Message
from portal.world.people import User

BUILT_IN = frozenset({"me", "loud", ">>", "rename", "getDialogId", "webrtcDebug"})
"""Commands of the messenger itself.

They count as matched, so no bot gets such a message (behaviour 5.4).
"""

MENTION = re.compile(r"\[USER=(\d{1,18})(?: REPLACE)?\](.*?)\[/USER\]", re.IGNORECASE | re.DOTALL)
_STRIPPED = re.compile(r"\[USER=\d+(?: REPLACE)?\].+?\[/USER\],?")
_SLASH = re.compile(r"^/([^ \n]+)(?: ([^\n]*))?$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCall:
    """A command that was typed in a message or called by a button or menu item."""

    command: Command
    params: str
    context: str = "TEXTAREA"


def mentioned_users(text: str) -> list[int]:
    """Return the ids of the users that a text mentions, in order, each once; the mention of all is ignored."""
    return list(dict.fromkeys(int(found[1]) for found in MENTION.finditer(text)))


def without_mentions(text: str) -> str:
    """Return a text without its mentions and the commas directly after them, trimmed (behaviour 5.3)."""
    return _STRIPPED.sub("", text).strip()


def bots_for(portal: Portal, chat: Chat, text: str) -> list[Bot]:
    """Return the bots of a chat that get a person's message.

    In a private dialog these are all bots, in a group those that the text mentions and those that get all messages.
    """
    bots = portal.world.bots.bots
    present = [bots[member] for member in chat.members if member in bots]
    if chat.private or not present:
        return present
    named = set(mentioned_users(text))
    return [bot for bot in present if bot.gets_all_messages or bot.id in named]


def commands_in(portal: Portal, chat: Chat, message: Message, author: User) -> tuple[bool, list[CommandCall]]:
    """Tell whether a message contains a command, and return the calls of commands that bots have registered.

    A built-in command counts as one, but has no call.
    """
    if "/" not in message.text:
        return False, []
    matched, called = False, list[CommandCall]()
    for found in _SLASH.finditer(message.text):
        name, params = found[1], found[2] or ""
        matched = matched or name in BUILT_IN
        for command in _find_visible(portal, chat, name, author):
            matched = True
            # A repeated command is called once, with the parameters of its last line.
            again = [old for old in called if old.command.id == command.id]
            for old in again:
                called.remove(old)
            called.append(CommandCall(command=command, params=params))
    return matched, called


def _find_visible(portal: Portal, chat: Chat, name: str, author: User) -> Iterator[Command]:
    for command in portal.world.bots.with_name(name):
        if author.extranet and not command.extranet:
            continue
        if command.common or command.bot in chat.members:
            yield command
