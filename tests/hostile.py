"""Makes hostile keyboards, menus, attachments and texts from a seed, the same each time."""

import json
from random import Random
from typing import Any

TEXTS = [
    "", " ", "0", "00", " 0 ", "Go", "Опубликовать", "日本語テキスト", "عربى", "😀", "👨‍👩‍👧‍👦",
    "🇩🇪", "e\u0301", "\u200b", "\ufeff", "a\0b",
    "a\nb", "a\r\nb", "\ta\t", "\x01\x1f\x7f", "a\u2028\u2029b", "a/b//c", '"quoted"', "back\\slash", r"a\nb\tc\"d\\e",
    "<b>&amp;'\"</b>", "#BR#", "[BR][br]", "[USER=1]x[/USER]", "[send=/x]y[/send]", "[URL=javascript:1]z[/URL]", ">>q",
    "------------------------------------------------------", "x" * 300, "ж" * 300, "/" * 100, "\\" * 99, "]" * 40,
    "/path?a=1&b=2", "http://a.b/?q=<x>&y='z'", "https://example.com/ж/😀", "HTTPS://x", " /x", "javascript:alert(1)",
    "#fff", "#A1b2C3", "#ggg", "#ffff", "red", "TRANSPARENT", "CHAT", "primary", "alert", "Base", "Y", "N", "y",
    "MOBILE", "DESKTOP", "ALL", "LINE", "BLOCK", "CARD", "ROW", "COLUMN", "TABLE", "USER", "BOT", "PUT", "SEND",
    "COPY", "CALL", "DIALOG", "LIVECHAT", "HELP", "NEWLINE", "/cmd", "//cmd", "cmd", "7", "-7", " 12abc", "007",
    "99999999999999999999",
]  # fmt: skip
NO_HTML = [*(text for text in TEXTS if "<" not in text), 7, None]
"""For DESCRIPTION: portals read it as HTML, and how they treat tags is not documented well enough to test."""
SCALARS: list[Any] = [None, True, False, 0, 1, -1, 7, 200, 10**6, 2**31, 2**63, -(2**70), 0.0, 1.5, 1e300, -2.5]
BUTTON = [
    "TEXT", "TEXT", "TEXT", "LINK", "APP_ID", "APP_PARAMS", "ACTION", "ACTION_VALUE", "COMMAND", "COMMAND", "TYPE",
    "COMMAND_PARAMS", "FUNCTION", "BLOCK", "CONTEXT", "DISABLED", "DISPLAY", "WIDTH", "BG_COLOR", "BG_COLOR_TOKEN",
    "TEXT_COLOR", "OFF_BG_COLOR", "OFF_TEXT_COLOR", "BOT_ID", "VOTE", "WAIT", "text", "X",
]  # fmt: skip
COLOURS = ["BG_COLOR", "TEXT_COLOR", "OFF_BG_COLOR", "OFF_TEXT_COLOR"]
FIELDS = [
    "NAME", "NAME", "VALUE", "LINK", "LINK", "DESC", "HTML", "PREVIEW", "WIDTH", "HEIGHT", "SIZE", "COLOR",
    "COLOR_TOKEN", "DISPLAY", "USER_ID", "CHAT_ID", "BOT_ID", "NETWORK_ID", "AVATAR", "AVATAR_TYPE", "EXTRA_IMAGE",
    "PREVIEW_SIZE", "TEXT", "AS_DESCRIPTION", "X",
]  # fmt: skip
BLOCKS = ["USER", "LINK", "RICH_LINK", "MESSAGE", "GRID", "IMAGE", "FILE", "DELIMITER", "HTML"]
NAMES = [*BUTTON, *FIELDS, *(name for name in BLOCKS if name != "GRID")]
GOOD = {
    "TEXT": ["Go", "Вперёд", " 😀 "], "COMMAND": ["go", "/go"], "LINK": ["/a", "https://a/?b=1&c=2"],
    "NAME": ["Anna", "Ж/ж"],
    "VALUE": ["v", "[b]v[/b]"], "ACTION": ["PUT", "SEND"], "ACTION_VALUE": ["v"], "DISPLAY": ["LINE", "ROW", "BLOCK"],
}  # fmt: skip


