"""event.offline.*: an application fetches the events that wait for it (reference: D2, D3, behaviour 9.7)."""

from collections.abc import Callable
from typing import Any

from portal.api.call import Call, Page, Params, page_of
from portal.api.methods.event.bindings import read_connector
from portal.api.registry import method
from portal.clock import iso
from portal.errors import RestError
from portal.events import offline
from portal.wire import lists, php
from portal.world.queues.offline import OfflineEvent

MAX_COUNT = 50
DENIED = RestError("ACCESS_DENIED", "Access denied!", 403)


def _list_waiting(call: Call, params: Params) -> list[OfflineEvent]:
    """Return the queued events of the application; raise 403 for users who are no administrators."""
    if not call.user.admin:
        raise DENIED
    return offline.list_waiting(call.portal, call.of_app().client_id, read_connector(call, params))


def _render(row: OfflineEvent) -> dict[str, Any]:
    return {
        "ID": str(row.id),
        "TIMESTAMP_X": iso(row.date),
        "EVENT_NAME": row.event,
        "EVENT_DATA": row.data or False,
        "EVENT_ADDITIONAL": False,
        "MESSAGE_ID": row.message_id,
    }


def _filter_and_sort(
    params: Params, given: list[OfflineEvent], show: Callable[[OfflineEvent], Any], order: str
) -> list[dict[str, Any]]:
    """Return events in the form of `show`, with the filter and the order of the call.

    Without an order, they are sorted by the field `order`.
    """
    kept = lists.filtered([show(row) for row in given], params.inner("filter").raw)
    return lists.sorted_rows(kept, params.inner("order").raw or {order: "ASC"})


@method("event.offline.get", app_only=True)
def get(call: Call, params: Params) -> Any:
    """Return waiting events and remove them from the queue.

    With clear=0, they stay reserved under the process_id until they are cleared.
    """
    waiting, process = _list_waiting(call, params), params.text("process_id")
    clear = params.yes("clear", default=True)
    if not clear and not call.portal.switches.offline_features:
        raise DENIED
    failed = params.yes("error")
    free = [row for row in waiting if row.error == failed and (row.process == process or (failed and not process))]
    limit = params.number("limit", MAX_COUNT)
    shown = _filter_and_sort(params, free, _render, "TIMESTAMP_X")[: limit if 0 < limit <= MAX_COUNT else MAX_COUNT]
    numbers = {row["ID"] for row in shown}
    taken = [row for row in free if str(row.id) in numbers]
    if clear:
        offline.drop(call.portal, taken)
        return {"process_id": None, "events": shown}
    process = process or call.portal.secret()
    offline.reserve(call.portal, taken, process)
    return {"process_id": process, "events": shown}


@method("event.offline.list", app_only=True)
def listed(call: Call, params: Params) -> Any:
    """List the waiting events without changing them."""

    def show(row: OfflineEvent) -> dict[str, Any]:
        return {**_render(row), "PROCESS_ID": row.process, "ERROR": str(int(row.error))}

    page = page_of(_filter_and_sort(params, _list_waiting(call, params), show, "ID"), params.number("start"))
    return Page(result=page.result, total=page.total, next=page.next)


def _list_reserved(call: Call, params: Params) -> list[OfflineEvent]:
    """Return the events that a process has reserved, or only those with the given ids.

    Raise RestError when process_id is missing.
    """
    rows, process = _list_waiting(call, params), params.text("process_id")
    if not process:
        raise RestError("ERROR_ARGUMENT", "Argument 'process_id' is null or empty", argument="process_id")
    rows = [row for row in rows if row.process == process]
    if params.has("id"):
        rows = [row for row in rows if str(row.id) in [php.text_of(one) for one in params.values("id")]]
    if params.has("message_id"):
        rows = [row for row in rows if row.message_id in [php.text_of(one) for one in params.values("message_id")]]
    return rows


@method("event.offline.clear", app_only=True)
def clear(call: Call, params: Params) -> Any:
    """Delete reserved events: all of a process, or only those with the given ids."""
    offline.drop(call.portal, _list_reserved(call, params))
    return True


@method("event.offline.error", app_only=True)
def error(call: Call, params: Params) -> Any:
    """Mark reserved events as failed: all of a process, or only those with the given ids."""
    offline.mark(call.portal, _list_reserved(call, params))
    return True
