"""Three people with three languages on a portal whose events name only one (reference: LANGUAGE)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.i18n import catalog
from bot.model.events import PortalId, UserId
from bot.model.records import PersonLanguage
from bot.store import StoredMemory
from tests.in_process import ANNA, BORIS, OLGA, InProcess, running

API = pytest.mark.parametrize("bot_api", ["v1", "v2"])
LANGUAGE_OF = {OLGA: "en", ANNA: "ru", BORIS: "de"}
WRITES = {
    OLGA: "What can you do for me?",
    ANNA: "Что вы для меня можете сделать?",
    BORIS: "Was kann ich hier alles tun?",
}
UNKNOWN = "unknown.words"


async def last(here: InProcess, user: int, dialog: str = "") -> str:
    """Wait until nothing waits, and return the text of the last message of a dialog."""
    await here.quiet()
    return here.p.person(user).reads(dialog=dialog or here.p.bot_dialog(here.app))[-1].text


async def says(here: InProcess, user: int, text: str, dialog: str = "") -> str:
    """Let a person write, by default in private, and return the last message then."""
    await here.p.person(user).says(text, dialog=dialog or here.p.bot_dialog(here.app))
    return await last(here, user, dialog)


async def greeted(here: InProcess) -> None:
    """Let all people write in their languages in private, after the first contact."""
    for user, text in WRITES.items():
        await says(here, user, "/start")
        assert await says(here, user, text) == catalog.sentence(LANGUAGE_OF[user], UNKNOWN)


async def known(here: InProcess, user: int) -> PersonLanguage:
    """Return the language of a person as stored."""
    return await StoredMemory(here.store, PortalId(here.p.member_id)).language(UserId(user))


def named(value: Any) -> set[str]:
    """Return every language that an event names."""
    if not isinstance(value, dict):
        return set()
    own = {str(one) for key, one in value.items() if key.upper() in ("LANGUAGE", "LANGUAGE_ID")}
    return own.union(*map(named, value.values()))


@API
async def test_each_is_answered_in_their_language(tmp_path: Path, bot_api: str) -> None:
    """In private and in one group, errors, answers and buttons are in the language that each person writes."""
    async with running(tmp_path, bot_api) as here:
        await greeted(here)
        group = here.p.make_chat(OLGA, ANNA, BORIS, here.p.bots(here.app)[0].id, by=OLGA)
        for user, language in LANGUAGE_OF.items():
            assert (await says(here, user, "/crm")).startswith(catalog.sentence(language, "crm.no_entity"))
            assert catalog.sentence(language, "help.intro") in await says(here, user, "/help", group)
        assert {one for row in here.p.deliveries() for one in named(row.form)} == {"en"}


@API
async def test_a_press_keeps_the_language_of_a_shared_message(tmp_path: Path, bot_api: str) -> None:
    """Boris asks for help in a group and Anna turns its pages: they stay German."""
    async with running(tmp_path, bot_api) as here:
        await greeted(here)
        group = here.p.make_chat(ANNA, BORIS, here.p.bots(here.app)[0].id, by=ANNA)
        await says(here, BORIS, "/help", group)
        await here.p.person(ANNA).presses("/post", dialog=group)
        assert catalog.sentence("de", "help.how") in await last(here, ANNA, group)
        await here.p.person(ANNA).presses(catalog.sentence("de", "button.all"), dialog=group)
        assert catalog.sentence("de", "help.intro") in await last(here, ANNA, group)
        await here.p.person(ANNA).presses("/lang", dialog=group)
        await here.quiet()
        await here.p.person(ANNA).presses(catalog.sentence("de", "button.lang"), dialog=group)
        assert await last(here, ANNA, group) == catalog.sentence("ru", "lang.is_recognised")
        await here.p.person(BORIS).presses("Русский", dialog=group)
        assert await last(here, BORIS, group) == catalog.sentence("ru", "lang.chosen")
        assert catalog.sentence("de", "lang.about") in here.p.person(ANNA).reads(dialog=group)[-3].text


@API
async def test_cards_and_confirmations_are_in_the_language_of_who_asked(tmp_path: Path, bot_api: str) -> None:
    """A card is in the language of who follows, a confirmation of who published, also after an edit of the post."""
    async with running(tmp_path, bot_api) as here:
        await greeted(here)
        group = here.p.make_chat(OLGA, ANNA, BORIS, here.p.bots(here.app)[0].id, by=OLGA)
        await says(here, BORIS, "/follow", group)
        await says(here, ANNA, "/follow")
        post = await here.p.publish("The office closes at four.", by=OLGA)
        await here.quiet()
        for user, dialog, language in ((OLGA, group, "de"), (ANNA, "", "ru")):
            begin = catalog.sentence(language, "card.ordinary", headline="")
            assert (await last(here, user, dialog)).startswith(begin)
        await says(here, BORIS, "/post We all stay until five.")
        mine = here.p.posts(BORIS)[-1]
        audience = catalog.sentence("de", "recipients.everyone")
        assert await last(here, BORIS) == catalog.sentence("de", "post.published", post=mine.id, audience=audience)
        for one, by in ((post, OLGA), (mine, BORIS)):
            await here.p.person(by).edits_post(one.id, text="Nobody stays.")
        await here.quiet()
        assert catalog.sentence("de", "relay.text") in await last(here, BORIS)
        assert catalog.sentence("ru", "relay.text") in "".join(
            row.text for row in here.p.person(ANNA).reads(dialog=here.p.bot_dialog(here.app))
        )


@API
async def test_a_choice_changes_what_comes_later(tmp_path: Path, bot_api: str) -> None:
    """After /lang, answers and the cards of a person's subscriptions are in that language, until they choose again."""
    async with running(tmp_path, bot_api) as here:
        await greeted(here)
        group = here.p.make_chat(OLGA, BORIS, here.p.bots(here.app)[0].id, by=OLGA)
        await says(here, BORIS, "/follow", group)
        assert await says(here, BORIS, "/lang russisch") == catalog.sentence("ru", "lang.chosen")
        assert await says(here, BORIS, WRITES[BORIS]) == catalog.sentence("ru", UNKNOWN)
        await here.p.publish("The office closes at four.", by=OLGA)
        assert (await last(here, OLGA, group)).startswith(catalog.sentence("ru", "card.ordinary", headline=""))
        await here.p.person(BORIS).presses(
            catalog.sentence("ru", "button.automatic"), dialog=here.p.bot_dialog(here.app)
        )
        await here.quiet()
        assert await known(here, BORIS) == PersonLanguage(recognised="de")
        assert (await says(here, BORIS, "/crm")).startswith(catalog.sentence("de", "crm.no_entity"))


@API
async def test_a_portals_language_is_for_who_has_none(tmp_path: Path, bot_api: str) -> None:
    """On a German portal an unknown person is greeted in German, and answered in Russian when they write it."""
    async with running(tmp_path, bot_api, language="de") as here:
        await here.p.person(OLGA).opens(here.p.bot_dialog(here.app))
        here.p.clock.advance(5)
        assert (await says(here, OLGA, "/help")).startswith(catalog.sentence("de", "help.intro"))
        assert await known(here, OLGA) == PersonLanguage()
        assert await says(here, ANNA, WRITES[ANNA]) != catalog.sentence("de", UNKNOWN)
        assert await says(here, ANNA, WRITES[ANNA]) == catalog.sentence("ru", UNKNOWN)
