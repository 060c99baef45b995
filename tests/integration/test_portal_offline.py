"""event.*: offline events, ONOFFLINEEVENT, ONAPPTEST, and errors of binding."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.testing import Clock, RestClient, Setup, set_up

ADD, BIND, GET = "ONLIVEFEEDPOSTADD", "event.bind", "event.offline.get"
UPDATE = "ONLIVEFEEDPOSTUPDATE"


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    """Run a portal with a stopped clock, and an application that binds feed events as offline."""
    async with set_up(clock=Clock(1_790_000_000)) as made:
        for event in (ADD, UPDATE):
            await made.client().result(BIND, event=event, event_type="offline")
        yield made


async def publish(setup: Setup, text: str = "x") -> int:
    """Publish a post through the application."""
    return int(await setup.client(2).result("log.blogpost.add", POST_MESSAGE=text))


async def waiting(client: RestClient, **params: Any) -> list[tuple[str, Any]]:
    """Return names and data of the waiting events without changing them."""
    return [(row["EVENT_NAME"], row["EVENT_DATA"]) for row in await client.result("event.offline.list", params)]


async def test_a_waiting_event_is_fetched_once(setup: Setup) -> None:
    """Nothing is pushed; a fetched event is removed; each has id, date, name, data and message id."""
    first, second = await publish(setup), await publish(setup)
    olga = setup.client()
    answer = await olga.result(GET, limit=1)
    (row,) = answer["events"]
    assert (answer["process_id"], row["EVENT_NAME"], row["EVENT_ADDITIONAL"]) == (None, ADD, False)
    assert row["EVENT_DATA"] == {"FIELDS": {"POST_ID": str(first)}}
    assert await waiting(olga) == [(ADD, {"FIELDS": {"POST_ID": str(second)}})]
    assert len((await olga.result(GET))["events"]) == 1
    assert await olga.result(GET) == {"process_id": None, "events": []}
    await setup.p.idle()
    assert setup.p.deliveries(ADD) == []


async def test_an_object_has_one_waiting_event(setup: Setup) -> None:
    """Many changes of a post are one event; a reserved event stays beside a newer one."""
    post, olga = await publish(setup), setup.client()
    for place in range(3):
        await setup.client(2).result("log.blogpost.update", POST_ID=post, POST_TITLE=f"t{place}")
    assert [name for name, _ in await waiting(olga)] == [ADD, UPDATE]
    await olga.result(GET, clear=0)
    await setup.client(2).result("log.blogpost.update", POST_ID=post, POST_TITLE="again")
    assert [name for name, _ in await waiting(olga)] == [ADD, UPDATE, UPDATE]


async def test_events_are_reserved_cleared_and_marked(setup: Setup) -> None:
    """Callers with clear=0 get disjoint sets; a process is cleared or marked, all or some."""
    olga = setup.client()
    for _ in range(3):
        await publish(setup)
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


async def test_a_reserved_event_is_kept_for_thirty_days(setup: Setup) -> None:
    """A reserved event is deleted after thirty days."""
    await publish(setup)
    await setup.client().result(GET, clear=0)
    setup.p.clock.advance(30 * 24 * 3600)
    assert len(await waiting(setup.client())) == 1
    setup.p.clock.advance(1)
    assert await waiting(setup.client()) == []


async def test_filters_order_and_pages(setup: Setup) -> None:
    """Lists are filtered, sorted and paged by fifty, with a total."""
    olga = setup.client()
    for _ in range(51):
        await publish(setup)
    status, body = await olga.call("event.offline.list", order={"ID": "DESC"})
    assert (status, len(body["result"]), body["total"], body["next"]) == (200, 50, 51, 50)
    last = body["result"][0]
    assert await waiting(olga, filter={"ID": last["ID"]}) == [(ADD, last["EVENT_DATA"])]
    assert len((await olga.result(GET, filter={"EVENT_NAME": ADD, ">=ID": last["ID"]}))["events"]) == 1
    assert len((await olga.result(GET, limit=500))["events"]) == 50


async def test_a_connector_has_its_own_queue_without_its_own_changes(setup: Setup) -> None:
    """Changes by calls of a connector are in the queues of others, not in its own."""
    olga = setup.client()
    await olga.result(BIND, event=ADD, event_type="offline", auth_connector="bridge")
    await setup.client(2).result("log.blogpost.add", POST_MESSAGE="x", auth_connector="bridge")
    assert len(await waiting(olga)) == 1
    assert await waiting(olga, auth_connector="bridge") == []
    await publish(setup)
    assert len(await waiting(olga, auth_connector="bridge")) == 1
    rows = await olga.result("event.get")
    assert {"event": ADD, "connector_id": "bridge", "offline": 1} in rows
    assert await olga.result("event.unbind", event=ADD, event_type="offline") == {"count": 2}


async def test_onofflineevent_announces_waiting_events(setup: Setup) -> None:
    """ONOFFLINEEVENT has tokens and no data, and comes at most once per minTimeout."""
    options = {"minTimeout": 10}
    await setup.client().result(BIND, event="ONOFFLINEEVENT", handler=setup.receiver.url, options=options)
    await publish(setup)
    event = await setup.receiver.wait_for("ONOFFLINEEVENT")
    assert ("data" in event, "refresh_token" in event["auth"]) == (False, True)
    setup.p.clock.advance(9)
    await publish(setup)
    setup.p.clock.advance(1)
    await publish(setup)
    await setup.p.idle()
    assert len(setup.receiver.with_name("ONOFFLINEEVENT")) == 2


async def test_only_administrators_have_a_queue(setup: Setup) -> None:
    """Others can neither bind nor read offline events; each error is 403."""
    anna = setup.client(2)
    words = "Access denied! Offline events {} requires administrator access rights"
    for method, word in ((BIND, "binding"), ("event.unbind", "unbinding")):
        status, body = await anna.call(method, event=ADD, event_type="offline")
        assert (status, body) == (403, {"error": "ACCESS_DENIED", "error_description": words.format(word)})
    for name in ("get", "list", "clear", "error"):
        status, body = await anna.call(f"event.offline.{name}", process_id="x")
        assert (status, body) == (403, {"error": "ACCESS_DENIED", "error_description": "Access denied!"})


async def test_a_plan_without_offline_features(setup: Setup) -> None:
    """Without the feature, nothing can be reserved and there are no connectors; feature.get says so."""
    olga = setup.client()
    for code in ("rest_offline_extended", "rest_auth_connector"):
        assert await olga.result("feature.get", CODE=code) == {"value": "Y"}
    setup.p.switch(offline_features=False)
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
async def test_an_invalid_binding_is_refused(setup: Setup, params: dict[str, Any], error: tuple[str, str]) -> None:
    """Each error has its code; a missing parameter is also named as `argument`."""
    status, body = await setup.client().call(BIND, params)
    assert (status, body["error"], body.get("argument", "")) == (
        400,
        error[0],
        error[1].split("'")[1] if "Argument" in error[1] else "",
    )
    assert body["error_description"].startswith(error[1])


async def test_a_switch_selects_the_error_of_a_double_binding(setup: Setup) -> None:
    """A switch makes the code empty."""
    setup.p.switch(double_bind="empty")
    assert await setup.client().refusal(BIND, event=ADD, event_type="offline") == (400, "")


async def test_scopes_determine_the_listed_events(setup: Setup) -> None:
    """An application lists the events of its scopes, of one scope, or with `full` all."""
    app = await setup.p.add_app(name="Small", handler=setup.receiver.url, scopes=["crm"])
    client = setup.p.client(await setup.p.install(app))
    names = await client.result("events")
    assert ("ONCRMDEALADD" in names, "ONAPPTEST" in names, ADD in names) == (True, True, False)
    assert ADD in await client.result("events", FULL=True)
    assert set(await client.result("events", SCOPE="user")) == {"ONUSERADD"}
    assert await client.refusal(BIND, event=ADD, handler=setup.receiver.url) == (400, "ERROR_EVENT_NOT_FOUND")


async def test_a_test_event_contains_the_parameters_of_the_call(setup: Setup) -> None:
    """Only the calling application gets ONAPPTEST."""
    other = await setup.p.install(await setup.p.add_app(name="Other", handler=setup.receiver.url))
    for client in (setup.client(), setup.p.client(other)):
        await client.result(BIND, event="ONAPPTEST", handler=setup.receiver.url)
    assert await setup.client(3).result("event.test", any="data", more=[1, 2]) == 1
    event = await setup.receiver.wait_for("ONAPPTEST")
    assert event["data"] == {"QUERY": {"any": "data", "more": ["1", "2"]}, "LANGUAGE_ID": "en"}
    await setup.p.idle()
    assert len(setup.receiver.with_name("ONAPPTEST")) == 1


async def test_uninstalling_empties_the_queue(setup: Setup) -> None:
    """Waiting events of an application are deleted with it."""
    await publish(setup)
    await setup.p.uninstall(setup.app)
    assert setup.p.emulator.world.offline.rows == {}
