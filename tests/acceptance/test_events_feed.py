"""Every event of the News Feed, and user actions in feed, chats and CRM: the service's REST calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests import payloads
from tests.line import ANNA, BORIS, CLARA, CREW, OLGA, Line

pytestmark = pytest.mark.asyncio(loop_scope="module")
SHAPES = pytest.mark.parametrize("as_json", [False, True], ids=["form", "json"])
GROUPS = pytest.mark.parametrize("group", [False, True], ids=["private", "group"])


async def orders(line: Line, text: str, *, by: int = CLARA, dialog: str = "") -> int:
    """Type a command, wait until everything is done, and return the mark before its calls."""
    after, where = line.mark(), dialog or str(by)
    name, _, params = text.removeprefix("/").partition(" ")
    message = line.wrote(text, by=by, dialog=where, commands=(name,))
    tree = line.dialect.commanded(name, params, group=bool(dialog))
    assert await line.hears(line.here(tree, by=by, dialog=where, message=message, command=name)) == 200
    await line.quiet()
    return after


async def tells(line: Line, action: str, post: int, *, by: int, as_json: bool = False) -> int:
    """Send an event of a post as the portal does, wait until everything is done, and return the mark."""
    after = line.mark()
    assert await line.hears(line.here(payloads.post(action, post), by=by), as_json=as_json) == 200
    await line.quiet()
    return after


def edited(line: Line, post: int, **state_changes: Any) -> None:
    """Change a post in the portal's memory without sending an event."""
    feed = line.portal.emulator.world.feed
    feed.posts[post] = replace(feed.posts[post], **state_changes)


@SHAPES
@GROUPS
async def test_the_life_of_a_post(line: Line, *, group: bool, as_json: bool) -> None:
    """ADD shows a card, UPDATE edits it, an UPDATE without change sends nothing, DELETE closes it."""
    dialog = line.group(OLGA, CLARA) if group else str(CLARA)
    if group:
        await line.hears(line.here(line.dialect.joined(group=True), by=OLGA, dialog=dialog))
    await orders(line, "/follow all", dialog=dialog if group else "")
    post = line.posted(f"The lift is out of order, {as_json}.", by=OLGA)

    shown = line.sent(after=await tells(line, "ADD", post, by=OLGA, as_json=as_json))
    (card,) = [one for one in shown if one.dialog == dialog]
    assert (card.method, card.status, card.bot) == (line.dialect.says, 200, line.bot)
    assert "The lift is out of order" in str(card.attach)
    assert bool(card.template) is (line.bot_api == "v2"), "imbot v1 takes no template id"
    assert card.button("LINK", line.portal.url)["LINK"].endswith(f"/company/personal/user/{OLGA}/blog/{post}/")
    assert card.button("COMMAND", "unfollow")["COMMAND_PARAMS"] == "every"
    standing = line.portal.person(CLARA).reads(dialog=dialog if group else line.bot)[-1].id

    edited(line, post, text="The lift works again.")
    after = await tells(line, "UPDATE", post, by=OLGA, as_json=as_json)
    (change,) = [one for one in line.sent(after=after) if one.message == standing]
    assert (change.method, change.status) == (line.dialect.edits, 200)
    assert "The lift works again." in str(change.attach)

    after = await tells(line, "UPDATE", post, by=OLGA, as_json=as_json)
    assert line.sent(after=after) == []
    assert all(call.method.lower().endswith(".get") for call in line.calls(after=after)), "only reads"

    del line.portal.emulator.world.feed.posts[post]
    after = await tells(line, "DELETE", post, by=OLGA, as_json=as_json)
    (end,) = [one for one in line.sent(after=after) if one.message == standing]
    assert (end.method, end.status, end.attach) == (line.dialect.edits, 200, "N")
    assert "lift" not in end.text
    await orders(line, "/unfollow", dialog=dialog if group else "")


