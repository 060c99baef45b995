"""Files as answers and events show them, in all three spellings (reference: E3, F4, behaviour 5.3)."""

import hashlib
from typing import Any

from portal.clock import iso
from portal.wire import images
from portal.world.disk import StoredFile
from portal.world.messenger import File, Message
from portal.world.people import User

Shape = dict[str, Any]
IMAGES = ("png", "jpg", "jpeg", "gif", "webp")
KINDS = {"video": ("mp4", "webm", "mov"), "audio": ("mp3", "ogg", "wav", "m4a")}


def extension(name: str) -> str:
    """Return the part of a name after its last dot; empty without a dot."""
    return name.rpartition(".")[2] if "." in name else ""


def kind(file: File) -> str:
    """Return the kind of a file: "file", "image", "video" or "audio".

    Pictures are recognised by content, the other kinds by name.
    """
    if images.size_of(file.content) is not None:
        return "image"
    return next((name for name, known in KINDS.items() if extension(file.name).lower() in known), "file")


def image(file: File) -> Shape | bool:
    """Return width and height of a picture in pixels, or False for any other file."""
    size = images.size_of(file.content)
    return {"width": size[0], "height": size[1]} if size is not None else False


def is_image(file: File) -> bool:
    """Tell whether the feed shows a file as a picture, which depends on its name."""
    return extension(file.name).lower() in IMAGES


NOTES = {"isTranscribable": False, "isVideoNote": False, "isVoiceNote": False}
"""Flags of voice and video notes, which are not emulated."""


def _file(file: File, message: Message, author: str) -> Shape:
    return {
        "id": file.id,
        "chatId": message.chat,
        "date": iso(message.date),
        "type": kind(file),
        "name": file.name,
        "extension": extension(file.name),
        "size": file.size,
        "image": image(file),
        "authorId": message.author,
        "authorName": author,
    }


def v2_file(file: File, message: Message, *, author: str) -> Shape:
    """Return a file as imbot.v2 shows it."""
    return _file(file, message, author) | NOTES


def links(file: File) -> Shape:
    """Return the addresses of a file in the messenger, as im.* shows them."""
    return {
        "urlPreview": f"/disk/showPreview/{file.id}/" if kind(file) == "image" else "",
        "urlShow": f"/disk/showFile/{file.id}/",
        "urlDownload": f"/disk/downloadFile/{file.id}/",
    }


def viewer(file: File, message: Message) -> Shape:
    """Return the attributes with which the messenger opens a file."""
    pictured = kind(file) == "image"
    return {
        "viewer": "",
        "viewerType": "image" if pictured else "unknown",
        "src": links(file)["urlDownload"],
        "objectId": str(file.id),
        "viewerGroupBy": str(message.chat),
        "imChatId": message.chat,
        "title": file.name,
    }


def im_file(file: File, message: Message, *, author: str) -> Shape:
    """Return a file as im.dialog.messages.get shows it."""
    at = links(file)
    preview = {"preview": {"250": at["urlPreview"]}} if kind(file) == "image" else []
    open_ = {"status": "done", "progress": 100, "viewerAttrs": viewer(file, message), "mediaUrl": preview}
    return v2_file(file, message, author=author) | at | open_


def im2_file(file: File, message: Message, *, author: str) -> Shape:
    """Return a file as im.v2 shows it, with addresses and viewer attributes."""
    open_ = {"status": "done", "progress": 100, "viewerAttrs": viewer(file, message)}
    return v2_file(file, message, author=author) | links(file) | open_


def v1_file(file: File, chat: int) -> Shape:
    """Return a file as ONIMBOTMESSAGEADD contains it."""
    return {
        "id": file.id,
        "chatId": chat,
        "type": kind(file),
        "name": file.name,
        "extension": extension(file.name),
        "size": file.size,
    }


def feed_file(file: File, *, url: str, author: User, date: float) -> Shape:
    """Return a file as comments of the feed and of timelines show it.

    `url` is the address of the portal, `date` in Unix seconds.
    """
    pictured, size = is_image(file), image(file)
    row: Shape = {
        "id": file.id,
        "date": iso(date),
        "type": "image" if pictured else "file",
        "name": file.name,
        "size": file.size,
    }
    if pictured and size:
        row["image"] = size
    return row | {
        "authorId": author.id,
        "authorName": author.name,
        "urlPreview": f"{url}disk/showPreview/{file.id}/" if pictured else "",
        "urlShow": f"{url}disk/showFile/{file.id}/",
        "urlDownload": f"{url}disk/downloadFile/{file.id}/",
    }


STORAGE = 3
"""Number of the messenger's storage on the Drive; it differs between portals."""


def disk_file(row: StoredFile, *, url: str, download: str) -> Shape:
    """Return a file as disk.file.get shows it; numbers are strings.

    `url` is the address of the portal, `download` the address of the content.
    """
    number, author, date = str(row.file.id), str(row.author), iso(row.date)
    return {
        "ID": number,
        "NAME": row.file.name,
        "CODE": None,
        "STORAGE_ID": str(STORAGE),
        "TYPE": "file",
        "PARENT_ID": str(row.folder),
        "DELETED_TYPE": "0",
        "GLOBAL_CONTENT_VERSION": "1",
        "FILE_ID": number,
        "SIZE": str(row.file.size),
        "CREATE_TIME": date,
        "UPDATE_TIME": date,
        "DELETE_TIME": None,
        "CREATED_BY": author,
        "UPDATED_BY": author,
        "DELETED_BY": "0",
        "DOWNLOAD_URL": download,
        "DETAIL_URL": f"{url}company/personal/user/{author}/disk/file/{row.file.name}",
    }


def disk_upload(row: StoredFile, *, url: str, download: str) -> Shape:
    """Return a new file as disk.folder.uploadfile shows it: as disk.file.get, but some values are numbers."""
    number = row.file.id
    fresh = {"ID": number, "DELETED_TYPE": 0, "GLOBAL_CONTENT_VERSION": 1, "FILE_ID": number, "DELETED_BY": None}
    return disk_file(row, url=url, download=download) | fresh


def disk_model(file: File, folder: int, author: int) -> Shape:
    """Return a file as im.disk.file.commit shows it; its dates are empty objects."""
    etag, at = hashlib.md5(file.content, usedforsecurity=False).hexdigest(), links(file)
    return {
        "id": file.id,
        "name": file.name,
        "createTime": {},
        "updateTime": {},
        "deleteTime": None,
        "code": None,
        "xmlId": None,
        "storageId": STORAGE,
        "realObjectId": file.id,
        "parentId": folder,
        "deletedType": 0,
        "createdBy": str(author),
        "updatedBy": str(author),
        "deletedBy": "0",
        "uniqueCode": etag[:20],
        "typeFile": 2 if kind(file) == "image" else 1,
        "globalContentVersion": 1,
        "fileId": file.id,
        "size": file.size,
        "etag": etag,
        "links": {"download": at["urlDownload"], "showInGrid": at["urlShow"], "preview": at["urlPreview"]},
    }
