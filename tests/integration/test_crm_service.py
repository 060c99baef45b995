"""/crm through the whole service and the emulator: the right card, once, with its files, and taken back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import portal.testing
from bot.model.records import CRM_FEED_KNOWN
from portal.clients.person import text_of
from portal.world.crm import Card, Entry
from portal.world.messenger import Message
from tests.in_process import ANNA, BORIS, CLARA, OLGA, InProcess, installed_on, restarted, running

FEED, TIMELINE = "crm.livefeedmessage.add", "crm.timeline.comment.add"
BIG = 10 * 2**20 + 1


@contextlib.asynccontextmanager
async def serving(folder: Path, bot_api: str = "v2", *, at_once: bool = False) -> AsyncIterator[InProcess]:
    """Start a service that shows a preview first."""
    async with running(folder, bot_api, at_once=at_once) as here:
        yield here


def entries(here: InProcess, kind: str = "deal", number: int = 42) -> list[Entry]:
    """Return what was written to a card, oldest first."""
    return here.p.emulator.world.crm.timeline(kind, number)


async def says(here: InProcess, who: int, text: str, dialog: str = "") -> Message:
    """Let a person write, wait until the service has answered, and return the newest message of the dialog."""
    person, dialog = here.p.person(who), dialog or here.p.bot_dialog(here.app)
    await person.says(text, dialog=dialog)
    await here.quiet()
    return person.reads(dialog=dialog)[-1]


async def presses(here: InProcess, who: int, label: str) -> Message:
    """Let a person press a button in private, and return the newest message."""
    person, dialog = here.p.person(who), here.p.bot_dialog(here.app)
    await person.presses(label, dialog=dialog)
    await here.quiet()
    return person.reads(dialog=dialog)[-1]


TALKS = {
    CLARA: ("They moved.", "Which card do you mean by “Nordwind”?", "Nordwind Ltd (company 3)", "Stage",
            "Publish", "Written to the timeline: company 3, “Nordwind Ltd”.", "Undo", "taken back: company 3"),
    BORIS: ("Sie sind umgezogen.", "Welche Karte meinen Sie mit „Nordwind“?", "Nordwind Ltd (Unternehmen 3)", "Phase",
            "Veröffentlichen", "In die Timeline geschrieben: Unternehmen 3, „Nordwind Ltd“.", "Zurücknehmen",
            "zurückgenommen: Unternehmen 3"),
    ANNA: ("Они переехали.", "Какая карточка имеется в виду под «Nordwind»?", "Nordwind Ltd (компания 3)", "Стадия",
           "Опубликовать", "Записано в таймлайн: компания 3, «Nordwind Ltd».", "Отозвать", "отозван: компания 3"),
}  # fmt: skip
"""A conversation in three languages: the text, the question, a choice, Publish, the answer, Undo, the answer."""


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_from_a_name_to_the_timeline_and_back(tmp_path: Path, bot_api: str) -> None:
    """In three languages: a name, a choice by a button, the card, Publish pressed ten times, Undo."""
    async with serving(tmp_path, bot_api) as here:
        dialog = here.p.bot_dialog(here.app)
        for who, (text, question, choice, stage, publish, told, undo, back) in TALKS.items():
            assert question in (await says(here, who, f"/crm Nordwind {text}")).text
            card = text_of(await presses(here, who, choice))
            assert "Nordwind Ltd" in card
            assert "Boris Klein" in card
            assert stage not in card  # a company has none
            assert entries(here, "company", 3) == []
            person = here.p.person(who)
            await asyncio.gather(*(person.presses(publish, dialog=dialog) for _ in range(10)))
            await here.quiet()
            (entry,) = entries(here, "company", 3)
            assert (entry.author, entry.text) == (who, text)
            assert told in person.reads(dialog=dialog)[-1].text
            said = await presses(here, who, undo)
            assert back in said.text
            assert entries(here, "company", 3) == []


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_in_a_group(tmp_path: Path, bot_api: str) -> None:
    """Typed or mentioned in a group, the preview is in private, and the group reads neither name nor stage."""
    async with serving(tmp_path, bot_api) as here:
        bot = here.p.bots(here.app)[0].id
        group = here.p.make_chat(OLGA, CLARA, BORIS, bot)
        await here.quiet()
        clara, start = here.p.person(CLARA), here.p.person(OLGA).reads(dialog=group)
        await says(here, CLARA, "/crm deal 42 Signed.", group)
        await presses(here, CLARA, "Publish")
        await clara.mentions(bot, 'crm "Maintenance contract" Signed too.', dialog=group)
        await here.quiet()
        await presses(here, CLARA, "Publish")
        assert [entry.text for entry in (*entries(here), *entries(here, "deal", 43))] == ["Signed.", "Signed too."]
        said = [row for row in here.p.person(OLGA).reads(dialog=group) if row not in start and row.author == bot]
        assert [row.text for row in said] == [
            "I have put your draft into our private chat: publish or change it there."
        ] * 2


@pytest.mark.parametrize("feed", ["alive", "dead"])
@pytest.mark.parametrize("at_once", [True, False])
async def test_files_go_along(tmp_path: Path, feed: str, *, at_once: bool) -> None:
    """Files before the command and with it are written with their contents, to the feed and to the timeline."""
    async with serving(tmp_path, at_once=at_once) as here:
        here.p.switch(crm_feed=feed)
        boris, dialog = here.p.person(BORIS), here.p.bot_dialog(here.app)
        await boris.sends_file("photo.txt", b"A photo", dialog=dialog)
        await here.quiet()
        await boris.sends_file("plan.txt", b"The plan", dialog=dialog, text="/crm deal 42 See the plan")
        await here.quiet()
        if not at_once:
            assert "2 files" in text_of(boris.reads(dialog=dialog)[-1])
            await says(here, BORIS, "/publish")
        (entry,) = entries(here)
        assert [(file.name, file.size) for file in entry.files] == [("photo.txt", 7), ("plan.txt", 8)]
        assert entry.text == "See the plan"


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("big", "The files have more than 10 MB together."),
        ("gone", "One of the files no longer exists"),
        ("scope", "I may not read files on this portal yet"),
    ],
)
async def test_a_file_that_cannot_go_along(tmp_path: Path, fault: str, sentence: str) -> None:
    """Before anything is written the person is told what is wrong with the files, and keeps the command."""
    async with serving(tmp_path, at_once=True) as here:
        clara, dialog = here.p.person(CLARA), here.p.bot_dialog(here.app)
        codes = {"gone": "ERROR_NOT_FOUND", "scope": "insufficient_scope"}
        if code := codes.get(fault):
            here.p.faults({"method": "disk.file.get", "kind": "error", "code": code, "text": "x", "times": 9})
        content = b"x" * (BIG if fault == "big" else 1)
        await clara.sends_file("plan.txt", content, dialog=dialog, text="/crm deal 42 See the plan")
        await here.quiet()
        assert entries(here) == []
        answer = clara.reads(dialog=dialog)[-1]
        assert sentence in answer.text
        assert "/crm deal 42 See the plan" in str(answer.keyboard)


@pytest.mark.parametrize("kind", ["cut_after", "cut", "503", "html"])
async def test_an_unknown_outcome_is_looked_up(tmp_path: Path, kind: str) -> None:
    """Whatever happened to the request, the text stands there once, and the person is told that it is written."""
    async with serving(tmp_path, at_once=True) as here:
        here.p.faults({"method": TIMELINE, "kind": kind, "times": 1})
        assert "Written to the timeline: deal 42" in (await says(here, CLARA, "/crm deal 42 title:News Signed.")).text
        assert [entry.text for entry in entries(here)] == ["[B]News[/B]\nSigned."]


async def test_what_the_portal_has_is_remembered(tmp_path: Path) -> None:
    """A missing feed is asked for once, also over a restart, and again after a week; then a feed is used."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path, at_once=True) as before:
            assert "timeline" in (await says(before, CLARA, "/crm deal 42 One.")).text
            assert len(p.calls(FEED)) == 1
        async with restarted(before) as here:
            p.switch(crm_feed="alive")
            assert "timeline" in (await says(here, CLARA, "/crm deal 42 Two.")).text
            assert len(p.calls(FEED)) == 1
            p.clock.advance(CRM_FEED_KNOWN)
            assert "CRM feed" in (await says(here, CLARA, "/crm deal 42 Three.")).text
            assert [entry.kind for entry in entries(here)] == ["comment", "comment", "feed"]


