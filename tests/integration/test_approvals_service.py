"""Approvals through the whole service and the emulator: asked for, decided once by another person, and told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import portal.testing
from bot.feed.policy.asking import LIFETIME
from bot.model.events import PortalId
from bot.store import StoredMemory
from portal.clients.person import text_of
from portal.engine.core import Actor
from portal.rules.messenger import messages
from tests.in_process import ANNA, BORIS, CLARA, GUSTAV, OLGA, InProcess, installed_on, restarted, rules_in, running
from tests.integration.test_composer_service import dialog_of, says, written
from tests.integration.test_schedule_service import HOUR, sees, wait
from tests.ruling import APPROVED, DENIED, last, presses, read, ruled


async def asks(here: InProcess, who: int = CLARA, text: str = "/post title:Friday Cake at four.") -> None:
    """Let a person ask for an approval of a post."""
    await says(here, who, text)
    await presses(here, who, "Ask for approval")


def labels(here: InProcess, who: int) -> list[str]:
    """Return the labels of the buttons under the newest message that a person reads."""
    return [str(one.get("TEXT")) for one in last(here, who).keyboard or () if "TEXT" in one]


@pytest.mark.parametrize("bot_api", ["v1", "v2"])
async def test_an_approved_post_is_published_once(tmp_path: Path, bot_api: str) -> None:
    """Approvers see the post with its author and readers; fifty presses publish once; the others are told."""
    async with ruled(tmp_path, APPROVED, bot_api) as here:
        card = await says(here, CLARA, "/post title:Friday Cake at four.")
        assert "Needs the approval of Olga Sommer or Boris Klein." in card.text
        await presses(here, CLARA, "Ask for approval")
        assert "I asked for the approval of Olga Sommer or Boris Klein (request 1)" in last(here, CLARA).text
        assert written(here, CLARA) == []
        asked = last(here, OLGA)
        assert "Clara Wirth asks for your approval to publish this, request 1: Friday" in asked.text
        assert "Cake at four." in text_of(asked)
        assert "everyone, 5 people" in text_of(asked)
        assert "Clara Wirth asks" in last(here, BORIS).text
        olga = here.p.person(OLGA)
        await asyncio.gather(*(olga.presses("Approve", dialog=dialog_of(here)) for _ in range(50)))
        await here.quiet()
        (post,) = written(here, CLARA)
        assert (post.author, post.title, post.text) == (CLARA, "Friday", "Cake at four.")
        assert "Request 1, which you approved, is published for Clara Wirth." in last(here, OLGA).text
        assert last(here, BORIS).text == "Request 1 is approved by Olga Sommer."
        assert "Published as" in last(here, CLARA).text
        assert "Request 1 is approved by Olga Sommer." in read(here, CLARA)
        assert "is approved by Olga Sommer" in (await says(here, BORIS, "/approve 1")).text
        assert len(written(here, CLARA)) == 1


async def test_a_late_second_press_keeps_the_result(tmp_path: Path) -> None:
    """A press on a button that its person has pressed before does not replace the words about the result."""
    async with ruled(tmp_path, APPROVED) as here:
        await asks(here)
        message = last(here, OLGA)
        (button,) = [one for one in message.keyboard or () if one.get("TEXT") == "Approve"]
        await presses(here, OLGA, "Approve")
        here.p.clock.advance(2)  # two presses in one second are one event
        messages.press(here.p.emulator, message, button, "KEYBOARD", actor=Actor(user=OLGA))
        await here.quiet()
        assert last(here, OLGA).text == "Request 1, which you approved, is published for Clara Wirth."


async def test_two_approvers_press_at_once(tmp_path: Path) -> None:
    """Two people who press different buttons in the same moment decide once, and both read the same outcome."""
    async with ruled(tmp_path, APPROVED) as here:
        await asks(here)
        olga, boris, dialog = here.p.person(OLGA), here.p.person(BORIS), dialog_of(here)
        pressed = [olga.presses("Approve", dialog=dialog) for _ in range(20)]
        pressed += [boris.presses("Refuse", dialog=dialog) for _ in range(20)]
        await asyncio.gather(*pressed)
        await here.quiet()
        state = "approved" if "is published" in last(here, OLGA).text else "refused"
        assert len(written(here, CLARA)) == int(state == "approved")
        assert f"Request 1 is {state} by" in last(here, BORIS).text


async def test_a_refusal_in_two_languages(tmp_path: Path) -> None:
    """A reason goes to the author in their language, with a button for the text; nothing is published."""
    async with ruled(tmp_path, APPROVED) as here:
        await says(here, ANNA, "/lang ru")
        await says(here, BORIS, "/lang de")
        await says(here, ANNA, "/post Пирог в четыре.")
        await presses(here, ANNA, "Попросить согласия")
        assert "Anna Petrova bittet um Ihre Genehmigung" in last(here, BORIS).text
        assert "Anfrage 1 ist abgelehnt, von Boris Klein." in (await says(here, BORIS, "/ablehnen 1 Am Montag.")).text
        assert "Ваша просьба 1 отклонена, решение: Boris Klein." in last(here, ANNA).text
        assert "Причина: Am Montag." in last(here, ANNA).text
        assert labels(here, ANNA) == ["Вернуть текст"]
        assert "Request 1 is refused by Boris Klein." in last(here, OLGA).text
        assert labels(here, OLGA) == []
        assert written(here, ANNA) == []


@pytest.mark.parametrize("typed", [False, True])
async def test_the_author_withdraws(tmp_path: Path, *, typed: bool) -> None:
    """A button or a command withdraws a request; the text comes back, and nobody can approve it any more."""
    async with ruled(tmp_path, APPROVED) as here:
        await asks(here)
        if typed:
            await says(here, CLARA, "/approvals cancel 1")
        else:
            await presses(here, CLARA, "Withdraw")
        assert "You withdrew your request 1" in last(here, CLARA).text
        assert labels(here, CLARA) == ["Put the text back"]
        assert "withdrawn by Clara Wirth" in last(here, OLGA).text
        assert "withdrawn by Clara Wirth" in (await says(here, OLGA, "/approve 1")).text
        assert written(here, CLARA) == []


async def test_a_request_survives_a_restart_and_ends_after_three_days(tmp_path: Path) -> None:
    """After a restart one request is approved; another that nobody decided ends with a word to its author."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path, at_once=False, policy=APPROVED) as before:
            await asks(before, text="/post First.")
            await asks(before, text="/post Second.")
        async with restarted(before) as here:
            await presses(here, OLGA, "Approve")
            assert [post.text for post in written(here, CLARA)] == ["Second."]
            wait(here, LIFETIME)
            await sees(here, CLARA, "Nobody decided about your request 1 within three days")
            assert "because nobody decided" in (await says(here, OLGA, "/approve 1")).text
            assert len(written(here, CLARA)) == 1


