"""Users, chats and bots as answers and events show them (reference: E3, F4)."""

from typing import Any

from portal.clock import iso
from portal.world.bots import Bot, Command
from portal.world.memory import World
from portal.world.messenger import Chat
from portal.world.people import User

Shape = dict[str, Any]
LAST_SEEN = "2026-01-12T09:30:00+02:00"
"""Last activity of all users, because presence is not emulated."""


def v2_user(user: User, *, online: bool = True) -> Shape:
    """Return a user as imbot.v2 shows it; in events (`online` False), presence fields are false."""
    kind = "bot" if user.bot else "extranet" if user.extranet else "employee"
    seen: str | bool = LAST_SEEN if online else False
    return {
        "id": user.id,
        "active": user.active,
        "name": user.name,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "workPosition": user.position,
        "color": user.color,
        "avatar": user.avatar,
        "gender": user.gender or "M",
        "birthday": "",
        "extranet": user.extranet,
        "bot": user.bot,
        "connector": False,
        "externalAuthId": "bot" if user.bot else "default",
        "status": user.status,
        "idle": iso(user.idle) if online and user.idle is not None else False,
        "lastActivityDate": seen,
        "mobileLastDate": False,
        "desktopLastDate": False,
        "absent": False,
        "departments": list(user.departments),
        "phones": False,
        "website": "",
        "email": user.email,
        "type": kind,
    }


def im_user(user: User) -> Shape:
    """Return a user as im.* shows it, in snake case."""
    return {
        "id": user.id,
        "active": user.active,
        "name": user.name,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "work_position": user.position,
        "color": user.color,
        "avatar": user.avatar,
        "avatar_hr": user.avatar,
        "gender": user.gender or "M",
        "birthday": "",
        "extranet": user.extranet,
        "network": False,
        "bot": user.bot,
        "connector": False,
        "external_auth_id": "bot" if user.bot else "default",
        "status": user.status,
        "idle": iso(user.idle) if user.idle is not None else False,
        "last_activity_date": LAST_SEEN,
        "mobile_last_date": False,
        "desktop_last_date": False,
        "absent": False,
        "departments": list(user.departments),
        "phones": False,
        "bot_data": None,
        "type": "bot" if user.bot else "user",
        "website": "",
        "email": user.email,
    }


def v2_bot(world: World, bot: Bot, *, own: bool) -> Shape:
    """Return a bot as imbot.v2 shows it; its owner sees more fields."""
    shown: Shape = {
        "id": bot.id,
        "code": bot.code,
        "type": V2_KINDS.get(bot.kind, bot.kind),
        "isHidden": bot.hidden,
        "isSupportOpenline": bot.openline,
        "isReactionsEnabled": bot.reactions,
        "backgroundId": bot.background,
        "language": world.language,
    }
    if not own:
        return shown
    chats = world.messenger.of(bot.id)
    people = {member for chat in chats for member in chat.members} - {bot.id}
    return shown | {
        "moduleId": "rest",
        "eventMode": bot.event_mode,
        "countMessage": bot.messages,
        "countCommand": len(world.bots.commands_of(bot.id)),
        "countChat": len(chats),
        "countUser": len(people),
    }


V2_KINDS = {"B": "bot", "H": "bot", "S": "supervisor", "O": "openline"}
"""Kinds of bots in v2, for the letters of v1."""


def v2_command(command: Command) -> Shape:
    """Return a command as imbot.v2 shows it after registration, with its slash."""
    return {
        "id": command.id,
        "botId": command.bot,
        "command": f"/{command.name}",
        "common": command.common,
        "hidden": command.hidden,
        "extranetSupport": command.extranet,
    }


def v2_event_chat(chat: Chat, *, viewer: int) -> Shape:
    """Return those few fields of a chat that events of imbot.v2 contain, from the side of one member."""
    return {
        "id": chat.id,
        "dialogId": chat.dialog_for(viewer),
        "type": _v2_type(chat),
        "name": chat.title,
        "entityType": chat.entity_type,
        "owner": chat.owner,
        "avatar": chat.avatar,
        "color": chat.color,
    }


def _v2_type(chat: Chat) -> str:
    return {"P": "private", "O": "open"}.get(chat.kind, "chat")


def role(chat: Chat, viewer: int) -> str:
    """Return the role of a person in a chat: owner, manager, member or none."""
    if viewer == chat.owner:
        return "owner"
    if viewer in chat.managers:
        return "manager"
    return "member" if viewer in chat.members else "none"


