"""Write, edit and delete messages, and send the events about these actions (reference: behaviour 4, 5)."""

import re
from dataclasses import dataclass, replace
from typing import Any

from portal.clock import english_date
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
"""Longest text in characters that is not cut; a longer one is cut to TEXT_LIMIT and marked (behaviour 4.5)."""
ANSWERABLE = 600
"""Seconds in which a command may be answered (behaviour 5.4)."""
CLEANUP_SIZE = 10_000
TYPING = 25
"""Seconds for which "is typing" is shown."""

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""The only template ids that the portal recognises; upper-case letters do not count (source 1.1)."""
_BREAK = re.compile(r"\[br\]|#br#", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDraft:
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
    """Whether the message is written although its author is not a member."""


def normalize_text(text: str) -> str:
    """Return a text as Bitrix24 stores it: with real line breaks, trimmed, and cut when it is too long."""
    text = _BREAK.sub("\n", text).strip()
    return text if len(text) <= TEXT_SLACK else f"{text[:TEXT_LIMIT]} (...)"


def write(portal: Portal, draft: MessageDraft, actor: Actor) -> Message:
    """Write a message and send the events about it.

    A template id that the author has used in this chat writes nothing and returns the earlier message, if it is one
    that the portal recognises. Raise Refused: CANCELED when the author is not a member, TEXT_FIELD_DISABLED when a bot
    has hidden the input field.
    """
    messenger = portal.world.messenger
    chat, bots = messenger.chats[draft.chat], portal.world.bots.bots
    if draft.author not in chat.members and not draft.uninvited:
        raise Refused("CANCELED", "You do not have permission to send messages to this chat")
    if not chat.text_field and not draft.system and draft.author not in bots:
        raise Refused("TEXT_FIELD_DISABLED", "The text field is disabled in this chat")
    # A bot that retries after a lost answer sends the same template id, so the first message is returned.
    key, recognised = (chat.id, draft.author, draft.template), _is_recognised(portal, draft)
    if recognised and messenger.templates.get(key) in messenger.messages:
        return messenger.messages[messenger.templates[key]]
    message = messenger.write(_make_message(portal, draft))
    if recognised:
        messenger.templates[key] = message.id
    # Nobody has unread messages before their own newest one.
    messenger.read[chat.id, draft.author] = message.id
    messenger.typing.pop((chat.id, draft.author), None)
    chats.publish_change(portal, chat, "message", message=message.id)
    im_v2.message_added(portal, message)
    if draft.author in bots:
        bot = bots[draft.author] = replace(bots[draft.author], messages=bots[draft.author].messages + 1)
        if portal.switches.bot_echo and bot.api == "v2" and not message.system:
            imbot_v2.message_added(portal, bot, message, actor)
    elif not message.system:
        _send_to_bots(portal, chat, message, actor)
    return message


def forward(portal: Portal, message: Message, chat: Chat, *, author: int, actor: Actor) -> Message:
    """Write a copy of a message into a chat, which says where the message was written first; raise as `write` does."""
    first = message.forward or Forward(message=message.id, author=message.author, chat=message.chat, date=message.date)
    draft = MessageDraft(
        author=author, chat=chat.id, text=message.text, attach=message.attach, files=message.files, forward=first
    )
    return write(portal, draft, actor)


def _is_recognised(portal: Portal, draft: MessageDraft) -> bool:
    """Tell whether a repeat of this message is dropped; a repeat of a system message never is."""
    if portal.switches.template_ids == "any":
        return draft.template != ""
    return not draft.system and _UUID4.fullmatch(draft.template) is not None


def _make_message(portal: Portal, draft: MessageDraft) -> Message:
    return Message(
        id=portal.world.next_id("message"),
        chat=draft.chat,
        author=0 if draft.system else draft.author,
        sender=draft.author,
        date=portal.clock.now(),
        text=normalize_text(draft.text),
        attach=draft.attach,
        keyboard=draft.keyboard,
        menu=draft.menu,
        files=draft.files,
        reply_to=draft.reply_to,
        template=draft.template,
        system=draft.system,
        forward=draft.forward,
    )


def _send_to_bots(portal: Portal, chat: Chat, message: Message, actor: Actor) -> None:
    """Send bots the events about a person's message: its commands, or without commands the message (behaviour 5.4)."""
    author = portal.world.people.users[message.author]
    matched, called = recipients.commands_in(portal, chat, message, author)
    send_commands(portal, called, message, actor)
    # A matching command suppresses the message event for all bots, also for bots without this command.
    if matched and not portal.switches.double_commands:
        return
    bots = recipients.bots_for(portal, chat, message.text)
    for bot in bots:
        show_typing(portal, chat, bot.id)
    imbot.message_added(portal, [bot for bot in bots if imbot.hears(portal, bot)], message, actor)
    for bot in bots:
        if bot.api == "v2":
            imbot_v2.message_added(portal, bot, message, actor)


def send_commands(portal: Portal, called: list[recipients.CommandCall], message: Message, actor: Actor) -> None:
    """Send called commands to their bots, and allow answers for ten minutes."""
    _forget_answered(portal)
    until = portal.clock.now() + ANSWERABLE
    bots: dict[int, Bot] = portal.world.bots.bots
    for one in called:
        portal.world.messenger.answerable[message.id, one.command.id] = until
        chat = portal.world.messenger.chats[message.chat]
        # A pressed button shows no typing mark, because the button itself shows that it waits.
        if one.context != "KEYBOARD" and one.command.bot in chat.members:
            show_typing(portal, chat, one.command.bot)
        if bots[one.command.bot].api == "v2":
            imbot_v2.command_called(portal, bots[one.command.bot], one, message, actor=actor)
    # v1 applications get all their commands of a message in one event, v2 bots one event per command.
    old = [one for one in called if imbot.hears(portal, bots[one.command.bot])]
    if old:
        imbot.commands_called(portal, old, message, actor=actor)