async def test_exactly_what_was_asked_is_published(tmp_path: Path) -> None:
    """A later draft changes nothing of a request; it needs a request of its own."""
    async with ruled(tmp_path, APPROVED) as here:
        await asks(here, text="/post First.")
        await says(here, CLARA, "/post Second.")
        await says(here, CLARA, "/draft Third.")
        await says(here, BORIS, "/approve 1")
        assert [post.text for post in written(here, CLARA)] == ["First."]
        await presses(here, CLARA, "Ask for approval")
        await says(here, BORIS, "/approve #2")
        assert [post.text for post in written(here, CLARA)] == ["First.", "Third."]


async def test_in_a_group(tmp_path: Path) -> None:
    """In a group only the owner asks and withdraws; approvers decide there by command and mention, others cannot."""
    async with ruled(tmp_path, APPROVED) as here:
        bot = here.p.bots(here.app)[0].id
        group = here.p.make_chat(OLGA, CLARA, BORIS, ANNA, bot)
        await here.quiet()
        card = await says(here, CLARA, "/post Cake at four.", group)
        assert "Needs the approval of Olga Sommer or Boris Klein." in card.text
        await presses(here, CLARA, "Ask for approval", group)
        await presses(here, BORIS, "Withdraw", group)
        # One press in 64 cannot be told from a forged one (keyboards.signed), and gets another sentence.
        assert "button" in last(here, BORIS).text
        assert "so nothing was done. /approvals lists what waits" in last(here, BORIS).text
        assert "There is no such request for you to decide." in (await says(here, ANNA, "/approve 1", group)).text
        assert written(here, CLARA) == []
        await says(here, BORIS, f"[USER={bot}]Feedbridge[/USER] approve 1", group)
        assert "Request 1 is approved by Boris Klein." in "\n".join(
            row.text for row in here.p.person(CLARA).reads(dialog=group)
        )
        assert len(written(here, CLARA)) == 1


