"""Files in chats: uploaded by bots and people, sent to bots, downloaded once, shown on the page."""

import base64
from typing import Any

import aiohttp

from portal.testing import Setup

GIF = base64.b64decode("R0lGODlhAgADAIAAAAAAAP///yH5BAEAAAAALAAAAAACAAMAAAIChF8AOw==")
"""A picture of two by three pixels."""
TEXT = b"Minutes of Monday"


async def got(url: str) -> tuple[int, bytes, str]:
    """Request an address with GET; return status, body and content type."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.read(), answer.content_type


async def test_a_bot_uploads_and_downloads(setup: Setup) -> None:
    """An upload writes a message; a download address works once."""
    bot, client = await setup.v2_bot(), setup.client()
    fields = {"name": "minutes.txt", "content": base64.b64encode(TEXT).decode(), "message": "Here"}
    made = await client.result("imbot.v2.File.upload", botId=bot, dialogId="2", fields=fields)
    file = made["file"]
    assert (file["name"], file["extension"], file["size"], file["type"], file["image"]) == (
        "minutes.txt",
        "txt",
        len(TEXT),
        "file",
        False,
    )
    message = setup.p.emulator.world.messenger.messages[made["messageId"]]
    assert (message.text, message.author, made["dialogId"], made["chatId"]) == ("Here", bot, "2", message.chat)
    address = (await client.result("imbot.v2.File.download", botId=bot, fileId=file["id"]))["downloadUrl"]
    assert (await got(address))[:2] == (200, TEXT)
    assert (await got(address))[0] == 404
    setup.p.switch(download_with_dialog=True)
    target = {"botId": bot, "fileId": file["id"]}
    assert await client.refusal("imbot.v2.File.download", target) == (400, "FILE_ACCESS_ERROR")
    assert await client.result("imbot.v2.File.download", **target, dialogId="2")


async def test_an_unused_download_address_expires(setup: Setup) -> None:
    """An unused address expires after an hour of the portal's clock."""
    bot = await setup.v2_bot()
    await setup.p.person(2).sends_file("a.txt", TEXT, dialog=str(bot))
    found = {"botId": bot, "fileId": 9001}
    address = (await setup.client().result("imbot.v2.File.download", found))["downloadUrl"]
    setup.p.clock.advance(3600)
    assert (await got(address))[0] == 404


async def test_files_are_refused_in_batches(setup: Setup) -> None:
    """Uploads and downloads in a batch are ERROR_BATCH_METHOD_NOT_ALLOWED."""
    names = ("imbot.v2.File.upload", "imbot.v2.File.download", "im.v2.File.upload", "im.v2.File.download")
    answer = await setup.client().result("batch", cmd={name: name for name in names})
    codes = {row["error"] for row in answer["result_error"].values()}
    assert (len(answer["result_error"]), codes) == (4, {"ERROR_BATCH_METHOD_NOT_ALLOWED"})


async def test_a_person_uploads(setup: Setup) -> None:
    """Members see the file with its picture size and may download it; others may not."""
    anna, boris = setup.client(2), setup.client(3)
    fields = {"name": "logo.gif", "content": base64.b64encode(GIF).decode()}
    made = await anna.result("im.v2.File.upload", dialogId="chat11", fields=fields)
    assert (made["file"]["image"], made["file"]["type"]) == ({"width": 2, "height": 3}, "image")
    assert {"urlShow", "urlDownload", "viewerAttrs"} <= made["file"].keys()
    page = await boris.result("im.dialog.messages.get", DIALOG_ID="chat11")
    assert [(row["name"], row["authorName"]) for row in page["files"]] == [("logo.gif", "Anna Petrova")]
    assert page["messages"][0]["params"] == {"FILE_ID": [made["file"]["id"]]}
    target = {"dialogId": "chat11", "fileId": made["file"]["id"]}
    address = (await boris.result("im.v2.File.download", target))["downloadUrl"]
    assert (await got(address))[1] == GIF
    assert await setup.client(5).refusal("im.v2.File.download", target) == (400, "ACCESS_DENIED")
    await anna.result("im.message.delete", MESSAGE_ID=made["messageId"])
    assert await boris.refusal("im.v2.File.download", target) == (400, "FILE_NOT_FOUND")


async def test_events_of_bots_contain_files(setup: Setup) -> None:
    """v1 gets FILES and FILE_ID, v2 the ids in the parameters of the message."""
    old, new = await setup.v1_bot(), await setup.v2_bot()
    await setup.p.person(2).sends_file("a.txt", TEXT, dialog=str(old), text="Look")
    event = await setup.receiver.wait_for("ONIMBOTMESSAGEADD")
    number = event["data"]["PARAMS"]["FILE_ID"][0]
    assert event["data"]["FILES"][number]["name"] == "a.txt"
    assert event["data"]["PARAMS"]["MESSAGE"] == "Look"
    await setup.p.person(2).sends_file("b.txt", TEXT, dialog=str(new))
    event = await setup.receiver.wait_for("ONIMBOTV2MESSAGEADD")
    assert event["data"]["message"]["params"]["FILE_ID"] == [str(int(number) + 1)]


