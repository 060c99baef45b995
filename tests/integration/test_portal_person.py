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
