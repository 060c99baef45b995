"""Every documented error of the methods that publish reaches the person as its sentence, through the whole service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from bot.feed import error_messages
from bot.i18n import catalog
from bot.model.events import Failed, PortalId
from docs import generate
from tests.in_process import CLARA, InProcess, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

TYPED = {
    "Publish": ["/post to:all Hello"],
    "Share": ["/share {post} to:U3"],
    "ChangePost": ["/edit {post} New words"],
    "DeletePost": ["/delete {post}", "/delete {post} answer:yes"],
    "CommentOnPost": ["/comment {post} Seen"],
    "SayAs": ["/share {post} to:{chat}"],
    "CrmPost": ["/crm deal 42 Before", "/crm deal 42 They called"],
    "CrmComment": ["/crm deal 42 Before", "/crm deal 42 They called"],
    "DeleteCrmComment": ["/crm deal 42 To take back", "/undo crm:{comment}"],
}
"""What a person writes so that the bot calls the method; before it, for the CRM, what makes the portal's feed known."""
LOOKED = {
    "crm.not_seen": "/crm {kind} 42 They called",
    "crm.no_rights": '/crm {kind} "Nordwind Ltd" They called',
}
"""What a person writes so that the bot looks into the CRM, by the key of the sentence that tells why it cannot."""


def _cases() -> Iterator[tuple[str, str, str, str]]:
    for kind, method, errors in generate.DOCUMENTED_ERRORS:
        for code, text in errors:
            if (kind, text) != ("DeletePost", "Wrong post ID"):  # a post that is not there counts as deleted
                yield kind, method, code, text


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InProcess]:
    """Start a service that publishes at once, for a person who reads English."""
    async with running(tmp_path_factory.mktemp("errors")) as made:
        await made.p.person(CLARA).says("/lang en", dialog=made.p.bot_dialog(made.app))
        await made.quiet()
        yield made


@pytest.mark.parametrize(("kind", "method", "code", "text"), list(_cases()))
async def test_a_person_is_told_what_was_wrong(here: InProcess, kind: str, method: str, code: str, text: str) -> None:
    """The portal refuses with this error, and the person reads its sentence, and not the portal's own words."""
    person, dialog = here.p.person(CLARA), here.p.bot_dialog(here.app)
    post, chat = await person.posts("Cake at four"), here.p.make_chat(CLARA, by=CLARA)
    *before, last = TYPED[kind]
    here.p.switch(crm_feed="alive" if kind == "CrmPost" else "dead")
    for line in before:
        await person.says(line.format(post=post), dialog=dialog)
        await here.quiet()
    comment = max(here.p.emulator.world.crm.entries, default=0)
    here.p.faults({"method": method, "kind": "error", "code": code, "text": text, "times": 1})
    asked = await person.says(last.format(post=post, chat=chat, comment=comment), dialog=dialog)
    await here.quiet()
    here.p.faults()
    told = "\n".join(row.text for row in person.reads(dialog=dialog) if row.id > asked and row.author != CLARA)
    event = Failed(portal=PortalId(""), effect_id=0, kind=kind, effect={}, error="Refused", code=code, text=text)
    assert error_messages.why("en", event) in told
    assert text not in told


@pytest.mark.parametrize(("method", "text", "key"), generate.DOCUMENTED_LOOKS)
async def test_a_person_is_told_why_we_cannot_look(here: InProcess, method: str, text: str, key: str) -> None:
    """A refused look into the CRM is told in our words, and nothing is written."""
    person, dialog, kind = here.p.person(CLARA), here.p.bot_dialog(here.app), method.split(".")[1]
    before = len(here.p.emulator.world.crm.entries)
    here.p.faults({"method": method, "kind": "error", "code": "", "text": text, "times": 9})
    asked = await person.says(LOOKED[key].format(kind=kind), dialog=dialog)
    await here.quiet()
    here.p.faults()
    (told,) = [row.text for row in person.reads(dialog=dialog) if row.id > asked and row.author != CLARA]
    assert told.split("\n")[0] == catalog.sentence("en", key, entity=f"{kind} 42")
    assert text not in told
    assert len(here.p.emulator.world.crm.entries) == before
