"""Files that come in as they are, in a form: the address that disk.folder.uploadfile gives without fileContent."""

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from portal.api import answers, dispatch
from portal.engine.core import Portal
from portal.errors import RestError
from portal.rules.messenger import files
from portal.wire import files as fileshapes

FIELD = "file"
"""The form's field that holds the file."""
NO_ENTRY = RestError("ACCESS_DENIED", "Access denied", 403)
NO_FILE = RestError("ERROR_COULD_NOT_SAVE_FILE", "Could not save file")


class Uploads:
    """Takes files for one portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[web.RouteDef]:
        """Return what this door listens to; it stands before the one of REST."""
        return [web.post("/rest/upload.json", self.take)]

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Lay the file of a form into the folder the address was made for; the address works once."""
        portal, at = self._portal, self._portal.clock.now()
        sent = await _file(request)
        entry = files.enter(portal, request.query.get("token", ""))
        if entry is None or sent is None:
            answer = answers.failure(NO_ENTRY if entry is None else NO_FILE)
        else:
            name, content = sent
            row = files.store(portal, entry.folder, entry.user, name=name, content=content)
            shown = fileshapes.disk_upload(row, url=portal.url, download=files.address(portal, row.file, once=False))
            answer = answers.success(shown, answers.time_block(at, portal.clock.now() - at))
        dispatch.record(portal, "upload", {}, answer)
        return web.Response(
            body=answers.encoded(answer.body), status=answer.status, content_type="application/json", charset="utf-8"
        )


async def _file(request: web.Request) -> tuple[str, bytes] | None:
    """Read the name and content of the form's file, None where there is none."""
    try:
        field = (await request.post()).get(FIELD)
    except (ValueError, HttpProcessingError):
        return None
    return (field.filename, field.file.read()) if isinstance(field, web.FileField) and field.filename else None