async def test_an_extranet_user_in_the_group_reads_no_names(tmp_path: Path) -> None:
    """Where an extranet user reads, the preview and the answer name no approvers."""
    async with ruled(tmp_path, APPROVED) as here:
        bot = here.p.bots(here.app)[0].id
        group = here.p.make_chat(OLGA, CLARA, GUSTAV, bot)
        await here.quiet()
        assert "Needs the approval of another person." in (await says(here, CLARA, "/post Cake.", group)).text
        await presses(here, CLARA, "Ask for approval", group)
        seen = "\n".join(row.text for row in here.p.person(GUSTAV).reads(dialog=group))
        assert "I asked another person for their approval" in seen
        assert "Boris" not in seen


async def test_nobody_approves_their_own_post(tmp_path: Path) -> None:
    """An approver who writes needs another one; if the rules name no other, the post is denied."""
    async with ruled(tmp_path, APPROVED) as here:
        assert "Needs the approval of Boris Klein." in (await says(here, OLGA, "/post Cake.")).text
        await presses(here, OLGA, "Ask for approval")
        assert "That is your own request" in (await says(here, OLGA, "/approve 1")).text
        assert written(here, OLGA) == []
        assert "request 1" in last(here, BORIS).text
    alone = APPROVED.replace("[1, 3]", "[4]")
    (tmp_path / "other").mkdir()
    async with ruled(tmp_path / "other", alone) as here:
        assert "the rules name nobody who may give it" in (await says(here, CLARA, "/post Cake.")).text
        await says(here, CLARA, "/publish")
        assert written(here, CLARA) == []


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (DENIED, "By the rules that hold now, request 1 cannot be published."),
        (APPROVED.replace("[1, 3]", "[3]"), "others must approve request 1."),
        (APPROVED.replace("approvers = [1, 3]", "").replace('"approve"', '"allow"'), "Request 1 is approved by Olga"),
    ],
)
async def test_the_rules_are_judged_again_at_the_press(tmp_path: Path, now: str, said: str) -> None:
    """If the rules changed meanwhile, those that hold at the press decide; a request that they refuse waits on."""
    async with portal.testing.running() as p:
        async with installed_on(p, tmp_path, at_once=False, policy=APPROVED) as before:
            await asks(before)
        await asyncio.to_thread(rules_in, tmp_path, now)
        async with restarted(before) as here:
            assert said in (await says(here, OLGA, "/approve 1")).text or said in read(here, OLGA)
            assert len(written(here, CLARA)) == int("is approved" in said)


async def test_an_approval_is_asked_for_while_the_portal_does_not_tell(tmp_path: Path) -> None:
    """If the portal does not say who needs no approval, everybody needs one: nothing is published without it."""
    policy = '[[rule]]\nname = "A"\nwho = "administrators"\nthen = "allow"\n' + APPROVED
    async with ruled(tmp_path, policy) as here:
        here.p.faults({"method": "user.admin", "kind": "error", "code": "ACCESS_DENIED", "times": None})
        await asks(here, OLGA, "/post The office closes.")
        assert written(here, OLGA) == []
        await presses(here, BORIS, "Approve")
        assert len(written(here, OLGA)) == 1


