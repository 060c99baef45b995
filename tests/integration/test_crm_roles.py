"""Nobody reads or writes in the CRM through the bot what they cannot by hand: roles by actions, in both generations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from portal.clients.person import text_of
from portal.rules import rights
from portal.world.crm import Entry
from tests.in_process import ANNA, BORIS, CLARA, GUSTAV, OLGA, InProcess, running
from tests.rounds import some

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROLES = {"responsible": BORIS, "colleague who may not see it": ANNA, "colleague without the CRM": CLARA,
         "extranet user": GUSTAV, "administrator": OLGA}  # fmt: skip
NUMBER, NAME = 45, "Yearly order of beans"
"""A deal that only Boris and administrators may see; its stage and its amount are as secret as its name."""
SECRET = (NAME, "Yearly order runs", "48,000", "48.000", "48\u00a0000")
ACTIONS = {
    "by number": f"/crm deal {NUMBER} title:News Hello",
    "by link": f"/crm /crm/deal/details/{NUMBER}/ Hello",
    "by name": f'/crm deal "{NAME}" Hello',
    "by a part of the name": "/crm Yearly order of beans Hello",
    "as a recipient": f"/crm deal 42 to:deal_{NUMBER} Hello",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=some(["v1", "v2"], last=1))
async def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InProcess]:
    """Start a service; of both generations in the long run."""
    async with running(tmp_path_factory.mktemp(request.param), request.param, at_once=False) as made:
        world = made.p.emulator.world
        world.people.users[CLARA] = replace(world.people.users[CLARA], crm=False)
        world.crm.cards["deal", NUMBER] = replace(world.crm.cards["deal", NUMBER], private_to=(BORIS,))
        for who in ROLES.values():
            await made.p.person(who).opens()
        await made.quiet()
        yield made


def written(here: InProcess, number: int = NUMBER) -> list[Entry]:
    """Return what was written to a deal."""
    return here.p.emulator.world.crm.timeline("deal", number)


def may(here: InProcess, who: int) -> bool:
    """Check whether a person may see and change the deal by hand."""
    world = here.p.emulator.world
    return rights.may_see_card(world.crm.cards["deal", NUMBER], world.people.users[who])


async def acting(here: InProcess, who: int, *texts: str) -> str:
    """Let a person write to the bot in private, and return all that they read then."""
    person, dialog, read = here.p.person(who), here.p.bot_dialog(here.app), ""
    for text in texts:
        asked = await person.says(text, dialog=dialog)
        await here.quiet()
        said = [row for row in person.reads(dialog=dialog) if row.id > asked and row.author != who]
        read += "\n".join(f"{text_of(row)} {row.attach} {row.keyboard}" for row in said)
    return read


@pytest.mark.parametrize("at_once", ["off", "on"], ids=["at once", "preview"])
@pytest.mark.parametrize("feed", ["alive", "dead"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
async def test_writing(here: InProcess, action: str, role: str, feed: str, at_once: str) -> None:
    """Exactly those who may do it by hand write to a card, and only they read its name, its stage and its amount."""
    who, before = ROLES[role], len(written(here))
    here.p.switch(crm_feed=feed)
    _forget(here)
    read = await acting(here, who, f"/settings preview:{at_once}", ACTIONS[action], "/publish")
    allowed = may(here, who)
    assert allowed is (role in ("responsible", "administrator"))
    in_feed = feed == "alive"
    reaches = allowed and (in_feed or action != "as a recipient")
    assert (len(written(here)) - before == 1) is reaches, read
    if not allowed:
        assert not any(word in read for word in SECRET if word not in ACTIONS[action]), read
    if at_once == "on" and allowed and action != "as a recipient":
        assert "Yearly order runs" in read


def _forget(here: InProcess) -> None:
    """Let a week pass, so that the portal is asked for its CRM feed again."""
    here.p.clock.advance(8 * 86_400)


@pytest.mark.parametrize("role", ROLES)
async def test_a_search_finds_what_one_may_see(here: InProcess, role: str) -> None:
    """A misspelt or unclear name offers the cards that the person may see, and no others."""
    who = ROLES[role]
    read = await acting(here, who, "/crm deal beanz Hello", "/crm order Hello", "/cancel")
    assert (f"{NUMBER})" in read) is may(here, who), read


@pytest.mark.parametrize("role", ROLES)
async def test_taking_back(here: InProcess, role: str) -> None:
    """Only the person who wrote a text takes it back, whatever number a forged button has."""
    here.p.switch(crm_feed="dead")
    _forget(here)
    await acting(here, BORIS, "/settings preview:off", f"/crm deal {NUMBER} Hello")
    (*_, entry) = written(here)
    who = ROLES[role]
    await acting(here, who, f"/undo crm:{entry.id}")
    assert (entry not in written(here)) is (who == BORIS)


@pytest.mark.parametrize("role", ROLES)
async def test_a_group_reads_no_names(here: InProcess, role: str) -> None:
    """Asked in a group, nothing that the bot says there has the name, the stage or the amount of a card."""
    who = ROLES[role]
    [bot] = here.p.bots(here.app)
    dialog = here.p.make_chat(OLGA, ANNA, BORIS, CLARA, GUSTAV, bot.id)
    await here.quiet()
    person, clara = here.p.person(who), here.p.person(CLARA)
    before = max(row.id for row in clara.reads(dialog=dialog))
    for preview in ("on", "off"):
        await person.says(f"/settings preview:{preview}", dialog=dialog)
        for text in (f"/crm deal {NUMBER} Hello", "/crm beans Hello", "/crm yearli Hello", "/undo"):
            await person.says(text, dialog=dialog)
            await here.quiet()
    said = [row for row in clara.reads(dialog=dialog) if row.author == bot.id and row.id > before]
    assert len(said) >= 8
    whole = repr([(row.text, row.attach, row.keyboard) for row in said])
    assert not any(word in whole for word in SECRET)
