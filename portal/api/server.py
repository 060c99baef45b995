"""Serve /rest/ and /oauth/ over HTTP, with rate limits and injected faults."""

import math
import re
from dataclasses import replace
from typing import Any

from aiohttp import web

from portal.api import answers, authentication, batch, dispatch, inputs, oauth
from portal.api.answers import Answer
from portal.api.registry import known
from portal.engine.core import Portal
from portal.engine.faults import Rule
from portal.errors import RestError
from portal.wire import php

_SUFFIX = re.compile(r"\.(json|xml)\Z", re.IGNORECASE)
WEBHOOK_PARTS = 3
FAULT_ERRORS = {
    "503": RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503),
    "429": RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429),
    "500": RestError("INTERNAL_SERVER_ERROR", "Internal server error", 500),
    "expired": RestError("expired_token", "The access token provided has expired.", 401),
    "empty_error": RestError("", "Something went wrong", 400),
    "error_in_200": RestError("ERROR_CORE", "Something went wrong", 200),
    "bucket": RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503),
}
RENAMED = "localhost"
"""The host name of a portal that was renamed: the same machine under another name."""
BAD_GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class Server:
    """HTTP handlers of /rest/ and /oauth/ for one portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the REST API and of the OAuth server."""
        return [
            web.route("*", "/rest/{path:.*}", self.rest),
            web.route("*", "/oauth/token/", self.token),
            web.route("*", "/oauth/token", self.token),
            web.get("/oauth/authorize/", self.authorize),
        ]

    async def rest(self, request: web.Request) -> web.StreamResponse:
        """Answer one REST call.

        The call may fail because the portal is down, the rate limit is exceeded, or a fault rule applies.
        """
        portal = self._portal
        user, secret, name = _split_path(request.match_info["path"])
        # The order of these checks is that of Bitrix24: limits come before the caller is known.
        if portal.faults.is_down(portal.clock.now()):
            dispatch.record(portal, name, {}, Answer(status=0, body={"error": "down"}), fault="down")
            return _close_connection(request)
        if request.path.lower().endswith(".xml"):
            return self._refuse_xml(name)
        fields = await inputs.read(request)
        connector = php.text_of(fields.get("auth_connector"))
        token = authentication.take_token(request.headers.get("Authorization", ""), fields)
        switches = portal.switches
        source, now = request.remote or "", portal.clock.now()
        if not portal.buckets.admits(source, now, capacity=switches.bucket_capacity, rate=switches.bucket_rate):
            return self._make_error(name, fields, "bucket")
        rule = portal.faults.take([name, *(batch.method_names(fields.get("cmd")) if name.lower() == "batch" else [])])
        # A rule for one method of a batch applies to the whole batch.
        if rule is not None:
            faulty = await self._make_faulty_answer(request, rule, name, fields)
            if faulty is not None:
                return faulty
        answer = self._call(name, fields, token=token, webhook=(user, secret), connector=connector)
        return _close_connection(request) if rule is not None and rule.kind == "cut_after" else _make_response(answer)

    def _call(
        self, name: str, fields: dict[str, Any], *, token: str, webhook: tuple[str, str], connector: str
    ) -> Answer:
        """Find the method and the caller, and return the answer of the method.

        An unknown method gives 404 even without a token.
        """
        portal = self._portal
        try:
            _check_exists(portal, name)
            caller = (
                authentication.caller_by_webhook(portal, *webhook)
                if webhook[1]
                else authentication.caller_by_token(portal, token)
            )
        except RestError as refusal:
            answer = answers.failure(refusal)
            dispatch.record(portal, name, fields, answer)
            return answer
        return dispatch.run_method(portal, replace(caller, connector=connector) if connector else caller, name, fields)

    def _refuse_xml(self, name: str) -> web.Response:
        """Answer a request for XML with status 501, because XML is not emulated."""
        answer = answers.failure(RestError("XML_NOT_EMULATED", "This emulated portal answers JSON only.", 501))
        dispatch.record(self._portal, name, {}, answer)
        return _make_response(answer)

    def _make_error(self, name: str, fields: dict[str, Any], kind: str, *, seconds: float = 0.0) -> web.Response:
        """Answer a call with the error of an injected fault.

        For the kind "429", the answer says that the method is blocked for `seconds` seconds.
        """
        answer = answers.failure(FAULT_ERRORS[kind])
        if kind == "bucket":
            answer = replace(answer, status=int(self._portal.switches.rate_status))
        if kind == "429":
            now = self._portal.clock.now()
            answer.body["time"] = {**answers.time_block(now, 0.0), "operating_reset_at": math.ceil(now + seconds)}
        dispatch.record(self._portal, name, fields, answer, fault=kind)
        return _make_response(answer)

    async def _make_faulty_answer(
        self, request: web.Request, rule: Rule, name: str, fields: dict[str, Any]
    ) -> web.StreamResponse | None:
        """Return the answer that a fault rule demands, or None when the method must run.

        A call that would take longer than the portal lets a request run ends with the page of a gateway.
        """
        if rule.kind in FAULT_ERRORS:
            return self._make_error(name, fields, rule.kind, seconds=rule.seconds)
        if rule.kind == "slow":
            limit = self._portal.switches.request_limit
            await self._portal.faults.sleep(min(rule.seconds, limit or rule.seconds))
            rule = replace(rule, kinds=("ended",)) if 0 < limit < rule.seconds else rule
        if rule.kind in ("slow", "cut_after") or (rule.kind == "renamed" and request.url.host == RENAMED):
            return None
        status = {"cut": 0, "renamed": 302}.get(rule.kind, 502)
        dispatch.record(self._portal, name, fields, Answer(status=status, body={"error": rule.kind}), fault=rule.kind)
        if rule.kind == "cut":
            return _close_connection(request)
        if rule.kind == "renamed":
            moved = str(request.url.with_host(RENAMED))
            return web.Response(status=302, headers={"Location": moved}, text="", content_type="text/html")
        return web.Response(status=502, text=BAD_GATEWAY_PAGE, content_type="text/html")

    async def token(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to /oauth/token/, with injected faults."""
        portal = self._portal
        if portal.faults.is_down(portal.clock.now()):
            return _close_connection(request)
        fields = await inputs.read(request)
        rule = portal.faults.take(["oauth.token"], refresh=True) or portal.faults.take(["oauth.token"])
        refused = None if rule is not None else portal.faults.take_error("oauth.token")
        if refused is not None:
            answer = answers.failure(RestError(refused.code, refused.text, refused.status))
        elif rule is not None and rule.kind == "refuse_refresh":
            answer = Answer(status=400, body={"error": "invalid_grant"})
        elif (
            rule is not None
            and (faulty := await self._make_faulty_answer(request, rule, "oauth.token", fields)) is not None
        ):
            return faulty
        else:
            answer = oauth.token(portal, fields)
        dispatch.record(
            portal, "oauth.token", fields, Answer(status=answer.status, body={"result": None, **answer.body})
        )
        return _close_connection(request) if rule is not None and rule.kind == "cut_after" else _make_response(answer)

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """Redirect the browser to the address of the application, with a code.

        An unknown application gets an error page.
        """
        where = oauth.redirect(self._portal, await inputs.read(request))
        if where is None:
            return web.Response(status=400, text="<p>Application not found</p>", content_type="text/html")
        return web.Response(status=302, headers={"Location": where})


def _check_exists(portal: Portal, name: str) -> None:
    if name.lower() != "batch" and known(name, bot_api=portal.switches.bot_api) is None:
        raise dispatch.NOT_FOUND


def _split_path(path: str) -> tuple[str, str, str]:
    """Split the path after /rest/ into user, secret and method.

    A call with a token has no user and no secret.
    """
    parts = [part for part in path.split("/") if part]
    name = _SUFFIX.sub("", parts[-1]) if parts else ""
    if len(parts) == WEBHOOK_PARTS:
        return parts[0], parts[1], name
    return "", "", name if len(parts) == 1 else "/".join(parts)


def _make_response(answer: Answer) -> web.Response:
    body = answers.encode(answer.body)
    return web.Response(body=body, status=answer.status, content_type="application/json", charset="utf-8")


def _close_connection(request: web.Request) -> web.Response:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
