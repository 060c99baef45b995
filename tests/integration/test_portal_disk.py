"""im.disk.*, disk.*: files go into chats through the Drive and can be downloaded."""

import base64
from typing import Any

import aiohttp
import pytest

from portal.testing import RestClient, Setup

NOTE = b"Minutes of Monday"
GIF = b"GIF89a\x05\x00\x04\x00" + bytes(9)


async def store_file(
    client: RestClient, folder: int, name: str = "minutes.txt", content: bytes = NOTE, **more: Any
) -> Any:
    """Store a file in a folder."""
    given = {"id": folder, "data": {"NAME": name}, "fileContent": [name, base64.b64encode(content).decode()]}
    return await client.result("disk.folder.uploadfile", {**given, **more})


async def download_file(url: str) -> tuple[int, bytes]:
    """Request an address with GET; return status and body."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.read()


async def test_a_file_is_stored_sent_and_downloaded(setup: Setup) -> None:
    """Folder, upload and commit make one message with files and text; members download them."""
    anna, boris = setup.client(2), setup.client(3)
    folder = (await anna.result("im.disk.folder.get", CHAT_ID=10))["ID"]
    assert await anna.result("im.disk.folder.get", DIALOG_ID="chat10") == {"ID": folder}
    assert (await anna.result("im.dialog.get", DIALOG_ID="chat10"))["disk_folder_id"] == folder
    one, two = await store_file(anna, folder), await store_file(anna, folder, "dot.gif", GIF)
    assert (one["ID"], one["NAME"], one["PARENT_ID"], one["SIZE"]) == (one["ID"], "minutes.txt", str(folder), "17")
    assert (await boris.result("im.dialog.messages.get", DIALOG_ID="chat10"))["files"] == []
    numbers = [one["ID"], two["ID"]]
    sent = await anna.result("im.disk.file.commit", CHAT_ID=10, UPLOAD_ID=numbers, MESSAGE="As promised")
    assert (sent["DISK_ID"], list(sent["FILES"])) == ([str(n) for n in numbers], [f"upload{n}" for n in numbers])
    assert [sent["FILE_MODELS"][f"upload{n}"]["parentId"] for n in numbers] == [folder, folder]
    assert sent["FILES"][f"upload{two['ID']}"]["image"] == {"width": 5, "height": 4}
    shown = await boris.result("im.dialog.messages.get", DIALOG_ID="chat10")
    assert (shown["messages"][0]["id"], shown["messages"][0]["text"]) == (sent["MESSAGE_ID"], "As promised")
    assert shown["messages"][0]["params"]["FILE_ID"] == numbers
    got = await boris.result("disk.file.get", id=one["ID"])
    assert (got["ID"], got["CREATED_BY"], got["DELETED_TYPE"]) == (str(one["ID"]), "2", "0")
    for _ in range(2):
        assert await download_file(got["DOWNLOAD_URL"]) == (200, NOTE)


async def test_a_file_that_was_sent_before_is_copied(setup: Setup) -> None:
    """A file of one's own chat is copied to another chat; a foreign file is not."""
    anna, clara = setup.client(2), setup.client(4)
    folder = (await anna.result("im.disk.folder.get", DIALOG_ID="3"))["ID"]
    number = (await store_file(anna, folder))["ID"]
    assert await clara.refusal("im.disk.file.commit", CHAT_ID=10, FILE_ID=number) == (400, "SAVE_ERROR")
    first = await anna.result("im.disk.file.commit", DIALOG_ID="3", FILE_ID=number)
    again = await anna.result("im.disk.file.commit", CHAT_ID=10, FILE_ID=number)
    assert (first["DISK_ID"], again["DISK_ID"] != first["DISK_ID"]) == ([str(number)], True)
    assert await clara.refusal("disk.file.get", id=number) == (400, "ACCESS_DENIED")
    assert (await clara.result("disk.file.get", id=int(again["DISK_ID"][0])))["NAME"] == "minutes.txt"


async def test_a_bot_gets_a_file_event_and_downloads_the_file(setup: Setup) -> None:
    """disk.file.get accepts the number in FILES of ONIMBOTMESSAGEADD."""
    bot = await setup.client().result(
        "imbot.register", CODE="clerk", EVENT_HANDLER=setup.receiver.url, PROPERTIES={"NAME": "Clerk"}
    )
    anna = setup.client(2)
    folder = (await anna.result("im.disk.folder.get", DIALOG_ID=str(bot)))["ID"]
    number = (await store_file(anna, folder))["ID"]
    await anna.result("im.disk.file.commit", DIALOG_ID=str(bot), UPLOAD_ID=number)
    event = await setup.receiver.wait_for("ONIMBOTMESSAGEADD")
    assert list(event["data"]["FILES"]) == [str(number)]
    assert (await anna.result("disk.file.get", id=number))["SIZE"] == str(len(NOTE))


async def test_a_file_is_uploaded_as_a_form(setup: Setup) -> None:
    """Without fileContent, the method returns a one-time address for an upload."""
    anna = setup.client(2)
    folder = (await anna.result("im.disk.folder.get", CHAT_ID=10))["ID"]
    asked = await anna.result("disk.folder.uploadfile", id=folder)
    assert asked["field"] == "file"

    async def posted(content: bytes | None) -> tuple[int, dict[str, Any]]:
        form = aiohttp.FormData({"other": "1"})
        if content is not None:
            form.add_field("file", content, filename="dot.gif")
        async with aiohttp.ClientSession() as session, session.post(asked["uploadUrl"], data=form) as answer:
            return answer.status, await answer.json()

    status, body = await posted(GIF)
    assert (status, body["result"]["NAME"], body["result"]["SIZE"]) == (200, "dot.gif", str(len(GIF)))
    assert (await posted(GIF))[0] == 403
    asked = await anna.result("disk.folder.uploadfile", id=folder)
    assert (await posted(None))[1]["error"] == "ERROR_COULD_NOT_SAVE_FILE"


