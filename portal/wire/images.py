"""Recognise pictures by their first bytes and read their size: PNG, GIF and JPEG."""

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
"""JPEG markers of the segments that contain the size of the picture."""

SEGMENTS = 1000
"""Largest number of segments of a JPEG that are searched."""

Size = tuple[int, int]


def size_of(content: bytes) -> Size | None:
    """Return width and height of a picture in pixels, or None for other content."""
    try:
        if content.startswith(_PNG):
            return struct.unpack(">II", content[16:24])
        if content[:6] in (b"GIF87a", b"GIF89a"):
            return struct.unpack("<HH", content[6:10])
        return _jpeg(content) if content.startswith(b"\xff\xd8") else None
    except (struct.error, IndexError):
        return None


def _jpeg(content: bytes) -> Size | None:
    """Return width and height of a JPEG in pixels, from the segment that contains them, or None."""
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
    """Return the content type of a picture; application/octet-stream for other content."""
    if size_of(content) is None:
        return "application/octet-stream"
    return "image/png" if content.startswith(_PNG) else "image/gif" if content[:3] == b"GIF" else "image/jpeg"
