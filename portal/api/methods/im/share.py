"""im.message.share: turn a message into a feed post or a new chat (reference: F4)."""

from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.im.dialogs import author_of, dialog
from portal.api.methods.im.messages import find_visible
from portal.api.registry import method
from portal.errors import Refused, RestError
from portal.rules.feed import posts
from portal.rules.messenger import chats, messages
from portal.world.messenger import Chat, Message

LINE = "-" * 54
"""The line before and after a quotation (behaviour 4.5)."""
KINDS = ("CHAT", "TASK", "POST", "CALEND")


@method("im.message.share", scope="im")
def share(call: Call, params: Params) -> Any:
    """Publish a message as a post (TYPE=POST), or create a new chat about it (TYPE=CHAT).

    Tasks and calendar events are not emulated; these types do nothing.
    """
    if params.number("MESSAGE_ID") <= 0:
        raise RestError("MESSAGE_ID_ERROR", "Message ID can't be empty")
    chat, kind = dialog(call, params), params.text("TYPE").upper()
    if kind not in KINDS:
        raise RestError("PARAMS_ERROR", "Incorrect params")
    message = find_visible(call, params.number("MESSAGE_ID"), call.user.id)
    if message is None or message.chat != chat.id or message.deleted:
        raise RestError("ACCESS_ERROR", "You do not have access to this chat", 403)
    if kind == "POST":
        _publish(call, chat, message)
    elif kind == "CHAT":
        _create_chat(call, chat, message)
    return True


def _publish(call: Call, chat: Chat, message: Message) -> None:
    """Publish a message as a post to the members of its chat, without the bots."""
    people = call.world.people.users
    dest = tuple(f"U{member}" for member in chat.members if not people[member].bot)
    post_draft = posts.PostDraft(text=message.text, dest=dest, files=message.files)
    try:
        posts.publish(call.portal, call.user, post_draft, call.actor)
    except Refused as because:
        raise RestError("PARAMS_ERROR", "Incorrect params", because=because) from because


def _create_chat(call: Call, chat: Chat, message: Message) -> None:
    """Create a chat with the same members that begins with a quotation of the message."""
    title = (" ".join(posts.without_bb_code(message.text).split()) or "Discussion")[:50]
    members = [member for member in chat.members if member != call.user.id]
    made = chats.create(call.portal, call.actor, title=title, members=members)
    text = f"{LINE}\n{author_of(call, message)}\n{message.text}\n{LINE}"
    messages.write(call.portal, messages.MessageDraft(author=call.user.id, chat=made.id, text=text), call.actor)