async def test_all_seven_kinds_of_recipients(tmp_path: Path) -> None:
    """The feed gets a title, further cards of the four types, people, departments and groups, found by their names."""
    async with serving(tmp_path) as here:
        here.p.switch(crm_feed="alive")
        card = await says(
            here, CLARA,
            '/crm deal 42 to:"deal 43","lead 12",contact_5,"company 3",boris,sales,"Office Berlin" title:"New" Hi.',
        )  # fmt: skip
        for name in ("deal 43", "lead 12", "contact 5", "company 3", "Boris", "Sales", "Office Berlin", "CRM feed"):
            assert name in text_of(card)
        await presses(here, CLARA, "Publish")
        (call,) = [call for call in feed_calls(here) if call["fields"]["MESSAGE"]]
        assert call["fields"]["SPERM"] == {
            "CRMDEAL": ["CRMDEAL43"], "CRMLEAD": ["CRMLEAD12"], "CRMCONTACT": ["CRMCONTACT5"],
            "CRMCOMPANY": ["CRMCOMPANY3"], "U": ["U3"], "DR": ["DR3"], "SG": ["SG8"],
        }  # fmt: skip
        (entry,) = entries(here)
        assert (entry.title, entry.text, sorted(entry.also)) == (
            "New", "Hi.", [("company", 3), ("contact", 5), ("deal", 43), ("lead", 12)],
        )  # fmt: skip


