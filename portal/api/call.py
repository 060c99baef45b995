"""One REST call as a method sees it: its caller and its typed parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.engine.core import Actor, Portal
from portal.errors import RestError
from portal.wire import php
from portal.world.apps import App, Webhook
from portal.world.memory import World
from portal.world.people import User


class Params:
    """The parameters of a call, with names in any case.

    Only names at the top are case-insensitive; keys of objects below are not.
    """

    __slots__ = ("_folded", "raw")

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self._folded = {str(name).upper(): value for name, value in raw.items()}

    def has(self, name: str) -> bool:
        """Tell whether a parameter was sent, whatever its value."""
        return name.upper() in self._folded

    def get(self, name: str) -> Any:
        """Return the raw value of a parameter, or None when it is absent."""
        return self._folded.get(name.upper())

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text, or the default when it is absent; an array becomes an empty text."""
        value = self.get(name)
        return default if value is None else php.text_of(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return a parameter as a whole number, read like PHP's intval; the default when it is absent or empty."""
        value = self.get(name)
        return default if value is None or value == "" else php.int_of(value)

    def yes(self, name: str, *, default: bool = False) -> bool:
        """Tell whether a parameter is Y, y, true or 1; return the default when it is absent or empty."""
        value = self.get(name)
        return default if value is None or value == "" else php.is_yes(value)

    def values(self, name: str) -> list[Any]:
        """Return the values of an array parameter; a scalar becomes a list with this value."""
        return php.values_of(self.get(name))

    def inner(self, name: str) -> "Fields":
        """Return the object in a parameter, or an empty one; its keys are case-sensitive."""
        return Fields(self.get(name))


class Fields:
    """An object inside the parameters, with typed access by case-sensitive keys."""

    __slots__ = ("raw",)

    def __init__(self, value: Any) -> None:
        self.raw: Mapping[str, Any] = value if isinstance(value, Mapping) else {}

    def __bool__(self) -> bool:
        return bool(self.raw)

    def has(self, name: str) -> bool:
        """Tell whether a key exists."""
        return name in self.raw

    def get(self, name: str) -> Any:
        """Return the raw value of a key, or None when it is absent."""
        return self.raw.get(name)

    def text(self, name: str, default: str = "") -> str:
        """Return the value of a key as text, or the default when it is absent; an array becomes an empty text."""
        value = self.raw.get(name)
        return default if value is None else php.text_of(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return the value of a key as a whole number, read like PHP's intval; the default when absent or empty."""
        value = self.raw.get(name)
        return default if value is None or value == "" else php.int_of(value)

    def yes(self, name: str, *, default: bool = False) -> bool:
        """Tell whether the value of a key is Y, y, true or 1; return the default when it is absent or empty."""
        value = self.raw.get(name)
        return default if value is None or value == "" else php.is_yes(value)

    def values(self, name: str) -> list[Any]:
        """Return the values of an array under a key; a scalar becomes a list with this value."""
        return php.values_of(self.raw.get(name))

    def inner(self, name: str) -> "Fields":
        """Return the object under a key, or an empty one."""
        return Fields(self.raw.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A REST call whose caller was identified and may run the method."""

    portal: Portal
    method: str
    user: User
    scopes: tuple[str, ...]
    app: App | None = None
    webhook: Webhook | None = None
    hops: int = 0
    in_batch: bool = False
    connector: str = ""

    @property
    def world(self) -> World:
        """Return the data of the portal."""
        return self.portal.world

    @property
    def actor(self) -> Actor:
        """Return the actor of everything that this call causes."""
        return Actor(user=self.user.id, hops=self.hops, connector=self.connector)

    def of_app(self) -> App:
        """Return the application of the call; raise 403 WRONG_AUTH_TYPE for a webhook."""
        if self.app is None:
            text = "Current authorization type is denied for this method Application context required"
            raise RestError("WRONG_AUTH_TYPE", text, 403)
        return self.app


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a result, with `total` and with `next` when more rows follow."""

    result: Any
    total: int | None = None
    next: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)


PAGE = 50
"""Rows on one page of most lists."""


def page_of(rows: list[Any], start: int, *, size: int = PAGE) -> Page:
    """Return the page of a list that begins at the index `start`; a negative start leaves out `total` and `next`."""
    if start < 0:
        return Page(result=rows[:size])
    end = start + size
    return Page(result=rows[start:end], total=len(rows), next=end if end < len(rows) else None)
