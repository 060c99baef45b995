"""What automation does: its events name user 0 and have no tokens (reference: event overview, 20 August 2026)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.i18n import catalog
from bot.model import ordering
from bot.model.events import PortalId, UserId
from tests.in_process import ANNA, BORIS, OLGA, InProcess, running

API = pytest.mark.parametrize("bot_api", ["v1", "v2"])
TOKENS = {"access_token", "refresh_token", "expires", "expires_in"}


def keys(value: Any) -> set[str]:
    """Return all keys of an event."""
    return set(value).union(*map(keys, value.values())) if isinstance(value, dict) else set()


async def stored_people(here: InProcess) -> set[str]:
    """Return every user that the store knows anything about, as text."""
    database = here.store.db.reader
    found: set[str] = set()
    for table, column in (("tokens", "token_owner"), ("languages", "user_id"), ("conversations", "user_id")):
        rows = await database.execute_fetchall(f"SELECT {column} FROM {table}")  # noqa: S608 - our own names
        found |= {str(row[0]).removeprefix("user:") for row in rows}
    return found


@API
async def test_a_post_of_a_robot_becomes_a_card(tmp_path: Path, bot_api: str) -> None:
    """A robot publishes, edits and deletes a post of Boris: the card names Boris, changes and ends."""
    async with running(tmp_path, bot_api) as here:
        anna, boris, group = here.p.person(ANNA), here.p.person(BORIS), here.p.make_chat(OLGA, ANNA, by=OLGA)
        await here.p.person(OLGA).invites(here.p.bots(here.app)[0].id, dialog=group)
        await anna.says("/follow", dialog=group)
        await here.quiet()
        post = await boris.posts("The office closes at four.", automation=True)
        await here.quiet()
        shown = anna.reads(dialog=group)[-1]
        assert "The office closes at four." in shown.text
        assert "Boris Klein" in str(shown.attach)
        await boris.edits_post(post, text="The office closes at five.", automation=True)
        await here.quiet()
        assert "The office closes at five." in anna.reads(dialog=group)[-1].text
        await boris.deletes_post(post, automation=True)
        await here.quiet()
        assert anna.reads(dialog=group)[-1].text == catalog.sentence("en", "card.gone")
        sent = [row.form for row in here.p.deliveries() if row.event.startswith("ONLIVEFEEDPOST")]
        assert len(sent) == 3
        assert not TOKENS & set().union(*map(keys, sent))
        reads = here.p.calls("log.blogpost.get", ok=True)
        assert {row.user for row in reads} == {OLGA}
        assert "0" not in await stored_people(here)


@API
async def test_a_robot_adds_the_bot_to_a_chat(tmp_path: Path, bot_api: str) -> None:
    """The bot greets the chat in the language of the portal, and stores no person 0."""
    async with running(tmp_path, bot_api, language="de") as here:
        bot = here.p.bots(here.app)[0].id
        group = here.p.make_chat(OLGA, ANNA, by=OLGA)
        await here.p.person(OLGA).invites(bot, dialog=group, automation=True)
        await here.quiet()
        assert catalog.sentence("de", "greeting.group") in here.p.person(ANNA).reads(dialog=group)[-1].text
        joined = next(row.form for row in here.p.deliveries() if row.event.endswith("JOINCHAT"))
        assert joined["auth"]["user_id"] == "0"
        assert not TOKENS & keys(joined)
        await here.p.person(ANNA).says("/follow", dialog=group)
        await here.quiet()
        assert catalog.sentence("de", "follow.done", what=catalog.sentence("de", "rule.all")) in (
            here.p.person(ANNA).reads(dialog=group)[-1].text
        )
        assert "0" not in await stored_people(here)


@API
async def test_an_event_without_a_refresh_token_keeps_the_stored_one(tmp_path: Path, bot_api: str) -> None:
    """A person adds the bot to a chat: that event has no refresh token, and the stored one stays usable."""
    async with running(tmp_path, bot_api) as here:
        await here.answer(ANNA)
        before = await _refresh_token(here, ANNA)
        here.p.clock.advance(600)  # the access token of the next event expires later
        await here.p.person(ANNA).invites(here.p.bots(here.app)[0].id, dialog="chat11")
        await here.quiet()
        joined = [row.form for row in here.p.deliveries() if row.event.endswith("JOINCHAT")][-1]
        assert "access_token" in joined["auth"]
        assert "refresh_token" not in joined["auth"]
        assert await _refresh_token(here, ANNA) == before
        assert before


async def _refresh_token(here: InProcess, user: int) -> str:
    found = await here.store.token_pair(PortalId(here.p.member_id), ordering.owner_user(UserId(user)))
    assert found
    return found.refresh_token
