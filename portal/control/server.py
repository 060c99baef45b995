"""Serve the control API below /-/, with JSON requests and answers.

The web page and tests in other languages control the portal with it.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from portal.control import company, views
from portal.control.change_stream import stream
from portal.control.commands import COMMANDS, Body, ControlCommand
from portal.control.recorder import Recorder
from portal.engine.core import Portal
from portal.errors import ControlError, Refused
from portal.markup.envelope import is_storable
from portal.rules import user_actions
from portal.wire import php
from portal.wire.php import int_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
MAX_COUNT = 500
log = logging.getLogger(__name__)


class Control:
    """HTTP handlers of everything below /-/ for one portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._commands = {**COMMANDS, **company.COMMANDS, "record": self.record}
        self._recorder: Recorder | None = None
        """The recorder of the running or last session, or None before the first one."""

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the control API."""
        routes = [
            web.get("/-/state", self.read(self.state)),
            web.get("/-/messages", self.read(self.messages)),
            web.get("/-/feed", self.read(self.feed)),
            web.get("/-/timeline", self.read(self.timeline)),
            web.get("/-/calls", self.read(self.calls)),
            web.get("/-/deliveries", self.read(self.deliveries)),
            web.get("/-/stream", self.watch),
            web.get("/-/recording", self.recording),
            web.post("/-/{command:.+}", self.act),
        ]
        return [web.route(one.method, one.path, _local_only(one.handler)) for one in routes]

    def read(self, look: Callable[[Mapping[str, str]], Any]) -> Handler:
        """Make a request handler of a function that takes the query and returns JSON."""

        async def handler(request: web.Request) -> web.StreamResponse:
            return _respond(lambda: look(request.query))

        return handler

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Run the command that the path names, with the JSON object of the body."""
        name = request.match_info["command"]
        command = self._commands.get(name)
        if request.content_type != "application/json":
            return _make_error("Send JSON, with Content-Type: application/json.")
        try:
            body = await request.json()
        except (ValueError, RecursionError):
            return _make_error("The body is not valid JSON.")
        if command is None or not isinstance(body, dict) or not is_storable(body):
            return _make_error(
                "There is no such command." if command is None else "The body must be a valid JSON object."
            )
        return _respond(lambda: self._run_and_record(name, command, body))

    def _run_and_record(self, name: str, command: ControlCommand, body: dict[str, Any]) -> Any:
        """Run a command, and record it during a recorded session."""
        recorder = self._recorder
        if recorder is None or recorder.ended:
            return command(self._portal, body)
        # Answers that came before this command must stand before it in the test.
        recorder.answers(self._portal)
        done = command(self._portal, body)
        recorder.command(self._portal, name, body, done)
        return done

    async def watch(self, request: web.Request) -> web.StreamResponse:
        """Stream all changes of the portal to one client until it disconnects."""
        return await stream(self._portal.hub, request)

    async def recording(self, _request: web.Request) -> web.Response:
        """Return the recorded session as the source of a pytest file."""
        if self._recorder is None:
            return _make_error('Nothing is recorded: POST /-/record {"on": true} starts a recording.')
        self._recorder.answers(self._portal)
        return web.Response(text=self._recorder.source(), content_type="text/x-python")

    def record(self, portal: Portal, body: Body) -> Any:
        """Start a recording with {"on": true}, or end it with {"on": false}.

        GET /-/recording returns the test.
        """
        if body.get("on"):
            self._recorder = Recorder(title=str(body.get("title") or "A recorded session"))
            self._recorder.ignore_existing(portal)
            portal.hub.publish({"type": "record"})
        elif self._recorder:
            self._recorder.ended = True
            self._recorder.answers(portal)
            portal.hub.publish({"type": "record"})
        return {"recording": self._recorder is not None and not self._recorder.ended}

    def state(self, query: Mapping[str, str]) -> Any:
        """Return the data that the web page needs to show the portal to the person `as`."""
        noted = self._recorder
        recording = {"on": not noted.ended, "title": noted.title, "steps": len(noted.steps)} if noted else None
        return views.state(self._portal, user_actions.person(self._portal, query.get("as", "1")), recording=recording)

    def messages(self, query: Mapping[str, str]) -> Any:
        """Return the newest messages of the chat `dialog`, 50 or `limit`."""
        user = user_actions.person(self._portal, query.get("as", "1"))
        chat = user_actions.chat_of(self._portal, user, query.get("dialog", ""))
        limit = max(1, min(MAX_COUNT, php.int_of(query.get("limit", "50"))))
        return views.messages(self._portal, chat, user, limit=limit)

    def feed(self, query: Mapping[str, str]) -> Any:
        """Return the newest posts in the News Feed of the person `as`, 20 or `limit`.

        The post with the id `post` is returned too, even if it is older.
        """
        user, limit = user_actions.person(self._portal, query.get("as", "1")), max(1, int_of(query.get("limit", "20")))
        return views.feed(self._portal, user, limit=limit, asked=int_of(query.get("post", "0")))

    def timeline(self, query: Mapping[str, str]) -> Any:
        """Return the timeline of the CRM card with `type` and `id`, which the person `as` must be able to see."""
        user = user_actions.person(self._portal, query.get("as", "1"))
        return views.timeline(
            self._portal, user_actions.card_of(self._portal, user, query.get("type"), query.get("id"))
        )

    def calls(self, query: Mapping[str, str]) -> Any:
        """Return the recorded calls with a number above `since`, and the number for the next request."""
        since = int_of(query.get("since", "0"))
        rows = [row for row in self._portal.call_log.calls if row.n > since]
        return {"calls": [views.call(row) for row in rows], "next": rows[-1].n if rows else since}

    def deliveries(self, query: Mapping[str, str]) -> Any:
        """Return the recorded deliveries with a number above `since`, and the number for the next request."""
        since = int_of(query.get("since", "0"))
        rows = [row for row in self._portal.call_log.deliveries if row.n > since]
        return {"deliveries": [views.delivery(row) for row in rows], "next": rows[-1].n if rows else since}


def _local_only(handler: Handler) -> Handler:
    """Wrap a request handler so that it refuses requests whose Host header does not name this machine.

    A foreign host name means that a web page attacks the portal by DNS rebinding.
    """

    async def checked(request: web.Request) -> web.StreamResponse:
        if (request.url.host or "") not in LOOPBACK_NAMES:
            return _make_error("The control API answers on this machine only.")
        return await handler(request)

    return checked


def _respond(do: Callable[[], Any]) -> web.Response:
    """Answer with the JSON that `do` returns.

    An error of a rule or of the request becomes status 400 with a sentence.
    """
    try:
        return web.json_response(do())
    except (ControlError, Refused) as refusal:
        return _make_error(str(refusal))


def _make_error(sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=400)
