"""event.*: offline events that wait, ONOFFLINEEVENT, ONAPPTEST, and what binding refuses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.testing import Caller, Clock, Stage, staged

ADD, BIND, GET = "ONLIVEFEEDPOSTADD", "event.bind", "event.offline.get"
UPDATE = "ONLIVEFEEDPOSTUPDATE"


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A portal whose clock stands still, with an application that lets events of the feed wait."""
    async with staged(clock=Clock(1_790_000_000)) as made:
        for event in (ADD, UPDATE):
            await made.caller().result(BIND, event=event, event_type="offline")
        yield made


async def publish(stage: Stage, text: str = "x") -> int:
    """Publish a post through the application."""
    return int(await stage.caller(2).result("log.blogpost.add", POST_MESSAGE=text))


async def waiting(client: Caller, **params: Any) -> list[tuple[str, Any]]:
    """Return the names and data of what waits, without touching it."""
    return [(row["EVENT_NAME"], row["EVENT_DATA"]) for row in await client.result("event.offline.list", params)]


async def test_what_waits_is_read_once(stage: Stage) -> None:
    """Nothing is pushed; a read record is gone; each has id, date, name, data and message id."""
    first, second = await publish(stage), await publish(stage)
    olga = stage.caller()
    answer = await olga.result(GET, limit=1)
    (row,) = answer["events"]
    assert (answer["process_id"], row["EVENT_NAME"], row["EVENT_ADDITIONAL"]) == (None, ADD, False)
    assert row["EVENT_DATA"] == {"FIELDS": {"POST_ID": str(first)}}
    assert await waiting(olga) == [(ADD, {"FIELDS": {"POST_ID": str(second)}})]
    assert len((await olga.result(GET))["events"]) == 1
    assert await olga.result(GET) == {"process_id": None, "events": []}
    await stage.p.idle()
    assert stage.p.deliveries(ADD) == []


async def test_one_record_for_each_object(stage: Stage) -> None:
    """A thousand changes of a post are one record; what is reserved stays beside a newer one."""
    post, olga = await publish(stage), stage.caller()
    for place in range(3):
        await stage.caller(2).result("log.blogpost.update", POST_ID=post, POST_TITLE=f"t{place}")
    assert [name for name, _ in await waiting(olga)] == [ADD, UPDATE]
    await olga.result(GET, clear=0)
    await stage.caller(2).result("log.blogpost.update", POST_ID=post, POST_TITLE="again")
    assert [name for name, _ in await waiting(olga)] == [ADD, UPDATE, UPDATE]


async def test_reserving_clearing_and_failing(stage: Stage) -> None:
    """Callers with clear=0 get disjoint sets; a process is cleared or marked, wholly or by message."""
    olga = stage.caller()
    for _ in range(3):
        await publish(stage)
    one, two = await olga.result(GET, clear=0, limit=2), await olga.result(GET, clear=0)
    assert [len(one["events"]), len(two["events"])] == [2, 1]
    assert {row["ID"] for row in one["events"]}.isdisjoint(row["ID"] for row in two["events"])
    process, message = one["process_id"], one["events"][0]["MESSAGE_ID"]
    assert await olga.result("event.offline.error", process_id=process, message_id=[message]) is True
    rows = await olga.result("event.offline.list", filter={"ERROR": 1})
    assert [(row["MESSAGE_ID"], row["PROCESS_ID"], row["ERROR"]) for row in rows] == [(message, process, "1")]
    number = one["events"][1]["ID"]
    assert await olga.result("event.offline.clear", process_id=process, id=[number]) is True
    assert await olga.result("event.offline.clear", process_id=two["process_id"]) is True
    assert len(await waiting(olga)) == 1
    assert [row["MESSAGE_ID"] for row in (await olga.result(GET, error=1))["events"]] == [message]
    assert await waiting(olga) == []


async def test_a_reservation_lives_thirty_days(stage: Stage) -> None:
    """After that the record is gone."""
    await publish(stage)
    await stage.caller().result(GET, clear=0)
    stage.p.clock.advance(30 * 24 * 3600)
    assert len(await waiting(stage.caller())) == 1
    stage.p.clock.advance(1)
    assert await waiting(stage.caller()) == []


async def test_filters_order_and_pages(stage: Stage) -> None:
    """Lists are filtered, ordered, fifty on a page with a total."""
    olga = stage.caller()
    for _ in range(51):
        await publish(stage)
    status, body = await olga.call("event.offline.list", order={"ID": "DESC"})
    assert (status, len(body["result"]), body["total"], body["next"]) == (200, 50, 51, 50)
    last = body["result"][0]
    assert await waiting(olga, filter={"ID": last["ID"]}) == [(ADD, last["EVENT_DATA"])]
    assert len((await olga.result(GET, filter={"EVENT_NAME": ADD, ">=ID": last["ID"]}))["events"]) == 1
    assert len((await olga.result(GET, limit=500))["events"]) == 50


async def test_a_connector_has_its_own_queue_and_is_deaf_to_itself(stage: Stage) -> None:
    """Changes made by calls that carry the connector are not in its queue, and in that of others."""
    olga = stage.caller()
    await olga.result(BIND, event=ADD, event_type="offline", auth_connector="bridge")
    await stage.caller(2).result("log.blogpost.add", POST_MESSAGE="x", auth_connector="bridge")
    assert len(await waiting(olga)) == 1
    assert await waiting(olga, auth_connector="bridge") == []
    await publish(stage)
    assert len(await waiting(olga, auth_connector="bridge")) == 1
    rows = await olga.result("event.get")
    assert {"event": ADD, "connector_id": "bridge", "offline": 1} in rows
    assert await olga.result("event.unbind", event=ADD, event_type="offline") == {"count": 2}


