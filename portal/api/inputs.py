"""Read the parameters of a request, from its query and its body (reference: behaviour 9.1).

The body is a form or JSON.
"""

import json
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from portal.markup.envelope import MAX_NESTING, is_storable
from portal.wire import php

Fields = dict[str, Any]
MAX_BODY = 64 * 2**20
"""Largest request body in bytes; files come inside it as base64."""


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not valid JSON")


def json_fields(body: bytes) -> Fields:
    """Decode a JSON object into parameters; a list gets the keys 0, 1, 2...

    Anything else, also invalid JSON, gives no parameters and no error.
    """
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return {}
    if isinstance(value, list):
        value = {str(index): item for index, item in enumerate(value)}
    suspect = b"\\u" in body or body.count(b"[") + body.count(b"{") > MAX_NESTING
    if not isinstance(value, dict) or (suspect and not is_storable(value)):
        return {}
    return value


def body_fields(body: bytes, content_type: str) -> Fields:
    """Decode a body into parameters by its content type: JSON, or else a form."""
    if not body:
        return {}
    if content_type == "application/json":
        return json_fields(body)
    return php.form_of(body.decode("utf-8", "replace"))


async def read(request: web.Request) -> Fields:
    """Return the parameters of a request; those of the body replace those of the query."""
    fields = php.form_of(request.rel_url.raw_query_string) if request.rel_url.raw_query_string else {}
    if request.content_type.startswith("multipart/"):
        return fields | await _read_multipart(request)
    return fields | body_fields(await request.read(), request.content_type)


async def _read_multipart(request: web.Request) -> Fields:
    try:
        posted = await request.post()
    except (ValueError, HttpProcessingError):
        return {}
    return php.nest(
        (name, value if isinstance(value, str) else value.file.read().decode("utf-8", "replace"))
        for name, value in posted.items()
        if isinstance(value, str | web.FileField)
    )
