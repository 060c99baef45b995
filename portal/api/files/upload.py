"""Receive files that are uploaded as a form, at the address from disk.folder.uploadfile.

Bitrix24 gives that address when a call has no fileContent.
"""

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from portal.api import answers, dispatch
from portal.engine.core import Portal
from portal.errors import RestError
from portal.rules.messenger import files
from portal.wire import files as fileshapes

FIELD = "file"
"""Name of the form field that holds the file."""
NO_ENTRY = RestError("ACCESS_DENIED", "Access denied", 403)
NO_FILE = RestError("ERROR_COULD_NOT_SAVE_FILE", "Could not save file")


class Uploads:
    """Request handler that receives files for one portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this handler; they must come before the REST routes."""
        return [web.post("/rest/upload.json", self.take)]

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Store the uploaded file in the folder of a one-time address, and answer as disk.folder.uploadfile."""
        portal, at = self._portal, self._portal.clock.now()
        sent = await _read_file(request)
        entry = files.use_upload_address(portal, request.query.get("token", ""))
        if entry is None or sent is None:
            answer = answers.failure(NO_ENTRY if entry is None else NO_FILE)
        else:
            name, content = sent
            row = files.store(portal, entry.folder, entry.user, name=name, content=content)
            shown = fileshapes.disk_upload(
                row, url=portal.url, download=files.download_address(portal, row.file, once=False)
            )
            answer = answers.success(shown, answers.time_block(at, portal.clock.now() - at))
        dispatch.record(portal, "upload", {}, answer)
        return web.Response(
            body=answers.encode(answer.body), status=answer.status, content_type="application/json", charset="utf-8"
        )


async def _read_file(request: web.Request) -> tuple[str, bytes] | None:
    """Return name and content of the uploaded file, or None when there is none."""
    try:
        field = (await request.post()).get(FIELD)
    except (ValueError, HttpProcessingError):
        return None
    return (field.filename, field.file.read()) if isinstance(field, web.FileField) and field.filename else None
