"""Less common parts of answers: rights in chats, viewer attributes of files, user fields of posts."""

import base64

import pytest

from portal.testing import Setup

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (20).to_bytes(4, "big") + (30).to_bytes(4, "big")


async def test_an_answer_lists_the_possible_actions_of_a_chat(setup: Setup) -> None:
    """A group may be renamed, left and extended; a private dialog may not, and a closed one is read-only."""
    anna = setup.client(2)
    group = await anna.result("im.dialog.get", DIALOG_ID="chat10")
    assert group["restrictions"] == {
        **dict.fromkeys(("avatar", "rename", "extend", "call", "mute", "leave", "leave_owner"), True),
        "send": True,
        "user_list": True,
        "path": "",
        "path_title": "",
    }
    assert group["permissions"] == {
        "manage_users_add": "member",
        "manage_users_delete": "manager",
        "manage_ui": "member",
        "manage_settings": "owner",
        "manage_messages": "member",
        "can_post": "member",
    }
    assert group["manager_list"] == [group["owner"]] == [1]
    assert {row["date"] for row in group["readed_list"]} == {None}
    private = (await anna.result("im.dialog.get", DIALOG_ID="3"))["restrictions"]
    assert [name for name, may in private.items() if may is False] == ["avatar", "rename", "leave", "leave_owner"]
    assert "readed_list" not in (await anna.result("im.search.chat.list", FIND="general"))[0]


@pytest.mark.parametrize(
    ("entity", "number", "kind", "link"),
    [
        ("CRM", "DEAL|42", "crm", {"type": "DEAL", "url": "/crm/deal/details/42/", "id": "DEAL|42"}),
        ("SONET_GROUP", "7", "sonetGroup", {"type": "SONET_GROUP", "url": "/workgroups/group/7/", "id": "7"}),
        ("SHOP", "9", "chat", {"type": "SHOP", "url": "", "id": "9"}),
    ],
)
async def test_a_chat_of_a_card_or_group_has_type_and_link(
    setup: Setup, entity: str, number: str, kind: str, link: dict[str, str]
) -> None:
    """A chat that belongs to a card or a workgroup has a type and a link for it."""
    anna = setup.client(2)
    made = await anna.result("im.chat.add", TITLE="About it", ENTITY_TYPE=entity, ENTITY_ID=number)
    shown = await anna.result("im.dialog.get", DIALOG_ID=f"chat{made}")
    assert (shown["type"], shown["message_type"], shown["entity_link"]) == (kind, "C", link)


async def test_a_chat_number_must_be_above_zero(setup: Setup) -> None:
    """A chat with the number 0 is never valid."""
    anna = setup.client(2)
    for target in ({"DIALOG_ID": "chat0"}, {"DIALOG_ID": "sg0"}, {"CHAT_ID": 0}):
        assert await anna.refusal("im.message.add", MESSAGE="Hello", **target) == (400, "CHAT_ID_EMPTY")


async def test_a_file_of_the_messenger_has_viewer_attributes(setup: Setup) -> None:
    """A picture has viewer attributes and a preview; other files are only downloaded."""
    anna = setup.client(2)
    for name, content in (("a.png", PNG), ("a.txt", b"text")):
        fields = {"name": name, "content": base64.b64encode(content).decode()}
        await anna.result("im.v2.File.upload", dialogId="3", fields=fields)
    picture, text = sorted(
        (await anna.result("im.dialog.messages.get", DIALOG_ID="3"))["files"], key=lambda row: row["name"]
    )
    assert picture["viewerAttrs"]["viewerType"] == "image"
    assert picture["mediaUrl"] == {"preview": {"250": picture["urlPreview"]}}
    assert (text["viewerAttrs"]["viewerType"], text["mediaUrl"]) == ("unknown", [])
    for row in (picture, text):
        assert row["viewerAttrs"]["objectId"] == str(row["id"])
        assert (row["isTranscribable"], row["isVideoNote"], row["isVoiceNote"]) == (False, False, False)


async def test_user_fields_of_posts_have_their_descriptions(setup: Setup) -> None:
    """Each UF_ field has its description beside the value; files are serialised as PHP does."""
    anna = setup.client(2)
    number = await anna.result(
        "log.blogpost.add", POST_MESSAGE="Look", FILES=[["a.png", base64.b64encode(PNG).decode()]]
    )
    post = (await anna.result("log.blogpost.get", POST_ID=number))[0]
    fields = {name: value for name, value in post.items() if name.startswith("UF_")}
    assert len({frozenset(value) for value in fields.values()}) == 1
    file = post["FILES"][0]
    assert fields["UF_BLOG_POST_FILE"]["VALUE"] == [int(file)]
    assert fields["UF_BLOG_POST_FILE"]["VALUE_RAW"] == f"a:1:{{i:0;i:{file};}}"
    assert (fields["UF_GRATITUDE"]["VALUE"], fields["UF_GRATITUDE"]["VALUE_RAW"]) == (None, None)
    assert fields["UF_GRATITUDE"]["USER_TYPE"]["BASE_TYPE"] == "int"
    assert len({value["ID"] for value in fields.values()}) == len(fields)


async def test_profiles_groups_and_scopes_in_full(setup: Setup) -> None:
    """Profiles have city and web page, groups picture and role, and `full` lists all scopes."""
    anna = setup.client(2)
    assert {"PERSONAL_WWW", "PERSONAL_CITY"} <= set(await anna.result("user.current"))
    asked = {"select": ["NAME", "TYPE", "AVATAR"], "filter": {"ID": 7}}
    group = (await anna.result("socialnetwork.api.workgroup.list", asked))["workgroups"][0]
    assert group | {"type": "project", "avatar": "", "imageId": None, "avatarType": None} == group
    assert set(await anna.result("scope")) <= set(await anna.result("scope", full=True))
