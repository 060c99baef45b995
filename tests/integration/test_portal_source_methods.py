"""What the source of a portal does otherwise than its documentation: all methods but those of bots."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.testing import Setup

CONTEXT = "Access denied! Application context required"
WRONG_TYPE = "Current authorization type is denied for this method Application context required"
IDENTITY = ["NAME", "LAST_NAME"]


async def test_app_info_through_a_webhook(setup: Setup) -> None:
    """Row 2.3: a webhook gets its scopes and the license, or as documented a refusal."""
    hook = setup.p.client(webhook=setup.p.webhook(scopes=["im", "crm"]))
    assert await hook.result("app.info") == {"SCOPE": ["im", "crm"], "LICENSE": "en_company"}
    setup.p.switch(app_info_by_webhook="refused")
    status, body = await hook.call("app.info")
    assert (status, body["error"], body["error_description"]) == (400, "ACCESS_DENIED", CONTEXT)


@pytest.mark.parametrize("method", ["app.option.get", "app.option.set", "user.option.get", "user.option.set"])
async def test_options_through_a_webhook(setup: Setup, method: str) -> None:
    """Row 2.4: 403 ACCESS_DENIED, or as documented WRONG_AUTH_TYPE."""
    hook = setup.p.client(webhook=setup.p.webhook())
    for code, text in (("ACCESS_DENIED", CONTEXT), ("WRONG_AUTH_TYPE", WRONG_TYPE)):
        setup.p.switch(option_refusal=code)
        status, body = await hook.call(method, options={"a": 1})
        assert (status, body["error"], body["error_description"]) == (403, code, text)


@pytest.mark.parametrize(("method", "value"), [("answer", "ANSWER_TEXT"), ("confirm", "NOTIFY_VALUE")])
async def test_a_notification_is_answered_by_id(setup: Setup, method: str, value: str) -> None:
    """Row 2.5: ID is another name of NOTIFY_ID."""
    anna, name = setup.client(2), f"im.notify.{method}"
    assert await anna.refusal(name, {value: "Y"}) == (400, "ID_ERROR")
    assert await anna.result(name, {"ID": 9, value: "Y"}) == {"result_message": False}


async def test_reading_notifications_without_an_id(setup: Setup) -> None:
    """Row 2.6: the result is true and nothing is marked, or as documented PARAMS_ERROR."""
    boris = setup.client(3)
    await setup.client(2).result("im.notify", USER_ID=3, MESSAGE="x")
    assert await boris.result("im.notify.read") is True
    assert (await boris.result("im.notify.get"))["total_unread_count"] == 1
    setup.p.switch(read_without_id="PARAMS_ERROR")
    assert await boris.refusal("im.notify.read") == (400, "PARAMS_ERROR")


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("updateTitle", {"TITLE": "New"}),
    ("updateColor", {"COLOR": "PINK"}),
    ("setManager", {"USER_ID": 3}),
    ("user.list", {}),
    ("user.add", {"USERS": [4]}),
    ("user.delete", {"USER_ID": 3}),
    ("setOwner", {"USER_ID": 3}),
    ("leave", {}),
]


@pytest.mark.parametrize("family", ["im.chat", "imbot.chat"])
@pytest.mark.parametrize(("method", "given"), CHANGES, ids=[row[0] for row in CHANGES])
async def test_a_chat_is_named_by_its_dialog(setup: Setup, family: str, method: str, given: dict[str, Any]) -> None:
    """Row 2.7, 5.1: im.chat.* and imbot.chat.* accept DIALOG_ID instead of CHAT_ID."""
    bot = {"BOT_ID": await setup.v1_bot()} if family == "imbot.chat" else {}
    chat = await setup.client().result(f"{family}.add", bot, USERS=[3], TITLE="Old")
    given = {**bot, **given}
    assert await setup.client().refusal(f"{family}.{method}", given) == (400, "CHAT_ID_EMPTY")
    assert await setup.client().result(f"{family}.{method}", given, DIALOG_ID=f"chat{chat}")


@pytest.mark.parametrize("family", ["im.chat", "imbot.chat"])
async def test_a_chat_is_described_by_its_dialog(setup: Setup, family: str) -> None:
    """Row 2.8: im.chat.get with DIALOG_ID gives the whole chat, or ACCESS_ERROR to others."""
    given = {"BOT_ID": await setup.v1_bot()} if family == "imbot.chat" else {}
    chat = await setup.client().result(f"{family}.add", given, TITLE="Whole", USERS=[3])
    shown = await setup.client().result(f"{family}.get", given, DIALOG_ID=f"chat{chat}")
    assert (shown["id"], shown["name"], shown["type"]) == (chat, "Whole", "chat")
    for other in ("chat11", "chat99999"):
        assert await setup.client().refusal(f"{family}.get", given, DIALOG_ID=other) == (403, "ACCESS_ERROR")


@pytest.mark.parametrize("family", ["im.chat", "imbot.chat"])
async def test_a_member_is_added_again(setup: Setup, family: str) -> None:
    """Row 2.23: adding somebody who is a member gives true, or as documented WRONG_REQUEST."""
    given: dict[str, Any] = {"BOT_ID": await setup.v1_bot()} if family == "imbot.chat" else {}
    given["CHAT_ID"] = await setup.client().result(f"{family}.add", given, USERS=[3])
    given["USERS"] = [3]
    members = setup.p.emulator.world.messenger.chats[given["CHAT_ID"]].members
    assert await setup.client().result(f"{family}.user.add", given) is True
    assert setup.p.emulator.world.messenger.chats[given["CHAT_ID"]].members == members
    setup.p.switch(member_again="WRONG_REQUEST")
    assert await setup.client().refusal(f"{family}.user.add", given) == (400, "WRONG_REQUEST")


async def test_refusals_of_log_messages(setup: Setup) -> None:
    """Row 2.2: ACCESS_DENIED of crm.timeline.logmessage has status 400, or 403 as documented."""
    cards = setup.p.emulator.world.crm.cards
    cards["deal", 43] = replace(cards["deal", 43], private_to=(1,))
    fields = {"entityTypeId": 2, "entityId": 43, "title": "t", "text": "x", "iconCode": "info"}
    number = (await setup.client().result("crm.timeline.logmessage.add", fields=fields))["logMessage"]["id"]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("add", {"fields": fields}),
        ("get", {"id": number}),
        ("list", {"entityTypeId": 2, "entityId": 43}),
        ("delete", {"id": number}),
    ]
    for status in (400, 403):
        setup.p.switch(bot_denied_status=str(status))
        for name, given in calls:
            answer = await setup.client(3).refusal(f"crm.timeline.logmessage.{name}", given)
            assert answer == (status, "ACCESS_DENIED"), name


@pytest.mark.parametrize("method", ["disk.file.get", "disk.folder.uploadfile"])
async def test_the_name_of_a_disk_parameter_is_case_sensitive(setup: Setup, method: str) -> None:
    """Row 2.14: `ID` is not `id`."""
    assert await setup.client().refusal(method, id=99_999) == (400, "ERROR_NOT_FOUND")
    assert await setup.client().refusal(method, ID=99_999) == (400, "ERROR_ARGUMENT")


@pytest.mark.parametrize("kind", ["lead", "deal", "contact", "company"])
async def test_a_filter_by_a_field_that_a_feed_does_not_need(setup: Setup, kind: str) -> None:
    """Row 2.15: ORIGINATOR_ID is stored and filters; a field that no portal knows does not."""
    client = setup.client()
    names = {"NAME": "Ada"} if kind == "contact" else {"TITLE": "Ada"}
    number = await client.result(f"crm.{kind}.add", fields={**names, "ORIGINATOR_ID": "shop", "ORIGIN_ID": "7"})
    found = await client.result(f"crm.{kind}.list", filter={"ORIGINATOR_ID": "shop"}, select=["ID", "ORIGIN_ID"])
    assert found == [{"ID": str(number), "ORIGIN_ID": "7"}]
    assert await client.result(f"crm.{kind}.list", filter={"ORIGINATOR_ID": "elsewhere"}) == []
    assert len(await client.result(f"crm.{kind}.list", filter={"NO_SUCH_FIELD": "x"})) > 0


async def test_names_of_a_contact_with_spaces(setup: Setup) -> None:
    """Row 2.24: both names are given back as they were written, also after one of them changes."""
    client = setup.client()
    number = await client.result("crm.contact.add", fields={"NAME": "Anna Maria", "LAST_NAME": "Smith Jones"})
    shown = await client.result("crm.contact.get", id=number)
    assert [shown[name] for name in IDENTITY] == ["Anna Maria", "Smith Jones"]
    await client.result("crm.contact.update", id=number, fields={"LAST_NAME": "van den Berg"})
    (shown,) = await client.result("crm.contact.list", filter={"NAME": "Anna Maria"}, select=IDENTITY)
    assert [shown[name] for name in IDENTITY] == ["Anna Maria", "van den Berg"]


async def test_the_root_of_the_departments(setup: Setup) -> None:
    """Row 2.25: PARENT 0 finds the department that has no parent."""
    everything = await setup.client().result("department.get")
    roots = [row["ID"] for row in everything if "PARENT" not in row]
    assert [row["ID"] for row in await setup.client().result("department.get", PARENT=0)] == roots
    assert len(roots) == 1


DOCUMENTED = """
ID XML_ID ACTIVE NAME LAST_NAME SECOND_NAME TITLE EMAIL LAST_LOGIN DATE_REGISTER TIME_ZONE IS_ONLINE TIMESTAMP_X
LAST_ACTIVITY_DATE PERSONAL_GENDER PERSONAL_PROFESSION PERSONAL_WWW PERSONAL_BIRTHDAY PERSONAL_PHOTO PERSONAL_ICQ
PERSONAL_PHONE PERSONAL_FAX PERSONAL_MOBILE PERSONAL_PAGER PERSONAL_STREET PERSONAL_CITY PERSONAL_STATE PERSONAL_ZIP
PERSONAL_COUNTRY PERSONAL_MAILBOX PERSONAL_NOTES WORK_PHONE WORK_COMPANY WORK_POSITION WORK_DEPARTMENT WORK_WWW WORK_FAX
WORK_PAGER WORK_STREET WORK_MAILBOX WORK_CITY WORK_STATE WORK_ZIP WORK_COUNTRY WORK_PROFILE WORK_LOGO WORK_NOTES
UF_SKYPE_LINK UF_ZOOM UF_EMPLOYMENT_DATE UF_TIMEMAN UF_DEPARTMENT UF_INTERESTS UF_SKILLS UF_WEB_SITES UF_XING
UF_LINKEDIN UF_FACEBOOK UF_TWITTER UF_SKYPE UF_DISTRICT UF_PHONE_INNER USER_TYPE
"""
"""The fields of a user on the page of user.fields."""


async def test_all_documented_fields_of_a_user(setup: Setup) -> None:
    """Row 2.16: user.fields lists them, user.current has XML_ID, and a field that nobody has filters."""
    client = setup.client()
    assert set(DOCUMENTED.split()) <= set(await client.result("user.fields"))
    assert "XML_ID" in await client.result("user.current")
    assert await client.result("user.get", FILTER={"PERSONAL_PHONE": "123"}) == []
    assert len(await client.result("user.get", FILTER={"PERSONAL_PHONE": ""})) > 1


async def test_all_documented_keys_of_found_messages(setup: Setup) -> None:
    """Row 2.17: messages, users and reactions of im.dialog.messages.search have their documented keys."""
    anna = setup.client(2)
    first = await anna.result("im.message.add", DIALOG_ID="chat11", MESSAGE="What about the budget")
    await anna.result("im.message.add", DIALOG_ID="chat11", MESSAGE="Budget is done", REPLY_ID=first)
    await setup.client(3).result("im.message.like", MESSAGE_ID=first, ACTION="plus")
    found = await anna.result("im.dialog.messages.search", CHAT_ID=11, SEARCH_MESSAGE="budget is")
    (message,), (quoted,), (user,) = found["messages"], found["additionalMessages"], found["users"]
    keys = "id chat_id author_id date text isSystem uuid forward params viewedByOthers unread viewed"
    assert set(message) == set(quoted) == set(keys.split())
    assert (message["text"], quoted["id"], found["stickers"], found["copilot"]) == ("Budget is done", first, [], None)
    assert {"avatarHr", "network", "botData", "firstName", "externalAuthId", "type"} <= set(user)
    assert not any("_" in name for name in user)
    liked = await anna.result("im.dialog.messages.search", CHAT_ID=11, SEARCH_MESSAGE="what about")
    counted = {"messageId": first, "reactionCounters": {"like": 1}, "reactionUsers": {"like": [3]}, "ownReactions": []}
    assert liked["reactions"] == [counted]
    assert [one["id"] for one in liked["usersShort"]] == [3]


@pytest.mark.parametrize("method", ["im.recent.get", "im.recent.list"])
async def test_all_documented_keys_of_recent_chats(setup: Setup, method: str) -> None:
    """Row 2.17: a private dialog has a number as its id and a short chat, a group its whole chat and the author."""
    anna = setup.client(2)
    await anna.result("im.message.add", DIALOG_ID=3, MESSAGE="x")
    await setup.client(3).result("im.message.add", DIALOG_ID="chat11", MESSAGE="y")
    answer = await anna.result(method)
    rows = answer["items"] if method == "im.recent.list" else answer
    private = next(row for row in rows if row["id"] == 3)
    group = next(row for row in rows if row["id"] == "chat11")
    assert set(private["chat"]) == {"text_field_enabled", "background_id", "mute_list"}
    assert {"parent_chat_id", "contains_collaber", "manager_list", "user_counter", "restrictions"} <= set(group["chat"])
    assert {"role", "text_field_enabled", "background_id", "entity_link", "permissions", "public"} <= set(group["chat"])
    assert (group["user"]["id"], group["chat"]["role"], group["message"]["sticker"]) == (3, "OWNER", None)
    if method == "im.recent.list":
        assert set(answer) == {"items", "hasMorePages", "hasMore", "copilot", "messagesAutoDeleteConfigs"}
        assert (await anna.call(method))[1]["total"] == -1


async def test_all_scopes(setup: Setup) -> None:
    """Row 2.18: scope with full=1 lists all documented scopes, without it those of the caller."""
    everything = await setup.client().result("scope", full=1)
    assert {"bizproc", "calendar", "task", "telephony", "sign.b2e", "user_brief", "placement"} <= set(everything)
    assert everything == sorted(set(everything))
    hook = setup.p.client(webhook=setup.p.webhook(scopes=["im"]))
    assert await hook.result("scope") == ["im"]


async def test_codes_of_an_upload(setup: Setup) -> None:
    """Row 5.1: im.v2.File.upload knows FILE_INVALID_CONTENT and CHAT_NOT_FOUND."""
    fields = {"name": "a.txt", "content": "???"}
    anna, method = setup.client(2), "im.v2.File.upload"
    assert await anna.refusal(method, dialogId="chat11", fields=fields) == (400, "FILE_INVALID_CONTENT")
    assert await anna.refusal(method, dialogId="chat99999", fields=fields) == (400, "CHAT_NOT_FOUND")


async def test_a_member_may_retitle_where_manage_ui_says_so(setup: Setup) -> None:
    """Row 5.1: permissions.manage_ui of im.dialog.get names the lowest role that may change the title."""
    dialog = {"DIALOG_ID": "chat11"}
    boris = setup.client(3)
    shown = await boris.result("im.dialog.get", dialog)
    assert (shown["permissions"]["manage_ui"], shown["role"]) == ("member", "member")
    assert await boris.result("im.chat.updateTitle", dialog, TITLE="By a member") is True
    assert (await boris.result("im.dialog.get", dialog))["name"] == "By a member"


async def test_the_limits_of_an_enterprise_plan(setup: Setup) -> None:
    """Row 5.3: 250 requests fit into the bucket of an Enterprise portal, and five per second leak out."""
    setup.p.switch(bucket_capacity=250, bucket_rate=5)
    client = setup.client()
    for _ in range(250):
        await client.result("server.time")
    assert await client.refusal("server.time") == (503, "QUERY_LIMIT_EXCEEDED")
    setup.p.clock.advance(1)
    for _ in range(5):
        await client.result("server.time")
    assert await client.refusal("server.time") == (503, "QUERY_LIMIT_EXCEEDED")


@pytest.mark.parametrize(("limit", "calls"), [(420, 2), (480, 3), (0, 9)])
async def test_the_run_time_of_a_portal(setup: Setup, limit: int, calls: int) -> None:
    """Row 5.3: a self-hosted portal stops a method after 420 seconds, the cloud after 480, or nothing does."""
    setup.p.switch(operating_limit=limit, operating_cost=211)
    client = setup.client()
    for _ in range(calls):
        await client.result("server.time")
    if limit:
        assert await client.refusal("server.time") == (429, "OPERATION_TIME_LIMIT")


async def test_two_chats_of_one_workgroup(setup: Setup) -> None:
    """Row 5.5: a chat with ENTITY_TYPE SONET_GROUP may be made twice, and im.chat.get finds one of both."""
    entity = {"ENTITY_TYPE": "SONET_GROUP", "ENTITY_ID": "1"}
    chats = [await setup.client().result("im.chat.add", entity) for _ in range(2)]
    assert (await setup.client().result("im.chat.get", entity))["ID"] in chats


@pytest.mark.parametrize("path", ["rest/api/tasks.task.chat.message.send", "rest/api/rest.scope.list"])
async def test_the_third_rest_api_is_not_there(setup: Setup, path: str) -> None:
    """Row 5.7: REST 3.0 is not emulated, so its methods are unknown."""
    client = setup.client()
    assert await client.refusal(path.removeprefix("rest/"), auth=client.token) == (404, "ERROR_METHOD_NOT_FOUND")
