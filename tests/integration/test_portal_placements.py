"""placement.*: places in the portal's pages."""

from typing import Any

import pytest

from portal.testing import Setup

BIND, URL = "placement.bind", "https://app.example/place"


async def test_placements_are_bound_listed_and_unbound(setup: Setup) -> None:
    """Placements are listed with options and texts; unbinding counts twice by default; removal deletes."""
    olga = setup.client()
    langs = {"de": {"TITLE": "Brücke"}, "en": {"TITLE": "Bridge", "GROUP_NAME": "Tools"}}
    options = {"iconName": "fa-bell", "context": "ALL"}
    assert await olga.result(BIND, PLACEMENT="IM_TEXTAREA", HANDLER=URL, LANG_ALL=langs, OPTIONS=options) is True
    await olga.result(BIND, PLACEMENT="left_menu", HANDLER=URL, TITLE="Bridge")
    first, second = await olga.result("placement.get")
    assert (first["placement"], first["handler"], first["options"], first["userId"]) == ("IM_TEXTAREA", URL, options, 0)
    assert first["langAll"]["de"] == {"TITLE": "Brücke", "DESCRIPTION": "", "GROUP_NAME": ""}
    assert (second["title"], second["options"]) == ("Bridge", [])
    assert await olga.result("placement.unbind", PLACEMENT="IM_TEXTAREA") == {"count": 2}
    setup.p.switch(placement_count="once")
    assert await olga.result("placement.unbind", PLACEMENT="LEFT_MENU", HANDLER=URL) == {"count": 1}
    assert await olga.result("placement.unbind", PLACEMENT="LEFT_MENU") == {"count": 0}
    await olga.result(BIND, PLACEMENT="LEFT_MENU", HANDLER=URL)
    await setup.p.uninstall(setup.app)
    await setup.p.install(setup.app)
    assert await setup.client().result("placement.get") == []


async def test_the_available_places_are_listed(setup: Setup) -> None:
    """Places of the application's scopes, of one scope, also of one that it does not have, or all."""
    app = await setup.p.install(await setup.p.add_app(name="Small", handler="", scopes=["placement", "im"]))
    client = setup.p.client(app)
    names = await client.result("placement.list")
    assert ("IM_SIDEBAR" in names, "LEFT_MENU" in names, "CRM_DEAL_DETAIL_TAB" in names) == (True, True, False)
    assert "CRM_DEAL_DETAIL_TAB" in await client.result("placement.list", FULL=True)
    assert "LEFT_MENU" not in await client.result("placement.list", SCOPE="im")
    assert "TASK_VIEW_TAB" in await client.result("placement.list", SCOPE="task")
    assert (await client.refusal(BIND, PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER=URL))[1] == "ERROR_PLACEMENT_NOT_FOUND"


@pytest.mark.parametrize(
    ("params", "error", "argument"),
    [
        ({"HANDLER": URL}, "ERROR_ARGUMENT", "PLACEMENT"),
        ({"PLACEMENT": "LEFT_MENU"}, "ERROR_ARGUMENT", "HANDLER"),
        ({"PLACEMENT": "NOWHERE", "HANDLER": URL}, "ERROR_PLACEMENT_NOT_FOUND", None),
        ({"PLACEMENT": "LEFT_MENU", "HANDLER": "https://nodot/"}, "ERROR_WRONG_HANDLER_URL", None),
        ({"PLACEMENT": "LEFT_MENU", "HANDLER": "ftp://a.example/"}, "ERROR_UNSUPPORTED_PROTOCOL", None),
        ({"PLACEMENT": "LEFT_MENU", "HANDLER": URL, "USER_ID": 3}, "ERROR_PLACEMENT_USER_MODE", None),
        ({"PLACEMENT": "PAGE_BACKGROUND_WORKER", "HANDLER": URL}, "EMPTY_ERROR_HANDLER_URL", None),
        ({"PLACEMENT": "REST_APP_URI", "HANDLER": f"{URL}/2"}, "ERROR_PLACEMENT_MAX_COUNT", None),
        ({"PLACEMENT": "REST_APP_URI", "HANDLER": URL}, "ERROR_CORE", None),
    ],
)
async def test_an_invalid_placement_is_refused(
    setup: Setup, params: dict[str, Any], error: str, argument: str | None
) -> None:
    """Each error has its code, with a status by switch; nothing is bound."""
    olga = setup.client()
    await olga.result(BIND, PLACEMENT="REST_APP_URI", HANDLER=URL)
    for status in (400, 200):
        setup.p.switch(placement_errors=str(status))
        got, body = await olga.call(BIND, params)
        assert (got, body["error"], body.get("argument")) == (status, error, argument)
    assert len(await olga.result("placement.get")) == 1


async def test_only_the_background_worker_is_bound_for_single_users(setup: Setup) -> None:
    """Only the background worker can be bound for single users, with one handler each."""
    worker = {"PLACEMENT": "PAGE_BACKGROUND_WORKER", "OPTIONS": {"errorHandlerUrl": URL}}
    for user in (2, 3):
        await setup.client().result(BIND, worker, HANDLER=URL, USER_ID=user)
    more = await setup.client().refusal(BIND, worker, HANDLER=f"{URL}/x", USER_ID=3)
    assert more == (400, "ERROR_PLACEMENT_MAX_COUNT")
    assert await setup.client().result("placement.unbind", worker, USER_ID=3) == {"count": 2}


@pytest.mark.parametrize("verb", ["bind", "get", "unbind"])
async def test_only_administrators_bind_placements(setup: Setup, verb: str) -> None:
    """Others may only list the existing places."""
    assert await setup.client(2).refusal(f"placement.{verb}", PLACEMENT="LEFT_MENU", HANDLER=URL) == (
        403,
        "ACCESS_DENIED",
    )
    assert await setup.client(2).result("placement.list")
