"""Declares the arguments of a command: a dataclass whose fields say how each is written."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, TypeAlias

from bot.framework import converters, flags
from bot.i18n import catalog
from bot.texts import comparing

Reader: TypeAlias = Callable[[str], tuple[Any, str]]
"""Reads a value from the start of a text, and returns it with the rest; raises UserMistake."""

_ROLE = "words"
_NAME = r"[^\W\d](?:\w|[\u00ad\u0300-\u036f])*"
_ANY_DASH = re.compile("^[–—−]")
_KEY = re.compile(rf"({_NAME}):")
_DASHED_KEY = re.compile(rf"((?:[-–—−](?=\w))?{_NAME}):")


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Says how a field is written; the fields are as in the functions that declare it."""

    kind: str
    also: tuple[str, ...] = ()
    needed: str = ""
    read: Reader | None = None
    people: bool = False
    spaced: bool = False
    prose: bool = False
    exact: str = "(?!)"
    called: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument: `name` is its field, `called` what people write, and `empty` its value if it is missing."""

    name: str
    called: str
    role: Role
    many: bool
    read: Reader
    empty: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The arguments of a command, by the names that people write; `suggested` are the names in their language."""

    options: dict[str, Argument]
    suggested: tuple[str, ...]
    positionals: tuple[Argument, ...]
    rest: Argument | None
    open_end: str
    dashed: bool = False

    @property
    def key(self) -> re.Pattern[str]:
        """Return the expression for the name of an option with its colon; some commands have names with a dash."""
        return _DASHED_KEY if self.dashed else _KEY

    def named(self, written: str) -> Argument | None:
        """Return the option with a name as people write it, in any case and with any dash; None if there is none."""
        return self.options.get(comparing.fold(_ANY_DASH.sub("-", written)))

    @property
    def people(self) -> str:
        """Return the option for recipients without which a post would be for all; "" if the command has none."""
        return next((one.name for one in self.options.values() if one.role.people and not one.role.prose), "")

    def begins_sentence(self, name: str, behind: str) -> bool:
        """Check whether a name of an option, with a colon, begins a sentence of the text."""
        argument = self.options.get(comparing.fold(name))
        return argument is not None and argument.role.prose and flags.is_prose(name, behind)

    def spelled(self, text: str) -> str:
        """Return a text that begins with a switch alone (`important`) as if the switch had a value."""
        return flags.with_value(text, {name for name, one in self.options.items() if one.read is flags.value})


def option(
    *,
    also: tuple[str, ...] = (),
    needed: str = "",
    read: Reader | None = None,
    people: bool = False,
    spaced: bool = False,
    prose: bool = False,
    called: str = "",
) -> Any:
    """Declare a `name:value` argument with other names in `also`.

    `needed` is the key of the sentence if it is missing, `read` reads the value. A field of type `tuple[str, ...]` may
    be given several times, and accepts lists with commas. `people` marks the option for recipients: if it is missing
    and the text begins with a person's name, the user is asked. `spaced` values may have spaces, in a command without a
    text. A `prose` name also begins sentences: `Tags: we use too many` is a text.
    `called` is the name that people write, if it cannot be that of the field, as `-word`.
    """
    role = Role(
        kind="option", also=also, needed=needed, read=read, people=people, spaced=spaced, prose=prose, called=called
    )
    return field(metadata={_ROLE: role})


def open_end() -> Any:
    """Declare a flag that is True if the name of the last recipient may go on in the text.

    That is so if a name without quotes is followed by the text, as in `to:HR team Hello`.
    """
    return field(default=False, metadata={_ROLE: Role(kind="open")})


def positional(*, needed: str = "", read: Reader | None = None, exact: str = "(?!)") -> Any:
    """Declare an argument of one word or one quoted string; `needed` and `read` are as in `option`.

    `read` may read more than a word, and return another type. What matches the expression `exact` is no option, even
    with a colon, as in `deal:42`.
    """
    return field(metadata={_ROLE: Role(kind="positional", needed=needed, read=read, exact=exact)})


def rest(*, needed: str = "") -> Any:
    """Declare an argument that is the remaining text, unchanged; `needed` is as in `option`."""
    return field(metadata={_ROLE: Role(kind="rest", needed=needed)})


@cache
def shape_of(args: Any, language: str = catalog.DEFAULT) -> Shape:
    """Return the shape of a dataclass of arguments; `language` chooses the names that are suggested."""
    hints = typing.get_type_hints(args)
    found = [_argument(f.name, f.metadata[_ROLE], hints[f.name]) for f in fields(args)]
    options = [a for a in found if a.role.kind == "option"]
    by_name = {name: a for a in options for name in (a.called, *a.role.also)}
    return Shape(
        options={comparing.fold(name): argument for name, argument in by_name.items()},
        suggested=tuple(catalog.own(language, by_name)),
        positionals=tuple(a for a in found if a.role.kind == "positional"),
        rest=next((a for a in found if a.role.kind == "rest"), None),
        open_end=next((a.name for a in found if a.role.kind == "open"), ""),
        dashed=any(name.startswith("-") for name in by_name),
    )


def _argument(name: str, role: Role, hint: Any) -> Argument:
    kinds = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    many = typing.get_origin(hint) is tuple
    empty = () if many else None if type(None) in kinds else "" if str in kinds else 0
    return Argument(
        name=name,
        called=role.called or name,
        role=role,
        many=many,
        read=role.read or (converters.number if int in kinds else converters.word),
        empty=empty,
    )
