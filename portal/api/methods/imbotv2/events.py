"""imbot.v2.Event.get and im.v2.Event.*: fetch queued events (reference: E2, behaviour 6.2)."""

from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.shared.bot_owner import v2_bot
from portal.api.registry import method
from portal.clock import day, iso
from portal.errors import RestError
from portal.events import im_v2
from portal.world.queues import fetched as event_queues
from portal.world.queues.fetched import EventQueue, QueuedEvent

MAX_COUNT = 1000
DEFAULT_COUNT = 100
BOTH_UNTIL = day("2026-09-26")
"""Until when a page contains the old cursor `lastEventId` too (reference: E8)."""


@method("imbot.v2.Event.get", scope="imbot")
def bot_events(call: Call, params: Params) -> Any:
    """Return the waiting events of a bot; with withUserEvents, also those of the calling user.

    `offset` deletes all events with a lower id.
    """
    bot = v2_bot(call, params)
    queues = [call.world.bots.queues.setdefault(bot.id, EventQueue())]
    event_queues.drop_older(queues[0], call.portal.clock.now() - call.portal.switches.bot_retention)
    if params.yes("withUserEvents"):
        queues.append(_get_user_queue(call))
    return _make_page(call, params, queues)


def _get_user_queue(call: Call) -> EventQueue:
    """Return the event queue of the calling user; raise SCOPE_ERROR or USER_NOT_SUBSCRIBED."""
    if "im" not in call.scopes:
        raise RestError("SCOPE_ERROR", "Scope error", int(call.portal.switches.bot_denied_status))
    queue = call.world.subscriptions.queues.get(call.user.id)
    if queue is None:
        raise RestError("USER_NOT_SUBSCRIBED", "User not subscribed")
    event_queues.drop_older(queue, call.portal.clock.now() - im_v2.RETENTION)
    return queue


def _make_page(call: Call, params: Params, queues: list[EventQueue]) -> Any:
    offset = max(0, params.number("offset"))
    limit = max(1, min(MAX_COUNT, params.number("limit", DEFAULT_COUNT)))
    for queue in queues:
        event_queues.drop_below(queue, offset)
    waiting: list[QueuedEvent] = sorted((one for queue in queues for one in queue), key=lambda one: one.id)
    page = waiting[:limit]
    following = page[-1].id + 1 if page else offset
    older = call.portal.switches.fetch_cursor == "lastEventId"
    both = call.portal.switches.accepts_old(BOTH_UNTIL, call.portal.clock.now())
    cursor = {"lastEventId": max(0, following - 1)} if older or both else {}
    # The source does not look for a next event, it compares the page with the limit (source: 2.22).
    more = len(page) >= limit if call.portal.switches.has_more == "full_page" else len(waiting) > len(page)
    return {
        "events": [{"eventId": one.id, "type": one.type, "date": iso(one.date), "data": one.data} for one in page],
        **(cursor if older else {"nextOffset": following, **cursor}),
        "hasMore": more,
    }


@method("im.v2.Event.subscribe", scope="im")
def subscribe(call: Call, _params: Params) -> Any:
    """Start queueing events of the caller's chats.

    A second call changes nothing.
    """
    call.world.subscriptions.queues.setdefault(call.user.id, EventQueue())
    return True


@method("im.v2.Event.unsubscribe", scope="im")
def unsubscribe(call: Call, _params: Params) -> Any:
    """Stop queueing events for the caller, and delete the waiting events."""
    call.world.subscriptions.queues.pop(call.user.id, None)
    return True


@method("im.v2.Event.get", scope="im")
def own_events(call: Call, params: Params) -> Any:
    """Return the waiting events of the caller; without a subscription, the list is empty.

    `offset` deletes all events with a lower id.
    """
    queue = call.world.subscriptions.queues.get(call.user.id)
    if queue is not None:
        event_queues.drop_older(queue, call.portal.clock.now() - im_v2.RETENTION)
    return _make_page(call, params, [queue] if queue is not None else [])
