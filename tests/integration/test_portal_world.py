"""The control API changes the company: people, groups, cards, polls, versions of applications."""

from typing import Any

import aiohttp

from portal.testing import Setup


async def do(setup: Setup, path: str, **body: Any) -> Any:
    """Run a command of the control API."""
    async with aiohttp.ClientSession() as http, http.post(f"{setup.p.control}{path}", json=body) as answer:
        return await answer.json()


async def listen(setup: Setup, *events: str) -> None:
    """Bind events to the receiver."""
    for event in events:
        await setup.client().result("event.bind", event=event, handler=setup.receiver.url)


async def test_a_new_person_can_act_at_once(setup: Setup) -> None:
    """A new person is found, announced by ONUSERADD, and can act at once."""
    await listen(setup, "ONUSERADD")
    made = await do(setup, "users", first_name="Nils", last_name="Lund", language="de", departments=[2], gender="M")
    assert (await setup.receiver.wait_for("ONUSERADD"))["data"]["ID"] == str(made["user_id"])
    (row,) = await setup.client().result("user.get", ID=made["user_id"])
    assert (row["NAME"], row["UF_DEPARTMENT"]) == ("Nils", [2])
    assert await do(setup, "posts", **{"as": made["user_id"]}, text="Hello")
    assert "error" in await do(setup, "users", first_name="Nils", departments=[99])
    assert "error" in await do(setup, "users")


async def test_groups_are_created_changed_and_deleted(setup: Setup) -> None:
    """The owner or an administrator changes a group; each change sends an event."""
    names = [f"ONSONETGROUP{action}" for action in ("ADD", "UPDATE", "DELETE")]
    await listen(setup, *names)
    number = (await do(setup, "groups", **{"as": 3}, name="Fair", members=[5], project=True))["group_id"]
    assert "error" in await do(setup, "groups/edit", **{"as": 4}, group_id=number, name="x")
    assert await do(setup, "groups/edit", **{"as": 3}, group_id=number, name="Fairs", description="d", members=[4])
    (row,) = await setup.client(4).result("sonet_group.get", GROUP_ID=number)
    assert (row["NAME"], row["DESCRIPTION"], row["NUMBER_OF_MEMBERS"], row["PROJECT"]) == ("Fairs", "d", "2", "Y")
    assert await do(setup, "groups/delete", **{"as": 1}, group_id=number) == {"ok": True}
    for name in names:
        assert (await setup.receiver.wait_for(name))["data"] == {"FIELDS": {"ID": str(number)}}


async def test_cards_and_their_timelines(setup: Setup) -> None:
    """A person adds a card and a comment; extranet users have no CRM."""
    await listen(setup, "ONCRMLEADADD", "ONCRMTIMELINECOMMENTADD")
    number = (await do(setup, "cards", **{"as": 3}, type="lead", title="Fair"))["id"]
    assert (await setup.receiver.wait_for("ONCRMLEADADD"))["data"] == {"FIELDS": {"ID": str(number)}}
    comment = await do(setup, "timeline/comment", **{"as": 2}, type="lead", id=number, text="Call")
    assert (await setup.receiver.wait_for("ONCRMTIMELINECOMMENTADD"))["data"] == {"ID": str(comment["comment_id"])}
    for path in ("cards", "timeline/comment"):
        assert "error" in await do(setup, path, **{"as": 6}, type="lead", id=number, title="x", text="x")


async def test_a_poll_is_answered(setup: Setup) -> None:
    """The last answer of each reader counts."""
    data = {"QUESTIONS": [{"QUESTION": "Where?", "ANSWERS": ["Riga", "Oslo"], "FIELD_TYPE": 1}]}
    poll = {"UF_BLOG_POST_VOTE": "n0", "UF_BLOG_POST_VOTE_n0_DATA": data, "DEST": ["U3"]}
    thanks = {"GRATITUDE_MEDAL": "cup", "GRATITUDE_EMPLOYEES": [3]}
    number = await setup.client(2).result("log.blogpost.add", {"POST_MESSAGE": "x", **poll, **thanks})
    for answers in ([0], [1, 0, 7]):
        assert await do(setup, "posts/vote", **{"as": 3}, post_id=number, answers={"0": answers}) == {"ok": True}
    assert "error" in await do(setup, "posts/vote", **{"as": 4}, post_id=number, answers={"0": [0]})
    assert "error" in await do(setup, "posts/vote", **{"as": 3}, post_id=217, answers={"0": [0]})
    async with aiohttp.ClientSession() as http, http.get(f"{setup.p.control}feed", params={"as": 3}) as answer:
        shown = (await answer.json())["posts"][0]
    assert shown["gratitude"] == {"medal": "cup", "people": [{"id": 3, "name": "Boris Klein"}]}
    (question,) = shown["poll"]["questions"]
    assert [(row["text"], row["votes"], row["mine"]) for row in question["answers"]] == [
        ("Riga", 1, True),
        ("Oslo", 1, True),
    ]


async def test_a_new_version_of_an_application(setup: Setup) -> None:
    """ONAPPUPDATE has both versions and refreshable tokens; the bindings are removed."""
    await listen(setup, "ONAPPUPDATE", "ONUSERADD")
    assert await do(setup, "apps/update", client_id=setup.app.client_id) == {"version": 2}
    event = await setup.receiver.wait_for("ONAPPUPDATE")
    assert event["data"] == {"VERSION": "2", "PREVIOUS_VERSION": "1", "LANGUAGE_ID": "en"}
    assert event["auth"]["refresh_token"]
    assert await setup.client().result("event.get") == []
    assert (await setup.client().result("app.info"))["VERSION"] == 2
    assert "error" in await do(setup, "apps/update", client_id="local.none")


async def test_an_outgoing_webhook_gets_events_without_tokens(setup: Setup) -> None:
    """An outgoing webhook gets its events with its own application_token and no tokens."""
    wanted = {"url": f"{setup.receiver.url}/out", "events": ["onCrmDealAdd", "ONLIVEFEEDPOSTADD"]}
    token = (await do(setup, "webhooks/outgoing", **wanted))["application_token"]
    number = await setup.client(3).result("crm.deal.add", fields={"TITLE": "x"})
    event = await setup.receiver.wait_for("ONCRMDEALADD")
    assert (event["data"], event["auth"]["application_token"]) == ({"FIELDS": {"ID": str(number)}}, token)
    assert token != setup.app.application_token
    assert set(event["auth"]) == {"domain", "client_endpoint", "server_endpoint", "member_id", "application_token"}
    assert event["event_handler_id"].isdecimal()
    await setup.client(3).result("crm.lead.add", fields={"TITLE": "x"})
    await setup.p.idle()
    assert setup.receiver.with_name("ONCRMLEADADD") == []
    assert "error" in await do(setup, "webhooks/outgoing", url="http://x.example/", events=["ONNOTHING"])
