"""Buttons: one frozen value for each action of a press, checked when made.

For a button that a portal would drop without an error, BadButton is raised here, with the reason. The same values are
items of a MENU (menu.py), which has only TEXT, the action, CONTEXT and DISABLED.

Reference: KEYBOARD, per element: TEXT and exactly one of LINK, APP_ID, ACTION with ACTION_VALUE, COMMAND.
"""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, TypeAlias

from keyboards.enums import Context, Display, Rank, Token
from keyboards.errors import BadButton
from keyboards.validation import checks, rules

Wire: TypeAlias = dict[str, object]
"""A JSON object as a request contains it."""

_WORDS = (Token, Context, Rank)
_DIALOG = re.compile(r"(?:(?:chat|sg|crm)?[1-9][0-9]*)\Z")
_PHONE = re.compile(r"\+?[0-9*#(][0-9*#() .,;-]*\Z")


@dataclass(frozen=True, slots=True)
class Button:
    """The base class of all buttons; it cannot be used itself.

    `display` None means: in one line with the other buttons of the row, or alone on a line when there are none. `rank`
    and `instead` are for `fit`: the priority of the button, and a smaller button that may replace it, or None.

    Reference: DISABLED, CONTEXT, DISPLAY, WIDTH (pixels), BG_COLOR, BG_COLOR_TOKEN, TEXT_COLOR, OFF_BG_COLOR,
    OFF_TEXT_COLOR; the portal ignores a wrong colour, here it is an error.
    """

    text: str
    _: KW_ONLY
    disabled: bool = False
    context: Context = Context.ALL
    display: Display | None = None
    width: int | None = None
    token: Token = Token.BASE
    colour: str | None = None
    text_colour: str | None = None
    off_colour: str | None = None
    off_text_colour: str | None = None
    rank: Rank = Rank.MUST
    instead: Button | None = None

    def __post_init__(self) -> None:
        """Trim the text; raise BadButton for fields that the portal would drop or ignore."""
        text = checks.label(self.text, BadButton)
        if text is not self.text:
            object.__setattr__(self, "text", text)
        if self.width is not None:
            checks.positive(self.width, "WIDTH", BadButton)
        if self.colour or self.text_colour or self.off_colour or self.off_text_colour:
            for key, value in self.colours():
                checks.colour(value, key, BadButton)
        words = self.token.__class__, self.context.__class__, self.rank.__class__
        if words != _WORDS or self.display is not None or self.instead is not None:
            self._check_options()
        self.check()

    def _check_options(self) -> None:
        """Check the types of enumerations and of `instead`; raise BadButton."""
        checks.member(self.token, Token, BadButton)
        checks.member(self.context, Context, BadButton)
        checks.member(self.rank, Rank, BadButton)
        if self.display is not None:
            checks.member(self.display, Display, BadButton)
        if self.instead is not None and not isinstance(self.instead, Button):
            raise BadButton(f"instead is {type(self.instead).__name__}, not a button")

    def check(self) -> None:
        """Check the action; raise BadButton when the portal would not accept it. The base class has no action."""
        raise BadButton(f"the button {self.text!r} has no action: the portal would drop it")

    def action(self) -> Wire:
        """Return the fields of the action; each kind of button has its own."""
        return {}

    def colours(self) -> tuple[tuple[str, str | None], ...]:
        """Return the four colour fields with their values or None."""
        return (
            ("BG_COLOR", self.colour),
            ("TEXT_COLOR", self.text_colour),
            ("OFF_BG_COLOR", self.off_colour),
            ("OFF_TEXT_COLOR", self.off_text_colour),
        )

    def shown(self, *, beside: bool) -> Display:
        """Return the DISPLAY of the button; `beside` means that there are other buttons in the row."""
        return self.display or (Display.LINE if beside else Display.BLOCK)

    def wire(self, *, beside: bool = False) -> Wire:
        """Return the button as a request contains it, without default values.

        `beside` means that there are other buttons in the row.
        """
        wire = {"TEXT": self.text, **self.action(), **self.reach()}
        if self.shown(beside=beside) is not Display.BLOCK:
            wire["DISPLAY"] = Display.LINE.value
        if self.width is not None:
            wire["WIDTH"] = self.width
        if self.token is not Token.BASE:
            wire["BG_COLOR_TOKEN"] = self.token.value
        wire.update((key, value) for key, value in self.colours() if value is not None)
        return wire

    def stored(self, bot_id: int, *, beside: bool = False) -> Wire:
        """Return the button as a portal stores it; `beside` means that there are other buttons in the row.

        The result is the same as `normal.keyboard` of `wire`, but faster.
        """
        stored: Wire = {
            "BOT_ID": bot_id,
            "TYPE": "BUTTON",
            **self.stored_action(),
            "TEXT": self.text,
            "VOTE": "N",
            "BLOCK": "N",
            "WAIT": "N",
            "CONTEXT": self.context.value,
            "DISABLED": "Y" if self.disabled else "N",
            "DISPLAY": self.shown(beside=beside).value,
        }
        if self.width is not None:
            stored["WIDTH"] = self.width
        stored["BG_COLOR_TOKEN"] = self.token.value
        if self.colour or self.text_colour or self.off_colour or self.off_text_colour:
            stored.update((key, value) for key, value in self.colours() if value is not None)
        return stored

    def stored_action(self) -> Wire:
        """Return the fields of the action as a portal stores them."""
        return self.action()

    def reach(self) -> Wire:
        """Return CONTEXT and DISABLED, each only when it is not default."""
        reach: Wire = {}
        if self.context is not Context.ALL:
            reach["CONTEXT"] = self.context.value
        if self.disabled:
            reach["DISABLED"] = "Y"
        return reach


