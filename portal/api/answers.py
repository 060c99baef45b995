"""What goes back: the result with its time block, or the error; escaped as the portal escapes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.api.call import Page
from portal.clock import iso
from portal.errors import RestError

Block = dict[str, Any]
_HTML = (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026"), ("'", "\\u0027"), ("/", "\\/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status with a body that is still data."""

    status: int
    body: dict[str, Any]


def time_block(start: float, duration: float, *, operating: float | None = None, resets: int = 0) -> Block:
    """Return the `time` of an answer; `operating` is the run time that counts, until `resets` some of it."""
    block = {
        "start": start,
        "finish": start + duration,
        "duration": duration,
        "processing": duration,
        "date_start": iso(start),
        "date_finish": iso(start + duration),
    }
    return block if operating is None else block | {"operating_reset_at": resets, "operating": operating}


def success(result: Any, time: Block) -> Answer:
    """Wrap a result."""
    page = result if isinstance(result, Page) else Page(result=result)
    body: dict[str, Any] = {"result": page.result}
    if page.next is not None:
        body["next"] = page.next
    if page.total is not None:
        body["total"] = page.total
    return Answer(status=200, body={**body, **page.extra, "time": time})


def failure(error: RestError) -> Answer:
    """Wrap a refusal."""
    body = {"error": error.code, "error_description": error.text}
    return Answer(status=error.status, body=body | ({"argument": error.argument} if error.argument else {}))


class Written(dict[str, Any]):
    """A row that many answers carry and that never changes: it is encoded once."""

    __slots__ = ("text",)

    def __init__(self, row: Mapping[str, Any]) -> None:
        super().__init__(row)
        self.text = _text(row)


def encoded(body: Any) -> bytes:
    r"""Write JSON as the portal does: non-ASCII and HTML characters as \uXXXX, slashes escaped."""
    rows = body.get("result") if isinstance(body, dict) else None
    if not (isinstance(rows, list) and rows and all(isinstance(row, Written) for row in rows)):
        return _text(body).encode("ascii")
    around = _text({**body, "result": []})
    return around.replace("[]", f"[{','.join(row.text for row in rows)}]", 1).encode("ascii")


def _text(body: Any) -> str:
    text = json.dumps(body, separators=(",", ":"))
    for character, escape in _HTML:
        if character in text:
            text = text.replace(character, escape)
    return text