async def test_the_page_shows_files_and_reactions(setup: Setup) -> None:
    """The control API sends a file, reacts to it and shows both; a script is only saved."""
    async with aiohttp.ClientSession(setup.p.control) as session:

        async def act(command: str, **body: object) -> dict[str, Any]:
            async with session.post(command, json=body) as answer:
                return dict(await answer.json())

        async def last() -> dict[str, Any]:
            async with session.get("messages", params={"as": "3", "dialog": "chat11"}) as answer:
                return dict((await answer.json())["messages"][-1])

        page = {"as": 2, "dialog": "chat11", "name": "page.html"}
        content = base64.b64encode(b"<script>1</script>").decode()
        made = await act("files", **page, content=content, text="Mine")
        assert await act("react", **{"as": 3, "message_id": made["message_id"], "reaction": "fire", "on": True}) == {
            "ok": True,
            "changed": True,
        }
        assert (await act("react", **{"as": 3, "message_id": made["message_id"], "reaction": "no"}))["error"]
        assert (await act("files", **page, content="%%"))["error"]
        shown = await last()
        assert shown["reactions"] == [{"reaction": "fire", "users": [3], "mine": True}]
        (file,) = shown["files"]
        assert (file["name"], file["size"], file["image"]) == ("page.html", 18, None)
        status, body, kind = await got(f"{setup.p.url.rstrip('/')}{file['url']}")
        assert (status, body, kind) == (200, b"<script>1</script>", "application/octet-stream")
        status, _, _ = await got(f"{setup.p.url.rstrip('/')}{file['url'].replace('as=3', 'as=4')}")
        assert status == 400


async def test_only_readers_of_a_post_get_its_files(setup: Setup) -> None:
    """Only readers of a post get its files and those of its comments, also not through another post."""
    files = [["logo.gif", base64.b64encode(GIF).decode()], ["minutes.txt", base64.b64encode(TEXT).decode()]]
    post = await setup.client(2).result("log.blogpost.add", POST_MESSAGE="Here", DEST=["U3"], FILES=files)
    comment = {"POST_ID": post, "TEXT": "And mine", "FILES": files[1:]}
    await setup.client(3).result("log.blogcomment.add", comment)
    async with aiohttp.ClientSession(setup.p.control) as session, session.get("feed", params={"as": "3"}) as answer:
        (shown,) = [one for one in (await answer.json())["posts"] if one["id"] == int(post)]
    picture, text = shown["files"]
    (below,) = shown["comments"][0]["files"]
    assert (picture["image"], text["image"]) == ({"width": 2, "height": 3}, None)
    here = setup.p.url.rstrip("/")
    assert await got(here + picture["url"]) == (200, GIF, "image/gif")
    assert await got(here + text["url"]) == (200, TEXT, "application/octet-stream")
    assert (await got(here + below["url"]))[:2] == (200, TEXT)
    for wrong in (
        text["url"].replace("as=3", "as=5"),
        text["url"].replace(f"post={post}", "post=217"),
        text["url"].replace(f"&post={post}", ""),
        text["url"].replace(f"post={post}", "post=x"),
    ):
        assert (await got(here + wrong))[0] == 400


async def test_avatars_are_kept(setup: Setup) -> None:
    """An avatar of a bot or chat is a picture with an address; other content is refused."""
    picture = base64.b64encode(GIF).decode()
    bot = await setup.v2_bot(properties={"name": "Face", "avatar": picture, "color": "aqua"})
    user = await setup.client(2).result("im.user.get", ID=bot)
    assert user["color"] == "#1eb4aa"
    assert await got(f"{setup.p.url.rstrip('/')}{user['avatar']}") == (200, GIF, "image/gif")
    chat = await setup.client(2).result("im.chat.add", TITLE="T", AVATAR=picture, COLOR="MINT")
    shown = await setup.client(2).result("im.dialog.get", DIALOG_ID=f"chat{chat}")
    assert (shown["avatar"].startswith("/upload/"), shown["color"]) == (True, "#4ba984")
    assert await setup.client(2).refusal("im.chat.updateAvatar", CHAT_ID=chat, AVATAR="eA==") == (400, "AVATAR_ERROR")
    assert (await got(f"{setup.p.url}upload/im/nothing"))[0] == 404