async def test_names_are_made_unique_when_asked(setup: Setup) -> None:
    """The flag generateUniqueName adds a number before the extension."""
    anna = setup.client(2)
    folder = (await anna.result("im.disk.folder.get", CHAT_ID=10))["ID"]
    names = [(await store_file(anna, folder, "a.b.txt", generateUniqueName=True))["NAME"] for _ in range(3)]
    assert names == ["a.b.txt", "a.b (1).txt", "a.b (2).txt"]


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("im.disk.folder.get", {}, (400, "CHAT_ID_EMPTY")),
        ("im.disk.folder.get", {"CHAT_ID": 11}, (403, "ACCESS_ERROR")),
        ("disk.folder.uploadfile", {}, (400, "ERROR_ARGUMENT")),
        ("disk.folder.uploadfile", {"id": 5}, (400, "ERROR_NOT_FOUND")),
        ("disk.file.get", {}, (400, "ERROR_ARGUMENT")),
        ("disk.file.get", {"id": 5}, (400, "ERROR_NOT_FOUND")),
        ("im.disk.file.commit", {}, (400, "CHAT_ID_EMPTY")),
        ("im.disk.file.commit", {"DIALOG_ID": ""}, (400, "DIALOG_ID_EMPTY")),
        ("im.disk.file.commit", {"CHAT_ID": 10}, (400, "FILES_ERROR")),
        ("im.disk.file.commit", {"CHAT_ID": 10, "UPLOAD_ID": []}, (400, "SAVE_ERROR")),
        ("im.disk.file.commit", {"CHAT_ID": 10, "FILE_ID": [5]}, (400, "SAVE_ERROR")),
        ("im.disk.file.delete", {}, (400, "CHAT_ID_EMPTY")),
        ("im.disk.file.delete", {"CHAT_ID": 10}, (400, "FILE_ID_EMPTY")),
    ],
)
async def test_invalid_drive_calls_are_refused(
    setup: Setup, method: str, params: dict[str, Any], error: tuple[int, str]
) -> None:
    """Missing numbers, foreign chats and missing files are refused."""
    assert await setup.client(4).refusal(method, params) == error


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"data": {}, "fileContent": ["a", "YQ=="]}, "DISK_BASE_SERVICE_22001"),
        ({"data": {"NAME": "a"}, "fileContent": ["a", "*"]}, "ERROR_COULD_NOT_SAVE_FILE"),
        ({"data": {"NAME": "a"}, "fileContent": []}, "ERROR_COULD_NOT_SAVE_FILE"),
    ],
)
async def test_an_invalid_file_is_not_stored(setup: Setup, given: dict[str, Any], error: str) -> None:
    """A file needs a name and base64, and the folder must belong to one's own chat."""
    anna = setup.client(2)
    folder = (await anna.result("im.disk.folder.get", DIALOG_ID="3"))["ID"]
    assert await anna.refusal("disk.folder.uploadfile", {"id": folder, **given}) == (400, error)
    assert await setup.client(4).refusal("disk.folder.uploadfile", {"id": folder, **given}) == (400, "ACCESS_DENIED")


async def test_only_the_sender_deletes(setup: Setup) -> None:
    """Others get true without effect; a missing file gives false."""
    anna, boris, clara = (setup.client(user) for user in (2, 3, 4))
    folder = (await anna.result("im.disk.folder.get", DIALOG_ID="3"))["ID"]
    number = (await store_file(anna, folder))["ID"]
    sent = await anna.result("im.disk.file.commit", DIALOG_ID="3", UPLOAD_ID=number)
    chat = sent["FILES"][f"upload{number}"]["chatId"]
    assert await boris.result("im.disk.file.delete", CHAT_ID=chat, FILE_ID=number) is True
    assert (await boris.result("disk.file.get", id=number))["NAME"] == "minutes.txt"
    assert await clara.result("im.disk.file.delete", CHAT_ID=chat, FILE_ID=number) is False
    assert await anna.result("im.disk.file.delete", CHAT_ID=10, FILE_ID=number) is False
    assert await anna.result("im.disk.file.delete", CHAT_ID=chat, FILE_ID=number) is True
    assert await boris.refusal("disk.file.get", id=number) == (400, "ERROR_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "some", "unfiltered"),
    [
        (
            "disk.storage.getfields",
            {"ID", "NAME", "CODE", "MODULE_ID", "ENTITY_TYPE", "ENTITY_ID", "ROOT_OBJECT_ID"},
            set(),
        ),
        (
            "disk.folder.getfields",
            {"ID", "NAME", "TYPE", "CODE", "STORAGE_ID", "PARENT_ID", "CREATE_TIME", "UPDATE_TIME", "DELETE_TIME"},
            {"REAL_OBJECT_ID", "CREATED_BY", "UPDATED_BY", "DELETED_BY"},
        ),
    ],
)
async def test_fields_are_described(setup: Setup, method: str, some: set[str], unfiltered: set[str]) -> None:
    """Each field has a type, and says whether it can be filtered by and is shown."""
    fields = await setup.client(3).result(method)
    assert some <= fields.keys()
    assert all(set(one) == {"TYPE", "USE_IN_FILTER", "USE_IN_SHOW"} for one in fields.values())
    assert {name for name, one in fields.items() if not one["USE_IN_FILTER"]} == unfiltered
    hook = setup.p.client(webhook=setup.p.webhook(user=3, scopes=["user"]))
    assert (await hook.refusal(method))[1] == "insufficient_scope"
