"""Read ATTACH, KEYBOARD, MENU and files of a call, with the errors of Bitrix24 (reference: behaviour 1.3)."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Literal

from portal.api.call import Call, Fields, Params
from portal.errors import Refused, RestError
from portal.markup import attach, keyboard, menu, size
from portal.wire import php
from portal.world.messenger import File

Kind = Literal["attach", "keyboard", "menu"]
How = Literal["add", "update", "answer", "v2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """The attach, keyboard and menu of a call in normal form.

    An absent object is not in `given`; None there means that the object is removed.
    """

    given: dict[str, Any]

    def of(self, kind: Kind) -> Any:
        """Return an object by its kind, or None when it is absent or removed."""
        return self.given.get(kind)


def objects(
    call: Call, params: Params, *, bot: int, how: How, kinds: tuple[Kind, ...] = ("attach", "keyboard", "menu")
) -> Objects:
    """Read attach, keyboard and menu of an im.* or imbot.* method; raise RestError for an invalid or too big one."""
    given: dict[str, Any] = {}
    for kind in kinds:
        name = kind.upper()
        if params.has(name):
            read_object(call, given, kind=kind, raw=params.get(name), bot=bot, how=how)
    return Objects(given=given)


def v2_objects(call: Call, fields: Fields, *, bot: int) -> Objects:
    """Read attach and keyboard of an imbot.v2 method; raise RestError for an invalid or too big one.

    The rules are those of im.*, the error codes differ (reference: behaviour 1.4).
    """
    given: dict[str, Any] = {}
    for kind in ("attach", "keyboard"):
        if fields.has(kind):
            read_object(call, given, kind=kind, raw=fields.get(kind), bot=bot, how="v2")
    return Objects(given=given)


def read_object(call: Call, given: dict[str, Any], *, kind: Kind, raw: Any, bot: int, how: How) -> None:
    """Put the normal form of one object into `given`, by its kind; raise RestError when it is invalid or too big.

    None there means "remove"; the kind stays absent when the object changes nothing.
    """
    if php.is_empty(raw) or raw == "N":
        if how != "add" or raw == "N":
            given[kind] = None
        return
    value = normalize(call, kind, raw, bot=bot, own_bot=how == "v2")
    if value is None:
        raise RestError(_invalid_code(kind, how), f"Incorrect {kind} params")
    if not size.fits(value, call.portal.switches.size_rule):
        raise _oversize_error(call, kind, how)
    given[kind] = value


def normalize(call: Call, kind: Kind, raw: Any, *, bot: int, own_bot: bool) -> Any:
    """Return the normal form of one object, or None when it is invalid."""
    if kind == "attach":
        return attach.normalize(raw, now=call.portal.clock.now())
    if kind == "keyboard":
        return keyboard.normalize(raw, bot=bot, own_bot=own_bot)
    return menu.normalize(raw, bot=bot)


def _invalid_code(kind: Kind, how: How) -> str:
    if how == "v2":
        return f"PARAM_{kind.upper()}_ERROR"
    return f"{kind.upper()}_ERROR"


def _oversize_error(call: Call, kind: Kind, how: How) -> RestError:
    """Make the error to raise for an object that is too big.

    Where REST does not check the size, storing the message fails with PARAM_*_ERROR.
    """
    text = f"You have exceeded the maximum allowable size of {kind}"
    if call.portal.switches.size_rule == "30kb":
        return RestError(f"{kind.upper()}_OVERSIZE", text)
    unchecked = (how == "add" and kind != "attach") or (how == "answer" and kind == "menu")
    if how == "v2" or unchecked:
        because = Refused(f"PARAM_{kind.upper()}_ERROR", text)
        return RestError("PARAMS_ERROR", "Message isn't added", because=because)
    return RestError(f"{kind.upper()}_OVERSIZE", text)


def files(call: Call, value: Any) -> tuple[File, ...]:
    """Return the files of FILES, a list of [name, base64]; skip unreadable files without an error."""
    made = []
    for item in php.values_of(value):
        pair = php.values_of(item)
        if len(pair) > 1 and php.text_of(pair[0]):
            content = decode_base64(php.text_of(pair[1]))
            if content is not None:
                made.append(File(id=call.world.next_id("file"), name=php.text_of(pair[0]), content=content))
    return tuple(made)


def decode_base64(text: str) -> bytes | None:
    """Decode base64; return None when it is invalid."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
