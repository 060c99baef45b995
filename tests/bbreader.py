"""A reader of BB code, written from the published list of codes, that shares no code with ours.

It is strict on purpose: everything that any portal might take for a tag counts, closed or not.
"""

from dataclasses import dataclass, field

PAIRED = frozenset(
    {"b", "i", "u", "s", "size", "color", "url", "user", "chat", "context", "put", "send", "call", "code", "img", "pch"}
    | {"rating", "attach"}
)
ALONE = frozenset({"br", "icon", "timestamp", "disk"})
DASHES = 6


@dataclass
class Reading:
    """What a reader sees: the text without markup, the links with their labels, the unclosed tags."""

    text: str = ""
    links: list[tuple[str, str, str]] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)


def tag_at(code: str, at: int) -> tuple[str, bool, str, int] | None:
    """Return the tag that begins here: its name, whether it closes, the rest of it, and where it ends."""
    if code[at] != "[":
        return None
    place = at + 1
    closes = code[place : place + 1] == "/"
    place += closes
    name = ""
    while place < len(code) and code[place].isascii() and code[place].isalpha():
        name += code[place].lower()
        place += 1
    if name not in PAIRED | ALONE:
        return None
    if place == len(code) or code[place] in "]= \t\r\n":
        end = code.find("]", place)
        value = code[place:end] if end >= 0 else code[place:]
        return name, closes, value.lstrip("= "), (end + 1 if end >= 0 else len(code))
    return None


def active(code: str) -> list[str]:
    """Return everything in the text that has an effect: tags, line breaks, quotes, rules."""
    found = [f"tag {tag[0]}" for at in range(len(code)) if (tag := tag_at(code, at))]
    lowered = code.lower()
    found += ["#br#"] * lowered.count("#br#")
    for line in code.replace("\r", "\n").split("\n"):
        if line.lstrip(" \t").startswith(">>"):
            found.append("quote")
        if DASHES * "-" in line:
            found.append("rule")
    return found


def read(code: str) -> Reading:
    """Return the text as a person sees it."""
    reading = Reading()
    opened: list[tuple[str, str, int]] = []
    at = 0
    while at < len(code):
        tag = tag_at(code, at)
        if tag is None or (opened and opened[-1][0] == "code" and tag[:2] != ("code", True)):
            reading.text += code[at]
            at += 1
            continue
        name, closes, value, at = tag
        if name == "br":
            reading.text += "\n"
        elif name in PAIRED and closes:
            close(reading, opened, name)
        elif name in PAIRED:
            opened.append((name, value, len(reading.text)))
    reading.unclosed = [name for name, _, _ in opened]
    return reading


def close(reading: Reading, opened: list[tuple[str, str, int]], name: str) -> None:
    """Close the nearest open tag of this name."""
    for place in reversed(range(len(opened))):
        if opened[place][0] == name:
            _, value, start = opened.pop(place)
            if name in {"url", "user", "chat", "context", "put", "send", "call", "img"}:
                reading.links.append((name, value, reading.text[start:]))
            return
    reading.stray.append(name)
