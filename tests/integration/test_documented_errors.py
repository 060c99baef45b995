"""Every documented error of the methods that publish reaches the person as its sentence, through the whole service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from bot.feed import error_messages
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
}
"""What a person writes so that the bot calls the method."""


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
    *before, last = [line.format(post=post, chat=chat) for line in TYPED[kind]]
    for line in before:
        await person.says(line, dialog=dialog)
        await here.quiet()
    here.p.faults({"method": method, "kind": "error", "code": code, "text": text, "times": 1})
    asked = await person.says(last, dialog=dialog)
    await here.quiet()
    here.p.faults()
    told = "\n".join(row.text for row in person.reads(dialog=dialog) if row.id > asked and row.author != CLARA)
    event = Failed(portal=PortalId(""), effect_id=0, kind=kind, effect={}, error="Refused", code=code, text=text)
    assert error_messages.why("en", event) in told
    assert text not in told
