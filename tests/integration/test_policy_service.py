"""The policy through the whole service and the emulator: every way that adds readers is judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.in_process import ANNA, BORIS, CLARA, GUSTAV, OLGA
from tests.integration.test_composer_service import says, written
from tests.integration.test_schedule_service import HOUR, sees, wait
from tests.ruling import APPROVED, DENIED, last, presses, read, ruled


def buttons(row: object) -> list[object]:
    """Return the labels of the buttons of a message."""
    return [one.get("TEXT") for one in getattr(row, "keyboard", None) or ()]


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_a_denied_post_says_why_and_is_kept(tmp_path: Path, bot_api: str) -> None:
    """The preview and /publish say why nothing is published; with other recipients the same draft is published."""
    async with ruled(tmp_path, DENIED, bot_api) as here:
        card = await says(here, CLARA, "/post Cake at four.")
        assert "You cannot publish to everyone. Only the office writes to everyone." in card.text
        assert "Publish" not in buttons(card)
        assert "your draft is kept" in (await says(here, CLARA, "/publish")).text
        assert written(here, CLARA) == []
        card = await says(here, CLARA, "/draft to:sales")
        assert "Publish" in buttons(card)
        await presses(here, CLARA, "Publish")
        (post,) = written(here, CLARA)
        assert post.dest == ("DR3",)
        await says(here, OLGA, "/post The office closes.")
        await presses(here, OLGA, "Publish")
        assert len(written(here, OLGA)) == 1


@pytest.mark.parametrize(
    ("who", "language", "said"),
    [
        (ANNA, "ru", "Всем пишет только офис."), (BORIS, "de", "Sie können nicht für alle veröffentlichen. An alle"),
        (CLARA, "en", "You cannot publish to everyone. Only the office"),
    ],
)  # fmt: skip
async def test_a_denial_in_three_languages(tmp_path: Path, who: int, language: str, said: str) -> None:
    """In a group, after a mention, and at once, each person reads the reason in their language."""
    async with ruled(tmp_path, DENIED, at_once=True) as here:
        await says(here, who, f"/lang {language}")
        assert said in (await says(here, who, "/post Cake at four.")).text
        bot = here.p.bots(here.app)[0].id
        group = here.p.make_chat(OLGA, CLARA, BORIS, ANNA, bot)
        await here.quiet()
        assert said in (await says(here, who, "/post Cake at six.", group)).text
        assert said in (await says(here, who, f"[USER={bot}]Feedbridge[/USER] post Cake at seven.", group)).text
        await says(here, who, "/publish", group)
        assert written(here, who) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/poll Cake? yes | no", "You cannot publish to everyone."),
        ("/thanks [USER=3]Boris[/USER] Well done", "You cannot publish to everyone."),
        ("/template use cake", "You cannot publish to everyone."),
        ("/schedule in 2 hours Cake at four.", "Nothing is scheduled, and your text is kept."),
        ("/share 217 to:all", "The post keeps the readers that it has."),
    ],
)
async def test_every_way_to_everyone_is_judged(tmp_path: Path, text: str, said: str) -> None:
    """A poll, thanks, a template, a scheduled post and more readers of a post are denied in words, also at once."""
    async with ruled(tmp_path, DENIED, at_once=True) as here:
        await says(here, CLARA, "/template save cake Cake at four.")
        before = len(here.p.calls("log.blogpost.add"))
        await says(here, CLARA, text)
        assert said in read(here, CLARA)
        await says(here, CLARA, "/publish")
        wait(here, 3 * HOUR)
        await here.quiet()
        assert written(here, CLARA) == []
        assert here.p.calls("log.blogpost.share") == []
        assert len(here.p.calls("log.blogpost.add")) == before


async def test_default_recipients_and_edited_drafts_are_judged(tmp_path: Path) -> None:
    """Recipients that were chosen earlier count like written ones; a press on an old card publishes nothing."""
    policy = '[[rule]]\nname = "Not to Sales"\nto = "DR3"\nthen = "deny"\n'
    async with ruled(tmp_path, policy) as here:
        await says(here, CLARA, "/post Cake.")
        await says(here, CLARA, "/draft to:sales")
        assert "You cannot publish to Sales." in last(here, CLARA).text
        await says(here, CLARA, "/cancel")
        await says(here, CLARA, "/settings to:sales")
        assert "You cannot publish to Sales." in (await says(here, CLARA, "/post More cake.")).text
        await says(here, CLARA, "/publish")
        assert written(here, CLARA) == []


async def test_the_crm_has_rules_of_its_own(tmp_path: Path) -> None:
    """A text for the CRM is denied by a rule for the CRM, with a preview and at once, and a post is not."""
    policy = '[[rule]]\nname = "Not to the CRM"\nto = "crm"\nthen = "deny"\nreason = "Ask Olga."\n'
    async with ruled(tmp_path, policy, at_once=True) as here:
        assert "You cannot publish to the CRM. Ask Olga." in (await says(here, OLGA, "/crm deal 42 They called.")).text
        assert "You cannot publish to the CRM. Ask Olga. Nothing" in (await says(here, OLGA, "/publish")).text
        assert here.p.calls("crm.timeline.comment.add") == []
        await says(here, OLGA, "/post Cake.")
        assert len(written(here, OLGA)) == 1


@pytest.mark.parametrize(
    ("who", "person", "allowed"),
    [
        ("employees", CLARA, True), ("employees", GUSTAV, False), ("extranet", GUSTAV, True),
        ("extranet", CLARA, False), ("administrators", OLGA, True), ("administrators", CLARA, False),
        ("DR4", CLARA, True), ("DR1", CLARA, True), ("DR1", GUSTAV, False), ("DR2", CLARA, False), ("U4", CLARA, True),
        ("U4", OLGA, False),
    ],
)  # fmt: skip
async def test_roles_as_the_portal_knows_them(tmp_path: Path, who: str, person: int, *, allowed: bool) -> None:
    """A rule about departments, workgroups, extranet or administrators asks the portal who the person is."""
    policy = f'otherwise = "deny"\n[[rule]]\nname = "R"\nwho = "{who}"\nthen = "allow"\n'
    async with ruled(tmp_path, policy) as here:
        card = await says(here, person, f"/post to:[USER={BORIS}]Boris[/USER] Cake.")
        assert ("You cannot publish" not in card.text) is allowed
        await says(here, person, "/publish")
        assert len(written(here, person)) == int(allowed)


async def test_members_of_a_workgroup(tmp_path: Path) -> None:
    """A rule for a workgroup allows its members, and nobody else."""
    async with ruled(tmp_path, 'otherwise = "deny"\n[[rule]]\nname = "R"\nwho = "SG7"\nthen = "allow"\n') as here:
        members = here.p.emulator.world.people.groups[7].members
        outside = next(one for one in (ANNA, BORIS, CLARA, OLGA) if one not in members)
        inside = next(one for one in (ANNA, BORIS, CLARA, OLGA) if one in members)
        assert "You cannot publish" in (await says(here, outside, "/post Cake.")).text
        assert "You cannot publish" not in (await says(here, inside, "/post Cake.")).text


async def test_what_cannot_be_read_is_denied(tmp_path: Path) -> None:
    """While the portal does not say who a person is, nothing is published; afterwards the same draft is."""
    async with ruled(tmp_path, DENIED) as here:
        here.p.faults({"method": "user.admin", "kind": "error", "code": "ACCESS_DENIED", "times": None})
        card = await says(here, OLGA, "/post The office closes.")
        assert "I could not ask the portal whether you may publish this." in card.text
        await presses(here, OLGA, "Publish")
        assert "your draft is kept" in last(here, OLGA).text
        assert written(here, OLGA) == []
        here.p.faults()
        here.p.clock.advance(2)
        await presses(here, OLGA, "Publish")
        assert len(written(here, OLGA)) == 1


async def test_hours_are_judged_again_at_the_press(tmp_path: Path) -> None:
    """A post that was shown in time is not published after hours; it is the next morning."""
    policy = '[[rule]]\nname = "Nights"\nwhen = { hours = "20:00-8:00" }\nthen = "deny"\nreason = "Good night."\n'
    async with ruled(tmp_path, policy) as here:
        here.p.clock.advance((12 * HOUR - here.p.clock.now()) % (24 * HOUR))
        assert "Good night." not in (await says(here, CLARA, "/post Cake.")).text
        here.p.clock.advance(9 * HOUR)
        await presses(here, CLARA, "Publish")
        assert "You cannot publish to everyone. Good night." in last(here, CLARA).text
        assert written(here, CLARA) == []
        here.p.clock.advance(12 * HOUR)
        await presses(here, CLARA, "Publish")
        assert len(written(here, CLARA)) == 1


async def test_a_scheduled_post_is_judged_when_it_is_due(tmp_path: Path) -> None:
    """A post is scheduled if it is allowed at that time; one that the rules deny when it is due is not published."""
    policy = '[[rule]]\nname = "Sales only"\nwho = "DR2"\nthen = "deny"\n'
    async with ruled(tmp_path, policy) as here:
        await says(here, CLARA, "/schedule in 2 hours Cake.")
        users = here.p.emulator.world.people.users
        users[CLARA] = replace(users[CLARA], departments=(2,))
        wait(here, 2 * HOUR)
        await sees(here, CLARA, "I did not publish your scheduled post")
        assert written(here, CLARA) == []
        assert "The rules of your company do not allow it." in last(here, CLARA).text


async def test_another_portal_has_other_rules(tmp_path: Path) -> None:
    """A rule for a portal holds there only."""
    async with ruled(tmp_path, f'{APPROVED}portal = "south.example.com"\n') as here:
        assert "Needs the approval" not in (await says(here, CLARA, "/post Cake.")).text
