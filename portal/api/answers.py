"""Build the JSON answers of REST calls, escaped in the way of Bitrix24."""

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
    """An HTTP status and a body that is not encoded yet."""

    status: int
    body: dict[str, Any]


def time_block(start: float, duration: float, *, operating: float | None = None, resets: int = 0) -> Block:
    """Return the `time` block of an answer.

    `start` is in Unix seconds, `duration` in seconds. `operating` is the run time in seconds that counts against the
    limit; None leaves both fields of the limit out. `resets` is the Unix time at which the counted run time falls.
    """
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
    """Build the answer of a successful call, with status 200; a Page also gives `next` and `total`."""
    page = result if isinstance(result, Page) else Page(result=result)
    body: dict[str, Any] = {"result": page.result}
    if page.next is not None:
        body["next"] = page.next
    if page.total is not None:
        body["total"] = page.total
    return Answer(status=200, body={**body, **page.extra, "time": time})


def failure(error: RestError) -> Answer:
    """Build the answer of a refused call, with the code, text and HTTP status of the error."""
    body = {"error": error.code, "error_description": error.text}
    return Answer(status=error.status, body=body | ({"argument": error.argument} if error.argument else {}))


class EncodedRow(dict[str, Any]):
    """A row of an answer that is encoded once, because many answers repeat it unchanged."""

    __slots__ = ("text",)

    def __init__(self, row: Mapping[str, Any]) -> None:
        super().__init__(row)
        self.text = _encode_text(row)


def encode(body: Any) -> bytes:
    r"""Encode a body as JSON in the way Bitrix24 does.

    Non-ASCII and HTML characters become \uXXXX, slashes are escaped.
    """
    rows = body.get("result") if isinstance(body, dict) else None
    if not (isinstance(rows, list) and rows and all(isinstance(row, EncodedRow) for row in rows)):
        return _encode_text(body).encode("ascii")
    around = _encode_text({**body, "result": []})
    return around.replace("[]", f"[{','.join(row.text for row in rows)}]", 1).encode("ascii")


def _encode_text(body: Any) -> str:
    text = json.dumps(body, separators=(",", ":"))
    for character, escape in _HTML:
        if character in text:
            text = text.replace(character, escape)
    return text
