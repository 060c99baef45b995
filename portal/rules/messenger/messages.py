"""Write, edit and delete messages, and send the events about it (reference: behaviour 4, 5)."""

import re
from dataclasses import dataclass, replace
from typing import Any

from portal.clock import written
from portal.engine.core import Actor, Portal
from portal.errors import Refused
from portal.events import im_v2, imbot, imbot_v2, recipients
from portal.rules.messenger import chats
from portal.world.bots import Bot
from portal.world.messenger import Chat, File, Forward, Message

EDIT_WINDOW = 259_200
"""Seconds in which a message may be edited: three days (behaviour 4.6)."""
TEXT_LIMIT = 20_000
TEXT_SLACK = 20_006
"""A longer text is cut to TEXT_LIMIT and marked, without an error (behaviour 4.5)."""
ANSWERABLE = 600
"""Seconds in which a command may be answered (behaviour 5.4)."""
MANY = 10_000
TYPING = 25
"""Seconds for which "is typing" is shown."""

_BREAK = re.compile(r"\[br\]|#br#", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The content of a new message."""

    author: int
    chat: int
    text: str = ""
    attach: dict[str, Any] | None = None
    keyboard: list[dict[str, Any]] | None = None
    menu: list[dict[str, Any]] | None = None
    files: tuple[File, ...] = ()
    reply_to: int | None = None
    template: str = ""
    system: bool = False
    forward: Forward | None = None
    uninvited: bool = False
    """Whether the message is written although the author is no member."""


def tidy(text: str) -> str:
    """Return a text as it is stored: real line breaks, trimmed, cut when too long."""
    text = _BREAK.sub("\n", text).strip()
    return text if len(text) <= TEXT_SLACK else f"{text[:TEXT_LIMIT]} (...)"


def write(portal: Portal, draft: Draft, actor: Actor) -> Message:
    """Write a message; a repeated template id returns the first message.

    Raise Refused: CANCELED when the author is no member, TEXT_FIELD_DISABLED when a bot has hidden the input field.
    """
    talk = portal.world.talk
    chat, bots = talk.chats[draft.chat], portal.world.bots.bots
    if draft.author not in chat.members and not draft.uninvited:
        raise Refused("CANCELED", "You do not have permission to send messages to this chat")
    if not chat.text_field and not draft.system and draft.author not in bots:
        raise Refused("TEXT_FIELD_DISABLED", "The text field is disabled in this chat")
    key = (chat.id, draft.author, draft.template)
    if draft.template and talk.templates.get(key) in talk.messages:
        return talk.messages[talk.templates[key]]
    message = talk.write(_message(portal, draft))
    if draft.template:
        talk.templates[key] = message.id
    talk.read[chat.id, draft.author] = message.id
    talk.typing.pop((chat.id, draft.author), None)
    chats.changed(portal, chat, "message", message=message.id)
    im_v2.message_added(portal, message)
    if draft.author in bots:
        bot = bots[draft.author] = replace(bots[draft.author], messages=bots[draft.author].messages + 1)
        if portal.switches.bot_echo and bot.api == "v2" and not message.system:
            imbot_v2.message_added(portal, bot, message, actor)
    elif not message.system:
        _tell(portal, chat, message, actor)
    return message


def _message(portal: Portal, draft: Draft) -> Message:
    return Message(
        id=portal.world.next_id("message"),
        chat=draft.chat,
        author=0 if draft.system else draft.author,
        sender=draft.author,
        date=portal.clock.now(),
        text=tidy(draft.text),
        attach=draft.attach,
        keyboard=draft.keyboard,
        menu=draft.menu,
        files=draft.files,
        reply_to=draft.reply_to,
        template=draft.template,
        system=draft.system,
        forward=draft.forward,
    )


def _tell(portal: Portal, chat: Chat, message: Message, actor: Actor) -> None:
    """Send a person's message to bots: its commands, or else the message (behaviour 5.4)."""
    author = portal.world.people.users[message.author]
    matched, called = recipients.commands_in(portal, chat, message, author)
    call(portal, called, message, actor)
    if matched and not portal.switches.double_commands:
        return
    bots = recipients.bots_for(portal, chat, message.text)
    for bot in bots:
        starts_typing(portal, chat, bot.id)
    imbot.message_added(portal, [bot for bot in bots if bot.api == "v1"], message, actor)
    for bot in bots:
        if bot.api == "v2":
            imbot_v2.message_added(portal, bot, message, actor)


def call(portal: Portal, called: list[recipients.Called], message: Message, actor: Actor) -> None:
    """Send typed or pressed commands to their bots, and allow answers for ten minutes."""
    _forget_answered(portal)
    until = portal.clock.now() + ANSWERABLE
    bots: dict[int, Bot] = portal.world.bots.bots
    for one in called:
        portal.world.talk.answerable[message.id, one.command.id] = until
        chat = portal.world.talk.chats[message.chat]
        if one.context != "KEYBOARD" and one.command.bot in chat.members:
            starts_typing(portal, chat, one.command.bot)
        if bots[one.command.bot].api == "v2":
            imbot_v2.command_called(portal, bots[one.command.bot], one, message, actor=actor)
    old = [one for one in called if bots[one.command.bot].api == "v1"]
    if old:
        imbot.commands_called(portal, old, message, actor=actor)


def _forget_answered(portal: Portal) -> None:
    """Delete expired permissions to answer, when there are many."""
    talk, now = portal.world.talk, portal.clock.now()
    if len(talk.answerable) > MANY:
        talk.answerable = {key: until for key, until in talk.answerable.items() if until > now}


def starts_typing(portal: Portal, chat: Chat, user: int, seconds: float = TYPING, *, doing: str = "") -> None:
    """Show that a user is typing, or another activity."""
    talk = portal.world.talk
    talk.typing[chat.id, user] = portal.clock.now() + seconds
    talk.doing[chat.id, user] = doing
    chats.changed(portal, chat, "typing", user=user)


def editable(portal: Portal, number: int, user: int) -> Message:
    """Return a message that its author may still edit; raise Refused."""
    message = portal.world.talk.messages.get(number)
    if message is None or message.sender != user or message.deleted or message.forward is not None:
        raise _cannot()
    if portal.clock.now() - message.date > EDIT_WINDOW:
        raise _cannot()
    return message


def deletable(portal: Portal, number: int, user: int) -> Message:
    """Return a message that a user may delete; raise Refused.

    Allowed are one's own messages at any age, and all messages for the owner and managers of the chat.
    """
    message = portal.world.talk.messages.get(number)
    if message is None or message.deleted:
        raise _cannot()
    chat = portal.world.talk.chats[message.chat]
    if message.sender != user and (chat.private or user not in (chat.owner, *chat.managers)):
        raise _cannot()
    if portal.switches.delete_window and portal.clock.now() - message.date > EDIT_WINDOW:
        raise _cannot()
    return message


def _cannot() -> Refused:
    return Refused("CANT_EDIT_MESSAGE", "Time has expired for modification or you don't have access")


def edit(portal: Portal, message: Message, actor: Actor, *, text: str | None) -> Message:
    """Change the text of a message; an empty text deletes it.

    It does not check the right to edit: call `editable` first.
    """
    if text is not None and not tidy(text):
        return delete(portal, message, actor)
    new = replace(message, text=message.text if text is None else tidy(text), edited=True)
    portal.world.talk.write(new)
    chat = portal.world.talk.chats[message.chat]
    chats.changed(portal, chat, "message", message=message.id)
    im_v2.message_updated(portal, new)
    if text is not None:
        _tell_changed(portal, chat, new, actor)
    return new


def put(portal: Portal, message: Message, **objects: Any) -> Message:
    """Replace objects of a message: attach, keyboard, menu."""
    new = replace(message, **objects)
    portal.world.talk.write(new)
    chats.changed(portal, portal.world.talk.chats[message.chat], "message", message=message.id)
    return new


def delete(portal: Portal, message: Message, actor: Actor, *, complete: bool = False) -> Message:
    """Delete a message and leave a note, or with `complete` nothing."""
    talk = portal.world.talk
    chat = talk.chats[message.chat]
    note = f"Message from {written(message.date)} has been deleted"
    gone = replace(message, text=note, attach=None, keyboard=None, menu=None, files=(), deleted=True)
    if complete:
        talk.erase(message)
    else:
        talk.write(gone)
    chats.changed(portal, chat, "message", message=message.id)
    im_v2.message_deleted(portal, message)
    _tell_changed(portal, chat, message, actor, gone=gone)
    return gone


def _tell_changed(portal: Portal, chat: Chat, message: Message, actor: Actor, gone: Message | None = None) -> None:
    if message.author not in portal.world.people.users or message.author in portal.world.bots.bots or message.system:
        return
    bots = recipients.bots_for(portal, chat, message.text)
    old = [bot for bot in bots if bot.api == "v1"]
    event = "ONIMBOTMESSAGEDELETE" if gone else "ONIMBOTMESSAGEUPDATE"
    imbot.message_changed(portal, event, old, gone or message, actor=actor)
    for bot in bots:
        if bot.api == "v2":
            (imbot_v2.message_deleted if gone else imbot_v2.message_updated)(portal, bot, message, actor)


def press(portal: Portal, message: Message, element: dict[str, Any], context: str, *, actor: Actor) -> bool:
    """Press a button or menu item with a COMMAND.

    Return False when the bot has no such command. No message is written.
    """
    named = portal.world.bots.named(str(element.get("COMMAND", "")))
    mine = [command for command in named if command.bot == element.get("BOT_ID")]
    params = str(element.get("COMMAND_PARAMS", ""))
    called = [recipients.Called(command=command, params=params, context=context) for command in mine]
    call(portal, called, message, actor)
    return bool(called)
