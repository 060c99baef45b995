"""Every event of a bot, of both generations, sent to a started service, and the resulting REST calls."""

from __future__ import annotations

import pytest

from tests.line import ANNA_TOO, BORIS, CLARA, OLGA, Line

pytestmark = pytest.mark.asyncio(loop_scope="module")
SHAPES = pytest.mark.parametrize("as_json", [False, True], ids=["form", "json"])
GROUPS = pytest.mark.parametrize("group", [False, True], ids=["private", "group"])


def place(line: Line, *, group: bool) -> str:
    """Return a dialog of Clara with the bot: a group of three, or a private one."""
    return line.group(OLGA, CLARA) if group else str(CLARA)


@SHAPES
@GROUPS
async def test_a_message_is_answered_once(line: Line, *, group: bool, as_json: bool) -> None:
    """A message (in a group, a mention of the bot) is answered by one message with a keyboard."""
    after, dialog = line.mark(), place(line, group=group)
    message = line.wrote("help", by=CLARA, dialog=dialog)
    event = line.here(line.dialect.said("help", group=group), by=CLARA, dialog=dialog, message=message)
    assert await line.hears(event, as_json=as_json) == 200
    await line.quiet()
    (call,), (said,) = line.calls(after=after), line.sent(after=after)
    assert (call.user, said.status) == (OLGA, 200), "the bot speaks with the installer's token"
    assert (said.method, said.bot, said.dialog) == (line.dialect.says, line.bot, dialog)
    assert "/post" in said.text
    assert bool(said.template) is (line.bot_api == "v2"), "imbot v1 takes no template id"
    assert said.button("COMMAND_PARAMS", "post")["COMMAND"] == "help"


@SHAPES
@GROUPS
async def test_the_bot_greets_a_chat_that_it_joins(line: Line, *, group: bool, as_json: bool) -> None:
    """The bot greets with a message and buttons."""
    who = CLARA if group else (ANNA_TOO if as_json else BORIS)  # a private dialog is greeted once
    after, dialog = line.mark(), place(line, group=group) if group else str(who)
    event = line.here(line.dialect.joined(group=group), by=who, dialog=dialog)
    assert await line.hears(event, as_json=as_json) == 200
    await line.quiet()
    (said,) = line.sent(after=after)
    assert (said.method, said.bot, said.dialog, said.status) == (line.dialect.says, line.bot, dialog, 200)
    assert said.button("ACTION", "PUT")["ACTION_VALUE"] == "/post "
    assert said.button("COMMAND", "help")


@SHAPES
@GROUPS
async def test_a_typed_post(line: Line, *, group: bool, as_json: bool) -> None:
    """A typed /post is sent with the user's own token, and then one message of the bot shows it as a card."""
    after, dialog = line.mark(), place(line, group=group)
    words = f"to:all title:Kettle The kettle is new, {as_json}, {group}."
    if group:
        await line.hears(line.here(line.dialect.joined(group=True), by=OLGA, dialog=dialog))
        await line.quiet()
        after = line.mark()
    message = line.wrote(f"/post {words}", by=CLARA, dialog=dialog, commands=("post",))
    tree = line.dialect.commanded("post", words, group=group)
    event = line.here(tree, by=CLARA, dialog=dialog, message=message, command="post")
    assert await line.hears(event, as_json=as_json) == 200
    await line.quiet()
    (published,) = line.calls("log.blogpost.add", after=after)
    assert (published.user, published.status) == (CLARA, 200), "a user action is sent with the user's own token"
    assert {name: value for name, value in published.params.items() if name != "auth"} == {
        "POST_MESSAGE": words.removeprefix("to:all title:Kettle "),
        "POST_TITLE": "Kettle",
        "DEST": ["UA"],
    }
    (said,) = line.sent(after=after)
    assert (said.method, said.dialog, said.status) == (line.dialect.says, dialog, 200)
    assert str(published.result) in said.text
    assert "The kettle is new" in str(said.attach)
    assert said.button("ACTION", "PUT")["ACTION_VALUE"] == f"/share {published.result} to:"
    order = [row.method for row in line.calls("log.blogpost.add", line.dialect.says, after=after)]
    assert order == ["log.blogpost.add", line.dialect.says]


