"""Reads the answer of a portal: turns its bytes into a result or into one of our errors."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from bot.errors import (
    Broken,
    Gone,
    MethodBlocked,
    PortalDown,
    PortalError,
    Refused,
    TokenExpired,
    TokenRefused,
    TooBig,
    TooFast,
)

_BY_CODE: dict[str, type[PortalError]] = {
    "QUERY_LIMIT_EXCEEDED": TooFast,
    "OVERLOAD_LIMIT": TooFast,
    "OPERATION_TIME_LIMIT": MethodBlocked,
    "expired_token": TokenExpired,
    "INTERNAL_SERVER_ERROR": Broken,
    "ERROR_UNEXPECTED_ANSWER": Broken,
    "MESSAGE_DUPLICATED_BY_UUID": Broken,  # the portal still works on the first request (im/lib/Message/Uuid.php)
    **dict.fromkeys(
        (
            "invalid_token", "NO_AUTH_FOUND", "INVALID_CREDENTIALS", "authorization_error", "APPLICATION_NOT_FOUND",
            "ERROR_OAUTH", "PAYMENT_REQUIRED", "user_access_error", "wrong_client", "invalid_client", "invalid_grant",
            "NOT_INSTALLED", "PORTAL_DELETED",
        ),
        TokenRefused,
    ),
    **dict.fromkeys(("ATTACH_OVERSIZE", "KEYBOARD_OVERSIZE", "MENU_OVERSIZE"), TooBig),
    **dict.fromkeys(
        (
            "CANCELED", "CHAT_ID", "CHAT_NOT_FOUND", "USER_NOT_FOUND", "BOT_NOT_FOUND", "BOT_ID_ERROR",
            "MESSAGE_NOT_FOUND", "MESSAGE_ID_ERROR", "CANT_EDIT_MESSAGE", "OWNER_NOT_FOUND", "NOT_FOUND",
        ),
        Gone,
    ),
}  # fmt: skip
OF_THE_BATCH = {"ERROR_BATCH_LENGTH_EXCEEDED", "ERROR_BATCH_METHOD_NOT_ALLOWED"}
"""Errors of a command that was not run because of the batch that it came in (reference: batch)."""
LONGEST_TEXT = 1000
"""How many characters of an error are kept for log and database; a stranger may have written it."""
_MAYBE_HALF = re.compile(r"\\u[dD]")
_HTTP_SERVER_ERROR = 500
_HTTP_BUSY = (429, 503)
_LAST_DAY = 2**53
"""The largest time that is accepted, because JSON has no largest number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The answer to one command of a batch: a result, an error, or neither (`ran` is False).

    For a list, `next` is where the next page starts (0: this is the last page), and `total` the number of rows.
    """

    result: Any = None
    error: PortalError | None = None
    ran: bool = True
    next: int = 0
    total: int = 0


def read(status: int, body: bytes, *, method: str) -> Any:
    """Return the `result` of one call.

    Raises:
        PortalError: the portal answered with an error (also inside HTTP 200, also with an empty code).
        PortalDown: no JSON, or a server error; whether the call worked is unknown.
    """
    return tree(status, body, method=method).get("result")


def tree(status: int, body: bytes, *, method: str) -> dict[str, Any]:
    """Return the whole answer of one call; raises as `read` does."""
    try:
        text = body.decode("utf-8-sig", "replace")
        answer = json.loads(text)
        if _MAYBE_HALF.search(text):  # a lone surrogate, which no database and no message can hold
            answer = json.loads(json.dumps(answer, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError) as exc:  # RecursionError: endless brackets
        raise PortalDown(f"{method}: HTTP {status} and no JSON", outcome_unknown=status not in _HTTP_BUSY) from exc
    if not isinstance(answer, dict):
        raise PortalDown(f"{method}: HTTP {status} and JSON that is no object", outcome_unknown=True)
    if _is_error(answer):
        raise error(answer, method=method, status=status)
    if status >= _HTTP_SERVER_ERROR:
        raise PortalDown(f"{method}: HTTP {status}", outcome_unknown=True)
    return answer


def error(answer: dict[str, Any], *, method: str, status: int = 400) -> PortalError:
    """Make the error that an answer describes, or an entry of `result_error` in the answer to a batch."""
    code, text = (str(answer.get(name) or "")[:LONGEST_TEXT] for name in ("error", "error_description"))
    otherwise = Broken if status >= _HTTP_SERVER_ERROR else Refused
    found = _BY_CODE.get(code, otherwise)(code, text, method=method, status=status)
    if isinstance(found, MethodBlocked):
        found.until = _reset_at(answer)
    return found


def items(answer: dict[str, Any], keys: list[str], methods: list[str], *, halt: bool = False) -> list[Item]:
    """Return the answer to each command of a batch, in the order of `keys`; `methods` are the methods of the commands.

    An empty map may come as `[]` (reference: batch). A command that is missing in the answer did not run if an earlier
    error stopped the batch (`halt`); otherwise its outcome is unknown, which is an error too.

    Raises:
        PortalDown: the answer has no results at all.
    """
    result = answer.get("result")
    if not isinstance(result, dict):
        raise PortalDown("batch: an answer without results", outcome_unknown=True)
    results, errors, times = (_map(result.get(name)) for name in ("result", "result_error", "result_time"))
    following, totals = (_map(result.get(name)) for name in ("result_next", "result_total"))
    found: list[Item] = []
    stopped = False
    for key, method in zip(keys, methods, strict=True):
        if key in errors:
            failed = errors[key] if isinstance(errors[key], dict) else {"error": str(errors[key])}
            found.append(Item(error=error({"time": times.get(key), **failed}, method=method)))
            stopped = halt
        elif key in results or key in times:
            next_, total = _count(following.get(key)), _count(totals.get(key))
            found.append(Item(result=results.get(key), next=next_, total=total))
        elif stopped:
            found.append(Item(ran=False))
        else:
            found.append(Item(error=Broken("", "a batch that does not name it", method=method)))
    return found


def _is_error(answer: dict[str, Any]) -> bool:
    return "error" in answer or ("result" not in answer and "error_description" in answer)


def _map(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {str(place): one for place, one in enumerate(value)} if isinstance(value, list) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _reset_at(answer: dict[str, Any]) -> float | None:
    time = answer.get("time")
    at = time.get("operating_reset_at") if isinstance(time, dict) else None
    return float(min(at, _LAST_DAY)) if isinstance(at, int | float) else None