class Hostile:
    """A source of hostile JSON; `sane` is the share of fields with a valid value.

    `blank_cells` allows rows of a grid with one blank text: the reference does not say how a blank one is stored.
    """

    def __init__(self, seed: int, *, sane: float = 0.5, blank_cells: bool = False) -> None:
        """Start from a seed."""
        self.random = Random(seed)  # noqa: S311 - it must be the same each time
        self.sane = sane
        self.blank_cells = blank_cells

    def keyboard(self) -> Any:
        """Make a KEYBOARD in one of its forms."""
        wrapper = {"BUTTONS": self.many(self.button, 12)}
        if self.random.random() < 0.3:
            wrapper |= {"COLORS": self.fields(COLOURS, 3), "VOTE": self.value(), "BOT_ID": self.value()}
        return self.form(wrapper, "BUTTONS")

    def menu(self) -> Any:
        """Make a MENU in one of its forms."""
        return self.form({"ITEMS": self.many(self.button, 8)}, "ITEMS")

    def attach(self) -> Any:
        """Make an ATTACH in one of its forms."""
        wrapper = {"BLOCKS": self.many(self.block, 8)}
        if self.random.random() < 0.5:
            wrapper |= {key: self.value() for key in ("COLOR", "COLOR_TOKEN", "ID")}
            wrapper["DESCRIPTION"] = self.random.choice(NO_HTML)
        return self.form(wrapper, "BLOCKS")

    def text(self) -> str:
        """Make a text of hostile pieces."""
        return "".join(self.random.choices(TEXTS, k=self.random.randint(0, 6)))

    def button(self) -> Any:
        """Make a button, or another value in its place."""
        if self.random.random() < 0.08:
            return self.anything()
        if self.random.random() < 0.15:
            return {"TYPE": "NEWLINE"} | self.fields(BUTTON, 2)
        made = self.fields(BUTTON, 9)
        if self.random.random() < self.sane:
            made |= {key: self.random.choice(GOOD[key]) for key in ("TEXT", self.random.choice(["COMMAND", "LINK"]))}
        if self.random.random() < 0.9:
            made.pop("FUNCTION", None)
        return made

    def block(self) -> Any:
        """Make a block, or another value in its place."""
        if self.random.random() < 0.05:
            return self.anything()
        return {key: self.body(key) for key in self.random.sample(BLOCKS, 1 if self.random.random() < 0.9 else 2)}

    def body(self, key: str) -> Any:
        """Make the value of a block's key."""
        roll = self.random.random()
        if roll < 0.1:
            return self.anything() if key != "GRID" or self.blank_cells else self.random.choice(SCALARS)
        if key in ("MESSAGE", "HTML"):
            return (
                self.text()
                if roll < 0.7
                else {"TEXT": self.text(), "AS_DESCRIPTION": self.random.choice(["Y", "N", 1])}
            )
        one = self.fields(FIELDS, 10)
        if key == "GRID":
            return self.many(self.row, 5)
        return one if roll < 0.6 else self.many(lambda: self.fields(FIELDS, 8), 3)

    def row(self) -> Any:
        """Make a row of a grid."""
        made = self.fields(FIELDS, 8)
        return made if self.blank_cells else made | {key: self.random.choice(GOOD[key]) for key in ("NAME", "VALUE")}

    def fields(self, names: list[str], most: int) -> dict[str, Any]:
        """Make an object with some of the names."""
        chosen = self.random.sample(names, min(len(names), self.random.randint(0, most)))
        return {name: self.field(name) for name in chosen}

    def field(self, name: str) -> Any:
        """Make a value for a name, valid or not."""
        if name in GOOD and self.random.random() < self.sane:
            return self.random.choice(GOOD[name])
        return self.value()

    def value(self) -> Any:
        """Make a text mostly, sometimes another scalar or a structure."""
        roll = self.random.random()
        if roll < 0.6:
            return self.random.choice(TEXTS)
        if roll < 0.75:
            return self.text()
        return self.random.choice(SCALARS) if roll < 0.95 else self.anything()

    def anything(self, depth: int = 0) -> Any:
        """Make any nested JSON."""
        roll = self.random.random()
        if depth > 4 or roll < 0.5:
            return self.random.choice([*TEXTS[:12], *SCALARS])
        if roll < 0.75:
            return [self.anything(depth + 1) for _ in range(self.random.randint(0, 3))]
        return {self.random.choice(NAMES): self.anything(depth + 1) for _ in range(self.random.randint(0, 4))}

    def many(self, make: Any, most: int) -> Any:
        """Make a list, or an object with numbers as keys, as a form has it."""
        made = [make() for _ in range(self.random.randint(0, most))]
        return {str(at): one for at, one in enumerate(made)} if made and self.random.random() < 0.1 else made

    def form(self, wrapper: dict[str, Any], key: str) -> Any:
        """Make the full form, the short one, or the text of either."""
        roll = self.random.random()
        given = wrapper[key] if roll < 0.4 else wrapper
        return json.dumps(given, ensure_ascii=roll < 0.5) if 0.3 < roll < 0.6 else given