def feed_calls(here: InProcess) -> list[Mapping[str, Any]]:
    """Return the parameters of the calls of the CRM feed."""
    return [call.params for call in here.p.calls(FEED)]


@pytest.mark.parametrize("text", ["/crm deal 42 Signed.", "/post Cake at four"])
async def test_undo_after_a_refusal(tmp_path: Path, text: str) -> None:
    """What the portal refused is not taken for published: there is nothing to take back."""
    async with serving(tmp_path, at_once=True) as here:
        refused = {"kind": "error", "code": "ACCESS_DENIED", "text": "Access denied.", "times": 9}
        here.p.faults(*(refused | {"method": name} for name in (TIMELINE, "log.blogpost.add")))
        await says(here, CLARA, text)
        here.p.faults()
        assert "nothing to take back" in (await says(here, CLARA, "/undo")).text


async def test_a_draft_and_its_question_survive_a_restart(tmp_path: Path) -> None:
    """A choice that was asked for before a restart goes on afterwards."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path, at_once=False) as before:
            await says(before, CLARA, "/crm Nordwind They moved.")
        async with restarted(before) as here:
            await presses(here, CLARA, "Coffee machines for Nordwind (deal 42)")
            await presses(here, CLARA, "Publish")
            assert [entry.text for entry in entries(here)] == ["They moved."]


@pytest.mark.parametrize(
    ("card", "details"),
    [
        ("deal 42", ["Coffee machines for Nordwind", "Prepayment invoice", "€12,500.00", "Boris Klein"]),
        ("deal 45", ["Yearly order of beans", "Yearly order runs", "$48,000.00", "Boris Klein"]),
        ("lead 12", ["Call from the trade fair (Ida Berg)", "In progress", "Anna Schmidt"]),
        ("lead 13", ["Question about a lease", "Unassigned", "€3,200.00"]),
        ("contact 5", ["Henrik Dahl", "Boris Klein"]),
        ("company 4", ["Berg Hotels", "Anna Schmidt"]),
    ],
)
async def test_the_details_of_each_type(tmp_path: Path, card: str, details: list[str]) -> None:
    """The preview names what a card of its type has: the stage (in both pipelines of deals), the amount, the person."""
    async with serving(tmp_path) as here:
        shown = text_of(await says(here, CLARA, f"/crm {card} Hello"))
        assert [one for one in details if one not in shown] == []


@pytest.mark.parametrize(
    ("asked", "card", "text"),
    [
        ("/crm deal Offer 07 is accepted", "Offer 07", "is accepted"),
        ("/crm lead Ida Berg called", "Call from the trade fair (Ida Berg)", ""),
        ("/crm Berg Hotels is closed", "Berg Hotels", "is closed"),
    ],
)
async def test_names_are_found_among_many(tmp_path: Path, asked: str, card: str, text: str) -> None:
    """A name is found among more cards than the portal lists at once, and a lead by the person in it."""
    async with serving(tmp_path) as here:
        cards = here.p.emulator.world.crm.cards
        for number in range(100, 160):
            cards["deal", number] = Card(type="deal", id=number, title=f"Offer {number - 100:02}")
        shown = await says(here, CLARA, asked)
        assert card in text_of(shown) + str(shown.keyboard)
        if text:
            await presses(here, CLARA, "Publish")
            (entry,) = here.p.emulator.world.crm.entries.values()
            assert entry.text == text
            assert cards[entry.type, entry.card].title == card


@pytest.mark.parametrize("method", ["disk.file.get", "batch"])
async def test_a_file_is_read_again_after_trouble(tmp_path: Path, method: str) -> None:
    """If the portal does not answer while a file is read, nothing was written yet, and everything is tried again."""
    async with serving(tmp_path, at_once=True) as here:
        clara, dialog = here.p.person(CLARA), here.p.bot_dialog(here.app)
        await says(here, CLARA, "/crm deal 43 Before")
        here.p.faults({"method": method, "kind": "503", "times": 1})
        await clara.sends_file("plan.txt", b"The plan", dialog=dialog, text="/crm deal 42 See the plan")
        await here.quiet()
        (entry,) = entries(here)
        assert [file.content for file in entry.files] == [b"The plan"]
