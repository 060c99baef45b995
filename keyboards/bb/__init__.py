"""BB code: build documents, escape foreign text, and convert BB code to plain text."""

from keyboards.bb.escape import BREAK, escape, unescape
from keyboards.bb.nodes import (
    NEWLINE,
    Doc,
    Node,
    Part,
    bold,
    bullets,
    call,
    chat,
    code,
    colour,
    context,
    disk,
    doc,
    everyone,
    icon,
    image,
    italic,
    lines,
    link,
    numbered,
    put,
    quote,
    safe_url,
    send,
    size,
    strike,
    timestamp,
    underline,
    user,
)
from keyboards.bb.plain import plain, raw

__all__ = [
    "BREAK", "NEWLINE", "Doc", "Node", "Part", "bold", "bullets", "call", "chat", "code", "colour", "context", "disk",
    "doc", "escape", "everyone", "icon", "image", "italic", "lines", "link", "numbered", "plain", "put", "quote", "raw",
    "safe_url", "send", "size", "strike", "timestamp", "underline", "unescape", "user",
]  # fmt: skip
