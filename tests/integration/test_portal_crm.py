"""crm.*: cards, timelines with comments, log messages, notes and pins, and the CRM feed."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.testing import Clock, RestClient, Setup, set_up

COMMENT, LOG, NOTE, ITEM, BINDINGS = (
    f"crm.timeline.{name}" for name in ("comment", "logmessage", "note", "item", "bindings")
)
FEED = "crm.livefeedmessage.add"
GIF = base64.b64encode(b"GIF89a\x03\x00\x02\x00" + b"\x00" * 20).decode()
DEAL = {"ownerTypeId": 2, "ownerId": 42}


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    """Run a portal with a stopped clock; only Clara and Anna Schmidt may see deal 43."""
    async with set_up(clock=Clock(1_790_000_000)) as made:
        crm = made.p.emulator.world.crm
        card = crm.cards["deal", 43]
        crm.cards["deal", 43] = type(card)(type="deal", id=43, title=card.title, responsible=5, private_to=(4, 5))
        yield made


async def refusal_of(client: RestClient, method: str, **params: Any) -> tuple[int, str, str]:
    """Make a refused call and return status, code and text."""
    status, body = await client.call(method, params)
    return status, body["error"], body["error_description"]


async def comment(client: RestClient, text: str = "Call back", **more: Any) -> int:
    """Add a comment to deal 42."""
    fields = {"ENTITY_TYPE": "deal", "ENTITY_ID": 42, "COMMENT": text, **more}
    return int(await client.result(f"{COMMENT}.add", fields=fields))


async def log_message(client: RestClient, title: str = "Sync") -> int:
    """Write a log message into the timeline of deal 42."""
    fields = {"entityTypeId": 2, "entityId": 42, "title": title, "text": "Done", "iconCode": "info"}
    return int((await client.result(f"{LOG}.add", fields=fields))["logMessage"]["id"])


async def test_a_card_has_several_phone_numbers(setup: Setup) -> None:
    """Values are added with an ID, replaced by it and removed by it; cards say whether they have any."""
    client = setup.client(3)
    phones = [{"VALUE": "+49 30 1", "VALUE_TYPE": "MOBILE"}, {"VALUE": "+49 30 2"}, {"VALUE": ""}, "+49 30 3"]
    number = await client.result("crm.company.add", fields={"TITLE": "Nordwind", "PHONE": phones})
    row = await client.result("crm.company.get", id=number)
    first, second = row["PHONE"]
    assert first == {"ID": first["ID"], "VALUE_TYPE": "MOBILE", "VALUE": "+49 30 1", "TYPE_ID": "PHONE"}
    assert (second["VALUE_TYPE"], row["HAS_PHONE"], row["HAS_EMAIL"]) == ("WORK", "Y", "N")
    change = {"0": {"ID": first["ID"], "VALUE": "+49 30 4"}, "1": {"ID": second["ID"], "DELETE": "Y"}}
    await client.result("crm.company.update", id=number, fields={"PHONE": change})
    row = await client.result("crm.company.get", id=number)
    assert row["PHONE"] == [first | {"VALUE": "+49 30 4"}]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("company", {"INDUSTRY": "IT", "EMPLOYEES": "EMPLOYEES_2", "CURRENCY_ID": "EUR", "REVENUE": "3000000"}),
        ("deal", {"PROBABILITY": "40", "IS_MANUAL_OPPORTUNITY": "Y", "TAX_VALUE": "19", "ADDITIONAL_INFO": "later"}),
    ],
)
async def test_a_card_keeps_what_it_says_of_the_business(setup: Setup, kind: str, given: dict[str, str]) -> None:
    """The fields of a company and of a sale are described, stored and given back."""
    client = setup.client(3)
    assert set(given) <= set(await client.result(f"crm.{kind}.fields"))
    number = await client.result(f"crm.{kind}.add", fields={"TITLE": "Nordwind", **given})
    assert given.items() <= (await client.result(f"crm.{kind}.get", id=number)).items()


@pytest.mark.parametrize(
    ("kind", "given", "shown"),
    [
        ("deal", {"TITLE": "Beans", "STAGE_ID": "WON", "OPPORTUNITY": 120}, {"STAGE_ID": "WON", "OPPORTUNITY": "120"}),
        ("lead", {"title": "Fair", "ID": 5, "NAME": "Ada"}, {"TITLE": "Fair", "NAME": "Ada", "STATUS_ID": "NEW"}),
        (
            "contact",
            {"NAME": "Ida", "LAST_NAME": "Berg", "UF_X": "y"},
            {"NAME": "Ida", "LAST_NAME": "Berg", "UF_X": "y"},
        ),
        ("company", {}, {"TITLE": "Company #61", "ASSIGNED_BY_ID": "3"}),
    ],
)
async def test_a_card_is_added_changed_and_deleted(
    setup: Setup, kind: str, given: dict[str, Any], shown: dict[str, Any]
) -> None:
    """Writable fields are stored, others ignored; each change sends its event with FIELDS.ID."""
    client, events = setup.client(3), [f"ONCRM{kind.upper()}{action}" for action in ("ADD", "UPDATE", "DELETE")]
    for event in events:
        await setup.client().result("event.bind", event=event, handler=setup.receiver.url)
    number = await client.result(f"crm.{kind}.add", fields=given)
    row = await client.result(f"crm.{kind}.get", id=number)
    assert row | shown == row
    assert (row["ID"], row["CREATED_BY_ID"]) == (str(number), "3")
    assert (
        await client.result(f"crm.{kind}.update", id=number, fields={"COMMENTS": "warm", "ASSIGNED_BY_ID": 5}) is True
    )
    changed = await client.result(f"crm.{kind}.get", id=number)
    assert changed == row | {"COMMENTS": "warm", "ASSIGNED_BY_ID": "5"}
    assert set(await client.result(f"crm.{kind}.fields")) <= set(row)
    assert await client.result(f"crm.{kind}.delete", id=number) is True
    assert await client.refusal(f"crm.{kind}.get", id=number) == (400, "")
    for event in events:
        assert (await setup.receiver.wait_for(event))["data"] == {"FIELDS": {"ID": str(number)}}


async def test_lists_filter_order_select_and_page(setup: Setup) -> None:
    """Pages have fifty rows with total and next; start=-1 counts nothing; private cards are hidden."""
    boris = setup.client(3)
    for place in range(55):
        await boris.result("crm.deal.add", fields={"TITLE": f"Deal {place:02}", "OPPORTUNITY": place})
    status, body = await boris.call("crm.deal.list", order={"ID": "DESC"}, select=["TITLE"])
    assert (status, len(body["result"]), body["total"], body["next"]) == (200, 50, 57, 50)
    assert body["result"][0] == {"ID": "115", "TITLE": "Deal 54"}
    _, uncounted = await boris.call("crm.deal.list", start=-1, filter={">ID": 100})
    assert (len(uncounted["result"]), "total" in uncounted, "next" in uncounted) == (15, False, False)

    async def found(wanted: dict[str, Any]) -> list[str]:
        return [row["TITLE"] for row in await boris.result("crm.deal.list", filter=wanted)]

    assert await found({">=OPPORTUNITY": 53, "%TITLE": "Deal"}) == ["Deal 53", "Deal 54"]
    assert await found({"><OPPORTUNITY": [3, 4]}) == ["Deal 03", "Deal 04"]
    assert await found({"@ID": [42, 43]}) == ["Coffee machines for Nordwind"]
    assert await found({"%TITLE": "coffee", "ASSIGNED_BY_ID": 3}) == ["Coffee machines for Nordwind"]
    assert await found({"=%TITLE": "Deal 5%", "!TITLE": "Deal 51"}) == [f"Deal {place}" for place in (50, 52, 53, 54)]
    assert len(await setup.client(5).result("crm.deal.list", filter={"ID": 43})) == 1


async def test_the_kinds_of_crm_objects_have_their_numbers(setup: Setup) -> None:
    """The four kinds with a feed have their numbers; a smart process has a short code in hex."""
    rows = {row["SYMBOL_CODE"]: row for row in await setup.client().result("crm.enum.ownertype")}
    assert [rows[name]["ID"] for name in ("LEAD", "DEAL", "CONTACT", "COMPANY")] == [1, 2, 3, 4]
    assert rows["DYNAMIC_156"]["SYMBOL_CODE_SHORT"] == f"T{156:x}"


async def test_files_of_comments_stay_until_they_are_replaced(setup: Setup) -> None:
    """Files stay until FILES is sent again; [] removes them; a picture has its size."""
    boris = setup.client(3)
    number = await comment(boris, FILES=[["plan.gif", GIF], ["broken"]])
    await boris.result(f"{COMMENT}.update", id=number, fields={"COMMENT": "new"})
    (file,) = (await boris.result(f"{COMMENT}.get", id=number))["FILES"].values()
    assert (file["name"], file["type"], file["image"], file["size"]) == (
        "plan.gif",
        "image",
        {"width": 3, "height": 2},
        30,
    )
    assert file["urlDownload"].startswith(setup.p.url)
    assert await boris.result(f"{COMMENT}.update", id=number, fields={"FILES": []}) == number
    row = await boris.result(f"{COMMENT}.get", id=number)
    assert (row["FILES"], row["COMMENT"]) == ({}, "new")


async def test_comments_are_listed(setup: Setup) -> None:
    """Comments are filtered, selected, sorted and paged, with a total."""
    boris, anna = setup.client(3), setup.client(2)
    numbers = [await comment(client, f"n{place}") for place, client in enumerate((boris, anna, boris))]
    place = {"ENTITY_TYPE": "deal", "ENTITY_ID": 42}
    status, body = await boris.call(
        f"{COMMENT}.list", filter={**place, "AUTHOR_ID": 3}, order={"ID": "DESC"}, select=["ID", "COMMENT"]
    )
    assert (status, body["total"]) == (200, 2)
    assert body["result"] == [{"ID": str(numbers[2]), "COMMENT": "n2"}, {"ID": str(numbers[0]), "COMMENT": "n0"}]
    assert set(await boris.result(f"{COMMENT}.fields")) == set((await boris.result(f"{COMMENT}.list", filter=place))[0])


@pytest.mark.parametrize(
    ("verb", "params", "error"),
    [
        ("add", {}, (400, "100", "Could not find value for parameter {fields}")),
        ("add", {"fields": {"ENTITY_TYPE": "deal", "ENTITY_ID": 42}}, (400, "INVALID_ARG_VALUE", "Comment message")),
        ("add", {"fields": {"ENTITY_TYPE": "DEAL", "ENTITY_ID": 42}}, (400, "OWNER_NOT_FOUND", "")),
        ("add", {"fields": {"ENTITY_TYPE": "deal", "ENTITY_ID": 43}}, (403, "ACCESS_DENIED", "Access denied.")),
        ("update", {"id": 999, "fields": {}}, (400, "NOT_FOUND", "Not found.")),
        ("update", {"fields": {}}, (400, "100", "Could not find value for parameter {id}")),
        ("update", {"id": "mine", "fields": {"COMMENT": ""}}, (400, "INVALID_ARG_VALUE", "")),
        ("update", {"id": "mine", "fields": {}, "ownerTypeId": 1, "ownerId": 12}, (400, "OWNER_NOT_FOUND", "")),
        ("update", {"id": "hers", "fields": {"COMMENT": "x"}}, (403, "ACCESS_DENIED", "")),
        ("delete", {"id": 999}, (400, "NOT_FOUND", "Not found.")),
        ("delete", {"id": "hers"}, (403, "ACCESS_DENIED", "")),
        ("delete", {"id": "mine", "ownerTypeId": 2, "ownerId": 43}, (403, "ACCESS_DENIED", "")),
        ("get", {}, (400, "", "ID is not defined or invalid.")),
        ("get", {"id": 999}, (400, "", "Not found.")),
        ("get", {"id": "private"}, (400, "", "Access denied.")),
        ("list", {"filter": {"ENTITY_TYPE": "deal", "ENTITY_ID": 43}}, (400, "", "Access denied.")),
    ],
)
async def test_invalid_comments_are_refused(
    setup: Setup, verb: str, params: dict[str, Any], error: tuple[int, str, str]
) -> None:
    """Each error has its code, text and status."""
    boris = setup.client(3)
    names = {"mine": await comment(boris), "hers": await comment(setup.client(2))}
    names["private"] = await comment(setup.client(5), ENTITY_ID=43)
    params = {key: names.get(value, value) if isinstance(value, str) else value for key, value in params.items()}
    status, code, text = await refusal_of(boris, f"{COMMENT}.{verb}", **params)
    assert (status, code) == error[:2]
    assert text.startswith(error[2])


async def test_a_comment_in_several_timelines(setup: Setup) -> None:
    """A comment with several bindings shows the card that the caller may see; deleting removes one binding."""
    boris, schmidt = setup.client(3), setup.client(5)
    number = await comment(schmidt, ENTITY_ID=43)
    assert await refusal_of(boris, f"{BINDINGS}.list", filter={"OWNER_ID": number}) == (400, "", "Access denied.")
    place = {"OWNER_ID": number, "ENTITY_TYPE": "lead", "ENTITY_ID": 12}
    assert await schmidt.result(f"{BINDINGS}.bind", fields=place) is True
    assert [row["ENTITY_ID"] for row in await schmidt.result(f"{BINDINGS}.list", filter=place)] == ["43", "12"]
    assert [row["ENTITY_ID"] for row in await boris.result(f"{BINDINGS}.list", filter=place)] == ["12"]
    shown = await boris.result(f"{COMMENT}.get", id=number)
    assert (shown["ENTITY_TYPE"], shown["ENTITY_ID"]) == ("lead", "12")
    assert (await refusal_of(schmidt, f"{COMMENT}.delete", id=number))[:2] == (400, "MULTIPLE_BINDINGS")
    assert await schmidt.result(f"{COMMENT}.delete", id=number, ownerTypeId=2, ownerId=43) is None
    assert [row["ENTITY_ID"] for row in await schmidt.result(f"{BINDINGS}.list", filter=place)] == ["12"]
    assert await schmidt.result(f"{BINDINGS}.unbind", fields=place) is False
    await schmidt.result(f"{COMMENT}.delete", id=number)
    assert await refusal_of(schmidt, f"{BINDINGS}.list", filter=place) == (400, "", "Not found.")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "OWNER_ID is not defined or invalid."),
        ({"OWNER_ID": 999, "ENTITY_TYPE": "lead", "ENTITY_ID": 12}, "Not found."),
        ({"OWNER_ID": 601, "ENTITY_TYPE": "lead"}, "ENTITY_ID is not defined or invalid."),
        ({"OWNER_ID": 601, "ENTITY_ID": 12}, "ENTITY_TYPE is not defined or invalid."),
        ({"OWNER_ID": 601, "ENTITY_TYPE": "lead", "ENTITY_ID": 999}, "Not found."),
        ({"OWNER_ID": 601, "ENTITY_TYPE": "deal", "ENTITY_ID": 43}, "Access denied."),
    ],
)
async def test_invalid_bindings_are_refused(setup: Setup, fields: dict[str, Any], text: str) -> None:
    """Errors of bindings have an empty code and a text."""
    assert await comment(setup.client(3)) == 601
    for verb in ("bind", "unbind"):
        assert await refusal_of(setup.client(3), f"{BINDINGS}.{verb}", fields=fields) == (400, "", text)
    assert set(await setup.client(3).result(f"{BINDINGS}.fields")) == {"OWNER_ID", "ENTITY_ID", "ENTITY_TYPE"}


async def test_log_messages_of_applications(setup: Setup) -> None:
    """Log messages come ten per page, newest first; only their application deletes them."""
    boris = setup.client(3)
    for count in range(12):
        await log_message(boris, f"n{count}")
    place = {"entityTypeId": 2, "entityId": 42}
    status, body = await boris.call(f"{LOG}.list", place)
    assert [row["title"] for row in body["result"]][:2] == ["n11", "n10"]
    assert (status, body["total"], body["next"]) == (200, 12, 10)
    first = (await boris.result(f"{LOG}.list", place, order={"id": "asc"}))[0]
    assert (first["title"], first["text"], first["iconCode"], first["authorId"]) == ("n0", "Done", "info", 3)
    assert (await boris.result(f"{LOG}.get", id=first["id"]))["logMessage"] == first
    other = setup.p.client(await setup.p.install(await setup.p.add_app(name="Other", handler="")), user=3)
    assert (await refusal_of(other, f"{LOG}.delete", id=first["id"]))[:2] == (400, "REMOVING_DISABLED")
    assert await boris.result(f"{LOG}.delete", id=first["id"]) is True
    words = f"Timeline logmessage not found for id {first['id']}"
    assert await refusal_of(boris, f"{LOG}.get", id=first["id"]) == (400, "NOT_FOUND", words)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"entityTypeId": None}, (400, "100", "Could not find value for parameter {entityTypeId}")),
        ({"iconCode": None}, (400, "100", "Could not find value for parameter {iconCode}")),
        ({"title": " "}, (400, "0", "title, text and iconCode may not be empty")),
        ({"entityId": 999}, (400, "OWNER_NOT_FOUND", "Owner was not found")),
        ({"entityId": 43}, (400, "ACCESS_DENIED", "Access denied.")),
    ],
)
async def test_invalid_log_messages_are_refused(
    setup: Setup, given: dict[str, Any], error: tuple[int, str, str]
) -> None:
    """Log messages need all fields and the right to the card."""
    fields = {"entityTypeId": 2, "entityId": 42, "title": "t", "text": "x", "iconCode": "info", **given}
    fields = {name: value for name, value in fields.items() if value is not None}
    assert await refusal_of(setup.client(3), f"{LOG}.add", fields=fields) == error


async def test_notes_on_timeline_entries(setup: Setup) -> None:
    """A note is saved, changed and deleted; its author and editor are stored."""
    boris, anna = setup.client(3), setup.client(2)
    record = {**DEAL, "itemType": 1, "itemId": await comment(boris)}
    assert await refusal_of(boris, f"{NOTE}.get", **record) == (400, "NOT_FOUND", "Not found.")
    assert await boris.result(f"{NOTE}.save", record, text="Mind the date") is True
    setup.p.clock.advance(60)
    await anna.result(f"{NOTE}.save", record, text="Moved")
    note = await boris.result(f"{NOTE}.get", record)
    assert (note["text"], note["createdById"], note["updatedById"]) == ("Moved", 3, 2)
    assert note["createdTime"] < note["updatedTime"]
    assert await refusal_of(setup.client(6), f"{NOTE}.get", **record) == (403, "ACCESS_DENIED", "Access denied.")
    assert await refusal_of(boris, f"{NOTE}.save", **record) == (
        400,
        "100",
        "Could not find value for parameter {text}",
    )
    assert (await refusal_of(boris, f"{NOTE}.save", **record, text=" "))[:2] == (400, "0")
    assert (await refusal_of(boris, f"{NOTE}.get", **{**record, "itemType": 2}))[:2] == (400, "NOT_FOUND")
    assert await anna.result(f"{NOTE}.delete", record) is True
    assert (await refusal_of(anna, f"{NOTE}.delete", **record))[:2] == (400, "NOT_FOUND")


async def test_at_most_three_entries_are_pinned(setup: Setup) -> None:
    """A fourth pin and a second pin are refused; a deleted entry is no longer pinned."""
    boris = setup.client(3)
    numbers = [await comment(boris, f"n{place}") for place in range(4)]
    for number in numbers[:3]:
        assert await boris.result(f"{ITEM}.pin", DEAL, id=number) is None
    assert (await refusal_of(boris, f"{ITEM}.pin", id=numbers[3], **DEAL))[:2] == (400, "0")
    assert (await refusal_of(boris, f"{ITEM}.pin", id=numbers[0], **DEAL))[:2] == (400, "CAN_NOT_CHANGE_PINNED")
    assert await boris.result(f"{ITEM}.unpin", DEAL, id=numbers[0]) is None
    assert (await refusal_of(boris, f"{ITEM}.unpin", id=numbers[0], **DEAL))[:2] == (400, "CAN_NOT_CHANGE_PINNED")
    assert (await refusal_of(boris, f"{ITEM}.pin", id=999, **DEAL))[:2] == (400, "NOT_FOUND")
    await boris.result(f"{COMMENT}.delete", id=numbers[1])
    assert setup.p.emulator.world.crm.pinned["deal", 42] == (numbers[2],)


@pytest.mark.parametrize(
    ("switches", "name", "data"),
    [
        ({}, "ONCRMTIMELINECOMMENT{}", {"ID": "601"}),
        ({"timeline_event_data": "fields"}, "ONCRMTIMELINECOMMENT{}", {"FIELDS": {"ID": "601"}}),
        ({"timeline_event_name": "mixed"}, "onCrmTimelineComment{}", {"ID": "601"}),
    ],
    ids=["as seen", "fields", "mixed"],
)
async def test_events_of_comments(setup: Setup, switches: dict[str, Any], name: str, data: dict[str, Any]) -> None:
    """Adding, changing and deleting send events; switches select place of the id and spelling of the name."""
    setup.p.switch(**switches)
    actions = ("Add", "Update", "Delete")
    for action in actions:
        await setup.client().result("event.bind", event=f"onCrmTimelineComment{action}", handler=setup.receiver.url)
    number = await comment(setup.client(3))
    await setup.client(3).result(f"{COMMENT}.update", id=number, fields={"COMMENT": "x"})
    await setup.client(3).result(f"{COMMENT}.delete", id=number)
    for action in actions:
        spelled = name.format(action if name[1] == "n" and name[0] == "o" else action.upper())
        assert (await setup.receiver.wait_for(spelled))["data"] == data


async def test_a_switch_enables_the_crm_feed(setup: Setup) -> None:
    """The method returns a feed-log id, stores recipients, binds to all cards of SPERM and sends no feed event."""
    setup.p.switch(crm_feed="alive")
    boris, crm = setup.client(3), setup.p.emulator.world.crm
    await setup.client().result("event.bind", event="ONLIVEFEEDPOSTADD", handler=setup.receiver.url)
    sperm = {"CRMLEAD": ["CRMLEAD12"], "U": ["U2", "U999"], "UA": ["UA"], "UE": ["UEnew@agency.example"]}
    fields = {"ENTITYTYPEID": 2, "ENTITYID": 42, "MESSAGE": "5 &gt; 4", "POST_TITLE": "T", "SPERM": sperm}
    number = await boris.result(FEED, FIELDS={**fields, "FILES": [["plan.gif", GIF], ["bad", "%"]]})
    (entry,) = crm.timeline("lead", 12)
    assert (entry.log, entry.text, entry.title, len(entry.files)) == (number, "5 > 4", "T", 1)
    assert (entry.card_keys, entry.dest) == ((("deal", 42), ("lead", 12)), ("U2", "AU", "U901"))
    assert await boris.result("log.blogpost.get", POST_ID=number) == []
    assert [(row.user, row.text) for row in setup.p.emulator.world.notifications.rows.values()] == [(2, "T")]
    assert await boris.result(FEED, fields={"ENTITYTYPEID": 77, "MESSAGE": "x", "SPERM": {"L": ["CRMLEAD12"]}}) > number
    await setup.p.idle()
    assert setup.receiver.with_name("ONLIVEFEEDPOSTADD") == []


@pytest.mark.parametrize(
    ("user", "fields", "text"),
    [
        (6, {"ENTITYTYPEID": 2, "ENTITYID": 42, "MESSAGE": "x"}, "Access denied."),
        (3, {"ENTITYTYPEID": 2, "ENTITYID": 43, "MESSAGE": "x"}, "Access denied."),
        (3, {"ENTITYTYPEID": 2, "ENTITYID": 42}, "The message text is empty."),
        (3, {"MESSAGE": " "}, "The message text is empty., The entity is not defined."),
        (3, {"MESSAGE": "x", "SPERM": {"D": ["CRMDEAL43"]}}, "You may not write to CRMDEAL43., The entity"),
        (3, {"ENTITYTYPEID": 2, "ENTITYID": 999, "MESSAGE": "x"}, "The entity is not defined."),
    ],
)
async def test_the_crm_feed_refuses_with_all_problems(
    setup: Setup, user: int, fields: dict[str, Any], text: str
) -> None:
    """The code is empty, and one description has all problems."""
    setup.p.switch(crm_feed="alive")
    status, code, words = await refusal_of(setup.client(user), FEED, fields=fields)
    assert (status, code) == (400, "")
    assert words.startswith(text)


async def test_a_deleted_card_deletes_the_entries_that_no_other_card_shows(setup: Setup) -> None:
    """An entry that another timeline also shows stays there."""
    boris, crm = setup.client(3), setup.p.emulator.world.crm
    alone, shared = await comment(boris), await comment(boris)
    await boris.result(f"{BINDINGS}.bind", fields={"OWNER_ID": shared, "ENTITY_TYPE": "lead", "ENTITY_ID": 12})
    await boris.result("crm.deal.delete", id=42)
    assert (alone in crm.entries, crm.entries[shared].card_keys) == (False, (("lead", 12),))
