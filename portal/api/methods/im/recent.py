"""im.recent.*: the list of recent chats, pinned ones first (reference: F4)."""

from dataclasses import replace
from typing import Any

from portal.api.call import Call, Page, Params
from portal.api.methods.im.dialogs import dialog
from portal.api.methods.im.directory.search import render_dialog
from portal.api.registry import method
from portal.clock import iso, moment_of
from portal.rules.messenger import chats
from portal.wire import shapes
from portal.world.messenger import Chat, Message

MAX_COUNT = 200
PREVIEW = 100
"""Characters of the last message in the list; not documented."""
WEEK = 7 * 24 * 3600
"""Longest time in seconds that LAST_SYNC_DATE may reach back."""


@method("im.recent.get", scope="im")
def get(call: Call, params: Params) -> Any:
    """List the chats of the caller.

    LAST_UPDATE or LAST_SYNC_DATE leaves out chats whose last activity is older.
    """
    since = moment_of(params.text("LAST_UPDATE")) or 0.0
    synced = moment_of(params.text("LAST_SYNC_DATE"))
    if synced is not None:
        since = max(since, synced, call.portal.clock.now() - WEEK)
    return [_render(call, chat) for chat in _list_chats(call, params) if _last_activity(call, chat) >= since]


@method("im.recent.list", scope="im")
def listed(call: Call, params: Params) -> Any:
    """List the chats of the caller by pages, and tell whether more follow."""
    rows, before = _list_chats(call, params), moment_of(params.text("LAST_MESSAGE_DATE"))
    if params.yes("UNREAD_ONLY"):
        rows = [chat for chat in rows if _has_unread(call, chat)]
    if before is not None:
        rows = [chat for chat in rows if _last_activity(call, chat) < before]
    offset, limit = max(0, params.number("OFFSET")), max(1, min(MAX_COUNT, params.number("LIMIT", 50)))
    more = offset + limit < len(rows)
    items = [_render(call, chat) for chat in rows[offset : offset + limit]]
    shown = {"items": items, "hasMorePages": more, "hasMore": more, "copilot": None, "messagesAutoDeleteConfigs": []}
    return Page(result=shown, total=-1)  # documented: the total is not counted


def _list_chats(call: Call, params: Params) -> list[Chat]:
    """Return the chats in the caller's list: pinned chats first, then by newest message."""
    if any(params.yes(name) for name in ("ONLY_OPENLINES", "ONLY_COPILOT", "ONLY_CHANNEL")):
        return []
    rows = [chat for chat in call.world.messenger.of(call.user.id) if not _is_hidden(call, chat)]
    skipped = {True: params.yes("SKIP_DIALOG"), False: params.yes("SKIP_CHAT")}
    rows = [chat for chat in rows if not skipped[chat.private]]
    marks, me = call.world.preferences, call.user.id
    return sorted(rows, key=lambda chat: (marks.mark(me, chat.id).pinned, _last_activity(call, chat)), reverse=True)


def _last_message(call: Call, chat: Chat) -> Message | None:
    numbers = call.world.messenger.shown(chat.id, call.user.id)
    return call.world.messenger.messages[numbers[-1]] if numbers else None


def _last_activity(call: Call, chat: Chat) -> float:
    last = _last_message(call, chat)
    return last.date if last is not None else chat.created


def _is_hidden(call: Call, chat: Chat) -> bool:
    hidden, last = call.world.preferences.mark(call.user.id, chat.id).hidden, _last_message(call, chat)
    return hidden is not None and (last.id if last else 0) <= hidden


def _has_unread(call: Call, chat: Chat) -> bool:
    unread = call.world.messenger.unread(chat.id, call.user.id)
    return unread > 0 or call.world.preferences.mark(call.user.id, chat.id).unread


def _render(call: Call, chat: Chat) -> dict[str, Any]:
    last, mark = _last_message(call, chat), call.world.preferences.mark(call.user.id, chat.id)
    moved = iso(_last_activity(call, chat))
    shown = shapes.im_chat(call.world, chat, viewer=call.user.id)
    about = {name: shown[name] for name in (PRIVATE_FIELDS if chat.private else GROUP_FIELDS)}
    author = call.world.people.users.get(last.author) if last is not None else None
    return {
        **render_dialog(call, chat),
        **({"user": shapes.im_user(author)} if author is not None and not chat.private else {}),
        "chat": about if chat.private else about | {"contains_collaber": False, "role": shown["role"].upper()},
        "chat_id": chat.id,
        "message": _render_message(call, last),
        "counter": shown["counter"],
        "last_id": shown["last_id"],
        "pinned": mark.pinned,
        "unread": mark.unread,
        "has_reminder": False,
        "date_update": moved,
        "date_last_activity": moved,
        "options": [],
    }


PRIVATE_FIELDS = ("text_field_enabled", "background_id", "mute_list")
"""Fields of the chat of a private dialog in the list."""
GROUP_FIELDS = (
    *("id", "parent_chat_id", "parent_message_id", "name", "owner", "extranet", "avatar", "color", "type"),
    *("entity_type", "entity_id", "entity_data_1", "entity_data_2", "entity_data_3", "mute_list", "manager_list"),
    *("date_create", "message_type", "user_counter", "restrictions", "text_field_enabled", "background_id"),
    *("entity_link", "permissions", "public"),
)
"""Fields of a group chat in the list."""


def _render_message(call: Call, last: Message | None) -> dict[str, Any]:
    if last is None:
        return {"id": 0, "text": "", "file": False, "author_id": 0, "attach": False, "sticker": None} | {
            "date": False,
            "status": "",
        }
    read, others = call.world.messenger.read, call.world.messenger.chats[last.chat].members
    delivered = any(read.get((last.chat, user), 0) >= last.id for user in others if user != last.author)
    return {
        "id": last.id,
        "text": " ".join(last.text.split())[:PREVIEW],
        "file": bool(last.files),
        "author_id": last.author,
        "attach": last.attach is not None,
        "sticker": None,
        "date": iso(last.date),
        "status": "delivered" if delivered else "received",
        "uuid": last.template or None,
    }


@method("im.recent.pin", scope="im")
def pin(call: Call, params: Params) -> Any:
    """Pin a chat to the top of the list, or with PIN=N unpin it."""
    _change_mark(call, dialog(call, params), pinned=params.yes("PIN", default=True))
    return True


@method("im.recent.hide", scope="im")
def hide(call: Call, params: Params) -> Any:
    """Hide a chat in the list until somebody writes in it."""
    chat = dialog(call, params)
    last = _last_message(call, chat)
    _change_mark(call, chat, hidden=last.id if last else 0)
    return True


@method("im.recent.unread", scope="im")
def unread(call: Call, params: Params) -> Any:
    """Mark a chat as unread by hand, or with ACTION=N as read."""
    chats.mark_unread(call.portal, call.user.id, dialog(call, params), unread=params.yes("ACTION", default=True))
    return True


def _change_mark(call: Call, chat: Chat, **values: Any) -> None:
    marks = call.world.preferences.marks
    marks[call.user.id, chat.id] = replace(call.world.preferences.mark(call.user.id, chat.id), **values)
    chats.publish_change(call.portal, chat, "chats")
