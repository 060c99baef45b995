"""Serve files over HTTP: one-time addresses, avatars, and files on the web page."""

from collections.abc import Mapping
from urllib.parse import quote

from aiohttp import web

from portal.engine.core import Portal
from portal.errors import ControlError
from portal.rules import user_actions
from portal.rules.messenger import files
from portal.wire import images
from portal.wire.php import int_of
from portal.world.messenger import File
from portal.world.people import User

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})


class Downloads:
    """Request handlers that return files of one portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this handler; they must come before the REST routes."""
        return [
            web.get("/rest/download.json", self.once, allow_head=False),
            web.get("/upload/im/{name}", self.picture),
            web.get("/-/file", self.shown),
        ]

    async def once(self, request: web.Request) -> web.StreamResponse:
        """Serve the file of an address that works once or for an hour; an invalid address gets 404."""
        file = files.use_download_address(self._portal, request.query.get("token", ""))
        if file is None:
            body = {"error": "FILE_NOT_FOUND", "error_description": "File not found"}
            return web.json_response(body, status=404)
        return web.Response(body=file.content, headers=download_headers(file))

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """Serve an avatar; an unknown name gets 404."""
        content = self._portal.world.disk.pictures.get(request.match_info["name"])
        if content is None:
            return web.Response(status=404, text="")
        headers = {"Content-Type": images.type_of(content), "X-Content-Type-Options": "nosniff"}
        return web.Response(body=content, headers=headers)

    async def shown(self, request: web.Request) -> web.StreamResponse:
        """Return a file of a chat or post to a person who may see it.

        Only requests to a loopback host name are answered. `as` is the id of the person, `id` that of the file. With
        `post`, the file must belong to that post or its comments.
        """
        if (request.url.host or "") not in LOOPBACK_NAMES:
            return web.json_response({"error": "The control API answers on this machine only."}, status=400)
        try:
            file = self._find_visible(request.query)
        except ControlError as refusal:
            return web.json_response({"error": str(refusal)}, status=400)
        headers = download_headers(file)
        if images.size_of(file.content) is not None:
            headers |= {"Content-Type": images.type_of(file.content), "Content-Disposition": "inline"}
        return web.Response(body=file.content, headers=headers)

    def _find_visible(self, query: Mapping[str, str]) -> File:
        user, number = user_actions.person(self._portal, query.get("as", "1")), int_of(query.get("id", ""))
        if "post" in query:
            post = user_actions.post_of(self._portal, user, query["post"])
            file = next((file for file in self._portal.world.feed.files_of(post) if file.id == number), None)
        else:
            file = self._find_in_chat(user, number)
        if file is None:
            raise ControlError(f"There is no file {number}.")
        return file

    def _find_in_chat(self, user: User, number: int) -> File | None:
        found = self._portal.world.messenger.file(number)
        if found is None:
            return None
        user_actions.message_of(self._portal, user, found[1].id)
        return found[0]


def download_headers(file: File) -> dict[str, str]:
    """Return headers that make a browser save a file and never run it."""
    return {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name.encode('utf-8', 'replace'))}",
        "X-Content-Type-Options": "nosniff",
    }
