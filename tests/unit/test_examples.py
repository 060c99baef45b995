"""The examples of help name what exists on the portal, and can be used as they are."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot import commands
from bot.errors import PortalDown
from bot.i18n import catalog
from bot.model.crm_records import CrmDetails
from bot.model.effects import CrmEntity, Say
from bot.model.events import PostId
from bot.model.records import Card, Named, Readership
from tests.feeding import FIRST
from tests.stand_ins import ANNA, GROUP, NOW, PRIVATE, Conversation, puts
from tests.storing import approval

BERG, TEAM = Named(code="U9", name="Berg"), Named(code="SG8", name="HR team")
FILLED_IN = re.compile(r"\{(?:group|person|post|number)\}")
"""The places in a sentence where a name is filled in; other words in braces are the variables of /template."""
OF_A_DRAFT = {"schedule", "preview", "publish", "cancel"}
"""Commands that need a draft."""
INVENTED = re.compile("sales|HR team|@anna|Vertrieb|Personal|Продажи|кадров|@анна|бюджет|budget|217|42", re.IGNORECASE)
UNUSUAL = {"": "from:person", "[B]Bo": "from:[\u200bB]Bo", "O'Hara": "from:O'Hara", "A, B": 'from:"A, B"'}


def talk(language: str = "en", *, private: bool = True) -> Conversation:
    """Return a dialog on a portal that answers nothing: help may not ask it."""
    chat = Conversation(router=commands.router(), dialog=PRIVATE if private else GROUP, language=language)
    chat.portal.error = PortalDown("nobody may ask", outcome_unknown=False)
    return chat


async def page(chat: Conversation, name: str) -> Say:
    """Return the page of a command."""
    (said,) = await chat.say(f"/help {name}")
    assert isinstance(said, Say)
    return said


def examples(said: Say, language: str) -> list[str]:
    """Return the examples on a page."""
    _, _, rest = said.content.text.partition(catalog.sentence(language, "help.for_example"))
    return rest.split("\n")[1:]


@pytest.mark.parametrize("language", catalog.languages())
@pytest.mark.parametrize("private", [True, False], ids=["private", "group"])
async def test_nothing_is_invented(language: str, *, private: bool) -> None:
    """A page names no person, group or number that we do not know; the user's own name is one we know."""
    chat = talk(language, private=private)
    for name in chat.router.listed:
        shown = "\n".join(examples(await page(chat, name), language))
        assert not INVENTED.search(shown), shown
        assert not INVENTED.search(catalog.sentence(language, f"{name}.hint"))
        assert not FILLED_IN.search(shown)


@pytest.mark.parametrize("language", catalog.languages())
async def test_every_example_can_be_used(language: str) -> None:
    """With a number in place of the word for it, each example is a command of the language without a mistake."""
    chat = talk(language)
    number = catalog.sentence(language, "help.number")
    for name in chat.router.listed:
        lines = examples(await page(chat, name), language)
        assert lines
        working = Conversation(router=commands.router(), dialog=PRIVATE, language=language, keeps=True)
        if name in OF_A_DRAFT:
            await working.say("/draft Hello")
        important = replace(FIRST, id=PostId(5), author=ANNA.id, important=True)
        working.portal.posts = {5: important}
        working.portal.read = {5: Readership(post=important, read=frozenset())}
        working.portal.people = [Named(code="U7", name=ANNA.name)]
        working.portal.crm = {("deal", 5): CrmDetails(entity=CrmEntity(type="deal", id=5), name="Beans")}
        mine, others = approval(user=ANNA.id, number=5), approval(user=9, number=5, approvers=(ANNA.id,))
        working.memory.requests = {5: replace(mine if name == "approvals" else others, expires_at=NOW + 1)}
        for line in lines:
            assert await working.say(line.replace(number, "5")), line


async def test_names_that_were_found() -> None:
    """What the user's own search found, and every employee may see, stands in the examples in private."""
    chat = talk()
    chat.portal.found_lately = [BERG, TEAM]
    assert '/post to:"HR team" title:"Friday" The office closes at four.' in (await page(chat, "post")).content.text
    assert "/follow from:Berg" in (await page(chat, "follow")).content.text


async def test_names_are_not_told_to_a_group() -> None:
    """In a group, or where the bot is absent, nobody reads what one user found."""
    for chat in (talk(private=False), talk()):
        chat.portal.found_lately = [BERG, TEAM]
        chat.bot_absent = chat.dialog == PRIVATE
        text = (await page(chat, "post")).content.text
        assert "HR team" not in text
        assert "to:all" in text
        assert f'to:"{ANNA.name}"' in text


async def test_the_newest_card_gives_the_number() -> None:
    """A post whose card this dialog shows is the example of /share."""
    chat = talk()
    chat.memory.shown = [
        Card(post=PostId(number), dialog=PRIVATE, version="x:full", message=None, made_at=0.0) for number in (300, 311)
    ]
    said = await page(chat, "share")
    assert "/share 311 to:here" in said.content.text
    assert puts(said) == ["/share 311 to:all"]


async def test_without_a_number_the_button_puts_the_beginning() -> None:
    """A word in capitals stands for the number, and the button leaves it to the user."""
    assert puts(await page(talk(), "share")) == ["/share "]
    assert puts(await page(talk(), "crm")) == ["/crm deal "]
    assert "/share NUMBER to:here" in (await page(talk(), "share")).content.text


@pytest.mark.parametrize(("name", "shown"), UNUSUAL.items())
async def test_unusual_names(name: str, shown: str) -> None:
    """A name with markup or commas is written so that it can be used, and a user without one gets a word."""
    chat = talk()
    chat.who = replace(ANNA, name=name)
    assert shown in (await page(chat, "follow")).content.text