async def test_a_person_without_a_token(tmp_path: Path) -> None:
    """Where the application acts for people, a rule for departments knows them, and an approval publishes for them."""
    policy = '[[rule]]\nname = "Marketing"\nwho = "DR2"\nthen = "allow"\n' + APPROVED
    async with running(tmp_path, at_once=False, for_people=True, policy=policy) as here:
        here.p.switch(tokens_in_events=False)
        assert "Needs the approval" not in (await says(here, ANNA, "/post Prices.")).text
        await asks(here)
        await presses(here, BORIS, "Approve")
        (post,) = written(here, CLARA)
        (call,) = here.p.calls("log.blogpost.add")
        assert (post.author, call.user) == (CLARA, OLGA)
        assert "(approved by Boris Klein (3))" in "\n".join(await audited(here))


async def audited(here: InProcess) -> list[str]:
    """Return who approved what, as the audit says it."""
    entries = await StoredMemory(here.store, PortalId(here.p.member_id)).audit(before=10**9, most=10)
    return [f"(approved by {one.approver})" for one in entries]


async def test_a_failure_is_told_to_author_and_approver(tmp_path: Path) -> None:
    """If the portal refuses an approved post, both are told, and nothing is published."""
    async with ruled(tmp_path, APPROVED) as here:
        await asks(here)
        here.p.faults({"method": "log.blogpost.add", "kind": "empty_error", "times": 1})
        await presses(here, OLGA, "Approve")
        assert "could not be carried out. Clara Wirth knows why." in last(here, OLGA).text
        assert "The post was not published." in last(here, CLARA).text
        assert written(here, CLARA) == []


@pytest.mark.parametrize("fault", ["503", "cut", "cut_after"])
async def test_an_approved_post_appears_once_whatever_breaks(tmp_path: Path, fault: str) -> None:
    """If the portal fails while an approved post is sent, or its answer is lost, there is one post in the end."""
    async with ruled(tmp_path, APPROVED) as here:
        await asks(here)
        here.p.faults({"method": "log.blogpost.add", "kind": fault, "times": 1})
        await presses(here, OLGA, "Approve")
        assert [post.text for post in written(here, CLARA)] == ["Cake at four."]
        assert "is published for Clara Wirth" in last(here, OLGA).text


async def test_an_author_who_left(tmp_path: Path) -> None:
    """A post of a person who was dismissed meanwhile does not appear, and the approver is told."""
    async with ruled(tmp_path, APPROVED) as here:
        await asks(here)
        here.dismiss(CLARA)
        await presses(here, OLGA, "Approve")
        assert "could not be carried out" in last(here, OLGA).text
        assert written(here, CLARA) == []


async def test_more_readers_of_a_post_are_approved(tmp_path: Path) -> None:
    """A request to share shows the post; after the approval the post has the new readers, once."""
    async with ruled(tmp_path, APPROVED) as here:
        post = await here.p.publish("Only for Sales.", by=CLARA, dest=("DR3",))
        await here.quiet()
        assert "I asked for the approval" in (await says(here, CLARA, f"/share {post.id} to:all")).text
        assert f"share post {post.id} with more people" in last(here, BORIS).text
        assert "Only for Sales." in text_of(last(here, BORIS))
        assert "UA" not in here.p.posts(CLARA)[-1].dest
        await presses(here, BORIS, "Approve")
        assert "UA" in here.p.posts(CLARA)[-1].dest
        assert len(here.p.calls("log.blogpost.share")) == 1
        assert f"Post {post.id} is now also for everyone" in last(here, CLARA).text
        assert "Request 1 of Clara Wirth, which you approved, is done: the post" in last(here, BORIS).text


async def test_a_text_for_the_crm_is_approved(tmp_path: Path) -> None:
    """A text for the CRM that needs an approval is shown first, also at once, and written in the author's name."""
    async with ruled(tmp_path, APPROVED, at_once=True) as here:
        await says(here, CLARA, "/crm deal 42 They called.")
        assert here.p.calls("crm.timeline.comment.add") == []
        await presses(here, CLARA, "Ask for approval")
        assert "write to deal 42" in last(here, BORIS).text
        assert "They called." in text_of(last(here, BORIS))
        await presses(here, BORIS, "Approve")
        assert len(here.p.calls("crm.timeline.comment.add")) == 1
        assert "is published for Clara Wirth" in last(here, BORIS).text


