"""Keep the last REST calls and event deliveries, and mask their tokens for display."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_RECORDS = 5000
"""Number of calls and number of deliveries that are kept."""
SECRET_KEYS = frozenset(
    [
        *("auth", "access_token", "refresh_token", "client_secret", "application_token"),
        *("bottoken", "auth_id", "refresh_id"),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One REST call and its answer; `status` 0 means that the connection was cut."""

    n: int
    at: float
    method: str
    params: Mapping[str, Any]
    status: int
    ms: float
    user: int | None = None
    app: str | None = None
    webhook: bool = False
    result: Any = None
    error: str | None = None
    error_text: str = ""
    in_batch: bool = False
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """One sent event; `status` 0 means that there was no answer, `error` says why."""

    n: int
    at: float
    event: str
    url: str
    status: int
    ms: float
    form: Mapping[str, Any]
    error: str = ""


class CallLog:
    """The last calls and deliveries, numbered from 1."""

    def __init__(self, kept: int = MAX_RECORDS) -> None:
        self.calls: deque[CallRecord] = deque(maxlen=kept)
        self.deliveries: deque[DeliveryRecord] = deque(maxlen=kept)
        self._calls = 0
        self._deliveries = 0

    def next_call(self) -> int:
        """Return the number of the next call."""
        self._calls += 1
        return self._calls

    def next_delivery(self) -> int:
        """Return the number of the next delivery."""
        self._deliveries += 1
        return self._deliveries

    def clear(self) -> None:
        """Delete all records; the numbers continue, so that a reader's `since` stays valid."""
        self.calls.clear()
        self.deliveries.clear()


def mask(value: Any) -> Any:
    """Return a copy of data with tokens and secrets cut to four characters."""
    if isinstance(value, Mapping):
        return {key: _mask_value(key, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _mask_value(key: object, value: Any) -> Any:
    if isinstance(value, str) and str(key).lower() in SECRET_KEYS:
        return f"{value[:4]}…" if value else value
    return mask(value)
