"""The News Feed and CRM over REST: rights, fields, events."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.testing import Clock, Setup, set_up

EVENTS = ("ONLIVEFEEDPOSTADD", "ONLIVEFEEDPOSTUPDATE", "ONLIVEFEEDPOSTDELETE")
PREFIX = "SONET_CONTROLLER_LIVEFEED_BLOGPOST"


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    """Run a portal with a stopped clock, and an application that binds the feed events."""
    async with set_up(clock=Clock(1_790_000_000)) as made:
        made.p.switch(user_in_events=True)
        for event in EVENTS:
            await made.client().result("event.bind", event=event, handler=made.receiver.url)
        yield made


async def feed_events(setup: Setup) -> list[tuple[str, str]]:
    """Return the feed events of the application with the owners of their tokens."""
    await setup.p.idle()
    received = [event for event in setup.receiver.events if event["event"] in EVENTS]
    return [(event["event"].removeprefix("ONLIVEFEEDPOST"), event["auth"]["user_id"]) for event in received]


async def one(setup: Setup, post: int, user: int = 1) -> dict[str, Any]:
    """Read one post as a user."""
    rows = await setup.client(user).result("log.blogpost.get", POST_ID=post)
    return dict(rows[0]) if rows else {}


async def test_a_post_is_published_by_the_caller(setup: Setup) -> None:
    """The caller is the author; only administrators may set USER_ID; the event has only the id."""
    add = "log.blogpost.add"
    mine = await setup.client(2).result(add, POST_TITLE="T", POST_MESSAGE="[b]x[/b] #news", USER_ID=3, TAGS="a, b")
    theirs = await setup.client(1).result(add, POST_MESSAGE="y", USER_ID=3)
    post = await one(setup, mine)
    assert (post["AUTHOR_ID"], post["TITLE"], post["DETAIL_TEXT"], post["MICRO"]) == ("2", "T", "[b]x[/b] #news", "N")
    assert (post["HAS_SOCNET_ALL"], post["HAS_TAGS"], post["HAS_PROPS"]) == ("Y", "Y", "N")
    assert (await one(setup, theirs))["AUTHOR_ID"] == "3"
    event = await setup.receiver.wait_for("ONLIVEFEEDPOSTADD")
    assert event["data"] == {"FIELDS": {"POST_ID": str(mine)}}
    assert await feed_events(setup) == [("ADD", "2"), ("ADD", "1")]


async def test_only_posts_to_all_have_socnet_all(setup: Setup) -> None:
    """HAS_SOCNET_ALL is Y only for UA; other recipients are not shown."""
    post = await setup.client(2).result("log.blogpost.add", POST_MESSAGE="x", DEST=["DR1", "SG7"])
    shown = await one(setup, post)
    assert shown["HAS_SOCNET_ALL"] == "N"
    assert "SG7" not in str(shown)
    older = {"POST_MESSAGE": "x", "SPERM": {"U": ["U3"], "AU": ["AU"]}}
    assert (await one(setup, await setup.client(2).result("log.blogpost.add", older)))["HAS_SOCNET_ALL"] == "Y"


async def test_posts_are_listed_for_their_readers_only(setup: Setup) -> None:
    """A hidden post is missing without an error; a list has only addressed posts."""
    post = await setup.client(2).result("log.blogpost.add", POST_MESSAGE="secret", DEST=["U3"])
    assert {user: bool(await one(setup, post, user)) for user in range(1, 7)} == {
        1: True,
        2: True,
        3: True,
        4: False,
        5: False,
        6: False,
    }
    listed = await setup.client(6).result("log.blogpost.get")
    assert [row["ID"] for row in listed] == ["218"]
    assert await setup.client(4).result("log.blogpost.get", POST_ID=999) == []


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"POST_MESSAGE": " "}, f"{PREFIX}_ADD_ERROR"),
        ({"POST_MESSAGE": "x", "DEST": ["SG8"]}, f"{PREFIX}_ADD_ERROR"),
        ({"POST_MESSAGE": "x", "DEST": []}, f"{PREFIX}_ADD_ERROR"),
    ],
    ids=["empty", "foreign group", "no recipient"],
)
async def test_an_empty_post_is_not_published(setup: Setup, params: dict[str, Any], error: str) -> None:
    """An empty post and one without recipients are refused."""
    assert await setup.client(2).refusal("log.blogpost.add", params) == (400, error)
    assert await setup.client(6).refusal("log.blogpost.add", POST_MESSAGE="a extranet_user to all") == (
        400,
        f"{PREFIX}_ADD_ERROR",
    )


async def test_an_update_of_the_text_resets_the_title(setup: Setup) -> None:
    """Text alone resets the title, title alone keeps the text, DEST replaces; each sends one event."""
    anna, update = setup.client(2), "log.blogpost.update"
    post = await anna.result("log.blogpost.add", POST_TITLE="T", POST_MESSAGE="one", DEST=["U3"])
    assert await anna.result(update, POST_ID=post, POST_TITLE="New") == post
    assert (await one(setup, post))["DETAIL_TEXT"] == "one"
    await anna.result(update, POST_ID=post, POST_MESSAGE="two words", DEST=["U4"])
    shown = await one(setup, post)
    assert (shown["TITLE"], shown["MICRO"], shown["DETAIL_TEXT"]) == ("two words", "Y", "two words")
    assert [bool(await one(setup, post, user)) for user in (3, 4)] == [False, True]
    assert await feed_events(setup) == [("ADD", "2"), ("UPDATE", "2"), ("UPDATE", "2")]
    assert await anna.refusal(update, POST_ID=post) == (400, "EMPTY_TITLE")
    assert await anna.refusal(update, POST_ID=999, POST_TITLE="x") == (400, f"{PREFIX}_UPDATE_ERROR")
    assert await anna.refusal(update, POST_TITLE="x") == (400, f"{PREFIX}_UPDATE_ERROR")
    assert await setup.client(4).refusal(update, POST_ID=post, POST_TITLE="x") == (400, f"{PREFIX}_UPDATE_ERROR")


async def test_sharing_and_commenting_send_no_events(setup: Setup) -> None:
    """They change readers and comment count and move the post up, without an event."""
    post = await setup.client(2).result("log.blogpost.add", POST_MESSAGE="x", DEST=["U3"])
    setup.p.clock.advance(10)
    assert await setup.client(2).result("log.blogpost.share", POST_ID=post, DEST=["U4", "U3"]) is True
    assert await one(setup, post, 4)
    number = await setup.client(4).result("log.blogcomment.add", POST_ID=post, TEXT="nice")
    assert (await one(setup, post))["NUM_COMMENTS"] == "1"
    assert await setup.client(4).refusal("log.blogcomment.add", POST_ID=post, TEXT="nice") == (400, "")
    assert await setup.client(5).refusal("log.blogcomment.add", POST_ID=post, TEXT="x") == (400, "")
    assert await setup.client(3).refusal("log.blogcomment.delete", COMMENT_ID=number) == (400, "")
    await setup.client(4).result("log.blogcomment.delete", COMMENT_ID=number)
    assert await feed_events(setup) == [("ADD", "2")]


async def test_sharing_needs_the_right_and_valid_recipients(setup: Setup) -> None:
    """Sharing needs the author or an administrator, and recipients that they may address."""
    share, anna = "log.blogpost.share", setup.client(2)
    assert await anna.refusal(share, POST_ID=999, DEST=["UA"]) == (400, "")
    for user, dest, text in (
        (3, ["UA"], "No read perms"),
        (2, ["XX"], "Wrong destinations"),
        (2, ["SG8"], "permissions"),
    ):
        _, body = await setup.client(user).call(share, POST_ID=218, DEST=dest)
        assert (body["error"], text in body["error_description"]) == ("", True)


async def test_the_author_or_an_administrator_deletes_a_post(setup: Setup) -> None:
    """The author or an administrator deletes; error codes are numbers as text."""
    delete = "log.blogpost.delete"
    assert await setup.client(3).refusal(delete, POST_ID=218) == (400, "403")
    assert await setup.client(2).result(delete, POST_ID=218) is True
    assert await setup.client(2).refusal(delete, POST_ID=218) == (400, "100")
    assert await feed_events(setup) == [("DELETE", "2")]


async def test_switches_of_older_portals(setup: Setup) -> None:
    """By switch, new posts go to update-only applications, and comments count as updates."""
    setup.p.switch(update_on_add=True, update_on_comment=True)
    await setup.client().result("event.unbind", event="ONLIVEFEEDPOSTADD")
    post = await setup.client(2).result("log.blogpost.add", POST_MESSAGE="x")
    await setup.client(3).result("log.blogcomment.add", POST_ID=post, TEXT="x")
    assert await feed_events(setup) == [("UPDATE", "2"), ("UPDATE", "3")]


async def test_important_posts_and_files(setup: Setup) -> None:
    """Importance with its end, files and readers are stored."""
    content = base64.b64encode(b"hello").decode()
    given = {"POST_MESSAGE": "x", "IMPORTANT": "Y", "IMPORTANT_DATE_END": "2026-12-01T10:00:00+02:00"}
    post = await setup.client(2).result("log.blogpost.add", given, FILES=[["a.txt", content], ["b.txt", "%%%"]])
    shown = await one(setup, post)
    assert (shown["UF_BLOG_POST_IMPRTNT"]["VALUE"], len(shown["FILES"]), shown["HAS_PROPS"]) == ("1", 1, "Y")
    assert shown["UF_IMPRTANT_DATE_END"]["VALUE"] == "2026-12-01T10:00:00+02:00"
    assert await setup.client(2).result("log.blogpost.getusers.important", POST_ID=post) == []
    assert await setup.client(2).refusal("log.blogpost.getusers.important") == (400, "")


async def test_binding_events(setup: Setup) -> None:
    """Handlers are bound once, listed, unbound by address; invalid ones are refused; people bind for themselves."""
    admin, anna, url = setup.client(1), setup.client(2), setup.receiver.url

    async def refused(event: str, handler: str) -> str:
        return (await admin.refusal("event.bind", event=event, handler=handler))[1]

    assert await refused("ONLIVEFEEDPOSTADD", url) == "ERROR_CORE"
    assert await refused("ONNOTHING", url) == "ERROR_EVENT_NOT_FOUND"
    assert await refused("", url) == "ERROR_ARGUMENT"
    assert await refused("ONLIVEFEEDPOSTADD", "http://localhost:8080/x") == "ERROR_WRONG_HANDLER_URL"
    assert await refused("ONLIVEFEEDPOSTADD", "http://[bad/") == "ERROR_WRONG_HANDLER_URL"
    assert await refused("ONLIVEFEEDPOSTADD", "ftp://x.example/") == "ERROR_UNSUPPORTED_PROTOCOL"
    setup.p.switch(localhost_handlers=True)
    await admin.result("event.bind", event="ONLIVEFEEDPOSTADD", handler="http://localhost:8080/x")
    assert await admin.result("event.unbind", event="ONLIVEFEEDPOSTADD", handler="http://localhost:8080/x") == {
        "count": 1
    }
    await anna.result("event.bind", event="onlivefeedpostadd", handler=url)
    assert await anna.refusal("event.bind", event="ONLIVEFEEDPOSTADD", handler=url, auth_type=1) == (
        403,
        "ACCESS_DENIED",
    )
    assert [row["auth_type"] for row in await anna.result("event.get")] == ["2"]
    await setup.client(3).result("log.blogpost.add", POST_MESSAGE="x")
    assert await feed_events(setup) == [("ADD", "3"), ("ADD", "2")]
    assert await anna.result("event.unbind") == {"count": 1}
    assert len(await admin.result("event.get")) == 3


async def test_switches_control_the_tokens_of_feed_events(setup: Setup) -> None:
    """By default, tokens do not contain the user; switches control that and the refresh token."""
    setup.p.switch(user_in_events=False)
    await setup.p.publish("x")
    auth = (await setup.receiver.wait_for("ONLIVEFEEDPOSTADD"))["auth"]
    assert set(auth) == {
        *("access_token", "expires_in", "scope", "domain", "server_endpoint", "status"),
        *("client_endpoint", "member_id", "refresh_token", "application_token"),
    }
    client = setup.p.client()
    client.token = auth["access_token"]
    assert (await client.result("profile"))["ID"] == "1"
    setup.p.switch(refresh_in_events=False)
    await setup.p.publish("y")
    assert "refresh_token" not in (await setup.receiver.wait_for("ONLIVEFEEDPOSTADD", times=2))["auth"]


async def test_the_crm_feed_is_off_by_default(setup: Setup) -> None:
    """A current portal refuses first; with the switch, the method writes a feed message and no post."""
    boris, add = setup.client(3), "crm.livefeedmessage.add"
    status, body = await boris.call(add)
    assert (status, body) == (400, {"error": "", "error_description": "Livefeed is no longer supported"})
    setup.p.switch(crm_feed="alive")
    number = await boris.result(add, fields={"ENTITYTYPEID": 2, "ENTITYID": 42, "MESSAGE": "Hello", "POST_TITLE": "T"})
    (entry,) = setup.p.emulator.world.crm.timeline("deal", 42)
    assert entry.log == number
    assert (entry.kind, entry.type, entry.card, entry.text) == ("feed", "deal", 42, "Hello")
    assert await boris.result(add, fields={"SPERM": {"CRMLEAD": ["CRMLEAD12"]}, "MESSAGE": "x"}) > number
    assert await boris.refusal(add, fields={"ENTITYTYPEID": 2, "ENTITYID": 999, "MESSAGE": "x"}) == (400, "")
    assert await setup.client(6).refusal(add, fields={"ENTITYTYPEID": 2, "ENTITYID": 42, "MESSAGE": "x"}) == (400, "")
    assert await feed_events(setup) == []


async def test_timeline_comments(setup: Setup) -> None:
    """Comments are added, listed, changed and deleted; `fields` must be lower case; events have the id."""
    boris, family = setup.client(3), "crm.timeline.comment"
    await setup.client().result("event.bind", event="onCrmTimelineCommentAdd", handler=setup.receiver.url)
    fields = {"ENTITY_TYPE": "deal", "ENTITY_ID": 42, "COMMENT": "Call back"}
    number = await boris.result(f"{family}.add", fields=fields)
    assert (await setup.receiver.wait_for("ONCRMTIMELINECOMMENTADD"))["data"] == {"ID": str(number)}
    (row,) = await boris.result(f"{family}.list", filter={"ENTITY_TYPE": "deal", "ENTITY_ID": 42})
    assert (row["ID"], row["COMMENT"], row["AUTHOR_ID"], row["FILES"]) == (str(number), "Call back", "3", {})
    await boris.result(f"{family}.update", id=number, fields={"COMMENT": "Done"})
    assert (await boris.result(f"{family}.get", id=number))["COMMENT"] == "Done"
    assert await boris.refusal(f"{family}.add", FIELDS=fields) == (400, "100")
    assert await boris.refusal(f"{family}.add", fields={**fields, "COMMENT": " "}) == (400, "INVALID_ARG_VALUE")
    assert await boris.refusal(f"{family}.add", fields={**fields, "ENTITY_ID": 99}) == (400, "OWNER_NOT_FOUND")
    assert await setup.client(6).refusal(f"{family}.add", fields=fields) == (403, "ACCESS_DENIED")
    assert await setup.client(6).refusal(f"{family}.list", filter={"ENTITY_TYPE": "deal", "ENTITY_ID": 42}) == (400, "")
    assert await setup.client(2).refusal(f"{family}.delete", id=number) == (403, "ACCESS_DENIED")
    assert await boris.result(f"{family}.delete", id=number) is None
    assert await boris.refusal(f"{family}.get", id=number) == (400, "")


async def test_people_departments_groups_and_cards_can_be_looked_up(setup: Setup) -> None:
    """The directory has the documented shapes; bots are not among the people."""
    bot, client = await setup.v2_bot(), setup.client(2)
    found = await client.result("im.search.user.list", FIND="ann")
    assert {row["name"] for row in found.values()} == {"Anna Petrova", "Anna Schmidt"}
    assert await client.result("im.search.user.list", FIND="zz") == []
    assert await client.refusal("im.search.user.list", FIND="a") == (400, "FIND_SHORT")
    everybody = await client.result("user.get")
    assert str(bot) not in {row["ID"] for row in everybody}
    assert [row["ID"] for row in await client.result("user.get", FILTER={"NAME_SEARCH": "schmidt"})] == ["5"]
    assert [row["ID"] for row in await client.result("user.get", FILTER={"USER_TYPE": "extranet"})] == ["6"]
    assert [row["ID"] for row in await client.result("user.search", FILTER={"LAST_NAME": "Kle"})] == ["3"]
    tree = await client.result("department.get", PARENT=1, sort="NAME")
    assert [row["NAME"] for row in tree] == ["HR team", "Marketing", "Sales"]
    groups = await client.result("sonet_group.get", FILTER={"%NAME": "berlin"})
    assert [(row["ID"], row["OWNER_ID"]) for row in groups] == [("8", "4")]
    assert [row["ID"] for row in await setup.client(6).result("sonet_group.get")] == ["7"]
    deals = await client.result("crm.deal.list", filter={"%TITLE": "coffee"})
    assert [row["ID"] for row in deals] == ["42"]