async def test_a_scheduled_post_asks_when_it_is_due(tmp_path: Path) -> None:
    """A scheduled post says that it will need an approval, asks when it is due, and is published by the press."""
    async with ruled(tmp_path, APPROVED) as here:
        card = await says(here, CLARA, "/schedule in 2 hours Cake at four.")
        assert "Needs the approval of Olga Sommer or Boris Klein." in card.text
        wait(here, 2 * HOUR)
        await sees(here, CLARA, "I asked for the approval")
        assert written(here, CLARA) == []
        await presses(here, OLGA, "Approve")
        assert [post.text for post in written(here, CLARA)] == ["Cake at four."]
        await says(here, CLARA, "/schedule in 2 hours More cake.")
        await presses(here, CLARA, "Publish now")
        assert len(written(here, CLARA)) == 1
        await says(here, OLGA, "/approve 2")
        assert [post.text for post in written(here, CLARA)] == ["Cake at four.", "More cake."]


async def test_what_waits_is_listed(tmp_path: Path) -> None:
    """/approvals lists what waits for a person and what they asked for, with buttons; in a group only in private."""
    async with ruled(tmp_path, APPROVED) as here:
        assert "Nothing waits for your approval" in (await says(here, OLGA, "/approvals")).text
        await asks(here, text="/post First.")
        await asks(here, OLGA, text="/post Second.")
        listed = (await says(here, OLGA, "/approvals")).text
        assert "These wait for your decision:\n1. Clara Wirth, for everyone, 5 people: First." in listed
        assert "You asked for the approval of these:\n2. Olga Sommer" in listed
        assert labels(here, OLGA) == ["1: Approve", "1: Refuse", "2: Withdraw"]
        await presses(here, OLGA, "1: Refuse")
        await presses(here, BORIS, "Approve")
        assert written(here, CLARA) == []
        assert len(written(here, OLGA)) == 1
        assert "Which request?" in (await says(here, OLGA, "/approve")).text
        assert "There is no such request" in (await says(here, OLGA, "/approve 77")).text
        assert "/approvals" in (await says(here, OLGA, "/approvals nonsense")).text


async def test_the_audit_names_the_approver(tmp_path: Path) -> None:
    """Administrators read who approved a post beside who published it."""
    async with ruled(tmp_path, APPROVED) as here:
        await asks(here)
        await presses(here, BORIS, "Approve")
        assert "(approved by Boris Klein (3))" in (await says(here, OLGA, "/status")).text


async def test_a_long_text_is_shown_whole(tmp_path: Path) -> None:
    """An approver reads all of a text that is too long for a card, also its end."""
    async with ruled(tmp_path, APPROVED) as here:
        text = " ".join(f"word{number}" for number in range(1500)) + " the end"
        await asks(here, text=f"/post {text}")
        assert "The whole text of request 1" in read(here, OLGA)
        assert "word1499 the end" in read(here, OLGA)


async def test_an_approver_who_cannot_be_asked(tmp_path: Path) -> None:
    """If an approver does not exist, the author is told, and another one can still approve."""
    async with ruled(tmp_path, APPROVED.replace("[1, 3]", "[77, 3]")) as here:
        await asks(here)
        assert "to user 77" in read(here, CLARA)
        await presses(here, BORIS, "Approve")
        assert len(written(here, CLARA)) == 1


async def test_a_command_in_a_chat_without_the_bot(tmp_path: Path) -> None:
    """Where the bot is no member a request to share is answered, and the outcome comes in private."""
    async with ruled(tmp_path, APPROVED) as here:
        post = await here.p.publish("Only for Sales.", by=CLARA, dest=("DR3",))
        group = here.p.make_chat(CLARA, BORIS)
        await here.quiet()
        await says(here, CLARA, f"/share {post.id} to:all", group)
        assert "I asked for the approval" in last(here, CLARA).text
        await presses(here, BORIS, "Approve")
        assert "is now also for everyone" in last(here, CLARA).text
