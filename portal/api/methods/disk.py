"""im.disk.*, disk.*: send and fetch files of chats through the Drive.

Bots of the first generation use these methods. Emulated are the folder of a chat, a file stored in it, and a message
that contains it (pages im-disk-file-commit, disk-folder-upload-file, disk-file-get of the documentation of Bitrix24).
Nothing else of the Drive is emulated, except the descriptions of the fields of storages and folders.
"""

from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.im.chats import chat_by_id
from portal.api.methods.im.dialogs import dialog
from portal.api.methods.shared import content
from portal.api.registry import method
from portal.errors import Refused, RestError
from portal.rules.messenger import files, messages
from portal.wire import files as fileshapes
from portal.wire import php
from portal.world.disk import StoredFile
from portal.world.messenger import Chat, File, Message


def _get_chat(call: Call, params: Params) -> Chat:
    if params.has("CHAT_ID") or not params.has("DIALOG_ID"):
        return chat_by_id(call, params)
    return dialog(call, params)


@method("im.disk.folder.get", scope="im")
def folder_get(call: Call, params: Params) -> Any:
    """Return the id of the folder that holds a chat's files."""
    return {"ID": files.folder(call.portal, _get_chat(call, params))}


UNFILTERED = frozenset({"REAL_OBJECT_ID", "CREATED_BY", "UPDATED_BY", "DELETED_BY"})
"""Fields that lists cannot be filtered by."""


def _describe(**types: str) -> dict[str, Any]:
    """Return the descriptions of fields, from their names and types."""
    return {
        name: {"TYPE": kind, "USE_IN_FILTER": name not in UNFILTERED, "USE_IN_SHOW": True}
        for name, kind in types.items()
    }


STORAGE_FIELDS = _describe(
    ID="integer",
    NAME="string",
    CODE="string",
    MODULE_ID="string",
    ENTITY_TYPE="string",
    ENTITY_ID="string",
    ROOT_OBJECT_ID="integer",
)
FOLDER_FIELDS = _describe(
    ID="integer",
    NAME="string",
    TYPE="enum",
    CODE="string",
    STORAGE_ID="integer",
    REAL_OBJECT_ID="integer",
    PARENT_ID="integer",
    CREATE_TIME="datetime",
    UPDATE_TIME="datetime",
    DELETE_TIME="datetime",
    CREATED_BY="integer",
    UPDATED_BY="integer",
    DELETED_BY="integer",
    DELETED_TYPE="enum",
)


@method("disk.storage.getfields", scope="disk")
def storage_fields(_call: Call, _params: Params) -> Any:
    """Describe the fields of a storage."""
    return STORAGE_FIELDS


@method("disk.folder.getfields", scope="disk")
def folder_fields(_call: Call, _params: Params) -> Any:
    """Describe the fields of a folder."""
    return FOLDER_FIELDS


def _read_number(params: Params) -> int:
    """Return the parameter `id`; its name is case-sensitive, as seen at a real portal (source: 2.14)."""
    if "id" not in params.raw or not params.number("id"):
        raise RestError("ERROR_ARGUMENT", "Invalid value of parameter {Parameter #0}")
    return params.number("id")


def _not_found(number: int) -> RestError:
    return RestError("ERROR_NOT_FOUND", f"Could not find entity with id `{number}`")


@method("disk.folder.uploadfile", scope="disk")
def folder_upload(call: Call, params: Params) -> Any:
    """Store a file in the folder of a chat and describe it.

    Without fileContent, return an address to which the file is sent as a form field.
    """
    number = _read_number(params)
    chat = call.world.messenger.chats.get(call.world.disk.chat_of(number))
    if chat is None:
        raise _not_found(number)
    if call.user.id not in chat.members:
        raise RestError("ACCESS_DENIED", "Access denied")
    if not params.has("fileContent"):
        return {"field": "file", "uploadUrl": files.upload_address(call.portal, number, call.user.id)}
    name = params.inner("data").text("NAME").strip()
    if not name:
        text = "Error: required parameter NAME (DISK_BASE_SERVICE_22001)"
        raise RestError("DISK_BASE_SERVICE_22001", text)
    given = params.values("fileContent")
    read = content.decode_base64(php.text_of(given[-1])) if given else None
    if read is None or len(read) > call.portal.switches.file_limit:
        raise RestError("ERROR_COULD_NOT_SAVE_FILE", "Could not save file")
    if params.yes("generateUniqueName"):
        name = _make_unique(name, call.world.disk.names_in(number))
    row = files.store(call.portal, number, call.user.id, name=name, content=read)
    return fileshapes.disk_upload(row, url=call.portal.url, download=_make_address(call, row))


