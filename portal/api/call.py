"""One REST call as a method sees it: who calls, and typed reading of what they sent."""

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
    """The parameters of a call; names are case-insensitive here, at the top, and nowhere below."""

    __slots__ = ("_folded", "raw")

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self._folded = {str(name).upper(): value for name, value in raw.items()}

    def has(self, name: str) -> bool:
        """Tell whether a parameter was sent, whatever it holds."""
        return name.upper() in self._folded

    def get(self, name: str) -> Any:
        """Return a parameter as it came, None when absent."""
        return self._folded.get(name.upper())

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text; arrays are no text."""
        value = self.get(name)
        return default if value is None else php.text_of(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return a parameter as PHP's intval reads it."""
        value = self.get(name)
        return default if value is None or value == "" else php.int_of(value)

    def yes(self, name: str, *, default: bool = False) -> bool:
        """Return a switch in any of its spellings."""
        value = self.get(name)
        return default if value is None or value == "" else php.is_yes(value)

    def values(self, name: str) -> list[Any]:
        """Return an array's values; a scalar is a list of one."""
        return php.values_of(self.get(name))

    def inner(self, name: str) -> "Fields":
        """Return the object in a parameter, empty when it is none; its keys are case-sensitive."""
        return Fields(self.get(name))


class Fields:
    """An object inside the parameters: the same reading, but its keys are case-sensitive."""

    __slots__ = ("raw",)

    def __init__(self, value: Any) -> None:
        self.raw: Mapping[str, Any] = value if isinstance(value, Mapping) else {}

    def __bool__(self) -> bool:
        return bool(self.raw)

    def has(self, name: str) -> bool:
        """Tell whether a key is there."""
        return name in self.raw

    def get(self, name: str) -> Any:
        """Return a value as it came."""
        return self.raw.get(name)

    def text(self, name: str, default: str = "") -> str:
        """Return a value as text."""
        value = self.raw.get(name)
        return default if value is None else php.text_of(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return a value as PHP's intval reads it."""
        value = self.raw.get(name)
        return default if value is None or value == "" else php.int_of(value)

    def yes(self, name: str, *, default: bool = False) -> bool:
        """Return a switch in any of its spellings."""
        value = self.raw.get(name)
        return default if value is None or value == "" else php.is_yes(value)

    def values(self, name: str) -> list[Any]:
        """Return an array's values; a scalar is a list of one."""
        return php.values_of(self.raw.get(name))

    def inner(self, name: str) -> "Fields":
        """Return the object under a key."""
        return Fields(self.raw.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call whose caller is known and allowed."""

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
        """The portal's memory."""
        return self.portal.world

    @property
    def actor(self) -> Actor:
        """Who causes what this call causes."""
        return Actor(user=self.user.id, hops=self.hops, connector=self.connector)

    def of_app(self) -> App:
        """Return the application; raises 403 WRONG_AUTH_TYPE through a webhook."""
        if self.app is None:
            text = "Current authorization type is denied for this method Application context required"
            raise RestError("WRONG_AUTH_TYPE", text, 403)
        return self.app


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A result with the counts beside it: `total`, and `next` where more is to come."""

    result: Any
    total: int | None = None
    next: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)


PAGE = 50
"""Rows on a page of most lists."""


def page_of(rows: list[Any], start: int, *, size: int = PAGE) -> Page:
    """Cut one page out of a list; a negative start switches counting off."""
    if start < 0:
        return Page(result=rows[:size])
    end = start + size
    return Page(result=rows[start:end], total=len(rows), next=end if end < len(rows) else None)
