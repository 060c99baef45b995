"""Parses the arguments of commands: a dataclass describes them, `parse` reads and `compose` writes them."""

from __future__ import annotations

import contextlib
import re
import typing
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from bot import suggestions
from bot.errors import UserMistake
from bot.framework import converters, look_alikes
from bot.framework.argument_shapes import Argument, Shape, open_end, option, positional, rest, shape_of
from bot.i18n import catalog
from bot.texts import comparing, cutting

__all__ = ["compose", "open_end", "option", "parse", "positional", "rest"]

A = TypeVar("A")

CHOICES = frozenset({"moved", "plain"})
"""The values of a mistake that are commands to choose from."""
MOST_MISPLACED = 20
"""How many words of a text are checked for misplaced options."""

_SPACE = re.compile(r"\s(?=\S)")
_MAYBE_OPTION = re.compile(r"(?<!\S)(?=\S{1,40}?[:=：＝∶꞉ː])")
_SOMEBODY = r"(?:@\w+(?:[.-]\w+)*|\[USER=\d+[^\]\s]*\].*?\[/USER\])"
_TAGS = re.compile(r"\[/?USER[^\]]*\]", re.IGNORECASE)
_NAMES = re.compile(rf"({_SOMEBODY}(?:, ?{_SOMEBODY})*)[,:;]?(?=\s|\Z)", re.IGNORECASE | re.DOTALL)
_DASHES = re.compile(r"\A\s*(?:--\s+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Misplaced:
    """Options that stand inside a text: `option` is how they are written before it, `text` is the text without them."""

    why: str
    option: str
    shown: str
    text: str


def parse(args: type[A], text: str, *, command: str, language: str = catalog.DEFAULT) -> A:
    """Read the arguments of a command from a text, into the dataclass `args`.

    Options must stand before the text. A misspelled option is answered with a word of `language`.

    Raises:
        UserMistake: its values include `command`, and `written`: the text to put back into the input field. If an
            option stands inside the text, `moved` and `plain` are the two commands that the user may have meant.
    """
    try:
        return args(**_values(shape_of(typing.cast("Any", args), language), text.strip()))
    except UserMistake as mistake:
        mistake.values |= {"command": command, "written": f"/{command} {text.strip()}" if text.strip() else ""}
        if shape_of(typing.cast("Any", args)).rest is None:
            mistake.values.pop("plain", None)  # without a text argument, the option cannot be part of the text
        mistake.values |= {name: f"/{command} {mistake.values[name]}" for name in CHOICES if name in mistake.values}
        raise


def compose(args: object, *, command: str) -> str:
    """Write arguments as a command that `parse` can read; buttons put it into the input field."""
    shape = shape_of(typing.cast("Any", type(args)))
    parts = [f"/{command}"]
    parts += [
        converters.plain_or_quoted(str(value)) for a in shape.positionals if (value := getattr(args, a.name)) != a.empty
    ]
    for name, argument in shape.options.items():
        if name == argument.called and (value := getattr(args, argument.name)) != argument.empty:
            parts.append(f"{name}:{converters.written(value)}")
    if shape.rest and (text := getattr(args, shape.rest.name)):
        given = {name for name, argument in shape.options.items() if getattr(args, argument.name) != argument.empty}
        parts.append(f"-- {text}" if _needs_dashes(shape, text, given) else text)
    return " ".join(parts)


def _values(shape: Shape, text: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    waiting = list(shape.positionals)
    left = text
    while left:
        with _prefixed(text[: len(text) - len(left)]):
            taken = _take_next(shape, left, waiting, values)
        if taken is None:
            break
        left = taken.lstrip()
    with _prefixed(text[: len(text) - len(left)]):
        _take_rest(shape, left, values)
    for argument in (*shape.positionals, *shape.options.values()):
        if argument.role.needed and not values.get(argument.name):
            raise UserMistake(argument.role.needed)
        values.setdefault(argument.name, argument.empty)
    if shape.rest and shape.rest.role.needed and not values[shape.rest.name]:
        raise UserMistake(shape.rest.role.needed)
    return values


def _take_next(shape: Shape, text: str, waiting: list[Argument], values: dict[str, Any]) -> str | None:
    """Read the next option or positional argument, and return the rest of the text; None if only the text is left."""
    text = shape.spelled(text)
    argument = None if waiting and re.match(waiting[0].role.exact, text) else _option_at(shape, text)
    if argument and argument.role.spaced and not any(one.role.needed for one in waiting):
        end = _next_option(shape, text)
        return _take_option(argument, text[:end], values, spaced=True) + text[end:]
    if argument:
        left = _take_option(argument, text, values)
    elif waiting:
        argument = waiting.pop(0)
        values[argument.name], left = argument.read(text)
    else:
        return None
    if shape.open_end:
        values[shape.open_end] = argument.role.people and _may_go_on(
            values[argument.name][-1], text[: len(text) - len(left)], left
        )
    return left


def _next_option(shape: Shape, text: str) -> int:
    """Return where the second option in a text begins, or the end of the text if there is none."""
    found = (shape.key.match(text, one.end()) for one in _SPACE.finditer(text))
    return next((one.start() for one in found if one and shape.named(one[1])), len(text))


def _may_go_on(name: str, written: str, left: str) -> bool:
    """Check whether a name without quotes is followed by a text in the same line."""
    space = left[: len(left) - len(left.lstrip())]
    return bool(space) and "\n" not in space and converters.is_plain(name, written)


@contextlib.contextmanager
def _prefixed(before: str) -> Iterator[None]:
    """Write `before`, the part that was read already, before the commands in a mistake that is raised inside."""
    try:
        yield
    except UserMistake as mistake:
        front = mistake.values.pop("front", "")
        mistake.values |= {name: f"{before}{mistake.values[name]}" for name in CHOICES if name in mistake.values}
        if front:
            mistake.values["moved"] = f"{front}{mistake.values['moved']}"
        raise


def _take_rest(shape: Shape, left: str, values: dict[str, Any]) -> None:
    if shape.rest:
        dashes, space, text = converters.split(left)
        if dashes == "--" and space and _needs_dashes(shape, text, values):
            left = text
        elif found := _misplaced(shape, left, values):
            choices = {"moved": f"{found.option} {found.text}".rstrip(), "plain": f"-- {left}"}
            if values.get(shape.open_end):  # the text may begin with the rest of a name, which must stay together
                choices |= {"moved": found.text, "front": f"{found.option} "}
            raise UserMistake(f"words.{found.why}", part=cutting.start(found.shown, converters.SHOWN), **choices)
        values[shape.rest.name] = left
    elif left:
        raise UserMistake("words.extra", text=cutting.start(left, converters.SHOWN))


def _option_at(shape: Shape, text: str) -> Argument | None:
    """Return the option with which a text begins; None if it begins with no option.

    Raises:
        UserMistake: it begins with a text that only looks like an option.
    """
    if not shape.options:
        return None
    text = shape.spelled(text)
    found = shape.key.match(text)
    if found and (argument := shape.named(found[1])):
        return None if shape.begins_sentence(found[1], text[found.end() :]) else argument
    if slip := look_alikes.find(text, {name: name for name in shape.options}, people=shape.people):
        raise _unknown_option(slip.written, slip.name, value=slip.left, text=text)
    value = text[found.end() :] if found else ""
    if not found or not value[:1].strip() or look_alikes.is_address(found[1], value):
        return None
    if near := _nearest(shape, found[1]):
        raise _unknown_option(found[0], near, value=value, text=text)
    if shape.rest:
        raise UserMistake("words.no_option", option=cutting.start(found[0], converters.SHOWN), plain=f"-- {text}")
    return None


def _unknown_option(written: str, name: str, *, value: str, text: str) -> UserMistake:
    slip = {"option": cutting.start(written, converters.SHOWN), "nearest": name, "part": f"{name}:"}
    return UserMistake("words.unknown_option", **slip, moved=f"{name}:{value}", plain=f"-- {text}")


def _nearest(shape: Shape, key: str) -> str | None:
    """Return the most similar option name in the user's language, else the English one; None if none is similar."""
    if near := suggestions.nearest(key, shape.suggested):
        return near
    near = suggestions.nearest(key, shape.options)
    return shape.options[near].name if near else None


def _needs_dashes(shape: Shape, text: str, given: Collection[str]) -> bool:
    """Check whether a text needs `--` before it to be read unchanged; `given` are the options before it."""
    behind = _DASHES.sub("", text)
    try:
        return bool(_option_at(shape, behind) or _misplaced(shape, behind, given))
    except UserMistake:
        return True


def _misplaced(shape: Shape, text: str, given: Collection[str]) -> _Misplaced | None:
    """Find the options inside a text that the user probably meant to write before it; None if there are none.

    If recipients are missing, names of people at the start of the text count too.
    """
    whom = shape.people
    if whom and whom not in given and (names := _NAMES.match(text)):
        left = text[names.end() :].lstrip()
        return _Misplaced(why="whom", option=f"{whom}:{names[1]}", shown=_TAGS.sub("", names[1]), text=left)
    parts, kept, at = [], "", 0
    for start, name, value in _options_inside(shape, text):
        if start >= at and (end := _option_end(shape, text, name, value)):
            parts.append(f"{name}:{text[len(text) - len(value) : end].lstrip()}")
            kept += text[at:start].rstrip() + ("" if text[end : end + 1].isspace() else " ")
            at = end
    shown = " ".join(parts)
    return _Misplaced(why="late", option=shown, shown=shown, text=(kept + text[at:]).strip()) if parts else None


def _options_inside(shape: Shape, text: str) -> Iterator[tuple[int, str, str]]:
    """Yield each possible option inside a text: where it starts, its name, and the text behind its sign."""
    names = {name: name for name in shape.options}
    exact = looked_at = 0
    for place in _MAYBE_OPTION.finditer(text):
        start = place.start()
        found = shape.key.match(text, start)
        if found and shape.begins_sentence(found[1], text[found.end() :]):
            continue
        if found and comparing.fold(found[1]) in shape.options:
            exact += 1
            yield start, found[1], text[found.end() :]
        elif looked_at < MOST_MISPLACED:
            looked_at += 1
            left = text[start:]
            if slip := look_alikes.find(left, names, people=shape.people, inside=True):
                yield start, slip.name, slip.left
        if exact >= MOST_MISPLACED:
            return


def _option_end(shape: Shape, text: str, name: str, behind: str) -> int | None:
    """Return where an option inside a text ends; None if it is not an option.

    A value after a space counts only if it is the last word of the text.
    """
    value = behind.lstrip()
    spaced = not behind[:1].strip()
    if not value:
        return None
    try:
        left = _take_option(shape.options[comparing.fold(name)], f"{name}:{value}", {})
    except UserMistake:
        if spaced:
            return None
        raise
    return None if spaced and left.strip() else len(text) - len(left)


def _take_option(argument: Argument, text: str, values: dict[str, Any], *, spaced: bool = False) -> str:
    key, _, left = text.partition(":")
    if not comparing.starts_visibly(left):
        near = comparing.lstrip(left)
        choices = {"moved": f"{key}:{near}", "plain": f"-- {text}", "part": f"{key}:{converters.first(near)[0]}"}
        raise UserMistake("words.no_value", option=key, **(choices if near else {}))
    if argument.many:
        items, left = converters.items(left, key, spaced=spaced)
        values[argument.name] = (*values.get(argument.name, ()), *items)
        return left
    if argument.name in values:
        raise UserMistake("words.twice", option=key)
    read = converters.spaced_word if spaced else argument.read
    values[argument.name], left = read(left)
    return left
