"""The people of `portal.testing`, who write, press and see."""

import asyncio

import pytest

from portal.errors import ControlError
from portal.testing import Clock, receiving, running, set_up


async def test_sees_waits_for_new_and_edited_messages() -> None:
    """`sees` ends when a message with the text arrives or is edited; one's own messages do not count."""
    async with set_up() as setup:
        bot, client, anna = await setup.v2_bot(), setup.client(), setup.p.person(2)
        await anna.says("Published", dialog=bot)
        waiting = asyncio.create_task(anna.sees("Published"))
        made = await client.result(
            "imbot.v2.Chat.Message.send", botId=bot, dialogId="2", fields={"message": "[b]Not[/b] yet"}
        )
        await asyncio.sleep(0)
        assert not waiting.done()
        fields = {"message": "[b]Published[/b] as 217"}
        await client.result("imbot.v2.Chat.Message.update", botId=bot, messageId=made["id"], fields=fields)
        seen = await waiting
        assert (seen.id, seen.edited) == (made["id"], True)
        card = {"attach": [{"GRID": [{"NAME": "Title", "VALUE": "[b]Deep[/b] inside"}]}]}
        await client.result("imbot.v2.Chat.Message.send", botId=bot, dialogId="2", fields=card)
        assert (await anna.sees("Deep inside", dialog=bot, after=made["id"])).attach


async def test_a_failed_wait_shows_the_newest_messages() -> None:
    """The failure shows the expected text and the newest messages."""
    async with set_up() as setup:
        bot, anna = await setup.v2_bot(), setup.p.person(2)
        await setup.client().result("imbot.v2.Chat.Message.send", botId=bot, dialogId="2", fields={"message": "Other"})
        with pytest.raises(AssertionError, match=r"did not see 'This'.*'Other'"):
            await anna.sees("This", within=0.01)
        with pytest.raises(AssertionError, match="cannot see a button 'Go'"):
            await anna.presses("Go", within=0.01)
        with pytest.raises(AssertionError, match="was called 0 times"):
            await setup.p.called("log.blogpost.add", within=0.01)
        with pytest.raises(ControlError, match="no chat"):
            await setup.p.person(6).says("x", dialog="chat10")


async def test_people_have_a_method_for_each_action() -> None:
    """People open, mention, edit, delete, publish, comment and choose menu items."""
    async with set_up() as setup:
        bot, anna = await setup.v1_bot(), setup.p.person(2)
        command = {
            "BOT_ID": bot,
            "COMMAND": "more",
            "EVENT_COMMAND_ADD": setup.receiver.url,
            "LANG": [{"LANGUAGE_ID": "en"}],
        }
        await setup.client().result("imbot.command.register", command)
        menu = [{"TEXT": "More", "COMMAND": "more"}]
        await anna.opens()
        await setup.client().result("imbot.message.add", BOT_ID=bot, DIALOG_ID="2", MESSAGE="x", MENU=menu)
        await anna.chooses("More")
        event = await setup.receiver.wait_for("ONIMCOMMANDADD")
        assert next(iter(event["data"]["COMMAND"].values()))["COMMAND_CONTEXT"] == "MENU"
        dialog = setup.p.make_chat(2, bot)
        message = await anna.mentions(bot, "hello", dialog=dialog)
        await anna.edits(message, "bye")
        await anna.deletes(message)
        post = await anna.posts("text", title="T")
        await anna.edits_post(post, text="new", dest=["U3"])
        await anna.comments(post, "c")
        assert [(row.title, row.text, row.dest) for row in setup.p.posts(author=2)][-1] == ("T", "new", ("U3",))
        await anna.deletes_post(post)
        assert (await setup.p.bot(setup.app)).id == bot


async def test_a_forwarded_message_says_where_it_was_written() -> None:
    """A copy names the first author and place: v1 in its parameters, v2 in `forward`, and the methods as v1."""
    async with set_up() as setup:
        old, anna, boris = await setup.v1_bot(), setup.p.person(2), setup.p.person(3)
        group = setup.p.make_chat(2, 3)
        said = await boris.says("Tea", dialog=group)
        place = {"FORWARD_ID": str(said), "FORWARD_CONTEXT_ID": f"{group}/{said}", "FORWARD_USER_ID": "3"}
        await anna.forwards(said, dialog=old)
        event = await setup.receiver.wait_for("ONIMBOTMESSAGEADD")
        assert place.items() <= event["data"]["PARAMS"]["PARAMS"].items()
        assert (event["data"]["PARAMS"]["MESSAGE"], event["data"]["PARAMS"]["FROM_USER_ID"]) == ("Tea", "2")
        read = await setup.client(2).result("im.dialog.messages.get", DIALOG_ID=str(old), LIMIT=1)
        assert read["messages"][0]["params"]["FORWARD_USER_ID"] == 3
        new = await setup.v2_bot()
        whispered = await boris.says("Between us", dialog="2")
        await anna.forwards(await anna.forwards(whispered, dialog=group), dialog=new)
        event = await setup.receiver.wait_for("ONIMBOTV2MESSAGEADD")
        first = event["data"]["message"]["forward"]
        assert (first["id"], first["userId"]) == (f"2:3/{whispered}", "3")
        gone = await boris.says("Gone", dialog=group)
        await boris.deletes(gone)
        with pytest.raises(ControlError, match="cannot be forwarded"):
            await anna.forwards(gone, dialog=new)


async def test_an_answer_names_its_message_in_the_event() -> None:
    """A reply carries the id of the answered message: inside PARAMS of v1, in the parameters of v2."""
    async with set_up() as setup:
        old, anna = await setup.v1_bot(), setup.p.person(2)
        first = await anna.says("One", dialog=old)
        await anna.says("Two", dialog=old, reply_to=first)
        event = await setup.receiver.wait_for("ONIMBOTMESSAGEADD", times=2)
        assert event["data"]["PARAMS"]["PARAMS"] == {"REPLY_ID": str(first)}
        new = await setup.v2_bot()
        first = await anna.says("One", dialog=new)
        await anna.says("Two", dialog=new, reply_to=first)
        event = await setup.receiver.wait_for("ONIMBOTV2MESSAGEADD", times=2)
        assert event["data"]["message"]["params"]["REPLY_ID"] == str(first)


async def test_running_accepts_another_company() -> None:
    """`running` accepts another company, and the default rate limit applies."""
    seed = {"name": "Small", "users": [{"id": 7, "first_name": "Eve", "admin": True}]}
    async with receiving() as receiver, running(seed=seed, clock=Clock(1_790_000_000)) as p:
        app = await p.add_app(name="A", handler=receiver.url, client_id="local.x", client_secret="y")
        await p.install(app, by=7)
        assert "access_token" in (await receiver.wait_for("ONAPPINSTALL"))["auth"]
        client = p.client(app, user=7)
        answers = [(await client.call("profile"))[0] for _ in range(52)]
        assert answers.count(200) >= 50
        assert answers[-1] == 503
