"""Run one method for an identified caller, and record the call."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from portal.api import answers, authentication, batch
from portal.api.answers import Answer
from portal.api.authentication import Caller
from portal.api.call import Call, Params
from portal.api.registry import known
from portal.engine.call_log import CallRecord
from portal.engine.core import Portal
from portal.errors import Refused, RestError
from portal.wire import php

BLOCKED = RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)
NOT_FOUND = RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
log = logging.getLogger(__name__)


class InjectedError(RestError):
    """A refusal that a fault rule demands."""


def run_method(
    portal: Portal, caller: Caller, name: str, fields: Mapping[str, Any], *, in_batch: bool = False
) -> Answer:
    """Run one method, record the call and return its answer.

    It never raises: an error of the method becomes an answer, an unexpected exception status 500.
    """
    started, at = time.perf_counter(), portal.clock.now()
    fault = None
    try:
        if name.lower() == "batch" and not in_batch:
            answer = answers.success(_run_batch(portal, caller, fields), answers.time_block(at, 0.0))
        else:
            answer = _run_timed(portal, caller, name, fields, in_batch=in_batch)
    except (RestError, Refused) as refusal:
        answer = answers.failure(refusal if isinstance(refusal, RestError) else RestError("", "", because=refusal))
        fault = "error" if isinstance(refusal, InjectedError) else None
    except Exception:
        log.exception("the emulator failed in %s", name)
        answer = answers.failure(RestError("INTERNAL_SERVER_ERROR", "Internal server error", 500))
    ms = (time.perf_counter() - started) * 1000
    record(portal, name, fields, answer, caller=caller, ms=ms, in_batch=in_batch, fault=fault)
    return answer


def _run_batch(portal: Portal, caller: Caller, fields: Mapping[str, Any]) -> Any:
    """Run the commands of a batch; each command is charged, the batch itself is not."""
    _raise_fault(portal, "batch")
    result = batch.run(Params(fields), lambda step, given: run_method(portal, caller, step, given, in_batch=True))
    if portal.switches.empty_maps == "object":
        return {name: value or {} for name, value in result.items()}
    return result


def _run_timed(portal: Portal, caller: Caller, name: str, fields: Mapping[str, Any], *, in_batch: bool) -> Answer:
    """Run one method and charge its run time to the caller (reference: C).

    A method that has used up its run time is refused. Raise RestError or Refused as the method does.
    """
    started, at, switches = time.perf_counter(), portal.clock.now(), portal.switches
    if not switches.operating_limit or known(name, bot_api=switches.bot_api) is None:
        result = _run_checked(portal, caller, name, fields, in_batch=in_batch)
        return answers.success(result, answers.time_block(at, time.perf_counter() - started))
    # Only the time so far decides, so a call may run beyond the limit once.
    key, ran = (caller.key, name.lower()), portal.run_times
    if ran.used(key, at) >= switches.operating_limit:
        answer = answers.failure(BLOCKED)
        answer.body["time"] = answers.time_block(at, 0.0, operating=ran.used(key, at), resets=ran.resets(key, at))
        return answer
    try:
        result = _run_checked(portal, caller, name, fields, in_batch=in_batch)
    # A call that fails is charged too.
    finally:
        took = time.perf_counter() - started
        ran.charge(key, at, took + switches.operating_cost)
    block = answers.time_block(at, took, operating=ran.used(key, at), resets=ran.resets(key, at))
    return answers.success(result, block)


def _run_checked(portal: Portal, caller: Caller, name: str, fields: Mapping[str, Any], *, in_batch: bool) -> Any:
    if name.lower() == "batch":
        raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage", 405)
    method = known(name, bot_api=portal.switches.bot_api)
    if method is None:
        raise NOT_FOUND
    authentication.check_rights(portal, caller, method)
    if in_batch and not method.batchable:
        raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage", 405)
    call = Call(
        portal=portal,
        method=method.name,
        user=caller.user,
        scopes=caller.scopes,
        app=caller.app,
        webhook=caller.webhook,
        hops=caller.hops,
        in_batch=in_batch,
        connector=caller.connector,
    )
    _raise_fault(portal, name)
    result = method.run(call, Params(fields))
    empty_as_list = portal.switches.v2_maps == "list" and method.name.startswith(("imbot.v2.", "im.v2."))
    return php.without_maps(result) if empty_as_list else result


def _raise_fault(portal: Portal, name: str) -> None:
    """Raise the error that a fault rule of the kind "error" demands of this method, if there is one."""
    rule = portal.faults.take_error(name)
    if rule is not None:
        raise InjectedError(rule.code, rule.text, rule.status)


def record(
    portal: Portal,
    name: str,
    fields: Mapping[str, Any],
    answer: Answer,
    *,
    caller: Caller | None = None,
    ms: float = 0.0,
    in_batch: bool = False,
    fault: str | None = None,
) -> None:
    """Add a call to the call log and publish it to all watchers; `ms` is its run time in milliseconds.

    `fault` is the kind of the injected fault, or None.
    """
    row = CallRecord(
        n=portal.call_log.next_call(),
        at=portal.clock.now(),
        method=name,
        params=fields,
        status=answer.status,
        ms=ms,
        user=caller.user.id if caller else None,
        app=caller.app.client_id if caller and caller.app else None,
        webhook=bool(caller and caller.webhook),
        result=answer.body.get("result"),
        error=answer.body.get("error"),
        error_text=str(answer.body.get("error_description", "")),
        in_batch=in_batch,
        fault=fault,
    )
    portal.call_log.calls.append(row)
    portal.hub.publish({"type": "call", "n": row.n, "method": name, "status": answer.status})
