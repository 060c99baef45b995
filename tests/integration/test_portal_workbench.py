"""Control API for the workbench and the feed of the page: sizes, rate limit, faults, polls, gratitudes."""

from typing import Any

import pytest

from portal.testing import Setup
from tests.controlling import do, look


async def test_a_call_and_its_message_have_the_same_sizes(setup: Setup) -> None:
    """The objects of a call have the same sizes as those of its message."""
    bot = await setup.v2_bot()
    keys = {"BUTTONS": [{"TEXT": "Go", "COMMAND": "go"}]}
    fields = {"message": "Measured", "attach": [{"MESSAGE": "a" * 100}], "keyboard": keys}
    await setup.client().result("imbot.v2.Chat.Message.send", botId=bot, dialogId="2", fields=fields)
    (message,) = (await look(setup, "messages", **{"as": 2, "dialog": bot}))["messages"]
    call = (await look(setup, "calls"))["calls"][-1]
    assert (await do(setup, "measure", n=call["n"]))["sizes"] == message["sizes"]


async def test_objects_of_a_refused_call_are_measured(setup: Setup) -> None:
    """Refused objects are measured too, by the current rule."""
    bot = await setup.v2_bot()
    await do(setup, "switches", size_rule="30kb")
    fields = {"message": "x", "attach": [{"MESSAGE": "я" * 20_000}]}
    await setup.client().call("imbot.v2.Chat.Message.send", botId=bot, dialogId="2", fields=fields)
    call = (await look(setup, "calls"))["calls"][-1]
    measured = (await do(setup, "measure", n=call["n"]))["sizes"]["attach"]
    assert call["status"] >= 400
    assert measured["limit"] == 30_000 < measured["chars"]


@pytest.mark.parametrize(
    "raw", ["text", 7, ["a"], {"KEYBOARD": {"x": [None, 3]}}, {"ATTACH": {"BLOCKS": "{"}, "BOT_ID": []}]
)
async def test_invalid_objects_are_not_measured(setup: Setup, raw: Any) -> None:
    """Invalid objects are left out."""
    params = raw if isinstance(raw, dict) else {"ATTACH": raw, "KEYBOARD": raw, "MENU": raw, "fields": raw}
    await setup.client().call("profile", **params)
    call = (await look(setup, "calls"))["calls"][-1]
    assert (await do(setup, "measure", n=call["n"]))["sizes"] == {}
    assert await do(setup, "measure", n=-1) == {"error": "There is no call -1 any more."}


async def test_the_state_of_the_workbench(setup: Setup) -> None:
    """Bucket, rules, down, clock and recording show the current state."""
    await do(setup, "switches", bucket_capacity=50)
    await setup.client().result("profile")
    await do(setup, "faults", rules=[{"method": "user.get", "kind": "503"}, {"method": "*", "kind": "500", "times": 0}])
    await do(setup, "down", seconds=30)
    await do(setup, "record", on=True, title="A day")
    bench = (await look(setup, "state"))["bench"]
    assert bench["bucket"] == {"level": 1, "capacity": 50, "rate": 2}
    rule = {"method": "user.get", "kinds": ["503"], "chance": 1.0, "times": 1, "seconds": 1.0, "seed": None}
    assert bench["faults"] == [rule | {"code": "", "text": "", "status": 400}]
    assert (bench["down"], bench["clock"]) == (30.0, {"stopped": True})
    assert bench["recording"] == {"on": True, "title": "A day", "steps": 0}
    assert bench["choices"]["crm_feed"] == ["alive", "dead"]
    await do(setup, "clock", advance=60)
    later = (await look(setup, "state"))["bench"]
    assert (later["bucket"]["level"], later["down"]) == (0, 0)
    await do(setup, "down", seconds=None)
    assert (await look(setup, "state"))["bench"]["down"] is None


async def test_a_post_shows_poll_and_gratitude(setup: Setup) -> None:
    """A post shows poll and gratitude; a vote counts once; a vote without a poll is refused."""
    poll = {"question": "Where to?", "answers": ["Lake", "Woods"]}
    thanks = {"medal": "cup", "people": [4]}
    wishes = {"text": "The party", "dest": ["UA"], "poll": poll, "gratitude": thanks}
    number = (await do(setup, "posts", **{"as": 1, **wishes}))["post_id"]
    for answer in (0, 1):
        assert await do(setup, "posts/vote", **{"as": 4, "post_id": number, "answers": {"0": [answer]}}) == {"ok": True}
    post = (await look(setup, "feed", **{"as": 4}))["posts"][0]
    assert post["gratitude"] == {"medal": "cup", "people": [{"id": 4, "name": "Clara Wirth"}]}
    assert (post["poll"]["voters"], post["poll"]["voted"]) == (1, True)
    ticks = [(one["votes"], one["mine"]) for one in post["poll"]["questions"][0]["answers"]]
    assert ticks == [(0, False), (1, True)]
    assert "error" in await do(setup, "posts/vote", **{"as": 4, "post_id": 217, "answers": {"0": [0]}})
    assert "error" in await do(setup, "posts/vote", **{"as": 4, "post_id": number, "answers": [0]})


@pytest.mark.parametrize(
    "wish",
    [{"poll": []}, {"poll": {"question": "?", "answers": [" "]}}, {"poll": {"answers": ["a"]}}, {"gratitude": "x"},
     {"gratitude": {"medal": "cup", "people": []}}, {"gratitude": {"medal": "cup", "people": [999]}}],
)  # fmt: skip
async def test_an_incomplete_poll_is_refused(setup: Setup, wish: dict[str, Any]) -> None:
    """An incomplete poll or gratitude is refused."""
    before = len((await look(setup, "feed"))["posts"])
    assert "error" in await do(setup, "posts", **{"as": 1, "text": "Half", **wish})
    assert len((await look(setup, "feed"))["posts"]) == before


async def test_the_feed_comes_in_pages(setup: Setup) -> None:
    """The feed has twenty posts by latest change, the number of others, and the requested post."""
    for number in range(30):
        setup.p.clock.advance(1)
        await setup.p.publish(f"Post {number}", by=2, dest=["U3"])
    oldest = setup.p.posts()[-30].id
    first = await look(setup, "feed", **{"as": 3})
    theirs = setup.p.posts()
    assert [row["text"] for row in first["posts"]] == [f"Post {number}" for number in range(29, 9, -1)]
    assert (first["more"], first["asked"]) == (len(theirs) - 20, None)
    setup.p.clock.advance(1)
    await do(setup, "posts/comment", **{"as": 3, "post_id": oldest, "text": "Up"})
    assert (await look(setup, "feed", **{"as": 3, "limit": 1}))["posts"][0]["id"] == oldest
    everything = await look(setup, "feed", **{"as": 3, "limit": 100})
    assert ({row["id"] for row in everything["posts"]}, everything["more"]) == ({row.id for row in theirs}, 0)
    far = theirs[0].id
    assert (await look(setup, "feed", **{"as": 3, "post": far}))["asked"]["id"] == far
    assert (await look(setup, "feed", **{"as": 3, "post": oldest}))["asked"] is None, "it is among the others"
    assert (await look(setup, "feed", **{"as": 5, "post": oldest}))["asked"] is None, "it is not for them"
    first = await look(setup, "feed", **{"as": 1, "post": oldest})
    assert (first["asked"]["id"], first["more"]) == (oldest, 0), "administrators read all"
