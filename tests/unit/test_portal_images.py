"""Pictures are recognised by their first bytes, with their size."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.wire import images

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + struct.pack(">II", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 12, 7)
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x08\x08" + struct.pack(">HH", 300, 400) + b"\x00"


@pytest.mark.parametrize(
    ("content", "size", "kind"),
    [
        (PNG, (640, 480), "image/png"),
        (GIF, (12, 7), "image/gif"),
        (JPEG, (400, 300), "image/jpeg"),
        (PNG[:20], None, "application/octet-stream"),
        (GIF[:8], None, "application/octet-stream"),
        (JPEG[:12], None, "application/octet-stream"),
        (b"\xff\xd8\xff\xe0\x00\x04ab\x00", None, "application/octet-stream"),
        (b"<svg/>", None, "application/octet-stream"),
        (b"", None, "application/octet-stream"),
    ],
    ids=["png", "gif", "jpeg", "half-png", "half-gif", "half-jpeg", "no-segment", "svg", "nothing"],
)
def test_a_picture_has_a_size(content: bytes, size: tuple[int, int] | None, kind: str) -> None:
    """Width and height come from the header; other content is only saved."""
    assert images.size_of(content) == size
    assert images.type_of(content) == kind


@given(st.sampled_from([b"", PNG[:8], GIF[:6], b"\xff\xd8"]), st.binary(max_size=200))
def test_any_bytes_give_a_result(head: bytes, rest: bytes) -> None:
    """Any bytes after a known beginning give a result without an error."""
    assert images.size_of(head + rest) is None or images.type_of(head + rest).startswith("image/")
