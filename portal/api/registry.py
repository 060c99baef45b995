"""The registry of REST methods; a new method is a function with `@method(...)` in portal/api/methods/."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.api.call import Call, Params

Run = Callable[[Call, Params], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A REST method: documented name, required scope ("" for none), and its function."""

    name: str
    scope: str
    run: Run
    app_only: bool = False
    batchable: bool = True


METHODS: dict[str, Method] = {}
"""All methods by name in lower case, because Bitrix24 compares names like that."""


def method(name: str, *, scope: str = "", app_only: bool = False, batchable: bool = True) -> Callable[[Run], Run]:
    """Return a decorator that registers a function `(call, params) -> result` as a REST method.

    `app_only` refuses webhooks; `batchable=False` refuses the method in a batch.
    """

    def added(run: Run) -> Run:
        METHODS[name.lower()] = Method(name=name, scope=scope, run=run, app_only=app_only, batchable=batchable)
        return run

    return added


def known(name: str, *, bot_api: str) -> Method | None:
    """Return the method with a name in any case, or None; with `bot_api="v1"`, imbot.v2 is unknown."""
    lower = name.lower()
    if bot_api == "v1" and lower.startswith("imbot.v2."):
        return None
    return METHODS.get(lower)
