"""The control side changes the company: newcomers, groups, cards, polls, new versions of applications."""

from typing import Any

import aiohttp

from portal.testing import Stage


async def do(stage: Stage, path: str, **body: Any) -> Any:
    """Do something at the control side."""
    async with aiohttp.ClientSession() as http, http.post(f"{stage.p.control}{path}", json=body) as answer:
        return await answer.json()


async def listen(stage: Stage, *events: str) -> None:
    """Bind events to the inbox."""
    for event in events:
        await stage.caller().result("event.bind", event=event, handler=stage.inbox.url)


async def test_a_newcomer_is_one_of_the_people(stage: Stage) -> None:
    """They are found, told of by ONUSERADD, and can act at once."""
    await listen(stage, "ONUSERADD")
    made = await do(stage, "users", first_name="Nils", last_name="Lund", language="de", departments=[2], gender="M")
    assert (await stage.inbox.got("ONUSERADD"))["data"]["ID"] == str(made["user_id"])
    (row,) = await stage.caller().result("user.get", ID=made["user_id"])
    assert (row["NAME"], row["UF_DEPARTMENT"]) == ("Nils", [2])
    assert await do(stage, "posts", **{"as": made["user_id"]}, text="Hello")
    assert "error" in await do(stage, "users", first_name="Nils", departments=[99])
    assert "error" in await do(stage, "users")


async def test_groups_are_made_changed_and_deleted(stage: Stage) -> None:
    """By whom they belong to or an administrator; each deed is told."""
    names = [f"ONSONETGROUP{deed}" for deed in ("ADD", "UPDATE", "DELETE")]
    await listen(stage, *names)
    number = (await do(stage, "groups", **{"as": 3}, name="Fair", members=[5], project=True))["group_id"]
    assert "error" in await do(stage, "groups/edit", **{"as": 4}, group_id=number, name="x")
    assert await do(stage, "groups/edit", **{"as": 3}, group_id=number, name="Fairs", description="d", members=[4])
    (row,) = await stage.caller(4).result("sonet_group.get", GROUP_ID=number)
    assert (row["NAME"], row["DESCRIPTION"], row["NUMBER_OF_MEMBERS"], row["PROJECT"]) == ("Fairs", "d", "2", "Y")
    assert await do(stage, "groups/delete", **{"as": 1}, group_id=number) == {"ok": True}
    for name in names:
        assert (await stage.inbox.got(name))["data"] == {"FIELDS": {"ID": str(number)}}


async def test_cards_and_their_timelines(stage: Stage) -> None:
    """A person adds a card and writes below it; guests have no CRM."""
    await listen(stage, "ONCRMLEADADD", "ONCRMTIMELINECOMMENTADD")
    number = (await do(stage, "cards", **{"as": 3}, type="lead", title="Fair"))["id"]
    assert (await stage.inbox.got("ONCRMLEADADD"))["data"] == {"FIELDS": {"ID": str(number)}}
    comment = await do(stage, "timeline/comment", **{"as": 2}, type="lead", id=number, text="Call")
    assert (await stage.inbox.got("ONCRMTIMELINECOMMENTADD"))["data"] == {"ID": str(comment["comment_id"])}
    for path in ("cards", "timeline/comment"):
        assert "error" in await do(stage, path, **{"as": 6}, type="lead", id=number, title="x", text="x")


async def test_a_poll_is_answered(stage: Stage) -> None:
    """Each person's last answer counts, for those who may read the post."""
    data = {"QUESTIONS": [{"QUESTION": "Where?", "ANSWERS": ["Riga", "Oslo"], "FIELD_TYPE": 1}]}
    poll = {"UF_BLOG_POST_VOTE": "n0", "UF_BLOG_POST_VOTE_n0_DATA": data, "DEST": ["U3"]}
    thanks = {"GRATITUDE_MEDAL": "cup", "GRATITUDE_EMPLOYEES": [3]}
    number = await stage.caller(2).result("log.blogpost.add", {"POST_MESSAGE": "x", **poll, **thanks})
    for answers in ([0], [1, 0, 7]):
        assert await do(stage, "posts/vote", **{"as": 3}, post_id=number, answers={"0": answers}) == {"ok": True}
    assert "error" in await do(stage, "posts/vote", **{"as": 4}, post_id=number, answers={"0": [0]})
    assert "error" in await do(stage, "posts/vote", **{"as": 3}, post_id=217, answers={"0": [0]})
    async with aiohttp.ClientSession() as http, http.get(f"{stage.p.control}feed", params={"as": 3}) as answer:
        shown = (await answer.json())["posts"][0]
    assert shown["gratitude"] == {"medal": "cup", "people": [{"id": 3, "name": "Boris Klein"}]}
    (question,) = shown["poll"]["questions"]
    assert [(row["text"], row["votes"], row["mine"]) for row in question["answers"]] == [
        ("Riga", 1, True),
        ("Oslo", 1, True),
    ]


async def test_a_new_version_of_an_application(stage: Stage) -> None:
    """ONAPPUPDATE has both versions and tokens that can be refreshed; what was bound is gone."""
    await listen(stage, "ONAPPUPDATE", "ONUSERADD")
    assert await do(stage, "apps/update", client_id=stage.app.client_id) == {"version": 2}
    event = await stage.inbox.got("ONAPPUPDATE")
    assert event["data"] == {"VERSION": "2", "PREVIOUS_VERSION": "1", "LANGUAGE_ID": "en"}
    assert event["auth"]["refresh_token"]
    assert await stage.caller().result("event.get") == []
    assert (await stage.caller().result("app.info"))["VERSION"] == 2
    assert "error" in await do(stage, "apps/update", client_id="local.none")


async def test_an_outgoing_webhook_is_told_without_tokens(stage: Stage) -> None:
    """It hears of the events it names, with its own application_token and nobody's access."""
    wanted = {"url": f"{stage.inbox.url}/out", "events": ["onCrmDealAdd", "ONLIVEFEEDPOSTADD"]}
    token = (await do(stage, "webhooks/outgoing", **wanted))["application_token"]
    number = await stage.caller(3).result("crm.deal.add", fields={"TITLE": "x"})
    event = await stage.inbox.got("ONCRMDEALADD")
    assert (event["data"], event["auth"]["application_token"]) == ({"FIELDS": {"ID": str(number)}}, token)
    assert token != stage.app.application_token
    assert set(event["auth"]) == {"domain", "client_endpoint", "server_endpoint", "member_id", "application_token"}
    assert event["event_handler_id"].isdecimal()
    await stage.caller(3).result("crm.lead.add", fields={"TITLE": "x"})
    await stage.p.idle()
    assert stage.inbox.named("ONCRMLEADADD") == []
    assert "error" in await do(stage, "webhooks/outgoing", url="http://x.example/", events=["ONNOTHING"])