def _make_address(call: Call, row: StoredFile) -> str:
    return files.download_address(call.portal, row.file, once=False)


def _make_unique(name: str, taken: set[str]) -> str:
    """Return a name that is not taken: "a.png", "a (1).png", "a (2).png"."""
    stem, dot, end = name.rpartition(".")
    stem, end = (stem, f"{dot}{end}") if stem else (name, "")
    names = (name, *(f"{stem} ({number}){end}" for number in range(1, len(taken) + 1)))
    return next(one for one in names if one not in taken)


@method("disk.file.get", scope="disk")
def file_get(call: Call, params: Params) -> Any:
    """Describe a file of a chat that the caller is in, with an address to download it."""
    number = _read_number(params)
    row = _find_file(call, number)
    if row is None:
        raise _not_found(number)
    if call.user.id not in call.world.messenger.chats[call.world.disk.chat_of(row.folder)].members:
        raise RestError("ACCESS_DENIED", "Access denied")
    return fileshapes.disk_file(row, url=call.portal.url, download=_make_address(call, row))


def _find_file(call: Call, number: int) -> StoredFile | None:
    """Return a file that is stored in a folder or attached to a message, or None."""
    sent = call.world.messenger.file(number)
    if sent is None:
        return call.world.disk.stored.get(number)
    file, message = sent
    folder = files.folder(call.portal, call.world.messenger.chats[message.chat])
    return StoredFile(file=file, folder=folder, author=message.sender or message.author, date=message.date)


@method("im.disk.file.commit", scope="im")
def file_commit(call: Call, params: Params) -> Any:
    """Send files of the Drive to a chat in one message."""
    chat = _get_chat(call, params)
    name = next((name for name in ("FILE_ID", "UPLOAD_ID", "DISK_ID") if params.has(name)), None)
    if name is None:
        raise RestError("FILES_ERROR", "List of files in not specified")
    rows = [_find_file(call, php.int_of(value)) for value in params.values(name)]
    known = tuple(row.file for row in rows if row is not None and _may_read(call, row))
    failed = RestError("SAVE_ERROR", "Error during saving file to chat")
    if not known:
        raise failed
    try:
        message = files.send(call.portal, chat, known, text=params.text("MESSAGE"), actor=call.actor)
    except Refused:
        raise failed from None
    folder = files.folder(call.portal, chat)
    return {
        "FILES": {f"upload{file.id}": _render_sent_file(call, file, message) for file in message.files},
        "DISK_ID": [str(file.id) for file in message.files],
        "FILE_MODELS": {
            f"upload{file.id}": fileshapes.disk_model(file, folder, call.user.id) for file in message.files
        },
        "MESSAGE_ID": message.id,
    }


def _may_read(call: Call, row: StoredFile) -> bool:
    chat = call.world.messenger.chats.get(call.world.disk.chat_of(row.folder))
    return chat is not None and call.user.id in chat.members


def _render_sent_file(call: Call, file: File, message: Message) -> dict[str, Any]:
    """Return a sent file as im.disk.file.commit shows it.

    The date is an empty object, because PHP serialises a date object like that.
    """
    return fileshapes.im_file(file, message, author=call.user.name) | {"date": {}}


@method("im.disk.file.delete", scope="im")
def file_delete(call: Call, params: Params) -> Any:
    """Delete a file that the caller has sent, with its message.

    The result is false when there is no such file, or when the caller is not in its chat. For a file of another person,
    the result is true and nothing is deleted.
    """
    for name, text in (("CHAT_ID", "Chat ID can't be empty"), ("FILE_ID", "File ID can't be empty")):
        if params.number(name) <= 0:
            raise RestError(f"{name}_EMPTY", text)
    found = call.world.messenger.file(params.number("FILE_ID"))
    if found is None or found[1].chat != params.number("CHAT_ID"):
        return False
    _, message = found
    if call.user.id not in call.world.messenger.chats[message.chat].members:
        return False
    if message.author == call.user.id:
        messages.delete(call.portal, message, call.actor, complete=False)
    return True
