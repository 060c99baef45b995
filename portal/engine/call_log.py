"""Keep the last REST calls and event deliveries, and mask their tokens for display."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_RECORDS = 5000
"""Number of calls that are kept, and also the number of deliveries."""
SECRET_KEYS = frozenset(
    [
        *("auth", "access_token", "refresh_token", "client_secret", "application_token"),
        *("bottoken", "auth_id", "refresh_id"),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One REST call and its answer; `status` is the HTTP status, or 0 when the connection was cut without an answer."""

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
    """One sent event and its answer; `status` is the HTTP status, or 0 without an answer, and then `error` says why."""

    n: int
    at: float
    event: str
    url: str
    status: int
    ms: float
    form: Mapping[str, Any]
    error: str = ""


class CallLog:
    """The last calls and the last deliveries; each kind is numbered from 1."""

    def __init__(self, kept: int = MAX_RECORDS) -> None:
        self.calls: deque[CallRecord] = deque(maxlen=kept)
        self.deliveries: deque[DeliveryRecord] = deque(maxlen=kept)
        self._calls = 0
        self._deliveries = 0

    def next_call(self) -> int:
        """Count one more call and return its number."""
        self._calls += 1
        return self._calls

    def next_delivery(self) -> int:
        """Count one more delivery and return its number."""
        self._deliveries += 1
        return self._deliveries

    def clear(self) -> None:
        """Delete all records; the numbers continue, so that a reader's `since` stays valid."""
        self.calls.clear()
        self.deliveries.clear()


def mask(value: Any) -> Any:
    """Return a copy of JSON data in which tokens and secrets are cut to their first four characters."""
    if isinstance(value, Mapping):
        return {key: _mask_value(key, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _mask_value(key: object, value: Any) -> Any:
    if isinstance(value, str) and str(key).lower() in SECRET_KEYS:
        return f"{value[:4]}…" if value else value
    return mask(value)