@SHAPES
async def test_a_typed_post_in_a_group_without_the_bot(line: Line, *, as_json: bool) -> None:
    """In a group without the bot, the result is sent as the command's answer, without template id."""
    after, dialog = line.mark(), line.group(OLGA, CLARA, bot=False)
    message = line.wrote("/post Hello", by=CLARA, dialog=dialog, commands=("post",))
    tree = line.dialect.commanded("post", "Hello", group=True)
    event = line.here(tree, by=CLARA, dialog=dialog, message=message, command="post")
    assert await line.hears(event, as_json=as_json) == 200
    await line.quiet()
    (published,), (said,) = line.calls("log.blogpost.add", after=after), line.sent(after=after)
    assert (said.method, said.message, said.command) == (line.dialect.answers, message, line.command("post"))
    assert (said.status, said.template, bool(said.attach)) == (200, "", False)
    assert str(published.result) in said.text
    assert said.dialog in ("", dialog)
    assert line.portal.person(CLARA).reads(dialog=dialog)[-1].system


@SHAPES
@GROUPS
async def test_a_pressed_button(line: Line, *, group: bool, as_json: bool) -> None:
    """A button under a message of ours edits this message, its keyboard included."""
    dialog = place(line, group=group)
    mentioned = line.here(line.dialect.said("help", group=group), by=CLARA, dialog=dialog)
    after = line.mark()
    await line.hears(mentioned)
    await line.quiet()
    shown = line.calls(line.dialect.says, after=after)[0].result
    shown = shown["id"] if isinstance(shown, dict) else shown
    tree = line.dialect.commanded("help", "share", context="keyboard", group=group)
    after = line.mark()
    event = line.here(tree, by=CLARA, dialog=dialog, message=shown, command="help")
    assert await line.hears(event, as_json=as_json) == 200
    await line.quiet()
    (said,) = line.sent(after=after)
    assert (said.method, said.message, said.bot, said.status) == (line.dialect.edits, shown, line.bot, 200)
    assert "/share number to:name" in said.text
    assert said.button("COMMAND", "help")
    assert said.attach == "N", "what an earlier version may have carried is taken away"


@SHAPES
@GROUPS
async def test_a_chosen_menu_item(line: Line, *, group: bool, as_json: bool) -> None:
    """A command from a message's menu is answered by a new message."""
    dialog = place(line, group=group)
    if group:
        await line.hears(line.here(line.dialect.joined(group=True), by=OLGA, dialog=dialog))
        await line.quiet()
    after = line.mark()
    tree = line.dialect.commanded("follow", "", context="menu", group=group)
    event = line.here(tree, by=CLARA, dialog=dialog, message=line.wrote("x", by=OLGA, dialog=dialog), command="follow")
    assert await line.hears(event, as_json=as_json) == 200
    await line.quiet()
    (said,) = line.sent(after=after)
    assert (said.method, said.dialog, said.status) == (line.dialect.says, dialog, 200)
    assert said.button("COMMAND", "unfollow")["COMMAND_PARAMS"] == "every"


@SHAPES
async def test_the_same_event_twice(line: Line, *, as_json: bool) -> None:
    """A duplicate event is answered with 200 both times, and the user gets one answer."""
    after = line.mark()
    event = line.here(line.dialect.said("help"), by=CLARA, message=line.wrote("help", by=CLARA, dialog="private"))
    assert [await line.hears(event, as_json=as_json) for _ in range(2)] == [200, 200]
    await line.quiet()
    assert len(line.sent(after=after)) == 1