@dataclass(frozen=True, slots=True)
class Command(Button):
    """Calls a command of the bot; no message is written to the chat.

    `command` is the registered name, with or without slash; `params` is a text that the handler of the command gets.
    `block` disables all buttons of the message until the bot answers (reference: BLOCK, for COMMAND only).

    Reference: COMMAND, COMMAND_PARAMS; without a bot the portal drops the button, so `envelope` requires one.
    """

    command: str
    params: str = ""
    block: bool = field(default=False, kw_only=True)

    def check(self) -> None:
        """Check name and parameters, and remove one leading slash, as the portal does; raise BadButton."""
        name = checks.unicode(self.command, "COMMAND", BadButton).removeprefix("/")
        if name in ("", "0") or name.split() != [name]:
            raise BadButton(f"COMMAND {self.command!r} is not a command: write one word, and the parameters as params")
        if self.params == "0":
            raise BadButton('COMMAND_PARAMS is "0", which the portal drops: write another text')
        if name is not self.command:
            object.__setattr__(self, "command", name)
        if self.params != "" and not rules.filled(checks.unicode(self.params, "COMMAND_PARAMS", BadButton)):
            object.__setattr__(self, "params", "")

    def action(self) -> Wire:
        """Return the fields COMMAND, COMMAND_PARAMS and BLOCK, the last two only when they are not empty."""
        wire: Wire = {"COMMAND": self.command}
        if self.params:
            wire["COMMAND_PARAMS"] = self.params
        if self.block:
            wire["BLOCK"] = "Y"
        return wire

    def stored(self, bot_id: int, *, beside: bool = False) -> Wire:
        """Return the button as a portal stores it; BLOCK is "Y" when `block` is set."""
        stored = Button.stored(self, bot_id, beside=beside)
        if self.block:
            stored["BLOCK"] = "Y"
        return stored

    def stored_action(self) -> Wire:
        """Return the fields COMMAND and COMMAND_PARAMS; the portal stores empty parameters too."""
        return {"COMMAND": self.command, "COMMAND_PARAMS": self.params}


@dataclass(frozen=True, slots=True)
class Link(Button):
    """Opens an address.

    It is `https://...`, `http://...` or a path of the portal (reference: LINK, case-sensitive).
    """

    url: str

    def check(self) -> None:
        """Check the address; raise BadButton when the portal would not accept it."""
        checks.link(self.url, "LINK", BadButton)

    def action(self) -> Wire:
        """Return the field LINK."""
        return {"LINK": self.url}

    def stored_action(self) -> Wire:
        """Return the field LINK, escaped as HTML."""
        return {"LINK": rules.html(self.url)}


@dataclass(frozen=True, slots=True)
class App(Button):
    """Opens an application of the portal (reference: APP_ID, APP_PARAMS; outdated, for old bots)."""

    app_id: int
    params: str = ""

    def check(self) -> None:
        """Check the id of the application and the parameters; raise BadButton."""
        checks.positive(self.app_id, "APP_ID", BadButton)
        if not rules.filled(checks.unicode(self.params, "APP_PARAMS", BadButton)):
            object.__setattr__(self, "params", "")

    def action(self) -> Wire:
        """Return the field APP_ID, and APP_PARAMS when they are not empty."""
        return {"APP_ID": self.app_id, **({"APP_PARAMS": self.params} if self.params else {})}


@dataclass(frozen=True, slots=True)
class Action(Button):
    """The base class of actions that the client does alone, without an event for the bot.

    Reference: ACTION, ACTION_VALUE.
    """

    value: str

    name: ClassVar[str] = ""

    def check(self) -> None:
        """Check the value; raise BadButton when it is empty."""
        if not self.name:
            raise BadButton("Action is a base class: use Put, Send, Copy, Call or Dialog")
        if not rules.filled(checks.unicode(self.value, "ACTION_VALUE", BadButton)):
            raise BadButton(f"ACTION_VALUE of {self.name} is empty: the portal would drop the button")

    def action(self) -> Wire:
        """Return the fields ACTION and ACTION_VALUE."""
        return {"ACTION": self.name, "ACTION_VALUE": self.value}


@dataclass(frozen=True, slots=True)
class Put(Action):
    """Puts the value into the input field of the person (reference: ACTION PUT)."""

    name: ClassVar[str] = "PUT"


@dataclass(frozen=True, slots=True)
class Send(Action):
    """Sends the value to the chat in the name of the person (reference: ACTION SEND)."""

    name: ClassVar[str] = "SEND"


@dataclass(frozen=True, slots=True)
class Copy(Action):
    """Copies the value to the clipboard (reference: ACTION COPY)."""

    name: ClassVar[str] = "COPY"


@dataclass(frozen=True, slots=True)
class Call(Action):
    """Calls the telephone number (reference: ACTION CALL)."""

    name: ClassVar[str] = "CALL"

    def check(self) -> None:
        """Check the telephone number; raise BadButton."""
        if not _PHONE.match(checks.unicode(self.value, "ACTION_VALUE", BadButton)):
            raise BadButton(f"{self.value!r} is not a telephone number")


@dataclass(frozen=True, slots=True)
class Dialog(Action):
    """Opens a dialog: `chat10`, or the id of a person (reference: ACTION DIALOG)."""

    name: ClassVar[str] = "DIALOG"

    def check(self) -> None:
        """Check the DIALOG_ID; raise BadButton."""
        if not _DIALOG.match(checks.unicode(self.value, "ACTION_VALUE", BadButton)):
            raise BadButton(f"{self.value!r} is not a dialog: write chat10 or the id of a person")