def v2_chat(world: World, chat: Chat, *, viewer: int) -> Shape:
    """Return a chat as imbot.v2 shows it, with all fields."""
    last = world.messenger.last(chat.id)
    number = last.id if last else 0
    return v2_event_chat(chat, viewer=viewer) | {
        "messageType": chat.kind,
        "description": chat.description,
        "extranet": any(world.people.users[member].extranet for member in chat.members),
        "containsCollaber": False,
        "entityId": chat.entity_id,
        "entityData1": "",
        "entityData2": "",
        "entityData3": "",
        "entityLink": {},
        "diskFolderId": world.disk.folders.get(chat.id),
        "role": role(chat, viewer),
        "permissions": {},
        "muteList": list(chat.muted),
        "parentChatId": None,
        "parentMessageId": None,
        "isNew": False,
        "textFieldEnabled": "Y" if chat.writable and chat.text_field else "N",
        "backgroundId": None,
        "dateCreate": iso(chat.created),
        "lastMessageId": number,
        "lastMessageViews": "{}",
        "lastId": number,
        "managerList": list(chat.managers),
        "markedId": None,
        "messageCount": len(world.messenger.by_chat.get(chat.id, [])),
        "public": "",
        "unreadId": None,
        "userCounter": len(chat.members),
    }


def im2_chat(world: World, chat: Chat, *, viewer: int) -> Shape:
    """Return a chat as events of im.v2 contain it, without personal fields."""
    answered = ("role", "muteList", "dateCreate", "lastMessageId", "lastMessageViews", "lastId", "managerList")
    counted = ("markedId", "messageCount", "public", "unreadId", "userCounter")
    shown = v2_chat(world, chat, viewer=viewer)
    return {name: value for name, value in shown.items() if name not in (*answered, *counted)}


PERMISSIONS = {
    "manage_users_add": "member",
    "manage_users_delete": "manager",
    "manage_ui": "member",
    "manage_settings": "owner",
    "manage_messages": "member",
    "can_post": "member",
}
"""The lowest role that may do each action in a chat."""
SUBJECTS = {
    "CRM": "crm",
    "SONET_GROUP": "sonetGroup",
    "TASKS": "tasks",
    "CALENDAR": "calendar",
    "MAIL": "mail",
    "CALL": "call",
    "VIDEOCONF": "videoconf",
    "ANNOUNCEMENT": "announcement",
}
"""Entity types of chats that belong to a part of the portal; chats with other types are ordinary."""


def _im_type(chat: Chat) -> str:
    return SUBJECTS.get(chat.entity_type, _v2_type(chat))


def _restrictions(chat: Chat) -> Shape:
    """Return for each action whether it is possible in a chat.

    A private dialog cannot be renamed or left.
    """
    grows = not chat.private
    return {
        "avatar": grows,
        "rename": grows,
        "extend": True,
        "call": True,
        "mute": True,
        "leave": grows,
        "leave_owner": grows,
        "send": chat.writable,
        "user_list": True,
        "path": "",
        "path_title": "",
    }


def _entity_link(chat: Chat) -> Shape:
    """Return type, id and address of the entity to which a chat belongs.

    For a CRM card, the id is a text such as "DEAL|42" and the type the part before the bar.
    """
    kind, number, url = chat.entity_type, chat.entity_id, ""
    if kind == "CRM":
        kind, _, card = number.partition("|")
        url = f"/crm/{kind.lower()}/details/{card}/"
    elif kind == "SONET_GROUP":
        url = f"/workgroups/group/{number}/"
    return {"type": kind, "url": url, "id": number}


def im_chat(world: World, chat: Chat, *, viewer: int) -> Shape:
    """Return a chat as im.dialog.get shows it, in snake case."""
    last = world.messenger.last(chat.id)
    number = last.id if last else 0
    others = [world.people.users[member] for member in chat.members if member != viewer]
    name = others[0].name if chat.private and others else chat.title
    return {
        "id": chat.id,
        "parent_chat_id": 0,
        "parent_message_id": 0,
        "name": name,
        "description": chat.description,
        "owner": chat.owner,
        "extranet": any(user.extranet for user in others),
        "avatar": chat.avatar,
        "color": chat.color,
        "type": _im_type(chat),
        "counter": world.messenger.unread(chat.id, viewer),
        "user_counter": len(chat.members),
        "message_count": len(world.messenger.by_chat.get(chat.id, [])),
        "unread_id": 0,
        "restrictions": _restrictions(chat),
        "last_message_id": number,
        "last_id": world.messenger.read.get((chat.id, viewer), 0),
        "marked_id": 0,
        "disk_folder_id": world.disk.folders.get(chat.id, 0),
        "entity_type": chat.entity_type,
        "entity_id": chat.entity_id,
        "entity_data_1": "",
        "entity_data_2": "",
        "entity_data_3": "",
        "mute_list": list(chat.muted),
        "date_create": iso(chat.created),
        "message_type": chat.kind,
        "public": "",
        "role": role(chat, viewer),
        "entity_link": _entity_link(chat),
        "text_field_enabled": chat.writable and chat.text_field,
        "background_id": None,
        "permissions": PERMISSIONS,
        "is_new": False,
        "readed_list": [
            {
                "user_id": user.id,
                "user_name": user.name,
                "message_id": world.messenger.read.get((chat.id, user.id), 0),
                "date": None,
            }
            for user in others
        ],
        "manager_list": [] if chat.private else list(dict.fromkeys((chat.owner, *chat.managers))),
        "last_message_views": {"message_id": number, "first_viewers": [], "count_of_viewers": 0},
        "dialog_id": chat.dialog_for(viewer),
    }
