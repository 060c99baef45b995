"""Which language and which tokens events of bots have, for people and for automation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.clock import Clock
from portal.testing import Setup, set_up
from portal.world import seed

TOKENS = {"access_token", "refresh_token", "expires", "expires_in"}
KINDS = {
    "v1": ("ONIMBOTJOINCHAT", "ONIMBOTMESSAGEADD", "ONIMBOTMESSAGEUPDATE"),
    "v2": ("ONIMBOTV2JOINCHAT", "ONIMBOTV2MESSAGEADD", "ONIMBOTV2MESSAGEUPDATE"),
}


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    """Start a portal whose language is German, where Anna (2) reads Russian and Olga (1) English."""
    async with set_up(clock=Clock(1_790_000_000), seed={**seed.DEFAULT, "language": "de"}) as made:
        yield made


async def bot_of(setup: Setup, api: str) -> int:
    """Register a bot of one generation that gets all events."""
    if api == "v2":
        return await setup.v2_bot()
    bot = await setup.v1_bot()
    await setup.client().result("imbot.update", BOT_ID=bot, FIELDS={"EVENT_MESSAGE_UPDATE": setup.receiver.url})
    return bot


def language(event: dict[str, Any]) -> str:
    """Return the language that an event of either generation names."""
    data = event["data"]
    return str(data["PARAMS"]["LANGUAGE"] if "PARAMS" in data else data["language"])


def keys(value: Any) -> set[str]:
    """Return all keys of an event."""
    return set(value).union(*map(keys, value.values())) if isinstance(value, dict) else set()


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize(("switch", "named"), [("portal", "de"), ("actor", "ru")])
async def test_events_name_one_language(setup: Setup, api: str, switch: str, named: str) -> None:
    """All events of a bot name the language of the portal; with event_language=actor that of the acting user."""
    bot = await bot_of(setup, api)
    setup.p.switch(event_language=switch)
    anna = setup.p.person(2)
    await anna.edits(await anna.says("Hello", dialog=str(bot)), "Hello again")
    for kind in KINDS[api]:
        assert language(await setup.receiver.wait_for(kind)) == named


@pytest.mark.parametrize(("switch", "named"), [("portal", "de"), ("actor", "en")])
async def test_events_of_an_application_name_it_too(setup: Setup, switch: str, named: str) -> None:
    """ONAPPINSTALL and ONAPPTEST have the language of the portal, or of the user who acts."""
    setup.p.switch(event_language=switch)
    await setup.p.install(await setup.p.add_app(name="Other", handler=setup.receiver.url))
    await setup.client().result("event.bind", event="ONAPPTEST", handler=setup.receiver.url)
    await setup.client().result("event.test", {"any": "1"})
    assert (await setup.receiver.wait_for("ONAPPINSTALL", times=2))["data"]["LANGUAGE_ID"] == named
    assert (await setup.receiver.wait_for("ONAPPTEST"))["data"]["LANGUAGE_ID"] == named


async def test_joining_and_deletion_have_no_refresh_token(setup: Setup) -> None:
    """A v2 message brings a refresh token of its author; the events of joining and of the bot's deletion bring none."""
    bot = await setup.v2_bot()
    await setup.p.person(2).says("Hello", dialog=str(bot))
    await setup.client().result("imbot.v2.Bot.unregister", botId=bot)
    found = {kind: await setup.receiver.wait_for(f"ONIMBOTV2{kind}") for kind in ("MESSAGEADD", "JOINCHAT", "DELETE")}
    assert {kind for kind, event in found.items() if "refresh_token" in event["auth"]} == {"MESSAGEADD"}
    assert all("access_token" in event["auth"] for event in found.values())


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_automation_has_user_0_and_no_tokens(setup: Setup, api: str) -> None:
    """A robot adds the bot to a chat: the event names user 0, and contains no token of a user or of the bot."""
    bot = await bot_of(setup, api)
    await setup.p.person(1).invites(bot, dialog=setup.p.make_chat(1, 2, by=1), automation=True)
    event = await setup.receiver.wait_for(KINDS[api][0])
    assert event["auth"]["user_id"] == "0"
    assert event["auth"]["application_token"]
    assert not TOKENS & keys(event)
    assert event["data"].get("USER", event["data"].get("user", "")) == ""


async def test_a_robot_publishes_changes_and_deletes_a_post(setup: Setup) -> None:
    """The events of the post have no tokens; those of a person's post have."""
    for event in ("ONLIVEFEEDPOSTADD", "ONLIVEFEEDPOSTUPDATE", "ONLIVEFEEDPOSTDELETE"):
        await setup.client().result("event.bind", event=event, handler=setup.receiver.url)
    anna = setup.p.person(2)
    for automation in (True, False):
        post = await anna.posts("Hello", automation=automation)
        await anna.edits_post(post, text="Hello again", automation=automation)
        await anna.deletes_post(post, automation=automation)
    await setup.receiver.wait_for("ONLIVEFEEDPOSTDELETE", times=2)
    sent = [event for event in setup.receiver.events if event["event"].startswith("ONLIVEFEED")]
    assert [bool(TOKENS & keys(event)) for event in sent] == [False] * 3 + [True] * 3
