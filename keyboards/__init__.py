"""Build KEYBOARD, MENU, ATTACH and BB code for Bitrix24 messages within the limits.

    from keyboards import Command, Keyboard, Link, Message, fit

    keyboard = Keyboard.of([[Command("Publish", "post"), Link("Open", "https://example.com/")]])
    fitted = fit(Message("[b]Ready[/b]", keyboard))

Pure Python, standard library only, no I/O. Each rule names its source in the documentation of Bitrix24.
"""

from keyboards import attach, bb, fields, limits, normal, pages
from keyboards.attach import Attach
from keyboards.buttons import App, Button, Call, Command, Copy, Dialog, Link, Put, Send, Wire
from keyboards.enums import Avatar, Context, Display, GridDisplay, Rank, Token
from keyboards.errors import BadBlock, BadButton, BadPayload, BadSignature, BadText, KeyboardsError, Reason, TooBig
from keyboards.fitting.fit import Fitted, GivenUp, Measured, Report, fit
from keyboards.keyboard import REMOVE, Keyboard, envelope
from keyboards.menu import Menu
from keyboards.message import Message
from keyboards.signed import Binding, Signer
from keyboards.sizing.json_size import Size
from keyboards.sizing.sizes import WIDEST_BOT_ID, size, stored
from keyboards.texts.shortening import head
from keyboards.texts.splitting import split

__all__ = [
    "REMOVE", "WIDEST_BOT_ID", "App", "Attach", "Avatar", "BadBlock", "BadButton", "BadPayload", "BadSignature",
    "BadText", "Binding", "Button", "Call", "Command", "Context", "Copy", "Dialog", "Display", "Fitted", "GivenUp",
    "GridDisplay", "Keyboard", "KeyboardsError", "Link", "Measured", "Menu", "Message", "Put", "Rank", "Reason",
    "Report", "Send", "Signer", "Size", "Token", "TooBig", "Wire", "attach", "bb", "envelope", "fields", "fit", "head",
    "limits", "normal", "pages", "size", "split", "stored",
]  # fmt: skip
