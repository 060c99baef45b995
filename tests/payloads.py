"""Makes the events of a portal in the documented shapes, with values of our own, as forms and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote_plus

Tree = dict[str, Any]

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"

TS: Final = 1790000000
MEMBER: Final = "7d1c5a90e2b84f36a1c0d9e8f7b6a503"
DOMAIN: Final = "kite.bitrix24.example"
ENDPOINT: Final = f"https://{DOMAIN}/rest/"
AUTH_ENDPOINT: Final = "https://oauth.example/rest/"
APPLICATION_TOKEN: Final = "apptoken-4be1"
BOT: Final = 912
USER: Final = 31
CHAT: Final = "chat77"
MESSAGE: Final = 50211
COMMAND: Final = 18


def form(tree: Mapping[str, Any]) -> bytes:
    """Write nested dicts and lists as PHP's http_build_query does: brackets percent-encoded too, nulls left out."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in _fields(tree)).encode()


def _fields(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        name = f"{prefix}[{key}]" if prefix else str(key)
        if isinstance(value, Mapping):
            yield from _fields(value, name)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield from _fields({str(index): item for index, item in enumerate(value)}, name)
        elif value is not None:
            yield name, str(int(value)) if isinstance(value, bool) else str(value)


def as_json(tree: Mapping[str, Any]) -> bytes:
    """Write the same tree as JSON."""
    return json.dumps(tree).encode()


# --- The envelope -------------------------------------------------------------------------------------


def auth(**changes: Any) -> Tree:
    """Make the acting user's `auth` at the top; a change to None leaves a field out."""
    fields = {
        "access_token": f"access-of-{USER}",
        "expires": str(TS + 3600),
        "expires_in": "3600",
        "scope": "imbot,im,log",
        "domain": DOMAIN,
        "server_endpoint": AUTH_ENDPOINT,
        "status": "L",
        "client_endpoint": ENDPOINT,
        "member_id": MEMBER,
        "user_id": str(USER),
        "refresh_token": f"refresh-of-{USER}",
        "application_token": APPLICATION_TOKEN,
    } | changes
    return {key: value for key, value in fields.items() if value is not None}


def event(kind: str, data: Tree, *, ts: Any = str(TS), top: Tree | None = None) -> Tree:
    """Wrap data as every event of a portal is wrapped."""
    return {"event": kind, "event_handler_id": "60", "data": data, "ts": ts, "auth": auth() if top is None else top}


# --- First generation -----------------------------------------------------------------------------------


def _bot_tokens(bot: int) -> Tree:
    own = auth(access_token="access-of-bot", refresh_token="refresh-of-bot", user_id=str(bot)) | {"client_id": "app.1"}
    return own | {"AUTH": own, "BOT_ID": str(bot), "BOT_CODE": "feedbridge"}


def v1_bots(*bots: int) -> Tree:
    """Make `data[BOT]`: the application's bots with the tokens of the bots themselves."""
    return {str(bot): _bot_tokens(bot) for bot in bots or (BOT,)}


def v1_user(**changes: Any) -> Tree:
    """Make `data[USER]` of a message event."""
    return {
        "ID": str(USER),
        "NAME": "Mira Falk",
        "FIRST_NAME": "Mira",
        "LAST_NAME": "Falk",
        "WORK_POSITION": "",
        "GENDER": "F",
        "IS_BOT": "N",
        "IS_CONNECTOR": "N",
        "IS_NETWORK": "N",
        "IS_EXTRANET": "N",
    } | changes


_SWITCHES: Final = {
    "PUSH": "Y",
    "PUSH_IMPORTANT": "N",
    "RECENT_SKIP_AUTHOR": "N",
    "CONVERT": "N",
    "SKIP_COMMAND": "N",
    "SKIP_COUNTER_INCREMENTS": "N",
    "SILENT_CONNECTOR": "N",
    "SKIP_CONNECTOR": "N",
    "IMPORTANT_CONNECTOR": "N",
    "NO_SESSION_OL": "N",
    "FAKE_RELATION": "0",
    "SKIP_URL_INDEX": "N",
}


def _v1_params(text: str, *, group: bool) -> Tree:
    private: Tree = {
        "MESSAGE": text,
        "TEMPLATE_ID": "1f6e0c52-7a3d-4c1b-9d58-0a2b3c4d5e6f",
        "MESSAGE_TYPE": "C" if group else "P",
        "FROM_USER_ID": str(USER),
        "DIALOG_ID": CHAT if group else str(USER),
        "TO_CHAT_ID": "77" if group else "640",
        "AUTHOR_ID": str(USER),
        "SYSTEM": "N",
        "TO_USER_ID": str(BOT),
        **_SWITCHES,
        "MESSAGE_ID": str(MESSAGE),
        "CHAT_TYPE": "C" if group else "P",
        "LANGUAGE": "de",
    }
    chat = {
        "CHAT_ID": "77",
        "CHAT_TITLE": "Spring campaign",
        "CHAT_AUTHOR_ID": str(USER),
        "CHAT_AVATAR": "",
        "CHAT_COLOR": "MINT",
        "CHAT_ENTITY_TYPE": "",
        "CHAT_ENTITY_ID": "",
        "CHAT_EXTRANET": "N",
        "CHAT_PREV_MESSAGE_ID": str(MESSAGE - 1),
        "CHAT_CAN_POST": "MEMBER",
        "RID": "1",
        "IS_MANAGER": "N",
    }
    return private | (chat if group else {})


def v1_said(text: str = "Good morning", *, original: str | None = None, group: bool = False, **params: Any) -> Tree:
    """Make ONIMBOTMESSAGEADD; in a group `original` still holds the mentions."""
    more: Tree = {"COMMAND_CONTEXT": "TEXTAREA", "CHAT_USER_COUNT": "2", "PLATFORM_CONTEXT": "web"}
    if group:
        more |= {"MENTIONED_LIST": {str(BOT): str(BOT)}}
    if original is not None:
        more |= {"MESSAGE_ORIGINAL": original}
    data = {"BOT": v1_bots(), "PARAMS": _v1_params(text, group=group) | more | params, "USER": v1_user()}
    return event("ONIMBOTMESSAGEADD", data)


def v1_command(command: int = COMMAND, name: str = "post", params: str = "to:all Hi", **changes: Any) -> Tree:
    """Make one entry of `data[COMMAND]`."""
    return (
        _bot_tokens(BOT)
        | {
            "COMMAND": name,
            "COMMAND_ID": str(command),
            "COMMAND_PARAMS": params,
            "COMMAND_CONTEXT": "TEXTAREA",
            "MESSAGE_ID": str(MESSAGE),
        }
        | changes
    )


def v1_commanded(text: str = "/post to:all Hi", *commands: Tree, group: bool = False, **params: Any) -> Tree:
    """Make ONIMCOMMANDADD: one event for all commands of a message."""
    entries = {command["COMMAND_ID"]: command for command in commands or (v1_command(),)}
    more = {"SKIP_USER_CHECK": "Y", "RECENT_ADD": "Y"}
    user = {key: value for key, value in v1_user().items() if not key.startswith("IS_")}
    data = {"COMMAND": entries, "PARAMS": _v1_params(text, group=group) | more | params, "USER": user}
    return event("ONIMCOMMANDADD", data)


def v1_joined(*, group: bool = False, **params: Any) -> Tree:
    """Make ONIMBOTJOINCHAT; in a private dialog FROM_USER_ID is the bot."""
    both = {"BOT_ID": str(BOT), "USER_ID": str(USER), "LANGUAGE": "de"}
    if group:
        both |= {"CHAT_TYPE": "C", "MESSAGE_TYPE": "C", "CHAT_ID": "77", "CHAT_AUTHOR_ID": str(USER)}
        both |= {"CHAT_ENTITY_TYPE": "", "CHAT_ENTITY_ID": "", "ACCESS_HISTORY": "1", "DIALOG_ID": CHAT}
    else:
        both |= {"CHAT_TYPE": "P", "MESSAGE_TYPE": "P", "TO_USER_ID": str(USER), "FROM_USER_ID": str(BOT)}
        both |= {"DIALOG_ID": str(USER)}
    user = {key: value for key, value in v1_user().items() if not key.startswith("IS_")}
    data = {"BOT": v1_bots(), "PARAMS": both | params, "USER": user}
    return event("ONIMBOTJOINCHAT", data, top=auth(refresh_token=None))


def v1_deleted() -> Tree:
    """Make ONIMBOTDELETE."""
    data = {"BOT_ID": str(BOT), "BOT_CODE": "feedbridge"}
    return event("ONIMBOTDELETE", data, top=auth(refresh_token=None))


# --- Second generation; native types as in JSON, form() makes text of them ----------------------------------


def v2_auth() -> Tree:
    """Make the least that a v2 webhook event carries at the top."""
    return {"domain": DOMAIN, "application_token": APPLICATION_TOKEN}


def v2_bot(**changes: Any) -> Tree:
    """Make `data[bot]` with a callback token; changes are made in its `auth`."""
    own = auth(application_token="not-the-one-to-check", refresh_token=None) | changes
    return {"id": BOT, "code": "feedbridge", "auth": {key: value for key, value in own.items() if value is not None}}


def v2_user(**changes: Any) -> Tree:
    """Make `data[user]`."""
    return {
        "id": USER,
        "active": True,
        "name": "Mira Falk",
        "firstName": "Mira",
        "lastName": "Falk",
        "workPosition": "",
        "color": "#468ee5",
        "avatar": "",
        "gender": "F",
        "birthday": "",
        "extranet": False,
        "bot": False,
        "connector": False,
        "externalAuthId": "default",
        "status": "online",
        "idle": False,
        "lastActivityDate": False,
        "absent": False,
        "departments": [4],
        "phones": False,
        "type": "employee",
    } | changes


def v2_chat(*, group: bool = False, **changes: Any) -> Tree:
    """Make `data[chat]`."""
    chat = {
        "id": 77 if group else 640,
        "dialogId": CHAT if group else str(USER),
        "type": "chat" if group else "private",
        "name": "Spring campaign" if group else "",
        "entityType": "",
        "owner": USER,
        "avatar": "",
        "color": "#29619b",
    }
    return chat | changes


def v2_message(text: str, **changes: Any) -> Tree:
    """Make `data[message]`."""
    return {
        "id": MESSAGE,
        "chatId": 77,
        "authorId": USER,
        "date": "2026-09-21T15:33:20+02:00",
        "text": text,
        "isSystem": False,
        "uuid": "",
        "forward": None,
        "params": {},
        "viewedByOthers": False,
    } | changes


def v2_said(text: str = "Good morning", *, group: bool = False, **data: Any) -> Tree:
    """Make ONIMBOTV2MESSAGEADD."""
    fields = {
        "bot": v2_bot(),
        "message": v2_message(text),
        "chat": v2_chat(group=group),
        "user": v2_user(),
        "language": "de",
    }
    return event("ONIMBOTV2MESSAGEADD", fields | data, ts=TS, top=v2_auth())


def v2_command(name: str = "/post", params: str = "to:all Hi", context: str = "textarea") -> Tree:
    """Make `data[command]`."""
    return {"id": COMMAND, "command": name, "params": params, "context": context}


def v2_commanded(text: str = "/post to:all Hi", *, group: bool = False, **data: Any) -> Tree:
    """Make ONIMBOTV2COMMANDADD: one event for each command of a message."""
    said = v2_said(text, group=group)["data"]
    return event("ONIMBOTV2COMMANDADD", said | {"command": v2_command()} | data, ts=TS, top=v2_auth())


def v2_joined(*, group: bool = False, **data: Any) -> Tree:
    """Make ONIMBOTV2JOINCHAT."""
    chat = v2_chat(group=group)
    fields = {"bot": v2_bot(), "dialogId": chat["dialogId"], "chat": chat, "user": v2_user(), "language": "de"}
    return event("ONIMBOTV2JOINCHAT", fields | data, ts=TS, top=v2_auth())


def v2_deleted() -> Tree:
    """Make ONIMBOTV2DELETE, the last event of a bot: nothing but the bot."""
    return event("ONIMBOTV2DELETE", {"bot": v2_bot()}, ts=TS, top=v2_auth())


# --- News Feed and application ------------------------------------------------------------------------------


def post(action: str = "ADD", id_: int = 305, **top: Any) -> Tree:
    """Make ONLIVEFEEDPOSTADD, ...UPDATE or ...DELETE: the post's id and nothing else."""
    return event(f"ONLIVEFEEDPOST{action}", {"FIELDS": {"POST_ID": str(id_)}}, top=auth(**top))


def installed(**top: Any) -> Tree:
    """Make ONAPPINSTALL."""
    data = {"VERSION": "1", "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": "de"}
    return event("ONAPPINSTALL", data, top=auth(expires=None, user_id=None) | top)


def updated(**top: Any) -> Tree:
    """Make ONAPPUPDATE."""
    data = {"VERSION": "2", "PREVIOUS_VERSION": "1", "LANGUAGE_ID": "de"}
    return event("ONAPPUPDATE", data, top=auth(expires=None, user_id=None) | top)


def uninstalled(clean: Any = "1") -> Tree:
    """Make ONAPPUNINSTALL: access is gone, the application_token is the only proof."""
    gone = dict.fromkeys(("access_token", "refresh_token", "expires", "expires_in", "scope", "status", "user_id"))
    return event("ONAPPUNINSTALL", {"LANGUAGE_ID": "de", "CLEAN": clean}, top=auth(**gone))