async def test_a_post_for_some_in_a_group(line: Line) -> None:
    """A post that not every member may read brings no card into a group, and no link that names its author."""
    dialog = line.group(OLGA, BORIS, CLARA)
    await line.hears(line.here(line.dialect.joined(group=True), by=OLGA, dialog=dialog))
    await orders(line, "/follow all", by=OLGA, dialog=dialog)
    post = line.posted("Salaries rise.", by=OLGA, dest=("DR3",))
    after = await tells(line, "ADD", post, by=OLGA)
    await line.called(line.dialect.says, after=after)
    (counted,) = line.sent(after=after)
    assert (counted.method, counted.dialog, counted.attach) == (line.dialect.says, dialog, None)
    assert "Salaries" not in counted.text
    assert "/user/" not in counted.text
    await orders(line, "/unfollow", by=OLGA, dialog=dialog)


async def test_a_post_is_shared(line: Line) -> None:
    """/share 217 to:sales: log.blogpost.share with the asking user's token, then the bot's confirmation."""
    after = await orders(line, "/share 217 to:sales", by=OLGA)
    shared, said = line.calls("log.blogpost.share", line.dialect.says, after=after)
    assert (shared.method, shared.user, shared.status) == ("log.blogpost.share", OLGA, 200)
    assert (int(shared.params["POST_ID"]), shared.params["DEST"]) == (217, ["DR3"])
    assert line.dialect.sent(said).dialog == str(OLGA)
    assert "DR3" in line.portal.emulator.world.feed.posts[217].dest


async def test_a_post_goes_into_a_chat(line: Line) -> None:
    """/share 217 to:chat11: im.message.add in the user's own name, with URL_PREVIEW and MENU."""
    after = await orders(line, f"/share 217 to:{CREW}", by=ANNA)
    card, said = line.calls("im.message.add", line.dialect.says, after=after)
    assert (card.method, card.user, card.status) == ("im.message.add", ANNA, 200)
    assert (card.params["DIALOG_ID"], int(card.params["BOT_ID"])) == (CREW, line.bot)
    assert card.params["URL_PREVIEW"] == "N"
    assert [item["TEXT"] for item in card.params["MENU"]]
    assert "LINK" in card.params["MENU"][0]
    assert card.params["MENU"][1]["COMMAND"] == "follow"
    assert card.params["TEMPLATE_ID"]
    assert "ATTACH" not in card.params, "an extranet user reads there"
    assert CREW.removeprefix("chat") in line.dialect.sent(said).text
    stood = line.portal.person(ANNA).reads(dialog=CREW)[-1]
    assert (stood.author, len(stood.menu or [])) == (ANNA, 2)


async def test_the_crm(line: Line) -> None:
    """The CRM feed while there is one; after its refusal the timeline, from then on at once."""
    feed, timeline = "crm.livefeedmessage.add", "crm.timeline.comment.add"
    line.portal.switch(crm_feed="alive")
    after = await orders(line, "/crm deal 42 They called.", by=BORIS)
    probe, alive, said = line.calls(feed, timeline, line.dialect.says, after=after)
    assert (probe.method, probe.params["fields"], probe.error) == (feed, {"MESSAGE": ""}, "")
    assert (alive.method, alive.user, alive.status) == (feed, BORIS, 200)
    assert alive.params["fields"] == {"MESSAGE": "They called.", "ENTITYTYPEID": 2, "ENTITYID": 42}
    assert said.method == line.dialect.says

    line.portal.switch(crm_feed="dead")
    after = await orders(line, "/crm lead 12 They wrote.", by=BORIS)
    refused, written, said = line.calls(feed, timeline, line.dialect.says, after=after)
    assert (refused.method, refused.error, refused.status) == (feed, "", 400)
    assert (written.method, written.user, written.status) == (timeline, BORIS, 200)
    assert written.params["fields"] == {"ENTITY_ID": 12, "ENTITY_TYPE": "lead", "COMMENT": "They wrote."}
    assert line.dialect.sent(said).button("LINK", "/crm/lead/details/12/")

    after = await orders(line, "/crm company 3 They came.", by=BORIS)
    assert [call.method for call in line.calls(feed, timeline, after=after)] == [timeline]