async def test_the_signal_that_something_waits(stage: Stage) -> None:
    """ONOFFLINEEVENT comes with tokens and a refresh token, without data, not more often than its minTimeout."""
    options = {"minTimeout": 10}
    await stage.caller().result(BIND, event="ONOFFLINEEVENT", handler=stage.inbox.url, options=options)
    await publish(stage)
    event = await stage.inbox.got("ONOFFLINEEVENT")
    assert ("data" in event, "refresh_token" in event["auth"]) == (False, True)
    stage.p.clock.advance(9)
    await publish(stage)
    stage.p.clock.advance(1)
    await publish(stage)
    await stage.p.idle()
    assert len(stage.inbox.named("ONOFFLINEEVENT")) == 2


async def test_only_administrators_have_a_queue(stage: Stage) -> None:
    """Others may neither bind nor read offline events, and every refusal says 403."""
    anna = stage.caller(2)
    words = "Access denied! Offline events {} requires administrator access rights"
    for method, word in ((BIND, "binding"), ("event.unbind", "unbinding")):
        status, body = await anna.call(method, event=ADD, event_type="offline")
        assert (status, body) == (403, {"error": "ACCESS_DENIED", "error_description": words.format(word)})
    for name in ("get", "list", "clear", "error"):
        status, body = await anna.call(f"event.offline.{name}", process_id="x")
        assert (status, body) == (403, {"error": "ACCESS_DENIED", "error_description": "Access denied!"})


async def test_plans_without_the_extension(stage: Stage) -> None:
    """Then nothing can be reserved and there are no connectors; feature.get says so."""
    olga = stage.caller()
    for code in ("rest_offline_extended", "rest_auth_connector"):
        assert await olga.result("feature.get", CODE=code) == {"value": "Y"}
    stage.p.switch(offline_features=False)
    assert await olga.result("feature.get", CODE="rest_offline_extended") == {"value": "N"}
    assert await olga.refusal(GET, clear=0) == (403, "ACCESS_DENIED")
    assert await olga.refusal(BIND, event=ADD, event_type="offline", auth_connector="x") == (400, "ERROR_CORE")


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"handler": "http://x.example/"}, ("ERROR_ARGUMENT", "Argument 'EVENT' is null or empty")),
        ({"event": ADD}, ("ERROR_ARGUMENT", "Argument 'HANDLER' is null or empty")),
        ({"event": "ONX", "handler": "http://x.example/"}, ("ERROR_EVENT_NOT_FOUND", "Event not found")),
        ({"event": ADD, "handler": "x"}, ("ERROR_WRONG_HANDLER_URL", "Wrong handler URL")),
        ({"event": ADD, "event_type": "offline"}, ("ERROR_CORE", "Unable to set event handler: Handler already")),
    ],
    ids=["no event", "no handler", "unknown", "no address", "twice"],
)
async def test_what_cannot_be_bound(stage: Stage, params: dict[str, Any], error: tuple[str, str]) -> None:
    """Each refusal has its code; what is missing is named once more as `argument`."""
    status, body = await stage.caller().call(BIND, params)
    assert (status, body["error"], body.get("argument", "")) == (
        400,
        error[0],
        error[1].split("'")[1] if "Argument" in error[1] else "",
    )
    assert body["error_description"].startswith(error[1])


async def test_the_code_of_a_second_bind_is_not_documented(stage: Stage) -> None:
    """A switch empties it."""
    stage.p.switch(double_bind="empty")
    assert await stage.caller().refusal(BIND, event=ADD, event_type="offline") == (400, "")


async def test_scopes_decide_which_events_there_are(stage: Stage) -> None:
    """An application sees the events of its scopes, of one scope, or all with `full`."""
    app = await stage.p.add_app(name="Small", handler=stage.inbox.url, scopes=["crm"])
    client = stage.p.caller(await stage.p.install(app))
    names = await client.result("events")
    assert ("ONCRMDEALADD" in names, "ONAPPTEST" in names, ADD in names) == (True, True, False)
    assert ADD in await client.result("events", FULL=True)
    assert set(await client.result("events", SCOPE="user")) == {"ONUSERADD"}
    assert await client.refusal(BIND, event=ADD, handler=stage.inbox.url) == (400, "ERROR_EVENT_NOT_FOUND")


async def test_a_test_event_carries_what_was_sent(stage: Stage) -> None:
    """ONAPPTEST goes to the application that asked, and to no other."""
    other = await stage.p.install(await stage.p.add_app(name="Other", handler=stage.inbox.url))
    for client in (stage.caller(), stage.p.caller(other)):
        await client.result(BIND, event="ONAPPTEST", handler=stage.inbox.url)
    assert await stage.caller(3).result("event.test", any="data", more=[1, 2]) == 1
    event = await stage.inbox.got("ONAPPTEST")
    assert event["data"] == {"QUERY": {"any": "data", "more": ["1", "2"]}, "LANGUAGE_ID": "de"}
    await stage.p.idle()
    assert len(stage.inbox.named("ONAPPTEST")) == 1


async def test_uninstalling_empties_the_queue(stage: Stage) -> None:
    """What waited for an application goes with it."""
    await publish(stage)
    await stage.p.uninstall(stage.app)
    assert stage.p.house.world.offline.rows == {}
