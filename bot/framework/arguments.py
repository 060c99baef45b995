"""Parses the arguments of commands: a dataclass describes them, `parse` reads and `compose` writes them."""

from __future__ import annotations

import contextlib
import itertools
import re
import types
import typing
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, TypeAlias, TypeVar

from bot import suggestions
from bot.errors import UserMistake
from bot.framework import converters
from bot.i18n import catalog

A = TypeVar("A")
Reader: TypeAlias = Callable[[str], tuple[Any, str]]
"""Reads a value from the start of a text, and returns it with the rest; raises UserMistake."""

CHOICES = ("moved", "plain")
"""The values of a mistake that are commands to choose from."""
MOST_MISPLACED = 20
"""How many words of a text are checked for misplaced options."""

_ROLE = "words"
_KEY = re.compile(r"([^\W\d]\w*):")
_OPTION_IN_TEXT = re.compile(r"(?<!\S)([^\W\d]\w*):")
_SOMEBODY = r"(?:@\w+(?:[.-]\w+)*|\[USER=\d+[^\]\s]*\].*?\[/USER\])"
_TAGS = re.compile(r"\[/?USER[^\]]*\]", re.IGNORECASE)
_NAMES = re.compile(rf"({_SOMEBODY}(?:, ?{_SOMEBODY})*)[,:;]?(?=\s|\Z)", re.IGNORECASE | re.DOTALL)
_DASHES = re.compile(r"\A\s*(?:--\s+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Role:
    kind: str
    also: tuple[str, ...] = ()
    needed: str = ""
    read: Reader | None = None
    people: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Argument:
    name: str
    role: _Role
    many: bool
    read: Reader
    empty: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    options: dict[str, _Argument]
    suggested: tuple[str, ...]
    positionals: tuple[_Argument, ...]
    rest: _Argument | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Misplaced:
    """An option inside a text: `option` before it, `text` without it."""

    why: str
    option: str
    shown: str
    text: str


def option(*, also: tuple[str, ...] = (), needed: str = "", read: Reader | None = None, people: bool = False) -> Any:
    """Declare a `name:value` argument with other names in `also`.

    `needed` is the locale key of the mistake if it is missing. A field of type `tuple[str, ...]` may be given several
    times, and accepts lists with commas. `people` marks an option for recipients: if it is missing and the text begins
    with a person's name, the user is asked.
    """
    return field(metadata={_ROLE: _Role(kind="option", also=also, needed=needed, read=read, people=people)})


def positional(*, needed: str = "", read: Reader | None = None) -> Any:
    """Declare an argument of one word or one quoted string.

    `read` may read more, or another type.
    """
    return field(metadata={_ROLE: _Role(kind="positional", needed=needed, read=read)})


def rest(*, needed: str = "") -> Any:
    """Declare an argument that takes the remaining text unchanged."""
    return field(metadata={_ROLE: _Role(kind="rest", needed=needed)})


def parse(args: type[A], text: str, *, command: str, language: str = catalog.DEFAULT) -> A:
    """Read the arguments of `command`; raises only UserMistake.

    The mistake's values include `command`, and `written`: the text to put back into the input field. Options must stand
    before the text. If one stands inside it, `moved` and `plain` are the two commands that the user may have meant. A
    misspelled option is answered with a word of `language`.
    """
    try:
        return args(**_values(_shape(typing.cast("Any", args), language), text.strip()))
    except UserMistake as mistake:
        mistake.values |= {"command": command, "written": f"/{command} {text.strip()}" if text.strip() else ""}
        if _shape(typing.cast("Any", args)).rest is None:
            mistake.values.pop("plain", None)  # without a text argument, the option cannot be part of the text
        mistake.values |= {name: f"/{command} {mistake.values[name]}" for name in CHOICES if name in mistake.values}
        raise


def compose(args: object, *, command: str) -> str:
    """Write arguments as a command that `parse` reads; buttons put it into the input field."""
    shape = _shape(typing.cast("Any", type(args)))
    parts = [f"/{command}"]
    parts += [
        converters.plain_or_quoted(str(value)) for a in shape.positionals if (value := getattr(args, a.name)) != a.empty
    ]
    for name, argument in shape.options.items():
        if name == argument.name and (value := getattr(args, name)) != argument.empty:
            parts.append(f"{name}:{_written(value)}")
    if shape.rest and (text := getattr(args, shape.rest.name)):
        given = {name for name, argument in shape.options.items() if getattr(args, argument.name) != argument.empty}
        parts.append(f"-- {text}" if _needs_dashes(shape, text, given) else text)
    return " ".join(parts)


@cache
def _shape(args: Any, language: str = catalog.DEFAULT) -> _Shape:
    hints = typing.get_type_hints(args)
    found = [_argument(f.name, f.metadata[_ROLE], hints[f.name]) for f in fields(args)]
    options = [a for a in found if a.role.kind == "option"]
    by_name = {name: a for a in options for name in (a.name, *a.role.also)}
    return _Shape(
        options=by_name,
        suggested=tuple(catalog.own(language, by_name)),
        positionals=tuple(a for a in found if a.role.kind == "positional"),
        rest=next((a for a in found if a.role.kind == "rest"), None),
    )


def _argument(name: str, role: _Role, hint: Any) -> _Argument:
    kinds = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    many = typing.get_origin(hint) is tuple
    empty = () if many else None if type(None) in kinds else "" if str in kinds else 0
    return _Argument(
        name=name,
        role=role,
        many=many,
        read=role.read or (converters.number if int in kinds else converters.word),
        empty=empty,
    )


def _values(shape: _Shape, text: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    waiting = list(shape.positionals)
    left = text
    while left:
        with _prefixed(text[: len(text) - len(left)]):
            taken = _take_option(argument, left, values) if (argument := _option_at(shape, left)) else None
        if taken is not None:
            left = taken
        elif waiting:
            argument = waiting.pop(0)
            values[argument.name], left = argument.read(left)
        else:
            break
        left = left.lstrip()
    with _prefixed(text[: len(text) - len(left)]):
        _take_rest(shape, left, values)
    for argument in (*shape.positionals, *shape.options.values()):
        if argument.role.needed and not values.get(argument.name):
            raise UserMistake(argument.role.needed)
        values.setdefault(argument.name, argument.empty)
    if shape.rest and shape.rest.role.needed and not values[shape.rest.name]:
        raise UserMistake(shape.rest.role.needed)
    return values


@contextlib.contextmanager
def _prefixed(before: str) -> Iterator[None]:
    """Put the text that was read already before the choices of a mistake."""
    try:
        yield
    except UserMistake as mistake:
        mistake.values |= {name: f"{before}{mistake.values[name]}" for name in CHOICES if name in mistake.values}
        raise


def _take_rest(shape: _Shape, left: str, values: dict[str, Any]) -> None:
    if shape.rest:
        dashes, space, text = converters.split(left)
        if dashes == "--" and space and _needs_dashes(shape, text, values):
            left = text
        elif found := _misplaced(shape, left, values):
            moved = f"{found.option} {found.text}".rstrip()
            raise UserMistake(
                f"words.{found.why}", part=found.shown[: converters.SHOWN], moved=moved, plain=f"-- {left}"
            )
        values[shape.rest.name] = left
    elif left:
        raise UserMistake("words.extra", text=left[: converters.SHOWN])


def _option_at(shape: _Shape, text: str) -> _Argument | None:
    if not (found := _KEY.match(text)):
        return None
    key = found[1].casefold()
    if argument := shape.options.get(key):
        return argument
    value = text[found.end() :]
    if value[:1].strip() and not value.startswith("//") and (near := _nearest(shape, key)):
        slip = {"option": found[1][: converters.SHOWN], "nearest": near, "part": f"{near}:"}
        raise UserMistake("words.unknown_option", **slip, moved=f"{near}:{value}", plain=f"-- {text}")
    return None


def _nearest(shape: _Shape, key: str) -> str | None:
    """Return the nearest name of an option in the user's language; the English one for a word of another language."""
    if near := suggestions.nearest(key, shape.suggested):
        return near
    near = suggestions.nearest(key, shape.options)
    return shape.options[near].name if near else None


def _needs_dashes(shape: _Shape, text: str, given: Collection[str]) -> bool:
    """Check whether a text needs `--` before it to be read unchanged.

    `given` are the options before the text.
    """
    behind = _DASHES.sub("", text)
    try:
        return bool(_option_at(shape, behind) or _misplaced(shape, behind, given))
    except UserMistake:
        return True


def _misplaced(shape: _Shape, text: str, given: Collection[str]) -> _Misplaced | None:
    """Find the options inside a text that were probably meant to stand before it.

    Also finds names of people at its start, if recipients are missing.
    """
    whom = next((a for a in shape.options.values() if a.role.people), None)
    if whom and whom.name not in given and (names := _NAMES.match(text)):
        left = text[names.end() :].lstrip()
        return _Misplaced(why="whom", option=f"{whom.name}:{names[1]}", shown=_TAGS.sub("", names[1]), text=left)
    parts, kept, at = [], "", 0
    alike = (one for one in _OPTION_IN_TEXT.finditer(text) if one[1].casefold() in shape.options)
    for found in itertools.islice(alike, MOST_MISPLACED):
        if found.start() >= at and (end := _option_end(shape, text, found)):
            parts.append(f"{found[0]}{text[found.end() : end].lstrip()}")
            kept += text[at : found.start()].rstrip() + ("" if text[end : end + 1].isspace() else " ")
            at = end
    shown = " ".join(parts)
    return _Misplaced(why="late", option=shown, shown=shown, text=(kept + text[at:]).strip()) if parts else None


def _option_end(shape: _Shape, text: str, found: re.Match[str]) -> int | None:
    """Return where an option inside a text ends; None if it is not an option.

    A value after a space counts only as the last word of the text.
    """
    value = text[found.end() :].lstrip()
    spaced = not text[found.end() : found.end() + 1].strip()
    if not value:
        return None
    try:
        left = _take_option(shape.options[found[1].casefold()], f"{found[0]}{value}", {})
    except UserMistake:
        if spaced:
            return None
        raise
    return None if spaced and left.strip() else len(text) - len(left)


def _take_option(argument: _Argument, text: str, values: dict[str, Any]) -> str:
    key, _, left = text.partition(":")
    if not left[:1].strip():
        near = left.lstrip()
        choices = (
            {"moved": f"{key}:{near}", "plain": f"-- {text}", "part": f"{key}:{converters.first(near)[0]}"}
            if near
            else {}
        )
        raise UserMistake("words.no_value", option=key, **choices)
    if argument.many:
        items, left = converters.items(left, key)
        values[argument.name] = (*values.get(argument.name, ()), *items)
        return left
    if argument.name in values:
        raise UserMistake("words.twice", option=key)
    values[argument.name], left = argument.read(left)
    return left


def _written(value: object) -> str:
    return (
        ",".join(map(converters.plain_or_quoted, value))
        if isinstance(value, tuple)
        else converters.plain_or_quoted(str(value))
    )