def _forget_answered(portal: Portal) -> None:
    """Delete expired permissions to answer commands, when many are stored."""
    messenger, now = portal.world.messenger, portal.clock.now()
    if len(messenger.answerable) > CLEANUP_SIZE:
        messenger.answerable = {key: until for key, until in messenger.answerable.items() if until > now}


def show_typing(portal: Portal, chat: Chat, user: int, seconds: float = TYPING, *, doing: str = "") -> None:
    """Show the members of a chat for some seconds that a user is typing, or the activity with the code `doing`."""
    messenger = portal.world.messenger
    messenger.typing[chat.id, user] = portal.clock.now() + seconds
    messenger.doing[chat.id, user] = doing
    chats.publish_change(portal, chat, "typing", user=user)


def get_editable(portal: Portal, number: int, user: int) -> Message:
    """Return the message with an id if the user may still edit it; raise Refused for any other.

    The user must have written it within the last three days.
    """
    message = portal.world.messenger.messages.get(number)
    if message is None or message.sender != user or message.deleted or message.forward is not None:
        raise _edit_error()
    if portal.clock.now() - message.date > EDIT_WINDOW:
        raise _edit_error()
    return message


def get_deletable(portal: Portal, number: int, user: int) -> Message:
    """Return the message with an id if the user may delete it; raise Refused for any other.

    Users may delete their own messages at any age; the owner and managers of a group chat may delete all.
    """
    message = portal.world.messenger.messages.get(number)
    if message is None or message.deleted:
        raise _edit_error()
    chat = portal.world.messenger.chats[message.chat]
    if message.sender != user and (chat.private or user not in (chat.owner, *chat.managers)):
        raise _edit_error()
    if portal.switches.delete_window and portal.clock.now() - message.date > EDIT_WINDOW:
        raise _edit_error()
    return message


def _edit_error() -> Refused:
    return Refused("CANT_EDIT_MESSAGE", "Time has expired for modification or you don't have access")


def edit(portal: Portal, message: Message, actor: Actor, *, text: str | None) -> Message:
    """Change the text of a message and send the events; an empty text deletes the message, None keeps the text.

    It does not check the right to edit: call `get_editable` first.
    """
    if text is not None and not normalize_text(text):
        return delete(portal, message, actor)
    new = replace(message, text=message.text if text is None else normalize_text(text), edited=True)
    portal.world.messenger.write(new)
    chat = portal.world.messenger.chats[message.chat]
    chats.publish_change(portal, chat, "message", message=message.id)
    im_v2.message_updated(portal, new)
    if text is not None:
        _send_change_to_bots(portal, chat, new, actor)
    return new


def replace_objects(portal: Portal, message: Message, **objects: Any) -> Message:
    """Replace given fields of a message, such as attach, keyboard and menu; no event is sent."""
    new = replace(message, **objects)
    portal.world.messenger.write(new)
    chats.publish_change(portal, portal.world.messenger.chats[message.chat], "message", message=message.id)
    return new


def delete(portal: Portal, message: Message, actor: Actor, *, complete: bool = False) -> Message:
    """Delete a message and send the events.

    A note stays in its place, unless `complete`.
    """
    messenger = portal.world.messenger
    chat = messenger.chats[message.chat]
    note = f"Message from {english_date(message.date)} has been deleted"
    # The events contain the note, because the text has been deleted by then.
    deleted = replace(message, text=note, attach=None, keyboard=None, menu=None, files=(), deleted=True)
    if complete:
        messenger.erase(message)
    else:
        messenger.write(deleted)
    chats.publish_change(portal, chat, "message", message=message.id)
    im_v2.message_deleted(portal, message)
    _send_change_to_bots(portal, chat, message, actor, deleted=deleted)
    return deleted


def _send_change_to_bots(
    portal: Portal, chat: Chat, message: Message, actor: Actor, deleted: Message | None = None
) -> None:
    if message.author not in portal.world.people.users or message.author in portal.world.bots.bots or message.system:
        return
    bots = recipients.bots_for(portal, chat, message.text)
    old = [bot for bot in bots if imbot.hears(portal, bot)]
    event = "ONIMBOTMESSAGEDELETE" if deleted else "ONIMBOTMESSAGEUPDATE"
    imbot.message_changed(portal, event, old, deleted or message, actor=actor)
    for bot in bots:
        if bot.api == "v2":
            (imbot_v2.message_deleted if deleted else imbot_v2.message_updated)(portal, bot, message, actor)


def press(portal: Portal, message: Message, element: dict[str, Any], context: str, *, actor: Actor) -> bool:
    """Send the COMMAND of a pressed button or menu item to its bot; no message is written.

    `context` is KEYBOARD or MENU. Return False when the bot has no such command.
    """
    named = portal.world.bots.with_name(str(element.get("COMMAND", "")))
    own = [command for command in named if command.bot == element.get("BOT_ID")]
    params = str(element.get("COMMAND_PARAMS", ""))
    called = [recipients.CommandCall(command=command, params=params, context=context) for command in own]
    send_commands(portal, called, message, actor)
    return bool(called)
