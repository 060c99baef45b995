"""Telling a picture from its first bytes, with its size in pixels: PNG, GIF and JPEG."""

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
"""JPEG markers that say how large the picture is."""

SEGMENTS = 1000
"""How many segments are looked through."""

Size = tuple[int, int]


def size_of(content: bytes) -> Size | None:
    """Return width and height of a picture, None when it is none."""
    try:
        if content.startswith(_PNG):
            return struct.unpack(">II", content[16:24])
        if content[:6] in (b"GIF87a", b"GIF89a"):
            return struct.unpack("<HH", content[6:10])
        return _jpeg(content) if content.startswith(b"\xff\xd8") else None
    except (struct.error, IndexError):
        return None


def _jpeg(content: bytes) -> Size | None:
    """Walk a JPEG's segments to the one that holds its size."""
    place = 2
    for _ in range(SEGMENTS):
        if content[place] != 0xFF:  # noqa: PLR2004 - every segment begins with this byte
            return None
        marker, (length,) = content[place + 1], struct.unpack(">H", content[place + 2 : place + 4])
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return None


def type_of(content: bytes) -> str:
    """Return the content type a file may be shown with; anything but a picture is only to be saved."""
    if size_of(content) is None:
        return "application/octet-stream"
    return "image/png" if content.startswith(_PNG) else "image/gif" if content[:3] == b"GIF" else "image/jpeg"
