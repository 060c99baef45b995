"""How files look in answers: what kind they are, and how large a picture is."""

import struct
from typing import Any

from portal.clock import iso
from portal.state.people import User
from portal.state.talk import File

PNG, GIF = b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a")
IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_PNG_SIZE, _GIF_SIZE = struct.Struct(">16xII"), struct.Struct("<6xHH")


def size_of(content: bytes) -> dict[str, int] | None:
    """Return width and height of a PNG or GIF, None for anything else."""
    shape = _PNG_SIZE if content.startswith(PNG) else _GIF_SIZE if content.startswith(GIF) else None
    if shape is None or len(content) < shape.size:
        return None
    width, height = shape.unpack_from(content)
    return {"width": width, "height": height}


def is_image(file: File) -> bool:
    """Tell whether a file is a picture by its name."""
    return file.name.lower().endswith(IMAGES)


def shown(file: File, *, url: str, author: User, date: float) -> dict[str, Any]:
    """Return a file as feed and timeline comments show it; `url` is the portal's address."""
    picture = size_of(file.content) if is_image(file) else None
    row: dict[str, Any] = {
        "id": file.id,
        "date": iso(date),
        "type": "image" if is_image(file) else "file",
        "name": file.name,
        "size": file.size,
    }
    if picture is not None:
        row["image"] = picture
    return row | {
        "authorId": author.id,
        "authorName": author.name,
        "urlPreview": f"{url}disk/showPreview/{file.id}/" if is_image(file) else "",
        "urlShow": f"{url}disk/showFile/{file.id}/",
        "urlDownload": f"{url}disk/downloadFile/{file.id}/",
    }
